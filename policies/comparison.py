"""Several profiles side by side: the answers of each to the same questions, and its rules on each subject.

A document that does not know a word or a fact is silent about it; it is not asked wrongly.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from policies.circumstances import FactValue
from policies.decisions import Decision, Gap, Question
from policies.kinds.rule import Rule
from policies.kinds.text import Text
from policies.mistakes import Mistake
from policies.outcomes import GapState, Outcome
from policies.probes import Probe, probes
from policies.profile import Profile
from policies.questions import decide
from policies.settings import Setting


@dataclass(frozen=True, slots=True)
class Inquest:
    """One question with the facts it is asked about; `probe` where it is one of the usual ones."""

    question: Question
    facts: Mapping[str, FactValue]
    probe: Probe | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """The answers to one question, in the order of the profiles."""

    asked: Inquest
    decisions: tuple[Decision, ...]

    @property
    def differs(self) -> bool:
        """Whether any two answers say another thing; by which rule they say it does not matter."""
        first, *others = ((one.outcome, one.body) for one in self.decisions)
        return any(other != first for other in others)


@dataclass(frozen=True, slots=True)
class Subject:
    """What may be asked about, with the rules that each profile has on it, in the order of the profiles."""

    about: str
    label: str
    rules: tuple[tuple[Rule, ...], ...]

    @property
    def differs(self) -> bool:
        """Whether one speaks of it and another does not."""
        return len({bool(rules) for rules in self.rules}) > 1


def usual() -> tuple[Inquest, ...]:
    """The questions that every county is asked."""
    return tuple(Inquest(probe.question, probe.facts, probe) for probe in probes())


def compare(profiles: Sequence[Profile], asked: Iterable[Inquest], on: date) -> tuple[Row, ...]:
    """One row for each question. Raises Mistake for a question that none of the profiles can be asked."""
    return tuple(_row(profiles, one, on) for one in asked)


def subjects(profiles: Sequence[Profile]) -> tuple[Subject, ...]:
    """Whatever any of them speaks of, in the order of the documents, the first one's first. Narrative is no
    subject."""
    ruling = (rule for profile in profiles for rule in profile.rules if not isinstance(rule, Text))
    named = dict.fromkeys(about for rule in ruling for about in rule.subjects())
    return tuple(_subject(profiles, about) for about in named)


def open_settings(profile: Profile) -> Mapping[str, Setting]:
    """The numbers that the document does not give, and those that only a reading supplies."""
    return {name: one for name, one in profile.settings.items() if one.state is not None}


def _row(profiles: Sequence[Profile], asked: Inquest, on: date) -> Row:
    answers = [_answer(profile, asked, on) for profile in profiles]
    mistakes = [one for one in answers if isinstance(one, Mistake)]
    if mistakes and len(mistakes) == len(answers):
        raise mistakes[0]
    said = zip(profiles, answers, strict=True)
    return Row(asked, tuple(_silence(p, asked, on) if isinstance(a, Mistake) else a for p, a in said))


def _answer(profile: Profile, asked: Inquest, on: date) -> Decision | Mistake:
    known = {name: value for name, value in asked.facts.items() if name in profile.vocabulary.facts}
    try:
        return decide(profile, asked.question, known, on)
    except Mistake as mistake:
        return mistake


def _silence(profile: Profile, asked: Inquest, on: date) -> Decision:
    about = asked.question.about
    gap = Gap(about, GapState.ABSENT, label=profile.vocabulary.label(about))
    return Decision(Outcome.UNSPECIFIED, asked.question, profile.id, profile.version, on, gaps=(gap,))


def _subject(profiles: Sequence[Profile], about: str) -> Subject:
    label = next((one for one in (_label(profile, about) for profile in profiles) if one != about), about)
    heard = (profile.about(about, Rule) for profile in profiles)
    return Subject(about, label, tuple(tuple(r for r in rules if not isinstance(r, Text)) for rules in heard))


def _label(profile: Profile, about: str) -> str:
    """The name of a word, or of a fact that a threshold weighs."""
    fact = profile.vocabulary.facts.get(about)
    return fact.label if fact is not None else profile.vocabulary.label(about)
