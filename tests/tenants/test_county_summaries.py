"""County summaries: after every write the county's row says what its register holds."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import pytest
from tortoise.exceptions import IntegrityError

import tenants
from policies.jurisdiction import Level
from tenants import county_summaries, database, divisions, pairings, places, scope
from tenants.county_summaries import CountySummary
from tenants.households import HouseholdState
from tenants.pairings import Pairing
from tenants.people import Person
from tenants.places import PlaceKind
from tests.conftest import Database
from tests.tenants.register_sums import (
    HERE,
    NUMBERS,
    PROVINCE,
    THERE,
    VILLAGE,
    entered,
    held,
    paired,
    said,
    standing_in,
)


@pytest.mark.parametrize("state", HouseholdState)
async def test_a_household_is_counted_in_its_state(people_models: Database, state: HouseholdState) -> None:
    before = await said()
    async with standing_in(HERE):
        await entered("新", state, people=3)

    after = await said()
    column = "candidates" if state is HouseholdState.CANDIDATE else state.value
    grown = {name: after[name] - before[name] for name in NUMBERS if after[name] != before[name]}
    assert grown == {"households": 1, "population": 3, column: 1}
    assert after == await held(people_models)


async def test_a_household_that_is_refused_is_not_counted(people_models: Database) -> None:
    before = await said()

    async def twice() -> None:
        async with standing_in(HERE):
            await entered("新")
            await entered("新")

    with pytest.raises(IntegrityError):
        await twice()

    assert await said() == before == await held(people_models)


async def test_a_node_is_counted_until_it_ends(people_models: Database) -> None:
    township, county = "410173113000", "410173000000"
    before = await said()
    async with standing_in(HERE):
        await divisions.add_local("新村", township, Level.VILLAGE)
    assert await said() == before | {"nodes": before["nodes"] + 1} == await held(people_models)

    async with standing_in(HERE):
        await divisions.end([township], date(2026, 1, 1))
    after = await said()
    assert after["nodes"] < before["nodes"]
    assert after == await held(people_models)

    async with standing_in(HERE):
        await divisions.take_up(county, [township])
    assert await said() == before | {"nodes": before["nodes"] + 1} == await held(people_models)


async def test_nodes_that_are_adopted_are_counted(people_models: Database) -> None:
    new_place = uuid4()
    async with scope.open(writes=new_place):
        await places.found(new_place, code="410122000000", name="新县", kind=PlaceKind.COUNTY, parent_id=None)
        await divisions.adopt("410122000000")

    after = await said("410122000000")
    assert after["nodes"] > 100
    assert after == await held(people_models, "410122000000")


async def test_a_pairing_counts_its_household_once_until_it_ends(people_models: Database) -> None:
    async with standing_in(HERE):
        household = await entered("新")
    alone = (await said())["paired_households"]
    async with standing_in(HERE):
        pairing = await paired(household)
        others = Person.exclude(id=pairing.person_id)
        other = await others.first()
        assert other is not None
        second = await pairings.pair(
            household_id=household.id, code=VILLAGE, person_id=other.id, begins_on=date(2018, 1, 1)
        )
    assert (await said())["paired_households"] == alone + 1

    for left, ended in ((alone + 1, pairing), (alone, second)):
        async with standing_in(HERE), county_summaries.recounted():
            await Pairing.filter(id=ended.id).update(ends_on=date(2018, 6, 1))
        assert (await said())["paired_households"] == left
        assert await said() == await held(people_models)


async def test_what_one_county_writes_another_does_not_count(people_models: Database) -> None:
    before = await said(THERE)
    async with standing_in(HERE):
        await paired(await entered("新"))

    assert await said(THERE) == before == await held(people_models, THERE)
    assert await said(HERE) == await held(people_models, HERE)


async def test_blocks_within_a_block_are_counted_once(
    people_models: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[str] = []
    stock = scope.execute

    async def heard(sql: str, *values: Any) -> int:
        counted.extend(["counted"] * (sql == county_summaries.COUNT))
        return await stock(sql, *values)

    monkeypatch.setattr(scope, "execute", heard)
    async with standing_in(HERE), county_summaries.recounted():
        for number in range(20):
            await paired(await entered(f"新{number}"))
    assert len(counted) == 1

    async with standing_in(HERE):
        await paired(await entered("新"))
    assert len(counted) == 3
    assert await said() == await held(people_models)


async def test_a_block_that_fails_counts_nothing(people_models: Database) -> None:
    before = await said()

    async def failing() -> None:
        async with standing_in(HERE), county_summaries.recounted():
            await entered("新")
            raise RuntimeError("planted")

    with pytest.raises(RuntimeError):
        await failing()

    assert await said() == before == await held(people_models)
    async with standing_in(HERE):
        await entered("新")
    assert await said() == await held(people_models)


async def test_a_province_has_no_register_to_count(people_models: Database) -> None:
    async with standing_in(PROVINCE):
        await county_summaries.recount()
        assert await CountySummary.filter().count() == 0
    async with standing_in(HERE):
        await county_summaries.recount()
        assert await CountySummary.filter().count() == 1


async def test_the_states_of_a_household_are_the_columns_of_its_summary() -> None:
    """A new state is a new column; until then the database refuses the sum."""
    plain = {name.removesuffix("s") if name == "candidates" else name for name in NUMBERS[2:6]}

    assert plain == {state.value for state in HouseholdState}


async def test_a_sum_that_does_not_add_up_is_refused(people_models: Database) -> None:
    for wrong in ({"registered": 99}, {"paired_households": 99}):
        with pytest.raises(IntegrityError):
            async with standing_in(HERE):
                await CountySummary.filter().update(**wrong)

    assert await said() == await held(people_models)


# The migration.

BEFORE = (
    "DROP TABLE county_summaries",
    "DELETE FROM tortoise_migrations WHERE name IN ('0009_county_summaries', '0010_nodes_of_counties')",
)


async def test_the_migration_counts_the_counties_that_are_there(demo_database: Database) -> None:
    async with database.connected(demo_database.app, pool_size=2):
        async with standing_in(HERE):
            await paired(await entered("新", HouseholdState.EXITED, people=4))
        new_place = uuid4()
        async with scope.open(writes=new_place):
            await places.found(
                new_place, code="410199000000", name="新县", kind=PlaceKind.COUNTY, parent_id=None
            )
    connection: Any = await asyncpg.connect(**demo_database.superuser.as_arguments())
    for statement in BEFORE:
        await connection.execute(statement)
    await connection.close()

    await database.migrate(demo_database.owner, demo_database.app.user)

    async with database.connected(demo_database.app, pool_size=2) as context:
        assert await database.audit(demo_database.app, context) == []
        for code in (HERE, THERE):
            assert await said(code) == await held(demo_database, code)
            assert (await said(code))["households"] > 0
        assert set((await said("410199000000")).values()) == {0}
        async with scope.open():
            counties = await places.Place.filter(kind=PlaceKind.COUNTY)
        async with scope.open(reads=[place.id for place in counties]):
            assert {row.code for row in await CountySummary.all()} == {place.code for place in counties}


WRITES = {"create", "bulk_create", "save", "update", "delete"}
ROWS = ("Household.", "Pairing.", "household.", "pairing.")
BY_HAND = re.compile(r"\b(INSERT INTO|UPDATE|DELETE FROM) (households|pairings)\b")


def uncounted(source: str) -> Iterator[str]:
    """The functions that write households or pairings outside of a block that counts them, by the ORM or by a
    statement of the module."""
    module = ast.parse(source)
    by_hand = {name for name, sql in _statements(module) if BY_HAND.search(sql)}
    for function in ast.walk(module):
        if isinstance(function, ast.AsyncFunctionDef | ast.FunctionDef):
            within = {id(node) for block in _counting(function) for node in ast.walk(block)}
            if any(id(node) not in within for node in (*_writing(function), *_naming(function, by_hand))):
                yield function.name


def _statements(module: ast.Module) -> Iterator[tuple[str, str]]:
    for one in module.body:
        if isinstance(one, ast.Assign) and isinstance(one.targets[0], ast.Name):
            yield one.targets[0].id, ast.unparse(one.value).replace("\\n", " ")


def _naming(function: ast.AST, names: set[str]) -> Iterator[ast.AST]:
    return (node for node in ast.walk(function) if isinstance(node, ast.Name) and node.id in names)


def _counting(function: ast.AsyncFunctionDef | ast.FunctionDef) -> Iterator[ast.AST]:
    if any("recounted()" in ast.unparse(one) for one in function.decorator_list):
        yield function
    for block in ast.walk(function):
        if isinstance(block, ast.AsyncWith) and any("recounted()" in ast.unparse(i) for i in block.items):
            yield block


def _writing(function: ast.AST) -> Iterator[ast.Call]:
    for call in ast.walk(function):
        match call:
            case ast.Call(func=ast.Attribute(attr=method)) if method in WRITES:
                if ast.unparse(call.func).startswith(ROWS):
                    yield call


def test_whoever_writes_households_or_pairings_counts_them() -> None:
    folder = Path(str(tenants.__file__)).parent
    sources = {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.py"))}

    assert {name: list(uncounted(source)) for name, source in sources.items() if [*uncounted(source)]} == {}
    assert {name for name, source in sources.items() if BY_HAND.search(source)} == {"households"}
    assert {"households", "pairings"} <= {name for name, source in sources.items() if "recounted()" in source}


def test_a_writer_who_does_not_count_would_be_found() -> None:
    writes = "async def enter():\n    await Household.filter(id=1).update(state=1)"
    counts = "async def enter():\n    async with recounted():\n        await Pairing.create(id=1)"

    by_hand = '_MOVE = "UPDATE households SET state = $1"\n'
    moves = by_hand + "async def move():\n    await scope.execute(_MOVE, 1)"
    counts_moves = by_hand + "@recounted()\nasync def move():\n    await scope.execute(_MOVE, 1)"

    assert list(uncounted(moves)) == ["move"]
    assert list(uncounted(counts_moves)) == []
    assert list(uncounted(writes)) == ["enter"]
    assert list(uncounted(counts)) == []
