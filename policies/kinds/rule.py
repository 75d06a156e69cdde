"""The head that every rule has: where it stands, how strong it is, when it speaks, what it leaves open."""

from collections.abc import Iterator
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainSerializer, WithJsonSchema, model_validator

from policies.conditions import Bound, Condition
from policies.decisions import Gap
from policies.form import WORD, Day, Form, Words, only
from policies.outcomes import Basis, GapState, Group, Mode
from policies.settings import CountyNote, Parameter


class Strength(StrEnum):
    MUST = "must"
    MUST_NOT = "must_not"
    IN_PRINCIPLE = "in_principle"  # 原则上: warn, and let a recorded reason through
    MAY = "may"
    ENCOURAGED = "encouraged"
    TARGET = "target"
    FACT = "fact"

    @property
    def refuses(self) -> bool:
        return self in (Strength.MUST, Strength.MUST_NOT)

    @property
    def binds(self) -> bool:
        return self.refuses or self is Strength.IN_PRINCIPLE


class OpenPoint(Form):
    """What the clause itself does not give."""

    what: str
    state: GapState
    to: str | None = None

    def of(self, rule: str) -> Gap:
        return Gap(self.what, self.state, self.to, rule)


def as_group(given: Any) -> Any:
    if isinstance(given, Group):
        return given
    if isinstance(given, str):
        return Group.of(given)
    if not isinstance(given, dict):
        raise ValueError("several terms need their mode: {all: [...]}, {any: [...]}, {each: [...]}")
    if given.keys() == {"at_least", "of"} and isinstance(given["at_least"], int):
        return Group(Mode.AT_LEAST, _terms(given["of"]), given["at_least"])
    if len(given) != 1 or (mode := next(iter(given))) not in ("all", "any", "each", "as_one"):
        raise ValueError("a group is one term or {all|any|each|as_one: [...]} or {at_least: n, of: [...]}")
    return Group(Mode(mode), _terms(given[mode]))


def _terms(given: Any) -> tuple[str, ...]:
    if not isinstance(given, list) or len(given) < 2 or not all(isinstance(word, str) for word in given):
        raise ValueError("a group with a mode lists two terms or more")
    if len(set(given)) < len(given):
        raise ValueError("a group names a term once")
    return tuple(given)


def group_as_data(group: Group) -> Any:
    """As it is written in a profile."""
    if group.mode is Mode.ONE:
        return group.terms[0]
    if group.mode is Mode.AT_LEAST:
        return {"at_least": group.count, "of": list(group.terms)}
    return {str(group.mode): list(group.terms)}


_TERMS = {"type": "array", "items": WORD, "minItems": 2, "uniqueItems": True}
GROUP_SCHEMA = {
    "description": "One term, or several with their mode.",
    "anyOf": [
        WORD,
        *(only({mode: _TERMS}) for mode in ("all", "any", "each", "as_one")),
        only({"at_least": {"type": "integer"}, "of": _TERMS}),
    ],
}
GroupForm = Annotated[
    Group, BeforeValidator(as_group), PlainSerializer(group_as_data), WithJsonSchema(GROUP_SCHEMA)
]
DayForm = Day | Parameter


class Rule(Form):
    """What a clause says. `who`: whose matter it is; without it, anybody's. `when`: speaks only where this
    holds. `excepts`: those rules are silent where this one speaks. `over`: the parent profile's rule that
    it replaces. `reading`: ambiguity ids."""

    id: str = Field(pattern=r"^[A-Za-z][\w.\-]*$")
    kind: str
    clause: str = ""
    quote: str = ""
    strength: Strength = Strength.MUST
    basis: Basis = Basis.DOCUMENT
    noted: CountyNote | None = None
    who: GroupForm | None = None
    when: Condition | None = None
    excepts: Words = ()
    over: str | None = None
    since: DayForm | None = None
    until: DayForm | None = None
    gaps: tuple[OpenPoint, ...] = ()
    reading: Words = ()
    note: str = ""

    @model_validator(mode="after")
    def _names_its_source(self) -> "Rule":
        if self.basis is Basis.DOCUMENT and not (self.clause and self.quote):
            raise ValueError("a rule of the document gives clause and quote")
        if (self.basis is Basis.COUNTY_NOTE) != (self.noted is not None):
            raise ValueError("a county note, and only it, says `noted: {by, on, paper}`")
        return self

    @cached_property
    def has_days(self) -> bool:
        """Whether it begins or ends by itself."""
        return self.since is not None or self.until is not None

    @cached_property
    def days_by_setting(self) -> tuple[Parameter, ...]:
        """Its first and its last day, where a setting gives them."""
        return tuple(day for day in (self.since, self.until) if isinstance(day, Parameter))

    @property
    def asker(self) -> Group | None:
        """Who must be asking, so that it speaks; None for anybody."""
        return None

    @property
    def open_points(self) -> tuple[Gap, ...]:
        return tuple(point.of(self.id) for point in self.gaps)

    def facts(self) -> frozenset[str]:
        """The facts that decide whether the rule speaks and what it says."""
        asked = frozenset({"who"}) if self.asker else frozenset()
        return asked | self.when.facts() if self.when else asked

    def bounds(self) -> Iterator[tuple[str, Bound]]:
        """Every bound in the rule with the fact that it limits; a number that is no fact has no name."""
        if self.when:
            yield from self.when.limited()

    @property
    def weight(self) -> int:
        """How much there is to judge before the rule has said what it says."""
        return 1 + (self.when.weight if self.when else 0)

    def subjects(self) -> tuple[str, ...]:
        """What may be asked about, so that the rule is heard."""
        return ()

    def places(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """The rule's own fields with the vocabulary words that stand in them."""
        yield "who", words_of(self.who)

    def terms(self) -> tuple[str, ...]:
        """The vocabulary words in the rule's own fields, to be checked."""
        return tuple(word for _, words in self.places() for word in words)

    def parameters(self) -> frozenset[str]:
        """The settings that the rule names, wherever in it."""
        days = {day.parameter for day in self.days_by_setting}
        return frozenset(days).union(*(bound.parameters for _, bound in self.bounds()))


class ActRule(Rule):
    """A rule about an act. `who`: whose act; without it, anybody's."""

    act: str

    @property
    def asker(self) -> Group | None:
        return self.who

    def subjects(self) -> tuple[str, ...]:
        return (self.act,)

    def places(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        yield "act", (self.act,)
        yield from super().places()


def words_of(*groups: Group | None) -> tuple[str, ...]:
    """The words of the groups that are there, in their order."""
    return tuple(word for group in groups if group for word in group.terms)
