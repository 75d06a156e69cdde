"""Leases: how a runner takes a job and keeps it. Nobody else touches a job while its lease runs.

A lease is a random id and a moment. Its runner renews it; when the moment passes, the runner is taken for
dead and the job is taken again under a new id. Two things make that safe. Whoever writes as a job's runner
names the lease, so one that was lost writes nothing any more. And the work's own transaction holds the job
against being taken (`hold`) until it is committed, with the cursor that tells how far it is.

    LeaseLost      another runner has the job, or it has ended: this one leaves it alone
    Cancelled      somebody asked for the job to stop
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from tortoise.expressions import F, Q

from tenants import clock, scope
from tenants.jobs import OPEN, Job, JobState

# How many places one statement looks over for work.
PLACES_AT_ONCE = 200


class LeaseLost(Exception):
    pass


class Cancelled(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Lease:
    """One runner's hold of one job. `length`: how long it lasts without being renewed."""

    place_id: UUID
    job_id: UUID
    id: UUID
    length: timedelta


async def places_waiting(place_ids: Sequence[UUID]) -> set[UUID]:
    """Those of the places in which a job waits to be taken."""
    found: set[UUID] = set()
    for first in range(0, len(place_ids), PLACES_AT_ONCE):
        batch = place_ids[first : first + PLACES_AT_ONCE]
        async with scope.open(reads=batch):
            rows: Any = await Job.filter(_ready()).distinct().values_list("tenant_id", flat=True)
            found.update(rows)
    return found


async def take(place_id: UUID, kinds: Collection[str], length: timedelta) -> tuple[Job, Lease] | None:
    """The place's oldest job that waits, or whose lease ran out, now under a lease of ours."""
    async with scope.open(writes=place_id):
        waiting = Job.filter(_ready(), kind__in=list(kinds)).order_by("recorded_at", "id")
        job: Job | None = await waiting.select_for_update(skip_locked=True).first()
        if job is None:
            return None
        lease = Lease(place_id, job.id, uuid4(), length)
        job.state, job.runs = JobState.RUNNING, job.runs + 1
        job.started_at = job.started_at or clock.now()
        job.lease_id, job.lease_until = lease.id, clock.now() + length
        await job.save(update_fields=["state", "runs", "started_at", "lease_id", "lease_until"])
        return job, lease


def _ready() -> Q:
    free = Q(lease_until__isnull=True) | Q(lease_until__lt=clock.now())
    return Q(ended_at__isnull=True) & free


async def renew(lease: Lease) -> None:
    """Raises LeaseLost where there is nothing to renew."""
    await _write(lease, lease_until=clock.now() + lease.length)


_REPORT = """
UPDATE jobs SET done = $4, total = $5, stage = $6, lease_until = $7
WHERE tenant_id = $1 AND id = $2 AND lease_id = $3 AND state = 'running' RETURNING is_cancelling
"""


async def report(lease: Lease, done: int, total: int | None, stage: str) -> None:
    """Tell how far the work is, in a transaction of its own, and renew the lease. Raises LeaseLost, or
    Cancelled where the job was asked to stop."""
    until = clock.now() + lease.length
    async with scope.open(writes=lease.place_id):
        rows = await scope.fetch(_REPORT, lease.place_id, lease.job_id, lease.id, done, total, stage, until)
    _raise_if_stopped(rows)


# A taker locks FOR UPDATE and skips what it cannot lock at once: this lock keeps it away and lets reports and
# renewals through.
_HOLD = """
SELECT is_cancelling FROM jobs
WHERE tenant_id = $1 AND id = $2 AND lease_id = $3 AND state = 'running' FOR KEY SHARE
"""


async def hold(lease: Lease) -> None:
    """Keep the job from being taken until the transaction in force ends. Raises LeaseLost or Cancelled."""
    _raise_if_stopped(await scope.fetch(_HOLD, lease.place_id, lease.job_id, lease.id))


def _raise_if_stopped(rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        raise LeaseLost
    if rows[0]["is_cancelling"]:
        raise Cancelled


async def keep_cursor(lease: Lease, cursor: Mapping[str, Any]) -> None:
    """Keep how far the work is, with its effects, in the transaction in force. The work went further, so its
    earlier runs are forgiven."""
    if not await _ours(lease).update(cursor=dict(cursor), runs=1):
        raise LeaseLost


async def keep_file(lease: Lease, attachment_id: UUID) -> None:
    """Name the job's file, in the transaction in force, which wrote it."""
    if not await _ours(lease).update(attachment_id=attachment_id):
        raise LeaseLost


async def give_back(lease: Lease, *, later: timedelta | None = None) -> None:
    """Let the job be taken again: at once, as if it had not been taken, or after a while."""
    until = clock.now() + later if later is not None else None
    runs = F("runs") if later is not None else F("runs") - 1
    await _write(lease, state=JobState.QUEUED, lease_id=None, lease_until=until, runs=runs)


async def end(lease: Lease, state: JobState, **fields: Any) -> None:
    """The job has ended. In the scope in force, so that the asker is told in the same transaction."""
    assert state not in OPEN, "an open state is no end"
    ended = {"ended_at": clock.now(), "lease_until": None, "state": state, **fields}
    if not await _ours(lease).update(**ended):
        raise LeaseLost


async def _write(lease: Lease, **fields: Any) -> None:
    async with scope.open(writes=lease.place_id):
        if not await _ours(lease).update(**fields):
            raise LeaseLost


def _ours(lease: Lease) -> Any:
    return Job.filter(id=lease.job_id, lease_id=lease.id, state=JobState.RUNNING)
