"""Two who write into one register at once: neither misses what the other has written."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from tenants import county_summaries
from tenants.county_summaries import CountySummary
from tests.conftest import Database
from tests.tenants.register_sums import HERE, entered, held, paired, said, standing_in


async def two_at_once(behind: Database) -> None:
    """The second enters a household while the first has entered one and not committed yet."""
    written, waits = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with standing_in(HERE):
            await entered("甲")
            written.set()
            await waits.wait()

    async def second() -> None:
        await written.wait()
        async with standing_in(HERE):
            await entered("乙")

    async def watch() -> None:
        await written.wait()
        await _somebody_waits(behind)
        waits.set()

    await asyncio.gather(first(), second(), watch())


async def _somebody_waits(behind: Database) -> None:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = $1 AND wait_event_type = 'Lock'"
    connection: Any = await asyncpg.connect(**behind.superuser.as_arguments())
    try:
        for _ in range(200):
            if await connection.fetchval(waiting, behind.app.database):
                return
            await asyncio.sleep(0.01)
        raise AssertionError("nobody waits for the summary")
    finally:
        await connection.close()


async def test_of_two_who_write_at_once_none_is_missed(people_models: Database) -> None:
    before = await said()

    await two_at_once(people_models)

    assert (await said())["households"] == before["households"] + 2
    assert await said() == await held(people_models)


async def test_without_the_lock_one_of_the_two_would_be_missed(
    people_models: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second then waits in its count, and goes on with what it saw before it waited."""

    async def not_held(_: UUID) -> bool:
        return True

    monkeypatch.setattr(county_summaries, "_held", not_held)
    before = await said()

    await two_at_once(people_models)

    assert (await said())["households"] == before["households"] + 1
    assert (await held(people_models))["households"] == before["households"] + 2


async def test_ten_who_write_at_once_are_all_counted(people_models: Database) -> None:
    async def one(number: int) -> None:
        async with standing_in(HERE):
            await paired(await entered(f"新{number}"))

    before = await said()
    await asyncio.gather(*(one(number) for number in range(10)))

    assert (await said())["households"] == before["households"] + 10
    assert await said() == await held(people_models)


async def test_two_who_are_the_first_in_a_county_open_one_row(people_models: Database) -> None:
    async with standing_in(HERE):
        await CountySummary.filter().delete()

    await two_at_once(people_models)

    assert await said() == await held(people_models)
