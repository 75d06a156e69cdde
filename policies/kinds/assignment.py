"""Assignment: how many of one kind each of another has and needs, and who is eligible."""

from collections.abc import Iterator
from typing import Literal

from pydantic import model_validator

from policies.conditions import Bound, Condition
from policies.kinds.rule import GroupForm, Rule


class Assignment(Rule):
    """`each_has`: how many `to` one `who` has. `each_needs`: how many `who` one `to` needs.

    `eligible` asks about a candidate; `bears` is the role that comes with it.
    """

    kind: Literal["assignment"]
    who: GroupForm
    to: GroupForm
    each_has: Bound | None = None
    each_needs: Bound | None = None
    eligible: Condition | None = None
    bears: str | None = None

    @model_validator(mode="after")
    def _asks_for_something(self) -> "Assignment":
        if not (self.each_has or self.each_needs or self.eligible or self.bears):
            raise ValueError("an assignment asks for a number, an eligibility or a role")
        return self

    def bounds(self) -> Iterator[tuple[str, Bound]]:
        yield from super().bounds()
        yield from self.eligible.limited() if self.eligible else ()
        sides = {"has": self.each_has, "needs": self.each_needs}
        yield from ((side, bound) for side, bound in sides.items() if bound)

    @property
    def candidate_facts(self) -> frozenset[str]:
        """The facts that decide whether a candidate is eligible."""
        return self.eligible.facts() if self.eligible else frozenset()

    @property
    def weight(self) -> int:
        sides = sum(bound.weight for bound in (self.each_has, self.each_needs) if bound)
        return super().weight + sides + (self.eligible.weight if self.eligible else 0)

    def subjects(self) -> tuple[str, ...]:
        """The pairs `who>to`."""
        return tuple(f"{who}>{to}" for who in self.who.terms for to in self.to.terms)

    def places(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        yield from super().places()
        yield "to", self.to.terms
        yield "bears", (self.bears,) if self.bears else ()
