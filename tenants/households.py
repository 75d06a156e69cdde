"""Households: the register of poor households (建档立卡) and their members.

A household lies in a village of the place, by its code, and is known by its number in the register. What is
said of it here is read by everybody whose post reaches the village, and by those who are paired with it.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import uuid4

from tortoise import fields

from policies.access import Access
from policies.jurisdiction import subtree
from policies.reach import Field, Viewer
from tenants import clock, county_summaries, divisions, people, reach, scope
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
    born_on: date | None = None
    id_number_mask: str | None = None


@dataclass(frozen=True, slots=True)
class Entering:
    """A household as it is entered with others, its head first among its members."""

    code: str
    number: str
    state: HouseholdState
    members: Sequence[Named]
    income: Decimal | None = None
    address: str | None = None
    registered_on: date | None = None
    exited_on: date | None = None


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


_ENTER = """
INSERT INTO households (id, tenant_id, code, number, head_name, state, population, income, address,
                        registered_on, exited_on, recorded_at, version)
SELECT h.id, $1, h.code, h.number, h.head_name, h.state, h.population, h.income, h.address,
       h.registered_on, h.exited_on, $2, 1
FROM unnest($3::uuid[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[], $9::numeric[],
            $10::text[], $11::date[], $12::date[])
  AS h (id, code, number, head_name, state, population, income, address, registered_on, exited_on)
"""
_ENTER_MEMBERS = """
INSERT INTO members (id, tenant_id, household_id, name, relation, born_on, id_number_mask, recorded_at)
SELECT m.id, $1, m.household_id, m.name, m.relation, m.born_on, m.id_number_mask, $2
FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::text[], $7::date[], $8::text[])
  AS m (id, household_id, name, relation, born_on, id_number_mask)
"""


@county_summaries.recounted()
async def enter_many(entering: Sequence[Entering]) -> None:
    """Enter households into the register, all in two statements. Their villages are held meanwhile, and none
    of their numbers is there (`numbers_held`)."""
    for code in sorted({one.code for one in entering}):
        await divisions.require_until(code, None)
    now, rows = clock.now(), [(uuid4(), one) for one in entering]
    households = [(id, *_columns_of(one)) for id, one in rows]
    members = [
        (uuid4(), id, member.name, member.relation.value, member.born_on, member.id_number_mask)
        for id, one in rows
        for member in one.members
    ]
    await scope.execute(_ENTER, scope.writer(), now, *map(list, zip(*households, strict=True)))
    # The foreign key's own plan was made when there were few households, and would read them all for each
    # member: the time it takes would grow with the square of the file.
    await scope.execute_script("DISCARD PLANS")
    await scope.execute(_ENTER_MEMBERS, scope.writer(), now, *map(list, zip(*members, strict=True)))


def _columns_of(one: Entering) -> tuple[Any, ...]:
    described = (one.code, one.number, one.members[0].name, one.state.value, len(one.members))
    return *described, one.income, one.address, one.registered_on, one.exited_on


_NUMBERS = "SELECT number FROM households WHERE tenant_id = $1 AND number = ANY($2::text[])"


async def numbers_held(numbers: Collection[str]) -> set[str]:
    """Those of the numbers that households of the place have."""
    return {row["number"] for row in await scope.fetch(_NUMBERS, scope.writer(), list(numbers))}
