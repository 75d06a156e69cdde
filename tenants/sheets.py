"""Sheets: what a file of one noun looks like, and how its rows are read. A sheet is data: its columns in
their order, each with the header that people see, what it may hold, and whether it must be there."""

import asyncio
from collections.abc import AsyncIterator, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from tenants.cells import Bad, Lists, Reader
from tenants.import_findings import Finding, FindingCode
from tenants.workbooks import Row, Table

Item = TypeVar("Item")

# The header row stands among the first ones, below a title or a remark.
HEADER_WITHIN = 20
# About a millisecond of work, and a few of rest.
AT_ONCE, PAUSE_SECONDS = 50, 0.003
# In the file that comes back; one that is sent again still has it.
ERRORS = "错误"


@dataclass(frozen=True, slots=True)
class Column:
    """`required`: every row must fill it. `needed_once`: one row of what several rows make together must.
    `chosen_from`: the list of the place that the template offers. `hint`: what it means, on the page that
    explains. `is_text`: its digits are no amount."""

    key: str
    header: str
    read: Reader
    required: bool = False
    needed_once: bool = False
    chosen_from: str | None = None
    hint: str = ""
    is_text: bool = True
    width: int = 16

    @property
    def may_fail(self) -> bool:
        """Whether what it belongs to can be entered without it."""
        return not (self.required or self.needed_once)


@dataclass(frozen=True, slots=True)
class Sheet:
    """`title`: of the sheet in a workbook. `about`: what the page that explains says first."""

    title: str
    columns: tuple[Column, ...]
    about: tuple[str, ...] = ()

    def column(self, key: str) -> Column:
        return next(column for column in self.columns if column.key == key)


@dataclass(slots=True)
class Entry:
    """One row as it was read. `bad`: the keys of its cells that could not be."""

    row: int
    values: dict[str, Any]
    bad: set[str] = field(default_factory=set)

    def get(self, key: str) -> Any:
        return self.values.get(key)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a table says. `header`: the row of its headers; 0 where there is none."""

    header: int
    entries: tuple[Entry, ...]
    findings: tuple[Finding, ...]


async def read(table: Table, sheet: Sheet, lists: Lists) -> Reading:
    """Every row below the header, and everything that is wrong with it."""
    header = _header(table, sheet)
    at = _positions(header, sheet)
    missing = [column.header for column in sheet.columns if not column.may_fail and column.key not in at]
    if missing:
        return _unread(Finding(0, "", FindingCode.NO_HEADER, params={"columns": "、".join(missing)}))
    rows = [row for row in table.rows if row.number > header.number]
    if not rows:
        return _unread(Finding(0, "", FindingCode.EMPTY))
    findings = list(_about_headers(header, sheet))
    merged = _Merged(table, header.number, at)
    findings += merged.findings
    entries = []
    async for row in gently(rows):
        entry, found = _entry(row, sheet, at, lists, table.formulas, merged)
        entries.append(entry)
        findings += found
    return Reading(header.number, tuple(entries), tuple(findings))


async def gently(items: Sequence[Item]) -> AsyncIterator[Item]:
    """One after another, with a pause after some: a long file is work for a second, and meanwhile others are
    answered as ever."""
    for number, item in enumerate(items, 1):
        yield item
        if number % AT_ONCE == 0:
            await asyncio.sleep(PAUSE_SECONDS)


def _unread(finding: Finding) -> Reading:
    return Reading(0, (), (finding,))


def _header(table: Table, sheet: Sheet) -> Row:
    """The row among the first with most of the sheet's headers."""
    known = {column.header for column in sheet.columns}
    first = [row for row in table.rows if row.number <= HEADER_WITHIN] or [Row(0, ())]
    return max(first, key=lambda row: len(known & {_header_of(cell) for cell in row.cells}))


def _header_of(cell: Any) -> str:
    """Without the mark of a required column, and without spaces."""
    return "".join(str(cell or "").split()).rstrip("*＊")


def _positions(header: Row, sheet: Sheet) -> dict[str, int]:
    places: dict[str, int] = {}
    keys = {column.header: column.key for column in sheet.columns}
    for number, cell in enumerate(header.cells):
        if (key := keys.get(_header_of(cell))) is not None:
            places.setdefault(key, number)
    return places


def _about_headers(header: Row, sheet: Sheet) -> Iterator[Finding]:
    known, seen = {column.header for column in sheet.columns} | {ERRORS}, set()
    for cell in header.cells:
        said = _header_of(cell)
        if said and said not in known:
            yield Finding(header.number, said[:64], FindingCode.UNKNOWN_COLUMN, is_light=True)
        elif said in seen:
            yield Finding(header.number, said, FindingCode.REPEATED_COLUMN, is_light=True)
        seen |= {said} if said else set()


class _Merged:
    """Blocks of merged cells below the header: each is one finding, for all of its rows."""

    def __init__(self, table: Table, header: int, at: Mapping[str, int]) -> None:
        keys = {number: key for key, number in at.items()}
        self.findings: list[Finding] = []
        self._cells: set[tuple[int, str]] = set()
        for top, left, bottom, right in table.merged:
            inside = [keys[column] for column in range(left, right + 1) if column in keys]
            if bottom > header and inside:
                params = {"last": bottom}
                self.findings.append(Finding(top, inside[0], FindingCode.MERGED, params=params))
                self._cells |= {(row, key) for row in range(top, bottom + 1) for key in inside}

    def has(self, row: int, key: str) -> bool:
        return (row, key) in self._cells


def _entry(
    row: Row,
    sheet: Sheet,
    at: Mapping[str, int],
    lists: Lists,
    formulas: Collection[tuple[int, int]],
    merged: _Merged,
) -> tuple[Entry, list[Finding]]:
    entry, findings = Entry(row.number, {}), []
    for column in sheet.columns:
        if merged.has(row.number, column.key):
            entry.bad.add(column.key)
        elif column.key in at:
            try:
                place = at[column.key]
                is_formula = (row.number, place) in formulas
                entry.values[column.key] = _value(row.cell(place), column, lists, is_formula)
            except Bad as bad:
                entry.bad.add(column.key)
                findings.append(Finding(row.number, column.key, bad.code, column.may_fail, bad.params))
    return entry, findings


def _value(cell: Any, column: Column, lists: Lists, is_formula: bool) -> Any:
    if is_formula:
        raise Bad(FindingCode.FORMULA)
    if cell is None or cell == "":
        if column.required:
            raise Bad(FindingCode.BLANK)
        return None
    return column.read(cell, lists)


def marked(
    table: Table, header: int, sheet: Sheet, findings: Sequence[Finding]
) -> Iterator[dict[str, Any] | list[Any]]:
    """The same rows with a column that says what is wrong with each, as lines for the writer of workbooks."""
    said: dict[int, list[str]] = {}
    for finding in findings:
        said.setdefault(finding.row, []).append(_sentence(finding, sheet))
    widest = max(len(row.cells) for row in table.rows)
    columns = [{"width": 48}, *({"text": True} for _ in range(widest))]
    yield {"name": sheet.title, "is_bare": True, "columns": columns, "rows": 1}
    written = 0
    for row in table.rows:
        # Each row stands where it stood.
        yield from ([] for _ in range(written + 1, row.number))
        yield [ERRORS if row.number == header else "\n".join(said.get(row.number, ())), *row.cells]
        written = row.number


def _sentence(finding: Finding, sheet: Sheet) -> str:
    headers = {column.key: column.header for column in sheet.columns}
    name = headers.get(finding.column, finding.column)
    return f"{name}：{finding.said()}" if name else finding.said()
