"""Places: the tenants. A province, prefecture or county; a tree by `parent_id`."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.expressions import Q

from policies.access import Access
from policies.reach import Field, Rows, Viewer
from tenants import clock, reach, scope
from tenants.conditions import Compared, Condition, Linked, Some
from tenants.refusals import Refusal, RefusalCode
from tenants.rows import GlobalRow, Walls


class PlaceKind(StrEnum):
    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"


class PlaceState(StrEnum):
    ACTIVE = "active"
    SUSPENDED = "suspended"


class Place(GlobalRow):
    """`code`: its 12-digit division code. `law_place_id`: whose published profile it lives under: its
    law place, one above it or none, until its own is in force. `law_day`: a fixed day for the law, in demo
    places only."""

    code = fields.CharField(12, unique=True)
    name = fields.CharField(64)
    kind = fields.CharEnumField(PlaceKind, max_length=16)
    parent_id = fields.UUIDField(null=True)
    state = fields.CharEnumField(PlaceState, max_length=16, default=PlaceState.ACTIVE)
    law_place_id = fields.UUIDField(null=True)
    law_day = fields.DateField(null=True)
    note = fields.CharField(200, default="")
    created_at = fields.DatetimeField()

    class Meta:
        table = "places"

    walls = Walls(checks={"places_code_is_12_digits": "code ~ '^[0-9]{12}$'"})

    @property
    def today(self) -> date:
        return clock.today(self.law_day)

    @property
    def moment(self) -> datetime:
        return clock.moment(self.law_day)


# Two who found one place meet on its code: the second waits for the first's commit and then gets no row.
_FOUND = """
INSERT INTO places (id, code, name, kind, parent_id, state, law_day, note, created_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (code) DO NOTHING
"""


async def found(
    place_id: UUID,
    *,
    code: str,
    name: str,
    kind: PlaceKind,
    parent_id: UUID | None,
    law_day: date | None = None,
    note: str = "",
) -> Place:
    """Create a place. It lives under no document until it publishes one, or `live_under` says whose.

    Raises CODE_TAKEN where there is one with that code."""
    values = (place_id, code, name, kind, parent_id, PlaceState.ACTIVE, law_day, note, clock.now())
    if not await scope.execute(_FOUND, *values):
        raise Refusal(RefusalCode.CODE_TAKEN, path=("code",), given=code)
    return await Place.get(id=place_id)


async def live_under(place: Place, law_place_id: UUID) -> None:
    """Let a place live under what a place above it publishes, until a profile of its own is in force."""
    place.law_place_id = law_place_id
    await place.save(update_fields=["law_place_id"])


def require_active(place: Place) -> None:
    """Raise PLACE_SUSPENDED where nothing may be written."""
    if place.state is not PlaceState.ACTIVE:
        raise Refusal(RefusalCode.PLACE_SUSPENDED)


async def set_state(place: Place, state: PlaceState) -> None:
    place.state = state
    await place.save(update_fields=["state"])


async def ids_by_code() -> dict[str, UUID]:
    """Every place that there is."""
    return {place.code: place.id for place in await Place.all()}


async def every_id() -> list[UUID]:
    """Of all places, for what is done in each of them."""
    return [row["id"] for row in await scope.fetch("SELECT id FROM places ORDER BY id")]


async def by_ids(place_ids: Collection[UUID]) -> list[Place]:
    return await Place.filter(id__in=list(place_ids)).order_by("code")


async def by_code(code: str) -> Place | None:
    return await Place.get_or_none(code=code)


async def by_id(place_id: UUID) -> Place | None:
    return await Place.get_or_none(id=place_id)


async def hold_still(place_id: UUID) -> Place:
    """Lock the place until the transaction ends: of two that write its law, the second sees the first's."""
    return await Place.filter(id=place_id).select_for_update(no_key=True).get()


_ABOVE = """
WITH RECURSIVE above AS (
    SELECT id, parent_id, 0 AS distance FROM places WHERE id = $1
    UNION ALL
    SELECT p.id, p.parent_id, a.distance + 1 FROM places p JOIN above a ON p.id = a.parent_id
)
SELECT id FROM above ORDER BY distance
"""


async def chain(place_id: UUID) -> list[UUID]:
    """The place and those above it, nearest first."""
    return [row["id"] for row in await scope.fetch(_ABOVE, place_id)]


def at_or_above(place_id: UUID, column: str) -> Condition:
    """The rows whose column names the place, or one above it: a county has two kinds of places above."""
    above = [Linked(Place, "parent_id", Compared("id", "=", place_id), key=column)]
    above += [Linked(Place, "parent_id", replace(above[0], key="id"), key=column)]
    return Some((Compared(column, "=", place_id), *above))


async def above(place_id: UUID, code: str) -> UUID | None:
    """The place itself or one above it, by its code."""
    # Compared here: the ORM refuses to ask for what is too long to be a code.
    found = await Place.filter(id__in=await chain(place_id))
    return next((place.id for place in found if place.code == code), None)


# A place's own row: its id is the place, its code the division.
COLUMNS = {Field.PLACE: "id", Field.CODE: "code"}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which places of a list; None where it does not matter. `name`: a part of it. `after`: a code."""

    state: PlaceState | None = None
    kind: PlaceKind | None = None
    code: str | None = None
    name: str | None = None
    after: str | None = None

    @property
    def conditions(self) -> Q:
        asked = {
            "state": self.state,
            "kind": self.kind,
            "code": self.code,
            "name__contains": self.name,
            "code__gt": self.after,
        }
        return Q(**{lookup: value for lookup, value in asked.items() if value is not None})


ANY_PLACE = Wanted()


def visible(viewer: Viewer, access: Access) -> Condition:
    """The viewer's own place, and those below it where his post reaches them."""
    return reach.condition(access.reach(viewer, "place.read"), COLUMNS)


async def within(rows: Rows, wanted: Wanted = ANY_PLACE) -> list[Place]:
    """The places that a viewer reaches, by code."""
    reached = reach.condition(rows, COLUMNS).as_filter()
    return await Place.filter(reached, wanted.conditions).order_by("code")
