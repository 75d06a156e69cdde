"""Guard: what an act needs, or what forbids it."""

from collections.abc import Iterator
from typing import Literal

from pydantic import model_validator

from policies.circumstances import Circumstances
from policies.conditions import Bound, Condition, holds
from policies.findings import Finding
from policies.kinds.rule import ActRule


class Guard(ActRule):
    kind: Literal["guard"]
    require: Condition | None = None
    forbid: Condition | None = None

    @model_validator(mode="after")
    def _requires_or_forbids(self) -> "Guard":
        if (self.require is None) == (self.forbid is None):
            raise ValueError("a guard has exactly one of `require` and `forbid`")
        if not self.strength.binds:
            raise ValueError("a guard is must, must_not or in_principle: anything weaker guards nothing")
        return self

    @property
    def condition(self) -> Condition:
        condition = self.require or self.forbid
        assert condition is not None
        return condition

    def facts(self) -> frozenset[str]:
        return super().facts() | self.condition.facts()

    def bounds(self) -> Iterator[tuple[str, Bound]]:
        yield from super().bounds()
        yield from self.condition.limited()

    @property
    def weight(self) -> int:
        return super().weight + self.condition.weight

    def kept(self, circumstances: Circumstances) -> Finding:
        finding = holds(self.condition, circumstances)
        return finding if self.require else ~finding
