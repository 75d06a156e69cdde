"""The walls that the database itself holds, and the audit that the server starts with.

`install` is idempotent and runs as the owner after every migration: primary keys that carry the place,
composite foreign keys, row-level security forced on every table, constraints that the ORM drops, C
collation for codes, and the few rights the application's role has. `audit` reads the catalog and names
every table without its walls.
"""

from collections.abc import Iterator
from typing import Any

import asyncpg
from tortoise.models import Model

from tenants.caller_statements import INSIST, INSIST_ARGUMENTS, INSIST_NAME
from tenants.rows import PlaceRow, Walls

# The whole list of tables that carry no place. Everything else is a county's own.
GLOBAL_TABLES = (
    "accounts",
    "invitations",
    "places",
    "profiles",
    "sessions",
    "source_documents",
)
# Public law: everybody reads, only the owner writes. Versions and texts are never changed or removed.
OWNED_TABLES = ("profiles", "source_documents")

# As PostgreSQL prints them, so that a policy in force can be compared with the one that should be.
_TENANTS = "NULLIF(current_setting('app.tenants'::text, true), ''::text)"
_WRITER = "(NULLIF(current_setting('app.writer'::text, true), ''::text))::uuid"
READS = f"(tenant_id = ({_TENANTS})::uuid)"
READS_SEVERAL = f"(tenant_id = ANY ((string_to_array({_TENANTS}, ','::text))::uuid[]))"
WRITES = f"(tenant_id = {_WRITER})"
OWNS = f"(owner_id = {_WRITER})"
FOUNDS = f"((id = {_WRITER}) OR (parent_id = {_WRITER}))"
COMMANDS = {"SELECT": "r", "INSERT": "a", "UPDATE": "w", "DELETE": "d"}


def table_of(model: type[Model]) -> str:
    return str(model._meta.db_table)


def is_place_table(model: type[Model]) -> bool:
    return issubclass(model, PlaceRow)


def walls_of(model: type[Model]) -> Walls:
    walls: Walls = getattr(model, "walls", Walls())
    return walls


def statements(models: list[type[Model]], app_role: str) -> Iterator[str]:
    """Every statement that builds the walls, one by one, safe to run again."""
    role = _identifier(app_role)
    yield f"GRANT USAGE ON SCHEMA public TO {role}"
    yield "REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    for model in models:
        yield from _collations(model)
        yield from _keys(model)
        yield from _constraints(model)
        yield from _rights(model, role)
        yield from _security(model)
    for model in models:
        yield from _links(model)
    yield from _functions(role)


def _functions(role: str) -> Iterator[str]:
    signature = f"public.{INSIST_NAME}({INSIST_ARGUMENTS})"
    yield (
        f"CREATE OR REPLACE FUNCTION {signature} RETURNS void LANGUAGE plpgsql STABLE"
        f" AS $insist${INSIST}$insist$"
    )
    yield f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC"
    yield f"GRANT EXECUTE ON FUNCTION {signature} TO {role}"


def _collations(model: type[Model]) -> Iterator[str]:
    for column in code_columns(model):
        yield _unless(
            f"SELECT 1 FROM pg_attribute a JOIN pg_collation c ON c.oid = a.attcollation"
            f" WHERE a.attrelid = '{table_of(model)}'::regclass AND a.attname = '{column}'"
            " AND c.collname = 'C'",
            f'ALTER TABLE {table_of(model)} ALTER COLUMN {column} TYPE varchar(12) COLLATE "C"',
        )


def code_columns(model: type[Model]) -> list[str]:
    """Division codes: ranges over them are only right in C order."""
    columns = model._meta.fields_db_projection.values()
    return [c for c in columns if c == "code" or c.endswith("_code")]


def _keys(model: type[Model]) -> Iterator[str]:
    if not is_place_table(model):
        return
    table = table_of(model)
    yield _unless(
        f"SELECT 1 FROM pg_constraint WHERE conrelid = '{table}'::regclass AND contype = 'p'"
        " AND array_length(conkey, 1) = 2",
        f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {table}_pkey;"
        f" ALTER TABLE {table} ADD CONSTRAINT {table}_pkey PRIMARY KEY (tenant_id, id)",
    )


def _constraints(model: type[Model]) -> Iterator[str]:
    table = table_of(model)
    for statement in indexes_of(model).values():
        yield statement.replace("INDEX ", "INDEX IF NOT EXISTS ", 1)
    for name, condition in walls_of(model).checks.items():
        yield _unless(
            _constraint(table, name), f"ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({condition})"
        )


def indexes_of(model: type[Model]) -> dict[str, str]:
    """Index name → the statement that makes it, as PostgreSQL prints it. The place comes first in each."""
    table, walls = table_of(model), walls_of(model)
    place = ("tenant_id",) if is_place_table(model) else ()
    kinds = dict.fromkeys(walls.unique, "UNIQUE INDEX") | dict.fromkeys(walls.indexes, "INDEX")
    columns = {**walls.unique, **walls.indexes}
    where = {name: f" WHERE ({condition})" for name, condition in walls.where.items()}
    return {
        name: f"CREATE {kind} {name} ON public.{table} USING btree ({', '.join((*place, *columns[name]))})"
        + where.get(name, "")
        for name, kind in kinds.items()
    }


def _links(model: type[Model]) -> Iterator[str]:
    table = table_of(model)
    for name, definition in links_of(model).items():
        yield _unless(_constraint(table, name), f"ALTER TABLE {table} ADD CONSTRAINT {name} {definition}")


def links_of(model: type[Model]) -> dict[str, str]:
    """Constraint name → the composite foreign key, as PostgreSQL prints it."""
    return {
        f"{table_of(model)}_{column}_in_place": f"FOREIGN KEY (tenant_id, {column})"
        f" REFERENCES {target}(tenant_id, id)"
        for column, target in walls_of(model).links.items()
    }


def _constraint(table: str, name: str) -> str:
    return f"SELECT 1 FROM pg_constraint WHERE conrelid = '{table}'::regclass AND conname = '{name}'"


def _rights(model: type[Model], role: str) -> Iterator[str]:
    table = table_of(model)
    yield f"REVOKE ALL ON {table} FROM PUBLIC"
    yield f"REVOKE ALL ON {table} FROM {role}"
    yield f"GRANT {', '.join(rights_of(model))} ON {table} TO {role}"


def rights_of(model: type[Model]) -> tuple[str, ...]:
    if walls_of(model).append_only or table_of(model) in OWNED_TABLES:
        return ("SELECT", "INSERT")
    return (
        ("SELECT", "INSERT", "UPDATE", "DELETE") if is_place_table(model) else ("SELECT", "INSERT", "UPDATE")
    )


def policies_of(model: type[Model]) -> dict[str, tuple[str, str]]:
    """Policy name → (command, predicate). One per command: an ALL policy would be OR-ed into every read."""
    if is_place_table(model):
        return {
            "place_reads": ("SELECT", READS_SEVERAL if walls_of(model).several else READS),
            "place_inserts": ("INSERT", WRITES),
            "place_updates": ("UPDATE", WRITES),
            "place_deletes": ("DELETE", WRITES),
        }
    if table_of(model) in OWNED_TABLES:
        return {"all_read": ("SELECT", "true"), "owner_inserts": ("INSERT", OWNS)}
    if table_of(model) == "places":
        return {
            "all_read": ("SELECT", "true"),
            "founder_inserts": ("INSERT", FOUNDS),
            "founder_updates": ("UPDATE", FOUNDS),
        }
    return {}


def _security(model: type[Model]) -> Iterator[str]:
    table = table_of(model)
    policies = policies_of(model)
    if not policies:
        return
    yield _unless(
        f"SELECT 1 FROM pg_class WHERE oid = '{table}'::regclass AND relrowsecurity AND relforcerowsecurity",
        f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY; ALTER TABLE {table} FORCE ROW LEVEL SECURITY",
    )
    for name, (command, predicate) in policies.items():
        yield _unless(
            f"SELECT 1 FROM pg_policy WHERE polrelid = '{table}'::regclass AND polname = '{name}'"
            f" AND polcmd = '{COMMANDS[command]}' AND $text${predicate}$text$ = ALL (array_remove("
            "ARRAY[pg_get_expr(polqual, polrelid), pg_get_expr(polwithcheck, polrelid)], NULL))",
            f"DROP POLICY IF EXISTS {name} ON {table};"
            f" CREATE POLICY {name} ON {table} FOR {command} {_clauses(command, predicate)}",
        )


def _clauses(command: str, predicate: str) -> str:
    if command == "INSERT":
        return f"WITH CHECK ({predicate})"
    if command == "UPDATE":
        return f"USING ({predicate}) WITH CHECK ({predicate})"
    return f"USING ({predicate})"


def _unless(exists: str, statement: str) -> str:
    return f"DO $wall$ BEGIN IF NOT EXISTS ({exists}) THEN {statement}; END IF; END $wall$"


def _identifier(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


async def install(connection: "asyncpg.Connection[Any]", models: list[type[Model]], app_role: str) -> None:
    """Build all walls in one transaction. `connection` is the owner's."""
    async with connection.transaction():
        for statement in statements(models, app_role):
            await connection.execute(statement)
