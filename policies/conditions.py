"""Conditions over named facts, and the bounds that they are made of.

A condition is data, never an expression: `{leave_days: {at_most: 3}, any: [...], not: {...}}`.
Everything in one mapping holds together. What is missing makes it unknown, and is named.
"""

import operator
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any

from pydantic import (
    Field,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from policies.circumstances import NOTHING, Circumstances, Known
from policies.findings import FALSE, TRUE, Finding, every, some, union
from policies.form import Form
from policies.settings import Parameter, Value
from policies.vocabulary import FactType

Operand = Parameter | Value


class Bound(Form):
    """Limits on one fact; those that are given hold together, and each says whether it includes its number.

    With `percent_of`, 100 · value is compared with limit · that fact, in whole numbers.
    """

    equals: Operand | None = None
    among: tuple[Operand, ...] | None = Field(default=None, alias="in")
    at_least: Operand | None = None
    more_than: Operand | None = None
    at_most: Operand | None = None
    less_than: Operand | None = None
    percent_of: str | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain_value_means_equals(cls, given: Any) -> Any:
        return {"equals": given} if isinstance(given, bool | int | Decimal | str) else given

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """For editors: a plain value, or limits."""
        named = handler(core_schema)
        written = handler.resolve_ref_schema(named)
        limits = dict(written)
        written.clear()
        written["anyOf"] = [{"type": ["boolean", "number", "string"]}, limits | {"minProperties": 1}]
        return named

    @model_validator(mode="after")
    def _limits_something(self) -> "Bound":
        if not self.limits or self.among == ():
            raise ValueError("a bound needs a limit")
        return self

    @cached_property
    def limits(self) -> dict[str, tuple[Operand, ...]]:
        singles = ("equals", "at_least", "more_than", "at_most", "less_than")
        given = {name: (value,) for name in singles if (value := getattr(self, name)) is not None}
        return given | ({"in": self.among} if self.among is not None else {})

    @cached_property
    def parameters(self) -> frozenset[str]:
        operands = (operand for listed in self.limits.values() for operand in listed)
        return frozenset(operand.parameter for operand in operands if isinstance(operand, Parameter))

    @property
    def words(self) -> tuple[str, ...]:
        """The words that it names."""
        operands = (operand for listed in self.limits.values() for operand in listed)
        return tuple(operand for operand in operands if isinstance(operand, str))

    @property
    def weight(self) -> int:
        return sum(len(operands) for operands in self.limits.values())

    @property
    def upper(self) -> "Bound | None":
        """What of it limits from above; None where any number is let through."""
        most = self.at_most if self.equals is None else self.equals
        if most is None and self.less_than is None:
            return None
        return Bound(at_most=most, less_than=self.less_than, percent_of=self.percent_of)

    def whole_numbers(self, circumstances: Circumstances) -> tuple[int | None, int | None]:
        """The lowest and the highest count that keep within it; None where an end is open."""
        ends = {name: int(values[0]) for name, values in _limits(self, circumstances).items() if values}
        low = [ends[n] + (n == "more_than") for n in ("equals", "at_least", "more_than") if n in ends]
        high = [ends[n] - (n == "less_than") for n in ("equals", "at_most", "less_than") if n in ends]
        return max(low, default=None), min(high, default=None)


class Condition(Form):
    bounds: dict[str, Bound] = Field(default={})
    all: tuple["Condition", ...] = ()
    any: tuple["Condition", ...] = ()
    negated: "Condition | None" = Field(default=None, alias="not")

    @model_validator(mode="before")
    @classmethod
    def _facts_stand_beside_the_joints(cls, given: Any) -> Any:
        if not isinstance(given, dict):
            return given
        joints = {name: given[name] for name in ("all", "any", "not") if name in given}
        return joints | {"bounds": {name: given[name] for name in given if name not in joints}}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """For editors: beside the joints every key is a fact, with its bound."""
        named = handler(core_schema)
        written = handler.resolve_ref_schema(named)
        written["additionalProperties"] = written["properties"].pop("bounds")["additionalProperties"]
        written["minProperties"] = 1
        return named

    @model_serializer(mode="wrap")
    def _as_written(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = handler(self)
        bounds: dict[str, Any] = data.pop("bounds", {})
        return bounds | data

    @model_validator(mode="after")
    def _asks_something(self) -> "Condition":
        if not (self.bounds or self.all or self.any or self.negated):
            raise ValueError("a condition asks something")
        return self

    @cached_property
    def only_bound(self) -> tuple[str, Bound] | None:
        """The one fact that it bounds, where it is no more than that."""
        joints = self.all or self.any or self.negated
        return None if joints or len(self.bounds) != 1 else next(iter(self.bounds.items()))

    def facts(self) -> frozenset[str]:
        """Every fact that the condition may want."""
        wanted = {fact for name, bound in self.limited() for fact in (name, bound.percent_of)}
        return frozenset(fact for fact in wanted if fact)

    @property
    def weight(self) -> int:
        """How much there is to judge in it: its parts at every depth, and what each is compared with."""
        parts: tuple[Condition, ...] = (*self.all, *self.any, *((self.negated,) if self.negated else ()))
        return 1 + sum(bound.weight for bound in self.bounds.values()) + sum(part.weight for part in parts)

    def limited(self) -> Iterator[tuple[str, Bound]]:
        """Each fact with its bound, at every depth."""
        yield from self.bounds.items()
        for part in (*self.all, *self.any, *((self.negated,) if self.negated else ())):
            yield from part.limited()


def holds(condition: Condition | None, circumstances: Circumstances) -> Finding:
    if condition is None:
        return TRUE
    if condition.only_bound:
        return within(*condition.only_bound, circumstances)
    return every(_parts(condition, circumstances))


def _parts(condition: Condition, circumstances: Circumstances) -> Iterator[Finding]:
    for name, bound in condition.bounds.items():
        yield within(name, bound, circumstances)
    for part in condition.all:
        yield holds(part, circumstances)
    if condition.any:
        yield some(holds(part, circumstances) for part in condition.any)
    if condition.negated:
        yield ~holds(condition.negated, circumstances)


def within(name: str, bound: Bound, circumstances: Circumstances) -> Finding:
    """Whether the fact keeps within the bound; of several words, whether one of them does."""
    value, named = circumstances.known(name), bound.parameters
    missing, unset = value.missing, value.open
    if named or bound.percent_of:
        known = [value, *_weighed_with(bound, circumstances)]
        missing, unset = union(one.missing for one in known), union(one.open for one in known)
        unset |= {name for name in named if not circumstances.knows(name)}
    if missing or unset:
        return Finding(None, missing, unset)
    return TRUE if _keeps(name, value.value, bound, circumstances) else FALSE


def _weighed_with(bound: Bound, circumstances: Circumstances) -> Iterator[Known]:
    """The other facts that the bound wants: the whole of a share, and what its settings are looked up by."""
    if bound.percent_of:
        yield circumstances.known(bound.percent_of)
    for name in bound.parameters:
        setting = circumstances.settings.get(name)
        if setting and setting.looked_up_by:
            yield circumstances.known(setting.looked_up_by)


def admits(bound: Bound, number: int | Decimal | Fraction, circumstances: Circumstances) -> bool:
    """Whether a number that is no fact keeps within the bound; its settings must be given."""
    return _inside(number, _limits(bound, circumstances))


def admits_word(bound: Bound, word: str, circumstances: Circumstances) -> bool:
    """Whether a word, or a wider one that stands for it, is among those of the bound."""
    return _names(word, _limits(bound, circumstances), circumstances)


def _limits(bound: Bound, circumstances: Circumstances) -> Mapping[str, Sequence[Any]]:
    if not bound.parameters:
        return bound.limits
    return {
        limit: [circumstances.value_of(operand) for operand in operands]
        for limit, operands in bound.limits.items()
    }


def _keeps(name: str, value: Any, bound: Bound, circumstances: Circumstances) -> bool:
    fact, limits = circumstances.vocabulary.facts[name], _limits(bound, circumstances)
    if value is NOTHING:
        return False
    if bound.percent_of:
        return _keeps_percentage(value, circumstances.known(bound.percent_of).value, limits)
    if fact.scale:
        place = circumstances.vocabulary.scales[fact.scale].index
        return _inside(
            place(str(value)), {limit: [place(str(x)) for x in xs] for limit, xs in limits.items()}
        )
    if fact.type is FactType.TERM:
        words = value if isinstance(value, tuple) else (str(value),)
        return any(_names(word, limits, circumstances) for word in words)
    return _inside(value, limits)


def _keeps_percentage(part: Any, whole: Any, limits: Mapping[str, Sequence[Any]]) -> bool:
    """TW-4.2-15: a share of nothing reaches no threshold."""
    return whole not in (0, NOTHING) and _inside(
        100 * part, {limit: [x * whole for x in xs] for limit, xs in limits.items()}
    )


def _names(word: str, limits: Mapping[str, Sequence[Any]], circumstances: Circumstances) -> bool:
    wide = circumstances.vocabulary.widen([word])
    return all(wide.intersection(operands) for operands in limits.values())


def _inside(value: Any, limits: Mapping[str, Sequence[Any]]) -> bool:
    if type(value) is Fraction:
        limits = {limit: [Fraction(x) for x in operands] for limit, operands in limits.items()}
    for limit, operands in limits.items():
        compare, first = _COMPARE[limit], operands[0]
        if not (compare(value, first) or any([compare(value, x) for x in operands[1:]])):
            return False
    return True


_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "equals": operator.eq,
    "in": operator.eq,
    "at_least": operator.ge,
    "more_than": operator.gt,
    "at_most": operator.le,
    "less_than": operator.lt,
}
