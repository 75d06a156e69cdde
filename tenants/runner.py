"""The runner: takes jobs under a lease and has them done on behalf of who asked.

`HANDLERS` says who does the work of each kind. A kind that this process does not know is left to others.
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from tenants import (
    attachments,
    clock,
    faults,
    household_exports,
    imports,
    jobs,
    leases,
    notices,
    places,
    province_onboarding,
    scope,
)
from tenants.exports import EXPORTS
from tenants.jobs import Job, JobState
from tenants.leases import Cancelled, Lease, LeaseLost
from tenants.refusals import Refusal, RefusalCode
from tenants.runs import Handler, Handlers, Run
from tenants.storage import Storage

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
SWEEP_SECONDS = 5.0
HOUSEKEEPING_SECONDS = 6 * 3600.0
MOST_RUNS = 5
PAUSE_AFTER_FAULT = timedelta(seconds=2)
HANDLERS: Handlers = {
    **EXPORTS,
    **household_exports.HANDLERS,
    **imports.HANDLERS,
    province_onboarding.KIND: province_onboarding.HANDLER,
}


@asynccontextmanager
async def at_work(
    handlers: Handlers = HANDLERS,
    *,
    storage: Storage | None = None,
    at_once: int = 2,
    lease: timedelta = LEASE,
    sweep_seconds: float = SWEEP_SECONDS,
) -> AsyncIterator["Runner"]:
    """A runner beside the block. At its end the jobs that run are stopped and given back.

    `storage`: where files are kept; the runner also keeps it free of what nobody names."""
    runner = Runner(handlers, storage, at_once=at_once, lease=lease, sweep_seconds=sweep_seconds)
    with jobs.waking(runner.wake):
        beside = [asyncio.create_task(runner.serve()), asyncio.create_task(_keep_house(storage))]
        try:
            yield runner
        finally:
            for task in beside:
                task.cancel()
            await asyncio.gather(*beside, return_exceptions=True)
            await runner.stop()


class Runner:
    """At most `at_once` jobs at a time. A place waits while others have fewer of them running, or have been
    served less lately."""

    def __init__(
        self,
        handlers: Handlers,
        storage: Storage | None,
        *,
        at_once: int,
        lease: timedelta,
        sweep_seconds: float,
    ) -> None:
        self._handlers = handlers
        self._storage = storage
        self._at_once = at_once
        self._lease = lease
        self._sweep_seconds = sweep_seconds
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        self._waiting: set[UUID] = set()
        self._running: dict[asyncio.Task[None], UUID] = {}
        self._served: dict[UUID, float] = {}

    def wake(self, place_id: UUID) -> None:
        """There is something to do in the place. May be called from any thread."""
        self._loop.call_soon_threadsafe(self._hear, place_id)

    def _hear(self, place_id: UUID) -> None:
        self._waiting.add(place_id)
        self._woken.set()

    async def serve(self) -> None:
        """Take what there is, for ever: at once what this process asked for, with the next sweep what others
        asked for or left behind."""
        next_sweep = 0.0
        while True:
            self._woken.clear()
            try:
                if time.monotonic() >= next_sweep:
                    next_sweep = time.monotonic() + self._sweep_seconds
                    await self._sweep()
                await self._fill()
            except Exception as fault:
                # The database is away, or busy: the next sweep tries again.
                logger.warning("no jobs taken: %s", type(fault).__name__)
            with suppress(TimeoutError):
                async with asyncio.timeout(max(0.0, next_sweep - time.monotonic())):
                    await self._woken.wait()

    async def stop(self) -> None:
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _sweep(self) -> None:
        self._waiting |= await leases.places_waiting(await _every_place())

    async def _fill(self) -> None:
        while self._waiting and len(self._running) < self._at_once:
            place = min(self._waiting, key=self._turn)
            self._waiting.discard(place)
            taken = await leases.take(place, self._handlers.keys(), self._lease)
            if taken is not None:
                self._waiting.add(place)
                self._begin(*taken)

    def _turn(self, place: UUID) -> tuple[int, float]:
        running = sum(1 for other in self._running.values() if other == place)
        return running, self._served.get(place, 0.0)

    def _begin(self, job: Job, lease: Lease) -> None:
        task = asyncio.create_task(_do(job, lease, self._handlers[job.kind], self._storage))
        self._running[task] = job.tenant_id
        self._served[job.tenant_id] = time.monotonic()
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._running.pop(task, None)
        self._woken.set()
        if not task.cancelled() and (fault := task.exception()):
            # Not even that could be written: the lease runs out and the job is taken again.
            logger.warning("a job was left to its lease: %s", type(fault).__name__)


async def _every_place() -> list[UUID]:
    async with scope.open():
        return await places.every_id()


async def _keep_house(storage: Storage | None) -> None:
    """Now and then, remove files that are a day old and that no row names."""
    while storage is not None:
        await asyncio.sleep(HOUSEKEEPING_SECONDS)
        try:
            await _sweep_files(storage, await _every_place(), clock.now() - timedelta(days=1))
        except Exception as fault:
            logger.warning("files were not swept: %s", type(fault).__name__)


async def _sweep_files(storage: Storage, place_ids: Sequence[UUID], before: datetime) -> None:
    """In one place after another: what goes wrong in one keeps no other from its turn."""
    for place_id in place_ids:
        try:
            await attachments.sweep(storage, place_id, before)
        except Exception as fault:
            logger.warning("files of %s were not swept: %s", place_id, type(fault).__name__)


async def _do(job: Job, lease: Lease, handler: Handler, storage: Storage | None = None) -> None:
    """Run a job to its end, whatever that is. After a fault of ours or the database's it is tried again."""
    renewing = asyncio.create_task(_renew(lease))
    try:
        await _end(job, lease, *await _ending(job, Run(job, lease, handler, storage), handler))
    except LeaseLost:
        logger.warning("job %s went to another runner", job.id)
    except asyncio.CancelledError:
        with suppress(LeaseLost):
            await leases.give_back(lease)
        raise
    except Exception as fault:
        logger.error("job %s (%s) broke off\n%s", job.id, job.kind, faults.story(fault))
        with suppress(LeaseLost):
            await leases.give_back(lease, later=PAUSE_AFTER_FAULT * job.runs)
    finally:
        renewing.cancel()


async def _ending(job: Job, run: Run, handler: Handler) -> tuple[JobState, dict[str, Any]]:
    """How the job ended, and what is kept of it."""
    if job.runs > MOST_RUNS:
        return _failed(Refusal(RefusalCode.GAVE_UP, runs=MOST_RUNS))
    try:
        outcome = await handler.work(run)
    except Cancelled:
        return JobState.CANCELLED, {}
    except Refusal as refusal:
        return _failed(refusal)
    return JobState.DONE, {"outcome": dict(outcome) if outcome is not None else None}


def _failed(refusal: Refusal) -> tuple[JobState, dict[str, Any]]:
    return JobState.FAILED, {"failure": refusal.code.value, "failure_params": refusal.to_keep()}


async def _end(job: Job, lease: Lease, state: JobState, fields: Mapping[str, Any]) -> None:
    async with scope.open(writes=lease.place_id):
        await leases.end(lease, state, **fields)
        if state is not JobState.CANCELLED:
            await notices.tell([job.asked_by], f"job_{state.value}", ("job", job.id), job=job.kind)


async def _renew(lease: Lease) -> None:
    while True:
        await asyncio.sleep(lease.length.total_seconds() / 3)
        try:
            await leases.renew(lease)
        except LeaseLost:
            return
        except Exception as fault:
            logger.warning("a lease was not renewed: %s", type(fault).__name__)
