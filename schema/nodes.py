"""Objects with a global id. Every way to them by id passes here: `node`, `nodes`, arguments of commands."""

from collections.abc import Collection, Mapping
from typing import Any, Self
from uuid import UUID

from strawberry import relay

from schema.fields import Asked
from tenants.refusals import Refusal, RefusalCode


class ReadableNode(relay.Node):
    """A node that says which of some ids the viewer may read; the others answer as if they did not exist."""

    @classmethod
    async def readable(cls, info: Asked, ids: Collection[UUID]) -> Mapping[UUID, Self]:
        raise NotImplementedError

    @classmethod
    async def resolve_nodes(  # type: ignore[override]
        cls, *, info: Any, node_ids: Collection[str], required: bool = False
    ) -> list[Self | None]:
        ids = _well_formed(node_ids)
        seen = await cls.readable(info, set(ids.values()))
        return [seen.get(ids[text]) if text in ids else None for text in node_ids]


def _well_formed(node_ids: Collection[str]) -> dict[str, UUID]:
    """Those of the texts that are ids at all."""
    found = {}
    for text in node_ids:
        try:
            found[text] = UUID(text)
        except ValueError:
            continue
    return found


def row_id(given: relay.GlobalID, kind: str, path: str = "id") -> UUID:
    """The row id of a global id. One of another type, or of nothing, answers like one that does not exist."""
    found = _well_formed([given.node_id]) if given.type_name == kind else {}
    if given.node_id not in found:
        raise Refusal(RefusalCode.NOT_FOUND, path=(path,))
    return found[given.node_id]


def maybe_row_id(text: str | None, path: str) -> UUID | None:
    """An optional plain id. A malformed one answers like one that does not exist."""
    if text is None:
        return None
    found = _well_formed([text])
    if text not in found:
        raise Refusal(RefusalCode.NOT_FOUND, path=(path,))
    return found[text]
