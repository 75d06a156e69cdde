"""What is asked, and what is answered. Every value here is frozen and goes to JSON and back unchanged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import TypeAdapter

from policies.bodies import Body, Filing, Route
from policies.outcomes import Ask, Basis, GapState, Origin, Outcome, RecordedValue, Step


@dataclass(frozen=True, slots=True)
class Question:
    """`about` is what the kind of question wants: ACT, STEP an act; ASSIGN, NEEDED, ASSIGNED a pair `who>to`;
    DUTY an activity or a record; FOLLOW a situation, or the number that a threshold names; ANSWERABLE a
    matter; POWER a power; MEASURE a metric; WORD a list."""

    ask: Ask
    about: str


@dataclass(frozen=True, slots=True)
class Citation:
    rule: str
    clause: str
    quote: str
    profile: str
    version: int
    basis: Basis = Basis.DOCUMENT
    origin: Origin = Origin.OWN


@dataclass(frozen=True, slots=True)
class Gap:
    """What the document does not give, and where it says one must look. `rule` is None for silence.

    `label` names it in Chinese; decisions that were stored before gaps had one come back without.
    """

    what: str
    state: GapState
    to: str | None = None
    rule: str | None = None
    label: str = ""


@dataclass(frozen=True, slots=True)
class Assumption:
    """A number or day that a reading supplied and no person has confirmed yet."""

    setting: str
    label: str
    value: RecordedValue
    reading: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Filled:
    """A number that the document leaves open and the county filled in: who, when, from which paper."""

    setting: str
    label: str
    value: RecordedValue
    by: str
    on: date
    paper: str


@dataclass(frozen=True, slots=True)
class UsedFact:
    name: str
    value: RecordedValue


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer of one profile version to one question on one day.

    `warnings` names the in-principle rules that are broken: going ahead wants a recorded reason,
    whatever the outcome is.
    """

    outcome: Outcome
    question: Question
    profile: str
    version: int
    on: date
    body: Body | None = None
    cites: tuple[Citation, ...] = ()
    warnings: tuple[str, ...] = ()
    facts: tuple[UsedFact, ...] = ()
    missing: tuple[str, ...] = ()
    gaps: tuple[Gap, ...] = ()
    assumed: tuple[Assumption, ...] = ()
    filled: tuple[Filled, ...] = ()

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.body.steps if isinstance(self.body, Route | Filing) else ()


_DECISION = TypeAdapter(Decision)


def as_data(decision: Decision) -> dict[str, Any]:
    """Plain JSON data, to be stored with a request. `from_data` gives the same decision back."""
    data: dict[str, Any] = _DECISION.dump_python(decision, mode="json")
    return data


def from_data(data: Mapping[str, Any]) -> Decision:
    return _DECISION.validate_python(data)
