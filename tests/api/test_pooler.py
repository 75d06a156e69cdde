"""Through PgBouncer in transaction mode: many clients of several counties share few connections, and each
reads its own rows. A setting of the session, planted, is seen reaching the next county."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import cycle, islice
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from tortoise.exceptions import DBConnectionError

from tenants import database, scope
from tenants.database import Credentials
from tenants.transactions import ScopedTransaction, Timeouts
from tests.api.in_process import ask, served
from tests.conftest import Database, serving
from tests.front_door import opened, rows
from tests.pooler import needs_pgbouncer, pooling, version

pytestmark = needs_pgbouncer

SERVER_CONNECTIONS = 3
CLIENT_CONNECTIONS = 24
REQUESTS = 120
APPLICANTS = ("hn-first-secretary", "tw-first-secretary")
LOGINS = (*APPLICANTS, "hn-township-secretary", "sc-first-secretary", "gd-first-secretary", "mz-unit-head")
# How long they wait for their turn is not the question here.
PATIENT = {"pool_size": CLIENT_CONNECTIONS, "pool_acquire_seconds": 60, "deadline_seconds": 60}
OWN = """
{ viewer { name waitingCount unreadCount posts { id role { id } code unit { id name } } }
  leaves { totalCount nodes { id person { id name } request { id steps { id holders { id name } } } } }
  divisions { code name } workQueue { id } notices { totalCount nodes { id } } }
"""
SLEEPING = """
SELECT count(*) AS n FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'
"""
SUBMIT = """
mutation ($on: Date!) { leaveSubmit(input: {beginsOn: $on, endsOn: $on}) {
  leave { person { name } request { id steps { holders { name } } } } userErrors { code } } }
"""


@pytest.fixture(scope="module")
def pooled(shared_demo_database: Database) -> Iterator[Credentials]:
    """The pooler, before a database in which somebody of two counties has asked for leave."""
    with serving(shared_demo_database) as client:
        for login in APPLICANTS:
            opened(client, login, "06-18", "06-20")
    with pooling(shared_demo_database.app, size=SERVER_CONNECTIONS) as through:
        yield through


async def interleaved(through: Credentials, expected: dict[str, Any]) -> list[dict[str, Any]]:
    """The wrong ones among the answers to many questions of several counties at once."""
    asked, at_once = list(islice(cycle(LOGINS), REQUESTS)), asyncio.Semaphore(2 * CLIENT_CONNECTIONS)

    async def one(login: str) -> dict[str, Any]:
        async with at_once:
            return await ask(http, login, OWN)

    async with served(through, **PATIENT) as http:
        answers = await asyncio.gather(*map(one, asked))
    return [answer for login, answer in zip(asked, answers, strict=True) if answer != expected[login]]


@pytest.fixture
async def expected(pooled: Credentials, shared_demo_database: Database) -> dict[str, Any]:
    """What each is answered without a pooler, one after the other."""
    async with served(shared_demo_database.app, **PATIENT) as http:
        answers = {login: await ask(http, login, OWN) for login in LOGINS}
    assert all("errors" not in answer for answer in answers.values()), answers
    posts = {post["id"] for answer in answers.values() for post in answer["data"]["viewer"]["posts"]}
    assert len(posts) == len(LOGINS)
    assert [answers[login]["data"]["leaves"]["totalCount"] for login in APPLICANTS] == [1, 1]
    assert len(answers["hn-township-secretary"]["data"]["workQueue"]) == 1
    return answers


async def test_every_county_reads_its_own_rows_through_a_pooler(
    pooled: Credentials, shared_demo_database: Database, expected: dict[str, Any]
) -> None:
    assert await interleaved(pooled, expected) == []

    held = await server_connections(shared_demo_database)
    assert 1 < held <= SERVER_CONNECTIONS < CLIENT_CONNECTIONS


async def server_connections(behind: Database) -> int:
    sql = "SELECT count(*) AS n FROM pg_stat_activity WHERE datname = $1 AND usename = $2"
    [row] = await asyncio.to_thread(rows, behind, sql, behind.app.database, behind.app.user)
    held: int = row["n"]
    return held


async def test_a_setting_of_the_session_would_be_seen_in_the_answers(
    pooled: Credentials, expected: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: SET before BEGIN, as a pool's setup would do it. The test above can fail."""

    async def begin(transaction: ScopedTransaction) -> None:
        settings = (scope.in_force() or scope.Scope()).as_settings()
        for setting in settings.split("; "):
            await transaction._connection.execute(setting.replace("SET LOCAL", "SET"))
        await transaction._connection.execute("BEGIN")

    monkeypatch.setattr(ScopedTransaction, "begin", begin)

    assert len(await interleaved(pooled, expected)) > REQUESTS / 10


async def test_a_setting_of_the_session_shows_another_county_s_rows(pooled: Credentials) -> None:
    """The same without the first wall: this is what literal SET LOCAL is for."""
    places = await places_with_people(pooled)

    assert await seen(pooled, places, "SET") != [{place} for place in places]
    assert await seen(pooled, places, "SET LOCAL") == [{place} for place in places]


async def places_with_people(through: Credentials) -> list[UUID]:
    connection = await asyncpg.connect(**through.as_arguments())
    async with connection.transaction():
        found = await connection.fetch("SELECT id FROM places WHERE kind = 'county' ORDER BY code")
    await connection.close()
    return [row["id"] for row in found]


async def seen(through: Credentials, places: Sequence[UUID], how: str) -> list[set[UUID]]:
    """The places whose people each of several clients saw, set by the session or by the transaction."""
    clients = [await asyncpg.connect(**through.as_arguments()) for _ in places]
    try:
        for client, place in zip(clients, places, strict=True):
            if how == "SET":
                await client.execute(f"SET app.tenants = '{place}'")
        return [await _seen_by(*one, how) for one in zip(clients, places, strict=True)]
    finally:
        for client in clients:
            await client.execute("RESET app.tenants")
            await client.close()


async def _seen_by(client: "asyncpg.Connection[Any]", place: UUID, how: str) -> set[UUID]:
    async with client.transaction():
        if how == "SET LOCAL":
            await client.execute(f"SET LOCAL app.tenants = '{place}'")
        return {row["tenant_id"] for row in await client.fetch("SELECT DISTINCT tenant_id FROM persons")}


async def test_commands_of_several_counties_stay_apart(pooled: Credentials, demo_database: Database) -> None:
    """Each of two counties asks for leave on thirty days, over the same few connections."""
    days = [f"2018-{month:02}-{day:02}" for month in (7, 8) for day in range(1, 31, 2)]
    with pooling(demo_database.app, size=SERVER_CONNECTIONS) as through:
        async with served(through, **PATIENT) as http:
            asked = [(login, day) for day in days for login in APPLICANTS]
            answers = await asyncio.gather(*(ask(http, login, SUBMIT, on=day) for login, day in asked))

    assert [answer for answer in answers if "errors" in answer] == []
    assert {len(answer["data"]["leaveSubmit"]["userErrors"]) for answer in answers} == {0}
    per_place = "SELECT tenant_id, count(*) AS n FROM leaves GROUP BY tenant_id"
    found = await asyncio.to_thread(rows, demo_database, per_place)
    assert [row["n"] for row in found] == [len(days)] * 2


async def test_a_startup_parameter_is_refused_by_the_pooler(pooled: Credentials) -> None:
    """Why the timeouts travel in BEGIN."""
    with pytest.raises(asyncpg.ProtocolViolationError, match="unsupported startup parameter"):
        await asyncpg.connect(**pooled.as_arguments(), server_settings={"lock_timeout": "2s"})

    connection = await asyncpg.connect(**pooled.as_arguments(), server_settings={"application_name": "zeren"})
    await connection.close()


@pytest.mark.skipif(version() >= (1, 21), reason="this pooler knows named statements")
async def test_named_statements_are_lost_by_an_older_pooler(
    pooled: Credentials, expected: dict[str, Any]
) -> None:
    """Why there is ZEREN_STATEMENT_CACHE_SIZE: answers fail, and none holds another county's rows."""
    named = replace(pooled, statement_cache_size=100)

    wrong = await interleaved(named, expected)

    assert wrong != []
    assert [answer for answer in wrong if "errors" not in answer] == []


async def test_who_waits_too_long_for_the_pooler_s_connection_is_told(shared_demo_database: Database) -> None:
    timeouts = Timeouts(acquire_seconds=0.5)
    with pooling(shared_demo_database.app, size=1) as through:
        async with database.connected(through, pool_size=4, timeouts=timeouts):
            release = asyncio.Event()
            holder = asyncio.create_task(_hold(release))
            await asyncio.sleep(0.1)
            async with asyncio.timeout(3):
                refused = await asyncio.gather(*(_hold(release) for _ in range(8)), return_exceptions=True)
            assert {type(each) for each in refused} == {DBConnectionError}

            release.set()
            await holder
            assert await asyncio.gather(*(_hold(release) for _ in range(8))) == [None] * 8


async def _hold(release: asyncio.Event) -> None:
    async with scope.open():
        await scope.fetch("SELECT 1")
        await release.wait()


async def test_a_cancelled_operation_leaves_the_pooler_s_connection_free(pooled: Credentials) -> None:
    async with database.connected(pooled, pool_size=8):
        ended = await asyncio.gather(*(_sleep_and_be_cancelled() for _ in range(8)), return_exceptions=True)
        assert {type(end) for end in ended} == {TimeoutError}

        async with scope.open():
            assert [row["n"] for row in await scope.fetch(SLEEPING)] == [0]


async def _sleep_and_be_cancelled() -> None:
    async with asyncio.timeout(0.3):
        async with scope.open():
            await scope.fetch("SELECT pg_sleep(4)")
