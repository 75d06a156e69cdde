"""May an act go ahead, and through whose hands?

Guards that deny come first, then guards and flows that cannot be decided, then the flows, and last
the warnings. An act that has flows of which none speaks is unspecified, never allowed.
"""

from collections.abc import Iterator
from typing import NamedTuple

from policies.answers.inquiry import Inquiry
from policies.bodies import Alternatives, Filing, Route
from policies.decisions import Decision, Gap
from policies.findings import FALSE, TRUE, Finding, every
from policies.kinds.flow import Flow
from policies.kinds.guard import Guard
from policies.kinds.rule import Rule
from policies.kinds.text import Text
from policies.outcomes import GapState, Outcome, Step
from policies.profile import Profile


class _Heard(NamedTuple):
    """One guard: whether it speaks, and whether it is broken."""

    guard: Guard
    speaks: Finding
    broken: Finding


def concerned(profile: Profile, act: str) -> tuple[Flow | Guard, ...]:
    """The rules that can decide the act."""
    return profile.about(act, Flow, Guard)


def answer(inquiry: Inquiry) -> Decision:
    profile, act = inquiry.profile, inquiry.question.about
    flows, guards = profile.about(act, Flow), profile.about(act, Guard)
    if not (flows or guards):
        return inquiry.silent()
    flowing, guarding = inquiry.in_force(flows), inquiry.in_force(guards)
    if not (flowing or guarding):
        return inquiry.answer(Outcome.NOT_IN_FORCE, rules=(*guards, *flows))
    heard = [_hear(inquiry, guard) for guard in guarding]
    if denying := [one.guard for one in heard if one.guard.strength.refuses and one.broken.truth]:
        return inquiry.answer(Outcome.DENY, rules=denying)
    spoken = [(flow, inquiry.speaks(flow)) for flow in flowing]
    undecided: list[tuple[Rule, Finding]] = [*((one.guard, one.broken) for one in heard), *spoken]
    if unknown := [(rule, finding) for rule, finding in undecided if finding.truth is None]:
        return inquiry.withheld([finding for _, finding in unknown], [rule for rule, _ in unknown])
    speaking = [one for one in heard if one.speaks.truth]
    return _routed(inquiry, speaking, spoken) if flows else _allowed(inquiry, speaking)


def _hear(inquiry: Inquiry, guard: Guard) -> _Heard:
    if (speaks := inquiry.speaks(guard)) is FALSE:
        return _Heard(guard, FALSE, FALSE)
    broken = ~guard.kept(inquiry.circumstances)
    return _Heard(guard, speaks, broken if speaks is TRUE else every((speaks, broken)))


def _allowed(inquiry: Inquiry, guards: list[_Heard]) -> Decision:
    """No document sends this act through anybody's hands, and no guard forbids it."""
    warnings = _warnings(guards)
    return inquiry.answer(
        Outcome.WARN if warnings else Outcome.ALLOW,
        rules=[*(one.guard for one in guards), *_told_beside(inquiry)],
        warnings=warnings,
    )


def _routed(inquiry: Inquiry, guards: list[_Heard], flows: list[tuple[Flow, Finding]]) -> Decision:
    speaking = [flow for flow, finding in flows if finding.truth]
    if not speaking:
        gap = Gap(inquiry.question.about, GapState.ABSENT)
        return inquiry.answer(Outcome.UNSPECIFIED, weighed=[flow for flow, _ in flows], gaps=[gap])
    outcome, body = _way(speaking)
    return inquiry.answer(
        outcome,
        rules=[*(one.guard for one in guards), *speaking, *_told_beside(inquiry)],
        body=body,
        warnings=_warnings(guards),
    )


def _way(flows: list[Flow]) -> tuple[Outcome, Route | Filing | Alternatives | None]:
    routes = routes_of(flows)
    if len(routes) != 1 or any(flow.is_unclear for flow in flows):
        return Outcome.AMBIGUOUS, Alternatives(tuple(Route(steps) for steps in routes))
    if not (steps := routes[0]):
        return Outcome.UNSPECIFIED, None
    if all([step.act.only_tells for step in steps]):
        return Outcome.FILE, Filing(steps)
    return Outcome.ROUTE, Route(steps)


def routes_of(flows: list[Flow]) -> tuple[tuple[Step, ...], ...]:
    """The different ways that flows speaking together lead; those joined by `after` are one way."""
    if len(flows) == 1:
        return (flows[0].steps,)
    ids = {flow.id for flow in flows}
    ways = [way for flow in flows if flow.after not in ids for way in _ways_from(flow, flows)]
    return tuple(dict.fromkeys(ways))


def _ways_from(flow: Flow, flows: list[Flow]) -> Iterator[tuple[Step, ...]]:
    followers = [follower for follower in flows if follower.after == flow.id]
    if not followers:
        yield flow.steps
    for follower in followers:
        yield from (flow.steps + way for way in _ways_from(follower, flows))


def _warnings(guards: list[_Heard]) -> list[str]:
    return [one.guard.id for one in guards if one.broken.truth]


def _told_beside(inquiry: Inquiry) -> list[Rule]:
    """What the document says of the act without deciding it: 计入工作时间."""
    texts = inquiry.profile.about(inquiry.question.about, Text)
    return [text for text in inquiry.in_force(texts) if inquiry.speaks(text).truth]
