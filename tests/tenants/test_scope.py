"""The scope: nothing without one, nothing across two."""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from uuid import uuid4

import pytest
from tortoise.exceptions import OperationalError

from tenants import scope
from tenants.people import Person
from tenants.places import Place
from tenants.scope import CrossPlaceError, NoScope, ReadOnlyScope, ScopeError
from tenants.units import Unit
from tests.tenants.settings import settings_in_force
from tests.tenants.two_places import County

Two = tuple[County, County]


def a_unit(name: str = "新单位") -> Unit:
    return Unit(name=name, organ=None, code="990101000000")


VERBS: dict[str, Callable[[Unit], Awaitable[object]]] = {
    "all": lambda unit: Unit.all(),
    "filter": lambda unit: Unit.filter(name="x"),
    "exclude": lambda unit: Unit.exclude(name="x"),
    "get": lambda unit: Unit.get(id=unit.id),
    "get_or_none": lambda unit: Unit.get_or_none(id=unit.id),
    "first": lambda unit: Unit.first(),
    "last": lambda unit: Unit.last(),
    "latest": lambda unit: Unit.latest("name"),
    "earliest": lambda unit: Unit.earliest("name"),
    "in_bulk": lambda unit: Unit.in_bulk([unit.id], "id"),
    "exists": lambda unit: Unit.exists(),
    "count": lambda unit: Unit.all().count(),
    "values": lambda unit: Unit.all().values("id"),
    "values_list": lambda unit: Unit.all().values_list("id"),
    "only": lambda unit: Unit.all().only("id"),
    "select_for_update": lambda unit: Unit.select_for_update().first(),
    "explain": lambda unit: Unit.all().explain(),
    "update": lambda unit: Unit.filter(id=unit.id).update(name="y"),
    "delete": lambda unit: Unit.filter(id=unit.id).delete(),
    "create": lambda unit: Unit.create(name="x", code=unit.code),
    "bulk_create": lambda unit: Unit.bulk_create([a_unit()]),
    "get_or_create": lambda unit: Unit.get_or_create(name="x", defaults={"code": unit.code}),
    "update_or_create": lambda unit: Unit.update_or_create(name="x", defaults={"code": unit.code}),
    "save": lambda unit: unit.save(),
    "delete of one": lambda unit: unit.delete(),
    "refresh": lambda unit: unit.refresh_from_db(),
    "locked": lambda unit: Unit.locked(unit.id),
    "fetch": lambda unit: scope.fetch("SELECT 1"),
    "execute": lambda unit: scope.execute("SELECT 1"),
}


async def refused(verbs: Iterable[str], unit: Unit, fault: type[scope.ScopeError]) -> set[str]:
    found = set()
    for name in verbs:
        try:
            await VERBS[name](unit)
        except fault:
            found.add(name)
    return found


async def test_without_a_scope_nothing_answers(counties: Two) -> None:
    assert await refused(VERBS, counties[0].spare, NoScope) == set(VERBS)


async def test_within_a_scope_everything_answers(counties: Two) -> None:
    for verb in VERBS.values():
        await _in_its_own_scope(verb, counties[0])


async def _in_its_own_scope(verb: Callable[[Unit], Awaitable[object]], county: County) -> None:
    with suppress(_Undo):
        async with scope.open(writes=county.id):
            await verb(county.spare)
            raise _Undo


class _Undo(Exception):
    pass


async def test_a_query_carried_into_another_scope_is_refused(counties: Two) -> None:
    here, there = counties
    async with scope.open(reads=[here.id]):
        carried = Unit.all()
        assert len(await carried) == 2

    async with scope.open(reads=[there.id]):
        with pytest.raises(CrossPlaceError):
            await carried
        assert {unit.tenant_id for unit in await Unit.all()} == {there.id}


async def test_rows_given_in_one_scope_are_not_written_in_another(counties: Two) -> None:
    here, there = counties
    async with scope.open(writes=here.id):
        carried = Unit.bulk_create([a_unit()])

    async with scope.open(writes=there.id):
        with pytest.raises(CrossPlaceError):
            await carried
    async with scope.open(writes=here.id):
        assert not await Unit.filter(name="新单位").exists()
        await Unit.bulk_create([a_unit()])
        assert await Unit.filter(name="新单位").count() == 1


WRITES = ("update", "delete", "create", "bulk_create", "save", "delete of one", "get_or_create")


async def test_a_scope_for_reading_writes_nothing(counties: Two) -> None:
    here = counties[0]
    async with scope.open(reads=[here.id]):
        assert await refused(WRITES, here.spare, ReadOnlyScope) == set(WRITES)

        assert await Unit.all().count() == 2


async def test_a_scope_for_reading_writes_nothing_past_the_manager_either(counties: Two) -> None:
    here = counties[0]
    async with scope.open(reads=[here.id]):
        assert await scope.execute("UPDATE units SET name = 'y' WHERE tenant_id = $1", here.id) == 0
        assert await scope.execute("DELETE FROM posts WHERE tenant_id = $1", here.id) == 0
    with pytest.raises(OperationalError, match="row-level security"):
        async with scope.open(reads=[here.id]):
            await scope.execute(_INSERT, uuid4(), here.id)

    async with scope.open(writes=here.id):
        assert await scope.execute(_INSERT, uuid4(), here.id) == 1


_INSERT = (
    "INSERT INTO units (id, tenant_id, name, code, version) VALUES ($1, $2, '新单位', '990101000000', 1)"
)


async def test_a_scope_over_several_places_reads_each_and_writes_one(counties: Two) -> None:
    here, there = counties
    async with scope.open(reads=[here.id, there.id], writes=here.id):
        assert await Unit.all().count() == 4
        assert await Unit.filter(name="同名单位").update(name="改名") == 1
        assert {u.tenant_id for u in await Unit.filter(name="改名")} == {here.id}


async def test_most_tables_are_read_in_one_place_at_a_time(counties: Two) -> None:
    """Their policy compares with one place, which the planner sees through. Several are a fault, and never
    other rows."""
    here, there = counties
    async with scope.open(reads=[here.id]):
        assert {person.tenant_id for person in await Person.all()} == {here.id}
        assert len(await scope.fetch("SELECT * FROM persons")) == 1
    async with scope.open(reads=[here.id, there.id]):
        assert await Unit.all().count() == 4
        with pytest.raises(ScopeError, match="Person is read in one place at a time"):
            await Person.all()
    with pytest.raises(OperationalError, match="invalid input syntax for type uuid"):
        async with scope.open(reads=[here.id, there.id]):
            await scope.fetch("SELECT * FROM persons")


async def test_the_planner_sees_the_policy_through(counties: Two) -> None:
    """What the policy asks of a row is the place that the statement names itself: asked once for the whole
    statement, and no row is taken for rarer than it is."""
    ask = "EXPLAIN SELECT * FROM {} WHERE tenant_id = $1"
    async with scope.open(reads=[counties[0].id]):
        plans = {}
        for table in ("persons", "units"):
            rows = await scope.fetch(ask.format(table), counties[0].id)
            plans[table] = " ".join(row["QUERY PLAN"] for row in rows)
    assert "One-Time Filter" in plans["persons"]
    assert "One-Time Filter" not in plans["units"]


async def test_a_scope_over_no_place_reaches_the_global_tables_only(counties: Two) -> None:
    async with scope.open():
        with pytest.raises(NoScope, match="covers no place"):
            await Unit.all()
        assert await scope.fetch("SELECT * FROM units") == []
        assert {place.id for place in await Place.all()} == {county.id for county in counties}


async def test_an_inner_scope_takes_over_and_gives_back(counties: Two) -> None:
    here, there = counties
    async with scope.open(reads=[here.id, there.id], writes=here.id) as outer:
        async with scope.open(reads=[there.id]):
            assert {unit.tenant_id for unit in await Unit.all()} == {there.id}
            assert await settings_in_force() == (str(there.id), "")
            with pytest.raises(ReadOnlyScope):
                await Unit.create(name="x", code=there.code)

        assert scope.current() == outer
        assert await settings_in_force() == (f"{here.id},{there.id}", str(here.id))
        await Unit.create(name="x", code=here.code)


def test_a_scope_s_settings_hold_uuids_and_nothing_else() -> None:
    with pytest.raises(ValueError, match="badly formed"):
        scope.Scope(("'; DROP TABLE leaves; --",)).as_settings()  # type: ignore[arg-type]
