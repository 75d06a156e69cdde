"""A policy profile: one official document as data, in the document's own order."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from functools import cached_property
from typing import Annotated, Literal, NamedTuple, Self, TypeVar, cast

from pydantic import AfterValidator, Field, StrictInt, StrictStr, model_validator
from pydantic.json_schema import SkipJsonSchema

from policies import jurisdiction
from policies.circumstances import DONE, Circumstances, FactValue, recorded
from policies.decisions import Citation, Gap
from policies.form import Day, Form, Words, as_day
from policies.kinds.assignment import Assignment
from policies.kinds.code_list import CodeList
from policies.kinds.consequence import Consequence
from policies.kinds.duty import Duty
from policies.kinds.flow import Flow
from policies.kinds.guard import Guard
from policies.kinds.metric import Metric
from policies.kinds.responsibility import Responsibility
from policies.kinds.rule import DayForm, Rule
from policies.kinds.text import Text
from policies.outcomes import Origin
from policies.settings import Parameter, Setting
from policies.vocabulary import Fact, FactType, Term, Vocabulary, vocabulary

AnyRule = Annotated[
    Assignment | Responsibility | Flow | Guard | Duty | Metric | Consequence | CodeList | Text,
    Field(discriminator="kind"),
]
RuleT = TypeVar("RuleT", bound=Rule)
Code = Annotated[StrictStr, AfterValidator(jurisdiction.well_formed)]
# As long as the columns in which the record keeps them.
LONGEST_NAME, LONGEST_TITLE = 64, 200
# Half as many again as the common vocabulary has; who includes whom is followed to its end for each.
MOST_TERMS = 150
ReachWord = Literal["own", "assigned", "unit", "node", "subtree", "tenant", "any"]

# Of the sets of rules that were cited together: more than a county's questions make in a year.
_MOST_KEPT = 1_000


class Asked(NamedTuple):
    """The names of facts and of settings, each once and in order."""

    facts: tuple[str, ...]
    settings: tuple[str, ...]


class Told(NamedTuple):
    """What is told of rules that are cited together, whatever the circumstances: their citations and open
    points, the facts that they weigh, and the settings whose values are assumed or filled in."""

    cites: tuple[Citation, ...]
    gaps: tuple[Gap, ...]
    facts: tuple[str, ...]
    assumed: tuple[str, ...]
    filled: tuple[str, ...]


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
    """Which rules of a merged profile are another profile's, and which of its own take the place of one, as
    strict or not. Written by `lineage.merge`, never by hand."""

    profile: str
    version: StrictInt
    rules: tuple[str, ...]
    tightened: tuple[str, ...] = ()
    loosened: tuple[str, ...] = ()


class Profile(Form):
    """`version` is given when the profile is published and is no part of its content. `implements`: the
    documents from above that this one says it carries out."""

    id: str = Field(pattern=r"^[A-Za-z][A-Za-z0-9_\-]*$", max_length=LONGEST_NAME)
    version: StrictInt = Field(default=1, ge=1)
    title: str = Field(max_length=LONGEST_TITLE)
    number: str | None = Field(default=None, max_length=LONGEST_NAME)
    issuers: Words
    implements: Words = ()
    addressees: Words = ()
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
    inherited: SkipJsonSchema[tuple[Inheritance, ...]] = ()

    @model_validator(mode="after")
    def _names_each_rule_once(self) -> Self:
        ids = [rule.id for rule in self.rules]
        if repeated := sorted({id for id in ids if ids.count(id) > 1}):
            raise ValueError(f"a rule id stands once: {', '.join(repeated)}")
        return self

    @cached_property
    def digest(self) -> str:
        """sha256 of the content, whatever the order and the spelling of the file it was read from."""
        content = self.model_dump(mode="json", by_alias=True, exclude={"version"}, exclude_defaults=True)
        plain = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(plain.encode()).hexdigest()

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """The common words and the profile's own; the numbers that its metrics make are facts, too."""
        common = vocabulary()
        made = {name: _fact_of(metric, common, self) for name, metric in self.derived.items()}
        return common.with_own(self.terms, made | dict(self.facts))

    @cached_property
    def derived(self) -> Mapping[str, Metric]:
        """The metrics that make a number, by its name."""
        return {metric.name: metric for metric in self.of_kind(Metric) if metric.is_derived}

    @cached_property
    def days_by_setting(self) -> tuple[Parameter, ...]:
        """Its first and its last day, where a setting gives them."""
        return tuple(day for day in (self.since, self.until) if isinstance(day, Parameter))

    @cached_property
    def first_day(self) -> date:
        return self.day(self.since) or date.max

    @cached_property
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

    @property
    def own_rules(self) -> Iterator[Rule]:
        """Those that it does not inherit."""
        inherited = {id for parent in self.inherited for id in parent.rules}
        return (rule for rule in self.rules if rule.id not in inherited)

    def rule(self, id: str) -> Rule:
        """Raises KeyError for an id that is not in the profile."""
        return self._by_id[id]

    def about(self, subject: str, *kinds: type[RuleT]) -> tuple[RuleT, ...]:
        """The rules of these kinds that are heard when this is asked about, in the order of the document."""
        if (known := self._heard.get((subject, kinds))) is None:
            listed = self._by_subject.get(subject, ())
            known = tuple(rule for rule in listed if isinstance(rule, kinds))
            if listed:  # What a client makes up is not kept.
                self._heard[subject, kinds] = known
        return cast("tuple[RuleT, ...]", known)

    @cached_property
    def _heard(self) -> dict[tuple[str, tuple[type[Rule], ...]], tuple[Rule, ...]]:
        return {}

    def in_order(self, rules: Iterable[RuleT]) -> tuple[RuleT, ...]:
        """Each of them once, in the order of the document."""
        once = {rule.id: rule for rule in rules}
        if len(once) < 2:
            return tuple(once.values())
        return tuple(once[id] for id in sorted(once, key=self._places.__getitem__))

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

    def facts_of(self, rule: Rule) -> frozenset[str]:
        """The facts themselves that the rule asks for: of a metric, those that it is made from; of an
        activity, what was done; of a table, what it is over."""
        return frozenset(self.asked_by((rule,)).facts)

    def asked_by(self, rules: tuple[Rule, ...]) -> "Asked":
        """The facts and the settings that rules weigh, by themselves and through metrics."""
        ids = tuple([rule.id for rule in rules])
        if (known := self._asking.get(ids)) is None:
            if len(self._asking) > _MOST_KEPT:
                self._asking.clear()
            known = self._asking[ids] = self._found_to_ask(rules)
        return known

    def _found_to_ask(self, rules: tuple[Rule, ...]) -> "Asked":
        every = [one for rule in rules for one in self._with_metrics(rule)]
        named = frozenset[str]().union(*(one.parameters() for one in every)) & self.settings.keys()
        tables = {by for name in named if (by := self.settings[name].looked_up_by)}
        facts = tables.union(*(one.facts() for one in every)) - self.derived.keys()
        given = {name if name in self.vocabulary.facts else DONE for name in facts}
        return Asked(tuple(sorted(given)), tuple(sorted(named)))

    def _with_metrics(self, rule: Rule) -> Iterator[Rule]:
        waiting, seen = [rule], {rule.id}
        while waiting:
            yield (one := waiting.pop())
            for metric in (self.derived[name] for name in one.facts() if name in self.derived):
                if metric.id not in seen:
                    seen.add(metric.id)
                    waiting.append(metric)

    @cached_property
    def _asking(self) -> dict[tuple[str, ...], "Asked"]:
        return {}

    def told(self, rules: Iterable[Rule], weighed: Iterable[Rule] = ()) -> Told:
        """What is told of the rules that an answer cites. `weighed`: those looked at without being cited."""
        cited, beside = tuple(rules), tuple(weighed)
        key = (*[rule.id for rule in cited], "", *[rule.id for rule in beside])
        if (known := self._telling.get(key)) is None:
            if len(self._telling) > _MOST_KEPT:
                self._telling.clear()
            known = self._telling[key] = self._found_to_tell(self.in_order(cited), beside)
        return known

    def _found_to_tell(self, rules: tuple[Rule, ...], weighed: tuple[Rule, ...]) -> Told:
        asked = self.asked_by((*rules, *weighed))
        settings = {*asked.settings, *(day.parameter for day in self.days_by_setting)} & self.settings.keys()
        return Told(
            cites=tuple(self.cite(rule) for rule in rules),
            gaps=tuple(self.labelled(gap) for rule in rules for gap in rule.open_points),
            facts=asked.facts,
            assumed=tuple(name for name in sorted(settings) if self.settings[name].is_assumed),
            filled=tuple(name for name in sorted(settings) if self.settings[name].noted),
        )

    @cached_property
    def _telling(self) -> dict[tuple[str, ...], Told]:
        return {}

    def labelled(self, gap: Gap) -> Gap:
        """The gap with its Chinese name: of a setting or a word; what is neither is its own."""
        setting = self.settings.get(gap.what)
        return replace(gap, label=setting.label if setting else self.vocabulary.label(gap.what))

    def circumstances(self, facts: Mapping[str, FactValue], on: date) -> Circumstances:
        """Raises Mistake: a fault of the caller, not an answer."""
        given = recorded(facts, self.vocabulary)
        return Circumstances(given, self.settings, self.vocabulary, on, self.derived)

    def cite(self, rule: Rule) -> Citation:
        if (known := self._citations.get(rule.id)) is None:
            known = self._citations[rule.id] = self._cited(rule)
        return known

    @cached_property
    def _citations(self) -> dict[str, Citation]:
        return {}

    def _cited(self, rule: Rule) -> Citation:
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

    @cached_property
    def _by_id(self) -> Mapping[str, Rule]:
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def _places(self) -> Mapping[str, int]:
        return {rule.id: place for place, rule in enumerate(self.rules)}

    @cached_property
    def _by_subject(self) -> Mapping[str, tuple[Rule, ...]]:
        found: dict[str, list[Rule]] = {}
        for rule in self.rules:
            for subject in dict.fromkeys(rule.subjects()):
                found.setdefault(subject, []).append(rule)
        return {subject: tuple(rules) for subject, rules in found.items()}


def _fact_of(metric: Metric, common: Vocabulary, profile: Profile) -> Fact:
    """A metric as a fact: in the unit of what it adds up, or in percent."""
    facts = {**common.facts, **profile.facts}
    units = {facts[name].unit for name in metric.sum if name in facts}
    unit = "percent" if isinstance(metric.divided_by, str) else units.pop() if len(units) == 1 else None
    labels = [term.label for term in profile.terms if term.id == metric.name]
    label = labels[0] if labels else common.label(metric.name)
    return Fact.model_validate({"label": label, "type": FactType.NUMBER, "unit": unit, "from": "metric"})
