"""Work for the runner in tests: it makes one unit after another, each in a transaction of its own, and says
how far it is."""

import asyncio
import sys
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import orjson

from tenants import database, jobs, scope
from tenants.database import Credentials
from tenants.jobs import Job
from tenants.runner import at_work
from tenants.runs import Handler, Run
from tenants.secrets import Claims
from tenants.units import Unit
from tests.tenants.demonstration import standing

MAKE = "test.make"
PATIENCE_SECONDS = 20
LEASE = timedelta(seconds=1)


async def make(run: Run) -> Mapping[str, Any]:
    """Makes `count` units, taking `pause` seconds for each."""
    count, pause = run.arguments["count"], run.arguments.get("pause", 0)
    for number in range((run.cursor or {"next": 0})["next"], count):
        async with run.standing() as (viewer, _):
            await Unit.create(name=f"{run.job.id} {number}", code=viewer.place_code)
            run.cursor = {"next": number + 1}
        await run.progress(number + 1, count, f"unit {number}")
        await asyncio.sleep(pause)
    return {"made": count}


HANDLERS = {MAKE: Handler("job.read", make)}


async def ask(login: str | Claims, count: int = 3, *, kind: str = MAKE, **more: Any) -> Job:
    key = more.pop("key", None)
    async with standing(login) as caller:
        return await jobs.ask(caller.viewer, kind, {"count": count, **more}, key=key)


async def now(job: Job) -> Job:
    """The job as it stands in the database."""
    async with scope.open(reads=[job.tenant_id]):
        return await Job.get(id=job.id)


async def ended(job: Job) -> Job:
    return await until(job, lambda found: found.ended_at is not None)


async def until(job: Job, holds: Any) -> Job:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            if holds(found := await now(job)):
                return found
            await asyncio.sleep(0.02)


async def made(job: Job) -> list[int]:
    """The numbers of the units that the job has made, as often as it has made them."""
    async with scope.open(reads=[job.tenant_id]):
        names: Any = await Unit.filter(name__startswith=str(job.id)).values_list("name", flat=True)
        return sorted(int(name.split()[1]) for name in names)


async def _work(credentials: Credentials) -> None:
    async with database.connected(credentials, pool_size=5):
        async with at_work(HANDLERS, lease=LEASE, sweep_seconds=0.1):
            await asyncio.sleep(600)


if __name__ == "__main__":
    asyncio.run(_work(Credentials(**orjson.loads(sys.argv[1]))))
