"""Signing: the mutations over requests of every kind, and how each kind's subject is shown."""

from typing import Annotated

import strawberry
from strawberry import relay

from schema.decisions import Decision
from schema.fields import ACTS_FOR_ORGAN, Info, command
from schema.jobs import Job
from schema.leave import Leave
from schema.nodes import SUBJECTS, row_id
from schema.outings import Outing
from schema.people import Person
from schema.places import Place
from schema.profiles import ProfileDraft, ProfileVersion
from schema.requests import Request
from schema.teams import Team
from schema.texts import LONGEST_KEY, kept
from schema.user_errors import Payload
from tenants import approvals
from tenants.requests import Request as RequestRow
from tenants.requests import Verdict, decision_of

SUBJECTS.update(job=Job, request=Request, leave=Leave, outing=Outing, team=Team)
SUBJECTS.update(person=Person, place=Place, profile=ProfileVersion, profile_draft=ProfileDraft)

RequestId = Annotated[relay.GlobalID, strawberry.argument(description="The request.")]
Expected = Annotated[int | None, strawberry.argument(description="The version the client has seen.")]
Key = Annotated[
    str | None, strawberry.argument(description="Sent again with the same key, the command has one effect.")
]
Remark = Annotated[str | None, strawberry.argument(description="A remark, at most 500 characters.")]


@strawberry.type(description="签署的结果 / What a command over a request answers with.")
class RequestPayload(Payload):
    request: Request | None = strawberry.field(default=None, description="The request, as it is now.")


def _payload(row: RequestRow) -> RequestPayload:
    return RequestPayload(request=Request.of(row), decision=Decision.of(decision_of(row)))


async def _signed(
    info: Info,
    id: relay.GlobalID,
    word: tuple[Verdict, str | None],
    expected_version: int | None,
    idempotency_key: str | None,
) -> RequestPayload:
    verdict, remark = word
    signed = await approvals.sign(
        info.context.viewer,
        info.context.access,
        row_id(id, "Request"),
        verdict=verdict,
        remark=remark,
        expected_version=expected_version,
        key=kept(idempotency_key, "idempotencyKey", LONGEST_KEY),
    )
    return _payload(signed)


@strawberry.type
class ApprovalMutation:
    @command(
        permission=ACTS_FOR_ORGAN,
        payload=RequestPayload,
        description="同意 / Approve what of it waits for the viewer.",
    )
    async def request_sign(
        self,
        info: Info,
        id: RequestId,
        remark: Remark = None,
        expected_version: Expected = None,
        idempotency_key: Key = None,
    ) -> RequestPayload:
        word = (Verdict.APPROVE, kept(remark, "remark"))
        return await _signed(info, id, word, expected_version, idempotency_key)

    @command(
        permission=ACTS_FOR_ORGAN,
        payload=RequestPayload,
        description="不同意，须写明理由；申请就此办结 / Reject; a remark is wanted, and the request ends.",
    )
    async def request_reject(
        self,
        info: Info,
        id: RequestId,
        remark: Annotated[str, strawberry.argument(description="Why, at most 500 characters.")],
        expected_version: Expected = None,
        idempotency_key: Key = None,
    ) -> RequestPayload:
        word = (Verdict.REJECT, kept(remark, "remark"))
        return await _signed(info, id, word, expected_version, idempotency_key)

    @command(
        permission="request.update",
        payload=RequestPayload,
        description="撤回本人的申请 / Take one's own open request back.",
    )
    async def request_withdraw(
        self, info: Info, id: RequestId, expected_version: Expected = None
    ) -> RequestPayload:
        withdrawn = await approvals.withdraw(
            info.context.viewer,
            info.context.access,
            row_id(id, "Request"),
            expected_version=expected_version,
        )
        return _payload(withdrawn)
