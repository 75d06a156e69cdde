"""Households: the register of poor households, with their members, helpers and visits."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar
from uuid import UUID

import strawberry
from strawberry import relay

from policies.access import Access
from policies.reach import Viewer
from schema.activities import Activity, WhichVisits, visits_asked
from schema.connections import PAGE, After, Connection, First
from schema.costs import Cost
from schema.divisions import Division
from schema.enums import enum
from schema.fields import Info, described, read_field
from schema.household_filters import HouseholdFilter, InOrder, Which, wanted_of
from schema.nodes import MappedNode
from schema.pairings import Pairing, WhichPairings, pairings_asked
from schema.reads.asked import counts, page, sums
from schema.reads.declared import Many, One, Pages, read
from schema.reads.related import Row, many, one, related_page
from schema.terms import Term
from tenants import activities, households
from tenants.conditions import Condition
from tenants.households import Grouping, OrderBy
from tenants.households import Household as HouseholdRow
from tenants.households import Member as MemberRow
from tenants.pages import OLDEST, Listing

enum(households.Relation, name="Relation", description="与户主关系 / Relation to the head.")

PAIRINGS = Pages("household_id", asked=pairings_asked)
VISITS = Pages("household_id", activities.NEWEST, visible=activities.visits, asked=visits_asked)


@strawberry.type(description=described("家庭成员 / One member of a household.", "household.read"))
class Member(Row, MappedNode):
    model: ClassVar = MemberRow
    row_id: relay.NodeID[UUID]
    name: str = strawberry.field(description="The member's name.")
    relation: households.Relation = strawberry.field(description="To the head of the household.")
    born_on: date | None = strawberry.field(description="The day of birth.")
    id_number_mask: str | None = strawberry.field(description="身份证号（部分隐去） / The id, partly hidden.")

    @classmethod
    def visible(cls, viewer: Viewer, access: Access) -> Condition:
        return households.members_visible(viewer, access)


@strawberry.type(description=described("建档立卡贫困户 / A household of the register.", "household.read"))
class Household(Row, MappedNode):
    model: ClassVar = HouseholdRow
    row_id: relay.NodeID[UUID]
    number: str = strawberry.field(description="Its number in the register.")
    head_name: str = strawberry.field(description="户主 / The name of its head.")
    state: households.HouseholdState = strawberry.field(description="Its state.")
    main_cause: Term | None = strawberry.field(description="主要致贫原因 / Why it is poor.")
    population: int = strawberry.field(description="How many people it has.")
    income: Decimal | None = strawberry.field(description="人均年收入（元） / Yuan a year for each person.")
    address: str | None = strawberry.field(description="Where it lives in the village.")
    registered_on: date | None = strawberry.field(description="The day it was registered.")
    exited_on: date | None = strawberry.field(description="脱贫 / The day it left the register.")
    recorded_at: datetime = strawberry.field(description="When it was recorded.")
    version: int = strawberry.field(description="Counts its changes; pass it as expectedVersion.")
    division: Division | None = one("所在村 / Its village.", One("code", to="code"))
    members: list[Member] = many("家庭成员 / Its members.", Many("household_id", OLDEST), Cost(items=4))

    @strawberry.field(description="结对帮扶，新的在前 / Who helps it.", metadata=read(PAIRINGS))
    async def pairings(
        self, info: Info, filter: WhichPairings = None, first: First = PAGE, after: After = None
    ) -> Connection[Pairing]:
        found: Connection[Pairing] = await related_page(self, info, PAIRINGS, first, after, filter=filter)
        return found

    @strawberry.field(
        description="入户走访，新的在前 / The visits to it, newest first.", metadata=read(VISITS)
    )
    async def visits(
        self, info: Info, filter: WhichVisits = None, first: First = PAGE, after: After = None
    ) -> Connection[Activity]:
        found: Connection[Activity] = await related_page(self, info, VISITS, first, after, filter=filter)
        return found

    @classmethod
    def visible(cls, viewer: Viewer, access: Access) -> Condition:
        return households.visible(viewer, access)


enum(Grouping, name="HouseholdGrouping", description="按何统计 / By what they are counted.")


@strawberry.type(description="户数 / How many households have one value.")
class HouseholdCount:
    counts_of: ClassVar = "Household"
    value: str | None = strawberry.field(description="The value: a state, a cause or a village's code.")
    count: int = strawberry.field(description="How many.")


@strawberry.type
class HouseholdQuery:
    @read_field(
        permission="household.read",
        description="可见的贫困户 / The households that the viewer may read, by village and number.",
        closed=Connection.empty,
    )
    async def households(
        self,
        info: Info,
        filter: Which = None,
        order_by: InOrder = OrderBy.DIVISION,
        first: First = PAGE,
        after: After = None,
    ) -> Connection[Household]:
        found: Connection[Household] = page(_listed(info, filter, order_by), first, after)
        return found

    @read_field(
        permission="household.read",
        description="可见贫困户的户数 / How many of these households there are, value by value.",
        cost=Cost(points=20, items=10),
        closed=list,
    )
    async def household_counts(
        self,
        info: Info,
        by: Annotated[Grouping, strawberry.argument(description="By what.")],
        filter: Which = None,
    ) -> list[HouseholdCount]:
        asked, context = Grouping(by), info.context
        kept = households.kept_counts(context.viewer, context.access, wanted_of(filter), asked)
        read = sums(kept) if kept is not None else counts(_listed(info, filter), asked.value)
        found: list[HouseholdCount] = read
        return found


def _listed(
    info: Info,
    filter: HouseholdFilter | None,
    order: OrderBy = OrderBy.DIVISION,
) -> Listing[HouseholdRow]:
    wanted = wanted_of(filter)
    return households.listed(info.context.viewer, info.context.access, wanted, order)
