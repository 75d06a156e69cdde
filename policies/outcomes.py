"""The closed lists and small values that questions, rules and answers share."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated

from pydantic import PlainSerializer


class Ask(StrEnum):
    """The kinds of question. A word is added here when `decide` can answer it."""

    ACT = "act"  # may it go ahead, and through whose hands?
    STEP = "step"  # may this party take this step of a running act now, may the act take effect?
    ASSIGN = "assign"  # may one more be assigned, is this candidate eligible?
    NEEDED = "needed"  # must it exist here?
    ASSIGNED = "assigned"  # is the assignment as it must be?
    DUTY = "duty"  # is what is owed done, in each period and for each object?
    FOLLOW = "follow"  # what follows from this situation or number, for whom, decided by whom?
    ANSWERABLE = "answerable"  # who answers for this matter, with which liability?
    POWER = "power"  # may this actor do that by itself?
    MEASURE = "measure"  # what is the number?
    WORD = "word"  # are these words allowed here?


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
def _number(amount: Decimal) -> int | float:
    return int(amount) if amount == int(amount) else float(amount)


Amount = Annotated[Decimal, PlainSerializer(_number, return_type=int | float, when_used="json")]


@dataclass(frozen=True, slots=True)
class Event:
    """One entry of a history: what was (`name`: an activity, a record, a result, an object's id), and when.

    `until` is the last day of what lasts (a leave, an object's time). `amount` counts in the unit of the
    history. `contents` are the fields and attachments that were there. `step`: the place in a route, from 1.
    """

    name: str
    on: date | None = None
    until: date | None = None
    object: str | None = None
    by: str | None = None
    amount: Amount | int = 1
    contents: tuple[str, ...] = ()
    step: int | None = None


RecordedValue = bool | int | Amount | str | tuple[str, ...] | tuple[Event, ...]


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
