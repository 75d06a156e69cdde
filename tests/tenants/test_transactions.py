"""One transaction for each scope: it commits or is undone as a whole, and its connection keeps no trace."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from uuid import UUID, uuid4

import asyncpg
import pytest
from tortoise.connection import get_connection
from tortoise.exceptions import (
    DBConnectionError,
    IntegrityError,
    OperationalError,
    TransactionManagementError,
)
from tortoise.transactions import in_transaction

from tenants import database, scope
from tenants.transactions import Timeouts
from tenants.units import Unit
from tests.conftest import Database
from tests.tenants.settings import SETTINGS, settings_in_force
from tests.tenants.two_places import County, found

Two = tuple[County, County]


async def test_a_fault_inside_an_inner_scope_undoes_it_and_gives_the_outer_one_back(counties: Two) -> None:
    here, there = counties
    async with scope.open(writes=here.id):
        await Unit.create(name="outer", code=here.code)
        with pytest.raises(ValueError, match="refused"):
            await _create_and_fail(there, "inner")

        assert await settings_in_force() == (str(here.id), str(here.id))
        assert await Unit.filter(name="outer").exists()
    async with scope.open(reads=[there.id]):
        assert not await Unit.filter(name="inner").exists()


async def _create_and_fail(county: County, name: str) -> None:
    async with scope.open(writes=county.id):
        await Unit.create(name=name, code=county.code)
        raise ValueError("refused")


async def test_a_database_error_inside_an_inner_scope_gives_the_outer_one_back(counties: Two) -> None:
    here, there = counties
    async with scope.open(writes=here.id):
        with pytest.raises(OperationalError):
            async with scope.open(writes=there.id):
                await scope.fetch("SELECT no_such_column")

        assert await settings_in_force() == (str(here.id), str(here.id))
        assert await Unit.all().count() == 2


async def test_an_exception_rolls_the_operation_back(counties: Two) -> None:
    here = counties[0]
    with pytest.raises(ValueError, match="refused"):
        await _create_and_fail(here, "x")

    async with scope.open(reads=[here.id]):
        assert not await Unit.filter(name="x").exists()
    assert scope.in_force() is None


async def _fail(counties: Two) -> None:
    async with scope.open(writes=counties[0].id):
        await scope.fetch("SELECT no_such_column")


async def _be_cancelled(counties: Two) -> None:
    async with asyncio.timeout(0.05):
        async with scope.open(writes=counties[0].id):
            await Unit.create(name="cancelled", code=counties[0].code)
            await scope.fetch("SELECT pg_sleep(2)")


async def _commit(counties: Two) -> None:
    async with scope.open(writes=counties[0].id):
        await Unit.all().count()


ENDINGS = {"commit": _commit, "rollback": _fail, "cancel": _be_cancelled}


@pytest.mark.parametrize("ending", ENDINGS.values(), ids=ENDINGS.keys())
async def test_a_connection_given_back_keeps_nothing(
    empty_database: Database, ending: Callable[[Two], Awaitable[None]]
) -> None:
    async with database.connected(empty_database.app, pool_size=1):
        here, there = await found("990101000000", "甲"), await found("990102000000", "乙")
        with suppress(OperationalError, TimeoutError):
            await ending((here, there))

        assert await _backend(here.id) == await _backend(there.id)
        async with scope.open(reads=[there.id]):
            assert await settings_in_force() == (str(there.id), "")
            assert {unit.tenant_id for unit in await Unit.all()} == {there.id}
        assert await _unscoped(SETTINGS) in ([("", "")], [(None, None)])
        assert await _unscoped("SELECT count(*) FROM units") == [(0,)]
        async with scope.open(reads=[here.id]):
            assert not await Unit.filter(name="cancelled").exists()


async def _backend(place: UUID) -> int:
    async with scope.open(reads=[place]):
        [row] = await scope.fetch("SELECT pg_backend_pid() AS pid")
    pid: int = row["pid"]
    return pid


async def _unscoped(query: str) -> list[tuple[object, ...]]:
    """Past the scope, on the pool's own connection."""
    pool: asyncpg.Pool = get_connection(scope.CONNECTION)._pool
    return [tuple(row.values()) for row in await pool.fetch(query)]


async def test_a_full_pool_answers_in_time(empty_database: Database) -> None:
    async with database.connected(empty_database.app, pool_size=1, timeouts=Timeouts(acquire_seconds=0.1)):
        release = asyncio.Event()
        holder = asyncio.create_task(_hold(release))
        await asyncio.sleep(0.05)
        async with asyncio.timeout(1):
            with pytest.raises(DBConnectionError, match="no database connection is free"):
                await _hold(release)
        assert not await database.is_reachable()

        release.set()
        await holder
        assert await database.is_reachable()


async def _hold(release: asyncio.Event) -> None:
    async with scope.open():
        await release.wait()


async def test_the_commit_of_a_broken_transaction_is_no_commit(counties: Two) -> None:
    here = counties[0]
    with pytest.raises(TransactionManagementError, match="rolled back"):
        await _break_and_go_on(here)

    async with scope.open(reads=[here.id]):
        assert not await Unit.filter(name="lost").exists()
        assert await Unit.all().count() == 2


async def _break_and_go_on(county: County) -> None:
    async with scope.open(writes=county.id):
        await Unit.create(name="lost", code=county.code)
        with suppress(OperationalError):
            await scope.fetch("SELECT no_such_column")


async def test_a_task_that_outlives_its_transaction_asks_nothing_more(counties: Two) -> None:
    """It would ask on a connection that is being given back, and the next to borrow it gets the fault."""

    async def asking_for_ever() -> None:
        while True:
            await scope.fetch("SELECT 1")

    for _ in range(20):
        async with scope.open(reads=[counties[0].id]):
            beside = asyncio.create_task(asking_for_ever())
            await asyncio.sleep(0.01)
        with pytest.raises(scope.NoScope, match="has ended"):
            await asyncio.wait_for(beside, 2)
        assert await _one() == 1


async def _one() -> int:
    async with scope.open():
        rows = await scope.fetch("SELECT 1 AS one")
        one: int = rows[0]["one"]
        return one


FAILS = f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{scope.PREMISE_FAILED}'; END $$"


async def test_a_transaction_does_not_begin_where_its_premise_fails(counties: Two) -> None:
    here = counties[0]
    for _ in range(30):
        with pytest.raises(scope.PremiseFailed):
            async with scope.open(writes=here.id, premise=FAILS):
                pytest.fail("it has begun")
    assert scope.in_force() is None
    assert await _one() == 1


async def test_a_premise_that_holds_is_not_felt(counties: Two) -> None:
    here = counties[0]
    async with scope.open(writes=here.id, premise="SELECT 1"):
        await Unit.create(name="after a premise", code=here.code)
        with suppress(ValueError):
            await _create_and_fail(counties[1], "inner")
        assert await settings_in_force() == (str(here.id), str(here.id))


async def test_a_savepoint_undoes_only_what_it_holds(counties: Two) -> None:
    here = counties[0]
    async with scope.open(writes=here.id):
        await Unit.create(name="kept", code=here.code)
        with pytest.raises(IntegrityError):
            await _create_in_a_savepoint(here, "undone", "kept")

        assert await Unit.filter(name__in=["kept", "undone"]).values_list("name", flat=True) == ["kept"]


async def _create_in_a_savepoint(county: County, *names: str) -> None:
    async with in_transaction(scope.CONNECTION):
        for name in names:
            await Unit.create(name=name, code=county.code)


async def test_an_inner_savepoint_that_was_rolled_back_does_not_shadow_its_outer(counties: Two) -> None:
    """ROLLBACK TO leaves a savepoint standing: the outer one must not then be taken for it."""
    here = counties[0]
    async with scope.open(writes=here.id):
        with pytest.raises(ValueError, match="outer"):
            await _fail_twice(here)

        assert not await Unit.filter(name="of the outer").exists()


async def _fail_twice(county: County) -> None:
    async with in_transaction(scope.CONNECTION):
        await Unit.create(name="of the outer", code=county.code)
        with pytest.raises(ValueError, match="inner"):
            async with in_transaction(scope.CONNECTION):
                raise ValueError("inner")
        raise ValueError("outer")


async def test_what_is_got_or_created_is_created_once(counties: Two) -> None:
    here = counties[0]
    async with scope.open(writes=here.id):
        first, made = await Unit.get_or_create(name="新单位", defaults={"code": here.code})
        again, made_again = await Unit.get_or_create(name="新单位", defaults={"code": here.code})

    assert (made, made_again, again.id) == (True, False, first.id)


async def test_a_transaction_begins_with_literal_settings(models: Database) -> None:
    """As the server received it: BEGIN and the scope in one message."""
    place = uuid4()
    watcher = await asyncpg.connect(**models.superuser.as_arguments())
    async with scope.open(writes=place):
        sent = await watcher.fetchval(_LAST_SENT)
    await watcher.close()

    settings = f"SET LOCAL app.tenants = '{place}'; SET LOCAL app.writer = '{place}'"
    timeouts = "SET LOCAL lock_timeout = 2000; SET LOCAL statement_timeout = 5000"
    assert sent == f"BEGIN; {settings}; {timeouts}"


_LAST_SENT = """
SELECT query FROM pg_stat_activity
WHERE datname = current_database() AND application_name = 'zeren' AND state = 'idle in transaction'
"""
