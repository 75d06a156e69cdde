"""Duty: who owes which deed or record, how many, for each what, in which period or by which day, to whom."""

from collections.abc import Iterator
from typing import Literal, get_args

from pydantic import Field, StrictInt, model_validator

from policies.conditions import Bound
from policies.form import Form, Words
from policies.kinds.rule import DayForm, GroupForm, Rule, words_of
from policies.outcomes import Group
from policies.settings import Parameter

Period = Literal[
    "day", "week", "two_weeks", "month", "quarter", "half_year", "year", "two_years", "tenure", "rotation"
]
Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

WEEKDAYS = get_args(Weekday)


class Until(Form):
    """One period that lasts until an event: the fact that gives its day."""

    until: str


class Due(Form):
    """The last day. `by` includes its day, `before` does not; `day_of_month` is included (A-05), and in a
    shorter month it is the month's last day. `after` names the fact of type day from which `days` calendar
    days are counted, that day not among them. `weekdays`: the last of them within the period."""

    by: DayForm | None = None
    before: DayForm | None = None
    day_of_month: StrictInt | None = Field(default=None, ge=1, le=31)
    weekdays: tuple[Weekday, ...] = ()
    after: str | None = None
    days: StrictInt | Parameter | None = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> "Due":
        said = [self.by, self.before, self.day_of_month, self.weekdays or None, self.after]
        if sum(one is not None for one in said) != 1:
            raise ValueError("due is one of by, before, day_of_month, weekdays, after")
        if (self.after is None) != (self.days is None):
            raise ValueError("`after` names an event and `days` how long after it")
        return self

    @property
    def parameters(self) -> frozenset[str]:
        named = (self.by, self.before, self.days)
        return frozenset(one.parameter for one in named if isinstance(one, Parameter))


class Duty(Rule):
    """`does`: activities or records; of `any`, each counts. `count`: at least one, unless it says otherwise.

    `counted`: person_visit is one per person, object and day; day and night are distinct dates; anything
    else adds up amounts. `for_each`: each object owes for itself. `per`: calendar periods, or `tenure`,
    `rotation` and `until`, which last as long as the question says. `excused_by`: an activity in whose
    time nothing is owed. `contents`: what must be in it. `to`: who gets it.
    """

    kind: Literal["duty"]
    who: GroupForm
    does: GroupForm
    count: Bound = Bound(at_least=1)
    counted: str = "occurrence"
    for_each: str | None = None
    per: Period | Until | Parameter | None = None
    due: Due | None = None
    excused_by: str | None = None
    contents: Words = ()
    to: GroupForm | None = None

    @property
    def asker(self) -> Group | None:
        return self.who

    def facts(self) -> frozenset[str]:
        asked = {"done"} | ({"objects"} if self.for_each else set()) | ({"from", "to"} if self.per else set())
        events = {self.due.after} if self.due and self.due.after else set()
        until = {self.per.until} if isinstance(self.per, Until) else set()
        return super().facts() | asked | events | until

    def bounds(self) -> Iterator[tuple[str, Bound]]:
        yield from super().bounds()
        yield "", self.count

    @property
    def weight(self) -> int:
        return super().weight + self.count.weight + len(self.does.terms) + len(self.contents)

    def subjects(self) -> tuple[str, ...]:
        return self.does.terms

    def places(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        yield from super().places()
        yield "does", self.does.terms
        yield "to", words_of(self.to)
        for name in ("counted", "for_each", "excused_by"):
            yield name, (word,) if (word := getattr(self, name)) else ()
        yield "contents", self.contents

    def parameters(self) -> frozenset[str]:
        per = {self.per.parameter} if isinstance(self.per, Parameter) else set()
        return super().parameters() | per | (self.due.parameters if self.due else frozenset())
