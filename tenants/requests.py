"""Requests: the mechanics of asking and signing. It knows no subject: a request carries a kind and an id.

A request keeps the law it began under: profile version, decision, facts and the resolved parties of every
step are stored when it is opened. Who may sign is judged when it is signed, inside the transaction, by
`approvals`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields

from policies.access import Access
from policies.decisions import Decision, as_data, from_data
from policies.reach import Field, Viewer
from tenants import clock, reach, steps
from tenants.conditions import Among, Condition, Linked, Some
from tenants.pages import OLDEST, Listing
from tenants.people import Post
from tenants.profiles import LawInForce
from tenants.refusals import Refusal, RefusalCode
from tenants.rows import PlaceRow, Walls
from tenants.steps import Step, StepState


class RequestState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class Verdict(StrEnum):
    APPROVE = "approve"
    REJECT = "reject"


class Request(PlaceRow):
    """`code`: the division it is about. `opened_on`: the day it is asked for. `version` counts its
    changes."""

    subject_kind = fields.CharField(32)
    subject_id = fields.UUIDField()
    applicant_id = fields.UUIDField()
    post_id = fields.UUIDField()
    unit_id = fields.UUIDField(null=True)
    code = fields.CharField(12)
    state = fields.CharEnumField(RequestState, max_length=12, default=RequestState.OPEN)
    profile_id = fields.UUIDField()
    profile_version = fields.IntField()
    decision: dict[str, Any] = fields.JSONField()
    justification = fields.CharField(500, null=True)
    opened_on = fields.DateField()
    recorded_at = fields.DatetimeField()
    closed_at = fields.DatetimeField(null=True)
    version = fields.IntField(default=1)

    class Meta:
        table = "requests"

    walls = Walls(
        links={"applicant_id": "persons", "post_id": "posts", "unit_id": "units"},
        unique={"requests_one_per_subject": ("subject_kind", "subject_id")},
        indexes={"requests_by_code": ("code", "recorded_at"), "requests_by_applicant": ("applicant_id",)},
    )


class Signature(PlaceRow):
    """One person's word on one step. `grounds`: the row of the access rules that let him."""

    request_id = fields.UUIDField()
    step_id = fields.UUIDField()
    person_id = fields.UUIDField()
    post_id = fields.UUIDField()
    verdict = fields.CharEnumField(Verdict, max_length=12)
    remark = fields.CharField(500, null=True)
    grounds: dict[str, Any] = fields.JSONField()
    recorded_at = fields.DatetimeField()

    class Meta:
        table = "signatures"

    walls = Walls(
        links={"request_id": "requests", "step_id": "steps", "person_id": "persons", "post_id": "posts"},
        unique={"signatures_one_per_step": ("step_id",)},
        append_only=True,
    )


COLUMNS = {Field.OWNER: "applicant_id", Field.UNIT: "unit_id", Field.CODE: "code"}


@reach.per_viewer
def visible(viewer: Viewer, access: Access) -> Condition:
    """The requests that a viewer may read: by his posts, or because he acts for an organ that one of their
    steps names."""
    by_post = reach.condition(access.reach(viewer, "request.read"), COLUMNS)
    return Some((by_post, Linked(Step, "request_id", steps.to_sign(viewer, access))))


async def open_request(
    viewer: Viewer,
    law: LawInForce,
    decision: Decision,
    subject: tuple[str, UUID],
    applicant: Post,
    justification: str | None,
    *,
    begun: int = 0,
) -> Request:
    """Store the request with its steps resolved for this applicant, and tell those whom it waits for.
    One that asks nobody's consent (a filing) is closed at once as approved. `begun`: how many of the first
    steps are done by opening it.

    Raises NOBODY_HOLDS_ORGAN where a step names an organ that the place does not have."""
    assert law.profile_id is not None, "a decision to route comes from a document"
    assert law.version is not None, "a decision to route comes from a document"
    request = await Request.create(
        subject_kind=subject[0],
        subject_id=subject[1],
        applicant_id=applicant.person_id,
        post_id=applicant.id,
        unit_id=applicant.unit_id,
        code=applicant.code,
        profile_id=law.profile_id,
        profile_version=law.version,
        decision=as_data(decision),
        justification=justification,
        opened_on=viewer.day,
        recorded_at=clock.now(),
    )
    asked = [step for step in decision.steps[begun:] if not step.act.only_tells]
    if not asked:
        await _approved(viewer, law.access, request)
        return request
    parties = await steps.parties(law.access, request.id, asked, applicant)
    await Step.bulk_create(parties)
    await steps.tell(viewer, law.access, [party for party in parties if party.state is StepState.OPEN])
    return request


async def of_subject(kind: str, subject_id: UUID) -> Request | None:
    return await Request.get_or_none(subject_kind=kind, subject_id=subject_id)


def decision_of(request: Request) -> Decision:
    """The law as it was asked when the request was opened."""
    return from_data(request.decision)


def require_version(found: int, expected: int | None) -> None:
    """Raise CONFLICT when the caller has seen another version than the one that is there."""
    if expected is not None and found != expected:
        raise Refusal(RefusalCode.CONFLICT, path=("expectedVersion",), found=found)


async def signatures_of(request_ids: Collection[UUID]) -> dict[UUID, list[Signature]]:
    found: dict[UUID, list[Signature]] = {request_id: [] for request_id in request_ids}
    for signature in await Signature.filter(request_id__in=list(request_ids)).order_by("recorded_at", "id"):
        found[signature.request_id].append(signature)
    return found


async def work_queue(viewer: Viewer, access: Access, limit: int) -> Listing[Request]:
    """The open requests that wait for the viewer's hand, oldest first, at most `limit`."""
    ids = sorted(await _waiting(viewer, access))
    waiting = Listing(Request, Among("id", ids), OLDEST)
    if len(ids) <= limit:
        return waiting
    first = [request.id for request in await waiting.rows(limit)]
    return Listing(Request, Among("id", first), OLDEST)


async def waiting_count(viewer: Viewer, access: Access) -> int:
    return len(await _waiting(viewer, access))


async def _waiting(viewer: Viewer, access: Access) -> set[UUID]:
    """The requests with an open step that the viewer may sign and beside which he has not signed."""
    waiting = await Step.filter(steps.to_sign(viewer, access).as_filter(), state=StepState.OPEN)
    ids = list({step.request_id for step in waiting})
    signatures = await Signature.filter(request_id__in=ids, person_id=viewer.person_id)
    signed = await Step.filter(id__in=[signature.step_id for signature in signatures])
    done = {(step.request_id, step.ordinal) for step in signed}
    return {step.request_id for step in waiting if (step.request_id, step.ordinal) not in done}


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a signature rests on: the step, the post, and the row of the access rules that lets it act
    there."""

    step: Step
    post_id: UUID
    row: tuple[str, ...]


async def sign(
    viewer: Viewer,
    access: Access,
    request: Request,
    grounds: Sequence[Grounds],
    verdict: Verdict,
    remark: str | None,
) -> None:
    """Write one person's word on every step it closes, and move the request on. The caller has locked the
    request and judged the right."""
    state = StepState.SIGNED if verdict is Verdict.APPROVE else StepState.REJECTED
    for ground in grounds:
        await Signature.create(
            request_id=request.id,
            step_id=ground.step.id,
            person_id=viewer.person_id,
            post_id=ground.post_id,
            verdict=verdict,
            remark=remark,
            grounds={"row": ground.row},
            recorded_at=clock.now(),
        )
        await Step.filter(id=ground.step.id).update(state=state)
    if verdict is Verdict.REJECT:
        await close(request, RequestState.REJECTED)
    else:
        await _move_on(viewer, access, request, grounds[0].step.ordinal)


async def _move_on(viewer: Viewer, access: Access, request: Request, ordinal: int) -> None:
    parties = (await steps.of_requests([request.id]))[request.id]
    together = [party for party in parties if party.ordinal == ordinal]
    if sum(party.state is StepState.SIGNED for party in together) < together[0].needed:
        await _changed(request)
        return
    await Step.filter(request_id=request.id, ordinal=ordinal, state=StepState.OPEN).update(
        state=StepState.PASSED
    )
    if any(party.ordinal > ordinal for party in parties):
        await Step.filter(request_id=request.id, ordinal=ordinal + 1).update(state=StepState.OPEN)
        await _changed(request)
        await steps.tell(viewer, access, [party for party in parties if party.ordinal == ordinal + 1])
    else:
        await _approved(viewer, access, request)


async def _approved(viewer: Viewer, access: Access, request: Request) -> None:
    """End the request well, and tell those whom the law wants told (备案、报送)."""
    await close(request, RequestState.APPROVED)
    told = [step for step in decision_of(request).steps if step.act.only_tells]
    applicant = await Post.get(id=request.post_id)
    await steps.tell(viewer, access, await steps.parties(access, request.id, told, applicant))


async def _changed(request: Request, **values: Any) -> None:
    """One conditional UPDATE: of two that decide at once, the second finds the version moved on."""
    is_as_read = Request.filter(id=request.id, state=RequestState.OPEN, version=request.version)
    if await is_as_read.update(version=request.version + 1, **values) != 1:
        raise Refusal(RefusalCode.CONFLICT)
    request.version += 1


async def close(request: Request, state: RequestState) -> None:
    """End an open request: nothing of it waits for anybody any more."""
    closed_at = clock.now()
    await _changed(request, state=state, closed_at=closed_at)
    request.state, request.closed_at = state, closed_at
    unsigned = [StepState.OPEN, StepState.WAITING]
    await Step.filter(request_id=request.id, state__in=unsigned).update(state=StepState.PASSED)
