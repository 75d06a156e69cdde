"""Requests: what waits for whom, who has signed, and whether the viewer may."""

from asyncio import gather
from datetime import date, datetime
from typing import ClassVar, Self
from uuid import UUID

import strawberry
from strawberry import relay

from policies.access import Access
from policies.reach import Viewer
from schema.connections import LONGEST_PAGE, First, page_size
from schema.costs import Cost
from schema.decisions import Decision
from schema.divisions import Division
from schema.enums import enum
from schema.fields import ACTS_FOR_ORGAN, Info, described, read_field
from schema.nodes import SUBJECTS, MappedNode, subject
from schema.people import Person, Unit
from schema.reads.asked import every
from schema.reads.declared import Abilities, Kinds, Many, Mapped, One, read
from schema.reads.related import Row, one
from schema.terms import Term
from schema.user_errors import sentence_of
from tenants import approvals, requests, steps
from tenants.conditions import Condition
from tenants.refusals import Refusal
from tenants.requests import Request as RequestRow
from tenants.requests import Verdict as Word
from tenants.steps import Step as StepRow

enum(requests.RequestState, name="RequestState", description="申请状态 / State.")
enum(steps.StepState, name="StepState", description="步骤状态 / A step's state.")
enum(Word, name="Verdict", description="意见 / A signer's word.")


@strawberry.type(description=described("签署意见 / One person's word on one step.", "request.read"))
class Signature(Mapped):
    model: ClassVar = requests.Signature
    verdict: Word = strawberry.field(description="Approved or rejected.")
    remark: str | None = strawberry.field(description="What the signer wrote.")
    recorded_at: datetime = strawberry.field(description="When it was signed.")
    person_id: strawberry.Private[UUID]

    @classmethod
    def of(cls, row: requests.Signature) -> Self:
        return cls(
            verdict=row.verdict, remark=row.remark, recorded_at=row.recorded_at, person_id=row.person_id
        )

    @strawberry.field(description="签署人 / Who signed.", metadata=read(One("person_id")))
    async def person(self, info: Info) -> Person:
        return await Person.load(info, self.person_id)


@strawberry.type(description=described("办理步骤 / One party of one step.", "request.read"))
class Step(Mapped):
    model: ClassVar = StepRow
    id: strawberry.ID = strawberry.field(description="The step's id: stable, for keys of lists.")
    ordinal: int = strawberry.field(description="Which step it is; parties of one step share it.")
    act: str = strawberry.field(description="What is done: approve, sign, review …")
    organ: Term = strawberry.field(description="The organ that acts.")
    needed: int = strawberry.field(description="How many parties with this ordinal must sign.")
    state: steps.StepState = strawberry.field(description="Its state.")
    row: strawberry.Private[StepRow]

    @classmethod
    def of(cls, row: StepRow) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            ordinal=row.ordinal,
            act=row.act,
            organ=Term.of(row.organ),
            needed=row.needed,
            state=row.state,
            row=row,
        )

    @strawberry.field(
        description="办理单位 / The unit that the organ is here, where it is one.",
        metadata=read(One("unit_id")),
    )
    async def unit(self, info: Info) -> Unit | None:
        if self.row.unit_id is None:
            return None
        return Unit.maybe(await info.context.loaders.unit_by_id.load(self.row.unit_id))

    @strawberry.field(
        description="现可办理的人 / Who may act for the organ today. Empty: it waits for an acting post.",
        metadata={"cost": Cost(points=5, items=3)},
    )
    async def holders(self, info: Info) -> list[Person]:
        found = await steps.holders(info.context.access, self.row, info.context.viewer.day)
        return list(await gather(*(Person.load(info, person_id) for person_id in sorted(found))))

    @strawberry.field(
        description="已签意见 / The word given on it, if any.", metadata=read(One("id", to="step_id"))
    )
    async def signature(self, info: Info) -> Signature | None:
        signed: list[requests.Signature] = await info.context.loaders.signatures_of_request.load(
            self.row.request_id
        )
        return next((Signature.of(row) for row in signed if row.step_id == self.row.id), None)


@strawberry.type(description="能否办理及原因 / Whether the viewer may, and if not, why.")
class Ability:
    allowed: bool = strawberry.field(description="Whether he may.")
    code: str = strawberry.field(description="ALLOW, or why not; never translated.")
    message: str | None = strawberry.field(description="Why not, as a sentence.")


@strawberry.type(description="可办理的事项 / What the viewer may do with the object now.")
class RequestAbilities:
    sign: Ability = strawberry.field(description="Approve or reject an open step.")
    withdraw: Ability = strawberry.field(description="Take the request back.")


ABILITIES = Abilities({"sign": approvals.to_sign_now, "withdraw": approvals.to_withdraw_now})


@strawberry.type(description=described("申请 / A request and its way through the hands.", "request.read"))
class Request(Row, MappedNode):
    model: ClassVar = RequestRow
    row_id: relay.NodeID[UUID]
    subject_kind: str = strawberry.field(description="What it is about: leave or outing.")
    state: requests.RequestState = strawberry.field(description="Its state.")
    opened_on: date = strawberry.field(description="The day it was asked for.")
    recorded_at: datetime = strawberry.field(description="When it was recorded.")
    closed_at: datetime | None = strawberry.field(description="When it ended.")
    profile_version: int = strawberry.field(description="The profile version it keeps to its end.")
    justification: str | None = strawberry.field(description="The reason for going against an 原则上 rule.")
    version: int = strawberry.field(description="Counts its changes; pass it as expectedVersion.")
    row: strawberry.Private[RequestRow]

    applicant: Person = one("申请人 / Who asks.", One("applicant_id"))

    @strawberry.field(
        description="所在区划 / The division it is about.", metadata=read(One("code", to="code"))
    )
    async def division(self, info: Info) -> Division | None:
        return Division.maybe(await info.context.loaders.division_by_code.load(self.row.code))

    @strawberry.field(
        description="申请事项 / The leave or outing it is about.",
        metadata=read(Kinds("subject_kind", "subject_id", ("leave", "outing", "team"), SUBJECTS)),
    )
    async def subject(self, info: Info) -> relay.Node | None:
        return await subject(info, self.subject_kind, self.row.subject_id)

    @strawberry.field(description="提交时的结论及依据 / The law as it was asked when the request was opened.")
    async def decision(self, info: Info) -> Decision:
        return Decision.of(requests.decision_of(self.row), info.context.words)

    @strawberry.field(
        description="办理步骤 / Its steps, in order.",
        metadata={"cost": Cost(items=3), **read(Many("request_id", steps.IN_ORDER))},
    )
    async def steps(self, info: Info) -> list[Step]:
        rows: list[StepRow] = await info.context.loaders.steps_of_request.load(self.row_id)
        return [Step.of(row) for row in rows]

    @strawberry.field(
        description="您可办理的事项 / What the viewer may do with it now, and why not.",
        metadata={"cost": Cost(points=10), **read(ABILITIES)},
    )
    async def viewer_can(self, info: Info) -> RequestAbilities:
        context = info.context
        sign = await approvals.why_not_sign(context.viewer, context.access, self.row)
        withdraw = approvals.why_not_withdraw(context.viewer, context.access, self.row)
        return RequestAbilities(sign=_ability(sign, info), withdraw=_ability(withdraw, info))

    @classmethod
    def visible(cls, viewer: Viewer, access: Access) -> Condition:
        return requests.visible(viewer, access)


def _ability(why_not: Refusal | None, info: Info) -> Ability:
    if why_not is None:
        return Ability(allowed=True, code="ALLOW", message=None)
    message = sentence_of(why_not, info.context.language)
    return Ability(allowed=False, code=why_not.code.value, message=message)


@strawberry.type
class RequestQuery:
    @read_field(
        permission=ACTS_FOR_ORGAN,
        description="待办：等您签署的申请 / The open requests that wait for the viewer's hand, oldest first.",
        closed=list,
    )
    async def work_queue(self, info: Info, first: First = LONGEST_PAGE) -> list[Request]:
        waiting = await requests.work_queue(info.context.viewer, info.context.access, page_size(first))
        found: list[Request] = every(waiting)
        return found
