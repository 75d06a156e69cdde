"""When the database is busy or a request is given up: everybody is answered in time, with a code that says
to try again, and nothing stays behind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

import asyncpg
import pytest

from tests import conftest
from tests.api.in_process import answered, ask, served
from tests.api.running import running
from tests.conftest import Database
from tests.front_door import record, rows

SMALL = {"pool_size": 4, "pool_acquire_seconds": 1, "lock_seconds": 1.5}
AT_MOST_SECONDS = 6  # the two waits, and a busy machine
SUBMIT = """
mutation { leaveSubmit(input: {beginsOn: "2018-06-18", endsOn: "2018-06-18"}) {
  leave { id } userErrors { code } } }
"""
OTHER = "{ viewer { name } }"
A_PERSON = """
SELECT p.id FROM persons p JOIN accounts a ON a.id = p.account_id
WHERE a.login = 'hn-first-secretary' FOR UPDATE OF p
"""
LOCKS = {"a row": A_PERSON, "a table": "LOCK TABLE persons IN ACCESS EXCLUSIVE MODE"}
BUSY_NOW = """
SELECT count(*) AS n FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'zeren' AND state <> 'idle'
"""
Answer = tuple[int, dict[str, Any]]


@asynccontextmanager
async def locked(behind: Database, statement: str) -> AsyncIterator[None]:
    """A third session holds it for the length of the block."""
    holder = await asyncpg.connect(**behind.superuser.as_arguments())
    try:
        async with holder.transaction():
            await holder.execute(statement)
            yield
    finally:
        await holder.close()


async def looked_at(behind: Database) -> dict[str, tuple[int, str]]:
    return await asyncio.to_thread(record, behind)


async def busy(behind: Database) -> int:
    """Sessions of the application that do something, or sit in a transaction."""
    [row] = await asyncio.to_thread(rows, behind, BUSY_NOW)
    found: int = row["n"]
    return found


async def left_behind(behind: Database) -> int:
    """The same after a moment in which they could end."""
    for _ in range(40):
        if (found := await busy(behind)) == 0:
            break
        await asyncio.sleep(0.05)
    return found


def says_to_try_again(answer: Answer) -> bool:
    status, body = answer
    [error] = body["errors"]
    assert error["extensions"]["code"] in {"TIMEOUT", "DATABASE_UNAVAILABLE"}, error
    assert not any(word in str(body) for word in ("SELECT", "persons", "asyncpg", "lock", "pool")), body
    # What was begun is answered with `data: null`, and what was not with the status alone.
    assert status == (200 if "data" in body else 503)
    return body.get("data") is None and error["extensions"]["retriable"] is True


@pytest.mark.parametrize("lock", LOCKS)
async def test_blocked_commands_do_not_take_the_others_along(demo_database: Database, lock: str) -> None:
    before = await looked_at(demo_database)
    async with served(demo_database.app, **SMALL) as http:
        begun = monotonic()
        async with locked(demo_database, LOCKS[lock]):
            blocked = [answered(http, "hn-first-secretary", SUBMIT) for _ in range(32)]
            others = [answered(http, "tw-first-secretary", OTHER) for _ in range(8)]
            answers = await asyncio.gather(*blocked, *others)
            assert monotonic() - begun < AT_MOST_SECONDS
            assert all(says_to_try_again(answer) for answer in answers[:32])
            assert all("errors" not in body or says_to_try_again((s, body)) for s, body in answers[32:])
            if lock == "a row":
                assert "errors" not in await ask(http, "tw-first-secretary", OTHER)
        assert await looked_at(demo_database) == before
        assert await left_behind(demo_database) == 0

        again = await asyncio.gather(*(answered(http, "tw-first-secretary", OTHER) for _ in range(8)))
        assert [status for status, body in again if "errors" not in body] == [200] * 8
        assert (await ask(http, "hn-first-secretary", SUBMIT))["data"]["leaveSubmit"]["userErrors"] == []


async def test_an_operation_beyond_its_deadline_leaves_nothing(demo_database: Database) -> None:
    before = await looked_at(demo_database)
    async with served(demo_database.app, pool_size=2, deadline_seconds=0.5, lock_seconds=20) as http:
        async with locked(demo_database, A_PERSON):
            late = await answered(http, "hn-first-secretary", SUBMIT)
            assert says_to_try_again(late)
            assert await left_behind(demo_database) == 0
        assert await looked_at(demo_database) == before

    async with served(demo_database.app, pool_size=2) as http:
        assert (await ask(http, "hn-first-secretary", SUBMIT))["data"]["leaveSubmit"]["userErrors"] == []
    assert await looked_at(demo_database) != before


async def test_a_request_that_is_cancelled_leaves_nothing(demo_database: Database) -> None:
    before = await looked_at(demo_database)
    async with served(demo_database.app, pool_size=2, lock_seconds=20) as http:
        async with locked(demo_database, A_PERSON):
            task = asyncio.create_task(answered(http, "hn-first-secretary", SUBMIT))
            await asyncio.sleep(0.3)
            assert await busy(demo_database) == 1
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert await left_behind(demo_database) == 0
        assert await looked_at(demo_database) == before

        assert (await ask(http, "hn-first-secretary", SUBMIT))["data"]["leaveSubmit"]["userErrors"] == []


async def test_a_client_that_goes_away_leaves_nothing_half_done(demo_database: Database) -> None:
    """Over a real connection: its command is carried out whole, or not at all."""
    with running(demo_database, conftest.tokens()) as server:
        async with locked(demo_database, A_PERSON):
            for _ in range(4):
                await _post_and_go_away(server.url)
            assert await busy(demo_database) > 0

        assert await left_behind(demo_database) == 0
    counted = [(await asyncio.to_thread(rows, demo_database, sql))[0]["n"] for sql in DONE]
    assert counted[0] in (0, 1)
    assert counted == [counted[0]] * 3


DONE = (
    "SELECT count(*) AS n FROM leaves",
    "SELECT count(*) AS n FROM requests",
    "SELECT count(*) AS n FROM audit_entries WHERE act = 'leave.submit'",
)


async def _post_and_go_away(url: str) -> None:
    host, _, port = url.removeprefix("http://").partition(":")
    body = '{"query": "' + " ".join(SUBMIT.split()).replace('"', '\\"') + '"}'
    head = [
        "POST /graphql HTTP/1.1",
        f"Host: {host}",
        "Content-Type: application/json",
        f"Authorization: Bearer {conftest.tokens()['hn-first-secretary']}",
        f"Content-Length: {len(body)}",
    ]
    _, writer = await asyncio.open_connection(host, int(port))
    writer.write("\r\n".join([*head, "", body]).encode())
    await writer.drain()
    await asyncio.sleep(0.2)
    writer.close()
    await writer.wait_closed()
