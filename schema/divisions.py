"""Divisions: the townships and villages that a place has adopted."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, ClassVar, Self
from uuid import UUID

import strawberry
from strawberry import relay

from policies.access import Access
from policies.jurisdiction import Level
from policies.reach import Viewer
from schema.connections import PAGE, After, Connection, First
from schema.costs import Cost
from schema.enums import enum
from schema.fields import Info, described, read_field
from schema.household_filters import InOrder, Which, households_asked
from schema.nodes import MappedNode
from schema.reads.asked import every
from schema.reads.declared import One, Pages, read
from schema.reads.related import Row, one, related_page
from schema.texts import division_code
from tenants import divisions, households
from tenants.conditions import Condition
from tenants.divisions import Division as DivisionRow
from tenants.households import ORDERS, OrderBy

if TYPE_CHECKING:
    from schema.households import Household

HOUSEHOLDS = Pages(
    "code", ORDERS[OrderBy.NUMBER], key="code", visible=households.visible, asked=households_asked
)
enum(Level, name="DivisionLevel", description="层级 / A level of the tree.")


@strawberry.type(description=described("行政区划 / A node of the place's own tree.", "division.read"))
class Division(Row, MappedNode):
    model: ClassVar = DivisionRow
    row_id: relay.NodeID[UUID]
    code: str = strawberry.field(description="Its 12-digit code.")
    official_code: str | None = strawberry.field(description="The register's code; null for a local node.")
    name: str = strawberry.field(description="Its name.")
    level: Level = strawberry.field(description="Its level.")
    parent_code: str | None = strawberry.field(description="The code of the node above.")
    ends_on: date | None = strawberry.field(description="The first day on which it no longer counts.")

    parent: "Division | None" = one(
        "上级区划 / The node above it; null for the place's own root.", One("parent_code", to="code")
    )

    @strawberry.field(
        description="本村的贫困户 / The households of the village that one may read, by number.",
        metadata=read(HOUSEHOLDS),
    )
    async def households(
        self,
        info: Info,
        filter: Which = None,
        order_by: InOrder = OrderBy.NUMBER,
        first: First = PAGE,
        after: After = None,
    ) -> Connection[Annotated["Household", strawberry.lazy("schema.households")]]:
        found: Connection[Household] = await related_page(
            self, info, HOUSEHOLDS, first, after, filter=filter, order_by=order_by
        )
        return found

    @classmethod
    def maybe(cls, row: DivisionRow | None) -> Self | None:
        return cls.of(row) if row is not None else None

    @classmethod
    def visible(cls, viewer: Viewer, access: Access) -> Condition:
        return divisions.visible(viewer, access)


@strawberry.type
class DivisionQuery:
    @read_field(
        permission="division.read",
        description="某一区划直接下辖的区划 / The nodes directly below one, the place's own root by default.",
        cost=Cost(items=50),
        closed=list,
    )
    async def divisions(
        self,
        info: Info,
        below: Annotated[str | None, strawberry.argument(description="The node's 12-digit code.")] = None,
    ) -> list[Division]:
        viewer = info.context.viewer
        code = division_code(below) if below is not None else viewer.place_code
        found: list[Division] = every(divisions.directly_below(viewer, info.context.access, code))
        return found
