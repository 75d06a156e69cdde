"""Objects with a global id. Every way to them by id passes here: `node`, `nodes`, arguments of commands."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Annotated, Any, Self, TypeVar
from uuid import UUID

import strawberry
from strawberry import relay

from policies.access import Access
from policies.reach import Viewer
from schema.errors import ErrorCode, PublicError, Sentence
from schema.fields import SIGNED_IN, Info, read_field
from schema.reads.asked import ByIds, Node, Nodes
from schema.reads.declared import Mapped
from tenants.conditions import Condition
from tenants.refusals import Refusal, RefusalCode

MOST_IDS = 100
TOO_MANY_IDS = Sentence(f"ids 最多 {MOST_IDS} 个", f"ids are at most {MOST_IDS}")


class ReadableNode(relay.Node):
    """A node that says which of some ids the viewer may read; the others answer as if they did not exist."""

    @classmethod
    async def readable(cls, info: Info, ids: Collection[UUID]) -> Mapping[UUID, Self]:
        raise NotImplementedError


class MappedNode(ReadableNode, Mapped):
    """A node whose objects are rows of one table: its own way and the compiled one read the same rows."""

    @classmethod
    def visible(cls, viewer: Viewer, access: Access) -> Condition:
        """The rows that a viewer may read."""
        raise NotImplementedError

    @classmethod
    async def readable(cls, info: Info, ids: Collection[UUID]) -> dict[UUID, Self]:
        seen = cls.visible(info.context.viewer, info.context.access)
        rows = await ByIds.of(cls, list(ids), seen).listing.rows()
        return {row.id: cls.of(row) for row in rows}


Kind = TypeVar("Kind", bound=ReadableNode)


@strawberry.type
class NodeQuery:
    """In place of strawberry's own fields: their answer to an id tells which types there are, and they
    cannot stand behind a gate that awaits them."""

    @read_field(
        permission=SIGNED_IN,
        description="按全局编号取一项 / One object by its global id; null if hidden.",
    )
    async def node(
        self,
        info: Info,
        id: Annotated[relay.GlobalID, strawberry.argument(description="The object's global id.")],
    ) -> relay.Node | None:
        found: relay.Node | None = _compiled_one(info, id) or (await _seen(info, [id]))[0]
        return found

    @read_field(
        permission=SIGNED_IN,
        description="按全局编号取多项，次序不变 / Several objects by their global ids, in the same order.",
    )
    async def nodes(
        self,
        info: Info,
        ids: Annotated[
            list[relay.GlobalID], strawberry.argument(description="Their global ids, at most 100.")
        ],
    ) -> list[relay.Node | None]:
        if len(ids) > MOST_IDS:
            raise PublicError(ErrorCode.BAD_USER_INPUT, detail=TOO_MANY_IDS)
        found: list[relay.Node | None] = _compiled(info, ids) or await _seen(info, ids)
        return found


def _compiled_one(info: Info, given: relay.GlobalID) -> Any:
    """How to read the object by a statement; None where it is of no mapped type."""
    kind, ids = _mapped_kind(info, given.type_name), list(_well_formed([given.node_id]).values())
    return _by_ids(info, kind, ids, Node) if kind is not None and ids else None


def _compiled(info: Info, given: Sequence[relay.GlobalID]) -> Any:
    """How to read the objects, one statement for each type; None where one is of no mapped type."""
    ids = defaultdict[str, dict[str, UUID]](dict)
    for one in given:
        ids[one.type_name] |= _well_formed([one.node_id])
    kinds = {name: _mapped_kind(info, name) for name in ids}
    if None in kinds.values():
        return None
    of = [_by_ids(info, kind, list(ids[name].values())) for name, kind in kinds.items() if kind is not None]
    return Nodes(of, [(one.type_name, str(ids[one.type_name].get(one.node_id, ""))) for one in given])


def _mapped_kind(info: Info, type_name: str) -> type[MappedNode] | None:
    kind = _kind(info, type_name)
    return kind if kind is not None and issubclass(kind, MappedNode) else None


def _by_ids(info: Info, kind: type[MappedNode], ids: Sequence[UUID], form: type[ByIds] = ByIds) -> ByIds:
    return form.of(kind, ids, kind.visible(info.context.viewer, info.context.access))


async def _seen(info: Info, given: Sequence[relay.GlobalID]) -> list[relay.Node | None]:
    """What the viewer may read of what the ids name, in their order; one question for each type."""
    wanted = defaultdict(list)
    for one in given:
        wanted[one.type_name].append(one.node_id)
    found: dict[tuple[str, str], relay.Node] = {}
    for type_name, texts in wanted.items():
        kind, ids = _kind(info, type_name), _well_formed(texts)
        seen = await kind.readable(info, set(ids.values())) if kind else {}
        found |= {(type_name, text): seen[row] for text, row in ids.items() if row in seen}
    return [found.get((one.type_name, one.node_id)) for one in given]


async def readable_one(info: Info, kind: type[Kind], given: relay.GlobalID) -> Kind | None:
    """The object of that kind, if the viewer may read it."""
    if given.type_name != kind.__name__:
        return None
    ids = _well_formed([given.node_id])
    return next(iter((await kind.readable(info, set(ids.values()))).values()), None)


def _kind(info: Info, type_name: str) -> type[ReadableNode] | None:
    definition = info.schema.get_type_by_name(type_name)
    origin = getattr(definition, "origin", None)
    return origin if isinstance(origin, type) and issubclass(origin, ReadableNode) else None


# What a request or a notice can be about → its type. Filled by schema/approvals.py, which knows them all.
SUBJECTS: dict[str, type[ReadableNode]] = {}


async def subject(info: Info, kind: str, subject_id: UUID) -> relay.Node | None:
    """The object of a kind, if the viewer may read it."""
    return (await SUBJECTS[kind].readable(info, {subject_id})).get(subject_id)


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


def row_ids(given: Collection[relay.GlobalID], kind: str) -> list[UUID]:
    """The row ids of those of the global ids that are of this type; the others name no row of it."""
    return list(_well_formed([one.node_id for one in given if one.type_name == kind]).values())


def maybe_row_id(text: str | None, path: str) -> UUID | None:
    """An optional plain id."""
    return plain_row_id(text, path) if text is not None else None


def plain_row_id(text: str, path: str) -> UUID:
    """A plain id. A malformed one answers like one that does not exist."""
    found = _well_formed([text])
    if text not in found:
        raise Refusal(RefusalCode.NOT_FOUND, path=(path,))
    return found[text]
