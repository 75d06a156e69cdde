"""Leave: 请假、续假、销假. The law says through whose hands it goes; this noun gathers facts, keeps days.

Days are calendar days in halves. Adjacent and overlapping leaves of one person add up (A-06), so that a
long absence cannot be split into short ones: a new request is judged by the sum, an earlier approval
stands.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from tortoise import fields
from tortoise.expressions import F

from policies.access import Access
from policies.circumstances import FactValue
from policies.half_days import Span, absence, span
from policies.outcomes import Outcome
from policies.reach import Field, Viewer
from tenants import audit, clock, decisions, idempotency, notices, people, reach, requests
from tenants.conditions import Compared, Condition
from tenants.pages import Listing
from tenants.people import Post
from tenants.profiles import LawInForce
from tenants.refusals import Flaw, Refusal, RefusalCode, invalid
from tenants.requests import Request, RequestState
from tenants.rows import PlaceRow, Walls


class LeaveState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    RETURNED = "returned"


# A leave in one of these states is or was an absence; it adds up with those beside it.
COUNTS = (LeaveState.PENDING, LeaveState.APPROVED, LeaveState.RETURNED)
# Calendar days. No document says so: beyond a year it is no leave but an end of the post, or a slip of the
# pen.
LONGEST_ABSENCE = 366


class Leave(PlaceRow):
    """`begins_at_noon`: the morning of the first day is not leave; `ends_at_noon`: nor the last afternoon.

    `reason` is for the eyes of those who may read the leave; it stands in no notice and no audit entry."""

    person_id = fields.UUIDField()
    post_id = fields.UUIDField()
    unit_id = fields.UUIDField(null=True)
    code = fields.CharField(12)
    begins_on = fields.DateField()
    ends_on = fields.DateField()
    begins_at_noon = fields.BooleanField(default=False)
    ends_at_noon = fields.BooleanField(default=False)
    days = fields.DecimalField(6, 1)
    days_judged = fields.DecimalField(6, 1)
    reason = fields.CharField(500, null=True)
    state = fields.CharEnumField(LeaveState, max_length=12, default=LeaveState.PENDING)
    extends_id = fields.UUIDField(null=True)
    returned_on = fields.DateField(null=True)
    recorded_at = fields.DatetimeField()
    version = fields.IntField(default=1)

    class Meta:
        table = "leaves"

    walls = Walls(
        links={"person_id": "persons", "post_id": "posts", "unit_id": "units", "extends_id": "leaves"},
        indexes={"leaves_by_code": ("code", "recorded_at"), "leaves_by_person": ("person_id", "begins_on")},
        checks={"leaves_are_half_days": "days > 0 AND days * 2 = trunc(days * 2)"},
    )

    @property
    def span(self) -> Span:
        """The absence as it was, or as it was asked for: a return, early or late, ends it with the day
        before."""
        asked = span(
            self.begins_on, self.ends_on, from_noon=self.begins_at_noon, until_noon=self.ends_at_noon
        )
        if self.returned_on is None:
            return asked
        return replace(asked, end=max(asked.begin + 1, self.returned_on.toordinal() * 2))


COLUMNS = {Field.OWNER: "person_id", Field.UNIT: "unit_id", Field.CODE: "code"}


@dataclass(frozen=True, slots=True)
class Draft:
    """What an applicant asks for. Days are included at both ends."""

    begins_on: date
    ends_on: date
    begins_at_noon: bool = False
    ends_at_noon: bool = False
    reason: str | None = None
    justification: str | None = None
    post_id: UUID | None = None

    def span(self) -> Span:
        try:
            return span(
                self.begins_on, self.ends_on, from_noon=self.begins_at_noon, until_noon=self.ends_at_noon
            )
        except ValueError as error:
            raise invalid(Flaw.ENDS_BEFORE_IT_BEGINS, "endsOn") from error


@dataclass(frozen=True, slots=True)
class Submitted:
    leave: Leave
    request: Request


async def submit(viewer: Viewer, law: LawInForce, draft: Draft, *, key: str | None = None) -> Submitted:
    """Ask for leave in one of the viewer's posts. Opens the request that the document wants, or refuses with
    the decision behind it. `key`: sent again, it answers with the leave it made."""
    earlier = await idempotency.claim(viewer, "leave.submit", key, idempotency.payload_of(draft))
    if earlier is not None:
        return await submitted(earlier)
    done = await _ask(viewer, law, draft, "leave.submit")
    await idempotency.settle(viewer, "leave.submit", key, done.leave.id)
    return done


@dataclass(frozen=True, slots=True)
class Extension:
    """How far a leave is extended. `until` is included."""

    until: date
    until_noon: bool = False
    reason: str | None = None
    justification: str | None = None


async def extend(
    viewer: Viewer, law: LawInForce, leave_id: UUID, extension: Extension, *, key: str | None = None
) -> Submitted:
    """续假: a leave of its own that begins where the other ends, judged by the sum of both."""
    payload = {"leave": leave_id, **idempotency.payload_of(extension)}
    earlier = await idempotency.claim(viewer, "leave.extend", key, payload)
    if earlier is not None:
        return await submitted(earlier)
    extended = await _own(viewer, leave_id, COUNTS[:2])
    done = await _ask(viewer, law, _draft_of(extended, extension), "leave.update", extended)
    await idempotency.settle(viewer, "leave.extend", key, done.leave.id)
    return done


def _draft_of(extended: Leave, extension: Extension) -> Draft:
    begins_on, at_noon = extended.span.next_half_day
    if extension.until < begins_on:
        raise invalid(Flaw.ENDS_BEFORE_IT_BEGINS, "until")
    return Draft(
        begins_on=begins_on,
        ends_on=extension.until,
        begins_at_noon=at_noon,
        ends_at_noon=extension.until_noon,
        reason=extension.reason,
        justification=extension.justification,
        post_id=extended.post_id,
    )


async def _ask(
    viewer: Viewer, law: LawInForce, draft: Draft, permission: str, extends: Leave | None = None
) -> Submitted:
    post = await decisions.post_in_use(viewer, draft.post_id)
    decisions.require_right(viewer, law, permission, post)
    whole = _possible_absence(post, draft, await _other_leaves(viewer))
    # A request made here is written: it is the form that 书面申请 asks for.
    facts: dict[str, FactValue] = {"who": (post.role,), "leave_days": whole.days, "written": True}
    decision = decisions.ask_to_act(
        viewer, law, "leave", facts, wanted=(Outcome.ROUTE, Outcome.FILE), justification=draft.justification
    )
    leave = await _write(viewer, post, draft, whole, extends)
    request = await requests.open_request(
        viewer, law, decision, ("leave", leave.id), post, draft.justification
    )
    if request.state is not RequestState.OPEN:
        await complete(viewer, request)
    done = "leave.extend" if extends else "leave.submit"
    await audit.record(viewer, done, ("leave", leave.id), request=str(request.id), **audit.law_of(decision))
    return await submitted(leave.id)


async def come_back(
    viewer: Viewer, law: LawInForce, leave_id: UUID, on: date, *, expected_version: int | None = None
) -> Leave:
    """销假: the applicant is back on duty from `on`. Only an approved leave that has begun can be ended."""
    leave = await _own(viewer, leave_id, (LeaveState.APPROVED,))
    decisions.require_right(viewer, law, "leave.update", await Post.get(id=leave.post_id))
    requests.require_version(leave.version, expected_version)
    if on < leave.begins_on:
        raise invalid(Flaw.NOT_BEGUN, "on", begins=leave.begins_on)
    if on > viewer.day + timedelta(days=1):
        raise invalid(Flaw.IN_THE_FUTURE, "on", today=viewer.day)
    await _end(leave, LeaveState.RETURNED, on)
    await audit.record(viewer, "leave.return", ("leave", leave.id), on=on.isoformat())
    await _tell_signers(leave, "leave_returned")
    return leave


async def cancel(viewer: Viewer, law: LawInForce, leave_id: UUID) -> Leave:
    """Give up an approved leave that has not begun. Those who signed it are told. One that is extended stays:
    the extension was judged by the sum of both."""
    leave = await _own(viewer, leave_id, (LeaveState.APPROVED,))
    decisions.require_right(viewer, law, "leave.update", await Post.get(id=leave.post_id))
    if leave.begins_on <= viewer.day:
        raise Refusal(RefusalCode.WRONG_STATE, path=("id",))
    extensions = Leave.filter(extends_id=leave.id, state__in=COUNTS)
    if await extensions.exists():
        raise invalid(Flaw.EXTENDED, "id")
    await _end(leave, LeaveState.WITHDRAWN)
    await audit.record(viewer, "leave.cancel", ("leave", leave.id))
    await _tell_signers(leave, "leave_cancelled")
    return leave


async def _end(leave: Leave, state: LeaveState, returned_on: date | None = None) -> None:
    leave.state, leave.returned_on = state, returned_on
    leave.version += 1
    await leave.save(update_fields=["state", "returned_on", "version"])


async def complete(viewer: Viewer, request: Request) -> None:
    """The request has ended: the leave follows it, and the applicant is told."""
    state = LeaveState(request.state.value)
    await Leave.filter(id=request.subject_id).update(state=state, version=F("version") + 1)
    await notices.tell([request.applicant_id], f"leave_{state.value}", ("leave", request.subject_id))


async def submitted(leave_id: UUID) -> Submitted:
    leave = await Leave.get(id=leave_id)
    request = await requests.of_subject("leave", leave_id)
    assert request is not None, "a leave is written together with its request"
    return Submitted(leave, request)


def listed(viewer: Viewer, access: Access, state: LeaveState | None = None) -> Listing[Leave]:
    """The leaves a viewer may read, in one state or in any."""
    wanted = [Compared("state", "=", state)] if state is not None else []
    return Listing(Leave, visible(viewer, access)).also(*wanted)


@reach.per_viewer
def visible(viewer: Viewer, access: Access) -> Condition:
    """The leaves a viewer may read by his posts. Those he may sign he reads through the request."""
    return reach.condition(access.reach(viewer, "leave.read"), COLUMNS)


async def _other_leaves(viewer: Viewer) -> list[Leave]:
    """The person's leaves that are or were absences. Locks his row first: two requests sent at once are
    judged one after the other."""
    await people.Person.locked(viewer.person_id)
    return list(await Leave.filter(person_id=viewer.person_id, state__in=COUNTS))


def _possible_absence(post: Post, draft: Draft, others: Sequence[Leave]) -> Span:
    """The whole absence that the leave belongs to. Raises INVALID for one that cannot be: outside the
    post, over days that are leave already, or longer than a year."""
    asked = draft.span()
    decisions.require_within(post, draft.begins_on, draft.ends_on, "beginsOn")
    for other in others:
        if other.span.overlaps(asked):
            raise invalid(Flaw.OVERLAPS, "beginsOn", begins=other.begins_on, ends=other.ends_on)
    whole = absence(asked, [other.span for other in others])
    if whole.days > LONGEST_ABSENCE:
        raise invalid(Flaw.TOO_MANY_DAYS, "endsOn", days=whole.days, most=LONGEST_ABSENCE)
    return whole


async def _write(viewer: Viewer, post: Post, draft: Draft, whole: Span, extends: Leave | None) -> Leave:
    return await Leave.create(
        person_id=viewer.person_id,
        post_id=post.id,
        unit_id=post.unit_id,
        code=post.code,
        begins_on=draft.begins_on,
        ends_on=draft.ends_on,
        begins_at_noon=draft.begins_at_noon,
        ends_at_noon=draft.ends_at_noon,
        days=draft.span().days,
        days_judged=whole.days,
        reason=draft.reason,
        extends_id=extends.id if extends else None,
        recorded_at=clock.now(),
    )


async def _own(viewer: Viewer, leave_id: UUID, states: Sequence[LeaveState]) -> Leave:
    leave = await Leave.locked(leave_id)
    if leave is None or leave.person_id != viewer.person_id:
        raise Refusal(RefusalCode.NOT_FOUND, path=("id",))
    if leave.state not in states:
        raise Refusal(RefusalCode.WRONG_STATE, path=("id",), state=leave.state.value)
    return leave


async def _tell_signers(leave: Leave, kind: str) -> None:
    request = await requests.of_subject("leave", leave.id)
    if request is not None and request.state is RequestState.APPROVED:
        signed = (await requests.signatures_of([request.id]))[request.id]
        await notices.tell((s.person_id for s in signed), kind, ("leave", leave.id))
