"""Jobs: long work that a command asks for and a runner does. The command writes the job and answers at once.

A job belongs to the person who asked. It names its kind and its arguments, which hold no secret; it keeps how
far the work is, and at the end what came of it: an outcome, or the code and the words of a refusal, so that
the sentence is made in the reader's language.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from typing import Any
from uuid import UUID

from tortoise import fields

from policies.access import Access
from policies.reach import Field, Target, Viewer
from tenants import audit, clock, idempotency, people, reach, scope
from tenants.conditions import NONE, Compared, Condition
from tenants.pages import Listing
from tenants.refusals import Refusal, RefusalCode
from tenants.rows import PlaceRow, Walls


class JobState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


# In one of these states a job is still to be done, by somebody.
OPEN = (JobState.QUEUED, JobState.RUNNING)
# Of one person in one place: more would only wait, before the jobs of others.
MOST_OPEN = 20
LONGEST_KIND = 64


class Job(PlaceRow):
    """`post_ids`: the posts it was asked in; the work is done with those of them that still stand.

    `done` of `total`, `stage`: how far it is, as the runner last said. `cursor`: how far its effects are,
    committed with them. `lease_id`, `lease_until`: who has it and until when; of a queued job, the moment
    before which nobody takes it. `runs`: how often it was taken since its effects last went further.
    """

    kind = fields.CharField(LONGEST_KIND)
    asked_by = fields.UUIDField()
    account_id = fields.UUIDField()
    post_ids: list[str] = fields.JSONField(default=list)
    arguments: dict[str, Any] = fields.JSONField(default=dict)
    state = fields.CharEnumField(JobState, max_length=12, default=JobState.QUEUED)
    is_cancelling = fields.BooleanField(default=False)
    done = fields.IntField(default=0)
    total = fields.IntField(null=True)
    stage = fields.CharField(64, default="")
    cursor: dict[str, Any] | None = fields.JSONField(null=True)
    outcome: dict[str, Any] | None = fields.JSONField(null=True)
    attachment_id = fields.UUIDField(null=True)
    failure = fields.CharField(64, null=True)
    failure_params: dict[str, Any] = fields.JSONField(default=dict)
    recorded_at = fields.DatetimeField()
    started_at = fields.DatetimeField(null=True)
    ended_at = fields.DatetimeField(null=True)
    lease_id = fields.UUIDField(null=True)
    lease_until = fields.DatetimeField(null=True)
    runs = fields.IntField(default=0)

    class Meta:
        table = "jobs"

    walls = Walls(
        several=True,
        links={"asked_by": "persons", "attachment_id": "attachments"},
        indexes={
            "jobs_by_asker": ("asked_by", "recorded_at"),
            "jobs_still_open": ("recorded_at",),
        },
        where={"jobs_still_open": "ended_at IS NULL"},
        checks={
            "jobs_end_once": "(ended_at IS NULL) = (state = 'queued' OR state = 'running')",
            "jobs_run_under_a_lease": "state <> 'running' OR lease_id IS NOT NULL",
            "jobs_fail_with_a_code": "(state = 'failed') = (failure IS NOT NULL)",
        },
    )


COLUMNS = {Field.OWNER: "asked_by"}


async def ask(viewer: Viewer, kind: str, arguments: Mapping[str, Any], *, key: str | None = None) -> Job:
    """Write the job in the operation's transaction; after its commit the runners of this process are woken.

    Whether the viewer may is the asking noun's question, and the runner's again. `key`: sent again, it
    answers with the job that it made. Refuses with TOO_MANY_JOBS."""
    earlier = await idempotency.claim(viewer, kind, key, arguments)
    if earlier is not None:
        return await Job.get(id=earlier)
    # Of commands sent at once, each counts what the ones before it have asked for.
    await people.Person.locked(viewer.person_id)
    if await Job.filter(asked_by=viewer.person_id, ended_at__isnull=True).count() >= MOST_OPEN:
        raise Refusal(RefusalCode.TOO_MANY_JOBS, most=MOST_OPEN)
    job = await Job.create(
        kind=kind,
        asked_by=viewer.person_id,
        account_id=viewer.account_id,
        post_ids=[str(post.id) for post in viewer.posts],
        arguments=dict(arguments),
        recorded_at=clock.now(),
    )
    await audit.record(viewer, "job.ask", ("job", job.id), kind=kind)
    await idempotency.settle(viewer, kind, key, job.id)
    scope.after_commit(lambda: _wake(job.tenant_id))
    return job


async def cancel(viewer: Viewer, access: Access, job_id: UUID) -> Job:
    """Cancel one's own job. One that waits ends here; one that runs is asked to, and stops where its work
    next tells how far it is. What it has committed by then stands."""
    seen = Job.filter(visible(viewer, access).as_filter(), id=job_id)
    job = await seen.select_for_update(no_key=True).get_or_none()
    if job is None:
        raise Refusal(RefusalCode.NOT_FOUND, path=("id",))
    if not access.can(viewer, Target(viewer.place_id, owner_id=job.asked_by), "job.update"):
        raise Refusal(RefusalCode.NOT_YOUR_OWN, path=("id",))
    if job.state not in OPEN:
        raise Refusal(RefusalCode.WRONG_STATE, path=("id",))
    if job.state is JobState.QUEUED:
        job.state, job.ended_at = JobState.CANCELLED, clock.now()
    job.is_cancelling = True
    await job.save(update_fields=["state", "ended_at", "is_cancelling"])
    await audit.record(viewer, "job.cancel", ("job", job.id), kind=job.kind)
    return job


@reach.per_viewer
def visible(viewer: Viewer, access: Access) -> Condition:
    """The jobs a viewer may read: his own, and where his post reaches the place, everybody's."""
    return reach.condition(access.reach(viewer, "job.read"), COLUMNS)


def listed(
    viewer: Viewer, access: Access, *, state: JobState | None = None, kind: str | None = None
) -> Listing[Job]:
    """The jobs a viewer may read, in one state or in any, of one kind or of any."""
    asked = {"state": state, "kind": kind}
    wanted: list[Condition] = [Compared(c, "=", value) for c, value in asked.items() if value is not None]
    if kind is not None and len(kind) > LONGEST_KIND:
        # The ORM refuses to ask for what is too long to be a kind.
        wanted = [NONE]
    return Listing(Job, visible(viewer, access)).also(*wanted)


async def readable(viewer: Viewer, access: Access, ids: Collection[UUID]) -> list[Job]:
    """Those of the jobs that the viewer may read."""
    return await Job.filter(visible(viewer, access).as_filter(), id__in=list(ids))


def failure_of(job: Job) -> Refusal | None:
    """Why a failed job failed, as the refusal that it was."""
    return Refusal.from_kept(job.failure, job.failure_params) if job.failure is not None else None


# The runners of this process: each is told in which place there is something to do.
_runners: set[Callable[[UUID], None]] = set()


@contextmanager
def waking(wake: Callable[[UUID], None]) -> Iterator[None]:
    """Lets `wake` hear of every job that an operation of this process has committed."""
    _runners.add(wake)
    try:
        yield
    finally:
        _runners.discard(wake)


def _wake(place_id: UUID) -> None:
    for wake in tuple(_runners):
        wake(place_id)
