"""Appointments: posts that are opened and ended by themselves; those of a seat or a pairing go with it.

Who appoints is a permission; he appoints within his own reach, in no role that reaches further, and never
himself (平台默认, policies/platform.yaml).
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from policies.calendar import whole_months
from policies.circumstances import FactValue
from policies.decisions import Decision
from policies.outcomes import Outcome
from policies.reach import Target, Viewer
from policies.vocabulary import Category
from tenants import audit, decisions, divisions, idempotency, notices, people, units
from tenants.people import APPOINTMENT, Person, Post
from tenants.profiles import LawInForce
from tenants.refusals import Flaw, Refusal, RefusalCode, invalid
from tenants.units import Unit

OPEN, END = "post.open", "post.end"
# A document that does not speak of it forbids nothing.
NOT_FORBIDDEN = (Outcome.ALLOW, Outcome.WARN, Outcome.UNSPECIFIED, Outcome.NOT_IN_FORCE)


@dataclass(frozen=True, slots=True)
class Draft:
    """A post as it is to be: what each means stands at `Post`. Its days may lie before today: late entry."""

    person_id: UUID
    role: str
    code: str
    begins_on: date
    ends_on: date | None = None
    unit_id: UUID | None = None
    source_document: str | None = None
    justification: str | None = None


@dataclass(frozen=True, slots=True)
class Appointed:
    """`decision`: what the document says of it; unspecified where it says nothing."""

    post: Post
    decision: Decision


async def open_post(viewer: Viewer, law: LawInForce, draft: Draft, *, key: str | None = None) -> Appointed:
    """Put a person in a post. He is told.

    The document is asked whether he may be given other work (抽调或安排其他工作) where he holds posts in
    another division, and of a post with an end, whether it may end then.

    Raises NOT_YOURS_TO_GIVE for a role that the viewer does not appoint there, and ALREADY_REGISTERED where
    the person holds the very same post on some of these days."""
    earlier = await idempotency.claim(viewer, OPEN, key, idempotency.payload_of(draft))
    if earlier is not None:
        return Appointed(await Post.get(id=earlier), await _judged(viewer, law, draft))
    law.require_word(draft.role, Category.ROLE, "role")
    if draft.ends_on is not None and draft.ends_on <= draft.begins_on:
        raise invalid(Flaw.ENDS_BEFORE_IT_BEGINS, "endsOn")
    await _require_known(viewer, law, draft)
    _require_right(viewer, law, "post.create", draft)
    await divisions.require_held(draft.code, draft.ends_on, viewer.place_code)
    await _require_new(draft)
    decision = await _judged(viewer, law, draft)
    post = await people.open_post(**idempotency.payload_of(draft), words=law.words)
    days = {"begins_on": post.begins_on, "ends_on": post.ends_on}
    await _tell(viewer, OPEN, "post_opened", post, decision, **days)
    await idempotency.settle(viewer, OPEN, key, post.id)
    return Appointed(post, decision)


async def end_post(
    viewer: Viewer,
    law: LawInForce,
    post_id: UUID,
    on: date,
    *,
    justification: str | None = None,
    key: str | None = None,
) -> Appointed:
    """End an appointment: `on` is the first day that no longer counts, today, before or after. He who held it
    is told. What has an end may end sooner, not later.

    The document is asked whether it may end then (结束派驻: how long a posting lasts). Raises
    NOT_YOURS_TO_GIVE for a role that the viewer does not appoint there, and INVALID for a post that a seat or
    a pairing opened."""
    earlier = await idempotency.claim(viewer, END, key, {"post": post_id, "on": on})
    if earlier is not None:
        ended = await Post.get(id=earlier)
        return Appointed(ended, _end_judged(viewer, law, ended, on, ended.end_justification))
    seen = Post.filter(people.posts_visible(viewer, law.access).as_filter(), id=post_id)
    post = await seen.select_for_update(no_key=True).get_or_none()
    if post is None:
        raise Refusal(RefusalCode.NOT_FOUND, path=("post",))
    _require_right(viewer, law, "post.end", post)
    if post.basis != APPOINTMENT:
        raise invalid(Flaw.NOT_AN_APPOINTMENT, "post")
    if on <= post.begins_on:
        raise invalid(Flaw.ENDS_BEFORE_IT_BEGINS, "on")
    if post.ends_on is not None and post.ends_on <= on:
        raise Refusal(RefusalCode.WRONG_STATE, path=("post",))
    decision = _end_judged(viewer, law, post, on, justification)
    post.ends_on, post.end_justification = on, justification
    await people.end_post(post.id, on, justification)
    await _tell(viewer, END, "post_ended", post, decision, ends_on=on)
    await idempotency.settle(viewer, END, key, post.id)
    return Appointed(post, decision)


async def _judged(viewer: Viewer, law: LawInForce, draft: Draft) -> Decision:
    """What the document says of opening the post: of its end, if it has one, and of the person's others."""
    if draft.ends_on is not None:
        _end_judged(viewer, law, draft, draft.ends_on, draft.justification)
    elsewhere = await Post.filter(
        people.open_on(draft.begins_on), ~Q(code=draft.code), person_id=draft.person_id
    )
    roles = tuple(sorted({post.role for post in elsewhere}))
    facts: dict[str, FactValue] = {"who": roles or (draft.role,), "posting_active": bool(roles)}
    return _asked(viewer, law, "reassignment", facts, draft.justification)


def _end_judged(
    viewer: Viewer, law: LawInForce, post: Draft | Post, on: date, justification: str | None
) -> Decision:
    months = whole_months(post.begins_on, on)
    facts: dict[str, FactValue] = {"who": (post.role,), "posting_months": months}
    return _asked(viewer, law, "posting_end", facts, justification)


def _asked(
    viewer: Viewer, law: LawInForce, act: str, facts: dict[str, FactValue], justification: str | None
) -> Decision:
    return decisions.ask_to_act(viewer, law, act, facts, wanted=NOT_FORBIDDEN, justification=justification)


def _require_right(viewer: Viewer, law: LawInForce, permission: str, post: Draft | Post) -> None:
    """Raise FORBIDDEN where the viewer appoints nobody there, or it is himself; NOT_YOURS_TO_GIVE where it is
    the role that is beyond him."""
    target = Target(viewer.place_id, post.code, post.unit_id, post.person_id)
    if not law.access.can(viewer, target, permission):
        raise Refusal(RefusalCode.FORBIDDEN)
    if not law.access.may_appoint(viewer, target, permission, post.role):
        raise Refusal(RefusalCode.NOT_YOURS_TO_GIVE, path=("role",), role=post.role)


async def _require_known(viewer: Viewer, law: LawInForce, draft: Draft) -> None:
    """Raise NOT_FOUND for a person or a unit that the viewer may not read."""
    if draft.unit_id is not None:
        seen = Unit.filter(units.visible(viewer, law.access).as_filter(), id=draft.unit_id)
        if not await seen.exists():
            raise Refusal(RefusalCode.NOT_FOUND, path=("unit",))
    persons = Person.filter(people.visible(viewer, law.access).as_filter(), id=draft.person_id)
    # Of two that open one post for a person at once, the second sees the first's.
    if await persons.select_for_update(no_key=True).get_or_none() is None:
        raise Refusal(RefusalCode.NOT_FOUND, path=("person",))


async def _require_new(draft: Draft) -> None:
    same = Post.filter(
        people.open_from(draft.begins_on),
        person_id=draft.person_id,
        role=draft.role,
        code=draft.code,
        unit_id=draft.unit_id,
        acting_for_id__isnull=True,
    )
    if draft.ends_on is not None:
        same = same.filter(Q(begins_on__lt=draft.ends_on))
    if await same.exists():
        raise Refusal(RefusalCode.ALREADY_REGISTERED, path=("person",))


async def _tell(
    viewer: Viewer, act: str, kind: str, post: Post, decision: Decision, **days: date | None
) -> None:
    details: dict[str, Any] = {"role": post.role, "code": post.code, **days, **audit.law_of(decision)}
    unit = str(post.unit_id) if post.unit_id else None
    await audit.record(viewer, act, ("post", post.id), person=str(post.person_id), unit=unit, **details)
    await notices.tell([post.person_id], kind, ("person", post.person_id), role=post.role)
