"""Expected refusals: what the law, the state of a record or the caller's rights do not allow.

A refusal is data for the user, never a fault: the operation that raises it changes nothing (the door rolls
back), and `schema` shows it as a userError with the sentence of its code in the user's language.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Self

from policies.decisions import Decision
from policies.problems import Problem


class RefusalCode(StrEnum):
    """Stable codes; `schema/refusals.yaml` has a Chinese and an English sentence for each."""

    ALREADY_DECIDED = "ALREADY_DECIDED"
    ALREADY_REGISTERED = "ALREADY_REGISTERED"
    ALREADY_SIGNED = "ALREADY_SIGNED"
    AMBIGUOUS = "AMBIGUOUS"
    CODE_TAKEN = "CODE_TAKEN"
    CONFLICT = "CONFLICT"
    CONTENTS_LACKING = "CONTENTS_LACKING"
    DENIED = "DENIED"
    FORBIDDEN = "FORBIDDEN"
    GAVE_UP = "GAVE_UP"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    INCOMPLETE = "INCOMPLETE"
    INVALID = "INVALID"
    INVITATION_SPENT = "INVITATION_SPENT"
    IN_USE = "IN_USE"
    LOGIN_TAKEN = "LOGIN_TAKEN"
    NEEDS_JUDGEMENT = "NEEDS_JUDGEMENT"
    NOBODY_HOLDS_ORGAN = "NOBODY_HOLDS_ORGAN"
    NOT_FOUND = "NOT_FOUND"
    NOT_IN_FORCE = "NOT_IN_FORCE"
    NOT_YOUR_OWN = "NOT_YOUR_OWN"
    NOT_YOURS_TO_GIVE = "NOT_YOURS_TO_GIVE"
    NOT_YOURS_TO_SIGN = "NOT_YOURS_TO_SIGN"
    PLACE_SUSPENDED = "PLACE_SUSPENDED"
    PROFILE_FAILS = "PROFILE_FAILS"
    READING_UNCONFIRMED = "READING_UNCONFIRMED"
    REASON_REQUIRED = "REASON_REQUIRED"
    SESSION_ENDED = "SESSION_ENDED"
    SIGN_IN_FAILED = "SIGN_IN_FAILED"
    TOO_MANY_FILES = "TOO_MANY_FILES"
    TOO_MANY_JOBS = "TOO_MANY_JOBS"
    UNSPECIFIED = "UNSPECIFIED"
    WRONG_STATE = "WRONG_STATE"
    YOUR_OWN_DRAFT = "YOUR_OWN_DRAFT"


class Flaw(StrEnum):
    """What is wrong with a value that a command was given; `schema/flaws.yaml` says it in two languages."""

    AFTER_ITS_LAST_DAY = "AFTER_ITS_LAST_DAY"
    BASE_NOT_ABOVE = "BASE_NOT_ABOVE"
    BASE_NOT_IN_FORCE = "BASE_NOT_IN_FORCE"
    BASE_UNKNOWN = "BASE_UNKNOWN"
    BEFORE_ITS_FIRST_DAY = "BEFORE_ITS_FIRST_DAY"
    BEFORE_TODAY = "BEFORE_TODAY"
    BLANK = "BLANK"
    ELSEWHERE = "ELSEWHERE"
    ENDS_BEFORE_IT_BEGINS = "ENDS_BEFORE_IT_BEGINS"
    EXTENDED = "EXTENDED"
    IN_THE_FUTURE = "IN_THE_FUTURE"
    LEVEL_NOT_BELOW = "LEVEL_NOT_BELOW"
    NO_COUNTY_CODE = "NO_COUNTY_CODE"
    NO_SUCH_COUNTY = "NO_SUCH_COUNTY"
    NOT_A_LOGIN = "NOT_A_LOGIN"
    NOT_A_TABLE = "NOT_A_TABLE"
    NOT_BEGUN = "NOT_BEGUN"
    NOT_TO_BE_LENT = "NOT_TO_BE_LENT"
    NOT_KEPT = "NOT_KEPT"
    NOT_AN_APPOINTMENT = "NOT_AN_APPOINTMENT"
    NOT_TO_ACT_FOR = "NOT_TO_ACT_FOR"
    OUTSIDE_COUNTY = "OUTSIDE_COUNTY"
    NOT_OF_ITS_TYPE = "NOT_OF_ITS_TYPE"
    OUTSIDE_POST = "OUTSIDE_POST"
    OVERLAPS = "OVERLAPS"
    SEVERAL_POSTS = "SEVERAL_POSTS"
    TOO_LONG = "TOO_LONG"
    TOO_MANY = "TOO_MANY"
    TOO_MANY_DAYS = "TOO_MANY_DAYS"
    TOO_SHORT = "TOO_SHORT"
    TYPE_NOT_TAKEN = "TYPE_NOT_TAKEN"
    UNKNOWN_TIER = "UNKNOWN_TIER"
    UNKNOWN_WORD = "UNKNOWN_WORD"
    UNREADABLE_LINE = "UNREADABLE_LINE"
    UNSEEN_CHARACTER = "UNSEEN_CHARACTER"
    WITHOUT_COUNTY = "WITHOUT_COUNTY"


class Refusal(Exception):
    """`path` mirrors the input; `params` fill the sentence; `decision` is the law behind it, where there
    is one, and `obstacles` are what is wrong with the profile that it is about."""

    def __init__(
        self,
        code: RefusalCode,
        *,
        path: tuple[str, ...] = (),
        decision: Decision | None = None,
        obstacles: tuple[Problem, ...] = (),
        **params: Any,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.path = path
        self.decision = decision
        self.obstacles = obstacles
        self.params = params

    def to_keep(self) -> dict[str, Any]:
        """The params, for JSON, with the words of the law behind it: what its sentence asks for."""
        if self.decision is None:
            return self.params
        return {
            **self.params,
            "missing": "、".join(self.decision.missing),
            "quote": "；".join(f"「{cite.quote}」" for cite in self.decision.cites),
            "refers": "",
        }

    @classmethod
    def from_kept(cls, code: str, params: Mapping[str, Any]) -> Self:
        """A refusal as it was, from its code and params in JSON."""
        flaw = {"flaw": Flaw(params["flaw"])} if "flaw" in params else {}
        return cls(RefusalCode(code), **{**params, **flaw})


def invalid(flaw: Flaw, *path: str, **params: Any) -> Refusal:
    """The refusal of one value: what is wrong with it, and where it stands in the input."""
    return Refusal(RefusalCode.INVALID, path=path, flaw=flaw, **params)
