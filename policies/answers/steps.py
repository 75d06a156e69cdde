"""May this party take this step of a running act now, or may the act take effect? If not: who is waited for?

`signed` is the history of hands so far: `{is: township_party_committee, step: 1}`. Without a step, a hand
counts at every step of its route that names it (A-17: one signature may close two steps).
"""

from policies.answers import acts
from policies.answers.inquiry import Inquiry
from policies.bodies import Filing, Progress, Route
from policies.decisions import Decision
from policies.findings import Finding
from policies.kinds.rule import Rule
from policies.outcomes import Event, Group, Mode, Outcome, Step

TAKE_EFFECT = "take_effect"
concerned = acts.concerned


def answer(inquiry: Inquiry) -> Decision:
    way = acts.answer(inquiry)
    if not isinstance(way.body, Route | Filing):
        return way
    wanted = ["attempt", "signed"]
    if inquiry.circumstances.facts.get("attempt") != TAKE_EFFECT:
        wanted.append("actor")
    if missing := [name for name in wanted if name not in inquiry.circumstances.facts]:
        return inquiry.withheld([Finding(None, frozenset(missing))], _cited(inquiry, way))
    return _judged(inquiry, way, way.body.steps)


def _cited(inquiry: Inquiry, way: Decision) -> list[Rule]:
    return [inquiry.profile.rule(citation.rule) for citation in way.cites]


def _judged(inquiry: Inquiry, way: Decision, steps: tuple[Step, ...]) -> Decision:
    attempt = str(inquiry.circumstances.facts["attempt"])
    waited_for = [_waited_for(inquiry, step, place) for place, step in enumerate(steps, 1)]
    # What is only told holds nothing up.
    asking = [place for place, step in enumerate(steps) if waited_for[place] and not step.act.only_tells]
    current = asking[0] if asking else None
    own = [place for place, step in enumerate(steps) if _is_of_the_actor(inquiry, step)]
    takes = [place for place in own if steps[place].act == attempt and waited_for[place]]
    allowed = (
        current is None
        if attempt == TAKE_EFFECT
        else any(current is None or place <= current for place in takes)
    )
    progress = Progress(
        step=None if current is None else current + 1,
        waiting_for=() if current is None else waited_for[current],
        may=tuple(dict.fromkeys(steps[place].act for place in own)),
    )
    return inquiry.answer(
        Outcome.ALLOW if allowed else Outcome.DENY,
        rules=_cited(inquiry, way),
        facts=("attempt", "signed", "actor"),
        body=progress,
        warnings=way.warnings,
    )


def _hands(step: Step) -> Group | None:
    """Whose hands a step wants. Of what only tells, the teller's; where none is named, anybody's."""
    return step.by if step.act.only_tells else step.group


def _is_of_the_actor(inquiry: Inquiry, step: Step) -> bool:
    actor, hands = inquiry.circumstances.facts.get("actor"), _hands(step)
    if not isinstance(actor, tuple):
        return False
    return hands is None or bool(
        inquiry.circumstances.vocabulary.widen(map(str, actor)).intersection(hands.terms)
    )


def _waited_for(inquiry: Inquiry, step: Step, place: int) -> tuple[str, ...]:
    """The parties whose hands the step still wants; none when it is done."""
    done = [hand for hand in _signed(inquiry) if hand.step in (None, place)]
    words = inquiry.circumstances.vocabulary
    there = words.widen({hand.name for hand in done})
    if (hands := _hands(step)) is None:
        return () if any(hand.step == place for hand in done) else (str(step.act),)
    open_ones = tuple(term for term in hands.terms if term not in there)
    enough = {Mode.ANY: 1, Mode.AS_ONE: 1, Mode.AT_LEAST: hands.count}.get(hands.mode) or len(hands.terms)
    return () if len(hands.terms) - len(open_ones) >= enough else open_ones


def _signed(inquiry: Inquiry) -> tuple[Event, ...]:
    signed = inquiry.circumstances.facts["signed"]
    return tuple(hand for hand in signed if isinstance(hand, Event)) if isinstance(signed, tuple) else ()
