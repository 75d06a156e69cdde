"""Asking the law on behalf of a viewer: the question of the day, and the refusal that an answer may be."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from uuid import UUID

from policies.answers.contents import Contained
from policies.answers.contents import contained as contents_of
from policies.circumstances import FactValue
from policies.decisions import Citation, Decision, Question
from policies.kinds.rule import Rule
from policies.outcomes import Ask, Origin, Outcome
from policies.questions import decide, undocumented
from policies.reach import Target, Viewer
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


def ask(
    viewer: Viewer, law: LawInForce, question: Question, facts: Mapping[str, FactValue], on: date
) -> Decision:
    """The answer of the law that the viewer's place lives under, on a day."""
    return ask_in(viewer.place_id, law, question, facts, on)


def ask_in(
    place_id: UUID, law: LawInForce, question: Question, facts: Mapping[str, FactValue], on: date
) -> Decision:
    """The same for any place. One under no document answers unspecified to everything; one directly under a
    document from above it has every clause by inheritance."""
    if law.law is None:
        return undocumented(question, facts, on)
    decision = decide(law.law, question, facts, on)
    return replace(decision, cites=tuple(_seen_from(place_id, law, cite) for cite in decision.cites))


def cited(place_id: UUID, law: LawInForce, rule: Rule) -> Citation:
    """A rule of a law as a place cites it that lives under it."""
    assert law.law is not None, "a rule has its law"
    return _seen_from(place_id, law, law.law.cite(rule))


def _seen_from(place_id: UUID, law: LawInForce, cite: Citation) -> Citation:
    return cite if law.owner_id == place_id else replace(cite, origin=Origin.INHERITED)


def ask_to_act(
    viewer: Viewer,
    law: LawInForce,
    act: str,
    facts: Mapping[str, FactValue],
    *,
    wanted: Collection[Outcome],
    justification: str | None,
) -> Decision:
    """Whether a command may go ahead: only with one of the `wanted` outcomes. Raises the refusal that
    any other answer is, with the decision behind it. A guard that merely forbids nothing says not
    through whose hands it goes, so it opens nothing; going against an 原则上 rule wants a recorded
    reason."""
    decision = ask(viewer, law, Question(Ask.ACT, act), facts, viewer.day)
    if decision.outcome not in wanted:
        raise Refusal(REFUSALS.get(decision.outcome, RefusalCode.UNSPECIFIED), decision=decision)
    if decision.warnings and not (justification or "").strip():
        raise Refusal(RefusalCode.REASON_REQUIRED, path=("justification",), decision=decision)
    return decision


def insist(decision: Decision, justification: str | None, path: tuple[str, ...]) -> Decision:
    """The decision, unless it refuses what a command is about to do. What the document does not speak of is
    not refused; going against an 原则上 rule wants a recorded reason."""
    if decision.outcome in REFUSALS:
        raise Refusal(REFUSALS[decision.outcome], path=path, decision=decision)
    if decision.warnings and not (justification or "").strip():
        raise Refusal(RefusalCode.REASON_REQUIRED, path=("justification",), decision=decision)
    return decision


def contained(viewer: Viewer, law: LawInForce, record: str, contents: Collection[str], on: date) -> Contained:
    """What the place's document says of the contents of a record of that day; without one, nothing."""
    if law.law is None:
        return Contained(undocumented(Question(Ask.DUTY, record), {}, on))
    found = contents_of(law.law, record, contents, on)
    cites = tuple(_seen_from(viewer.place_id, law, cite) for cite in found.decision.cites)
    return replace(found, decision=replace(found.decision, cites=cites))


def require_right(viewer: Viewer, law: LawInForce, permission: str, post: Post) -> None:
    """Raise FORBIDDEN where the viewer may not do this in this post, on his own case."""
    own = Target(viewer.place_id, post.code, post.unit_id, viewer.person_id)
    if not law.access.can(viewer, own, permission):
        raise Refusal(RefusalCode.FORBIDDEN)


def require_within(post: Post, begins_on: date, ends_on: date, path: str) -> None:
    """Raise INVALID for days on which the post is not held."""
    if begins_on < post.begins_on or (post.ends_on is not None and ends_on >= post.ends_on):
        raise invalid(Flaw.OUTSIDE_POST, path, begins=post.begins_on)


async def post_in_use(viewer: Viewer, post_id: UUID | None) -> Post:
    """The post in which the viewer acts: the one he names, or his only one. An acting post is never his
    own."""
    own = [post for post in viewer.posts if post.acting_for is None and post_id in (None, post.id)]
    if len(own) > 1:
        raise invalid(Flaw.SEVERAL_POSTS, "post", count=len(own))
    if not own:
        raise Refusal(RefusalCode.NOT_FOUND, path=("post",))
    return await people.Post.get(id=own[0].id)
