"""Asking the law on behalf of a viewer: the question of the day, and the refusal that an answer may be."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from uuid import UUID

from policies.circumstances import FactValue
from policies.decisions import Ask, Decision, Gap, GapState, Origin, Outcome, Question
from policies.questions import decide
from policies.reach import Viewer
from tenants import people
from tenants.people import Post
from tenants.profiles import LawInForce
from tenants.refusals import Flaw, Refusal, RefusalCode, invalid

# What a command answers when the law does not let it go ahead.
REFUSALS = {
    Outcome.DENY: RefusalCode.DENIED,
    Outcome.VIOLATED: RefusalCode.DENIED,
    Outcome.INCOMPLETE: RefusalCode.INCOMPLETE,
    Outcome.AMBIGUOUS: RefusalCode.AMBIGUOUS,
    Outcome.NEEDS_JUDGEMENT: RefusalCode.NEEDS_JUDGEMENT,
    Outcome.NOT_IN_FORCE: RefusalCode.NOT_IN_FORCE,
}
GOES_AHEAD = frozenset({Outcome.ROUTE, Outcome.FILE, Outcome.ALLOW, Outcome.WARN})


def ask(
    viewer: Viewer, law: LawInForce, question: Question, facts: Mapping[str, FactValue], on: date
) -> Decision:
    """The answer of the law that the viewer's place lives under, on a day. A place under no document answers
    unspecified to everything; one directly under a document from above it has every clause by inheritance.
    """
    if law.law is None:
        gap = Gap(what=question.about, state=GapState.ABSENT)
        return Decision(Outcome.UNSPECIFIED, question, profile="", version=0, on=on, gaps=(gap,))
    decision = decide(law.law, question, facts, on)
    if law.owner_id == viewer.place_id:
        return decision
    return replace(decision, cites=tuple(replace(c, origin=Origin.INHERITED) for c in decision.cites))


def ask_to_act(
    viewer: Viewer, law: LawInForce, act: str, facts: Mapping[str, FactValue], justification: str | None
) -> Decision:
    """Whether a command may go ahead. Raises the refusal that the answer is, with the decision behind
    it: silence opens nothing, and going against an 原则上 rule wants a recorded reason."""
    decision = ask(viewer, law, Question(Ask.ACT, act), facts, viewer.day)
    if decision.outcome not in GOES_AHEAD:
        code = REFUSALS.get(decision.outcome, RefusalCode.UNSPECIFIED)
        raise Refusal(code, decision=decision)
    if decision.warnings and not justification:
        raise Refusal(RefusalCode.REASON_REQUIRED, path=("justification",), decision=decision)
    return decision


async def post_in_use(viewer: Viewer, post_id: UUID | None) -> Post:
    """The post in which the viewer acts: the one he names, or his only one. An acting post is never his
    own."""
    own = [post for post in viewer.posts if post.acting_for is None and post_id in (None, post.id)]
    if len(own) > 1:
        raise invalid(Flaw.SEVERAL_POSTS, "post", count=len(own))
    if not own:
        raise Refusal(RefusalCode.NOT_FOUND, path=("post",))
    return await people.Post.get(id=own[0].id)
