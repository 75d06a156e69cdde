"""The statements of the compiled reads: each finds its rows by an index, and names the place everywhere.

With few rows the planner may read a table whole, and rightly; here it is told not to. Where it does so all
the same, no index could be used.
"""

import asyncio
import json
from collections.abc import Iterator
from typing import Any

import asyncpg
import pytest

from tenants import database, reads, walls
from tenants.conditions import Whose
from tests.client import Client
from tests.conftest import Database, serving
from tests.schema.register_world import HERE, THERE, plant_papers, plant_register, plant_requests
from tests.tenants.test_day_one import faults

LISTS = {
    "households": "{ households { nodes { id members { id } } pageInfo { endCursor } totalCount } }",
    "households of a township": '{ households(filter: {division: "410173113000"}) { nodes { id } } }',
    "households by number": "{ households(orderBy: NUMBER) { nodes { id } } }",
    "households by time": "{ households(orderBy: RECORDED_AT) { nodes { id } } }",
    "households in a state": "{ households(filter: {state: EXITED}) { nodes { id } } }",
    "counts": "{ householdCounts(by: STATE) { value count } }",
    "counts by village": "{ householdCounts(by: VILLAGE) { value count } }",
    "helpers and visits": """{ households { nodes { division { name parent { name } }
      pairings(first: 3) { nodes { person { name posts { role { id } unit { name } } } } }
      visits(first: 3) { totalCount
        nodes { note person { name rank { id } } household { number } } } } } }""",
    "below a division": """{ divisions { households(filter: {state: EXITED}, orderBy: RECORDED_AT, first: 3) {
      totalCount nodes { id } } } }""",
    "below a household": """{ households(first: 9) { nodes {
      pairings(filter: {inForceOn: "2018-06-15", kind: CADRE_HOUSEHOLD}, first: 2) { nodes { id } }
      visits(filter: {since: "2018-01-03", until: "2018-06-15"}) { totalCount nodes { id } } } } }""",
    "leaves": "{ leaves { nodes { id person { name } request { id state } } totalCount } }",
    "leaves in a state": "{ leaves(state: PENDING) { nodes { id } } }",
    "requests": """{ leaves { nodes { request { steps { state unit { name } signature { verdict } }
      applicant { name } division { name } } } } }""",
    "work queue": "{ workQueue { id applicant { name } steps { organ { id } state } } }",
    "outings": "{ outings { nodes { id person { name } request { id } } } }",
    "notices": "{ notices { nodes { id kind readAt } } }",
    "subjects": """{ notices { nodes { subject { id ... on Place { name } ... on ProfileVersion { name } } } }
      leaves { nodes { request { subject { id ... on Leave { days person { name } } } } } } }""",
    "jobs": "{ jobs { nodes { id state askedBy { name } attachment { name owner { name } } } } }",
    "drafts": """{ profileDrafts { nodes { id text state editedBy { name }
      profile { version isOwn draftedBy { name } parent { name } document { title } } } totalCount } }""",
    "versions": "{ profileVersions { nodes { id isOwn publishedBy { name } } pageInfo { endCursor } } }",
    "records": """{ records(filter: {since: "2018-01-01"}) { totalCount nodes { id kind { id } person { name }
      division { name } attachments { id name } } } }""",
    "pairings": """{ pairings(filter: {inForceOn: "2018-06-15"}) { totalCount nodes { id kind
      person { name } unit { name } division { name } household { number } } } }""",
    "teams": """{ teams(filter: {division: "410173113000", standing: true}) { totalCount nodes { id name
      kind { id } division { name } seats { role { id } person { name } } request { state } } } }""",
    "acts as": "{ actsAs { nodes { id act reason } totalCount } }",
    "audit": "{ auditEntries { nodes { id act } totalCount } }",
    "divisions": "{ divisions { id name parent { name } } }",
    "persons by name": "{ persons { totalCount nodes { id name posts { id unit { name } } } } }",
    "persons of a name": '{ persons(name: "演示") { nodes { id rank { id } } } }',
    "units": """{ units { totalCount nodes { id organ { id } division { name } deputy { name }
      office { name } } } }""",
    "units that are an organ": '{ units(organ: "organisation_personnel_bureau") { nodes { id } } }',
    "persons": "{ viewer { person { id posts { id } } } }",
    "county summaries": """{ countySummaries { place { id name note } households population countedAt } }""",
}
VIEWERS = (
    "hn-county-secretary",
    "hn-township-secretary",
    "hn-first-secretary",
    "hn-bureau-head",
    "hn-auditor",
    "p41-admin",
)
# The statement, its values, and whose rows it reads.
Sent = list[tuple[str, list[Any], Whose | None]]


@pytest.fixture(scope="module")
def world(shared_demo_database: Database) -> Iterator[Client]:
    plant_register(shared_demo_database, HERE, THERE)
    plant_papers(shared_demo_database, HERE, THERE)
    with serving(shared_demo_database) as client:
        plant_requests(client)
        yield client


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> Sent:
    """The compiled statements with their values, as they go to the database."""
    statements: Sent = []
    stock = reads.value_of

    async def heard(sql: str, values: list[Any], whose: Whose | None) -> Any:
        statements.append((sql, values, whose))
        return await stock(sql, values, whose)

    monkeypatch.setattr(reads, "value_of", heard)
    return statements


async def place_tables(behind: Database) -> list[str]:
    async with database.connected(behind.app, pool_size=1) as context:
        return [walls.table_of(m) for m in database.models_of(context) if walls.is_place_table(m)]


async def read_whole(behind: Database, statements: Sent) -> list[str]:
    """The tables of places, and that of the places, that a statement would read whole though an index was
    wanted."""
    tables = {*await place_tables(behind), "places"}
    connection: Any = await asyncpg.connect(**behind.app.as_arguments())
    found = []
    try:
        place = await connection.fetchval("SELECT id FROM places WHERE code = $1", HERE)
        first = {Whose.ONE: [place], Whose.SEVERAL: [[place]], None: []}
        for sql, values, whose in statements:
            async with connection.transaction():
                await connection.execute(f"SET LOCAL app.tenants = '{place}'; SET LOCAL enable_seqscan = off")
                plan = await connection.fetchval(f"EXPLAIN (FORMAT JSON) {sql}", *first[whose], *values)
            found += [f"{table} in {sql}" for table in _scanned(json.loads(plan)) if table in tables]
    finally:
        await connection.close()
    return found


def _scanned(plan: Any) -> Iterator[str]:
    if isinstance(plan, dict):
        if plan.get("Node Type") == "Seq Scan":
            yield plan["Relation Name"]
        for part in plan.values():
            yield from _scanned(part)
    elif isinstance(plan, list):
        for part in plan:
            yield from _scanned(part)


@pytest.mark.parametrize("name", LISTS)
def test_a_list_finds_its_rows_by_an_index(
    world: Client, shared_demo_database: Database, sent: Sent, name: str
) -> None:
    for login in VIEWERS:
        world.ask(LISTS[name], as_=login)

    assert asyncio.run(read_whole(shared_demo_database, sent)) == []


def test_one_object_is_not_asked_for_as_a_list_of_them(world: Client, sent: Sent) -> None:
    """A statement with a list is planned anew at every question."""
    found = world.ask("{ households(first: 2) { nodes { id } } }", as_="hn-county-secretary")
    ids = [node["id"] for node in found["households"]["nodes"]]
    sent.clear()
    world.ask("query ($id: ID!) { node(id: $id) { id } }", {"id": ids[0]}, as_="hn-county-secretary")
    world.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ids}, as_="hn-county-secretary")

    assert ["ANY(" in sql for sql, _, _ in sent] == [False, True]


def test_what_has_no_index_would_be_found(shared_demo_database: Database) -> None:
    planted: Sent = [
        (
            "SELECT count(t.address) FROM households t WHERE t.tenant_id::text = $1::uuid::text",
            [],
            Whose.ONE,
        )
    ]
    # Row-level security brings the place itself, and with it an index: as its owner there is none.
    as_superuser = Database(*(shared_demo_database.superuser,) * 3)

    assert len(asyncio.run(read_whole(as_superuser, planted))) == 1


def test_every_reference_names_its_place(world: Client, shared_demo_database: Database, sent: Sent) -> None:
    tables = asyncio.run(place_tables(shared_demo_database))
    for text in LISTS.values():
        for login in VIEWERS:
            world.ask(text, as_=login)

    assert len({sql for sql, _, _ in sent}) > len(LISTS)
    assert {whose for _, _, whose in sent} >= {Whose.ONE, Whose.SEVERAL}
    assert {sql: found for sql, _, _ in sent if (found := faults(sql, tables))} == {}


def test_a_statement_holds_no_value(world: Client, sent: Sent) -> None:
    """Names and the words of the schema, never what somebody sent or who he is."""
    text = "query ($code: String) { households(filter: {division: $code}, first: 3) { nodes { id } } }"
    world.ask(text, {"code": "410173113202"}, as_="hn-first-secretary")

    [(sql, values, _)] = sent
    assert "410173113202" in values
    assert "4101" not in sql
