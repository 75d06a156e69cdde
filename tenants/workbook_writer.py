"""A program of its own: writes one XLSX file to standard output from what it reads, line by line, in JSON.

    {"name": "贫困户", "columns": [{"header": "户编号", "choices": "=选项!$A$1:$A$4"}], "rows": 50}
    ["演示-0001", 3, null]
    {"name": "说明", "is_bare": true, "columns": [{"width": 60}]}
    ["第一行"]

A sheet begins with its description, its rows follow; one that `is_bare` has no header row. A text is written
as a text whatever it begins with, so no cell is ever a formula. Beside our process, so that a long file keeps
nobody waiting, and with rows put on the disk as they come. It imports nothing of zeren.
"""

import json
import os
import sys
import tempfile
from typing import Any

import xlsxwriter

LONGEST_HINT = 255


def main() -> None:
    with tempfile.TemporaryFile() as file:
        book = xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False})
        head = book.add_format({"bold": True, "bg_color": "#DDEBF7", "text_wrap": True, "border": 1})
        text = book.add_format({"num_format": "@"})
        sheet: Any = None
        row = 0
        for line in sys.stdin.buffer:
            said = json.loads(line)
            if isinstance(said, dict):
                sheet, row = _begun(book, said, head, text), 0 if said.get("is_bare") else 1
            else:
                _write(sheet, row, said)
                row += 1
        book.close()
        file.seek(0)
        while chunk := file.read(1 << 16):
            sys.stdout.buffer.write(chunk)


def _begun(book: Any, said: dict[str, Any], head: Any, text: Any) -> Any:
    sheet = book.add_worksheet(said["name"])
    for number, column in enumerate(said["columns"]):
        # As text: a spreadsheet would make 1.1E+17 of an id number, and a sum of a code.
        sheet.set_column(number, number, column.get("width", 16), text if column.get("text") else None)
        if not said.get("is_bare"):
            sheet.write_string(0, number, column["header"], head)
        if column.get("choices"):
            rule = {"validate": "list", "source": column["choices"], "input_message": _hint(column)}
            sheet.data_validation(1, number, said["rows"], number, rule)
    if not said.get("is_bare"):
        sheet.freeze_panes(1, 0)
    return sheet


def _hint(column: dict[str, Any]) -> str:
    return str(column.get("hint", ""))[:LONGEST_HINT]


def _write(sheet: Any, row: int, cells: list[Any]) -> None:
    for number, cell in enumerate(cells):
        if isinstance(cell, bool | str):
            sheet.write_string(row, number, str(cell))
        elif cell is not None:
            sheet.write_number(row, number, cell)


if __name__ == "__main__":
    # Whoever asks for a page goes before a file.
    os.nice(10)
    main()
