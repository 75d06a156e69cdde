"""Units: the organs and departments that act in a place, those from outside among them."""

from collections.abc import Collection
from uuid import UUID

from tortoise import fields

from policies.access import Access
from policies.jurisdiction import lineage
from policies.reach import Field, Viewer
from tenants import divisions, reach
from tenants.conditions import Compared, Condition
from tenants.pages import Listing, Order
from tenants.rows import PlaceRow, Walls


class Unit(PlaceRow):
    """`organ`: the organ of the vocabulary this unit is (organisation_personnel_bureau), or None for an
    ordinary unit that helps a village. `code`: the division it sits in, or helps in. `tier`: a level of the
    scale, its own rank among organs. `origin`: from where outside the place it comes (省直、市直、珠三角),
    as an organ of the vocabulary; None for one of the place's own. `deputy_id`: who is named to stand in for
    its head. `office_id`: the unit that does its daily work (领导小组办公室)."""

    name = fields.CharField(100)
    organ = fields.CharField(64, null=True)
    code = fields.CharField(12)
    tier = fields.CharField(64, null=True)
    origin = fields.CharField(64, null=True)
    deputy_id = fields.UUIDField(null=True)
    office_id = fields.UUIDField(null=True)
    version = fields.IntField(default=1)

    class Meta:
        table = "units"

    walls = Walls(
        several=True,
        links={"deputy_id": "persons", "office_id": "units"},
        unique={"units_name_once": ("name",), "units_organ_once": ("organ", "code")},
        where={"units_organ_once": "organ IS NOT NULL"},
        checks={"units_office_is_another": "office_id <> id"},
    )


COLUMNS = {Field.UNIT: "id", Field.CODE: "code"}
# No two units of a place have one name.
BY_NAME = Order(("name",))


async def create(*, name: str, organ: str | None, code: str) -> Unit:
    await divisions.require_until(code, None)
    return await Unit.create(name=name, organ=organ, code=code)


async def of_organ(organ: str, code: str) -> Unit | None:
    """The unit that is this organ for a division: its own, or that of the nearest division above it."""
    found = await Unit.filter(organ=organ, code__in=list(lineage(code)))
    return max(found, key=lambda unit: lineage(unit.code), default=None)


def listed(viewer: Viewer, access: Access, organ: str | None, name: str | None) -> Listing[Unit]:
    """The units that the viewer may read, by name; those that are the organ or have the name, if asked."""
    asked = (Compared("organ", "=", organ), Compared("name", "=", name))
    wanted = [one for one in asked if one.value is not None]
    return Listing(Unit, visible(viewer, access), BY_NAME).also(*wanted)


@reach.per_viewer
def visible(viewer: Viewer, access: Access) -> Condition:
    return reach.condition(access.reach(viewer, "unit.read"), COLUMNS)


async def by_ids(ids: Collection[UUID]) -> dict[UUID, Unit]:
    return {unit.id: unit for unit in await Unit.filter(id__in=list(ids))}
