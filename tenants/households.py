"""Households: the register of poor households (建档立卡) and their members.

A household lies in a village of the place, by its code, and is known by its number in the register. What is
said of it here is read by everybody whose post reaches the village, and by those who are paired with it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from tortoise import fields

from policies.access import Access
from policies.jurisdiction import subtree
from policies.reach import Field, Viewer
from tenants import clock, county_summaries, divisions, people, reach
from tenants.conditions import Compared, Condition, Every, Linked
from tenants.pages import NEWEST, Listing, Order, Sums
from tenants.pairings import Pairing
from tenants.reach import Columns, Through
from tenants.rows import PlaceRow, Walls


class HouseholdState(StrEnum):
    CANDIDATE = "candidate"  # named, not yet identified
    REGISTERED = "registered"  # identified as poor
    EXITED = "exited"  # out of poverty
    RELAPSED = "relapsed"  # in poverty again


class Relation(StrEnum):
    """Of a member to the head of the household."""

    HEAD = "head"
    SPOUSE = "spouse"
    CHILD = "child"
    PARENT = "parent"
    GRANDCHILD = "grandchild"
    SIBLING = "sibling"
    OTHER = "other"


class Household(PlaceRow):
    """`code`: its village. `head_name`: 户主, by whose name people call it. `main_cause`: a term for why it
    is poor. `income`: yuan for each person in the last year that was asked about."""

    code = fields.CharField(12)
    number = fields.CharField(32)
    head_name = fields.CharField(64)
    state = fields.CharEnumField(HouseholdState, max_length=12, default=HouseholdState.REGISTERED)
    main_cause = fields.CharField(64, null=True)
    population = fields.SmallIntField()
    income = fields.DecimalField(10, 2, null=True)
    address = fields.CharField(200, null=True)
    registered_on = fields.DateField(null=True)
    exited_on = fields.DateField(null=True)
    recorded_at = fields.DatetimeField()
    version = fields.IntField(default=1)

    class Meta:
        table = "households"

    walls = Walls(
        unique={"households_number_once": ("number",)},
        indexes={
            "households_by_code": ("code", "number", "id"),
            "households_by_state": ("state", "code"),
            "households_by_time": ("recorded_at", "id"),
        },
        checks={
            "households_have_people": "population >= 0",
            "households_exit_after_they_enter": "exited_on IS NULL OR exited_on >= registered_on",
        },
    )


class Member(PlaceRow):
    """`id_number_mask`: what anybody may see of the national id, such as 6211************12."""

    household_id = fields.UUIDField()
    name = fields.CharField(64)
    relation = fields.CharEnumField(Relation, max_length=12)
    born_on = fields.DateField(null=True)
    id_number_mask = fields.CharField(18, null=True)
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "members"

    walls = Walls(
        links={"household_id": "households"},
        unique={"members_one_head": ("household_id",)},
        indexes={"members_by_household": ("household_id", "recorded_at", "id")},
        where={"members_one_head": "relation = 'head'"},
    )


class OrderBy(StrEnum):
    DIVISION = "division"
    NUMBER = "number"
    RECORDED_AT = "recorded_at"


class Grouping(StrEnum):
    """The column by which households are counted."""

    STATE = "state"
    MAIN_CAUSE = "main_cause"
    VILLAGE = "code"


ORDERS = {
    OrderBy.DIVISION: Order(("code", "number", "id")),
    OrderBy.NUMBER: Order(("number", "id")),
    OrderBy.RECORDED_AT: NEWEST,
}


@reach.per_viewer
def visible(viewer: Viewer, access: Access) -> Condition:
    """The households that a viewer may read: in the villages that his post reaches, and those he helps."""
    return reached(viewer, access, "household.read")


def reached(viewer: Viewer, access: Access, permission: str) -> Condition:
    """The households for which the viewer has the permission."""
    paired = Through(Pairing, "household_id", "person_id", people.counts_on(viewer.day))
    columns: Columns = {Field.CODE: "code", Field.ASSIGNEE: paired}
    return reach.condition(access.reach(viewer, permission), columns)


@reach.per_viewer
def members_visible(viewer: Viewer, access: Access) -> Condition:
    """The members of those households."""
    return Linked(Household, "id", visible(viewer, access), key="household_id")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which households of a list; None where it does not matter. `division`: in it or below it."""

    division: str | None = None
    state: HouseholdState | None = None
    main_cause: str | None = None

    def conditions(self) -> Iterator[Condition]:
        if self.division is not None:
            lower, upper = subtree(self.division)
            yield Every((Compared("code", ">=", lower), Compared("code", "<", upper)))
        if self.state is not None:
            yield Compared("state", "=", self.state)
        if self.main_cause is not None:
            yield Compared("main_cause", "=", self.main_cause)


def listed(
    viewer: Viewer, access: Access, wanted: Wanted, order: OrderBy = OrderBy.DIVISION
) -> Listing[Household]:
    return Listing(Household, visible(viewer, access), ORDERS[order]).also(*wanted.conditions())


def kept_counts(viewer: Viewer, access: Access, wanted: Wanted, by: Grouping) -> Sums | None:
    """The numbers that the county keeps, where they are what is asked: all its households by their state,
    asked by somebody who may read all of them."""
    reached_rows = access.reach(viewer, "household.read")
    is_all = wanted == Wanted() and reached_rows.are_all_below(viewer.place_id, viewer.place_code)
    return county_summaries.states_of_households() if by is Grouping.STATE and is_all else None


@dataclass(frozen=True, slots=True)
class Named:
    """A member as he is entered."""

    name: str
    relation: Relation


async def enter(
    *, code: str, number: str, state: HouseholdState, members: Sequence[Named], **details: Any
) -> Household:
    """Enter a household into the register, its head first among its members. `details`: main_cause, income,
    address, registered_on, exited_on."""
    await divisions.require_until(code, None)
    now = clock.now()
    async with county_summaries.recounted():
        household = await Household.create(
            code=code,
            number=number,
            head_name=members[0].name,
            state=state,
            population=len(members),
            recorded_at=now,
            **details,
        )
        rows = [
            Member(household_id=household.id, name=one.name, relation=one.relation, recorded_at=now)
            for one in members
        ]
        await Member.bulk_create(rows)
    return household
