"""What an answer is made of. Every value here is frozen and goes to JSON and back unchanged."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, PlainSerializer, TypeAdapter


class Ask(StrEnum):
    """The kinds of question. A word is added here when `decide` can answer it."""

    ACT = "act"  # may it go ahead, and through whose hands?
    NEEDED = "needed"  # must it exist here?
    ASSIGNED = "assigned"  # is the assignment as it must be?
    MEASURE = "measure"  # what is the number?


class Outcome(StrEnum):
    ALLOW = "allow"
    WARN = "warn"
    DENY = "deny"
    ROUTE = "route"
    FILE = "file"
    REQUIRED = "required"
    MET = "met"
    MET_LATE = "met_late"
    VIOLATED = "violated"
    NOT_YET_DUE = "not_yet_due"
    DUE = "due"
    EXCUSED = "excused"
    CONSEQUENCE = "consequence"
    ANSWER = "answer"
    NOT_APPLICABLE = "not_applicable"
    NOT_IN_FORCE = "not_in_force"
    INCOMPLETE = "incomplete"
    UNSPECIFIED = "unspecified"
    AMBIGUOUS = "ambiguous"
    NEEDS_JUDGEMENT = "needs_judgement"


WITHHELD = frozenset(
    {
        Outcome.NOT_APPLICABLE,
        Outcome.NOT_IN_FORCE,
        Outcome.INCOMPLETE,
        Outcome.UNSPECIFIED,
        Outcome.AMBIGUOUS,
        Outcome.NEEDS_JUDGEMENT,
    }
)
"""Outcomes that permit nothing and forbid nothing: the document gave no answer."""


class Basis(StrEnum):
    DOCUMENT = "document"
    PLATFORM = "platform"
    COUNTY_NOTE = "county_note"


class Origin(StrEnum):
    OWN = "own"
    INHERITED = "inherited"


class GapState(StrEnum):
    BY_REFERENCE = "by_reference"  # another document has it
    DELEGATED = "delegated"  # another organ fixes it
    MANUAL = "manual"  # words without a number
    ABSENT = "absent"  # nothing is said
    UNCLEAR = "unclear"  # two readings are possible


class Mode(StrEnum):
    ONE = "one"
    ALL = "all"  # every one, together
    ANY = "any"  # one is enough
    EACH = "each"  # every one for itself
    AS_ONE = "as_one"  # several names, one actor
    AT_LEAST = "at_least"  # so many of them


class StepAct(StrEnum):
    PROPOSE = "propose"
    CONSULT = "consult"
    REVIEW = "review"
    APPROVE = "approve"
    SIGN = "sign"
    DECIDE = "decide"
    FORM = "form"
    CARRY_OUT = "carry_out"
    FILE = "file"
    SUBMIT = "submit"
    SEND = "send"

    @property
    def only_tells(self) -> bool:
        """备案、报送: the group is told, its consent is not asked."""
        return self in (StepAct.FILE, StepAct.SUBMIT, StepAct.SEND)


# Half days and money are exact in Python and ordinary numbers in JSON.
Amount = Annotated[Decimal, PlainSerializer(float, return_type=float, when_used="json")]
RecordedValue = bool | int | Amount | str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """`about` is the act, the pair `who>to`, or the metric, as the kind of question wants it."""

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
class Group:
    mode: Mode
    terms: tuple[str, ...]
    count: int | None = None

    @classmethod
    def of(cls, term: str) -> "Group":
        return cls(Mode.ONE, (term,))


@dataclass(frozen=True, slots=True)
class Step:
    """One pair of hands. For an act that only tells, `group` is who is told and `by` who tells."""

    act: StepAct
    group: Group
    by: Group | None = None


@dataclass(frozen=True, slots=True)
class Route:
    steps: tuple[Step, ...]
    kind: Literal["route"] = "route"


@dataclass(frozen=True, slots=True)
class Filing:
    steps: tuple[Step, ...]
    kind: Literal["filing"] = "filing"


@dataclass(frozen=True, slots=True)
class Alternatives:
    """The routes between which the document does not choose."""

    routes: tuple[Route, ...]
    kind: Literal["alternatives"] = "alternatives"


@dataclass(frozen=True, slots=True)
class Asked:
    """How many one rule asks for, both ends included. None: that end is open."""

    rule: str
    at_least: Amount | int | None = None
    at_most: Amount | int | None = None


@dataclass(frozen=True, slots=True)
class LineUp:
    """How many of `who` each `to` needs, or has; `count` is what was found when it was judged."""

    who: str
    to: str
    asked: tuple[Asked, ...]
    count: int | None = None
    kind: Literal["line_up"] = "line_up"


@dataclass(frozen=True, slots=True)
class Measured:
    """A number with its unit, and whether the target was reached where the document sets one."""

    value: int | Amount
    unit: str | None = None
    reached: bool | None = None
    kind: Literal["measured"] = "measured"


@dataclass(frozen=True, slots=True)
class Validity:
    """The first and the last day on which the document holds."""

    since: date
    until: date | None
    kind: Literal["validity"] = "validity"


Body = Annotated[Route | Filing | Alternatives | LineUp | Measured | Validity, Field(discriminator="kind")]


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
