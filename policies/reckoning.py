"""How many of a duty's deeds there were, and on which day the last of them was needed."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from decimal import Decimal

from policies.outcomes import Event

PER_PERSON_AND_DAY = "person_visit"
_DISTINCT_DAYS = frozenset({"day", "night"})
# Coverage: how many different objects were reached.
_DISTINCT_OBJECTS = frozenset({"household", "person", "village_unit", "team"})
_LONGEST_STAY = 3_660


def counted(events: Iterable[Event], unit: str) -> int | Decimal:
    """In that unit: one visit per person, object and day; distinct days or objects; else amounts added."""
    if unit == PER_PERSON_AND_DAY:
        return len({(event.by, event.object, event.on) for event in events})
    if unit in _DISTINCT_DAYS:
        return len({day for event in events for day in days_of(event)})
    if unit in _DISTINCT_OBJECTS and (objects := {event.object for event in events if event.object}):
        return len(objects)
    total = sum((Decimal(event.amount) for event in events), Decimal(0))
    return int(total) if total == total.to_integral_value() else total


def days_of(event: Event) -> Iterator[date]:
    """The days that it lasted: until its last one, or as many as its amount says."""
    if event.on is None:
        return
    last = event.until or event.on + timedelta(days=min(max(int(event.amount), 1), _LONGEST_STAY) - 1)
    for day in range(min((last - event.on).days + 1, _LONGEST_STAY)):
        yield event.on + timedelta(days=day)


def reached_on(events: Iterable[Event], unit: str, wanted: int | Decimal) -> date | None:
    """The day on which the number wanted was there; None where it is not, or no day is known of it."""
    so_far: list[Event] = []
    for event in events:
        so_far.append(event)
        if counted(so_far, unit) >= wanted:
            return event.on
    return None
