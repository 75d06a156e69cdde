"""What an answer says beside its outcome: one shape for each kind of answer."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from policies.outcomes import Amount, Group, Outcome, Step, StepAct


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
    """A number with its unit, and whether the target was reached where the document sets one.

    Of a rate, `value` is the part and `of` the whole: 1 of 20, judged in whole numbers.
    """

    value: int | Amount
    unit: str | None = None
    reached: bool | None = None
    of: int | Amount | None = None
    kind: Literal["measured"] = "measured"


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a running act stands: the step waited for (from 1; None when all are done), the parties whose
    hands are missing there, and what the actor may do in this act at all."""

    step: int | None
    waiting_for: tuple[str, ...] = ()
    may: tuple[StepAct, ...] = ()
    kind: Literal["progress"] = "progress"


@dataclass(frozen=True, slots=True)
class Owed:
    """One rule's duty in one period and for one object. Days include their ends; None where none is set."""

    rule: str
    outcome: Outcome
    period: str | None = None
    since: date | None = None
    last_day: date | None = None
    object: str | None = None
    count: int | Amount = 0
    at_least: int | Amount | None = None
    at_most: int | Amount | None = None
    lacking: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Duties:
    """What is owed, period by period and object by object, in the order of the rules and of time."""

    owed: tuple[Owed, ...]
    kind: Literal["duties"] = "duties"


@dataclass(frozen=True, slots=True)
class Result:
    """What follows for one subject. Without measures, the deciding organ chooses (A-35)."""

    rule: str
    who: Group
    liability: str | None = None
    measures: Group | None = None
    by: Group | None = None
    rectify: bool = False
    rectify_days: int | Amount | None = None
    escalates: str | None = None


@dataclass(frozen=True, slots=True)
class Consequences:
    """All results hold together. `undecided` names the rules that may add to them once more is known."""

    results: tuple[Result, ...]
    undecided: tuple[str, ...] = ()
    kind: Literal["consequences"] = "consequences"


@dataclass(frozen=True, slots=True)
class Subject:
    """Who answers for a matter, with which liability, under whom, over whom."""

    rule: str
    who: Group
    liability: str | None = None
    under: Group | None = None
    supervises: Group | None = None
    delegable: bool = True


@dataclass(frozen=True, slots=True)
class Answerable:
    subjects: tuple[Subject, ...]
    kind: Literal["answerable"] = "answerable"


@dataclass(frozen=True, slots=True)
class Powers:
    """Who holds the power that was asked about, and which powers the actor holds."""

    holders: tuple[Group, ...]
    may: tuple[str, ...] = ()
    kind: Literal["powers"] = "powers"


@dataclass(frozen=True, slots=True)
class WordList:
    """The words that a list allows, and those asked about that it does not name. An open list: 等."""

    allowed: tuple[str, ...]
    unlisted: tuple[str, ...] = ()
    closed: bool = True
    kind: Literal["word_list"] = "word_list"


@dataclass(frozen=True, slots=True)
class Validity:
    """The first and the last day on which the document holds."""

    since: date
    until: date | None
    kind: Literal["validity"] = "validity"


Body = Annotated[
    Route
    | Filing
    | Alternatives
    | Progress
    | LineUp
    | Duties
    | Consequences
    | Answerable
    | Powers
    | Measured
    | WordList
    | Validity,
    Field(discriminator="kind"),
]
