"""One question put to one profile on one day: which rules speak, and how the answer is drawn up."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeVar

from policies.bodies import Body
from policies.circumstances import Circumstances, Known
from policies.conditions import HOLDS, Finding, every, holds, union
from policies.decisions import Assumption, Decision, Filled, Gap, Question, UsedFact
from policies.kinds.rule import Rule
from policies.outcomes import GapState, Outcome
from policies.profile import Profile
from policies.settings import Parameter

RuleT = TypeVar("RuleT", bound=Rule)


_WHO = frozenset(("who",))


@dataclass(frozen=True)
class Inquiry:
    profile: Profile
    question: Question
    circumstances: Circumstances

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
        if rule.when:
            findings.append(holds(rule.when, self.circumstances))
        if excepting := self.profile.excepting(rule):
            heard |= {rule.id}
            others = (one for one in excepting if one.id not in heard and self._is_in_force(one))
            findings += (~self.speaks(other, heard) for other in others)
        return every(findings)

    def _is_about_the_asker(self, rule: Rule) -> Finding:
        if (asker := rule.asker) is None:
            return HOLDS
        unknown, roles = self._roles
        return unknown or Finding(not roles.isdisjoint(asker.terms), _WHO)

    @cached_property
    def _roles(self) -> tuple[Finding | None, frozenset[str]]:
        """Who is asking, in every wider word; or that nobody said so."""
        roles = self.circumstances.known("who")
        if roles.value is None:
            return Finding(None, missing=roles.missing), frozenset()
        return None, self.circumstances.vocabulary.widen(roles.value)

    def answer(
        self,
        outcome: Outcome,
        *,
        rules: Iterable[Rule] = (),
        findings: Iterable[Finding] = (),
        body: Body | None = None,
        gaps: Iterable[Gap] = (),
        missing: Iterable[str] = (),
        warnings: Iterable[str] = (),
    ) -> Decision:
        """The decision, citing the rules in the order of the document."""
        rules, findings = self.profile.in_order(rules), tuple(findings)
        own_gaps = [gap for rule in rules for gap in rule.open_points]
        weighed, settings = self._weighed(findings, rules), self.profile.settings
        return Decision(
            outcome=outcome,
            question=self.question,
            profile=self.profile.id,
            version=self.profile.version,
            on=self.circumstances.on,
            body=body,
            cites=tuple([self.profile.cite(rule) for rule in rules]),
            warnings=tuple(warnings),
            facts=self._used(findings),
            missing=tuple(sorted(missing)),
            gaps=tuple([replace(gap, label=self.label(gap.what)) for gap in (*gaps, *own_gaps)]),
            assumed=tuple([self._assumption(name) for name in weighed if settings[name].is_assumed]),
            filled=tuple([self._filling(name) for name in weighed if settings[name].noted]),
        )

    def setting(self, given: Any) -> Known:
        """What stands in a rule, or the setting that it names; unknown where nobody has set it."""
        if not isinstance(given, Parameter):
            return Known(given)
        named, value = frozenset({given.parameter}), self.circumstances.value_of(given)
        return Known(value, settings=named) if value is not None else Known(None, open=named)

    def silent(self) -> Decision:
        """The document says nothing about it: an answer, never filled from another document."""
        return self.answer(Outcome.UNSPECIFIED, gaps=[Gap(self.question.about, GapState.ABSENT)])

    def withheld(self, findings: Iterable[Finding], rules: Iterable[Rule] = ()) -> Decision:
        """Something is unknown: the facts that are missing, or else the numbers that nobody has set.

        `rules` are those that name such a number.
        """
        findings = tuple(findings)
        if missing := frozenset().union(*(finding.missing for finding in findings)):
            return self.answer(Outcome.INCOMPLETE, findings=findings, missing=missing)
        unset = sorted(frozenset().union(*(finding.open for finding in findings)))
        gaps = [self.gap(setting) for setting in unset]
        return self.answer(Outcome.UNSPECIFIED, rules=rules, findings=findings, gaps=gaps)

    def gap(self, name: str) -> Gap:
        """An open setting, or one whose table has no value for this case."""
        setting = self.profile.settings.get(name)
        state = setting.state if setting and isinstance(setting.state, GapState) else GapState.ABSENT
        return Gap(name, state, setting.to if setting else None)

    def label(self, name: str) -> str:
        """The Chinese name of a setting or a word; a name that is neither is its own."""
        setting = self.profile.settings.get(name)
        return setting.label if setting else self.profile.vocabulary.label(name)

    def _used(self, findings: tuple[Finding, ...]) -> tuple[UsedFact, ...]:
        names = sorted(union(finding.used for finding in findings))
        return tuple([UsedFact(name, self.circumstances.facts[name]) for name in names])

    def _weighed(self, findings: tuple[Finding, ...], rules: Iterable[Rule]) -> list[str]:
        """The settings that were weighed, and those that give the days of document and cited rules."""
        names = union(finding.settings for finding in findings)
        days = [*self.profile.days_by_setting, *(day for rule in rules for day in rule.days_by_setting)]
        if not names and not days:
            return []
        return sorted((names | {day.parameter for day in days}) & self.profile.settings.keys())

    def _assumption(self, name: str) -> Assumption:
        setting = self.profile.settings[name]
        value = self.circumstances.value_of(Parameter(parameter=name))
        return Assumption(name, setting.label, "" if value is None else value, setting.reading)

    def _filling(self, name: str) -> Filled:
        setting, value = self.profile.settings[name], self.circumstances.value_of(Parameter(parameter=name))
        assert setting.noted is not None
        note = setting.noted
        return Filled(name, setting.label, "" if value is None else value, note.by, note.on, note.paper)
