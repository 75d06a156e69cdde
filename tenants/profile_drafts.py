"""Drafts of a place's own profile: written by one person, published by another.

A draft keeps a text as it was given, sound or not, with the official document it comes from. Publishing it
reviews it anew and makes it the place's next version. Whoever has written at a draft is its maker and never
its checker.
"""

import hashlib
from collections.abc import Collection
from dataclasses import asdict, dataclass, replace
from datetime import date
from enum import StrEnum
from uuid import UUID

from tortoise import fields

from policies.access import Access
from policies.profile import Profile as Law
from policies.publication import Review
from policies.reach import Field, Target, Viewer
from tenants import (
    audit,
    clock,
    documents,
    idempotency,
    notices,
    people,
    places,
    profile_reviews,
    profiles,
    reach,
)
from tenants.conditions import Compared, Condition
from tenants.pages import Listing
from tenants.people import Post
from tenants.profiles import Profile
from tenants.refusals import Flaw, Refusal, RefusalCode, invalid
from tenants.requests import require_version
from tenants.rows import PlaceRow, Walls

DRAFT, PUBLISH = "profile.create", "profile.publish"


class DraftState(StrEnum):
    OPEN = "open"
    PUBLISHED = "published"
    DROPPED = "dropped"


class ProfileDraft(PlaceRow):
    """`name`: the profile's id, where the text can be read. `edited_by`: the persons who have written at it,
    the drafter first. `follows`: the last published version when the text was written."""

    name = fields.CharField(64, null=True)
    text = fields.TextField()
    document_title = fields.CharField(200, null=True)
    document_number = fields.CharField(64, null=True)
    document_text: str | None = fields.TextField(null=True)
    drafted_by = fields.UUIDField()
    edited_by: list[str] = fields.JSONField()
    follows = fields.IntField()
    state = fields.CharEnumField(DraftState, max_length=12, default=DraftState.OPEN)
    profile_id = fields.UUIDField(null=True)
    recorded_at = fields.DatetimeField()
    changed_at = fields.DatetimeField()
    version = fields.IntField(default=1)

    class Meta:
        table = "profile_drafts"

    walls = Walls(
        links={"drafted_by": "persons"},
        indexes={"profile_drafts_by_state": ("state", "recorded_at")},
        checks={"profile_drafts_become_versions": "(state = 'published') = (profile_id IS NOT NULL)"},
    )

    @property
    def editors(self) -> list[UUID]:
        return [UUID(person_id) for person_id in self.edited_by]


# What a list of drafts shows of each; the texts may be a megabyte.
SHORT = tuple(sorted(ProfileDraft._meta.db_fields - {"text", "document_text"}))


@dataclass(frozen=True, slots=True)
class Content:
    """What a drafter writes. The document's title and number are the profile's where they are left out."""

    text: str
    document_title: str | None = None
    document_number: str | None = None
    document_text: str | None = None


@dataclass(frozen=True, slots=True)
class Saved:
    draft: ProfileDraft
    review: Review


async def save(
    viewer: Viewer,
    access: Access,
    content: Content,
    *,
    draft_id: UUID | None = None,
    expected_version: int | None = None,
    key: str | None = None,
) -> Saved:
    """Keep a text as a new draft, or in place of an open draft's; with errors too. Those who may publish it
    are told when nothing stands in the way any more."""
    require(viewer, access, DRAFT)
    payload = {**asdict(content), "draft": draft_id}
    earlier = await idempotency.claim(viewer, "profile.draft", key, payload)
    if earlier is not None:
        draft = await ProfileDraft.get(id=earlier)
        return Saved(draft, await reviewed(viewer, draft))
    review = await profile_reviews.review(viewer, content.text, content.document_text)
    draft = await _opened(viewer, draft_id, expected_version)
    await _write(viewer, draft, content, review)
    if review.may_be_published:
        await _tell_checkers(viewer, access, draft)
    await idempotency.settle(viewer, "profile.draft", key, draft.id)
    return Saved(draft, review)


async def _opened(viewer: Viewer, draft_id: UUID | None, expected_version: int | None) -> ProfileDraft:
    """The open draft, locked; or a new one, which is not saved yet."""
    if draft_id is not None:
        return _open(await ProfileDraft.locked(draft_id), expected_version)
    return ProfileDraft(drafted_by=viewer.person_id, edited_by=[], recorded_at=clock.now(), version=0)


async def _write(viewer: Viewer, draft: ProfileDraft, content: Content, review: Review) -> None:
    editor, is_new = str(viewer.person_id), draft.version == 0
    draft.update_from_dict(asdict(content))
    draft.name = review.own.id if review.own else None
    draft.edited_by = list(dict.fromkeys([*draft.edited_by, editor]))
    draft.follows = await profiles.last_version(viewer.place_id)
    draft.changed_at, draft.version = clock.now(), draft.version + 1
    await draft.save(force_create=is_new, force_update=not is_new)
    await audit.record(
        viewer,
        "profile.draft",
        ("profile_draft", draft.id),
        version=draft.version,
        digest=_digest(draft.text),
        document=_digest(draft.document_text) if draft.document_text else None,
        may_be_published=review.may_be_published,
    )


async def drop(
    viewer: Viewer, access: Access, draft_id: UUID, *, expected_version: int | None = None
) -> ProfileDraft:
    """Give an open draft up; it is kept to be read."""
    require(viewer, access, DRAFT)
    draft = _open(await ProfileDraft.locked(draft_id), expected_version)
    await _end(draft, DraftState.DROPPED)
    await audit.record(viewer, "profile.drop", ("profile_draft", draft.id), version=draft.version)
    await notices.tell({*draft.editors} - {viewer.person_id}, "profile_dropped", ("profile_draft", draft.id))
    return draft


async def publish(
    viewer: Viewer,
    access: Access,
    draft_id: UUID,
    effective_from: date,
    *,
    confirming: Collection[str] = (),
    expected_version: int | None = None,
    key: str | None = None,
) -> Profile:
    """Make an open draft the place's next version, to be asked from a day on. `confirming`: the names of the
    assumed settings whose values the publisher has weighed; all of them.

    Nothing is locked while it is reviewed, which takes seconds; what has changed by then is found afterwards.
    Refuses with YOUR_OWN_DRAFT to whoever has written at it or stands in for one who has, PROFILE_FAILS
    with the problems while anything stands in the way, READING_UNCONFIRMED while an assumed value is not
    confirmed, CONFLICT where it is open no longer or another version has come since, and INVALID for a day
    that would change past answers or on which the document does not hold."""
    require(viewer, access, PUBLISH)
    payload = {"draft": draft_id, "from": effective_from, "confirming": sorted(confirming)}
    earlier = await idempotency.claim(viewer, PUBLISH, key, payload)
    if earlier is not None:
        return await profiles.version(earlier)
    draft = _open(await ProfileDraft.get_or_none(id=draft_id), expected_version)
    if not _acts_as(viewer).isdisjoint(draft.editors):
        raise Refusal(RefusalCode.YOUR_OWN_DRAFT, path=("draft",))
    law, confirmed = await _sound(viewer, draft, confirming)
    places.require_active(await places.hold_still(viewer.place_id))
    draft = _open(await ProfileDraft.locked(draft_id), draft.version)
    await _require_standing(viewer, access)
    await _require_possible(viewer, law, effective_from)
    published = await _published(viewer, draft, law, effective_from, confirmed)
    await idempotency.settle(viewer, PUBLISH, key, published.id)
    return published


def require(viewer: Viewer, access: Access, permission: str) -> None:
    """Raise FORBIDDEN where the viewer may not do this in his place."""
    if not access.can(viewer, Target(viewer.place_id, viewer.place_code), permission):
        raise Refusal(RefusalCode.FORBIDDEN)


def _acts_as(viewer: Viewer) -> set[UUID]:
    """The viewer, and those for whom he stands in: their draft is not for him to check either."""
    return {viewer.person_id} | viewer.stands_in_for


async def reviewed(viewer: Viewer, draft: ProfileDraft) -> Review:
    """What stands in a draft's way now: a parent may have been published since it was written."""
    return await profile_reviews.review(viewer, draft.text, draft.document_text)


def listed(viewer: Viewer, access: Access, state: DraftState | None = None) -> Listing[ProfileDraft]:
    """The drafts that the viewer may read, in one state or in any; without their texts."""
    wanted = [Compared("state", "=", state)] if state is not None else []
    return Listing(ProfileDraft, visible(viewer, access), only=SHORT).also(*wanted)


async def by_ids(ids: Collection[UUID]) -> dict[UUID, ProfileDraft]:
    """The drafts with their texts, for whom they have been shown to."""
    return {draft.id: draft for draft in await ProfileDraft.filter(id__in=list(ids))}


@reach.per_viewer
def visible(viewer: Viewer, access: Access) -> Condition:
    return reach.condition(access.reach(viewer, DRAFT), {Field.OWNER: "drafted_by"})


def _open(draft: ProfileDraft | None, expected_version: int | None) -> ProfileDraft:
    """The draft, if it is there, open, and in the version expected."""
    if draft is None:
        raise Refusal(RefusalCode.NOT_FOUND, path=("draft",))
    require_version(draft.version, expected_version)
    if draft.state is not DraftState.OPEN:
        raise Refusal(RefusalCode.CONFLICT, path=("draft",))
    return draft


async def _require_standing(viewer: Viewer, access: Access) -> None:
    """The post that lets the viewer publish is held until the transaction ends, or has just been taken."""
    still_open = await people.hold_still(viewer)
    posts = tuple(post for post in viewer.posts if post.id in still_open)
    require(replace(viewer, posts=posts), access, PUBLISH)


async def _sound(viewer: Viewer, draft: ProfileDraft, confirming: Collection[str]) -> tuple[Law, list[str]]:
    """What the draft says together with its parent, and the assumed settings, each of them confirmed."""
    review = await reviewed(viewer, draft)
    if not review.may_be_published or review.law is None:
        raise profiles.fails(draft.name or "—", review.errors, "draft")
    if unconfirmed := [one for name, one in review.assumed.items() if name not in confirming]:
        told = [(f"{one.label}＝{one.told}", f"{one.label} = {one.told}") for one in unconfirmed]
        raise Refusal(RefusalCode.READING_UNCONFIRMED, path=("confirming",), settings=told)
    return review.law, sorted(review.assumed)


async def _require_possible(viewer: Viewer, law: Law, effective_from: date) -> None:
    if effective_from < law.first_day:
        raise invalid(Flaw.BEFORE_ITS_FIRST_DAY, "from", first=law.first_day)
    if law.last_day is not None and effective_from > law.last_day:
        raise invalid(Flaw.AFTER_ITS_LAST_DAY, "from", last=law.last_day)
    was_answered = await profiles.in_force_for(viewer.place_id, viewer.day) is not None
    if was_answered and effective_from < viewer.day:
        raise invalid(Flaw.BEFORE_TODAY, "from", today=viewer.day)


async def _published(
    viewer: Viewer, draft: ProfileDraft, law: Law, effective_from: date, confirmed: list[str]
) -> Profile:
    document = await documents.register(
        title=draft.document_title or law.title,
        number=draft.document_number or law.number,
        text=draft.document_text or "",
    )
    published = await profiles.publish(
        draft.text,
        effective_from=effective_from,
        drafted_by=draft.drafted_by,
        published_by=viewer.person_id,
        document_id=document.id,
        follows=draft.follows,
    )
    if published.digest != law.digest:
        # Another version has come above by the name and number that the text pins.
        raise Refusal(RefusalCode.CONFLICT, path=("draft",))
    await _end(draft, DraftState.PUBLISHED, published.id)
    await audit.record(
        viewer,
        PUBLISH,
        ("profile", published.id),
        draft=str(draft.id),
        profile=published.name,
        profile_version=published.version,
        digest=published.digest,
        document=document.digest,
        effective_from=effective_from.isoformat(),
        confirmed=confirmed,
    )
    await notices.tell(draft.editors, "profile_published", ("profile", published.id))
    return published


async def _end(draft: ProfileDraft, state: DraftState, profile_id: UUID | None = None) -> None:
    draft.state, draft.profile_id = state, profile_id
    draft.changed_at, draft.version = clock.now(), draft.version + 1
    await draft.save(update_fields=["state", "profile_id", "changed_at", "version"])


async def _tell_checkers(viewer: Viewer, access: Access, draft: ProfileDraft) -> None:
    """Once for each person, however often the draft is saved."""
    subject = ("profile_draft", draft.id)
    told = await notices.told_of("profile_waits", subject)
    await notices.tell(await _checkers(viewer, access) - {*draft.editors} - told, "profile_waits", subject)


async def _checkers(viewer: Viewer, access: Access) -> set[UUID]:
    """Everybody in the place who may publish, by his own post or by one that he stands in for."""
    roles = [role for role, _ in access.who_can(PUBLISH)]
    posts = await Post.filter(people.open_on(viewer.day), role__in=roles)
    return {
        post.person_id for post in posts if post.acting_for_id is None or PUBLISH in (post.limited_to or ())
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
