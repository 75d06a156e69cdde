"""One question put to one profile on one day: which rules speak, and how the answer is drawn up."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from typing import TypeVar

from policies.bodies import Body
from policies.circumstances import Circumstances
from policies.conditions import holds
from policies.decisions import Assumption, Decision, Filled, Gap, Question, UsedFact
from policies.findings import FALSE, TRUE, Finding, every, union
from policies.kinds.rule import Rule
from policies.outcomes import GapState, Outcome
from policies.profile import Asked, Profile
from policies.settings import Parameter

RuleT = TypeVar("RuleT", bound=Rule)


@dataclass(frozen=True, slots=True)
class Inquiry:
    """`_roles`: who is asking, in every wider word; `_unasked`: that nobody said so."""

    profile: Profile
    question: Question
    circumstances: Circumstances
    _roles: frozenset[str] = field(init=False, repr=False)
    _unasked: Finding | None = field(init=False, repr=False)

    def __post_init__(self) -> None:
        roles = self.circumstances.known("who")
        unasked = Finding(None, roles.missing) if roles.value is None else None
        wide = self.circumstances.vocabulary.widen(roles.value or ())
        object.__setattr__(self, "_roles", wide)
        object.__setattr__(self, "_unasked", unasked)

    def in_force(self, rules: Iterable[RuleT]) -> list[RuleT]:
        return [rule for rule in rules if self._is_in_force(rule)]

    def _is_in_force(self, rule: Rule) -> bool:
        """A rule without days of its own holds as long as its document."""
        if rule.since is None and rule.until is None:
            return True
        on, since, until = self.circumstances.on, *map(self.profile.day, (rule.since, rule.until))
        return (since is None or since <= on) and (until is None or on <= until)

    def speaks(self, rule: Rule, heard: frozenset[str] = frozenset()) -> Finding:
        """Whether the rule speaks here: it is about the asker, its `when` holds, nothing excepts it.

        An exception that cannot be decided leaves the general rule undecided too.
        """
        findings = [self._is_about_the_asker(rule)]
        if findings[0].truth is False:
            return FALSE
        if rule.when:
            findings.append(holds(rule.when, self.circumstances))
        if excepting := self.profile.excepting(rule):
            heard |= {rule.id}
            others = (one for one in excepting if one.id not in heard and self._is_in_force(one))
            findings += (~self.speaks(other, heard) for other in others)
        return every(findings)

    def _is_about_the_asker(self, rule: Rule) -> Finding:
        if (asker := rule.asker) is None:
            return TRUE
        return self._unasked or (FALSE if self._roles.isdisjoint(asker.terms) else TRUE)

    def answer(
        self,
        outcome: Outcome,
        *,
        rules: Iterable[Rule] = (),
        weighed: Iterable[Rule] = (),
        facts: Collection[str] = (),
        body: Body | None = None,
        gaps: Iterable[Gap] = (),
        missing: Iterable[str] = (),
        warnings: Iterable[str] = (),
    ) -> Decision:
        """The decision, citing the rules in the order of the document.

        The facts that it used are those that the rules ask for, and `facts`, which belong to the question.
        `weighed`: rules that were looked at without being cited.
        """
        rules = self.profile.in_order(rules)
        asked = self.profile.asked_by((*rules, *weighed))
        settings, given = self.profile.settings, self._settings(asked)
        own_gaps = [gap for rule in rules for gap in rule.open_points]
        return Decision(
            outcome=outcome,
            question=self.question,
            profile=self.profile.id,
            version=self.profile.version,
            on=self.circumstances.on,
            body=body,
            cites=tuple([self.profile.cite(rule) for rule in rules]),
            warnings=tuple(warnings),
            facts=self._used(asked, facts),
            missing=tuple(sorted(missing)),
            gaps=tuple([replace(gap, label=self.label(gap.what)) for gap in (*gaps, *own_gaps)]),
            assumed=tuple([self._assumption(name) for name in given if settings[name].is_assumed]),
            filled=tuple([self._filling(name) for name in given if settings[name].noted]),
        )

    def silent(self) -> Decision:
        """The document says nothing about it: an answer, never filled from another document."""
        return self.answer(Outcome.UNSPECIFIED, gaps=[Gap(self.question.about, GapState.ABSENT)])

    def withheld(self, findings: Iterable[Finding], rules: Iterable[Rule] = ()) -> Decision:
        """Something is unknown: the facts that are missing, or else the numbers that nobody has set.

        `rules` are those that could not be decided.
        """
        findings = tuple(findings)
        if missing := union(finding.missing for finding in findings):
            return self.answer(Outcome.INCOMPLETE, weighed=rules, missing=missing)
        gaps = [self.gap(name) for name in sorted(union(finding.open for finding in findings))]
        return self.answer(Outcome.UNSPECIFIED, rules=rules, gaps=gaps)

    def gap(self, name: str) -> Gap:
        """An open setting, or one whose table has no value for this case."""
        setting = self.profile.settings.get(name)
        state = setting.state if setting and isinstance(setting.state, GapState) else GapState.ABSENT
        return Gap(name, state, setting.to if setting else None)

    def label(self, name: str) -> str:
        """The Chinese name of a setting or a word; a name that is neither is its own."""
        setting = self.profile.settings.get(name)
        return setting.label if setting else self.profile.vocabulary.label(name)

    def _used(self, asked: Asked, belonging: Collection[str]) -> tuple[UsedFact, ...]:
        given = self.circumstances.facts
        names = sorted({*asked.facts, *belonging}) if belonging else asked.facts
        return tuple([UsedFact(name, given[name]) for name in names if name in given])

    def _settings(self, asked: Asked) -> Iterable[str]:
        """The settings that the rules weigh, and those that give the document's days."""
        if not (days := self.profile.days_by_setting):
            return asked.settings
        return sorted({*asked.settings, *(day.parameter for day in days)} & self.profile.settings.keys())

    def _assumption(self, name: str) -> Assumption:
        setting = self.profile.settings[name]
        value = self.circumstances.value_of(Parameter(parameter=name))
        return Assumption(name, setting.label, "" if value is None else value, setting.reading)

    def _filling(self, name: str) -> Filled:
        setting, value = self.profile.settings[name], self.circumstances.value_of(Parameter(parameter=name))
        assert setting.noted is not None
        note = setting.noted
        return Filled(name, setting.label, "" if value is None else value, note.by, note.on, note.paper)
