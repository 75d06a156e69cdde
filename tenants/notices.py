"""Notices: what a person is told. They name acts, days and ids; never the reason of a leave or an illness."""

from collections.abc import Collection, Iterable
from typing import Any
from uuid import UUID

from tortoise import fields

from policies.access import Access
from policies.reach import Viewer
from tenants import clock
from tenants.conditions import NONE, Compared, Condition
from tenants.pages import Listing
from tenants.rows import PlaceRow, Walls


class Notice(PlaceRow):
    person_id = fields.UUIDField()
    kind = fields.CharField(32)
    subject_kind = fields.CharField(32)
    subject_id = fields.UUIDField()
    details: dict[str, Any] = fields.JSONField(default=dict)
    recorded_at = fields.DatetimeField()
    read_at = fields.DatetimeField(null=True)

    class Meta:
        table = "notices"

    walls = Walls(links={"person_id": "persons"}, indexes={"notices_by_person": ("person_id", "recorded_at")})


async def tell(person_ids: Iterable[UUID], kind: str, subject: tuple[str, UUID], **details: Any) -> None:
    """One notice each, in the operation's transaction."""
    now = clock.now()
    told = [
        Notice(
            person_id=p,
            kind=kind,
            subject_kind=subject[0],
            subject_id=subject[1],
            details=details,
            recorded_at=now,
        )
        for p in sorted(set(person_ids))
    ]
    if told:
        await Notice.bulk_create(told)


def listed(person_id: UUID) -> Listing[Notice]:
    """What one person was told."""
    return Listing(Notice, told_to(person_id))


def visible(viewer: Viewer, access: Access) -> Condition:
    """The notices that a viewer may read: those that were told to him."""
    return told_to(viewer.person_id) if access.may_ever(viewer, "notice.read") else NONE


def told_to(person_id: UUID) -> Condition:
    return Compared("person_id", "=", person_id)


async def mark_read(person_id: UUID, ids: Collection[UUID]) -> int:
    """Mark those of the notices that were told to this person; returns how many were unread."""
    own = Notice.filter(person_id=person_id, id__in=list(ids), read_at__isnull=True)
    return await own.update(read_at=clock.now())


async def told_of(kind: str, subject: tuple[str, UUID]) -> set[UUID]:
    """The persons who have been told of a subject in this way."""
    told = await Notice.filter(kind=kind, subject_kind=subject[0], subject_id=subject[1])
    return {notice.person_id for notice in told}


async def unread(person_id: UUID) -> int:
    return await Notice.filter(person_id=person_id, read_at__isnull=True).count()
