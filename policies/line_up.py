"""How many of one kind each of another must have (`needed`), and whether it is so (`assigned`)."""

from dataclasses import dataclass

from policies.assignment import Assignment
from policies.circumstances import Circumstances
from policies.conditions import Bound, Finding, within
from policies.decisions import Asked, Decision, LineUp, Outcome
from policies.inquiry import Inquiry
from policies.mistakes import MistypedFact
from policies.profile import Profile

SIDES = ("has", "needs")
"""What is counted: the `to` that one `who` has, or the `who` that one `to` needs."""


@dataclass(frozen=True, slots=True)
class _Heard:
    rules: list[Assignment]
    findings: list[Finding]


def concerned(profile: Profile, pair: str) -> tuple[Assignment, ...]:
    """The assignments of `who>to`."""
    who, _, to = pair.partition(">")
    return tuple(
        rule for rule in profile.of_kind(Assignment) if who in rule.who.terms and to in rule.to.terms
    )


def needed(inquiry: Inquiry) -> Decision:
    """Must it exist here? What may be absent is not required, however the document limits it."""
    rules = [rule for rule in concerned(inquiry.profile, inquiry.question.about) if rule.each_needs]
    heard = _hear(inquiry, rules, "needs")
    if isinstance(heard, Decision):
        return heard
    asked = [_asked(rule, "needs", inquiry.circumstances) for rule in heard.rules]
    minimum = [one.at_least or 0 for rule, one in zip(heard.rules, asked, strict=True) if rule.strength.binds]
    return inquiry.answer(
        Outcome.REQUIRED if any(minimum) else Outcome.NOT_APPLICABLE,
        rules=heard.rules,
        findings=heard.findings,
        body=_line_up(inquiry, asked),
    )


def assigned(inquiry: Inquiry) -> Decision:
    """Is the number as it must be, for the one side whose count is given?"""
    rules = concerned(inquiry.profile, inquiry.question.about)
    given = [side for side in SIDES if side in inquiry.circumstances.facts]
    if len(given) > 1:
        raise MistypedFact("has 和 needs 一次只能问一个", "has and needs are asked one at a time")
    if not given and (sides := {side for side in SIDES for rule in rules if bound_of(rule, side)}):
        return inquiry.answer(Outcome.INCOMPLETE, missing=sides)
    side = given[0] if given else "needs"
    heard = _hear(inquiry, [rule for rule in rules if bound_of(rule, side)], side)
    return heard if isinstance(heard, Decision) else _judged(inquiry, heard, side)


def _judged(inquiry: Inquiry, heard: _Heard, side: str) -> Decision:
    kept = {
        rule.id: within(side, bound, inquiry.circumstances)
        for rule in heard.rules
        if (bound := bound_of(rule, side))
    }
    broken = [rule for rule in heard.rules if not kept[rule.id].truth]
    violated = [rule for rule in broken if rule.strength.refuses]
    asked = [_asked(rule, side, inquiry.circumstances) for rule in broken or heard.rules]
    return inquiry.answer(
        Outcome.VIOLATED if violated else Outcome.WARN if broken else Outcome.MET,
        rules=broken or heard.rules,
        findings=[*heard.findings, *kept.values()],
        body=_line_up(inquiry, asked, side),
        warnings=[rule.id for rule in broken if rule not in violated],
    )


def _hear(inquiry: Inquiry, rules: list[Assignment], side: str) -> _Heard | Decision:
    """The rules that speak; or the answer, when that cannot be said or none does."""
    if not rules:
        return inquiry.silent()
    if not (in_force := inquiry.in_force(rules)):
        return inquiry.answer(Outcome.NOT_IN_FORCE, rules=rules)
    findings = [inquiry.speaks(rule) for rule in in_force]
    if unknown := [finding for finding in findings if finding.truth is None]:
        return inquiry.withheld(unknown, in_force)
    speaking = [rule for rule, finding in zip(in_force, findings, strict=True) if finding.truth]
    if not speaking:
        return inquiry.answer(Outcome.NOT_APPLICABLE, rules=in_force, findings=findings)
    if unset := _unset(inquiry, speaking, side):
        return inquiry.withheld([Finding(None, open=unset)], speaking)
    return _Heard(speaking, findings)


def _unset(inquiry: Inquiry, rules: list[Assignment], side: str) -> frozenset[str]:
    """The numbers that the rules name and nobody has set."""
    bounds = [bound for rule in rules if (bound := bound_of(rule, side))]
    named = frozenset().union(*(bound.parameters for bound in bounds))
    return frozenset(name for name in named if not inquiry.circumstances.knows(name))


def bound_of(rule: Assignment, side: str) -> Bound | None:
    return rule.each_has if side == "has" else rule.each_needs


def _asked(rule: Assignment, side: str, circumstances: Circumstances) -> Asked:
    bound = bound_of(rule, side)
    lowest, highest = bound.whole_numbers(circumstances) if bound else (None, None)
    return Asked(rule.id, lowest, highest)


def _line_up(inquiry: Inquiry, asked: list[Asked], side: str | None = None) -> LineUp:
    who, _, to = inquiry.question.about.partition(">")
    count = inquiry.circumstances.facts.get(side) if side else None
    return LineUp(who, to, tuple(asked), count if isinstance(count, int) else None)
