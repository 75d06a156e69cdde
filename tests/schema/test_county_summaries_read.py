"""How the summaries of many counties are read: in a scope of these, by one statement, by an index."""

import asyncio
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from schema.context import Context
from schema.reads.compiler import Compiler
from schema.root import schema
from tenants import reads, scope
from tenants.conditions import Whose
from tests.client import Client
from tests.conftest import Database
from tests.front_door import place_of
from tests.schema.test_county_summaries import COUNTIES, PROVINCE, codes, told
from tests.statements import heard


@pytest.mark.parametrize("login", ["p41-admin", "p44-admin", "p62-admin", "p41-auditor", "hn-admin"])
def test_the_compiled_way_and_the_ordinary_one_say_the_same(
    client: Client, monkeypatch: pytest.MonkeyPatch, login: str
) -> None:
    compiled = told(client, login)
    monkeypatch.setattr(Context, "compiles", False)

    assert told(client, login) == compiled


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return heard(monkeypatch)


_COUNTIES = """
INSERT INTO places (id, code, name, kind, parent_id, state, note, created_at)
SELECT gen_random_uuid(), (code::bigint + 9000000000 + n * 100000)::text, '演示县' || n, 'county', id,
       'active', '', created_at
FROM places, generate_series(1, $2) n WHERE code = $1
"""
_SUMMARIES = """
INSERT INTO county_summaries (id, tenant_id, code, nodes, households, population, candidates, registered,
                              exited, relapsed, paired_households, counted_at)
SELECT gen_random_uuid(), id, code, 1, 7, 20, 0, 7, 0, 0, 3, created_at FROM places
WHERE name LIKE '演示县%' AND left(code, 2) = left($1, 2)
"""


def plant_counties(behind: Database, number: int, above: str = "440000000000") -> None:
    async def planted() -> None:
        connection: Any = await asyncpg.connect(**behind.superuser.as_arguments())
        try:
            await connection.execute(_COUNTIES, above, number)
            await connection.execute(_SUMMARIES, above)
            await connection.execute("ANALYZE")
        finally:
            await connection.close()

    asyncio.run(planted())


def test_thirty_counties_cost_as_many_statements_as_two(
    client: Client, demo_database: Database, sent: list[str]
) -> None:
    client.ask(PROVINCE, as_="p44-admin")
    for_two = list(sent)
    plant_counties(demo_database, 28)
    sent.clear()

    assert len(client.ask(PROVINCE, as_="p44-admin")["countySummaries"]) == 30
    assert sent == for_two
    assert sum("county_summaries" in sql for sql in sent) == 1
    assert not any("FROM households" in sql for sql in sent)


def test_provinces_share_a_statement_and_not_their_counties(client: Client, sent: list[str]) -> None:
    here, there = codes(client, "p41-admin"), codes(client, "p62-admin")

    assert set(here).isdisjoint(there)
    assert len({sql for sql in sent if "population" in sql}) == 1


def test_the_counties_are_read_in_a_scope_of_their_own(
    client: Client, demo_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the province, nor any other county, is readable meanwhile."""
    opened: list[set[UUID]] = []
    stock = scope.open

    def heard(**given: Any) -> Any:
        opened.append(set(given.get("reads", ())))
        return stock(**given)

    monkeypatch.setattr(scope, "open", heard)
    client.ask(PROVINCE, as_="p44-admin")

    counties = {place_of(demo_database, code) for code in COUNTIES["p44"]}
    assert opened == [{place_of(demo_database, "440000000000")}, counties]


def test_what_stands_beside_it_is_read_where_one_stands(client: Client) -> None:
    beside = "{ a: countySummaries { households } notices { totalCount } viewer { posts { id } } }"
    alone = "{ notices { totalCount } viewer { posts { id } } }"

    both, one = client.ask(beside, as_="p44-admin"), client.ask(alone, as_="p44-admin")

    assert len(both.pop("a")) == 2
    assert both == one


def test_thirty_counties_among_a_thousand_are_found_by_an_index(
    client: Client, demo_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not by reading the table, and none of the register: the planner is free to do so."""
    plant_counties(demo_database, 28)
    plant_counties(demo_database, 1000, above="510000000000")
    asked: list[tuple[str, list[Any], list[UUID]]] = []
    stock = reads.value_of

    async def heard(sql: str, values: list[Any], whose: Any) -> Any:
        asked.append((sql, values, list(scope.current().reads)))
        return await stock(sql, values, whose)

    monkeypatch.setattr(reads, "value_of", heard)
    client.ask(PROVINCE, as_="p44-admin")

    [(sql, values, counties)] = asked
    assert len(counties) == 30
    plan = asyncio.run(planned(demo_database, sql, values, counties))
    assert "Seq Scan" not in plan
    assert "county_summaries_once" in plan
    assert "households_" not in plan


async def planned(behind: Database, sql: str, values: list[Any], counties: list[UUID]) -> str:
    connection: Any = await asyncpg.connect(**behind.app.as_arguments())
    try:
        async with connection.transaction():
            await connection.execute(scope.Scope(tuple(counties)).as_settings())
            return "\n".join(row[0] for row in await connection.fetch(f"EXPLAIN {sql}", counties, *values))
    finally:
        await connection.close()


# `Place` is the row of a table that all places share, `Household` that of a place's.
LINKS = {"Place": "id = t1.tenant_id", "Household": "id = t1.household_id"}


@pytest.mark.parametrize(("whose", "kinds"), [(Whose.ONE, LINKS), (Whose.SEVERAL, {"Place": ""})])
def test_rows_of_several_places_lead_to_shared_tables_only(whose: Whose, kinds: dict[str, str]) -> None:
    """A relation into the table of a place is looked for in one place; in several it would mix them."""
    nobody: Any = None  # what a link hangs on is neither the executor nor the viewer
    for kind, link in LINKS.items():
        compiler = Compiler(nobody, nobody, nobody, whose)
        if kind in kinds:
            where = compiler.linked(schema._schema.type_map[kind], link, None).where
            assert ("tenant_id = $1" in where) is (kind == "Household")
        else:
            with pytest.raises(AssertionError):
                compiler.linked(schema._schema.type_map[kind], link, None)


def test_a_place_is_compiled_where_it_is_asked_for_by_its_id(
    client: Client, monkeypatch: pytest.MonkeyPatch, sent: list[str]
) -> None:
    """From a table that carries no place: the statement names none."""
    ids = [summary["place"]["id"] for login in ("p44-admin", "p41-admin") for summary in told(client, login)]
    text = (
        "query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Place { id code kind state lawDay today note } } }"
    )
    sent.clear()

    compiled = client.ask(text, {"ids": ids}, as_="p44-admin")
    [statement] = [sql for sql in sent if "FROM places t1" in sql]
    monkeypatch.setattr(Context, "compiles", False)

    assert "tenant_id" not in statement
    assert client.ask(text, {"ids": ids}, as_="p44-admin") == compiled
    assert [place and place["code"] for place in compiled["nodes"]] == [*COUNTIES["p44"], None]
