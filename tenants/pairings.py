"""Pairings: who helps whom. A cadre a household, a unit a village, a leader a township."""

from datetime import date
from enum import StrEnum
from uuid import UUID

from tortoise import fields

from policies.access import Access
from policies.reach import Field, Viewer
from tenants import clock, county_summaries, people, reach
from tenants.conditions import Compared, Condition, Every
from tenants.pages import Listing
from tenants.rows import PlaceRow, Walls


class PairingKind(StrEnum):
    CADRE_HOUSEHOLD = "cadre_household"
    UNIT_VILLAGE = "unit_village"
    LEADER_TOWNSHIP = "leader_township"


class Pairing(PlaceRow):
    """`code`: the village or township that is helped, or where the household lies. `ends_on`: the first day
    that no longer counts."""

    kind = fields.CharEnumField(PairingKind, max_length=20)
    code = fields.CharField(12)
    household_id = fields.UUIDField(null=True)
    person_id = fields.UUIDField(null=True)
    unit_id = fields.UUIDField(null=True)
    begins_on = fields.DateField()
    ends_on = fields.DateField(null=True)
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "pairings"

    walls = Walls(
        links={"household_id": "households", "person_id": "persons", "unit_id": "units"},
        unique={"pairings_open_once": ("household_id", "person_id")},
        where={"pairings_open_once": "ends_on IS NULL AND household_id IS NOT NULL"},
        indexes={
            "pairings_by_household": ("household_id", "recorded_at", "id"),
            "pairings_by_person": ("person_id", "recorded_at", "id"),
            "pairings_by_code": ("code", "recorded_at", "id"),
            "pairings_by_time": ("recorded_at", "id"),
        },
        checks={
            "pairings_end_after_they_begin": "ends_on IS NULL OR ends_on > begins_on",
            "pairings_of_cadres_name_a_household": "(kind = 'cadre_household') = (household_id IS NOT NULL)",
            "pairings_name_a_helper": "person_id IS NOT NULL OR unit_id IS NOT NULL",
        },
    )


COLUMNS = {Field.OWNER: "person_id", Field.UNIT: "unit_id", Field.CODE: "code"}


@reach.per_viewer
def visible(viewer: Viewer, access: Access) -> Condition:
    return reach.condition(access.reach(viewer, "pairing.read"), COLUMNS)


def listed(viewer: Viewer, access: Access, *conditions: Condition) -> Listing[Pairing]:
    """The pairings that a viewer may read, the newest first."""
    return Listing(Pairing, visible(viewer, access)).also(*conditions)


def wanted(*, in_force_on: date | None = None, kind: PairingKind | None = None) -> Condition:
    """Those in force on a day, of one kind or of any; None where it does not matter."""
    conditions: list[Condition] = [people.counts_on(in_force_on)] if in_force_on is not None else []
    conditions += [Compared("kind", "=", kind)] if kind is not None else []
    return Every(tuple(conditions))


async def pair(*, household_id: UUID, code: str, person_id: UUID, begins_on: date) -> Pairing:
    """Let a cadre help a household from a day on."""
    async with county_summaries.recounted():
        return await Pairing.create(
            kind=PairingKind.CADRE_HOUSEHOLD,
            household_id=household_id,
            code=code,
            person_id=person_id,
            begins_on=begins_on,
            recorded_at=clock.now(),
        )
