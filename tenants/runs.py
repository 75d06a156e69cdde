"""One run of a job: what whoever does the work of its kind is given, and what he must keep to.

A handler may be begun again after any crash: it takes up where `run.cursor` says, and whatever it commits
together with a new cursor has happened once. Rights are read anew in every transaction of the work: who lost
his right, or whose place was suspended, ends the job.

    async def work(run: Run) -> Mapping[str, Any] | None:      the outcome
        async with run.standing() as (viewer, law):            one transaction, as the asker
            ...
            run.cursor = {"after": ...}                        kept with it
        await run.progress(done, total, "writing")             committed apart; here it may be stopped
    await run.keep(Label("name.csv", "text/csv"), chunks)      the file that comes of it
"""

import asyncio
import time
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable, Coroutine, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from contextvars import copy_context
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from tenants import attachments, leases
from tenants.attachments import Attachment, Label
from tenants.jobs import Job
from tenants.leases import Lease
from tenants.refusals import Refusal, RefusalCode
from tenants.standing import Standing, standing
from tenants.storage import Storage

# Progress within this time of the last one is not written, unless it begins a stage or is the last.
REPORT_SECONDS = 0.25


class Run:
    """One run of one job, as its handler sees it."""

    def __init__(self, job: Job, lease: Lease, handler: "Handler", storage: Storage | None = None) -> None:
        self.job = job
        self.cursor: dict[str, Any] | None = job.cursor
        self._lease = lease
        self._handler = handler
        self._storage = storage
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

    async def keep(self, label: Label, chunks: AsyncIterable[bytes]) -> None:
        """Write the job's file; it is read with the permission of the kind. A run that finds it written
        leaves it. Bytes without a row, after a crash, are swept."""
        if self.job.attachment_id is not None:
            return
        assert self._storage is not None, "this runner was given no storage"
        stored = await self._storage.write(self.job.tenant_id, chunks)
        async with self.standing() as (viewer, _):
            subject = ("job", self.job.id)
            permission = self._handler.permission
            kept = await attachments.keep(viewer, label, stored, permission=permission, subject=subject)
            await leases.keep_file(self._lease, kept.id)

    async def file(self, attachment: Attachment) -> AsyncIterator[bytes]:
        """The bytes of a file that the work reads."""
        assert self._storage is not None, "this runner was given no storage"
        return await self._storage.read(attachment.storage_key)

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
