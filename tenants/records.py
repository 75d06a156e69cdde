"""Records: what the documents want written down and handed in, such as the monthly bulletin with a picture.

A record says when it was (`occurred_on`) and when it was written down (`recorded_at`): late entry is normal.
Its files come with it: who may read the record may read them.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tortoise import fields

from policies.access import Access
from policies.answers.contents import Contained
from policies.reach import Field, Target, Viewer
from policies.vocabulary import Category, vocabulary
from tenants import attachments, audit, clock, decisions, idempotency, reach
from tenants.attachments import Attachment
from tenants.conditions import Compared, Condition, Every
from tenants.pages import Listing, Order
from tenants.people import Post
from tenants.profiles import LawInForce
from tenants.refusals import Flaw, Refusal, RefusalCode, invalid
from tenants.rows import PlaceRow, Walls

ACT, SUBJECT = "record.submit", "record"
# Two contents that nobody has to declare: a record shows by itself whether it has them.
TEXT, IMAGE = "text", "image"
MOST_FILES = 20


class Record(PlaceRow):
    """`kind`: a term of category RECORD. `contents`: terms of category FIELD, what is in it. `justification`:
    why it lacks what an 原则上 rule asks for."""

    kind = fields.CharField(64)
    person_id = fields.UUIDField()
    post_id = fields.UUIDField()
    unit_id = fields.UUIDField(null=True)
    code = fields.CharField(12)
    text = fields.TextField(null=True)
    contents: list[str] = fields.JSONField()
    justification = fields.CharField(500, null=True)
    occurred_on = fields.DateField()
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "records"

    walls = Walls(
        links={"person_id": "persons", "post_id": "posts", "unit_id": "units"},
        indexes={
            "records_by_day": ("occurred_on", "id"),
            "records_by_code": ("code", "occurred_on", "id"),
            "records_by_person": ("person_id", "occurred_on", "id"),
        },
    )


NEWEST = Order(("occurred_on", "id"), descending=True)
COLUMNS = {Field.OWNER: "person_id", Field.UNIT: "unit_id", Field.CODE: "code"}


@dataclass(frozen=True, slots=True)
class Draft:
    """`contents`: what is in it beside its text and pictures. `files`: attachments of the viewer that belong
    to nothing yet."""

    kind: str
    occurred_on: date
    text: str | None = None
    contents: tuple[str, ...] = ()
    files: tuple[UUID, ...] = ()
    justification: str | None = None
    post_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Submitted:
    record: Record
    contained: Contained


async def submit(viewer: Viewer, law: LawInForce, draft: Draft, *, key: str | None = None) -> Submitted:
    """Write a record down, with its files, in one of the viewer's posts.

    Refuses with CONTENTS_LACKING where a duty that it serves asks for what is not in it, with the rule; with
    REASON_REQUIRED where the rule is an 原则上 one; with NOT_FOUND a file that is not his to give."""
    _require_said(law, draft, viewer.day)
    earlier = await idempotency.claim(viewer, ACT, key, idempotency.payload_of(draft))
    if earlier is not None:
        return await _submitted(viewer, law, earlier)
    post = await decisions.post_in_use(viewer, draft.post_id)
    _require_right(viewer, law.access, post)
    files = await _files(viewer, draft.files)
    contents = _contents(draft, files)
    contained = decisions.contained(viewer, law, draft.kind, contents, draft.occurred_on)
    _require_contents(contained, draft.justification)
    record = await _write(viewer, post, draft, contents)
    await attachments.belong(files, (SUBJECT, record.id), "record.read", record.code, record.unit_id)
    told: dict[str, Any] = {"kind": draft.kind, "files": len(files), **audit.law_of(contained.decision)}
    await audit.record(viewer, ACT, (SUBJECT, record.id), **told)
    await idempotency.settle(viewer, ACT, key, record.id)
    return Submitted(record, contained)


async def _submitted(viewer: Viewer, law: LawInForce, record_id: UUID) -> Submitted:
    found = await Record.get(id=record_id)
    judged = decisions.contained(viewer, law, found.kind, found.contents, found.occurred_on)
    return Submitted(found, judged)


def _require_said(law: LawInForce, draft: Draft, today: date) -> None:
    """Raise INVALID for words that the place does not know, a day that has not come, and too many files."""
    law.require_word(draft.kind, Category.RECORD, "kind")
    for word in draft.contents:
        law.require_word(word, Category.FIELD, "contents")
    if draft.occurred_on > today:
        raise invalid(Flaw.IN_THE_FUTURE, "occurredOn", today=today)
    if len(draft.files) > MOST_FILES:
        raise invalid(Flaw.TOO_MANY, "attachments", most=MOST_FILES, given=len(draft.files))


def _require_right(viewer: Viewer, access: Access, post: Post) -> None:
    target = Target(viewer.place_id, post.code, post.unit_id, viewer.person_id)
    if not access.can(viewer, target, "record.create"):
        raise Refusal(RefusalCode.FORBIDDEN)


async def _files(viewer: Viewer, ids: Collection[UUID]) -> Sequence[Attachment]:
    files = await attachments.free(viewer, ids)
    if len(files) < len(set(ids)):
        raise Refusal(RefusalCode.NOT_FOUND, path=("attachments",))
    return files


def _contents(draft: Draft, files: Collection[Attachment]) -> list[str]:
    shown = {TEXT} if (draft.text or "").strip() else set()
    shown |= {IMAGE} if any(file.is_image for file in files) else set()
    return sorted(shown | (set(draft.contents) - {TEXT, IMAGE}))


def _require_contents(contained: Contained, justification: str | None) -> None:
    lacking = [(vocabulary().label(word), vocabulary().label(word, "en")) for word in contained.lacking]
    if contained.is_refused:
        decision = contained.decision
        raise Refusal(RefusalCode.CONTENTS_LACKING, path=("contents",), decision=decision, lacking=lacking)
    if lacking and not (justification or "").strip():
        raise Refusal(RefusalCode.REASON_REQUIRED, path=("justification",), decision=contained.decision)


async def _write(viewer: Viewer, post: Post, draft: Draft, contents: list[str]) -> Record:
    return await Record.create(
        kind=draft.kind,
        person_id=viewer.person_id,
        post_id=post.id,
        unit_id=post.unit_id,
        code=post.code,
        text=draft.text,
        contents=contents,
        justification=draft.justification,
        occurred_on=draft.occurred_on,
        recorded_at=clock.now(),
    )


@reach.per_viewer
def visible(viewer: Viewer, access: Access) -> Condition:
    return reach.condition(access.reach(viewer, "record.read"), COLUMNS)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records of a list; None where it does not matter. Both days are included."""

    kind: str | None = None
    since: date | None = None
    until: date | None = None

    def condition(self) -> Condition:
        asked = (
            Compared("kind", "=", self.kind),
            Compared("occurred_on", ">=", self.since),
            Compared("occurred_on", "<=", self.until),
        )
        return Every(tuple(one for one in asked if one.value is not None))


def listed(viewer: Viewer, access: Access, wanted: Wanted) -> Listing[Record]:
    """The records that a viewer may read, the newest first."""
    return Listing(Record, visible(viewer, access), NEWEST).also(wanted.condition())
