"""Outings: 外出备案. Time away on the work counts as work; a filing tells, it asks nobody."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from tortoise import fields

from policies.access import Access
from policies.circumstances import FactValue
from policies.outcomes import Outcome
from policies.reach import Field, Viewer
from tenants import audit, clock, decisions, idempotency, places, reach, requests
from tenants.conditions import Condition
from tenants.leave import LONGEST_ABSENCE
from tenants.pages import Listing
from tenants.people import Post
from tenants.profiles import LawInForce
from tenants.refusals import Flaw, invalid
from tenants.requests import Request
from tenants.rows import PlaceRow, Walls


class Outing(PlaceRow):
    """`departs_at`: the filing must come before it. `returns_on`: the last day away."""

    person_id = fields.UUIDField()
    post_id = fields.UUIDField()
    unit_id = fields.UUIDField(null=True)
    code = fields.CharField(12)
    purpose = fields.CharField(64)
    destination = fields.CharField(200)
    departs_at = fields.DatetimeField()
    returns_on = fields.DateField()
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "outings"

    walls = Walls(
        links={"person_id": "persons", "post_id": "posts", "unit_id": "units"},
        indexes={
            "outings_by_code": ("code", "recorded_at"),
            "outings_by_person": ("person_id", "departs_at"),
        },
    )


COLUMNS = {Field.OWNER: "person_id", Field.UNIT: "unit_id", Field.CODE: "code"}


@dataclass(frozen=True, slots=True)
class Filing:
    purpose: str
    destination: str
    departs_at: datetime
    returns_on: date
    justification: str | None = None
    post_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Filed:
    outing: Outing
    request: Request


async def file(viewer: Viewer, law: LawInForce, filing: Filing, *, key: str | None = None) -> Filed:
    """File an outing in one of the viewer's posts, and tell the organ that the document names. Refuses
    with the decision behind it where the document does not know such a filing, or wants it earlier."""
    earlier = await idempotency.claim(viewer, "outing.file", key, idempotency.payload_of(filing))
    if earlier is not None:
        return await filed(earlier)
    post = await decisions.post_in_use(viewer, filing.post_id)
    decisions.require_right(viewer, law, "leave.file", post)
    _require_possible(post, filing)
    facts: dict[str, FactValue] = {
        "who": (post.role,),
        "written": True,
        "filed_before_departure": await _is_early_enough(viewer, filing),
    }
    decision = decisions.ask_to_act(
        viewer, law, "outing", facts, wanted=(Outcome.FILE,), justification=filing.justification
    )
    outing = await _write(viewer, post, filing)
    request = await requests.open_request(
        viewer, law, decision, ("outing", outing.id), post, filing.justification
    )
    await audit.record(viewer, "outing.file", ("outing", outing.id), **audit.law_of(decision))
    await idempotency.settle(viewer, "outing.file", key, outing.id)
    return Filed(outing, request)


async def filed(outing_id: UUID) -> Filed:
    request = await requests.of_subject("outing", outing_id)
    assert request is not None, "an outing is written together with its request"
    return Filed(await Outing.get(id=outing_id), request)


def listed(viewer: Viewer, access: Access) -> Listing[Outing]:
    return Listing(Outing, visible(viewer, access))


@reach.per_viewer
def visible(viewer: Viewer, access: Access) -> Condition:
    """Outings are read by those who may read leaves: they are the other half of the attendance."""
    return reach.condition(access.reach(viewer, "leave.read"), COLUMNS)


def _require_possible(post: Post, filing: Filing) -> None:
    departs_on = filing.departs_at.astimezone(clock.SHANGHAI).date()
    if filing.returns_on < departs_on:
        raise invalid(Flaw.ENDS_BEFORE_IT_BEGINS, "returnsOn")
    decisions.require_within(post, departs_on, filing.returns_on, "departsAt")
    if (days := (filing.returns_on - departs_on).days + 1) > LONGEST_ABSENCE:
        raise invalid(Flaw.TOO_MANY_DAYS, "returnsOn", days=days, most=LONGEST_ABSENCE)


async def _is_early_enough(viewer: Viewer, filing: Filing) -> bool:
    place = await places.by_id(viewer.place_id)
    return place is not None and place.moment < filing.departs_at


async def _write(viewer: Viewer, post: Post, filing: Filing) -> Outing:
    return await Outing.create(
        person_id=viewer.person_id,
        post_id=post.id,
        unit_id=post.unit_id,
        code=post.code,
        purpose=filing.purpose,
        destination=filing.destination,
        departs_at=filing.departs_at,
        returns_on=filing.returns_on,
        recorded_at=clock.now(),
    )
