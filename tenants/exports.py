"""Exports: what somebody may take with him as a file, written by a job a page at a time.

Every page is read with the rights that the asker has at that moment: the rows of a list that he sees on the
screen, and the columns that he may read there. A file is made whole or not at all: a run that was broken off
begins it again.
"""

import csv
import io
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any

import orjson

from policies.access import Access
from policies.reach import Viewer
from tenants import audit, jobs, workbooks
from tenants.attachments import Label
from tenants.audit import AuditEntry
from tenants.jobs import Job
from tenants.pages import Listing
from tenants.runs import Handler, Run

PAGE = 500
# A spreadsheet takes a cell that begins with one of these for a formula, and runs it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
# What one sheet of a workbook holds.
LONGEST_CELL = 32_767

Cells = Sequence[Any]


class ExportFormat(StrEnum):
    CSV = "csv"
    NDJSON = "ndjson"
    XLSX = "xlsx"


@dataclass(frozen=True, slots=True)
class Export:
    """`listed`: the rows that a viewer may read, as the job asks for them. `told`: the lines that rows of a
    page make, in the order of `columns`; asked in the page's own transaction. `permission`: what reading
    takes, and what one needs to fetch the file."""

    kind: str
    title: str
    permission: str
    columns: tuple[str, ...]
    listed: Callable[[Viewer, Access, Job], Listing[Any]]
    told: Callable[[Sequence[Any]], Awaitable[list[Cells]]]

    @property
    def handler(self) -> Handler:
        return Handler(self.permission, partial(_write, self), writes=False)


async def _write(export: Export, run: Run) -> Mapping[str, Any]:
    async with run.standing() as (viewer, law):
        total = await export.listed(viewer, law.access, run.job).count()
        name = f"{export.title}-{viewer.place_code}-{run.job.recorded_at:%Y%m%d-%H%M%S}"
    form = ExportFormat(run.arguments["format"])
    media_type, written = FORMS[form]
    await run.keep(Label(f"{name}.{form.value}", media_type), written(export, _pages(export, run, total)))
    return {"entries": total}


async def _pages(export: Export, run: Run, total: int) -> AsyncIterator[list[Cells]]:
    done, has_next = 0, True
    after: Sequence[str] | None = None
    while has_next:
        async with run.standing() as (viewer, law):
            listing = export.listed(viewer, law.access, run.job)
            page = await (listing.after(after) if after else listing).page(PAGE)
            lines = await export.told(page.rows)
        yield lines
        done += len(page.rows)
        has_next = page.has_next
        after = listing.cursor_of(page.rows[-1]) if page.rows else None
        await run.progress(done, total, "writing")


async def _as_csv(export: Export, pages: AsyncIterable[list[Cells]]) -> AsyncIterator[bytes]:
    # Without the mark, spreadsheets read Chinese in the system's old encoding.
    yield ("\ufeff" + line(export.columns)).encode()
    async for lines in pages:
        yield "".join(line(cells) for cells in lines).encode()


async def _as_ndjson(export: Export, pages: AsyncIterable[list[Cells]]) -> AsyncIterator[bytes]:
    async for lines in pages:
        told = (dict(zip(export.columns, cells, strict=True)) for cells in lines)
        yield "".join(orjson.dumps(one, default=str).decode() + "\n" for one in told).encode()


def _as_xlsx(export: Export, pages: AsyncIterable[list[Cells]]) -> AsyncIterator[bytes]:
    return workbooks.written(_sheet(export, pages))


async def _sheet(export: Export, pages: AsyncIterable[list[Cells]]) -> AsyncIterator[Any]:
    yield {"name": export.title, "columns": [{"header": header} for header in export.columns], "rows": 1}
    async for lines in pages:
        for cells in lines:
            yield [_in_workbook(cell) for cell in cells]


def _in_workbook(cell: Any) -> Any:
    """A number as a number; whatever else as a text, which no spreadsheet takes for a formula there."""
    if cell is None or (isinstance(cell, int) and not isinstance(cell, bool)):
        return cell
    return float(cell) if isinstance(cell, Decimal) else _text(cell)[:LONGEST_CELL]


_Written = Callable[[Export, AsyncIterable[list[Cells]]], AsyncIterator[bytes]]
FORMS: Mapping[ExportFormat, tuple[str, _Written]] = {
    ExportFormat.CSV: ("text/csv", _as_csv),
    ExportFormat.NDJSON: ("application/x-ndjson", _as_ndjson),
    ExportFormat.XLSX: (workbooks.XLSX, _as_xlsx),
}


def line(cells: Iterable[Any]) -> str:
    """One line of CSV that no spreadsheet takes a formula from."""
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerow([_harmless(_text(cell)) for cell in cells])
    return written.getvalue()


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    return str(value) if isinstance(value, date | Decimal) else orjson.dumps(value).decode()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


async def ask_audit(viewer: Viewer, form: ExportFormat, *, key: str | None = None) -> Job:
    """Ask for everything that is recorded in the place until now, newest first."""
    return await jobs.ask(viewer, AUDIT.kind, {"format": form.value}, key=key)


async def _told(entries: Sequence[AuditEntry]) -> list[Cells]:
    return [
        (
            entry.recorded_at.isoformat(),
            entry.act,
            entry.subject_kind,
            str(entry.subject_id),
            str(entry.person_id),
            str(entry.account_id),
            entry.details,
        )
        for entry in entries
    ]


AUDIT = Export(
    "audit.export",
    "audit",
    "audit.read",
    ("recordedAt", "act", "subjectKind", "subjectId", "personId", "accountId", "details"),
    lambda viewer, access, job: audit.listed(viewer, access, until=job.recorded_at),
    _told,
)
EXPORTS: Mapping[str, Handler] = {AUDIT.kind: AUDIT.handler}
