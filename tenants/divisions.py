"""Divisions: the nodes that one place adopted from the register of all the country's divisions.

Jurisdiction is the 12-digit code of the place's own nodes. A node's level is stored, never derived from
zeros. Nodes that no register lists (a state farm) are local: they take a code in the reserved 900–999 part
of their parent.
"""

from collections.abc import Collection, Sequence
from datetime import date
from itertools import chain
from typing import Any
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.expressions import Q

from policies.access import Access
from policies.jurisdiction import Level, subtree
from policies.reach import Field, Viewer
from tenants import county_summaries, reach, register, scope
from tenants.conditions import Compared, Condition, Every
from tenants.pages import Listing, Order
from tenants.refusals import Flaw, Refusal, RefusalCode, invalid
from tenants.register import Entry
from tenants.rows import PlaceRow, Walls

LOCAL_NODES = range(900, 1000)
LONGEST_CODE = 12
# A node ends at once: none has an end to come.
NOT_ENDED = Q(ends_on__isnull=True)


class Division(PlaceRow):
    """A node of one place. `official_code` is the register's code, or None for a local node.

    `begins_on` and `ends_on` (the first day that no longer counts) date it; `attributes` holds dated
    facts such as poor_village."""

    code = fields.CharField(LONGEST_CODE)
    official_code = fields.CharField(12, null=True)
    name = fields.CharField(64)
    level = fields.CharEnumField(Level, max_length=12)
    parent_code = fields.CharField(12, null=True)
    begins_on = fields.DateField(null=True)
    ends_on = fields.DateField(null=True)
    attributes: dict[str, Any] = fields.JSONField(default=dict)

    class Meta:
        table = "divisions"

    walls = Walls(
        unique={"divisions_code_once": ("code",)},
        checks={"divisions_code_is_12_digits": "code ~ '^[0-9]{12}$'"},
    )


_ADOPT = """
INSERT INTO divisions (id, tenant_id, code, official_code, name, level, parent_code, attributes)
SELECT unnest_id, $2::uuid, code, code, name, level, parent_code, '{}'::jsonb
FROM unnest($1::uuid[], $3::text[], $4::text[], $5::text[], $6::text[])
  AS node (unnest_id, code, name, level, parent_code)
ON CONFLICT (tenant_id, code) DO NOTHING
"""


@county_summaries.recounted()
async def adopt(county_code: str, *, excluding: Collection[str] = ()) -> int:
    """Take the county and all it holds in the register into the place in force; returns how many nodes
    are new.

    `excluding`: codes (townships or villages) that another place governs; their subtrees stay out.
    Idempotent."""
    left_out = [subtree(code) for code in excluding]
    kept = [e for e in published(county_code) if not any(low <= e.code < high for low, high in left_out)]
    return await _insert(kept)


async def _insert(entries: Collection[Entry]) -> int:
    if not entries:
        return 0
    columns = [(uuid4(), e.code, e.name, e.level.value, _parent_in_place(e)) for e in entries]
    ids, codes, names, levels, parents = (list(column) for column in zip(*columns, strict=True))
    return await scope.execute(_ADOPT, ids, scope.writer(), codes, names, levels, parents)


def published(county_code: str) -> list[Entry]:
    """What the register lists of a county, itself first. Raises NOT_FOUND for a code without a county.

    The register lists one county as its own township and village, too: it has no nodes."""
    county = register.county(county_code)
    if county is None:
        raise Refusal(RefusalCode.NOT_FOUND, path=("code",), given=county_code)
    below = chain.from_iterable(
        register.listed(level, county_code) for level in (Level.TOWNSHIP, Level.VILLAGE)
    )
    return [county, *(entry for entry in below if entry.code != county_code)]


def _parent_in_place(entry: Entry) -> str | None:
    return None if entry.level is Level.COUNTY else entry.parent


@county_summaries.recounted()
async def add_local(name: str, parent_code: str, level: Level) -> Division:
    """A node that no register lists, under `parent_code`, with the first free code of the parent's
    900–999 part. The same name under the same node is the same node."""
    still = Division.filter(NOT_ENDED)
    # Two who add at once below one node do it one after the other: each finds its code free.
    parent = await still.filter(code__in=_askable([parent_code])).select_for_update(no_key=True).get_or_none()
    if parent is None:
        raise Refusal(RefusalCode.NOT_FOUND, path=("parent",), given=parent_code)
    known = await still.get_or_none(parent_code=parent_code, name=name, official_code__isnull=True)
    return known or await Division.create(
        code=await _free_local_code(parent, level), name=name, level=level, parent_code=parent_code
    )


async def _free_local_code(parent: Division, level: Level) -> str:
    stem = parent.code[: parent.level.digits]
    taken = {node.code for node in await Division.filter(parent_code=parent.code)}
    for number in LOCAL_NODES:
        code = f"{stem}{number}".ljust(12, "0")
        if code not in taken and len(stem) + 3 == level.digits:
            return code
    raise invalid(Flaw.LEVEL_NOT_BELOW, "level")


@county_summaries.recounted()
async def end(codes: Collection[str], on: date) -> Sequence[Division]:
    """End these nodes and all beneath them: `on` is the first day they no longer count. What had ended before
    keeps its day."""
    # What is being added below them is there once they are locked, and ends with them.
    await Division.filter(code__in=_askable(codes)).order_by("code").select_for_update(no_key=True)
    for lower, upper in map(subtree, codes):
        beneath = Division.filter(NOT_ENDED, code__gte=lower, code__lt=upper)
        await beneath.update(ends_on=on)
    return await Division.filter(code__in=list(codes)).order_by("code")


_HELD = "SELECT ends_on FROM divisions WHERE tenant_id = $1 AND code = $2 FOR SHARE"


async def require_until(code: str, until: date | None) -> None:
    """Hold the node as it is, until the transaction ends, for what is to rest on it until a day or for ever.
    Raises NOT_FOUND where it ends before. A code that is no node of the place is not asked about."""
    for node in await scope.fetch(_HELD, scope.writer(), code):
        if node["ends_on"] is not None and (until is None or until > node["ends_on"]):
            raise Refusal(RefusalCode.NOT_FOUND, path=("code",), given=code)


async def held(code: str) -> Division | None:
    """The node as it is, ended or not, held until the transaction ends."""
    if not _askable([code]):
        return None
    return await Division.filter(code=code).select_for_update(no_key=True).get_or_none()


async def require_held(code: str, until: date | None, root: str) -> None:
    """Hold a node for what is to rest on it until a day or for ever (`require_until`). Raises INVALID for a
    code that is neither the place's own, `root`, nor that of a node of it."""
    if code != root and code not in await known_by([code]):
        raise invalid(Flaw.ELSEWHERE, "code", given=code[:20])
    await require_until(code, until)


async def require_below_county(codes: Collection[str]) -> None:
    """Raise INVALID for a code that is no township or village of the place, ended or not."""
    known = await known_by(codes)
    for code in codes:
        if code not in known or known[code].parent_code is None:
            raise invalid(Flaw.OUTSIDE_COUNTY, "codes", given=code[:20])


# What is in no register ended with the node above it, or by itself on another day.
_TAKE_UP_LOCAL = """
UPDATE divisions AS node SET ends_on = NULL FROM divisions AS above
WHERE node.tenant_id = $1 AND above.tenant_id = $1 AND above.code = ANY($2::text[])
  AND node.parent_code = above.code AND node.official_code IS NULL AND node.ends_on = above.ends_on
"""
_TAKE_UP = """
UPDATE divisions SET ends_on = NULL WHERE tenant_id = $1 AND code = ANY($2::text[]) AND ends_on IS NOT NULL
"""


@county_summaries.recounted()
async def take_up(county_code: str, codes: Collection[str]) -> Sequence[Division]:
    """Take nodes of the register, with all beneath them, that were left out or had ended; local nodes that
    ended with them, too. A village comes with its township, alone of its villages. Raises OUTSIDE_COUNTY for
    a code that the register does not list below the county."""
    below = published(county_code)[1:]
    listed = {entry.code for entry in below}
    for code in codes:
        if code not in listed:
            raise invalid(Flaw.OUTSIDE_COUNTY, "codes", given=code[:20])
    spans = [subtree(code) for code in codes]
    above = {entry.parent for entry in below if entry.code in codes}
    wanted = [e for e in below if e.code in above or any(low <= e.code < high for low, high in spans)]
    await scope.execute(_TAKE_UP_LOCAL, scope.writer(), list(codes))
    await scope.execute(_TAKE_UP, scope.writer(), [entry.code for entry in wanted])
    await _insert(wanted)
    return await Division.filter(code__in=list(codes)).order_by("code")


async def tree_of(place_id: UUID) -> Sequence[Division]:
    """Every node of a place that has not ended, by code."""
    return await Division.filter(NOT_ENDED, tenant_id=place_id).order_by("code")


def directly_below(viewer: Viewer, access: Access, code: str) -> Listing[Division]:
    """Those of the nodes whose parent has this code that the viewer may read and that have not ended, by
    code."""
    below = Compared("parent_code", "=", code), Compared("ends_on", "=", None)
    return Listing(Division, Every((visible(viewer, access), *below)), Order(("code", "id")))


@reach.per_viewer
def visible(viewer: Viewer, access: Access) -> Condition:
    return reach.condition(access.reach(viewer, "division.read"), {Field.CODE: "code"})


async def known_by(codes: Collection[str]) -> dict[str, Division]:
    """The named nodes, by code; codes that the place does not have are left out."""
    return {node.code: node for node in await Division.filter(code__in=_askable(codes))}


def _askable(codes: Collection[str]) -> list[str]:
    """Without those that are too long to be one: the ORM refuses to ask for them."""
    return [code for code in codes if len(code) <= LONGEST_CODE]
