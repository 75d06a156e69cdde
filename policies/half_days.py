"""Days of absence, counted in halves: the arithmetic behind `leave_days` (A-06).

A span is a half-open range of half days, `begin` to `end`, counted from day 0 of the calendar. Spans that
touch or overlap are one absence: a Friday until noon and the same Friday from noon on, a Monday after a
Sunday.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal


@dataclass(frozen=True, slots=True, order=True)
class Span:
    begin: int
    end: int

    def __post_init__(self) -> None:
        if self.end <= self.begin:
            raise ValueError("a span of days ends after it begins")

    @property
    def days(self) -> Decimal:
        """Calendar days, in steps of 0.5."""
        return Decimal(self.end - self.begin) / 2

    @property
    def next_half_day(self) -> tuple[date, bool]:
        """The day and half (True: from noon) that follow the span."""
        days, half = divmod(self.end, 2)
        return date.fromordinal(1) + timedelta(days - 1), bool(half)

    def overlaps(self, other: "Span") -> bool:
        return self.begin < other.end and other.begin < self.end

    def touches(self, other: "Span") -> bool:
        return self.begin <= other.end and other.begin <= self.end


def span(first: date, last: date, *, from_noon: bool = False, until_noon: bool = False) -> Span:
    """The days `first` to `last`, both included. Raises ValueError when nothing is left."""
    return Span(first.toordinal() * 2 + from_noon, last.toordinal() * 2 + 2 - until_noon)


def absence(asked: Span, others: Iterable[Span]) -> Span:
    """The whole absence that `asked` belongs to: itself and every other span joined to it, one to the
    next."""
    whole, waiting = asked, list(others)
    while joined := [other for other in waiting if other.touches(whole)]:
        whole = Span(min(whole.begin, *(s.begin for s in joined)), max(whole.end, *(s.end for s in joined)))
        waiting = [other for other in waiting if other not in joined]
    return whole
