"""The hole list: every probe of another place, behind both walls and behind each of them alone.

Each probe has its positive twin, the same reach into the own place: a wall that lets nothing through
would pass otherwise.
"""

import asyncpg
import pytest
from tortoise.backends.asyncpg.client import AsyncpgDBClient
from tortoise.backends.asyncpg.executor import AsyncpgExecutor
from tortoise.exceptions import BaseORMException
from tortoise.models import Model
from tortoise.queryset import QuerySet

from tenants import database, rows, scope
from tenants.asyncpg_client import ScopedClient, ScopedTransaction
from tests.conftest import Database
from tests.tenants import probes_in_sql
from tests.tenants.probes import PROBES, Probe, _of, everything_of
from tests.tenants.two_places import County, found

# What the first wall refuses to anybody, in the own place too: there is another way to do it.
NEVER = {
    "a_write_by_the_pool",
    "bulk_updated",
    "given_away_by_update",
    "raw",
    "the_pool",
    "upserted",
    "upserted_by_position",
}
# What the database refuses to anybody: what has no scope sees nothing, and nobody switches a wall off.
NEVER_BY_THE_DATABASE = {
    "a_write_by_the_pool",
    "another_connection",
    "sql_that_switches_the_wall_off",
    "sql_that_truncates",
    "the_pool",
}
# What only the database stops: statements that nobody but `tenants` may write, and the global tables.
ONLY_THE_DATABASE = {
    name for name in _of(probes_in_sql) if name not in ("raw", "the_pool", "a_write_by_the_pool")
} | {
    "a_bare_queryset",
    "a_bare_queryset_that_updates",
    "a_document_published",
    "a_place_founded_below",
    "a_place_renamed",
    "a_place_taken_over",
    "a_profile_published",
    "a_union_with_a_bare_queryset",
    "an_oracle_by_a_name",
    "an_order_by_what_is_there",
}
# What the composite foreign keys refuse, without any wall before them.
HELD_BY_LINKS = {"linked_to_a_person_there", "relinked_to_a_unit_there", "updated_or_created"}


class _Undo(Exception):
    pass


async def reaches(probe: Probe, here: County, there: County) -> bool:
    """Whether the probe saw or changed what is there. Nothing of it stays."""
    reached = False
    try:
        async with scope.open(writes=here.id):
            before = await _everything(here, there)
            answer = await probe(here, there)
            reached = answer is True or await _everything(here, there) != before
            raise _Undo
    except (_Undo, scope.ScopeError, BaseORMException, asyncpg.PostgresError):
        return reached


async def _everything(here: County, there: County) -> list[object]:
    async with scope.open(reads=[there.id], writes=here.id):
        return await everything_of(there.id)


async def holes(here: County, there: County) -> set[str]:
    return {name for name, probe in PROBES.items() if await reaches(probe, here, there)}


def take_the_manager_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first wall gone: stock querysets, stock executor."""
    monkeypatch.setattr(rows.ScopedManager, "get_queryset", lambda manager: QuerySet(manager._model))
    monkeypatch.setattr(rows.PlaceRow, "refresh_from_db", Model.refresh_from_db)
    monkeypatch.setattr(ScopedClient, "acquire_connection", AsyncpgDBClient.acquire_connection)
    for client in (ScopedClient, ScopedTransaction):
        monkeypatch.setattr(client, "executor_class", AsyncpgExecutor)


async def test_both_walls_have_no_hole(counties: tuple[County, County]) -> None:
    here, there = counties

    assert await holes(here, there) == set()
    assert await holes(there, here) == set()
    assert set(PROBES) - await holes(here, here) == NEVER | NEVER_BY_THE_DATABASE


async def test_the_database_s_wall_alone_has_no_hole(
    counties: tuple[County, County], monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = counties
    take_the_manager_away(monkeypatch)

    assert await holes(here, there) == set()
    assert await holes(there, here) == set()
    assert set(PROBES) - await holes(here, here) == NEVER_BY_THE_DATABASE


async def test_the_manager_alone_stops_all_but_hand_written_sql(empty_database: Database) -> None:
    async with database.connected(empty_database.superuser, pool_size=3):
        here, there = await found("990101000000", "甲"), await found("990102000000", "乙")

        assert await holes(here, there) == ONLY_THE_DATABASE
        assert set(PROBES) - await holes(here, here) == NEVER


async def test_with_neither_wall_the_probes_reach(
    empty_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The probes are real: without walls nearly all of them get through. The rest is held by the links."""
    async with database.connected(empty_database.superuser, pool_size=3):
        here, there = await found("990101000000", "甲"), await found("990102000000", "乙")
        take_the_manager_away(monkeypatch)

        assert set(PROBES) - await holes(here, there) == HELD_BY_LINKS
