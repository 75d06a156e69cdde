"""Act-as: what places above did in this one, for its auditors."""

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

import strawberry
from strawberry import relay

from policies.access import Access
from policies.reach import Viewer
from schema.connections import PAGE, After, Connection, First
from schema.fields import Info, described, read_field
from schema.nodes import MappedNode
from schema.reads.asked import page
from schema.reads.related import Row
from tenants import acting
from tenants.acting import ActAs as ActAsRow
from tenants.conditions import Condition

# What an act in a place below is told.
PlaceBelow = Annotated[relay.GlobalID, strawberry.argument(description="The place below.")]
Reason = Annotated[
    str, strawberry.argument(description="Why; the place's auditors read it. At most 500 characters.")
]


@strawberry.type(
    description=described("上级在本地办理 / One act of a place above in this one.", "audit.read")
)
class ActAs(Row, MappedNode):
    model: ClassVar = ActAsRow
    row_id: relay.NodeID[UUID]
    act: str = strawberry.field(description="What was done; never translated.")
    place_name: str = strawberry.field(description="The place whose person did it.")
    person_name: str = strawberry.field(description="The person, by the name he had then.")
    reason: str | None = strawberry.field(description="Why; null for the act that made this place.")
    recorded_at: datetime = strawberry.field(description="When it was done.")

    @classmethod
    def visible(cls, viewer: Viewer, access: Access) -> Condition:
        return acting.visible(viewer, access)


@strawberry.type
class ActingQuery:
    @read_field(
        permission="audit.read",
        description="上级在本地办理的事项，新的在前 / What places above did here, newest first.",
        closed=Connection.empty,
    )
    async def acts_as(self, info: Info, first: First = PAGE, after: After = None) -> Connection[ActAs]:
        rows = acting.listed(info.context.viewer, info.context.access)
        found: Connection[ActAs] = page(rows, first, after)
        return found
