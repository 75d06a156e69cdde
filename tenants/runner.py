"""The runner: takes jobs under a lease and does them on behalf of who asked.

`HANDLERS` says who does the work of each kind. A handler may be begun again after any crash: it takes up
where `run.cursor` says, and whatever it commits together with a new cursor has happened once. Rights are
read anew in every transaction of the work: who lost his right, or whose place was suspended, ends the job.

    async def work(run: Run) -> Mapping[str, Any] | None:      the outcome
        async with run.standing() as (viewer, law):            one transaction, as the asker
            ...
            run.cursor = {"after": ...}                        kept with it
        await run.progress(done, total, "writing")             committed apart; here it may be stopped
"""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import timedelta
from traceback import StackSummary, walk_tb
from typing import Any
from uuid import UUID

from tenants import jobs, leases, notices, places, scope
from tenants.jobs import Job, JobState
from tenants.leases import Cancelled, Lease, LeaseLost
from tenants.refusals import Refusal, RefusalCode
from tenants.standing import Standing, standing

logger = logging.getLogger(__name__)

LEASE = timedelta(seconds=30)
SWEEP_SECONDS = 5.0
# Progress within this time of the last one is not written, unless it begins a stage or is the last.
REPORT_SECONDS = 0.25
MOST_RUNS = 5
PAUSE_AFTER_FAULT = timedelta(seconds=2)


class Run:
    """One run of one job, as its handler sees it."""

    def __init__(self, job: Job, lease: Lease, handler: "Handler") -> None:
        self.job = job
        self.cursor: dict[str, Any] | None = job.cursor
        self._lease = lease
        self._handler = handler
        self._outside = copy_context()
        self._reported = (0.0, job.stage)

    @property
    def arguments(self) -> Mapping[str, Any]:
        return self.job.arguments

    @asynccontextmanager
    async def standing(self) -> AsyncIterator[Standing]:
        """One transaction of the work, as the asker with the rights he has now. A new `cursor` is kept with
        it.

        Raises Refusal where he may not go on, Cancelled or LeaseLost where the run must not."""
        before = self.cursor
        try:
            async with self._as_asker() as asker:
                await leases.hold(self._lease)
                yield self._with_rights(asker)
                if self.cursor is not None and self.cursor != before:
                    await leases.keep_cursor(self._lease, self.cursor)
        except BaseException:
            self.cursor = before
            raise

    def _as_asker(self) -> AbstractAsyncContextManager[Standing]:
        even_suspended = not self._handler.writes
        account, place = self.job.account_id, self.job.tenant_id
        return standing(account, place, writes=True, even_suspended=even_suspended)

    def _with_rights(self, asker: Standing) -> Standing:
        """The asker in those of the posts he asked in that still stand. Raises FORBIDDEN if none of them
        gives the right to such a job any more."""
        asked_in = {UUID(post) for post in self.job.post_ids}
        posts = tuple(post for post in asker.viewer.posts if post.id in asked_in)
        viewer = replace(asker.viewer, posts=posts)
        if not asker.law.access.may_ever(viewer, self._handler.permission):
            raise Refusal(RefusalCode.FORBIDDEN)
        return Standing(viewer, asker.law)

    async def progress(self, done: int, total: int | None = None, stage: str = "") -> None:
        """Tell how far the work is. Committed at once, in a transaction of its own, also from within
        `standing`; what comes thick and fast is not all written. Raises Cancelled or LeaseLost."""
        last, said = self._reported
        now = time.monotonic()
        if now - last < REPORT_SECONDS and stage == said and done != total:
            return
        self._reported = (now, stage)
        await self._apart(leases.report(self._lease, done, total, stage))

    async def _apart(self, act: Coroutine[Any, Any, None]) -> None:
        """Outside the scope that may be open here: neither its transaction nor its connection."""
        await asyncio.create_task(act, context=self._outside.copy())


@dataclass(frozen=True, slots=True)
class Handler:
    """Who does the work of a kind. `permission`: what the asker must hold whenever it goes on. `writes`:
    whether it changes the place; one that only reads runs in a suspended place too."""

    permission: str
    work: Callable[[Run], Awaitable[Mapping[str, Any] | None]]
    writes: bool = True


Handlers = Mapping[str, Handler]
HANDLERS: Handlers = {}


@asynccontextmanager
async def at_work(
    handlers: Handlers = HANDLERS,
    *,
    at_once: int = 2,
    lease: timedelta = LEASE,
    sweep_seconds: float = SWEEP_SECONDS,
) -> AsyncIterator["Runner"]:
    """A runner beside the block. At its end the jobs that run are stopped and given back."""
    runner = Runner(handlers, at_once=at_once, lease=lease, sweep_seconds=sweep_seconds)
    with jobs.waking(runner.wake):
        serving = asyncio.create_task(runner.serve())
        try:
            yield runner
        finally:
            serving.cancel()
            with suppress(asyncio.CancelledError):
                await serving
            await runner.stop()


class Runner:
    """At most `at_once` jobs at a time. A place waits while others have fewer of them running, or have been
    served less lately."""

    def __init__(self, handlers: Handlers, *, at_once: int, lease: timedelta, sweep_seconds: float) -> None:
        self._handlers = handlers
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
        async with scope.open():
            known = list((await places.ids_by_code()).values())
        self._waiting |= await leases.places_waiting(known)

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
        task = asyncio.create_task(_do(job, lease, self._handlers[job.kind]))
        self._running[task] = job.tenant_id
        self._served[job.tenant_id] = time.monotonic()
        task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._running.pop(task, None)
        self._woken.set()
        if not task.cancelled() and (fault := task.exception()):
            # Not even that could be written: the lease runs out and the job is taken again.
            logger.warning("a job was left to its lease: %s", type(fault).__name__)


async def _do(job: Job, lease: Lease, handler: Handler) -> None:
    """Run a job to its end, whatever that is. After a fault of ours or the database's it is tried again."""
    renewing = asyncio.create_task(_renew(lease))
    try:
        await _end(job, lease, *await _ending(job, lease, handler))
    except LeaseLost:
        logger.warning("job %s went to another runner", job.id)
    except asyncio.CancelledError:
        with suppress(LeaseLost):
            await leases.give_back(lease)
        raise
    except Exception as fault:
        logger.error("job %s (%s) broke off\n%s", job.id, job.kind, _story(fault))
        with suppress(LeaseLost):
            await leases.give_back(lease, later=PAUSE_AFTER_FAULT * job.runs)
    finally:
        renewing.cancel()


async def _ending(job: Job, lease: Lease, handler: Handler) -> tuple[JobState, dict[str, Any]]:
    """How the job ended, and what is kept of it."""
    if job.runs > MOST_RUNS:
        return _failed(Refusal(RefusalCode.GAVE_UP, runs=MOST_RUNS))
    try:
        outcome = await handler.work(Run(job, lease, handler))
    except Cancelled:
        return JobState.CANCELLED, {}
    except Refusal as refusal:
        return _failed(refusal)
    return JobState.DONE, {"outcome": dict(outcome) if outcome is not None else None}


def _failed(refusal: Refusal) -> tuple[JobState, dict[str, Any]]:
    return JobState.FAILED, {"failure": refusal.code.value, "failure_params": refusal.params}


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


def _story(fault: BaseException) -> str:
    """The fault with its lines of code and without its message, which may quote a person's data."""
    lines = StackSummary.extract(walk_tb(fault.__traceback__)).format()
    return f"{type(fault).__module__}.{type(fault).__qualname__}\n{''.join(lines)}"
