"""Two questions to one engine: what must be known (`needs`), and what follows (`decide`)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from policies.answers import (
    acts,
    consequences,
    duties,
    line_up,
    measures,
    responsibilities,
    steps,
    subjects,
    words,
)
from policies.answers.inquiry import Inquiry
from policies.bodies import Validity
from policies.circumstances import FactValue, recorded
from policies.decisions import Decision, Gap, Question
from policies.kinds.assignment import Assignment
from policies.kinds.code_list import CodeList
from policies.kinds.consequence import Consequence
from policies.kinds.duty import Duty
from policies.kinds.metric import Metric
from policies.kinds.responsibility import Responsibility
from policies.kinds.rule import ActRule, Rule
from policies.outcomes import Ask, GapState, Outcome
from policies.profile import Profile
from policies.vocabulary import FactType, vocabulary


@dataclass(frozen=True, slots=True)
class _Answering:
    """How one kind of question is answered, from which rules, and the facts without which it is not asked."""

    answer: Callable[[Inquiry], Decision]
    concerned: Callable[[Profile, str], tuple[Rule, ...]]
    belonging: tuple[str, ...] = ()


_ANSWERING: Mapping[Ask, _Answering] = {
    Ask.ACT: _Answering(acts.answer, acts.concerned),
    Ask.STEP: _Answering(steps.answer, steps.concerned, ("attempt", "actor", "signed")),
    Ask.ASSIGN: _Answering(line_up.assign, line_up.concerned),
    Ask.NEEDED: _Answering(line_up.needed, line_up.concerned),
    Ask.ASSIGNED: _Answering(line_up.assigned, line_up.concerned),
    Ask.DUTY: _Answering(duties.answer, duties.concerned),
    Ask.FOLLOW: _Answering(consequences.answer, consequences.concerned),
    Ask.ANSWERABLE: _Answering(responsibilities.answerable, responsibilities.about_matter),
    Ask.POWER: _Answering(responsibilities.power, responsibilities.about_power, ("actor",)),
    Ask.MEASURE: _Answering(measures.answer, measures.concerned),
    Ask.WORD: _Answering(words.answer, words.concerned, ("words",)),
}


# The kinds of rule that are heard by what is asked about.
_HEARD: Mapping[Ask, type[Rule]] = {
    Ask.ACT: ActRule,
    Ask.STEP: ActRule,
    Ask.ASSIGN: Assignment,
    Ask.NEEDED: Assignment,
    Ask.ASSIGNED: Assignment,
    Ask.DUTY: Duty,
    Ask.FOLLOW: Consequence,
    Ask.ANSWERABLE: Responsibility,
    Ask.MEASURE: Metric,
    Ask.WORD: CodeList,
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
    return _ANSWERING[question.ask].answer(inquiry)


def undocumented(question: Question, facts: Mapping[str, FactValue], on: date) -> Decision:
    """The answer where no document holds. Raises Mistake as `decide` does."""
    known = vocabulary()
    subjects.check(question, known, _numbers(question))
    recorded(facts, known)
    gap = Gap(question.about, GapState.ABSENT, label=known.label(question.about))
    return Decision(Outcome.UNSPECIFIED, question, profile="", version=0, on=on, gaps=(gap,))


def needs(profile: Profile | None, question: Question) -> Needs:
    """The facts that the profile may want for the question, in the order of the document.

    Without a profile nothing is wanted. Raises UnknownSubject.
    """
    if profile is None:
        subjects.check(question, vocabulary(), _numbers(question))
        return Needs(())
    _check(profile, question)
    rules = _ANSWERING[question.ask].concerned(profile, question.about)
    required = frozenset(_belonging_to(question, rules, profile))
    names = dict.fromkeys([*sorted(required), *_wanted_by(question, rules, profile)])
    return Needs(tuple(_wanted(profile, name, required=name in required) for name in names))


def _check(profile: Profile, question: Question) -> None:
    """What the document speaks of is asked rightly."""
    heard = _HEARD.get(question.ask)
    if heard is None or not profile.about(question.about, heard):
        subjects.check(question, profile.vocabulary, frozenset(_spoken_of(profile, question)))


def _numbers(question: Question) -> frozenset[str]:
    """A number of the common words may be weighed by any document."""
    is_number = question.ask is Ask.FOLLOW and question.about in vocabulary().facts
    return frozenset({question.about} if is_number else ())


def _spoken_of(profile: Profile, question: Question) -> Iterator[str]:
    """What the document has of its own to be asked about: whatever its rules are about, its metrics, and
    any number to be weighed."""
    if question.ask is Ask.MEASURE:
        yield from (metric.name for metric in profile.of_kind(Metric))
    is_number = question.ask is Ask.FOLLOW and question.about in profile.vocabulary.facts
    if is_number or (question.ask is not Ask.POWER and profile.about(question.about, _HEARD[question.ask])):
        yield question.about


def _belonging_to(question: Question, rules: tuple[Rule, ...], profile: Profile) -> Iterator[str]:
    """The facts without which the question is not even asked."""
    if rules:
        yield from _ANSWERING[question.ask].belonging
    for rule in rules:
        if rule.asker:
            yield "who"
        if question.ask is Ask.ASSIGNED and isinstance(rule, Assignment):
            yield from (side for side in line_up.SIDES if line_up.bound_of(rule, side))
        if isinstance(rule, Metric):
            yield from profile.facts_of(rule)
        if isinstance(rule, Duty):
            yield from duties.belonging(rule)


def _wanted_by(question: Question, rules: tuple[Rule, ...], profile: Profile) -> Iterator[str]:
    ids = {rule.id for rule in rules}
    for rule in profile.rules:
        if rule.id in ids or ids.intersection(rule.excepts):
            yield from sorted(profile.facts_of(rule))
            if question.ask is Ask.ASSIGN and isinstance(rule, Assignment):
                yield from sorted(rule.candidate_facts)
                yield from (side for side in line_up.SIDES if line_up.limits_above(rule, side))


def _wanted(profile: Profile, name: str, *, required: bool) -> Wanted:
    fact = profile.vocabulary.facts[name]
    return Wanted(name, fact.label, fact.type, fact.unit, fact.step, fact.source, required)
