"""Outings: filing that one will be away on the work."""

from datetime import date, datetime
from typing import Annotated, ClassVar
from uuid import UUID

import strawberry
from strawberry import relay

from policies.access import Access
from policies.reach import Viewer
from policies.vocabulary import Category
from schema.connections import PAGE, After, Connection, First
from schema.decisions import Decision
from schema.fields import Info, command, described, read_field
from schema.nodes import MappedNode, maybe_row_id
from schema.people import Person
from schema.reads.asked import page
from schema.reads.declared import One
from schema.reads.related import Row, one
from schema.requests import Request
from schema.terms import Term, known_term
from schema.texts import LONGEST_DESTINATION, LONGEST_KEY, filled, kept
from schema.user_errors import Payload
from tenants import approvals, clock, outings, requests
from tenants.conditions import Condition
from tenants.outings import Outing as OutingRow


@strawberry.type(description=described("外出备案 / An outing on the work, filed.", "leave.read"))
class Outing(Row, MappedNode):
    model: ClassVar = OutingRow
    row_id: relay.NodeID[UUID]
    purpose: Term = strawberry.field(description="What it is for.")
    destination: str = strawberry.field(description="Where it goes.")
    departs_at: datetime = strawberry.field(description="When it begins.")
    returns_on: date = strawberry.field(description="The last day away.")
    recorded_at: datetime = strawberry.field(description="When it was filed.")
    row: strawberry.Private[OutingRow]

    person: Person = one("外出人 / Who goes out.", One("person_id"))
    request: Request | None = one(
        "备案 / The filing, with the law it rests on.", One("id", to="subject_id", visible=requests.visible)
    )

    @classmethod
    def visible(cls, viewer: Viewer, access: Access) -> Condition:
        return approvals.outings_visible(viewer, access)


@strawberry.input(description="外出备案 / What is filed.")
class OutingFileInput:
    purpose: str = strawberry.field(description="A term of category ACTIVITY, such as coordination_meeting.")
    destination: str = strawberry.field(description="Where it goes, at most 200 characters.")
    departs_at: datetime = strawberry.field(description="When it begins; without a zone, Shanghai time.")
    returns_on: date = strawberry.field(description="The last day away.")
    justification: str | None = strawberry.field(
        default=None, description="Why, where the answer warns: for going against an 原则上 rule."
    )
    post: strawberry.ID | None = strawberry.field(
        default=None, description="The post one goes out in; needed with several posts."
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description="Sent again with the same key, the command has one effect."
    )

    def filing(self) -> outings.Filing:
        return outings.Filing(
            purpose=known_term(self.purpose, Category.ACTIVITY, "purpose"),
            destination=filled(self.destination, "destination", LONGEST_DESTINATION),
            departs_at=clock.in_shanghai(self.departs_at),
            returns_on=self.returns_on,
            justification=kept(self.justification, "justification"),
            post_id=maybe_row_id(self.post, "post"),
        )


@strawberry.type(description="外出备案的结果 / What filing an outing answers with.")
class OutingPayload(Payload):
    outing: Outing | None = strawberry.field(default=None, description="The outing, when it was filed.")


@strawberry.type
class OutingQuery:
    @read_field(
        permission="leave.read",
        description="可见的外出备案，新的在前 / The outings the viewer may read, newest first.",
        closed=Connection.empty,
    )
    async def outings(self, info: Info, first: First = PAGE, after: After = None) -> Connection[Outing]:
        rows = outings.listed(info.context.viewer, info.context.access)
        found: Connection[Outing] = page(rows, first, after)
        return found


@strawberry.type
class OutingMutation:
    @command(
        permission="leave.file",
        payload=OutingPayload,
        description="外出备案：告知，不须批准 / File an outing: it tells, it asks nobody's consent.",
    )
    async def outing_file(
        self,
        info: Info,
        input: Annotated[OutingFileInput, strawberry.argument(description="What is filed.")],
    ) -> OutingPayload:
        context = info.context
        key = kept(input.idempotency_key, "idempotencyKey", LONGEST_KEY)
        done = await outings.file(context.viewer, context.law, input.filing(), key=key)
        decision = Decision.of(requests.decision_of(done.request))
        return OutingPayload(outing=Outing.of(done.outing), decision=decision)
