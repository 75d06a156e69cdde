"""A policy profile: one official document as data, in the document's own order."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import AfterValidator, Field, StrictInt, StrictStr, model_validator

from policies import jurisdiction
from policies.assignment import Assignment
from policies.circumstances import Circumstances, FactValue, recorded
from policies.decisions import Citation, Origin
from policies.flow import Flow
from policies.form import Day, Form, Words, as_day
from policies.guard import Guard
from policies.metric import Metric
from policies.rule import DayForm, Rule
from policies.settings import Parameter, Setting
from policies.text import Text
from policies.vocabulary import Fact, Term, Vocabulary, vocabulary

AnyRule = Annotated[Flow | Guard | Assignment | Metric | Text, Field(discriminator="kind")]
RuleT = TypeVar("RuleT", bound=Rule)
Code = Annotated[StrictStr, AfterValidator(jurisdiction.well_formed)]
# As long as the columns in which the record keeps them.
LONGEST_NAME, LONGEST_TITLE = 64, 200
# Half as many again as the common vocabulary has; who includes whom is followed to its end for each.
MOST_TERMS = 150
ReachWord = Literal["own", "assigned", "unit", "node", "subtree", "tenant", "any"]


class ParentPin(Form):
    """The parent profile, at the version that was read when this one was made."""

    id: str
    version: StrictInt = Field(ge=1)


class Authority(Form):
    """Who acts for an organ."""

    organ: str
    role: str
    reach: ReachWord


class Grant(Form):
    """What a role may do, in `noun.verb`, and how far. A deny is always stronger than an allow."""

    role: str
    permission: str = Field(pattern=r"^[a-z_]+\.[a-z_]+$")
    reach: ReachWord
    effect: Literal["allow", "deny"] = "allow"
    clause: str = ""


class Inheritance(Form):
    """Which rules of a merged profile are another profile's. Written by `lineage.merge`, never by hand."""

    profile: str
    version: StrictInt
    rules: tuple[str, ...]


class Profile(Form):
    """`version` is given when the profile is published and is no part of its content."""

    id: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_\-]*$", max_length=LONGEST_NAME)
    version: StrictInt = Field(default=1, ge=1)
    title: str = Field(max_length=LONGEST_TITLE)
    number: str | None = Field(default=None, max_length=LONGEST_NAME)
    issuers: Words
    division: Code | None = None
    level: jurisdiction.Level
    parent: ParentPin | None = None
    since: DayForm
    until: DayForm | None = None
    text: str | None = None
    reviewed_on: Day
    note: str = ""
    terms: tuple[Term, ...] = Field(default=(), max_length=MOST_TERMS)
    facts: dict[str, Fact] = Field(default={})
    settings: dict[str, Setting] = Field(default={})
    authorities: tuple[Authority, ...] = ()
    grants: tuple[Grant, ...] = ()
    rules: tuple[AnyRule, ...] = ()
    inherited: tuple[Inheritance, ...] = ()

    @model_validator(mode="after")
    def _names_each_rule_once(self) -> Self:
        ids = [rule.id for rule in self.rules]
        if repeated := sorted({id for id in ids if ids.count(id) > 1}):
            raise ValueError(f"a rule id stands once: {', '.join(repeated)}")
        return self

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        copied = super().model_copy(update=update, deep=deep)
        # pydantic copies what was computed from the old content, too.
        for computed in ("digest", "vocabulary", "_exceptions"):
            copied.__dict__.pop(computed, None)
        return copied

    @cached_property
    def digest(self) -> str:
        """sha256 of the content, whatever the order and the spelling of the file it was read from."""
        content = self.model_dump(mode="json", by_alias=True, exclude={"version"}, exclude_defaults=True)
        plain = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(plain.encode()).hexdigest()

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The common words and the profile's own."""
        return vocabulary().with_own(self.terms, self.facts)

    @property
    def first_day(self) -> date:
        return self.day(self.since) or date.max

    @property
    def last_day(self) -> date | None:
        return self.day(self.until)

    def holds_on(self, on: date) -> bool:
        """Whether the document is in force: its first and its last day are within."""
        return self.first_day <= on and (self.last_day is None or on <= self.last_day)

    def day(self, given: date | Parameter | None) -> date | None:
        """A day that stands in the profile, by itself or through a setting that gives one."""
        if isinstance(given, Parameter):
            value = self.settings[given.parameter].value if given.parameter in self.settings else None
            return as_day(value)
        return given

    def rule(self, id: str) -> Rule:
        """Raises KeyError for an id that is not in the profile."""
        return self._by_id()[id]

    def excepting(self, rule: Rule) -> tuple[Rule, ...]:
        """The rules that name it as the one that they except, in the order of the document."""
        return self._exceptions.get(rule.id, ())

    @cached_property
    def _exceptions(self) -> Mapping[str, tuple[Rule, ...]]:
        found: dict[str, tuple[Rule, ...]] = {}
        for rule in self.rules:
            for id in dict.fromkeys(rule.excepts):
                found[id] = (*found.get(id, ()), rule)
        return found

    def of_kind(self, kind: type[RuleT]) -> Iterator[RuleT]:
        return (rule for rule in self.rules if isinstance(rule, kind))

    def circumstances(self, facts: Mapping[str, FactValue], on: date) -> Circumstances:
        """Raises Mistake: a fault of the caller, not an answer."""
        return Circumstances(recorded(facts, self.vocabulary), self.settings, self.vocabulary, on)

    def cite(self, rule: Rule) -> Citation:
        origin = next((parent for parent in self.inherited if rule.id in parent.rules), None)
        return Citation(
            rule=rule.id,
            clause=rule.clause,
            quote=rule.quote,
            profile=origin.profile if origin else self.id,
            version=origin.version if origin else self.version,
            basis=rule.basis,
            origin=Origin.INHERITED if origin else Origin.OWN,
        )

    def _by_id(self) -> dict[str, Rule]:
        return {rule.id: rule for rule in self.rules}
