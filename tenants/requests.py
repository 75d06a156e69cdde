"""Requests: the mechanics of asking and signing. It knows no subject: a request carries a kind and an id.

A request keeps the law it began under: profile version, decision, facts and the resolved parties of every
step are stored when it is opened. Who may sign is judged when it is signed, inside the transaction, by
`approvals`.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.expressions import Q

from policies.access import Access, authority
from policies.decisions import Decision, Group, Mode, StepAct, as_data, from_data
from policies.decisions import Step as LawStep
from policies.jurisdiction import lineage
from policies.reach import Field, Reach, Target, Viewer
from policies.vocabulary import vocabulary
from tenants import clock, notices, people, reach, units
from tenants.people import Post
from tenants.profiles import LawInForce
from tenants.refusals import Refusal, RefusalCode
from tenants.rows import PlaceRow, Walls


class RequestState(StrEnum):
    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"


class StepState(StrEnum):
    WAITING = "waiting"  # an earlier step is not complete
    OPEN = "open"
    SIGNED = "signed"
    REJECTED = "rejected"
    PASSED = "passed"  # enough others signed, or the request ended


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


class Step(PlaceRow):
    """One party of one step. Parties of the same `ordinal` belong together: `needed` of them must sign."""

    request_id = fields.UUIDField()
    ordinal = fields.SmallIntField()
    act = fields.CharField(16)
    organ = fields.CharField(64)
    needed = fields.SmallIntField()
    code = fields.CharField(12)
    unit_id = fields.UUIDField(null=True)
    applicant_id = fields.UUIDField()
    state = fields.CharEnumField(StepState, max_length=12)

    class Meta:
        table = "steps"

    walls = Walls(
        links={"request_id": "requests", "unit_id": "units", "applicant_id": "persons"},
        unique={"steps_party_once": ("request_id", "ordinal", "organ")},
        indexes={"steps_by_state": ("state", "organ", "code")},
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
        unique={
            "signatures_one_per_step": ("step_id",),
            "signatures_one_per_person": ("request_id", "person_id"),
        },
        append_only=True,
    )


STEP_COLUMNS = {Field.OWNER: "applicant_id", Field.UNIT: "unit_id", Field.CODE: "code"}


async def open_request(
    viewer: Viewer,
    law: LawInForce,
    decision: Decision,
    subject: tuple[str, UUID],
    applicant: Post,
    justification: str | None,
) -> Request:
    """Store the request with its steps resolved for this applicant, and tell those whom it waits for.
    One that asks nobody's consent (a filing) is closed at once as approved.

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
    asked = [step for step in decision.steps if not step.act.only_tells]
    told = [step for step in decision.steps if step.act.only_tells]
    await _tell(viewer, law.access, request, await _parties(viewer, law.access, request, told, applicant))
    if not asked:
        await close(request, RequestState.APPROVED)
        return request
    steps = await _parties(viewer, law.access, request, asked, applicant)
    await Step.bulk_create(steps)
    await _tell(viewer, law.access, request, [step for step in steps if step.state is StepState.OPEN])
    return request


async def _parties(
    viewer: Viewer, access: Access, request: Request, steps: Sequence[LawStep], applicant: Post
) -> list[Step]:
    """The parties of some steps of the law, resolved for this applicant; not saved."""
    return [
        Step(
            request_id=request.id,
            ordinal=ordinal,
            act=step.act.value,
            organ=organ,
            needed=how_many(step.group),
            code=applicant.code,
            unit_id=await unit_of(organ, viewer, access, applicant),
            applicant_id=applicant.person_id,
            state=StepState.OPEN if ordinal == 1 else StepState.WAITING,
        )
        for ordinal, step in enumerate(steps, start=1)
        for organ in step.group.terms
    ]


def how_many(group: Group) -> int:
    """How many parties of a step must sign. Several names for one actor (党委、政府) are one."""
    match group.mode:
        case Mode.ANY | Mode.AS_ONE | Mode.ONE:
            return 1
        case Mode.AT_LEAST:
            return group.count or 1
        case Mode.ALL | Mode.EACH:
            return len(group.terms)


async def unit_of(organ: str, viewer: Viewer, access: Access, applicant: Post) -> UUID | None:
    """The unit that is this organ for this applicant; None for an organ that acts by its place in the tree.

    Raises NOBODY_HOLDS_ORGAN where only a unit could act and there is none: the step could never be
    signed."""
    term = vocabulary().words.get(organ.partition(".")[0])
    if term is not None and term.reached_by is not None:
        unit_id = applicant.unit_id
    else:
        unit = await units.of_organ(organ, viewer.place_code)
        unit_id = unit.id if unit else None
    reaches = {how_far for _, how_far in access.who_can(authority(organ))}
    if unit_id is None and reaches <= {Reach.UNIT}:
        raise Refusal(RefusalCode.NOBODY_HOLDS_ORGAN, path=("post",), organ=organ)
    return unit_id


def party_of(viewer: Viewer, step: Step) -> Target:
    """A step as access sees it: signing it is an act on the applicant's case."""
    return Target(place_id=viewer.place_id, code=step.code, unit_id=step.unit_id, owner_id=step.applicant_id)


async def steps_of(request_ids: Collection[UUID]) -> dict[UUID, list[Step]]:
    found: dict[UUID, list[Step]] = {request_id: [] for request_id in request_ids}
    for step in await Step.filter(request_id__in=list(request_ids)).order_by("ordinal", "organ"):
        found[step.request_id].append(step)
    return found


async def by_ids(ids: Collection[UUID]) -> dict[UUID, Request]:
    return {request.id: request for request in await Request.filter(id__in=list(ids))}


async def by_subjects(subject_ids: Collection[UUID]) -> dict[UUID, Request]:
    return {r.subject_id: r for r in await Request.filter(subject_id__in=list(subject_ids))}


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


def awaiting(viewer: Viewer, access: Access) -> Q:
    """The steps, in whatever state, that the viewer may sign for some organ. The scope adds the place."""
    mine = [
        Q(organ=organ) & reach.as_filter(access.reach(viewer, authority(organ)), STEP_COLUMNS)
        for organ in access.organs_of(viewer)
    ]
    return Q(*mine, join_type=Q.OR) if mine else reach.NOTHING


async def work_queue(viewer: Viewer, access: Access) -> Sequence[Request]:
    """The open requests that wait for the viewer's hand, oldest first. One he has signed no longer waits
    for him."""
    waiting = await Step.filter(awaiting(viewer, access), state=StepState.OPEN).values_list(
        "request_id", flat=True
    )
    ids = set(waiting)
    signed = await Signature.filter(request_id__in=list(ids), person_id=viewer.person_id)
    ids -= {signature.request_id for signature in signed}
    return await Request.filter(id__in=list(ids), state=RequestState.OPEN).order_by("recorded_at", "id")


async def holders(access: Access, step: Step, day: date) -> set[UUID]:
    """The persons whose posts may act for a step's organ on a day; the applicant is never among them."""
    found: set[UUID] = set()
    for role, how_far in access.who_can(authority(step.organ)):
        posts = await Post.filter(
            people.open_on(day), _post_that_reaches(how_far, step), role=role, acting_for_id__isnull=True
        )
        found |= {post.person_id for post in posts}
    return found - {step.applicant_id}


def _post_that_reaches(how_far: Reach, step: Step) -> Q:
    match how_far:
        case Reach.SUBTREE:
            return Q(code__in=list(lineage(step.code)))
        case Reach.NODE:
            return Q(code=step.code)
        case Reach.UNIT:
            return Q(unit_id=step.unit_id) if step.unit_id else reach.NOTHING
        case Reach.TENANT | Reach.ANY:
            return Q(id__isnull=False)
        case Reach.OWN | Reach.ASSIGNED:
            return reach.NOTHING


@dataclass(frozen=True, slots=True)
class Grounds:
    """What a signature rests on: the post, and the row of the access rules that lets it act for the organ."""

    post_id: UUID
    row: tuple[str, ...]


async def sign(
    viewer: Viewer,
    access: Access,
    request: Request,
    step: Step,
    word: tuple[Verdict, str | None],
    grounds: Grounds,
) -> Signature:
    """Write one person's word (verdict, remark) and move the request on. The caller has locked the
    request and judged the right."""
    verdict, remark = word
    signature = await Signature.create(
        request_id=request.id,
        step_id=step.id,
        person_id=viewer.person_id,
        post_id=grounds.post_id,
        verdict=verdict,
        remark=remark,
        grounds={"row": grounds.row},
        recorded_at=clock.now(),
    )
    if verdict is Verdict.REJECT:
        await _set_step(step, StepState.REJECTED)
        await close(request, RequestState.REJECTED)
    else:
        await _set_step(step, StepState.SIGNED)
        await _move_on(viewer, access, request, step.ordinal)
    return signature


async def _tell(viewer: Viewer, access: Access, request: Request, steps: Sequence[Step]) -> None:
    """Tell those who act for each organ: that a request waits for them, or that something was filed with
    them."""
    for step in steps:
        kind = "request_told" if StepAct(step.act).only_tells else "request_waits"
        told = await holders(access, step, viewer.day)
        await notices.tell(told, kind, ("request", request.id), act=step.act, organ=step.organ)


async def _move_on(viewer: Viewer, access: Access, request: Request, ordinal: int) -> None:
    steps = (await steps_of([request.id]))[request.id]
    together = [step for step in steps if step.ordinal == ordinal]
    if sum(step.state is StepState.SIGNED for step in together) < together[0].needed:
        await _changed(request)
        return
    await Step.filter(request_id=request.id, ordinal=ordinal, state=StepState.OPEN).update(
        state=StepState.PASSED
    )
    if any(step.ordinal > ordinal for step in steps):
        await Step.filter(request_id=request.id, ordinal=ordinal + 1).update(state=StepState.OPEN)
        await _changed(request)
        await _tell(viewer, access, request, [step for step in steps if step.ordinal == ordinal + 1])
    else:
        await close(request, RequestState.APPROVED)


async def _set_step(step: Step, state: StepState) -> None:
    step.state = state
    await Step.filter(id=step.id).update(state=state)


async def _changed(request: Request, **values: Any) -> None:
    """One conditional UPDATE: of two that decide at once, the second finds the version moved on."""
    is_as_read = Request.filter(id=request.id, state=RequestState.OPEN, version=request.version)
    if await is_as_read.update(version=request.version + 1, **values) != 1:
        raise Refusal(RefusalCode.CONFLICT)
    request.version += 1


async def close(request: Request, state: RequestState) -> None:
    """End an open request: nothing of it waits for anybody any more."""
    await _changed(request, state=state, closed_at=clock.now())
    request.state = state
    unsigned = [StepState.OPEN, StepState.WAITING]
    await Step.filter(request_id=request.id, state__in=unsigned).update(state=StepState.PASSED)
