"""Delegation (代理): the holder of a post lets another stand in for it, for a while and for what he names.

Who stands in lends nothing on, and never judges his principal's own case (平台默认: policies/grants.py). He
stands in no longer than the principal holds the post.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from policies.reach import Target, Viewer
from tenants import audit, idempotency, notices, people
from tenants.people import DELEGATION, Person, Post
from tenants.profiles import LawInForce
from tenants.refusals import Flaw, Refusal, RefusalCode, invalid

GIVE, REVOKE = "post.delegate", "post.revoke"


@dataclass(frozen=True, slots=True)
class Draft:
    """Who stands in for which post, for which permissions, from a day until before another."""

    post_id: UUID
    person_id: UUID
    permissions: tuple[str, ...]
    begins_on: date
    ends_on: date


async def give(viewer: Viewer, law: LawInForce, draft: Draft, *, key: str | None = None) -> Post:
    """Let another stand in for one of the viewer's own posts. He is told.

    Raises NOT_FOUND for a post that is not his own to lend, INVALID for what it cannot lend (an office lends
    nothing) and for days outside it."""
    earlier = await idempotency.claim(viewer, GIVE, key, idempotency.payload_of(draft))
    if earlier is not None:
        return await Post.get(id=earlier)
    principal = await _own(viewer, law, draft.post_id)
    _require_lent(law, principal, draft)
    _require_within(viewer, principal, draft)
    await _require_known(viewer, law, draft.person_id)
    acting = await people.open_post(
        draft.person_id,
        principal.role,
        principal.code,
        draft.begins_on,
        words=law.words,
        ends_on=draft.ends_on,
        unit_id=principal.unit_id,
        basis=DELEGATION,
        acting_for_id=principal.id,
        limited_to=sorted(set(draft.permissions)),
    )
    await _tell(viewer, GIVE, "delegation_given", acting)
    await idempotency.settle(viewer, GIVE, key, acting.id)
    return acting


async def revoke(viewer: Viewer, law: LawInForce, post_id: UUID) -> Post:
    """Let somebody stand in for the viewer's post no longer, from this moment on; who may end the post may do
    so, too. He is told. Raises NOT_FOUND for any other post, WRONG_STATE where it has ended."""
    acting = await Post.filter(id=post_id, basis=DELEGATION).select_for_update(no_key=True).get_or_none()
    if acting is None or not await _may_revoke(viewer, law, acting):
        raise Refusal(RefusalCode.NOT_FOUND, path=("post",))
    if (acting.ends_on is not None and acting.ends_on <= viewer.day) or not acting.limited_to:
        raise Refusal(RefusalCode.WRONG_STATE, path=("post",))
    # A post has at least one day: on its first it stays, and carries nothing.
    acting.ends_on = max(viewer.day, acting.begins_on + timedelta(days=1))
    acting.limited_to = []
    await acting.save(update_fields=["ends_on", "limited_to"])
    await _tell(viewer, REVOKE, "delegation_ended", acting)
    return acting


async def _own(viewer: Viewer, law: LawInForce, post_id: UUID) -> Post:
    """A post of the viewer's, held until the transaction ends: it is lent or it ends, one after the other."""
    if post_id not in {post.id for post in viewer.posts if post.acting_for is None}:
        raise Refusal(RefusalCode.NOT_FOUND, path=("post",))
    principal = await Post.filter(id=post_id).select_for_update(no_key=True).get()
    target = Target(viewer.place_id, principal.code, principal.unit_id, principal.person_id)
    if not law.access.can(viewer, target, GIVE):
        raise Refusal(RefusalCode.FORBIDDEN)
    return principal


def _require_lent(law: LawInForce, principal: Post, draft: Draft) -> None:
    if not draft.permissions:
        raise invalid(Flaw.BLANK, "permissions")
    for permission in draft.permissions:
        if not law.access.may_be_lent(principal.role, permission):
            raise invalid(Flaw.NOT_TO_BE_LENT, "permissions", act=permission[:100])


def _require_within(viewer: Viewer, principal: Post, draft: Draft) -> None:
    if draft.ends_on <= draft.begins_on:
        raise invalid(Flaw.ENDS_BEFORE_IT_BEGINS, "endsOn")
    if draft.begins_on < viewer.day:
        raise invalid(Flaw.BEFORE_TODAY, "beginsOn", today=viewer.day)
    if principal.ends_on is not None and draft.ends_on > principal.ends_on:
        raise invalid(Flaw.OUTSIDE_POST, "endsOn", begins=principal.begins_on)


async def _require_known(viewer: Viewer, law: LawInForce, person_id: UUID) -> None:
    if not await Person.filter(people.visible(viewer, law.access).as_filter(), id=person_id).exists():
        raise Refusal(RefusalCode.NOT_FOUND, path=("person",))


async def _may_revoke(viewer: Viewer, law: LawInForce, acting: Post) -> bool:
    principal = await Post.get(id=acting.acting_for_id)
    if principal.person_id == viewer.person_id:
        return True
    target = Target(viewer.place_id, acting.code, acting.unit_id, acting.person_id)
    return law.access.can(viewer, target, "post.end")


async def _tell(viewer: Viewer, act: str, kind: str, acting: Post) -> None:
    days = {"begins_on": acting.begins_on, "ends_on": acting.ends_on}
    told = {"person": str(acting.person_id), "acting_for": str(acting.acting_for_id), "role": acting.role}
    await audit.record(viewer, act, ("post", acting.id), permissions=acting.limited_to, **told, **days)
    await notices.tell([acting.person_id], kind, ("person", acting.person_id), role=acting.role)
