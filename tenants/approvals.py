"""Signing: the one place where a request meets the noun it is about.

`KINDS` says who goes on when a request has ended. Who may sign is asked of Casbin at this moment, for the
organ the step names, in the transaction that writes the signature, with the posts it rests on locked
against revocation.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping
from dataclasses import astuple, replace
from uuid import UUID

from policies.access import Access, Code, authority
from policies.access import Verdict as Right
from policies.reach import Target, Viewer
from tenants import audit, idempotency, leave, notices, outings, people, reach, requests, steps, teams
from tenants.conditions import Compared, Condition, Every, Linked, Some, Unless
from tenants.refusals import Refusal, RefusalCode
from tenants.requests import Grounds, Request, RequestState, Signature, Verdict
from tenants.steps import Step, StepState


async def _nothing_more(viewer: Viewer, request: Request) -> None:
    """A filing ends with its request."""


KINDS: Mapping[str, Callable[[Viewer, Request], Awaitable[None]]] = {
    "leave": leave.complete,
    "outing": _nothing_more,
    "team": teams.complete,
}


STILL_OPEN = Compared("state", "=", RequestState.OPEN)


async def sign(
    viewer: Viewer,
    access: Access,
    request_id: UUID,
    *,
    verdict: Verdict,
    remark: str | None = None,
    expected_version: int | None = None,
    key: str | None = None,
) -> Request:
    """Approve or reject what of a request waits for the viewer. A rejection wants a remark and ends the
    request.

    Refuses with CONFLICT, ALREADY_DECIDED, ALREADY_SIGNED, NOT_YOURS_TO_SIGN (`reason`: why not) or
    NOT_FOUND."""
    payload = {"request": request_id, "verdict": verdict, "remark": remark}
    if await idempotency.claim(viewer, "request.sign", key, payload) is not None:
        return await _again_readable(viewer, access, request_id)
    if verdict is Verdict.REJECT and not (remark or "").strip():
        raise Refusal(RefusalCode.REASON_REQUIRED, path=("remark",))
    request = await _open_and_locked(viewer, access, request_id, expected_version)
    grounds = await _grounds_to_sign(await _held_still(viewer), access, request)
    await requests.sign(viewer, access, request, grounds, verdict, remark)
    await _record(viewer, request, grounds, verdict)
    if request.state is not RequestState.OPEN:
        await KINDS[request.subject_kind](viewer, request)
    await idempotency.settle(viewer, "request.sign", key, request.id)
    return request


async def withdraw(
    viewer: Viewer, access: Access, request_id: UUID, *, expected_version: int | None = None
) -> Request:
    """Take one's own request back while it is open."""
    request = await _open_and_locked(viewer, access, request_id, expected_version)
    if why_not := why_not_withdraw(viewer, access, request):
        raise why_not
    waited_for = await _waited_for(viewer, access, request)
    await requests.close(request, RequestState.WITHDRAWN)
    await audit.record(viewer, "request.withdraw", ("request", request.id))
    await notices.tell(waited_for, "request_withdrawn", ("request", request.id))
    await KINDS[request.subject_kind](viewer, request)
    return request


def target_of(viewer: Viewer, request: Request) -> Target:
    return Target(viewer.place_id, request.code, request.unit_id, request.applicant_id)


def right_to_sign(viewer: Viewer, access: Access, step: Step) -> Right:
    """Casbin's word on whether the viewer may act for the step's organ on this applicant's case."""
    return access.explain(viewer, steps.party_of(viewer, step), authority(step.organ))


async def may_read(viewer: Viewer, access: Access, request: Request) -> bool:
    return bool(await readable(viewer, access, [request.id]))


async def readable(viewer: Viewer, access: Access, ids: Collection[UUID]) -> list[Request]:
    """Those of the requests that the viewer may read."""
    return await Request.filter(requests.visible(viewer, access).as_filter(), id__in=list(ids))


@reach.per_viewer
def leaves_visible(viewer: Viewer, access: Access) -> Condition:
    """The leaves that the viewer may read: by reach, or because he signs their request."""
    return Some((leave.visible(viewer, access), _of_request(viewer, access)))


@reach.per_viewer
def outings_visible(viewer: Viewer, access: Access) -> Condition:
    """The outings that the viewer may read, in the same way."""
    return Some((outings.visible(viewer, access), _of_request(viewer, access)))


def _of_request(viewer: Viewer, access: Access) -> Condition:
    return Linked(Request, "subject_id", requests.visible(viewer, access))


@reach.per_viewer
def to_sign_now(viewer: Viewer, access: Access) -> Condition:
    """The requests for which `why_not_sign` has nothing to say."""
    signed = Linked(Signature, "step_id", Compared("person_id", "=", viewer.person_id))
    beside = Linked(Step, "request_id", signed, key="request_id", alike=("ordinal",))
    step = (Compared("state", "=", StepState.OPEN), steps.to_sign(viewer, access), Unless("id", beside))
    return Every((STILL_OPEN, Linked(Step, "request_id", Every(step))))


@reach.per_viewer
def to_withdraw_now(viewer: Viewer, access: Access) -> Condition:
    """The requests for which `why_not_withdraw` has nothing to say."""
    return Every((STILL_OPEN, reach.condition(access.reach(viewer, "request.update"), requests.COLUMNS)))


async def why_not_sign(viewer: Viewer, access: Access, request: Request) -> Refusal | None:
    """What signing would be refused with at this moment; None if it would be accepted."""
    if request.state is not RequestState.OPEN:
        return Refusal(RefusalCode.ALREADY_DECIDED, path=("id",), state=request.state.value)
    try:
        await _grounds_to_sign(viewer, access, request)
    except Refusal as refusal:
        return refusal
    return None


def why_not_withdraw(viewer: Viewer, access: Access, request: Request) -> Refusal | None:
    """What withdrawing would be refused with at this moment; None if it would be accepted."""
    if request.state is not RequestState.OPEN:
        return Refusal(RefusalCode.ALREADY_DECIDED, path=("id",), state=request.state.value)
    if access.can(viewer, target_of(viewer, request), "request.update"):
        return None
    return Refusal(RefusalCode.NOT_YOUR_OWN, path=("id",))


async def _again_readable(viewer: Viewer, access: Access, request_id: UUID) -> Request:
    """The request of a repeated command, if the viewer may still read it."""
    if found := await readable(viewer, access, [request_id]):
        return found[0]
    raise Refusal(RefusalCode.NOT_FOUND, path=("id",))


async def _open_and_locked(
    viewer: Viewer, access: Access, request_id: UUID, expected_version: int | None
) -> Request:
    request = await Request.locked(request_id)
    if request is None or not await may_read(viewer, access, request):
        raise Refusal(RefusalCode.NOT_FOUND, path=("id",))
    if request.state is not RequestState.OPEN:
        raise Refusal(RefusalCode.ALREADY_DECIDED, path=("id",), state=request.state.value)
    requests.require_version(request.version, expected_version)
    return request


async def _held_still(viewer: Viewer) -> Viewer:
    """The viewer with the posts he has at this moment, locked until the transaction ends."""
    still_open = await people.hold_still(viewer)
    return replace(viewer, posts=tuple(post for post in viewer.posts if post.id in still_open))


async def _grounds_to_sign(viewer: Viewer, access: Access, request: Request) -> list[Grounds]:
    """Every open step the viewer may sign, with what he may sign it by. One act of a person who holds several
    of the seats closes them all (A-17)."""
    parties = (await steps.of_requests([request.id]))[request.id]
    open_now = [party for party in parties if party.state is StepState.OPEN]
    if await _has_signed_beside(viewer, request, parties, open_now[0].ordinal):
        raise Refusal(RefusalCode.ALREADY_SIGNED, path=("id",))
    rights = [(step, right_to_sign(viewer, access, step)) for step in open_now]
    grounds = [
        Grounds(step, right.post_id, astuple(right.row))
        for step, right in rights
        if right.allowed and right.row is not None and right.post_id is not None
    ]
    if not grounds:
        raise Refusal(RefusalCode.NOT_YOURS_TO_SIGN, path=("id",), reason=_first_reason(rights))
    return grounds


async def _has_signed_beside(viewer: Viewer, request: Request, parties: list[Step], ordinal: int) -> bool:
    """Whether the viewer has already given his word on a party of this step."""
    together = {party.id for party in parties if party.ordinal == ordinal}
    signed = (await requests.signatures_of([request.id]))[request.id]
    return any(s.person_id == viewer.person_id and s.step_id in together for s in signed)


def _first_reason(rights: list[tuple[Step, Right]]) -> str:
    """Why not, the nearest miss first: on one's own case, out of reach, and so on."""
    found = {right.code for _, right in rights}
    order = (Code.DENIED_BY_RULE, Code.NOT_DELEGATED, Code.OUT_OF_REACH, Code.ROLE_LACKS_PERMISSION)
    return next((code for code in order if code in found), Code.NO_ACTIVE_POST).value


async def _waited_for(viewer: Viewer, access: Access, request: Request) -> set[UUID]:
    parties = (await steps.of_requests([request.id]))[request.id]
    found: set[UUID] = set()
    for step in parties:
        if step.state is StepState.OPEN:
            found |= await steps.holders(access, step, viewer.day)
    return found


async def _record(viewer: Viewer, request: Request, grounds: list[Grounds], verdict: Verdict) -> None:
    """The law the request began under, and the one whose rows let the viewer act today."""
    await audit.record(
        viewer,
        f"request.{verdict.value}",
        ("request", request.id),
        organs=[ground.step.organ for ground in grounds],
        posts=[str(ground.post_id) for ground in grounds],
        rows=[list(ground.row) for ground in grounds],
        profile_version=request.profile_version,
        access_digest=viewer.digest,
        state=request.state.value,
    )
