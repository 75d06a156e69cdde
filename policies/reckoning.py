"""How many of a duty's deeds there were, and on which day the last of them was needed.

Each entry is looked at once: what is counted so far is carried on from one to the next.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal

from policies.outcomes import Event

PER_PERSON_AND_DAY = "person_visit"
_DISTINCT_DAYS = frozenset({"day", "night"})
# Coverage: how many different objects were reached.
_DISTINCT_OBJECTS = frozenset({"household", "person", "village_unit", "team"})
_LONGEST_STAY = 3_660


def counted(events: Sequence[Event], unit: str) -> int | Decimal:
    """In that unit: one visit per person, object and day; distinct days or objects; else amounts added.

    The entries of a history stand oldest first."""
    count: int | Decimal = 0
    for count in _so_far(events, unit):  # noqa: B007 - the last one is asked for
        pass
    return int(count) if count == int(count) else count


def reached_on(events: Sequence[Event], unit: str, wanted: int | Decimal) -> date | None:
    """The day on which the number wanted was there; None where it is not, or no day is known of it."""
    reached = zip(events, _so_far(events, unit), strict=True)
    return next((event.on for event, count in reached if count >= wanted), None)


def _so_far(events: Sequence[Event], unit: str) -> Iterator[int | Decimal]:
    """The count after each entry."""
    if unit == PER_PERSON_AND_DAY:
        return _different((event.by, event.object, event.on) for event in events)
    if unit in _DISTINCT_DAYS:
        return _days(events)
    if unit in _DISTINCT_OBJECTS and any(event.object for event in events):
        return _different(event.object for event in events)
    return _added(events)


def _different(marks: Iterable[object]) -> Iterator[int]:
    seen: set[object] = set()
    for mark in marks:
        if mark is not None:
            seen.add(mark)
        yield len(seen)


def _added(events: Sequence[Event]) -> Iterator[Decimal]:
    total = Decimal(0)
    for event in events:
        total += event.amount
        yield total


def _days(events: Sequence[Event]) -> Iterator[int]:
    """Entries begin one after the other, so that a day is new when it lies after all those before."""
    total, last = 0, date.min
    for event in events:
        if event.on is not None:
            until = _last_day(event, event.on)
            new = (until - max(event.on - timedelta(days=1), last)).days
            total, last = total + max(new, 0), max(last, until)
        yield total


def _last_day(event: Event, first: date) -> date:
    """Until its own last day, or as many days as its amount says."""
    stay = _LONGEST_STAY if event.until else min(max(int(event.amount), 1), _LONGEST_STAY)
    longest = first + timedelta(days=stay - 1)
    return min(event.until, longest) if event.until else longest
