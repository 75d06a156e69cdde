"""Two questions to one engine: what must be known (`needs`), and what follows (`decide`)."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from policies import acts, line_up, measures, subjects
from policies.assignment import Assignment
from policies.circumstances import FactValue, recorded
from policies.decisions import Ask, Decision, Gap, GapState, Outcome, Question, Validity
from policies.inquiry import Inquiry
from policies.metric import Metric
from policies.profile import Profile
from policies.rule import Rule
from policies.vocabulary import FactType, vocabulary

_ANSWER = {
    Ask.ACT: acts.answer,
    Ask.NEEDED: line_up.needed,
    Ask.ASSIGNED: line_up.assigned,
    Ask.MEASURE: measures.answer,
}
_CONCERNED = {
    Ask.ACT: acts.concerned,
    Ask.NEEDED: line_up.concerned,
    Ask.ASSIGNED: line_up.concerned,
    Ask.MEASURE: measures.concerned,
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """A fact that the profile wants. `required`: it belongs to the question, so it is always asked."""

    name: str
    label: str
    type: FactType
    unit: str | None
    step: Decimal | int | None
    source: str
    required: bool


@dataclass(frozen=True, slots=True)
class Needs:
    facts: tuple[Wanted, ...]

    @property
    def names(self) -> frozenset[str]:
        return frozenset(fact.name for fact in self.facts)


def decide(profile: Profile, question: Question, facts: Mapping[str, FactValue], on: date) -> Decision:
    """The answer of the profile for that day.

    A missing fact withholds the answer and is named; it is never false by default. Raises Mistake for a
    question or a fact that cannot be meant.
    """
    _check(profile, question)
    inquiry = Inquiry(profile, question, profile.circumstances(facts, on))
    if not profile.holds_on(on):
        return inquiry.answer(Outcome.NOT_IN_FORCE, body=Validity(profile.first_day, profile.last_day))
    return _ANSWER[question.ask](inquiry)


def undocumented(question: Question, facts: Mapping[str, FactValue], on: date) -> Decision:
    """The answer where no document holds. Raises Mistake as `decide` does."""
    words = vocabulary()
    subjects.check(question, words)
    recorded(facts, words)
    gap = Gap(question.about, GapState.ABSENT, label=words.label(question.about))
    return Decision(Outcome.UNSPECIFIED, question, profile="", version=0, on=on, gaps=(gap,))


def needs(profile: Profile | None, question: Question) -> Needs:
    """The facts that the profile may want for the question, in the order of the document.

    Without a profile nothing is wanted. Raises UnknownSubject.
    """
    if profile is None:
        subjects.check(question, vocabulary())
        return Needs(())
    _check(profile, question)
    rules: tuple[Rule, ...] = _CONCERNED[question.ask](profile, question.about)
    required = frozenset(_belonging_to(question, rules))
    names = dict.fromkeys([*sorted(required), *_wanted_by(profile, rules)])
    return Needs(tuple(_wanted(profile, name, required=name in required) for name in names))


def _check(profile: Profile, question: Question) -> None:
    metrics = [metric.name for metric in profile.of_kind(Metric)]
    subjects.check(question, profile.vocabulary, metrics)


def _belonging_to(question: Question, rules: tuple[Rule, ...]) -> Iterator[str]:
    """The facts without which the question is not even asked."""
    for rule in rules:
        if rule.asker:
            yield "who"
        if question.ask is Ask.ASSIGNED and isinstance(rule, Assignment):
            yield from (side for side in line_up.SIDES if line_up.bound_of(rule, side))
        if isinstance(rule, Metric):
            yield from rule.sum


def _wanted_by(profile: Profile, rules: tuple[Rule, ...]) -> Iterator[str]:
    ids = {rule.id for rule in rules}
    for rule in profile.rules:
        if rule.id in ids or ids.intersection(rule.excepts):
            yield from sorted(rule.facts())
            named = (setting for _, bound in rule.bounds() for setting in sorted(bound.parameters))
            tables = (profile.settings[name].looked_up_by for name in named if name in profile.settings)
            yield from (fact for fact in tables if fact)


def _wanted(profile: Profile, name: str, *, required: bool) -> Wanted:
    fact = profile.vocabulary.facts[name]
    return Wanted(name, fact.label, fact.type, fact.unit, fact.step, fact.source, required)
