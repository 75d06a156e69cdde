"""The runner: every job is done once in effect, as its asker, whatever becomes of the runners."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest

from tenants import accounts, clock, jobs, leases, people, runner, scope
from tenants.jobs import Job, JobState
from tenants.notices import Notice
from tenants.places import Place, PlaceState
from tenants.refusals import Refusal, RefusalCode
from tenants.runner import Runner, at_work
from tenants.runs import Handler, Handlers, Run
from tenants.storage import Away, Folder
from tenants.units import Unit
from tests.conftest import Cluster, Database
from tests.front_door import DAY
from tests.tenants.demonstration import person_of, post_of, standing
from tests.tenants.work import HANDLERS, LEASE, MAKE, ask, ended, made, make, now, until

NEVER = 600.0


@asynccontextmanager
async def working(
    handlers: Handlers = HANDLERS, *, at_once: int = 2, sweep: float = 0.1
) -> AsyncIterator[Runner]:
    async with at_work(handlers, at_once=at_once, lease=LEASE, sweep_seconds=sweep) as found:
        yield found


async def told(job: Job) -> list[str]:
    async with scope.open(reads=[job.tenant_id]):
        return [notice.kind for notice in await Notice.filter(person_id=job.asked_by, subject_id=job.id)]


async def test_a_job_is_done_and_its_asker_told(people_models: Database) -> None:
    async with working():
        job = await ended(await ask("hn-first-secretary", 3))

    assert (job.state, job.outcome, job.failure) == (JobState.DONE, {"made": 3}, None)
    assert (job.done, job.total, job.cursor) == (3, 3, {"next": 3})
    assert await made(job) == [0, 1, 2]
    assert await told(job) == ["job_done"]


async def test_a_runner_is_woken_by_the_commit_and_needs_no_sweep(people_models: Database) -> None:
    async with working(sweep=NEVER):
        await asyncio.sleep(0.3)  # the first sweep is over
        job = await ended(await ask("hn-first-secretary", 1))

    assert job.state is JobState.DONE


async def test_what_another_process_asked_for_is_found_by_the_sweep(people_models: Database) -> None:
    async with working():
        await asyncio.sleep(0.3)
        heard, jobs._runners = jobs._runners, set()
        try:
            job = await ended(await ask("hn-first-secretary", 1))
        finally:
            jobs._runners = heard

    assert job.state is JobState.DONE


class Ailing(Folder):
    """A storage that does not answer for one place."""

    def __init__(self, root: Path, away: UUID) -> None:
        super().__init__(root)
        self._away = away

    async def keys_before(self, place_id: UUID, moment: datetime) -> list[str]:
        if place_id == self._away:
            raise Away(str(place_id))
        return await super().keys_before(place_id, moment)


async def test_a_place_whose_files_cannot_be_swept_keeps_no_other_from_it(
    people_models: Database, tmp_path: Path
) -> None:
    async def bytes_() -> AsyncIterator[bytes]:
        yield b"x"

    ailing, well = uuid4(), uuid4()
    folder = Ailing(tmp_path / "files", away=ailing)
    for place in (ailing, well):
        await folder.write(place, bytes_())
    soon = clock.now() + timedelta(minutes=1)

    await runner._sweep_files(folder, [ailing, well], soon)

    assert await folder.keys_before(well, soon) == []
    assert len(list((tmp_path / "files" / str(ailing)).iterdir())) == 1


async def test_two_runners_do_many_jobs_once_each(people_models: Database) -> None:
    logins = ("hn-first-secretary", "hn-unit-head", "tw-admin")
    async with AsyncExitStack() as runners:
        for _ in range(2):
            await runners.enter_async_context(working())
        asked = [await ask(logins[number % 3], 3) for number in range(18)]
        done = [await ended(job) for job in asked]

    assert {job.state for job in done} == {JobState.DONE}
    assert {job.runs for job in done} == {1}
    assert [await made(job) for job in done] == [[0, 1, 2]] * 18
    assert [await told(job) for job in done] == [["job_done"]] * 18


async def test_a_job_left_by_a_dead_runner_goes_on_from_its_cursor(people_models: Database) -> None:
    job = await ask("hn-first-secretary", 3)
    taken = await leases.take(job.tenant_id, [MAKE], timedelta(seconds=-1))
    assert taken is not None
    async with scope.open(writes=job.tenant_id):
        await Unit.create(name=f"{job.id} 0", code="410173000000")
        await leases.keep_cursor(taken[1], {"next": 1})

    async with working():
        job = await ended(job)

    assert (job.state, await made(job)) == (JobState.DONE, [0, 1, 2])


async def test_a_runner_that_is_stopped_gives_its_jobs_back(people_models: Database) -> None:
    async with working():
        job = await until(await ask("hn-first-secretary", 3, pause=0.5), lambda found: found.done == 1)
    stopped = await now(job)

    assert (stopped.state, stopped.lease_id, stopped.cursor) == (JobState.QUEUED, None, {"next": 1})
    async with working():
        assert (await ended(job)).state is JobState.DONE
    assert await made(job) == [0, 1, 2]


async def test_a_lease_is_renewed_while_the_work_goes_on(people_models: Database) -> None:
    async def long(run: Run) -> None:
        async with run.standing():
            await asyncio.sleep(LEASE.total_seconds() * 2)

    handlers = {MAKE: Handler("job.read", long)}
    async with working(handlers), working(handlers):
        job = await ended(await ask("hn-first-secretary"))

    assert (job.state, job.runs) == (JobState.DONE, 1)


async def test_a_runner_that_was_taken_for_dead_commits_nothing_more(
    people_models: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It hangs for longer than its lease and renews nothing; then it goes on as if nothing had happened."""

    async def never(lease: Any) -> None:
        await asyncio.sleep(NEVER)

    async def hang(run: Run) -> Mapping[str, Any] | None:
        if run.job.runs == 1:
            await asyncio.sleep(LEASE.total_seconds() * 2)
        return await make(run)

    monkeypatch.setattr(runner, "_renew", never)
    handlers = {MAKE: Handler("job.read", hang)}
    async with working(handlers), working(handlers):
        job = await ended(await ask("hn-first-secretary", 2))
        await asyncio.sleep(LEASE.total_seconds() * 1.5)

    assert ((await now(job)).state, job.runs) == (JobState.DONE, 1)
    assert await made(job) == [0, 1]
    assert await told(job) == ["job_done"]


async def test_progress_is_seen_while_the_work_is_open_and_stands_when_it_is_undone(
    people_models: Database,
) -> None:
    seen: list[tuple[int, int]] = []

    async def work(run: Run) -> None:
        async with run.standing() as (viewer, _):
            await Unit.create(name=f"{run.job.id} 0", code=viewer.place_code)
            await run.progress(7, 9, "half")
            outside = asyncio.create_task(now(run.job), context=run._outside.copy())
            seen.append(((await outside).done, await Unit.filter(name=f"{run.job.id} 0").count()))
            run.cursor = {"next": 1}
            raise Refusal(RefusalCode.WRONG_STATE)

    async with working({MAKE: Handler("job.read", work)}):
        job = await ended(await ask("hn-first-secretary"))

    assert seen == [(7, 1)]
    assert (job.state, job.failure, job.done, job.cursor) == (JobState.FAILED, "WRONG_STATE", 7, None)
    assert await made(job) == []
    assert await told(job) == ["job_failed"]


async def test_a_running_job_stops_when_its_asker_cancels_it(people_models: Database) -> None:
    async with working():
        job = await until(await ask("hn-first-secretary", 50, pause=0.3), lambda found: found.done == 1)
        async with standing("hn-first-secretary") as caller:
            await jobs.cancel(caller.viewer, caller.access, job.id)
        job = await ended(job)

    assert job.state is JobState.CANCELLED
    assert 1 <= len(await made(job)) <= 3
    assert await told(job) == []


async def revoke(login: str) -> None:
    post = await post_of(login)
    async with standing("hn-admin"):
        await people.end_post(post.id, DAY)


async def disable(login: str) -> None:
    person = await person_of(login)
    async with scope.open():
        await accounts.Account.filter(id=person.account_id).update(disabled_at=clock.now())


async def suspend(login: str) -> None:
    async with standing(login) as caller:
        await Place.filter(id=caller.viewer.place_id).update(state=PlaceState.SUSPENDED)


@pytest.mark.parametrize(
    ("lost", "code"), [(revoke, "FORBIDDEN"), (disable, "FORBIDDEN"), (suspend, "PLACE_SUSPENDED")]
)
async def test_who_lost_his_right_in_the_meantime_gets_nothing_more_done(
    people_models: Database, lost: Any, code: str
) -> None:
    async with working():
        job = await until(await ask("hn-first-secretary", 50, pause=0.5), lambda found: found.done == 1)
        await lost("hn-first-secretary")
        job = await ended(job)

    assert (job.state, job.failure) == (JobState.FAILED, code)
    assert len(await made(job)) <= 2


async def test_a_job_that_only_reads_runs_in_a_suspended_place(people_models: Database) -> None:
    async def read(run: Run) -> Mapping[str, Any]:
        async with run.standing():
            return {"units": await Unit.all().count() > 0}

    job = await ask("hn-first-secretary")
    await suspend("hn-admin")
    async with working({MAKE: Handler("job.read", read, writes=False)}):
        assert (await ended(job)).outcome == {"units": True}


async def test_the_work_is_done_in_the_posts_that_it_was_asked_in(people_models: Database) -> None:
    """A post won later adds nothing to a job that was asked before."""
    seen: list[int] = []

    async def look(run: Run) -> None:
        async with run.standing() as (viewer, _):
            seen.append(len(viewer.posts))

    job = await ask("hn-first-secretary")
    person = await person_of("hn-first-secretary")
    async with standing("hn-admin") as caller:
        await people.open_post(person.id, "auditor", caller.viewer.place_code, DAY)
    async with working({MAKE: Handler("job.read", look)}):
        await ended(job)
        await ended(await ask("hn-first-secretary"))

    assert seen == [1, 2]


async def test_after_a_fault_it_is_tried_again_and_given_up_in_the_end(
    people_models: Database, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(runner, "PAUSE_AFTER_FAULT", timedelta())
    tried, private = 0, f"id number {11010119900101}"

    async def fail(run: Run) -> None:
        nonlocal tried
        tried += 1
        raise ValueError(private) from KeyError(private)

    async with working({MAKE: Handler("job.read", fail)}):
        job = await ended(await ask("hn-first-secretary"))

    assert (job.state, job.failure, tried) == (JobState.FAILED, "GAVE_UP", runner.MOST_RUNS)
    assert job.failure_params == {"runs": runner.MOST_RUNS}
    assert "builtins.ValueError" in caplog.text
    assert "builtins.KeyError" in caplog.text
    assert private not in caplog.text


async def test_a_job_goes_on_when_the_database_was_away(
    people_models: Database, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runner, "PAUSE_AFTER_FAULT", timedelta(seconds=0.2))
    name = people_models.app.database
    async with working():
        job = await until(await ask("hn-first-secretary", 8, pause=0.2), lambda found: found.done == 2)
        await cluster._run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await cluster._run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
        await asyncio.sleep(0.6)
        await cluster._run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        job = await ended(job)

    assert job.state is JobState.DONE
    assert await made(job) == list(range(8))


async def test_a_place_does_not_wait_until_another_has_everything(people_models: Database) -> None:
    order: list[str] = []

    async def note(run: Run) -> None:
        order.append(run.arguments["mark"])

    many = [await ask("hn-first-secretary", mark="many") for _ in range(5)]
    few = await ask("tw-admin", mark="few")
    async with working({MAKE: Handler("job.read", note)}, at_once=1):
        for job in (*many, few):
            await ended(job)

    assert order.index("few") <= 1
    assert len(order) == 6


async def test_no_more_jobs_run_at_once_than_were_allowed(people_models: Database) -> None:
    at_once, most = 0, 0

    async def count(run: Run) -> None:
        nonlocal at_once, most
        at_once += 1
        most = max(most, at_once)
        await asyncio.sleep(0.05)
        at_once -= 1

    asked = [await ask("hn-first-secretary") for _ in range(7)]
    async with working({MAKE: Handler("job.read", count)}, at_once=3):
        for job in asked:
            await ended(job)

    assert most == 3
