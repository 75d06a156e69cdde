"""Metric: a number made from facts, and the target that it should reach.

Its name is a fact for every condition of the profile, and for other metrics.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import groupby
from typing import Any, Literal

from pydantic import Field, StrictInt, model_validator

from policies.calendar import window
from policies.circumstances import NOTHING, Circumstances, Known
from policies.conditions import Bound, admits_word
from policies.findings import union
from policies.kinds.duty import Period
from policies.kinds.rule import Rule
from policies.outcomes import Event
from policies.settings import Parameter

Weight = StrictInt | Decimal | Parameter
FORMS = ("sum", "tally", "run")


class Metric(Rule):
    """One of `sum` (facts of one unit, each with its weight), `tally` (the entries of a history, amounts
    added) and `run` (the longest unbroken row of entries); without one, `name` is itself a fact, and
    `target` bounds it.

    `tally` and `run` name a history, or an activity or record among what was `done`. `matching`: the
    entries that count. `per`: only those of the calendar period of the day asked. `divided_by`: a whole
    number or a fact; what is divided by nothing is not applicable. `at_most`: the most that the number can
    be.
    """

    kind: Literal["metric"]
    name: str
    sum: dict[str, Weight] = Field(default={})
    tally: str | None = None
    run: str | None = None
    matching: Bound | None = None
    per: Period | None = None
    divided_by: StrictInt | str | None = None
    at_most: StrictInt | Decimal | Parameter | None = None
    target: Bound | None = None

    @model_validator(mode="after")
    def _is_made_in_one_way(self) -> "Metric":
        forms = [form for form in FORMS if getattr(self, form)]
        if len(forms) > 1:
            raise ValueError("a metric is one of sum, tally and run")
        if not forms and self.target is None:
            raise ValueError("a metric is made from facts, or sets a target for a fact")
        if (self.matching or self.per) and not (self.tally or self.run):
            raise ValueError("only a tally or a run has `matching` and `per`")
        return self

    @property
    def history(self) -> str | None:
        return self.tally or self.run

    @property
    def is_derived(self) -> bool:
        """Whether it makes a number; else it sets a target for one that is given."""
        return bool(self.sum or self.history)

    @property
    def inputs(self) -> frozenset[str]:
        """The facts that it is made from. A history that is no fact stands among what was `done`."""
        made = self.sum.keys() | ({self.history} if self.history else set())
        whole = {self.divided_by} if isinstance(self.divided_by, str) else set()
        return frozenset(made | whole) if self.is_derived else frozenset({self.name}) | whole

    def facts(self) -> frozenset[str]:
        return super().facts() | self.inputs

    def bounds(self) -> Iterator[tuple[str, Bound]]:
        yield from super().bounds()
        if self.target:
            yield "", self.target

    @property
    def weight(self) -> int:
        bounds = sum(bound.weight for bound in (self.target, self.matching) if bound)
        return super().weight + len(self.sum) + 1 + bounds

    def places(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        yield from super().places()
        yield "name", (self.name,)
        yield "matching", self.matching.words if self.matching else ()

    def subjects(self) -> tuple[str, ...]:
        return (self.name,)

    def parameters(self) -> frozenset[str]:
        given = [*self.sum.values(), self.at_most]
        return super().parameters() | {one.parameter for one in given if isinstance(one, Parameter)}

    def derive(self, circumstances: Circumstances) -> Known:
        """The number, with what it was made from: divided, and never more than the most that it can be.

        Of a rate it is the percentage, exactly: 1 of 20 is 5.
        """
        part, whole = self.part(circumstances), self.whole(circumstances)
        most = circumstances.setting(self.at_most)
        together = _joined([part, whole, most])
        if together.missing or together.open:
            return together
        number = _percentage(part.value, whole.value)
        capped = number if number is NOTHING or most.value is None else min(number, most.value, key=Fraction)
        return Known(capped)

    def part(self, circumstances: Circumstances) -> Known:
        """The number before it is divided."""
        if self.history:
            return self._of_history(circumstances)
        weights = self.sum or {self.name: 1}
        known = [circumstances.known(name) for name in weights]
        given = [circumstances.setting(weight) for weight in weights.values()]
        together = _joined([*known, *given])
        if together.missing or together.open:
            return together
        pairs = zip(known, given, strict=True)
        total = sum((Fraction(one.value) * Fraction(weight.value) for one, weight in pairs), Fraction(0))
        return Known(_plain(total))

    def whole(self, circumstances: Circumstances) -> Known:
        """What it is divided by: 100 where it is not divided, so that the percentage is the number itself."""
        if isinstance(self.divided_by, str):
            return circumstances.known(self.divided_by)
        return Known(100 if self.divided_by is None else self.divided_by * 100)

    def _of_history(self, circumstances: Circumstances) -> Known:
        known = circumstances.history(self.history or "")
        if known.value is None:
            return known
        entries = self._in_period(known.value, circumstances.on)
        fitting = {name for name in {one.name for one in entries} if self._matches(name, circumstances)}
        if self.tally:
            return Known(_plain(sum(_exactly(one.amount) for one in entries if one.name in fitting)))
        rows = [len(list(row)) for fits, row in groupby(one.name in fitting for one in entries) if fits]
        return Known(max(rows, default=0))

    def _in_period(self, entries: Sequence[Event], on: date) -> Sequence[Event]:
        if self.per is None:
            return entries
        period = window(self.per, on, on)
        return [entry for entry in entries if entry.on is not None and period.holds(entry.on)]

    def _matches(self, name: str, circumstances: Circumstances) -> bool:
        return self.matching is None or admits_word(self.matching, name, circumstances)


def _joined(known: list[Known]) -> Known:
    return Known(None, union(one.missing for one in known), union(one.open for one in known))


def _percentage(part: Any, whole: Any) -> Any:
    return (
        NOTHING if whole == 0 or NOTHING in (part, whole) else _plain(Fraction(part) * 100 / Fraction(whole))
    )


def _exactly(amount: int | Decimal) -> int | Fraction:
    return amount if isinstance(amount, int) else Fraction(amount)


def _plain(number: Fraction | int) -> int | Fraction:
    return int(number) if Fraction(number).denominator == 1 else Fraction(number)
