"""Teams: bodies that the documents want at a village, a township or the county, with people in their seats.

Which teams there are, which seats each has, who may sit in them and through whose hands a line-up goes is the
document's business; here stands who sits where, since when and by which decision.
"""

from collections.abc import Mapping
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.expressions import F

from policies.access import Access
from policies.reach import Field, Viewer
from tenants import notices, people, reach
from tenants.conditions import Compared, Condition, Every, Linked
from tenants.pages import Listing, Order
from tenants.requests import Request, RequestState
from tenants.rows import PlaceRow, Walls

SUBJECT, BASIS = "team", "team_seat"


class TeamState(StrEnum):
    PENDING = "pending"  # its line-up waits for consent
    IN_PLACE = "in_place"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    DISSOLVED = "dissolved"


STANDING = (TeamState.PENDING, TeamState.IN_PLACE)


class Team(PlaceRow):
    """`kind`: a term of category TEAM. `code`: the division it is for. `begins_on`: the day from which it is
    there, once nothing waits; `ends_on`: the first day on which it is not. `justification`: why it goes
    against an 原则上 rule."""

    kind = fields.CharField(64)
    name = fields.CharField(100)
    code = fields.CharField(12)
    state = fields.CharEnumField(TeamState, max_length=12)
    begins_on = fields.DateField()
    ends_on = fields.DateField(null=True)
    justification = fields.CharField(500, null=True)
    recorded_at = fields.DatetimeField()
    version = fields.IntField(default=1)

    class Meta:
        table = "teams"

    walls = Walls(
        indexes={
            "teams_by_code": ("code", "kind", "id"),
            "teams_by_time": ("recorded_at", "id"),
        },
        checks={"teams_end_after_they_begin": "ends_on IS NULL OR ends_on >= begins_on"},
    )


class Seat(PlaceRow):
    """`role`: a term of category ROLE. `entered`: what was said of the person that the record did not know.
    `post_id`: the post that the seat has opened, once the team is in place."""

    team_id = fields.UUIDField()
    role = fields.CharField(64)
    person_id = fields.UUIDField()
    entered: dict[str, Any] = fields.JSONField(default=dict)
    post_id = fields.UUIDField(null=True)
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "seats"

    walls = Walls(
        links={"team_id": "teams", "person_id": "persons", "post_id": "posts"},
        unique={"seats_once": ("team_id", "role", "person_id")},
        indexes={"seats_by_person": ("person_id", "team_id")},
    )


BY_PLACE = Order(("code", "kind", "id"))
IN_ORDER = Order(("role", "id"))
COLUMNS = {Field.CODE: "code"}


@reach.per_viewer
def visible(viewer: Viewer, access: Access) -> Condition:
    """The teams that a viewer may read: where his posts reach."""
    return reach.condition(access.reach(viewer, "team.read"), COLUMNS)


@reach.per_viewer
def seats_visible(viewer: Viewer, access: Access) -> Condition:
    """The seats of those teams."""
    return Linked(Team, "id", visible(viewer, access), key="team_id")


def listed(viewer: Viewer, access: Access, *conditions: Condition) -> Listing[Team]:
    """The teams that a viewer may read, by division and kind."""
    return Listing(Team, visible(viewer, access), BY_PLACE).also(*conditions)


def wanted(*, kind: str | None = None, span: tuple[str, str] | None = None, standing: bool) -> Condition:
    """Those of one kind, with codes in a span, and those that are there or are to be; None for any."""
    found: list[Condition] = [Compared("kind", "=", kind)] if kind is not None else []
    if span is not None:
        found += [Compared("code", ">=", span[0]), Compared("code", "<", span[1])]
    if standing:
        found += [Compared("ends_on", "=", None)]
    return Every(tuple(found))


async def in_place(team_id: UUID, since: date) -> None:
    """Let the seats of a team take effect: each opens a post, from a day on."""
    team = await Team.get(id=team_id)
    for seat in await Seat.filter(team_id=team_id).order_by("id"):
        post = await people.open_post(seat.person_id, seat.role, team.code, since, basis=BASIS)
        await Seat.filter(id=seat.id).update(post_id=post.id)
    await Team.filter(id=team_id).update(state=TeamState.IN_PLACE, version=F("version") + 1)


async def ended(team: Team, on: date, state: TeamState) -> None:
    """End a team and the posts of its seats: `on` is the first day that no longer counts."""
    for seat in await Seat.filter(team_id=team.id, post_id__isnull=False):
        assert seat.post_id is not None, "asked for"
        await people.end_post(seat.post_id, on)
    await Team.filter(id=team.id).update(state=state, ends_on=on, version=F("version") + 1)


_AFTER: Mapping[RequestState, TeamState] = {
    RequestState.REJECTED: TeamState.REJECTED,
    RequestState.WITHDRAWN: TeamState.WITHDRAWN,
}


async def complete(viewer: Viewer, request: Request) -> None:
    """The request has ended: the team is in place, or it never was; whoever put it up is told."""
    if request.state is RequestState.APPROVED:
        team = await Team.get(id=request.subject_id)
        # Nobody had consented before.
        await in_place(team.id, max(team.begins_on, viewer.day))
    else:
        team = await Team.get(id=request.subject_id)
        await ended(team, team.begins_on, _AFTER[request.state])
    await notices.tell([request.applicant_id], f"team_{request.state.value}", (SUBJECT, request.subject_id))
