"""How many of one kind each of another must have (`needed`), whether it is so (`assigned`), and whether one
more may be assigned (`assign`)."""

from collections.abc import Iterable

from policies.answers.inquiry import Inquiry
from policies.bodies import Asked, LineUp
from policies.circumstances import Circumstances
from policies.conditions import Bound, holds, within
from policies.decisions import Decision
from policies.findings import Finding, every, union
from policies.kinds.assignment import Assignment
from policies.kinds.rule import Strength
from policies.mistakes import MistypedFact
from policies.outcomes import Outcome
from policies.profile import Profile

SIDES = ("has", "needs")
"""What is counted: the `to` that one `who` has, or the `who` that one `to` needs."""


def concerned(profile: Profile, pair: str) -> tuple[Assignment, ...]:
    """The assignments of `who>to`."""
    return profile.about(pair, Assignment)


def needed(inquiry: Inquiry) -> Decision:
    """Must it exist here? What may be absent is not required, however the document limits it."""
    rules = [rule for rule in concerned(inquiry.profile, inquiry.question.about) if rule.each_needs]
    speaking = _hear(inquiry, rules, "needs")
    if isinstance(speaking, Decision):
        return speaking
    asked = [_asked(rule, "needs", inquiry.circumstances) for rule in speaking]
    minimum = [one.at_least or 0 for rule, one in zip(speaking, asked, strict=True) if rule.strength.binds]
    outcome = Outcome.REQUIRED if any(minimum) else Outcome.NOT_APPLICABLE
    return inquiry.answer(outcome, rules=speaking, body=_line_up(inquiry, asked))


def assigned(inquiry: Inquiry) -> Decision:
    """Is the number as it must be, for the one side whose count is given?"""
    rules = concerned(inquiry.profile, inquiry.question.about)
    given = [side for side in SIDES if side in inquiry.circumstances.facts]
    if len(given) > 1:
        raise MistypedFact("has 和 needs 一次只能问一个", "has and needs are asked one at a time")
    if not given and (sides := {side for side in SIDES for rule in rules if bound_of(rule, side)}):
        return inquiry.answer(Outcome.INCOMPLETE, missing=sides)
    side = given[0] if given else "needs"
    speaking = _hear(inquiry, [rule for rule in rules if bound_of(rule, side)], side)
    return speaking if isinstance(speaking, Decision) else _judged(inquiry, speaking, side)


def assign(inquiry: Inquiry) -> Decision:
    """May one more be assigned? `has` and `needs` are the counts as they will be after it; too few of them is
    no ground to refuse one more. A refusal stands whatever else is unknown."""
    rules = concerned(inquiry.profile, inquiry.question.about)
    if not rules:
        return inquiry.silent()
    if not (in_force := inquiry.in_force(rules)):
        return inquiry.answer(Outcome.NOT_IN_FORCE, rules=rules)
    heard = [(rule, inquiry.speaks(rule)) for rule in in_force]
    broken = {rule.id: every([finding, ~_admits(inquiry, rule)]) for rule, finding in heard}
    if refusing := [rule for rule in in_force if broken[rule.id].truth and rule.strength.refuses]:
        return _answered(inquiry, Outcome.DENY, refusing)
    if unknown := [rule for rule in in_force if broken[rule.id].truth is None]:
        return inquiry.withheld([broken[rule.id] for rule in unknown], unknown)
    if not (speaking := [rule for rule, finding in heard if finding.truth]):
        return inquiry.answer(Outcome.NOT_APPLICABLE, rules=in_force)
    warned = [rule for rule in speaking if broken[rule.id].truth and rule.strength is Strength.IN_PRINCIPLE]
    return _answered(inquiry, Outcome.WARN if warned else Outcome.ALLOW, warned or speaking, warned)


def _answered(
    inquiry: Inquiry, outcome: Outcome, rules: list[Assignment], warned: Iterable[Assignment] = ()
) -> Decision:
    side = next((side for side in SIDES if any(bound_of(rule, side) for rule in rules)), None)
    asked = [_asked(rule, side, inquiry.circumstances) for rule in rules if side and bound_of(rule, side)]
    return inquiry.answer(
        outcome,
        rules=rules,
        facts=union((frozenset(SIDES), *(rule.candidate_facts for rule in rules))),
        body=_line_up(inquiry, asked, side) if asked else None,
        warnings=[rule.id for rule in warned],
    )


def _admits(inquiry: Inquiry, rule: Assignment) -> Finding:
    """Whether the candidate is eligible under the rule, and no count goes above what it allows."""
    counts = [_below_the_most(inquiry, rule, side) for side in SIDES]
    return every([holds(rule.eligible, inquiry.circumstances), *(one for one in counts if one)])


def limits_above(rule: Assignment, side: str) -> bool:
    bound = bound_of(rule, side)
    return bound is not None and bound.upper is not None


def _below_the_most(inquiry: Inquiry, rule: Assignment, side: str) -> Finding | None:
    bound = bound_of(rule, side)
    if bound is None or (most := bound.upper) is None:
        return None
    return within(side, most, inquiry.circumstances)


def _judged(inquiry: Inquiry, rules: list[Assignment], side: str) -> Decision:
    bounds = {rule.id: bound for rule in rules if (bound := bound_of(rule, side))}
    broken = [rule for rule in rules if not within(side, bounds[rule.id], inquiry.circumstances).truth]
    violated = [rule for rule in broken if rule.strength.refuses]
    asked = [_asked(rule, side, inquiry.circumstances) for rule in broken or rules]
    return inquiry.answer(
        Outcome.VIOLATED if violated else Outcome.WARN if broken else Outcome.MET,
        rules=broken or rules,
        facts=(side,),
        body=_line_up(inquiry, asked, side),
        warnings=[rule.id for rule in broken if rule not in violated],
    )


def _hear(inquiry: Inquiry, rules: list[Assignment], side: str) -> list[Assignment] | Decision:
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
        return inquiry.answer(Outcome.NOT_APPLICABLE, rules=in_force)
    if unset := _unset(inquiry, speaking, side):
        return inquiry.withheld([Finding(None, open=unset)], speaking)
    return speaking


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
