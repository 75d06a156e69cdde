"""Calendar periods: days, weeks, months … in which something is owed (A-33). No clock: the day is asked for.

Fortnights and pairs of years have no place of their own in the calendar; they are counted from an anchor, the
first day of the rule.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Window:
    """One period with the name that people give it: 2018q2. Both days are in it."""

    label: str
    first: date
    last: date

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


def window(per: str, day: date, anchor: date) -> Window:
    """The period of that kind in which the day lies. Raises KeyError for what is no calendar period."""
    return _WINDOW[per](day, anchor)


def windows(per: str, since: date, until: date, anchor: date) -> Iterator[Window]:
    """The whole periods between two days, both included, in order."""
    one = window(per, since, anchor)
    while one.last <= until:
        if one.first >= since:
            yield one
        if one.last >= date.max - timedelta(days=1):
            return
        one = window(per, one.last + timedelta(days=1), anchor)


def whole_months(first: date, until: date) -> int:
    """How many whole months lie between two days: one is whole on the same day of the month."""
    months = (until.year - first.year) * 12 + until.month - first.month
    return months - (until.day < first.day)


def last_day_of_month(year: int, month: int) -> date:
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1)


def _day(day: date, anchor: date) -> Window:
    return Window(day.isoformat(), day, day)


def _week(day: date, anchor: date) -> Window:
    year, week, weekday = day.isocalendar()
    monday = day - timedelta(days=weekday - 1)
    return Window(f"{year}w{week:02}", monday, monday + timedelta(days=6))


def _two_weeks(day: date, anchor: date) -> Window:
    this, first = _week(day, anchor), _week(anchor, anchor)
    is_second = ((this.first - first.first).days // 7) % 2
    begins = this.first - timedelta(days=7 * is_second)
    return Window(f"{_week(begins, anchor).label}+", begins, begins + timedelta(days=13))


def _months(day: date, count: int, label: str) -> Window:
    first = day.month - (day.month - 1) % count
    return Window(label, date(day.year, first, 1), last_day_of_month(day.year, first + count - 1))


def _years(day: date, anchor: date, count: int) -> Window:
    first = day.year - (day.year - anchor.year) % count
    label = str(first) if count == 1 else f"{first}-{first + count - 1}"
    return Window(label, date(first, 1, 1), date(first + count - 1, 12, 31))


_WINDOW: Mapping[str, Callable[[date, date], Window]] = {
    "day": _day,
    "week": _week,
    "two_weeks": _two_weeks,
    "month": lambda day, anchor: _months(day, 1, f"{day.year}-{day.month:02}"),
    "quarter": lambda day, anchor: _months(day, 3, f"{day.year}q{(day.month + 2) // 3}"),
    "half_year": lambda day, anchor: _months(day, 6, f"{day.year}h{(day.month + 5) // 6}"),
    "year": lambda day, anchor: _years(day, anchor, 1),
    "two_years": lambda day, anchor: _years(day, anchor, 2),
}
CALENDAR_PERIODS = frozenset(_WINDOW)
