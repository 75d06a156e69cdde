"""Templates: an empty workbook of a sheet, with the place's lists to choose from and a page that explains."""

from collections.abc import AsyncIterator, Iterator
from typing import Any

from tenants.cells import Lists
from tenants.sheets import Column, Sheet

LISTS = "填写选项"
EXPLAINED = "填写说明"
# How many rows below the header offer a choice.
PREPARED_ROWS = 5000
_MARKS = {(True, False): "每行必填", (False, True): "每组有一行须填", (False, False): "可以不填"}


async def lines(sheet: Sheet, lists: Lists) -> AsyncIterator[Any]:
    """What the writer of workbooks is told."""
    for line in (*_rows(sheet, lists), *_choices(sheet, lists), *_explained(sheet)):
        yield line


def _rows(sheet: Sheet, lists: Lists) -> Iterator[Any]:
    columns = [_column(column, sheet, lists) for column in sheet.columns]
    yield {"name": sheet.title, "columns": columns, "rows": PREPARED_ROWS}


def _column(column: Column, sheet: Sheet, lists: Lists) -> dict[str, Any]:
    header = column.header if column.may_fail else f"{column.header}*"
    told = {"header": header, "width": column.width, "text": column.is_text, "hint": column.hint}
    names = _offered(sheet)
    if column.chosen_from in names and (many := len(lists.shown[column.chosen_from])):
        letter = chr(ord("A") + names.index(column.chosen_from))
        told["choices"] = f"='{LISTS}'!${letter}$2:${letter}${many + 1}"
    return told


def _offered(sheet: Sheet) -> list[str]:
    """The lists that the sheet's columns choose from, each once."""
    return list(dict.fromkeys(column.chosen_from for column in sheet.columns if column.chosen_from))


def _choices(sheet: Sheet, lists: Lists) -> Iterator[Any]:
    names = _offered(sheet)
    headers = {column.chosen_from: column.header for column in sheet.columns}
    yield {"name": LISTS, "columns": [{"header": headers[name], "width": 36} for name in names], "rows": 1}
    longest = max((len(lists.shown[name]) for name in names), default=0)
    for number in range(longest):
        shown = (lists.shown[name] for name in names)
        yield [words[number] if number < len(words) else None for words in shown]


def _explained(sheet: Sheet) -> Iterator[Any]:
    columns = [{"width": 20}, {"width": 16}, {"width": 72}]
    yield {"name": EXPLAINED, "is_bare": True, "columns": columns, "rows": 1}
    yield from ([line] for line in sheet.about)
    yield ["表头不要改动；带 * 的列不能缺。日期写成 2018-06-15。不要合并单元格，不要用公式。"]
    yield ["号码各列已设为文本，请勿改为数字格式，否则末几位会丢失。"]
    yield []
    yield ["列", "是否必填", "说明"]
    for column in sheet.columns:
        yield [column.header, _MARKS[column.required, column.needed_once], column.hint]
