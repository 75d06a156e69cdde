"""What was done, found by its day and its object: however many periods and objects are asked for, nothing is
looked at again and again."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from itertools import accumulate

from policies.calendar import Window
from policies.mistakes import MistypedFact
from policies.outcomes import Event


class Stretches:
    """The times in which nothing is owed, by their first days."""

    def __init__(self, events: Sequence[Event]) -> None:
        dated = [(event.on, event.until or event.on) for event in events if event.on]
        self._first_days = [first for first, _ in dated]
        self._reaching = list(accumulate((last for _, last in dated), max))

    def hold(self, period: Window) -> bool:
        """Whether the whole period lies within one of them."""
        begun = bisect_right(self._first_days, period.first)
        return begun > 0 and period.last <= self._reaching[begun - 1]


_NO_TIME = Stretches(())


@dataclass(frozen=True)
class Deeds:
    """`serving`: the entries that serve a duty, `excusing`: those that excuse from it; both oldest first.
    `beside`: what else excuses, whatever the object."""

    serving: Sequence[Event]
    excusing: Sequence[Event] = ()
    beside: Stretches = _NO_TIME

    def of(self, object: str) -> "Deeds":
        """Those that concern one object. What excuses and names none, as leave does, excuses from each."""
        serving, excusing = self._by_object
        return Deeds(serving.get(object, ()), excusing.get(object, ()), self._without_object)

    def within(self, period: Window | None) -> Sequence[Event]:
        """Those of a period, or all. Raises MistypedFact for one without a day, where the day matters."""
        if period is None:
            return self.serving
        if self._days[:1] == [date.min]:
            raise MistypedFact(
                "done 中按期的事要写日期 on", "what is owed by periods was done on a day: give `on`"
            )
        return self.serving[bisect_left(self._days, period.first) : bisect_right(self._days, period.last)]

    def excuse(self, period: Window) -> bool:
        return self._stretches.hold(period) or self.beside.hold(period)

    @cached_property
    def _days(self) -> list[date]:
        return [event.on or date.min for event in self.serving]

    @cached_property
    def _stretches(self) -> Stretches:
        return Stretches(self.excusing)

    @cached_property
    def _without_object(self) -> Stretches:
        return Stretches([event for event in self.excusing if event.object is None])

    @cached_property
    def _by_object(self) -> tuple[Mapping[str | None, list[Event]], ...]:
        return _grouped(self.serving), _grouped(self.excusing)


def _grouped(events: Sequence[Event]) -> Mapping[str | None, list[Event]]:
    found: dict[str | None, list[Event]] = defaultdict(list)
    for event in events:
        found[event.object].append(event)
    return found
