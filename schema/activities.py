"""Activities: what was done on the spot."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, ClassVar
from uuid import UUID

import strawberry
from strawberry import relay

from policies.access import Access
from policies.reach import Viewer
from schema.divisions import Division
from schema.fields import Info, command, described
from schema.nodes import MappedNode, row_id
from schema.people import Person
from schema.reads.declared import Asked, One
from schema.reads.related import Row, one
from schema.terms import Term
from schema.texts import LONGEST_KEY, kept
from schema.user_errors import Payload
from tenants import activities, clock, households
from tenants.activities import Activity as ActivityRow
from tenants.conditions import Condition

if TYPE_CHECKING:
    from schema.households import Household


@strawberry.input(description="筛选走访 / Which visits; what is left out does not matter.")
class VisitFilter:
    since: date | None = strawberry.field(default=None, description="On this day or after it, in Shanghai.")
    until: date | None = strawberry.field(default=None, description="On this day or before it, in Shanghai.")


WhichVisits = Annotated[VisitFilter | None, strawberry.argument(description="Which of them.")]


def visits_asked(filter: VisitFilter | None = None) -> Asked:
    wanted = filter or VisitFilter()
    return Asked(activities.between(wanted.since, wanted.until))


@strawberry.type(
    description=described("工作活动 / What was done on the spot, such as a visit.", "activity.read")
)
class Activity(Row, MappedNode):
    model: ClassVar = ActivityRow
    row_id: relay.NodeID[UUID]
    kind: Term = strawberry.field(description="What was done.")
    occurred_at: datetime = strawberry.field(description="When it was done.")
    recorded_at: datetime = strawberry.field(description="When it was written down.")
    note: str | None = strawberry.field(description="What was found or agreed.")
    person: Person = one("办理人 / Who did it.", One("person_id"))
    division: Division | None = one("所在区划 / Where it was done.", One("code", to="code"))
    household: Annotated["Household", strawberry.lazy("schema.households")] | None = one(
        "所涉的户 / The household, if one may read it.", One("household_id", visible=households.visible)
    )

    @classmethod
    def visible(cls, viewer: Viewer, access: Access) -> Condition:
        return activities.visible(viewer, access)


@strawberry.input(description="入户走访 / What is written down of a visit.")
class VisitRecordInput:
    household: relay.GlobalID = strawberry.field(description="The household that was visited.")
    occurred_at: datetime = strawberry.field(description="When; without a zone, Shanghai time.")
    note: str | None = strawberry.field(default=None, description="What was found, at most 500 characters.")
    idempotency_key: str | None = strawberry.field(
        default=None, description="Sent again with the same key, the command has one effect."
    )

    def visit(self) -> activities.Visit:
        return activities.Visit(
            household_id=row_id(self.household, "Household", "household"),
            occurred_at=clock.in_shanghai(self.occurred_at),
            note=kept(self.note, "note"),
        )


@strawberry.type(description="走访登记的结果 / What recording a visit answers with.")
class VisitPayload(Payload):
    visit: Activity | None = strawberry.field(default=None, description="The visit, when it was recorded.")


@strawberry.type
class ActivityMutation:
    @command(
        permission="activity.create",
        payload=VisitPayload,
        description="登记入户走访 / Write down that one has visited a household.",
    )
    async def visit_record(
        self,
        info: Info,
        input: Annotated[VisitRecordInput, strawberry.argument(description="What is written down.")],
    ) -> VisitPayload:
        context = info.context
        key = kept(input.idempotency_key, "idempotencyKey", LONGEST_KEY)
        done = await activities.record_visit(context.viewer, context.law, input.visit(), key=key)
        return VisitPayload(visit=Activity.of(done))
