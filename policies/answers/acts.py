"""May an act go ahead, and through whose hands?

Guards that deny come first, then guards and flows that cannot be decided, then the flows, and last
the warnings. An act that has flows of which none speaks is unspecified, never allowed.
"""

from collections.abc import Iterator
from typing import NamedTuple

from policies.answers.inquiry import Inquiry
from policies.bodies import Alternatives, Filing, Route
from policies.decisions import Decision, Gap
from policies.findings import Finding, every
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
    rules = concerned(inquiry.profile, inquiry.question.about)
    if not rules:
        return inquiry.silent()
    about = inquiry.profile.about
    in_force = inquiry.in_force(about(inquiry.question.about, Flow))
    guarding = inquiry.in_force(about(inquiry.question.about, Guard))
    if not (in_force or guarding):
        return inquiry.answer(Outcome.NOT_IN_FORCE, rules=rules)
    guards = [_hear(inquiry, guard) for guard in guarding]
    if denying := [one.guard for one in guards if one.guard.strength.refuses and one.broken.truth]:
        return inquiry.answer(Outcome.DENY, rules=denying)
    flows = [(flow, inquiry.speaks(flow)) for flow in in_force]
    undecided: list[tuple[Rule, Finding]] = [(one.guard, one.broken) for one in guards]
    undecided += flows
    if unknown := [(rule, finding) for rule, finding in undecided if finding.truth is None]:
        return inquiry.withheld([finding for _, finding in unknown], [rule for rule, _ in unknown])
    speaking = [one for one in guards if one.speaks.truth]
    if about(inquiry.question.about, Flow):
        return _routed(inquiry, speaking, flows)
    return _allowed(inquiry, speaking)


def _hear(inquiry: Inquiry, guard: Guard) -> _Heard:
    speaks = inquiry.speaks(guard)
    return _Heard(guard, speaks, every((speaks, ~guard.kept(inquiry.circumstances))))


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
    gaps = [gap.state for flow in flows for gap in flow.gaps]
    if len(routes) != 1 or GapState.UNCLEAR in gaps:
        return Outcome.AMBIGUOUS, Alternatives(tuple(Route(steps) for steps in routes))
    if not (steps := routes[0]):
        return Outcome.UNSPECIFIED, None
    if all(step.act.only_tells for step in steps):
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
