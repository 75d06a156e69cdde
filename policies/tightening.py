"""Whether a child's rule keeps within the parent's rule that it replaces: as strong, over the same cases or
more, every limit inside the parent's, everything else the same or newly given.
"""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from policies.conditions import Bound
from policies.kinds.rule import Rule, Strength
from policies.outcomes import GapState
from policies.profile import Profile

_FORCE = {
    Strength.MUST: 3,
    Strength.MUST_NOT: 3,
    Strength.IN_PRINCIPLE: 2,
    Strength.TARGET: 1,
    Strength.ENCOURAGED: 1,
    Strength.MAY: 0,
    Strength.FACT: 0,
}
# What names the rule and its source, and what is compared by itself.
_APART = {"id", "clause", "quote", "basis", "noted", "strength", "when", "over", "gaps", "reading", "note"}
Ends = tuple[tuple[Fraction, bool] | None, tuple[Fraction, bool] | None]


def is_tightened(child: Rule, parent: Rule) -> bool:
    is_as_strong = _FORCE[child.strength] >= _FORCE[parent.strength]
    covers = child.when is None or child.when == parent.when
    return child.kind == parent.kind and is_as_strong and covers and _fits(child, parent)


def may_be_loosened(parent: Rule, law: Profile) -> bool:
    """Whether the parent lets a child decide otherwise: 可, 原则上, or 自行确定."""
    named = (law.settings[name].state for name in parent.parameters() if name in law.settings)
    delegates = GapState.DELEGATED in {*named, *(gap.state for gap in parent.gaps)}
    return not parent.strength.refuses or delegates


def _fits(child: Rule, parent: Rule) -> bool:
    given = type(parent).model_fields
    return all(
        _keeps(getattr(child, name), getattr(parent, name), field.default)
        for name, field in given.items()
        if name not in _APART
    )


def _keeps(child: Any, parent: Any, default: Any) -> bool:
    if isinstance(child, Bound) and isinstance(parent, Bound):
        return child == parent or _is_inside(child, parent)
    return child == parent or parent in (None, (), default)


def _is_inside(child: Bound, parent: Bound) -> bool:
    """Of plain numbers; what stands by name is compared only with itself."""
    if child.percent_of != parent.percent_of or not (_is_plain(child) and _is_plain(parent)):
        return False
    (low, high), (least, most) = _ends(child), _ends(parent)
    return (least is None or (low is not None and low >= least)) and (
        most is None or (high is not None and high <= most)
    )


def _is_plain(bound: Bound) -> bool:
    given = [operand for operands in bound.limits.values() for operand in operands]
    return all(isinstance(one, int | Decimal) and not isinstance(one, bool) for one in given)


def _ends(bound: Bound) -> Ends:
    """The lowest and the highest number let through. An excluded end lies a hair inside its number."""
    numbers = {name: [Fraction(str(one)) for one in given] for name, given in bound.limits.items()}
    low = [(min(numbers[name]), name == "more_than") for name in _LOW if name in numbers]
    high = [(max(numbers[name]), name != "less_than") for name in _HIGH if name in numbers]
    return max(low, default=None), min(high, default=None)


_LOW = ("equals", "in", "at_least", "more_than")
_HIGH = ("equals", "in", "at_most", "less_than")
