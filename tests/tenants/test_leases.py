"""Leases: one runner for a job, and none that was taken for dead writes anything more."""

import asyncio
from contextvars import copy_context
from datetime import timedelta

import pytest

from tenants import jobs, leases, scope
from tenants.jobs import Job, JobState
from tenants.leases import Cancelled, Lease, LeaseLost
from tests.conftest import Database
from tests.tenants.demonstration import standing
from tests.tenants.work import MAKE, ask, now

LONG, OVER = timedelta(seconds=60), timedelta(seconds=-1)


async def take(job: Job, length: timedelta = LONG) -> Lease | None:
    taken = await leases.take(job.tenant_id, [MAKE], length)
    return taken[1] if taken else None


async def holding(lease: Lease) -> None:
    async with scope.open(writes=lease.place_id):
        await leases.hold(lease)


async def test_a_job_is_taken_by_one(people_models: Database) -> None:
    asked = [await ask("hn-first-secretary") for _ in range(3)]

    taken = await asyncio.gather(*(take(asked[0]) for _ in range(8)))

    found = [lease.job_id for lease in taken if lease]
    assert len(found) == len(set(found)) == 3
    assert await leases.places_waiting([asked[0].tenant_id]) == set()


async def test_a_kind_that_a_runner_does_not_know_is_left_to_others(people_models: Database) -> None:
    job = await ask("hn-first-secretary")

    assert await leases.take(job.tenant_id, ["other.kind"], LONG) is None
    assert await take(job) is not None


async def test_places_are_found_by_their_waiting_jobs(people_models: Database) -> None:
    here, there = await ask("hn-first-secretary"), await ask("tw-admin")
    places = [here.tenant_id, there.tenant_id]

    assert await leases.places_waiting(places) == set(places)
    await take(here)
    assert await leases.places_waiting(places) == {there.tenant_id}
    assert await leases.places_waiting([]) == set()


async def test_a_lease_that_ran_out_is_taken_over_and_writes_no_more(people_models: Database) -> None:
    job = await ask("hn-first-secretary")
    dead = await take(job, OVER)
    assert dead is not None

    living = await take(job)

    assert living is not None
    assert (living.job_id, (await now(job)).runs) == (dead.job_id, 2)
    for act in (leases.renew(dead), leases.report(dead, 1, 2, ""), holding(dead), leases.give_back(dead)):
        with pytest.raises(LeaseLost):
            await act
    for write in (leases.keep_cursor(dead, {"next": 1}), leases.end(dead, JobState.DONE)):
        with pytest.raises(LeaseLost):
            async with scope.open(writes=dead.place_id):
                await write
    untouched = await now(job)
    assert (untouched.state, untouched.cursor, untouched.done) == (JobState.RUNNING, None, 0)
    await leases.report(living, 1, 2, "on")
    assert ((await now(job)).done, (await now(job)).stage) == (1, "on")


async def test_a_job_is_not_taken_over_while_its_work_is_being_written(people_models: Database) -> None:
    job = await ask("hn-first-secretary")
    slow = await take(job, OVER)
    assert slow is not None

    elsewhere = copy_context()

    async with scope.open(writes=slow.place_id):
        await leases.hold(slow)
        assert await asyncio.create_task(take(job), context=elsewhere) is None
        await asyncio.create_task(leases.report(slow, 1, 2, "still here"), context=elsewhere)

    assert ((await now(job)).lease_id, (await now(job)).done) == (slow.id, 1)


async def test_a_lease_given_back_counts_no_run(people_models: Database) -> None:
    job = await ask("hn-first-secretary")
    lease = await take(job)
    assert lease is not None

    await leases.give_back(lease)

    assert ((await now(job)).state, (await now(job)).runs) == (JobState.QUEUED, 0)
    again = await take(job)
    assert again is not None
    await leases.give_back(again, later=LONG)
    assert (await take(job), (await now(job)).runs) == (None, 1)


async def test_a_running_job_that_is_cancelled_stops_where_it_tells_how_far_it_is(
    people_models: Database,
) -> None:
    job = await ask("hn-first-secretary")
    lease = await take(job)
    assert lease is not None
    await leases.report(lease, 1, 2, "")

    async with standing("hn-first-secretary") as caller:
        assert (await jobs.cancel(caller.viewer, caller.access, job.id)).state is JobState.RUNNING

    for act in (leases.report(lease, 2, 2, ""), holding(lease)):
        with pytest.raises(Cancelled):
            await act
