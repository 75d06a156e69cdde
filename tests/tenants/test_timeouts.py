"""How long an operation waits, and what it may write: both travel in BEGIN and end with the transaction."""

import asyncio
from collections.abc import AsyncIterator
from time import monotonic

import asyncpg
import pytest
from tortoise.connection import get_connection
from tortoise.exceptions import TransactionManagementError

from tenants import clock, database, scope
from tenants.accounts import Account
from tenants.scope import ReadOnlyScope
from tenants.transactions import Timeouts
from tenants.units import Unit
from tests.conftest import Database
from tests.tenants.two_places import County, found

IMPATIENT = Timeouts(acquire_seconds=0.3, lock_seconds=0.2, statement_seconds=0.4)
TIMEOUTS = """
SELECT setting FROM pg_settings
WHERE name IN ('lock_timeout', 'statement_timeout', 'transaction_read_only') ORDER BY name
"""


@pytest.fixture
async def county(empty_database: Database) -> AsyncIterator[County]:
    """One county behind a pool of two impatient connections."""
    async with database.connected(empty_database.app, pool_size=2, timeouts=IMPATIENT):
        yield await found("990101000000", "甲")


async def timeouts_in_force() -> list[str]:
    return [row["setting"] for row in await scope.fetch(TIMEOUTS)]


async def test_the_timeouts_hold_in_the_transaction_and_leave_nothing(county: County) -> None:
    async with scope.open(reads=[county.id]):
        assert await timeouts_in_force() == ["200", "400", "off"]
        async with scope.open(reads=[county.id], read_only=True):
            assert await timeouts_in_force() == ["200", "400", "on"]
        assert await timeouts_in_force() == ["200", "400", "off"]

    pool: asyncpg.Pool = get_connection(scope.CONNECTION)._pool
    assert [row["setting"] for row in await pool.fetch(TIMEOUTS)] == ["0", "0", "off"]


async def test_a_statement_that_takes_too_long_is_ended(county: County) -> None:
    begun = monotonic()
    with pytest.raises(asyncpg.QueryCanceledError, match="statement timeout"):
        async with scope.open():
            await scope.fetch("SELECT pg_sleep(5)")
    assert monotonic() - begun < 3

    async with scope.open():
        assert len(await scope.fetch("SELECT pg_sleep(0.01)")) == 1


async def test_a_row_that_another_holds_is_waited_for_a_bounded_time(county: County) -> None:
    held, release = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with scope.open(writes=county.id):
            await Unit.locked(county.spare.id)
            held.set()
            await release.wait()

    holder = asyncio.create_task(hold())
    await held.wait()
    begun = monotonic()
    with pytest.raises(asyncpg.LockNotAvailableError):
        async with scope.open(writes=county.id):
            await Unit.locked(county.spare.id)
    assert monotonic() - begun < 3

    release.set()
    await holder
    async with scope.open(writes=county.id):
        assert await Unit.locked(county.spare.id) == county.spare


async def test_one_who_stops_waiting_for_a_connection_leaves_the_pool_whole(county: County) -> None:
    release = asyncio.Event()

    async def hold() -> None:
        async with scope.open():
            await release.wait()

    holders = [asyncio.create_task(hold()) for _ in range(2)]
    await asyncio.sleep(0.05)
    waiting = [asyncio.create_task(hold()) for _ in range(6)]
    await asyncio.sleep(0.05)
    for task in waiting:
        task.cancel()
    ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert {type(end) for end in ended} == {asyncio.CancelledError}

    release.set()
    await asyncio.gather(*holders)
    assert (
        await asyncio.gather(*(timeouts_of_an_operation() for _ in range(2))) == [["200", "400", "off"]] * 2
    )


async def timeouts_of_an_operation() -> list[str]:
    async with scope.open():
        await asyncio.sleep(0.05)
        return await timeouts_in_force()


async def test_what_only_reads_writes_not_even_a_global_table(county: County) -> None:
    async def sign_up(login: str) -> None:
        await Account.create(login=login, created_at=clock.now())

    with pytest.raises(TransactionManagementError, match="read-only transaction"):
        async with scope.open(reads=[county.id], read_only=True):
            await sign_up("nobody")
    with pytest.raises(TransactionManagementError, match="read-only transaction"):
        async with scope.open(read_only=True):
            await scope.execute("UPDATE places SET name = 'x' WHERE id = $1", county.id)

    async with scope.open(reads=[county.id]):
        assert not await Account.exists(login="nobody")
        await sign_up("somebody")
    async with scope.open(read_only=True):
        assert await Account.exists(login="somebody")


async def test_an_inner_scope_of_what_only_reads_only_reads(county: County) -> None:
    async with scope.open(reads=[county.id], read_only=True):
        with pytest.raises(ReadOnlyScope):
            async with scope.open(writes=county.id):
                pass
        async with scope.open(reads=[county.id]) as inner:
            assert inner.read_only
            assert await Unit.all().count() == 2


async def test_an_inner_scope_that_only_reads_gives_writing_back(county: County) -> None:
    async with scope.open(writes=county.id):
        with pytest.raises(TransactionManagementError, match="read-only transaction"):
            async with scope.open(reads=[county.id], read_only=True):
                await scope.execute("UPDATE units SET name = 'x' WHERE tenant_id = $1", county.id)

        assert await Unit.filter(id=county.spare.id).update(name="改名") == 1
    async with scope.open(reads=[county.id]):
        assert await Unit.filter(name="改名").count() == 1


async def test_a_refused_write_ends_its_transaction_quietly(
    county: County, caplog: pytest.LogCaptureFixture
) -> None:
    """The stock ORM would give the connection back in the middle of it."""
    with pytest.raises(TransactionManagementError):
        async with scope.open(read_only=True):
            await scope.execute("UPDATE places SET name = 'x' WHERE id = $1", county.id)

    assert "active transaction" not in caplog.text
    async with scope.open(writes=county.id):
        assert await Unit.all().count() == 2
