"""Jobs as a noun: asking, reading, cancelling."""

import asyncio

import orjson
import pytest

from schema.errors import Language
from schema.user_errors import sentence_of
from tenants import jobs, leave, scope
from tenants.audit import AuditEntry
from tenants.jobs import Job, JobState
from tenants.refusals import Flaw, Refusal, RefusalCode
from tests.conftest import Database
from tests.tenants.demonstration import draft, sign_in, standing
from tests.tenants.work import MAKE, ask, now


async def cancel(login: str, job: Job) -> Job:
    async with standing(login) as caller:
        return await jobs.cancel(caller.viewer, caller.access, job.id)


async def refusal_of(login: str, job: Job) -> RefusalCode:
    with pytest.raises(Refusal) as refused:
        await cancel(login, job)
    return refused.value.code


async def seen(login: str) -> set[str]:
    async with standing(login) as caller:
        rows = await jobs.listed(caller.viewer, caller.access).rows()
        return {str(job.id) for job in rows}


async def test_asking_writes_a_job_that_waits_and_says_who_asked(people_models: Database) -> None:
    job = await now(await ask("hn-first-secretary", 2))

    assert (job.state, job.kind, job.arguments) == (JobState.QUEUED, MAKE, {"count": 2})
    async with standing("hn-first-secretary") as caller:
        assert job.asked_by == caller.viewer.person_id
        entry = await AuditEntry.get(subject_id=job.id)
        assert (entry.act, entry.person_id, entry.details) == ("job.ask", job.asked_by, {"kind": MAKE})


async def test_asked_again_with_its_key_it_is_the_same_job(people_models: Database) -> None:
    claims = await sign_in("hn-admin")

    first, again = await ask(claims, key="k"), await ask(claims, key="k")

    assert first.id == again.id
    assert (await ask(claims, key="other")).id != first.id


async def test_one_reads_ones_own_jobs_and_an_administrator_those_of_his_place(
    people_models: Database,
) -> None:
    own, other = str((await ask("hn-first-secretary")).id), str((await ask("hn-unit-head")).id)

    assert await seen("hn-first-secretary") == {own}
    assert await seen("hn-unit-head") == {other}
    assert await seen("hn-admin") == {own, other}
    assert await seen("tw-admin") == set()


async def test_a_job_that_waits_is_cancelled_at_once(people_models: Database) -> None:
    job = await ask("hn-first-secretary")

    assert (await cancel("hn-first-secretary", job)).state is JobState.CANCELLED

    assert (await now(job)).ended_at is not None
    assert await refusal_of("hn-first-secretary", job) is RefusalCode.WRONG_STATE


async def test_only_who_asked_cancels(people_models: Database) -> None:
    job = await ask("hn-first-secretary")

    assert await refusal_of("hn-unit-head", job) is RefusalCode.NOT_FOUND
    assert await refusal_of("tw-admin", job) is RefusalCode.NOT_FOUND
    assert await refusal_of("hn-admin", job) is RefusalCode.NOT_YOUR_OWN
    assert (await now(job)).state is JobState.QUEUED
    assert (await cancel("hn-first-secretary", job)).state is JobState.CANCELLED


async def test_a_person_has_so_many_jobs_open_and_no_more(
    people_models: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MOST_OPEN", 3)
    asked = [await ask("hn-first-secretary") for _ in range(3)]

    with pytest.raises(Refusal) as refused:
        await ask("hn-first-secretary")

    assert (refused.value.code, refused.value.params) == (RefusalCode.TOO_MANY_JOBS, {"most": 3})
    assert len(await seen("hn-first-secretary")) == 3
    await ask("hn-unit-head")
    await cancel("hn-first-secretary", asked[0])
    await ask("hn-first-secretary")


async def test_jobs_asked_at_once_do_not_pass_the_most(
    people_models: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "MOST_OPEN", 1)
    claims = await sign_in("hn-first-secretary")
    asked = asyncio.Event()

    async def first() -> None:
        async with standing(claims) as caller:
            await jobs.ask(caller.viewer, MAKE, {"count": 1})
            asked.set()
            await asyncio.sleep(0.3)

    async def second() -> None:
        await asked.wait()
        with pytest.raises(Refusal) as refused:
            await ask(claims)
        assert refused.value.code is RefusalCode.TOO_MANY_JOBS

    await asyncio.gather(first(), second())

    assert len(await seen("hn-first-secretary")) == 1


async def test_a_failure_is_kept_as_the_refusal_that_it_was(people_models: Database) -> None:
    assert jobs.failure_of(Job()) is None
    failed = Job(failure="INVALID", failure_params={"flaw": "TOO_MANY", "most": 3, "given": 4})

    refusal = jobs.failure_of(failed)

    assert refusal is not None
    assert (refusal.code, refusal.params) == (
        RefusalCode.INVALID,
        {"flaw": Flaw.TOO_MANY, "most": 3, "given": 4},
    )


async def test_a_refusal_of_the_law_keeps_the_words_of_its_sentence(people_models: Database) -> None:
    async with standing("sc-first-secretary") as caller:
        with pytest.raises(Refusal) as refused:
            await leave.submit(caller.viewer, caller.law, draft("18", "21"))
    assert refused.value.code is RefusalCode.UNSPECIFIED

    again = Refusal.from_kept("UNSPECIFIED", orjson.loads(orjson.dumps(refused.value.to_keep())))

    assert sentence_of(again, Language.EN).startswith("The document that applies here does not say")


async def test_what_is_told_after_the_commit_is_told_once_and_never_of_what_was_undone(
    people_models: Database,
) -> None:
    told: list[str] = []
    async with scope.open():
        scope.after_commit(lambda: told.append("kept"))
        assert told == []

    async def undone() -> None:
        async with scope.open():
            scope.after_commit(lambda: told.append("undone"))
            raise ValueError("undone")

    with pytest.raises(ValueError, match="undone"):
        await undone()

    assert told == ["kept"]
    with pytest.raises(scope.NoScope):
        scope.after_commit(lambda: None)


async def test_what_a_savepoint_undoes_is_not_told_either(people_models: Database) -> None:
    told: list[str] = []

    async def inner(word: str, *, undone: bool) -> None:
        async with scope.open():
            scope.after_commit(lambda: told.append(word))
            if undone:
                raise ValueError(word)

    async with scope.open():
        scope.after_commit(lambda: told.append("before"))
        with pytest.raises(ValueError, match="undone"):
            await inner("undone", undone=True)
        await inner("kept", undone=False)
        scope.after_commit(lambda: told.append("after"))

    assert told == ["before", "kept", "after"]
