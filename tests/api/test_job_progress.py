"""A job is watched to its end: every change once, nothing to those who may not see it."""

from contextlib import aclosing
from typing import Any

from strawberry.relay import to_base64

from api.operations import Asked, Operations
from schema.context import Context
from schema.errors import Language
from schema.root import schema
from tenants import jobs
from tenants.runner import at_work
from tests.conftest import Database
from tests.tenants.demonstration import SIGNER, sign_in, standing
from tests.tenants.work import HANDLERS, ask

PROGRESS = "subscription ($id: ID!) { jobProgress(id: $id) { state done total stage outcome } }"
OPERATIONS = Operations(schema, deadline_seconds=5, interval_seconds=0.05, life_seconds=20)


async def watched(login: str, job_id: str) -> list[Any]:
    claims = await sign_in(login)
    asked = Asked(PROGRESS, {"id": job_id})
    heard = []
    async with aclosing(OPERATIONS.answers(asked, lambda: Context(SIGNER, Language.ZH, claims))) as answers:
        async for _, result in answers:
            assert result.errors is None
            assert result.data is not None
            heard.append(result.data["jobProgress"])
    return heard


async def test_progress_is_heard_until_the_job_has_ended(demo_models: Database) -> None:
    job = await ask("hn-first-secretary", 4, pause=0.3)
    async with at_work(HANDLERS, sweep_seconds=0.1):
        heard = await watched("hn-first-secretary", to_base64("Job", job.id))

    assert heard[-1] == {"state": "DONE", "done": 4, "total": 4, "stage": "unit 3", "outcome": {"made": 4}}
    done = [item["done"] for item in heard]
    assert done == sorted(done)
    assert len(set(done)) >= 3


async def test_one_that_has_ended_is_told_once(demo_models: Database) -> None:
    job = await ask("hn-first-secretary")
    async with standing("hn-first-secretary") as caller:
        await jobs.cancel(caller.viewer, caller.access, job.id)

    heard = await watched("hn-first-secretary", to_base64("Job", job.id))

    assert [item["state"] for item in heard] == ["CANCELLED"]


async def test_a_job_one_may_not_see_is_like_none(demo_models: Database) -> None:
    job = await ask("hn-first-secretary")
    hidden = [
        ("hn-unit-head", to_base64("Job", job.id)),
        ("tw-admin", to_base64("Job", job.id)),
        ("hn-first-secretary", to_base64("Leave", job.id)),
        ("hn-first-secretary", to_base64("Job", "none")),
    ]

    assert [await watched(login, job_id) for login, job_id in hidden] == [[None]] * 4
