"""Consequence: what follows, good or bad, for whom, with which measures, decided by whom."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, StrictInt

from policies.conditions import Condition
from policies.form import Form
from policies.kinds.rule import GroupForm, Rule, words_of
from policies.settings import Parameter

SITUATION = "situation"
"""The fact that names what happened."""


class Sanction(Form):
    """What follows for one subject. Without `measures`, the deciding organ chooses (A-35)."""

    who: GroupForm
    liability: str | None = None
    measures: GroupForm | None = None


class Consequence(Rule):
    """All results hold together. `by` decides; without it the document does not say who. `rectify_days`: a
    time limit for putting it right, in calendar days. `escalates`: the milder rule that it goes beyond."""

    kind: Literal["consequence"]
    when: Condition
    results: tuple[Sanction, ...] = Field(min_length=1)
    by: GroupForm | None = None
    rectify_days: StrictInt | Parameter | None = None
    escalates: str | None = None

    def subjects(self) -> tuple[str, ...]:
        """The situations that it follows from, and the facts that its thresholds weigh."""
        found: dict[str, None] = {}
        for name, bound in self.when.limited():
            found |= dict.fromkeys(bound.words if name == SITUATION else (name,))
        return tuple(found)

    @property
    def weight(self) -> int:
        return super().weight + len(self.results)

    def places(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        yield from super().places()
        for result in self.results:
            yield "results.who", result.who.terms
            yield "results.measures", words_of(result.measures)
            yield "results.liability", (result.liability,) if result.liability else ()
        yield "by", words_of(self.by)

    def parameters(self) -> frozenset[str]:
        named = self.rectify_days.parameter if isinstance(self.rectify_days, Parameter) else None
        return super().parameters() | ({named} if named else frozenset())
