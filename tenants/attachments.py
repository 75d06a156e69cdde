"""Attachments: files that people send and jobs make. The row stands here, the bytes in the storage.

An attachment carries from the beginning what decides who may read it: place, code, unit, owner, and the
permission that reading asks for. Its name is data and nothing else: it is cleaned, and never part of a path.
"""

import unicodedata
from collections import defaultdict
from collections.abc import AsyncIterable, AsyncIterator, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from tortoise import fields

from policies.access import Access
from policies.reach import Field, Viewer
from tenants import audit, clock, idempotency, places, reach, scope
from tenants.conditions import Among, Condition, Every, Some
from tenants.refusals import Flaw, Refusal, RefusalCode, invalid
from tenants.rows import PlaceRow, Walls
from tenants.storage import Storage, Stored

LONGEST_NAME = 200
# What a file of each type begins with; of a text, only that it is one.
MEDIA_TYPES: Mapping[str, tuple[bytes, ...]] = {
    "application/pdf": (b"%PDF-",),
    "application/vnd.ms-excel": (b"\xd0\xcf\x11\xe0",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (b"PK\x03\x04",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (b"PK\x03\x04",),
    "application/x-ndjson": (),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "text/csv": (),
    "text/plain": (),
}
# How many keys one statement of the sweep names; PostgreSQL takes 32,767.
MOST_ASKED = 1000
LONGEST_BEGINNING = max(len(beginning) for found in MEDIA_TYPES.values() for beginning in found)


class Attachment(PlaceRow):
    """`subject_kind`, `subject_id`: what it belongs to, once it belongs to something."""

    owner_id = fields.UUIDField()
    code = fields.CharField(12)
    unit_id = fields.UUIDField(null=True)
    permission = fields.CharField(64)
    name = fields.CharField(LONGEST_NAME)
    media_type = fields.CharField(100)
    size = fields.BigIntField()
    digest = fields.CharField(64)
    storage_key = fields.CharField(100)
    subject_kind = fields.CharField(32, null=True)
    subject_id = fields.UUIDField(null=True)
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "attachments"

    @property
    def is_image(self) -> bool:
        return self.media_type.startswith("image/")

    walls = Walls(
        links={"owner_id": "persons", "unit_id": "units"},
        unique={"attachments_key_once": ("storage_key",)},
        indexes={"attachments_by_subject": ("subject_kind", "subject_id")},
    )


@dataclass(frozen=True, slots=True)
class Room:
    files: int
    mebibytes: int

    def holds(self, files: int, size: int) -> bool:
        return files <= self.files and size <= self.mebibytes * 2**20


# What one person may keep in one place, and everybody there together. Nothing is deleted yet.
ROOM_OF_PERSON = Room(1000, 1024)
ROOM_OF_PLACE = Room(50_000, 20 * 1024)


@dataclass(frozen=True, slots=True)
class Label:
    """What is said of a file by whoever brings it. Raises INVALID for a name that says nothing and for a
    type that is not taken."""

    name: str
    media_type: str

    @classmethod
    def of(cls, name: str, media_type: str) -> "Label":
        plain = media_type.partition(";")[0].strip().lower()
        if plain not in MEDIA_TYPES:
            raise invalid(Flaw.TYPE_NOT_TAKEN, "Content-Type", types="、".join(MEDIA_TYPES))
        return cls(_cleaned(name), plain)


def _cleaned(name: str) -> str:
    """The name without folders, control characters and marks that turn the reading direction."""
    last = name.replace("\\", "/").rpartition("/")[2]
    plain = "".join(c for c in unicodedata.normalize("NFC", last) if unicodedata.category(c)[0] != "C")
    plain = plain.strip().lstrip(".")
    if not plain:
        raise invalid(Flaw.BLANK, "name")
    if len(plain) > LONGEST_NAME:
        raise invalid(Flaw.TOO_LONG, "name", most=LONGEST_NAME, given=len(plain))
    return plain


async def checked(media_type: str, chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """The bytes, if they begin as their type says. Raises INVALID for others, and for no bytes at all."""
    beginning, is_checked = b"", False
    async for chunk in chunks:
        if not is_checked:
            beginning += chunk
            if len(beginning) < LONGEST_BEGINNING:
                continue
            chunk, is_checked = _insist(beginning, media_type), True
        yield chunk
    if not is_checked:
        yield _insist(beginning, media_type)


def _insist(beginning: bytes, media_type: str) -> bytes:
    if not beginning:
        raise invalid(Flaw.BLANK, "body")
    wanted = MEDIA_TYPES[media_type]
    is_so = beginning.startswith(wanted) if wanted else b"\0" not in beginning
    if not is_so:
        raise invalid(Flaw.NOT_OF_ITS_TYPE, "body", type=media_type)
    return beginning


async def keep(
    viewer: Viewer,
    label: Label,
    stored: Stored,
    *,
    permission: str = "attachment.read",
    subject: tuple[str, UUID] | None = None,
    key: str | None = None,
) -> Attachment:
    """Write the row of a file that the storage has. `key`: sent again, it answers with the attachment that it
    made, whose bytes are the same; those sent again are then nobody's, and swept. Refuses with
    TOO_MANY_FILES.

    `permission`: what one needs to read it, within the reach of that permission."""
    payload = {"name": label.name, "type": label.media_type, "digest": stored.digest}
    earlier = await idempotency.claim(viewer, "attachment.create", key, payload)
    if earlier is not None:
        return await Attachment.get(id=earlier)
    await _require_room(viewer, stored.size)
    own = viewer.posts[0] if len(viewer.posts) == 1 else None
    attachment = await Attachment.create(
        owner_id=viewer.person_id,
        code=own.code if own else viewer.place_code,
        unit_id=own.unit_id if own else None,
        permission=permission,
        name=label.name,
        media_type=label.media_type,
        size=stored.size,
        digest=stored.digest,
        storage_key=stored.key,
        subject_kind=subject[0] if subject else None,
        subject_id=subject[1] if subject else None,
        recorded_at=clock.now(),
    )
    told = {"type": label.media_type, "size": stored.size, "digest": stored.digest}
    await audit.record(viewer, "attachment.create", ("attachment", attachment.id), **told)
    await idempotency.settle(viewer, "attachment.create", key, attachment.id)
    return attachment


_KEPT = """
SELECT count(*) AS of_place, coalesce(sum(size), 0)::bigint AS size_of_place,
    count(*) FILTER (WHERE owner_id = $2) AS of_person,
    coalesce(sum(size) FILTER (WHERE owner_id = $2), 0)::bigint AS size_of_person
FROM attachments WHERE tenant_id = $1
"""


async def _require_room(viewer: Viewer, size: int) -> None:
    # Of files sent at once, each counts those before it.
    await places.hold_still(viewer.place_id)
    (kept,) = await scope.fetch(_KEPT, viewer.place_id, viewer.person_id)
    fits = ROOM_OF_PERSON.holds(kept["of_person"] + 1, kept["size_of_person"] + size)
    if not fits or not ROOM_OF_PLACE.holds(kept["of_place"] + 1, kept["size_of_place"] + size):
        raise Refusal(
            RefusalCode.TOO_MANY_FILES,
            files=ROOM_OF_PERSON.files,
            mebibytes=ROOM_OF_PERSON.mebibytes,
            place_files=ROOM_OF_PLACE.files,
            place_mebibytes=ROOM_OF_PLACE.mebibytes,
        )


COLUMNS = {Field.OWNER: "owner_id", Field.UNIT: "unit_id", Field.CODE: "code"}


@reach.per_viewer
def visible(viewer: Viewer, access: Access) -> Condition:
    """The attachments that a viewer may read: of those that ask for a permission, what it reaches."""
    alike = defaultdict[Condition, list[str]](list)
    for permission in access.permissions(viewer):
        alike[reach.condition(access.reach(viewer, permission), COLUMNS)].append(permission)
    return Some(tuple(Every((Among("permission", asked), reached)) for reached, asked in alike.items()))


async def readable(viewer: Viewer, access: Access, ids: Collection[UUID]) -> list[Attachment]:
    """Those of the attachments that the viewer may read."""
    return await Attachment.filter(visible(viewer, access).as_filter(), id__in=list(ids))


async def one(viewer: Viewer, access: Access, attachment_id: UUID, path: str = "id") -> Attachment:
    """The attachment, if the viewer may read it. Raises NOT_FOUND."""
    if found := await readable(viewer, access, [attachment_id]):
        return found[0]
    raise Refusal(RefusalCode.NOT_FOUND, path=(path,))


async def free(viewer: Viewer, ids: Collection[UUID]) -> Sequence[Attachment]:
    """Those of the files that the viewer has sent and that belong to nothing yet, held until the transaction
    ends."""
    mine = Attachment.filter(id__in=list(ids), owner_id=viewer.person_id, subject_kind__isnull=True)
    return await mine.order_by("id").select_for_update(no_key=True)


async def belong(
    files: Collection[Attachment],
    subject: tuple[str, UUID],
    permission: str,
    code: str,
    unit_id: UUID | None,
) -> None:
    """Let files belong to a subject: from now on they are read with its permission, where it lies."""
    if files:
        await Attachment.filter(id__in=[file.id for file in files]).update(
            subject_kind=subject[0], subject_id=subject[1], permission=permission, code=code, unit_id=unit_id
        )


async def text_of(attachment: Attachment, storage: Storage, *, most_bytes: int, path: str) -> str:
    """The text of a file. Raises INVALID for one that is longer, or no text in UTF-8."""
    if attachment.size > most_bytes:
        raise invalid(Flaw.TOO_LONG, path, most=most_bytes, given=attachment.size)
    content = b"".join([chunk async for chunk in await storage.read(attachment.storage_key)])
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise invalid(Flaw.NOT_OF_ITS_TYPE, path, type=attachment.media_type) from None


async def sweep(storage: Storage, place_id: UUID, before: datetime) -> int:
    """Remove files of the place that no row names: their transaction rolled back, or their process was
    killed. `before`: long enough ago that the row of what is named is surely there. Returns how many."""
    removed = 0
    keys = await storage.keys_before(place_id, before)
    for first in range(0, len(keys), MOST_ASKED):
        for orphan in await _unnamed(place_id, keys[first : first + MOST_ASKED]):
            await storage.remove(orphan)
            removed += 1
    return removed


async def _unnamed(place_id: UUID, keys: Sequence[str]) -> list[str]:
    async with scope.open(reads=[place_id]):
        named = set(await Attachment.filter(storage_key__in=keys).values_list("storage_key", flat=True))
    return sorted(set(keys) - named)
