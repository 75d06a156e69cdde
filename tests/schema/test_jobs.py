"""Jobs at the front door: reading one's own, why one failed, stopping one, being told."""

import asyncio
from typing import Any

from tenants import database, leases, runner
from tenants.jobs import Job
from tenants.refusals import Refusal, RefusalCode
from tenants.runs import Handler, Run
from tests.client import Client
from tests.conftest import Database
from tests.front_door import NODE, record, said
from tests.tenants.work import LEASE, MAKE, ask

LIST = """
query ($filter: JobFilter) {
  jobs(filter: $filter) {
    totalCount
    nodes {
      id kind label state isCancelling done total stage outcome askedBy { name } failure { code message }
    }
  }
}
"""
CANCEL = "mutation ($id: ID!) { jobCancel(id: $id) { job { state isCancelling } userErrors { code path } } }"
NOTICES = "{ notices { nodes { kind message subject { id } } } }"


def asked(behind: Database, login: str) -> Job:
    """A job as an operation of the person leaves it, without a runner that would do it."""

    async def done() -> Job:
        async with database.connected(behind.app, pool_size=2):
            return await ask(login)

    return asyncio.run(done())


def done(behind: Database, job: Job, *, refused: Refusal | None = None) -> None:
    """The job is done by a runner in another process."""

    async def work(run: Run) -> dict[str, Any]:
        if refused is not None:
            raise refused
        await run.progress(2, 2, "last")
        return {"made": 2}

    async def run() -> None:
        async with database.connected(behind.app, pool_size=2):
            taken = await leases.take(job.tenant_id, [MAKE], LEASE)
            assert taken is not None
            await runner._do(*taken, Handler("job.read", work))

    asyncio.run(run())


def listed(client: Client, login: str, **filter: str) -> list[dict[str, Any]]:
    found = client.ask(LIST, {"filter": filter or None}, as_=login)["jobs"]
    assert found["totalCount"] == len(found["nodes"])
    return list(found["nodes"])


def test_a_job_is_read_by_who_asked_and_by_the_places_administrator(
    client: Client, demo_database: Database
) -> None:
    asked(demo_database, "hn-first-secretary")

    (job,) = listed(client, "hn-first-secretary")

    assert (job["kind"], job["state"], job["askedBy"]) == (MAKE, "QUEUED", {"name": "演示第一书记"})
    assert [one["id"] for one in listed(client, "hn-admin")] == [job["id"]]
    for other in ("hn-unit-head", "tw-admin"):
        assert listed(client, other) == []
        assert client.ask(NODE, {"id": job["id"]}, as_=other)["node"] is None
    node = client.ask(NODE, {"id": job["id"]}, as_="hn-first-secretary")["node"]
    assert node == {"id": job["id"], "__typename": "Job"}


def test_jobs_are_filtered_by_state_and_kind(client: Client, demo_database: Database) -> None:
    done(demo_database, asked(demo_database, "hn-first-secretary"))
    asked(demo_database, "hn-first-secretary")

    def states(**filter: str) -> list[str]:
        return [job["state"] for job in listed(client, "hn-first-secretary", **filter)]

    assert states() == ["QUEUED", "DONE"]
    assert states(state="DONE") == ["DONE"]
    assert states(kind=MAKE, state="QUEUED") == ["QUEUED"]
    assert states(kind="other.kind") == []
    assert states(kind="k" * 65) == []


def test_a_job_that_is_done_shows_what_came_of_it(client: Client, demo_database: Database) -> None:
    done(demo_database, asked(demo_database, "hn-first-secretary"))

    (job,) = listed(client, "hn-first-secretary")

    assert (job["state"], job["done"], job["total"], job["stage"]) == ("DONE", 2, 2, "last")
    assert (job["outcome"], job["failure"]) == ({"made": 2}, None)
    (notice,) = client.ask(NOTICES, as_="hn-first-secretary")["notices"]["nodes"]
    assert notice == {
        "kind": "job_done",
        "message": f"您交办的“{MAKE}”已完成",
        "subject": {"id": job["id"]},
    }


def test_a_failure_is_told_in_the_readers_language(client: Client, demo_database: Database) -> None:
    job = asked(demo_database, "hn-first-secretary")
    done(demo_database, job, refused=Refusal(RefusalCode.GAVE_UP, runs=5))

    (zh,) = listed(client, "hn-first-secretary")
    english = client.post(LIST, as_="hn-first-secretary", accept_language="en")
    (en,) = english["data"]["jobs"]["nodes"]

    assert zh["failure"] == {
        "code": "GAVE_UP",
        "message": "运行 5 次都没有完成，已停止；请联系系统管理员",
    }
    assert en["failure"]["message"].startswith("It was run 5 times")
    (notice,) = client.ask(NOTICES, as_="hn-first-secretary")["notices"]["nodes"]
    assert notice["kind"] == "job_failed"


def test_one_stops_ones_own_job_and_nobody_elses(client: Client, demo_database: Database) -> None:
    asked(demo_database, "hn-first-secretary")
    (job,) = listed(client, "hn-first-secretary")

    def cancel(login: str) -> dict[str, Any]:
        return dict(client.ask(CANCEL, {"id": job["id"]}, as_=login)["jobCancel"])

    before = record(demo_database)
    assert said(cancel("hn-admin")) == "NOT_YOUR_OWN"
    assert said(cancel("hn-unit-head")) == said(cancel("tw-admin")) == "NOT_FOUND"
    assert record(demo_database) == before
    stopped = cancel("hn-first-secretary")
    assert (said(stopped), stopped["job"]) == ("ALLOW", {"state": "CANCELLED", "isCancelling": True})
    assert said(cancel("hn-first-secretary")) == "WRONG_STATE"
