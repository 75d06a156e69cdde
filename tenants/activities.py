"""Activities: what was done on the spot, such as a visit to a household. Late entry is normal in villages, so
each has both times."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from tortoise import fields

from policies.access import Access
from policies.reach import Field, Viewer
from tenants import audit, clock, households, idempotency, reach
from tenants.conditions import Compared, Condition, Every
from tenants.households import Household
from tenants.inserts import New, Of, together
from tenants.pages import Order
from tenants.profiles import LawInForce
from tenants.refusals import Flaw, Refusal, RefusalCode, invalid
from tenants.rows import PlaceRow, Walls


class Activity(PlaceRow):
    """`kind`: a term of category ACTIVITY. `occurred_at`: when it was done; `recorded_at`: when it was
    written down. `household_id`: whom it was about, where it was about one household."""

    kind = fields.CharField(64)
    person_id = fields.UUIDField()
    post_id = fields.UUIDField(null=True)
    unit_id = fields.UUIDField(null=True)
    code = fields.CharField(12)
    household_id = fields.UUIDField(null=True)
    occurred_at = fields.DatetimeField()
    note = fields.CharField(500, null=True)
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "activities"

    walls = Walls(
        links={
            "person_id": "persons",
            "post_id": "posts",
            "unit_id": "units",
            "household_id": "households",
        },
        indexes={
            "activities_by_household": ("household_id", "occurred_at", "id"),
            "activities_by_person": ("person_id", "occurred_at", "id"),
            "activities_by_code": ("code", "occurred_at", "id"),
        },
    )


ACT = "visit.record"
VISIT = "household_visit"
NEWEST = Order(("occurred_at", "id"), descending=True)
COLUMNS = {Field.OWNER: "person_id", Field.UNIT: "unit_id", Field.CODE: "code"}


@reach.per_viewer
def visible(viewer: Viewer, access: Access) -> Condition:
    return reach.condition(access.reach(viewer, "activity.read"), COLUMNS)


@reach.per_viewer
def visits(viewer: Viewer, access: Access) -> Condition:
    """Of the activities about a household, which come with it: the visits."""
    return Compared("kind", "=", VISIT)


@reach.per_viewer
def _visitable(viewer: Viewer, access: Access) -> Condition:
    return households.reached(viewer, access, "activity.create")


def between(since: date | None, until: date | None) -> Condition:
    """What was done from one day to another, both included; None where there is no such bound."""
    bounds: list[Condition] = []
    if since is not None:
        bounds.append(Compared("occurred_at", ">=", clock.midnight(since)))
    if until is not None:
        bounds.append(Compared("occurred_at", "<", clock.midnight(until + timedelta(days=1))))
    return Every(tuple(bounds))


@dataclass(frozen=True, slots=True)
class Visit:
    """What is said of a visit to a household."""

    household_id: UUID
    occurred_at: datetime
    note: str | None = None


async def record_visit(viewer: Viewer, law: LawInForce, visit: Visit, *, key: str | None = None) -> Activity:
    """Write down that the viewer has visited a household. `key`: sent again, it answers with the visit made.

    Refuses with NOT_FOUND a household that his posts do not let him visit, and a time that has not come."""
    if visit.occurred_at.astimezone(clock.SHANGHAI).date() > viewer.day:
        raise invalid(Flaw.IN_THE_FUTURE, "occurredAt", today=viewer.day)
    about = Every((_visitable(viewer, law.access), Compared("id", "=", visit.household_id)))
    activity = _new(visit, viewer.person_id)
    told = audit.entry(viewer, ACT, ("activity", activity.id), household=str(visit.household_id))
    once = idempotency.once(viewer, ACT, key, idempotency.payload_of(visit), activity.id)
    if await together(activity, told, of=Of(Household, about, {"code": "code"}), once=once):
        return activity.row()
    if (earlier := await idempotency.earlier(once)) is not None:
        return await Activity.get(id=earlier)
    raise Refusal(RefusalCode.NOT_FOUND, path=("household",))


async def note_visit(visit: Visit, person_id: UUID) -> None:
    """The row of a visit to a household of the place, alone."""
    which = Compared("id", "=", visit.household_id)
    await together(_new(visit, person_id), of=Of(Household, which, {"code": "code"}))


def _new(visit: Visit, person_id: UUID) -> New[Activity]:
    return New.of(
        Activity,
        kind=VISIT,
        person_id=person_id,
        household_id=visit.household_id,
        occurred_at=visit.occurred_at,
        note=visit.note,
        recorded_at=clock.now(),
    )
