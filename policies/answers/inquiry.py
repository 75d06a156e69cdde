"""One question put to one profile on one day: which rules speak, and how the answer is drawn up."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import TypeVar

from policies.bodies import Body
from policies.circumstances import Circumstances
from policies.conditions import holds
from policies.decisions import Assumption, Decision, Filled, Gap, Question, UsedFact
from policies.findings import FALSE, TRUE, Finding, every, union
from policies.kinds.rule import Rule
from policies.outcomes import GapState, Outcome
from policies.profile import Profile
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
        return [rule for rule in rules if not rule.has_days or self._is_in_force(rule)]

    def _is_in_force(self, rule: Rule) -> bool:
        """A rule without days of its own holds as long as its document."""
        if not rule.has_days:
            return True
        on, since, until = self.circumstances.on, *map(self.profile.day, (rule.since, rule.until))
        return (since is None or since <= on) and (until is None or on <= until)

    def speaks(self, rule: Rule, heard: frozenset[str] = frozenset()) -> Finding:
        """Whether the rule speaks here: it is about the asker, its `when` holds, nothing excepts it.

        An exception that cannot be decided leaves the general rule undecided too.
        """
        if (about := self._is_about_the_asker(rule)) is FALSE:
            return FALSE
        case = holds(rule.when, self.circumstances) if rule.when else TRUE
        if not (excepting := self.profile.excepting(rule)):
            return case if about is TRUE else every((about, case))
        heard |= {rule.id}
        others = (one for one in excepting if one.id not in heard and self._is_in_force(one))
        return every((about, case, *(~self.speaks(other, heard) for other in others)))

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
        told = self.profile.told(rules, weighed)
        return Decision(
            outcome=outcome,
            question=self.question,
            profile=self.profile.id,
            version=self.profile.version,
            on=self.circumstances.on,
            body=body,
            cites=told.cites,
            warnings=tuple(warnings),
            facts=self._used(told.facts, facts),
            missing=tuple(sorted(missing)),
            gaps=(*[self.profile.labelled(gap) for gap in gaps], *told.gaps),
            assumed=tuple([self._assumption(name) for name in told.assumed]),
            filled=tuple([self._filling(name) for name in told.filled]),
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

    def _used(self, asked: tuple[str, ...], belonging: Collection[str]) -> tuple[UsedFact, ...]:
        given = self.circumstances.facts
        names = sorted({*asked, *belonging}) if belonging else asked
        return tuple([UsedFact(name, given[name]) for name in names if name in given])

    def _assumption(self, name: str) -> Assumption:
        setting = self.profile.settings[name]
        value = self.circumstances.value_of(Parameter(parameter=name))
        return Assumption(name, setting.label, "" if value is None else value, setting.reading)

    def _filling(self, name: str) -> Filled:
        setting, value = self.profile.settings[name], self.circumstances.value_of(Parameter(parameter=name))
        assert setting.noted is not None
        note = setting.noted
        return Filled(name, setting.label, "" if value is None else value, note.by, note.on, note.paper)
