"""A repeated command has one effect: the first answer is kept under the caller's key and given again.

The key belongs to one person and one act in one place. Two copies that arrive together meet on the unique
key: the second waits for the first's commit and then reads its answer.
"""

import hashlib
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

import orjson
from tortoise import fields

from policies.reach import Viewer
from tenants import clock, scope
from tenants.refusals import Refusal, RefusalCode
from tenants.rows import PlaceRow, Walls


class IdempotencyKey(PlaceRow):
    person_id = fields.UUIDField()
    act = fields.CharField(64)
    key = fields.CharField(128)
    payload_digest = fields.CharField(64)
    result_id = fields.UUIDField(null=True)
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "idempotency_keys"

    walls = Walls(unique={"idempotency_keys_once": ("person_id", "act", "key")})


_CLAIM = """
INSERT INTO idempotency_keys (id, tenant_id, person_id, act, key, payload_digest, recorded_at)
VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (tenant_id, person_id, act, key) DO NOTHING RETURNING id
"""


async def claim(viewer: Viewer, act: str, key: str | None, payload: Mapping[str, Any]) -> UUID | None:
    """The id of the earlier result if this command already ran; None if it is new and now claimed.

    Raises IDEMPOTENCY_KEY_REUSED when the key was used for another payload."""
    if key is None:
        return None
    digest = hashlib.sha256(orjson.dumps(payload, option=orjson.OPT_SORT_KEYS, default=str)).hexdigest()
    place = scope.writer()
    if await scope.fetch(_CLAIM, uuid4(), place, viewer.person_id, act, key, digest, clock.now()):
        return None
    earlier = await IdempotencyKey.get(person_id=viewer.person_id, act=act, key=key)
    if earlier.payload_digest != digest:
        raise Refusal(RefusalCode.IDEMPOTENCY_KEY_REUSED, path=("idempotencyKey",))
    return earlier.result_id


async def settle(viewer: Viewer, act: str, key: str | None, result_id: UUID) -> None:
    """Keep the result of the command that claimed the key."""
    if key is not None:
        await IdempotencyKey.filter(person_id=viewer.person_id, act=act, key=key).update(result_id=result_id)
