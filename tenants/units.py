"""Units: the organs and departments that act in a place, those from outside among them."""

from collections.abc import Collection
from uuid import UUID

from tortoise import fields

from policies.access import Access
from policies.jurisdiction import lineage
from policies.reach import Field, Viewer
from tenants import divisions, reach
from tenants.conditions import Condition
from tenants.rows import PlaceRow, Walls


class Unit(PlaceRow):
    """`organ`: the organ of the vocabulary this unit is (organisation_personnel_bureau), or None for an
    ordinary unit that helps a village. `code`: the division it sits in."""

    name = fields.CharField(100)
    organ = fields.CharField(64, null=True)
    code = fields.CharField(12)

    class Meta:
        table = "units"

    walls = Walls(
        several=True,
        unique={"units_name_once": ("name",), "units_organ_once": ("organ", "code")},
        where={"units_organ_once": "organ IS NOT NULL"},
    )


COLUMNS = {Field.UNIT: "id", Field.CODE: "code"}


async def create(*, name: str, organ: str | None, code: str) -> Unit:
    await divisions.require_until(code, None)
    return await Unit.create(name=name, organ=organ, code=code)


async def of_organ(organ: str, code: str) -> Unit | None:
    """The unit that is this organ for a division: its own, or that of the nearest division above it."""
    found = await Unit.filter(organ=organ, code__in=list(lineage(code)))
    return max(found, key=lambda unit: lineage(unit.code), default=None)


@reach.per_viewer
def visible(viewer: Viewer, access: Access) -> Condition:
    return reach.condition(access.reach(viewer, "unit.read"), COLUMNS)


async def by_ids(ids: Collection[UUID]) -> dict[UUID, Unit]:
    return {unit.id: unit for unit in await Unit.filter(id__in=list(ids))}
