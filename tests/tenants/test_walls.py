"""The walls of the database: they are built once, stand after every migration, and a fallen one is named."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace

import asyncpg
import pytest
from starlette.testclient import TestClient
from tortoise import fields
from tortoise.fields.relational import (
    BackwardFKRelation,
    ForeignKeyFieldInstance,
    ManyToManyFieldInstance,
    OneToOneFieldInstance,
)

from api.app import WallsBroken, create_app
from api.settings import Settings
from tenants import database, wall_audit, walls
from tenants.database import Credentials
from tenants.notices import Notice
from tenants.secrets import Signer
from tests.conftest import KEY, Cluster, Database, _cloned

SNAPSHOT = """
SELECT 'table' AS kind, c.oid::text, row_to_json(c)::text AS says FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relname <> 'tortoise_migrations'
UNION ALL SELECT 'policy', p.oid::text, row_to_json(p)::text FROM pg_policy p
UNION ALL SELECT 'constraint', k.oid::text, row_to_json(k)::text FROM pg_constraint k
WHERE k.connamespace = 'public'::regnamespace
UNION ALL SELECT 'column', a.attrelid::text, row_to_json(a)::text FROM pg_attribute a
JOIN pg_class c ON c.oid = a.attrelid WHERE c.relnamespace = 'public'::regnamespace
ORDER BY 1, 2, 3
"""


async def run(credentials: Credentials, *statements: str) -> None:
    connection = await asyncpg.connect(**credentials.as_arguments())
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


async def rows(credentials: Credentials, query: str) -> list[tuple[object, ...]]:
    connection = await asyncpg.connect(**credentials.as_arguments())
    try:
        return [tuple(row) for row in await connection.fetch(query)]
    finally:
        await connection.close()


async def faults(app: Credentials) -> list[str]:
    async with database.connected(app, pool_size=1) as context:
        return await database.audit(app, context)


@pytest.fixture
def owned_database(empty_database: Database) -> Database:
    """As installed: the owner owns the database too, which a clone's maker does not hand on."""
    database = empty_database.owner.database
    statement = f'ALTER DATABASE {database} OWNER TO "{empty_database.owner.user}"'
    asyncio.run(run(empty_database.superuser, statement))
    return empty_database


async def test_a_migrated_database_has_all_its_walls(empty_database: Database) -> None:
    assert await faults(empty_database.app) == []


async def test_migrating_again_changes_nothing_in_the_catalog(owned_database: Database) -> None:
    before = await rows(owned_database.superuser, SNAPSHOT)

    await database.migrate(owned_database.owner, owned_database.app.user)

    assert await rows(owned_database.superuser, SNAPSHOT) == before
    assert len(before) > 300


# What is broken, by whom, and what the audit says of it. `{app}` is the application's role.
BROKEN: Mapping[str, tuple[str, list[str]]] = {
    "a caller insisted on by a function that lets everybody pass": (
        "CREATE OR REPLACE FUNCTION insist_on_caller(uuid, date, uuid, uuid, timestamptz, text)"
        " RETURNS void LANGUAGE plpgsql AS $$ BEGIN END $$",
        ["insist_on_caller: missing, or another than it should be"],
    ),
    "row-level security switched off": (
        "ALTER TABLE leaves DISABLE ROW LEVEL SECURITY",
        ["leaves: row-level security is not forced"],
    ),
    "not forced on the owner": (
        "ALTER TABLE leaves NO FORCE ROW LEVEL SECURITY",
        ["leaves: row-level security is not forced"],
    ),
    "a policy dropped": (
        "DROP POLICY place_reads ON leaves",
        ["leaves: policy place_reads is missing"],
    ),
    "a policy that lets everything through": (
        "ALTER POLICY place_reads ON leaves USING (true)",
        ["leaves: policy place_reads is not as declared"],
    ),
    "a policy that reads by the writer's place": (
        f"ALTER POLICY place_updates ON leaves USING ({walls.READS})",
        ["leaves: policy place_updates is not as declared"],
    ),
    "a policy for another command": (
        "DROP POLICY place_deletes ON leaves;"
        f" CREATE POLICY place_deletes ON leaves FOR ALL USING ({walls.WRITES})",
        ["leaves: policy place_deletes is not as declared"],
    ),
    "a second policy, OR-ed to the first": (
        "CREATE POLICY open_door ON leaves FOR SELECT USING (true)",
        ["leaves: policy open_door is not declared"],
    ),
    "a composite foreign key dropped": (
        "ALTER TABLE leaves DROP CONSTRAINT leaves_person_id_in_place",
        ["leaves: constraint leaves_person_id_in_place is missing"],
    ),
    "a foreign key that was never checked": (
        "ALTER TABLE leaves DROP CONSTRAINT leaves_person_id_in_place,"
        " ADD CONSTRAINT leaves_person_id_in_place FOREIGN KEY (tenant_id, person_id)"
        " REFERENCES persons (tenant_id, id) NOT VALID",
        ["leaves: constraint leaves_person_id_in_place is not as declared"],
    ),
    "a foreign key to another table": (
        "ALTER TABLE leaves DROP CONSTRAINT leaves_person_id_in_place,"
        " ADD CONSTRAINT leaves_person_id_in_place FOREIGN KEY (tenant_id, person_id)"
        " REFERENCES posts (tenant_id, id)",
        ["leaves: constraint leaves_person_id_in_place is not as declared"],
    ),
    "a foreign key that deletes along": (
        "ALTER TABLE leaves DROP CONSTRAINT leaves_person_id_in_place,"
        " ADD CONSTRAINT leaves_person_id_in_place FOREIGN KEY (tenant_id, person_id)"
        " REFERENCES persons (tenant_id, id) ON DELETE CASCADE",
        ["leaves: constraint leaves_person_id_in_place is not as declared"],
    ),
    "a unique dropped": (
        "DROP INDEX signatures_one_per_step",
        ["signatures: index signatures_one_per_step is missing"],
    ),
    "a unique over fewer columns": (
        "DROP INDEX signatures_one_per_step;"
        " CREATE UNIQUE INDEX signatures_one_per_step ON signatures (tenant_id, person_id)",
        ["signatures: index signatures_one_per_step is not as declared"],
    ),
    "a unique of the global tables dropped": (
        "ALTER TABLE accounts DROP CONSTRAINT accounts_login_key",
        ["accounts: login is not unique"],
    ),
    "a check dropped": (
        "ALTER TABLE leaves DROP CONSTRAINT leaves_are_half_days",
        ["leaves: constraint leaves_are_half_days is missing"],
    ),
    "a check that checks nothing": (
        "ALTER TABLE leaves DROP CONSTRAINT leaves_are_half_days,"
        " ADD CONSTRAINT leaves_are_half_days CHECK (days > 0)",
        ["leaves: constraint leaves_are_half_days is not as declared"],
    ),
    "a primary key by id alone": (
        "ALTER TABLE notices DROP CONSTRAINT notices_pkey, ADD PRIMARY KEY (id)",
        ["notices: its primary key does not carry the place"],
    ),
    "a place that may be missing": (
        "ALTER TABLE notices DROP CONSTRAINT notices_pkey, ALTER COLUMN tenant_id DROP NOT NULL",
        ["notices: its primary key does not carry the place", "notices: tenant_id may be null"],
    ),
    "a code in the language's order": (
        'ALTER TABLE leaves ALTER COLUMN code TYPE varchar(12) COLLATE "default"',
        ["leaves: code is not in C order"],
    ),
    "an audit that can be rewritten": (
        "GRANT UPDATE ON audit_entries TO {app}",
        ["audit_entries: the application's role may UPDATE"],
    ),
    "an audit whose details can be rewritten": (
        "GRANT UPDATE (details) ON audit_entries TO {app}",
        ["audit_entries: the application's role may UPDATE"],
    ),
    "a table that can be emptied": (
        "GRANT TRUNCATE ON leaves TO {app}",
        ["leaves: the application's role may TRUNCATE"],
    ),
    "a right through everybody": (
        "GRANT DELETE ON signatures TO PUBLIC",
        ["signatures: the application's role may DELETE"],
    ),
    "a table without a model": (
        "CREATE TABLE shadow (id uuid PRIMARY KEY)",
        ["shadow: a table that no model declares"],
    ),
    "a view past the walls": (
        "CREATE VIEW all_leaves AS SELECT * FROM leaves",
        ["all_leaves: a table that no model declares"],
    ),
    "a function with its owner's rights": (
        "CREATE FUNCTION peek() RETURNS bigint LANGUAGE sql SECURITY DEFINER"
        " AS 'SELECT count(*) FROM leaves'",
        ["peek: a function with its owner's rights"],
    ),
    "a trigger": (
        "CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';"
        " CREATE TRIGGER quiet BEFORE INSERT ON leaves FOR EACH ROW EXECUTE FUNCTION nothing()",
        ["leaves: trigger quiet runs on it"],
    ),
}


@pytest.fixture(scope="module")
def standing_database(cluster: Cluster, migrated: str) -> Iterator[Database]:
    """One for all: what a test breaks in it is rolled back."""
    with _cloned(cluster, migrated) as database:
        yield database


@pytest.mark.parametrize(("statement", "expected"), BROKEN.values(), ids=BROKEN.keys())
async def test_a_fallen_wall_is_named_and_nothing_else(
    standing_database: Database, statement: str, expected: list[str]
) -> None:
    app, owner = f'"{standing_database.app.user}"', f'"{standing_database.owner.user}"'
    async with database.connected(standing_database.app, pool_size=1) as context:
        models = database.models_of(context)
    connection = await asyncpg.connect(**standing_database.superuser.as_arguments())
    transaction = connection.transaction()
    await transaction.start()
    await connection.execute(f"GRANT CREATE ON SCHEMA public TO {owner}; SET LOCAL ROLE {owner}")
    await connection.execute(statement.format(app=app))
    await connection.execute(f"SET LOCAL ROLE {app}")

    found = await wall_audit.audit(connection, models)

    await transaction.rollback()
    await connection.close()
    assert found == expected


async def test_a_table_of_the_application_s_own_is_named(empty_database: Database) -> None:
    app = empty_database.app.user
    await run(empty_database.superuser, f'ALTER TABLE notices OWNER TO "{app}"')

    assert "notices: the application's role owns it" in await faults(empty_database.app)


async def test_a_missing_table_is_named(empty_database: Database) -> None:
    await run(empty_database.owner, "DROP TABLE notices")

    assert await faults(empty_database.app) == ["notices: missing"]


ROLES = {
    "BYPASSRLS": ["the application's role bypasses row-level security"],
    "CREATEROLE": ["the application's role may create roles"],
    "REPLICATION": ["the application's role may replicate"],
}


@pytest.mark.parametrize(("attribute", "expected"), ROLES.items(), ids=ROLES.keys())
async def test_a_role_with_too_much_power_is_named(
    empty_database: Database, attribute: str, expected: list[str]
) -> None:
    app = f'"{empty_database.app.user}"'
    await run(empty_database.superuser, f"ALTER ROLE {app} {attribute}")
    try:
        assert await faults(empty_database.app) == expected
    finally:
        await run(empty_database.superuser, f"ALTER ROLE {app} NO{attribute}")
    assert await faults(empty_database.app) == []


async def test_a_superuser_and_a_member_of_the_owner_are_named(empty_database: Database) -> None:
    app, owner = f'"{empty_database.app.user}"', f'"{empty_database.owner.user}"'
    assert "the application's role is a superuser" in await faults(empty_database.superuser)

    await run(empty_database.superuser, f"GRANT {owner} TO {app}")
    try:
        found = await faults(empty_database.app)
    finally:
        await run(empty_database.superuser, f"REVOKE {owner} FROM {app}")

    assert "the application's role is a member of another role" in found
    assert "leaves: the application's role owns it" in found


async def test_migrating_again_puts_most_fallen_walls_up(owned_database: Database) -> None:
    repaired = (
        "a policy that lets everything through",
        "a composite foreign key dropped",
        "a unique dropped",
    )
    await run(owned_database.owner, *(BROKEN[case][0] for case in repaired))
    await run(owned_database.owner, "ALTER TABLE leaves DISABLE ROW LEVEL SECURITY")

    await database.migrate(owned_database.owner, owned_database.app.user)

    assert await faults(owned_database.app) == []


def test_the_server_starts_only_behind_its_walls(empty_database: Database) -> None:
    application = create_app(Settings(), empty_database.app, Signer(KEY))
    with TestClient(application) as http:
        assert http.get("/ready").json() == {"ready": True}

    asyncio.run(run(empty_database.owner, "ALTER TABLE posts NO FORCE ROW LEVEL SECURITY"))

    with pytest.raises(WallsBroken, match=r"^posts: row-level security is not forced$"):
        with TestClient(application):
            pass


async def test_no_model_refers_to_another_by_a_relation(empty_database: Database) -> None:
    """A relation is a join, and a join is a way past the manager: rows refer to each other by id."""
    async with database.connected(empty_database.app, pool_size=1) as context:
        models = database.models_of(context)

    related = {model.__name__: model._meta.fetch_fields for model in models if model._meta.fetch_fields}
    assert related == {}
    assert {type(field) for model in models for field in model._meta.fields_map.values()}.isdisjoint(
        {ForeignKeyFieldInstance, OneToOneFieldInstance, ManyToManyFieldInstance, BackwardFKRelation}
    )
    assert len(models) >= 19


async def test_every_model_belongs_to_a_place_or_to_the_short_list(empty_database: Database) -> None:
    async with database.connected(empty_database.app, pool_size=1) as context:
        models = database.models_of(context)

    shared = sorted(walls.table_of(model) for model in models if not walls.is_place_table(model))
    assert shared == sorted(walls.GLOBAL_TABLES)
    assert shared == sorted(walls.table_of(model) for model in models if model.is_shared)


async def test_every_link_names_a_place_s_table_and_a_column(empty_database: Database) -> None:
    async with database.connected(empty_database.app, pool_size=1) as context:
        models = database.models_of(context)
    tables = {walls.table_of(model) for model in models if walls.is_place_table(model)}

    for model in models:
        for column, target in walls.walls_of(model).links.items():
            assert column in model._meta.db_fields, (model, column)
            assert target in tables, (model, target)


async def test_no_migration_is_missing() -> None:
    assert await database.missing_migrations() == []


async def test_a_model_that_gained_a_field_asks_for_a_migration(monkeypatch: pytest.MonkeyPatch) -> None:
    field = fields.IntField(default=0)
    field.model_field_name = "colour"
    meta = Notice._meta
    monkeypatch.setitem(meta.fields_map, "colour", field)
    monkeypatch.setattr(meta, "db_fields", {*meta.db_fields, "colour"})
    monkeypatch.setattr(meta, "fields_db_projection", {**meta.fields_db_projection, "colour": "colour"})

    assert len(await database.missing_migrations()) == 1


def test_six_processes_may_migrate_at_once(cluster: Cluster, migrated: str) -> None:
    name = "six_at_once"
    asyncio.run(run(cluster.superuser, f'CREATE DATABASE {name} OWNER "{cluster.owner.user}"'))
    owner, app = (replace(role, database=name) for role in (cluster.owner, cluster.app))

    async def all_at_once() -> None:
        await asyncio.gather(*(database.migrate(owner, app.user) for _ in range(6)))

    try:
        asyncio.run(all_at_once())
        assert asyncio.run(faults(app)) == []
    finally:
        cluster.drop(name)


def test_the_audit_compares_what_is_said_not_how_it_is_printed() -> None:
    printed = "CHECK (((code)::text ~ '^[0-9]{12}$'::text))"

    assert wall_audit._plain(printed) == wall_audit._plain("CHECK code ~ '^[0-9]{12}$'")
    assert wall_audit._plain(printed) != wall_audit._plain("CHECK code ~ '^[0-9]{6}$'")
