"""Isolation by chance: thousands of operations of two counties at once, and not one row of the other.

The short run belongs to every test run. `make fuzz` asks twenty thousand times (ZEREN_FUZZ_OPERATIONS).
"""

import os
from collections.abc import Iterator
from dataclasses import replace

import pytest
from graphql import GraphQLObjectType

from api.app import create_app
from api.settings import Settings
from schema.root import schema
from tenants.secrets import Signer
from tests import conftest
from tests.conftest import Cluster, Database, serving
from tests.isolation import world as worlds
from tests.isolation.defects import DEFECTS
from tests.isolation.fuzz import ABOUT_THE_LAW, WITHOUT_ROWS, Fuzz, Report, started
from tests.isolation.world import World

OPERATIONS = int(os.environ.get("ZEREN_FUZZ_OPERATIONS", "1600"))
SEED = int(os.environ.get("ZEREN_FUZZ_SEED", "20180615"))
FOUND_WITHIN = 2_000
LONG_RUN = 15_000
# Of the answers to what has rows: a long run learns who sees what, a short one is still guessing.
LEAST_SHARE_SHOWN = 0.42 if OPERATIONS >= LONG_RUN else 0.33
# Root fields that have shown no row: a short run may miss two.
MOST_HIDDEN = 0 if OPERATIONS >= LONG_RUN else 2


@pytest.fixture(scope="module")
def counties_at_work(cluster: Cluster, demonstrated: str) -> Iterator[str]:
    """The name of a template in which both counties have taken leave."""
    name = "template_isolation"
    cluster.clone(demonstrated, name)
    with serving(Database.of(cluster, name)) as client:
        worlds.at_work(client)
    yield name
    cluster.drop(name)


@pytest.fixture
def fresh(cluster: Cluster, counties_at_work: str) -> Iterator[Database]:
    with conftest._cloned(cluster, counties_at_work) as database:
        yield database


async def fuzzed(
    database: Database, operations: int, patch: pytest.MonkeyPatch | None = None, defect: str | None = None
) -> Report:
    world = await World.planted(database)
    try:
        if patch is not None and defect is not None:
            DEFECTS[defect](patch, world)
        # A job that is done meanwhile would change its own county's rows while the other's are compared.
        settings = Settings(pool_size=12, jobs_at_once=0, **conftest.UNLIMITED)
        application = create_app(settings, database.app, Signer(conftest.KEY))
        async with started(application):
            return await Fuzz(application, world, SEED).run(operations, until_found=defect is not None)
    finally:
        await world.close()


def fields_of(kind: str) -> set[str]:
    found = schema._schema.type_map[kind]
    assert isinstance(found, GraphQLObjectType)
    return set(found.fields)


async def test_no_operation_shows_or_changes_anything_of_another_county(fresh: Database) -> None:
    report = await fuzzed(fresh, OPERATIONS)

    assert report.findings == []
    assert report.operations >= OPERATIONS
    assert report.share_shown >= LEAST_SHARE_SHOWN
    assert report.roots == fields_of("Query") | fields_of("Mutation")
    hidden = fields_of("Query") - ABOUT_THE_LAW - WITHOUT_ROWS - report.showing
    assert len(hidden) <= MOST_HIDDEN, hidden
    if OPERATIONS >= LONG_RUN:
        assert every_field() - report.fields == set()


def every_field() -> set[str]:
    """Type and field of everything that can be selected."""
    types = [found for name, found in schema._schema.type_map.items() if not name.startswith("__")]
    return {
        f"{found.name}.{name}"
        for found in types
        if isinstance(found, GraphQLObjectType) and found.name != "Subscription"
        for name in found.fields
    }


@pytest.mark.parametrize("defect", DEFECTS)
async def test_the_fuzz_finds_a_defect(defect: str, fresh: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    behind_no_wall = replace(fresh, app=fresh.superuser) if defect == "no_wall_stands" else fresh

    report = await fuzzed(behind_no_wall, FOUND_WITHIN, monkeypatch, defect)

    print(f"{defect}: found after {report.operations} operations")
    assert report.findings, f"not found within {report.operations} operations"
    assert report.operations <= FOUND_WITHIN


def test_every_text_that_people_write_carries_a_canary() -> None:
    """A new column is free text and gets one, or a word that means something and stands in WORDS."""
    texts = {(table, column) for table, column, _ in worlds.free_texts()}

    assert {table for table, _ in texts} <= {str(m._meta.db_table) for m in worlds.place_models()}
    assert texts == {
        ("activities", "note"),
        ("acts_as", "person_name"),
        ("acts_as", "place_name"),
        ("acts_as", "reason"),
        ("attachments", "name"),
        ("divisions", "name"),
        ("households", "address"),
        ("households", "head_name"),
        ("households", "number"),
        ("idempotency_keys", "key"),
        ("leaves", "reason"),
        ("members", "name"),
        ("outings", "destination"),
        ("persons", "name"),
        ("posts", "end_justification"),
        ("posts", "justification"),
        ("posts", "source_document"),
        ("profile_drafts", "document_number"),
        ("profile_drafts", "document_text"),
        ("profile_drafts", "document_title"),
        ("profile_drafts", "name"),
        ("profile_drafts", "text"),
        ("records", "justification"),
        ("records", "text"),
        ("requests", "justification"),
        ("signatures", "remark"),
        ("teams", "justification"),
        ("teams", "name"),
        ("units", "name"),
    }
