"""A repeated command has one effect: the first answer is kept under the caller's key and given again.

The key belongs to one person and one act in one place. Two copies that arrive together meet on the unique
key: the second waits for the first's commit and then reads its answer.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import fields as fields_of
from typing import Any
from uuid import UUID

import orjson
from tortoise import fields

from policies.reach import Viewer
from tenants import clock
from tenants.inserts import New, Once, together
from tenants.refusals import Refusal, RefusalCode
from tenants.rows import PlaceRow, Walls

UNIQUE = ("person_id", "act", "key")


class IdempotencyKey(PlaceRow):
    person_id = fields.UUIDField()
    act = fields.CharField(64)
    key = fields.CharField(128)
    payload_digest = fields.CharField(64)
    result_id = fields.UUIDField(null=True)
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "idempotency_keys"

    walls = Walls(unique={"idempotency_keys_once": UNIQUE})


def payload_of(draft: Any) -> dict[str, Any]:
    """What a command says (a dataclass), for its key. What is inside is not copied: it is only read."""
    return {one.name: getattr(draft, one.name) for one in fields_of(draft)}


async def claim(viewer: Viewer, act: str, key: str | None, payload: Mapping[str, Any]) -> UUID | None:
    """The id of the earlier result if this command already ran; None if it is new and now claimed.

    Raises IDEMPOTENCY_KEY_REUSED when the key was used for another payload."""
    if key is None:
        return None
    claimed = _row(viewer, act, key, payload)
    if await together(once=Once(claimed, UNIQUE)):
        return None
    return await _earlier(claimed)


async def settle(viewer: Viewer, act: str, key: str | None, result_id: UUID) -> None:
    """Keep the result of the command that claimed the key."""
    if key is not None:
        await IdempotencyKey.filter(person_id=viewer.person_id, act=act, key=key).update(result_id=result_id)


def once(
    viewer: Viewer, act: str, key: str | None, payload: Mapping[str, Any], result_id: UUID
) -> Once | None:
    """The claim of a command whose result is known beforehand, to be written together with it."""
    return Once(_row(viewer, act, key, payload, result_id), UNIQUE) if key is not None else None


async def earlier(claimed: Once | None) -> UUID | None:
    """The id of the earlier result, where what was to be written once was not written; None if there is none.

    Raises IDEMPOTENCY_KEY_REUSED when the key was used for another payload."""
    return await _earlier(claimed.row) if claimed else None


async def _earlier(claimed: New[IdempotencyKey]) -> UUID | None:
    held = {name: claimed.values[name] for name in UNIQUE}
    found = await IdempotencyKey.get_or_none(**held)
    if found is not None and found.payload_digest != claimed.values["payload_digest"]:
        raise Refusal(RefusalCode.IDEMPOTENCY_KEY_REUSED, path=("idempotencyKey",))
    return found.result_id if found else None


def _row(
    viewer: Viewer, act: str, key: str, payload: Mapping[str, Any], result_id: UUID | None = None
) -> New[IdempotencyKey]:
    written = orjson.dumps(payload, option=orjson.OPT_SORT_KEYS, default=str)
    return New.of(
        IdempotencyKey,
        person_id=viewer.person_id,
        act=act,
        key=key,
        payload_digest=hashlib.sha256(written).hexdigest(),
        result_id=result_id,
        recorded_at=clock.now(),
    )
