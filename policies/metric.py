"""Metric: a number made from facts, and the target that it should reach."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Literal

from pydantic import Field, StrictInt

from policies.conditions import Bound
from policies.decisions import RecordedValue
from policies.rule import Rule


class Metric(Rule):
    """`sum` weighs facts of one unit and adds them up; `target` is a bound on the result."""

    kind: Literal["metric"]
    name: str
    sum: dict[str, StrictInt] = Field(min_length=1)
    target: Bound | None = None

    def facts(self) -> frozenset[str]:
        return super().facts() | self.sum.keys()

    def bounds(self) -> Iterator[tuple[str, Bound]]:
        yield from super().bounds()
        if self.target:
            yield "", self.target

    @property
    def weight(self) -> int:
        return super().weight + len(self.sum) + (self.target.weight if self.target else 0)

    def value(self, facts: Mapping[str, RecordedValue]) -> int | Decimal:
        """Every fact of the sum must be given."""
        total = sum((Decimal(str(facts[name])) * weight for name, weight in self.sum.items()), Decimal(0))
        return int(total) if total == total.to_integral_value() else total
