"""The values of a fact at which a bound may begin or cease to hold, and those beside them."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from policies.conditions import Bound
from policies.outcomes import RecordedValue
from policies.profile import Profile
from policies.settings import Parameter
from policies.vocabulary import Fact, FactType

_NO_SUCH_WORD = "其他"


def near(profile: Profile, name: str, bound: Bound, on: date) -> Iterator[RecordedValue]:
    fact = profile.vocabulary.facts[name]
    if fact.type is FactType.TRUTH:
        yield from (True, False)
    elif fact.scale:
        yield from profile.vocabulary.scales[fact.scale]
    else:
        for operand in (operand for listed in bound.limits.values() for operand in listed):
            given = (
                profile.circumstances({}, on).value_of(operand) if isinstance(operand, Parameter) else operand
            )
            if given is not None:
                yield from _beside(fact, given)
        if fact.type is FactType.TERM:
            yield (_NO_SUCH_WORD,) if fact.many else _NO_SUCH_WORD


def _beside(fact: Fact, value: Any) -> Iterator[RecordedValue]:
    if fact.type is FactType.NUMBER:
        step = fact.step or Decimal("0.01")
        yield from (n for n in (value - step, value, value + step) if n >= (fact.least or 0))
    elif fact.type is FactType.DAY:
        day = date.fromisoformat(value)
        yield from (near.isoformat() for near in (later(day, -1), day, later(day, 1)))
    else:
        yield (value,) if fact.many else value


def later(day: date, days: int) -> date:
    """So many days later, as far as the calendar goes."""
    return date.fromordinal(min(max(day.toordinal() + days, 1), date.max.toordinal()))
