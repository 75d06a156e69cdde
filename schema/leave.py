"""Leave: asking for it, extending it, coming back."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, ClassVar, Self
from uuid import UUID

import strawberry
from strawberry import relay

from policies.access import Access
from policies.reach import Viewer
from schema.connections import PAGE, After, Connection, First
from schema.decisions import Decision
from schema.enums import enum
from schema.fields import Info, command, described, read_field
from schema.nodes import MappedNode, maybe_row_id, row_id
from schema.people import Person
from schema.reads.asked import page
from schema.reads.declared import One
from schema.reads.related import Row, one
from schema.requests import Request
from schema.texts import LONGEST_KEY, kept
from schema.user_errors import Payload
from tenants import approvals, leave, requests
from tenants.conditions import Condition
from tenants.leave import Leave as LeaveRow
from tenants.leave import Submitted

enum(leave.LeaveState, name="LeaveState", description="请假状态 / Its state.")


@strawberry.type(description=described("请假 / A leave of one person.", "leave.read"))
class Leave(Row, MappedNode):
    model: ClassVar = LeaveRow
    row_id: relay.NodeID[UUID]
    begins_on: date = strawberry.field(description="Its first day.")
    ends_on: date = strawberry.field(description="Its last day.")
    begins_at_noon: bool = strawberry.field(description="The morning of the first day is not leave.")
    ends_at_noon: bool = strawberry.field(description="The afternoon of the last day is not leave.")
    days: Decimal = strawberry.field(description="Its calendar days, in halves.")
    days_judged: Decimal = strawberry.field(description="The days it was judged by, adjacent leaves added.")
    reason: str | None = strawberry.field(description="The reason given; in no notice and no audit entry.")
    state: leave.LeaveState = strawberry.field(description="Its state.")
    returned_on: date | None = strawberry.field(description="The day the person was back on duty.")
    recorded_at: datetime = strawberry.field(description="When it was recorded.")
    version: int = strawberry.field(description="Counts its changes; pass it as expectedVersion.")
    row: strawberry.Private[LeaveRow]

    person: Person = one("请假人 / Whose leave it is.", One("person_id"))
    extends: "Leave | None" = one(
        "所续的请假 / The leave that this one extends.", One("extends_id", visible=approvals.leaves_visible)
    )
    request: Request | None = one(
        "审批 / The request it goes through.", One("id", to="subject_id", visible=requests.visible)
    )

    @classmethod
    def visible(cls, viewer: Viewer, access: Access) -> Condition:
        return approvals.leaves_visible(viewer, access)


@strawberry.input(description="请假申请 / What is asked for. Days are included at both ends.")
class LeaveSubmitInput:
    begins_on: date = strawberry.field(description="The first day.")
    ends_on: date = strawberry.field(description="The last day.")
    begins_at_noon: bool = strawberry.field(default=False, description="Begins at noon of the first day.")
    ends_at_noon: bool = strawberry.field(default=False, description="Ends at noon of the last day.")
    reason: str | None = strawberry.field(default=None, description="The reason, at most 500 characters.")
    justification: str | None = strawberry.field(
        default=None, description="Why, where the answer warns: for going against an 原则上 rule."
    )
    post: strawberry.ID | None = strawberry.field(
        default=None, description="The post one takes leave from; needed with several posts."
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description="Sent again with the same key, the command has one effect."
    )

    def draft(self) -> leave.Draft:
        return leave.Draft(
            begins_on=self.begins_on,
            ends_on=self.ends_on,
            begins_at_noon=self.begins_at_noon,
            ends_at_noon=self.ends_at_noon,
            reason=kept(self.reason, "reason"),
            justification=kept(self.justification, "justification"),
            post_id=maybe_row_id(self.post, "post"),
        )


@strawberry.input(description="续假 / How far a leave is extended.")
class LeaveExtendInput:
    until: date = strawberry.field(description="The new last day.")
    until_noon: bool = strawberry.field(default=False, description="Ends at noon of that day.")
    reason: str | None = strawberry.field(default=None, description="The reason, at most 500 characters.")
    justification: str | None = strawberry.field(
        default=None, description="Why, where the answer warns: for going against an 原则上 rule."
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description="Sent again with the same key, the command has one effect."
    )

    def extension(self) -> leave.Extension:
        return leave.Extension(
            until=self.until,
            until_noon=self.until_noon,
            reason=kept(self.reason, "reason"),
            justification=kept(self.justification, "justification"),
        )


@strawberry.type(description="请假命令的结果 / What a leave command answers with.")
class LeavePayload(Payload):
    leave: Leave | None = strawberry.field(default=None, description="The leave, when it was carried out.")

    @classmethod
    def of(cls, done: Submitted) -> Self:
        return cls(leave=Leave.of(done.leave), decision=Decision.of(requests.decision_of(done.request)))


LeaveId = Annotated[relay.GlobalID, strawberry.argument(description="The leave.")]


@strawberry.type
class LeaveQuery:
    @read_field(
        permission="leave.read",
        description="可见的请假，新的在前 / The leaves the viewer may read, newest first.",
        closed=Connection.empty,
    )
    async def leaves(
        self,
        info: Info,
        state: Annotated[
            leave.LeaveState | None, strawberry.argument(description="Only in this state.")
        ] = None,
        first: First = PAGE,
        after: After = None,
    ) -> Connection[Leave]:
        rows = leave.listed(info.context.viewer, info.context.access, state)
        found: Connection[Leave] = page(rows, first, after)
        return found


@strawberry.type
class LeaveMutation:
    @command(
        permission="leave.submit",
        payload=LeavePayload,
        description="请假：按本地文件确定由谁批准 / Ask for leave; the place's document says who approves.",
    )
    async def leave_submit(
        self,
        info: Info,
        input: Annotated[LeaveSubmitInput, strawberry.argument(description="What is asked for.")],
    ) -> LeavePayload:
        context = info.context
        key = kept(input.idempotency_key, "idempotencyKey", LONGEST_KEY)
        done = await leave.submit(context.viewer, context.law, input.draft(), key=key)
        return LeavePayload.of(done)

    @command(
        permission="leave.update",
        payload=LeavePayload,
        description="续假：与原请假相连，天数合并计算 / Extend a leave; the days add up.",
    )
    async def leave_extend(
        self,
        info: Info,
        id: LeaveId,
        input: Annotated[LeaveExtendInput, strawberry.argument(description="How far it is extended.")],
    ) -> LeavePayload:
        context = info.context
        key = kept(input.idempotency_key, "idempotencyKey", LONGEST_KEY)
        leave_id = row_id(id, "Leave")
        done = await leave.extend(context.viewer, context.law, leave_id, input.extension(), key=key)
        return LeavePayload.of(done)

    @command(
        permission="leave.update",
        payload=LeavePayload,
        description="销假：报告返岗 / Report that one is back on duty.",
    )
    async def leave_return(
        self,
        info: Info,
        id: LeaveId,
        on: Annotated[date, strawberry.argument(description="The first day back on duty.")],
        expected_version: Annotated[
            int | None, strawberry.argument(description="The version the client has seen.")
        ] = None,
    ) -> LeavePayload:
        context = info.context
        back = await leave.come_back(
            context.viewer, context.law, row_id(id, "Leave"), on, expected_version=expected_version
        )
        return LeavePayload(leave=Leave.of(back))

    @command(
        permission="leave.update",
        payload=LeavePayload,
        description="取消已获批准、尚未开始的请假 / Give up an approved leave that has not begun.",
    )
    async def leave_cancel(self, info: Info, id: LeaveId) -> LeavePayload:
        context = info.context
        cancelled = await leave.cancel(context.viewer, context.law, row_id(id, "Leave"))
        return LeavePayload(leave=Leave.of(cancelled))
