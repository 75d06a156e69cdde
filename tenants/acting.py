"""Act-as: a place above does something in a place below it, for one operation, under its own person's name.

Both places keep it: each has an audit entry that names the person, and the place acted in also keeps who came
from where and why, for its auditors to read. A reason is free text, so it stands here and in no audit entry.
The administrators of a place are told of what was done in it, and not why.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from tortoise import fields

from policies.access import Access
from policies.reach import Viewer
from tenants import audit, clock, notices, people, places, reach, scope
from tenants.conditions import Condition
from tenants.pages import Listing
from tenants.people import Person
from tenants.places import Place
from tenants.refusals import Refusal, RefusalCode
from tenants.rows import PlaceRow, Walls

COUNTY_ADMIN = "county_admin"


class ActAs(PlaceRow):
    """`place_id`, `person_id`: whose person acted, a row of the place above; the name is the one he had then.
    `reason` is None where the act made this place."""

    place_id = fields.UUIDField()
    place_name = fields.CharField(64)
    person_id = fields.UUIDField()
    person_name = fields.CharField(64)
    act = fields.CharField(64)
    reason = fields.CharField(500, null=True)
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "acts_as"

    walls = Walls(append_only=True)


@asynccontextmanager
async def acting_in(
    viewer: Viewer,
    place_id: UUID,
    act: str,
    *,
    reason: str | None = None,
    even_suspended: bool = False,
    **details: Any,
) -> AsyncIterator[dict[str, Any]]:
    """Run the block as writes in another place, in the transaction of the viewer's own. Raises
    PLACE_SUSPENDED where it is, unless the act is to suspend or to resume (`even_suspended`).

    `details` go into both audit entries: ids, codes, days; the block is given them, to add to. That the
    viewer reaches the place is the caller's question (`place_below`)."""
    there = await places.by_id(place_id)  # none where the act makes it
    if there is not None and not even_suspended:
        places.require_active(there)
    person = await Person.get(id=viewer.person_id)
    home = await places.by_id(viewer.place_id)
    assert home is not None, "a viewer stands in a place"
    async with scope.open(writes=place_id):
        yield details
        await ActAs.create(
            place_id=home.id,
            place_name=home.name,
            person_id=person.id,
            person_name=person.name,
            act=act,
            reason=reason,
            recorded_at=clock.now(),
        )
        await audit.record(viewer, act, ("place", place_id), acted_from=home.code, **details)
        if there is not None and reason is not None:
            admins = await people.in_role(COUNTY_ADMIN, there.today)
            await notices.tell(admins, act.replace(".", "_"), ("place", place_id))
    await audit.record(viewer, act, ("place", place_id), **details)


async def last_reason(place_id: UUID, act: str) -> str | None:
    """Why the act was last done in a place below."""
    async with scope.open(reads=[place_id]):
        last = await ActAs.filter(act=act).order_by("-recorded_at").first()
    return last.reason if last else None


async def place_below(viewer: Viewer, access: Access, permission: str, place_id: UUID) -> Place:
    """A place below the viewer's own that his permission reaches. Raises NOT_FOUND for any other."""
    reached = await places.within(access.reach(viewer, permission))
    found = next((place for place in reached if place.id == place_id), None)
    if found is None or found.id == viewer.place_id:
        raise Refusal(RefusalCode.NOT_FOUND, path=("place",))
    return found


def listed(viewer: Viewer, access: Access) -> Listing[ActAs]:
    """What places above did in the viewer's own, for those who may read its audit."""
    return Listing(ActAs, visible(viewer, access))


@reach.per_viewer
def visible(viewer: Viewer, access: Access) -> Condition:
    return reach.condition(access.reach(viewer, "audit.read"), {})
