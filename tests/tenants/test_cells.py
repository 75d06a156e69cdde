"""Cells: what is read of each kind of value at its bounds, and what is told of what is none."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from tenants import cells
from tenants.cells import Bad, Lists
from tests.tenants.planting import id_number

TODAY = date(2018, 6, 15)
LISTS = Lists(
    TODAY,
    divisions={"villages": {"甲镇/东村": {"1"}, "东村": {"1", "2"}, "西村": {"3"}}},
    words={"states": {"在册": "registered"}},
)
RIGHT = id_number(date(1962, 3, 8), 901)


@pytest.mark.parametrize(
    ("read", "cell", "value"),
    [
        (cells.text(4), "四个字名", "四个字名"),
        (cells.text(4), "张\u3000三", "张 三"),
        (cells.text(9), 410173, "410173"),
        (cells.amount(0, 100), "0", Decimal(0)),
        (cells.amount(0, 100), 100, Decimal(100)),
        (cells.amount(0, 10**7), "2,800.505", Decimal("2800.50")),
        (cells.day, "2018-06-15", TODAY),
        (cells.day, "2018/6/15", TODAY),
        (cells.day, "2018年6月15日", TODAY),
        (cells.day, 20180615, TODAY),
        (cells.past_day, "2018-06-15", TODAY),
        (cells.chosen("states"), "在册", "registered"),
        (cells.chosen("states"), "registered", "registered"),
        (cells.division("villages"), "甲镇 / 东村", "1"),
        (cells.division("villages"), "西村", "3"),
        (cells.id_number, RIGHT, RIGHT),
        (cells.id_number, "11010519491231002x", "11010519491231002X"),
    ],
)
def test_what_is_read(read: Any, cell: Any, value: Any) -> None:
    assert read(cell, LISTS) == value


@pytest.mark.parametrize(
    ("read", "cell", "code"),
    [
        (cells.text(4), "五个字的名", "TOO_LONG"),
        (cells.text(9), "名\u200b字", "NOT_KEPT"),
        (cells.text(32), 1.1e17, "MANGLED"),
        (cells.text(32), "1.1E+17", "MANGLED"),
        (cells.amount(0, 100), "100.01", "OUT_OF_RANGE"),
        (cells.amount(0, 100), "-0.01", "OUT_OF_RANGE"),
        (cells.amount(0, 100), "NaN", "NOT_A_NUMBER"),
        (cells.amount(0, 100), "1e999999", "NOT_A_NUMBER"),
        (cells.amount(0, 100), True, "NOT_A_NUMBER"),
        (cells.day, "2018-02-29", "NOT_A_DAY"),
        (cells.day, 43266, "NOT_A_DAY"),
        (cells.day, "1899-12-31", "NOT_A_DAY"),
        (cells.past_day, "2018-06-16", "IN_THE_FUTURE"),
        (cells.chosen("states"), "贫困", "NOT_A_CHOICE"),
        (cells.division("villages"), "东村", "AMBIGUOUS_DIVISION"),
        (cells.division("villages"), "南村", "UNKNOWN_DIVISION"),
        (cells.id_number, "110105194912310021", "BAD_ID_NUMBER"),
        (cells.id_number, RIGHT[:17], "BAD_ID_NUMBER"),
        (cells.id_number, id_number(date(2018, 6, 16), 901), "BAD_ID_NUMBER"),
        (cells.id_number, 1.1e17, "MANGLED"),
    ],
)
def test_what_is_not(read: Any, cell: Any, code: str) -> None:
    with pytest.raises(Bad) as refused:
        read(cell, LISTS)
    assert refused.value.code == code


def test_a_mask_shows_no_day_of_birth() -> None:
    assert cells.mask(RIGHT) == f"{RIGHT[:4]}************{RIGHT[-2:]}"
