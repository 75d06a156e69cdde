"""A-06: which days are one absence, counted in halves."""

from datetime import date
from decimal import Decimal
from itertools import permutations

import pytest

from policies.half_days import Span, absence, span


def june(first: str, last: str) -> Span:
    """Days of June 2018: `18` whole, `18.5` from noon or until noon."""
    begins, ends = Decimal(first), Decimal(last)
    return span(
        date(2018, 6, int(begins)),
        date(2018, 6, int(ends)),
        from_noon=begins % 1 > 0,
        until_noon=ends % 1 > 0,
    )


LENGTHS = [
    ("一天", "18", "18", "1"),
    ("上午", "18", "18.5", "0.5"),
    ("下午", "18.5", "18", "0.5"),
    ("三天", "18", "20", "3"),
    ("三天半", "18", "21.5", "3.5"),
    ("从中午到中午", "18.5", "20.5", "2"),
]


@pytest.mark.parametrize(("first", "last", "days"), [c[1:] for c in LENGTHS], ids=[c[0] for c in LENGTHS])
def test_days_are_counted_in_halves(first: str, last: str, days: str) -> None:
    assert june(first, last).days == Decimal(days)


@pytest.mark.parametrize(("first", "last"), [("20", "18"), ("18.5", "18.5")], ids=["先后颠倒", "一天不剩"])
def test_a_span_without_days_is_refused(first: str, last: str) -> None:
    with pytest.raises(ValueError, match="ends after it begins"):
        june(first, last)


SUMS = [
    ("相接", ("21", "21"), [("18", "20")], "4"),
    ("隔一天", ("22", "22"), [("18", "20")], "1"),
    ("隔半天", ("21", "21"), [("18", "20.5")], "1"),
    ("午前午后相接", ("20.5", "21"), [("18", "20.5")], "4"),
    ("重叠只算一次", ("19", "21"), [("18", "20")], "4"),
    ("包含在内", ("19", "19"), [("18", "20")], "3"),
    ("一段连一段", ("18", "18"), [("21", "21"), ("19", "19"), ("20", "20")], "4"),
    ("断开的不算", ("18", "18"), [("19", "19"), ("21", "22")], "2"),
    ("填上空档", ("20", "20"), [("18", "19"), ("21", "22")], "5"),
    ("没有别的", ("18", "20"), [], "3"),
]


@pytest.mark.parametrize(("asked", "others", "days"), [c[1:] for c in SUMS], ids=[c[0] for c in SUMS])
def test_what_touches_is_one_absence_in_any_order(
    asked: tuple[str, str], others: list[tuple[str, str]], days: str
) -> None:
    for order in permutations(others):
        assert absence(june(*asked), [june(*other) for other in order]).days == Decimal(days)


def test_every_part_of_an_absence_sees_the_same_whole() -> None:
    parts = [june("18", "19"), june("20", "20.5"), june("20.5", "22")]

    wholes = {absence(part, [other for other in parts if other is not part]) for part in parts}

    assert wholes == {june("18", "22")}


def test_an_absence_counts_the_halves_that_its_days_cover() -> None:
    """Against counting one by one: every pair of spans within six days."""
    spans = [Span(begin, end) for begin in range(12) for end in range(begin + 1, 13)]
    for one in spans:
        for other in spans:
            covered = set(range(one.begin, one.end)) | set(range(other.begin, other.end))
            is_one_piece = max(covered) - min(covered) + 1 == len(covered)
            expected = len(covered) if is_one_piece else one.end - one.begin
            assert absence(one, [other]).days == Decimal(expected) / 2


NEXT = [("20", (date(2018, 6, 21), False)), ("20.5", (date(2018, 6, 20), True))]


@pytest.mark.parametrize(("last", "expected"), NEXT, ids=["整天之后", "半天之后"])
def test_the_next_half_day_touches_and_does_not_overlap(last: str, expected: tuple[date, bool]) -> None:
    whole = june("18", last)
    day, from_noon = whole.next_half_day

    assert (day, from_noon) == expected
    assert span(day, day, from_noon=from_noon).begin == whole.end
