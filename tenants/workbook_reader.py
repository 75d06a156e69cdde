"""A program of its own: reads one table from standard input, writes its rows as JSON, and ends.

    python workbook_reader.py <media type> <title of the sheet that is wanted> <most rows>

What people send is read here and nowhere else: with little memory and time, and nothing of ours in reach
that a file made to break its reader could harm. It imports nothing of zeren. The answer begins with a
line that is an object: either `problem`, why the file as a whole cannot be read, or

    formulas   [row, column] of each cell that holds a formula, counted from 1 and 0
    merged     [row, column, row, column] of the first and last cell of each block of merged cells

A line for each row follows: [number in the file, [cell, …]]; a cell is a text, a number, a truth, or null.
"""

import csv
import io
import json
import os
import re
import resource
import sys
import zipfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from typing import Any
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, PasswordError

MEMORY_BYTES = 1024 * 2**20
CPU_SECONDS = 60
# Unpacked, a workbook of this many bytes is larger than any that the templates make; 1,000 parts likewise.
MOST_UNPACKED = 300 * 2**20
MOST_PARTS = 1000
MOST_COLUMNS = 100
MOST_CELLS = 4_000_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CSV = "text/csv"
_FORMULA = re.compile(rb'<(?:\w+:)?c\s[^>]*?\br="([A-Z]+)([0-9]+)"[^>]*>\s*<(?:\w+:)?f[\s/>]')
_DOCTYPE = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Unreadable(Exception):
    """Why the file as a whole cannot be read: a code of tenants/import_findings.py."""


def main(media_type: str, title: str, most_rows: int) -> dict[str, Any]:
    content = sys.stdin.buffer.read()
    if media_type == CSV:
        return {"rows": list(_bounded(_csv_rows(content), most_rows)), "formulas": [], "merged": []}
    formulas = _formulas(content, title) if media_type == XLSX else []
    sheet = _sheet(content, title)
    return {
        "rows": list(_bounded(_sheet_rows(sheet), most_rows)),
        "formulas": formulas,
        "merged": [[a[0] + 1, a[1], b[0] + 1, b[1]] for a, b in sheet.merged_cell_ranges or ()],
    }


def _bounded(rows: Iterable[tuple[int, list[Any]]], most: int) -> Iterator[tuple[int, list[Any]]]:
    """The rows that say something, without the empty cells at their end."""
    count = 0
    for number, cells in rows:
        while cells and cells[-1] in (None, ""):
            cells.pop()
        if not cells:
            continue
        count += 1
        if count > most or len(cells) > MOST_COLUMNS:
            raise Unreadable("TOO_LARGE")
        yield number, cells


def _csv_rows(content: bytes) -> Iterator[tuple[int, list[Any]]]:
    text = _decoded(content)
    first = text[: text.find("\n") + 1] or text
    delimiter = max(",\t;", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        for cells in reader:
            yield reader.line_num, [cell.strip() for cell in cells]
    except csv.Error:
        raise Unreadable("NOT_A_TABLE") from None


def _decoded(content: bytes) -> str:
    """UTF-8 with or without its mark, else GB18030, of which GBK is a part. Text of one is hardly ever text
    of the other."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable("NOT_A_TABLE")


def _formulas(content: bytes, title: str) -> list[list[int]]:
    """Where the sheet has formulas. Refuses, first of all, a file that unpacks to too much or that declares a
    document type: no spreadsheet program writes one, and entities begin with it."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = package.infolist()
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
                raise Unreadable("TOO_LARGE")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")) and _DOCTYPE.search(package.read(part)):
                    raise Unreadable("UNSAFE")
            found = _FORMULA.finditer(package.read(_part_of(package, title)))
            return [[int(match[2]), _column(match[1].decode())] for match in found]
    except (zipfile.BadZipFile, KeyError, ElementTree.ParseError, StopIteration):
        raise Unreadable("NOT_A_TABLE") from None


def _part_of(package: zipfile.ZipFile, title: str) -> str:
    book = ElementTree.fromstring(package.read("xl/workbook.xml"))  # noqa: S314 - no document type in it
    sheets = {one.get("name"): one.get(_RELATION) for one in book.iter() if one.tag.endswith("}sheet")}
    wanted = sheets.get(title, next(iter(sheets.values())))
    links = ElementTree.fromstring(package.read("xl/_rels/workbook.xml.rels"))  # noqa: S314 - the same
    target = next(link.get("Target", "") for link in links if link.get("Id") == wanted)
    return target.lstrip("/") if target.startswith("/") else f"xl/{target}"


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def _sheet(content: bytes, title: str) -> CalamineSheet:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        return book.get_sheet_by_name(title if title in book.sheet_names else book.sheet_names[0])
    except PasswordError:
        raise Unreadable("LOCKED") from None
    except (CalamineError, IndexError):
        raise Unreadable("NOT_A_TABLE") from None


def _sheet_rows(sheet: CalamineSheet) -> Iterator[tuple[int, list[Any]]]:
    if sheet.total_height * sheet.total_width > MOST_CELLS:
        raise Unreadable("TOO_LARGE")
    # The rows above the first that has anything are left out; the cells before it are not.
    start, first_column = sheet.start or (0, 0)
    rows = sheet.to_python(skip_empty_area=True)
    for number, cells in enumerate(rows, start + 1):
        yield number, [None] * first_column + [_plain(cell) for cell in cells]


def _plain(cell: Any) -> Any:
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    if isinstance(cell, date | time | timedelta):
        return str(cell)
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 10**15:
        # All of its digits are exact; of more than fifteen, a spreadsheet has lost the last.
        return int(cell)
    return cell


if __name__ == "__main__":
    # Whoever asks for a page goes before a file.
    os.nice(10)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    try:
        answer = main(sys.argv[1], sys.argv[2], int(sys.argv[3]))
    except Unreadable as problem:
        answer = {"problem": str(problem)}
    except MemoryError:
        answer = {"problem": "TOO_LARGE"}
    rows = answer.pop("rows", [])
    for line in (answer, *rows):
        print(json.dumps(line))
