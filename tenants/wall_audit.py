"""The audit of the walls: what the catalog says against what the models declare. The server starts only
if it is empty."""

from collections.abc import Sequence
from typing import Any

import asyncpg
from tortoise.models import Model

from tenants import walls

_TABLES = """
SELECT c.relname AS name, c.relrowsecurity AS secured, c.relforcerowsecurity AS forced,
       pg_get_userbyid(c.relowner) = current_user AS is_ours,
       (SELECT count(*) FROM pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'p' AND (
           SELECT array_agg(a.attname::text ORDER BY a.attname) FROM pg_attribute a
           WHERE a.attrelid = c.oid AND a.attnum = ANY (k.conkey)) = ARRAY['id', 'tenant_id']) AS place_keys,
       (SELECT array_agg(a.attname::text) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnotnull AND NOT a.attisdropped) AS required,
       (SELECT array_agg(p.polname::text || ' ' || p.polcmd::text ORDER BY 1) FROM pg_policy p
        WHERE p.polrelid = c.oid) AS policies,
       (SELECT array_agg(k.conname::text) FROM pg_constraint k WHERE k.conrelid = c.oid) AS constraints,
       (SELECT array_agg(i.indexrelid::regclass::text) FROM pg_index i WHERE i.indrelid = c.oid) AS indexes,
       (SELECT array_agg(a.attname::text) FROM pg_attribute a JOIN pg_collation o ON o.oid = a.attcollation
        WHERE a.attrelid = c.oid AND o.collname = 'C') AS c_columns,
       (SELECT array_agg(right_name)
        FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) AS right_name
        WHERE has_table_privilege(current_user, c.oid, right_name)) AS rights
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname <> 'tortoise_migrations'
"""
_ROLE = "SELECT rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
_COMMANDS = {"SELECT": "r", "INSERT": "a", "UPDATE": "w", "DELETE": "d"}


async def audit(connection: "asyncpg.Connection[Any]", models: Sequence[type[Model]]) -> list[str]:
    """Every fault as a sentence, empty when the walls stand. `connection` is the application's own."""
    role = await connection.fetchrow(_ROLE)
    faults = [f"the application's role has {name}" for name, value in (role or {}).items() if value]
    tables = {row["name"]: row for row in await connection.fetch(_TABLES)}
    declared = {walls.table_of(model): model for model in models}
    faults += [f"{name}: a table that no model declares" for name in sorted(tables.keys() - declared.keys())]
    for name, model in sorted(declared.items()):
        found = tables.get(name)
        faults += [f"{name}: {fault}" for fault in (_faults(found, model) if found else ["missing"])]
    return faults


def _faults(found: Any, model: type[Model]) -> list[str]:
    faults = []
    if found["is_ours"]:
        faults.append("the application's role owns it")
    if walls.policies_of(model) and not (found["secured"] and found["forced"]):
        faults.append("row-level security is not forced")
    if walls.is_place_table(model):
        faults += _place_faults(found)
    elif walls.table_of(model) not in walls.GLOBAL_TABLES:
        faults.append("carries no place and is not in the list of global tables")
    return faults + _missing(found, model)


def _place_faults(found: Any) -> list[str]:
    faults = []
    if found["place_keys"] != 1:
        faults.append("its primary key does not carry the place")
    if "tenant_id" not in found["required"]:
        faults.append("tenant_id may be null")
    return faults


def _missing(found: Any, model: type[Model]) -> list[str]:
    table, declared = walls.table_of(model), walls.walls_of(model)
    expected = {
        "policies": [
            f"{name} {_COMMANDS[command]}" for name, (command, _) in walls.policies_of(model).items()
        ],
        "constraints": [*declared.checks, *(f"{table}_{column}_in_place" for column in declared.links)],
        "indexes": [*declared.unique, *declared.indexes],
        "c_columns": walls.code_columns(model),
    }
    faults = [
        f"{what} without {name}"
        for what, names in expected.items()
        for name in names
        if name not in (found[what] or ())
    ]
    too_much = set(found["rights"] or ()) - set(walls.rights_of(model))
    return faults + [f"the application's role may {right}" for right in sorted(too_much)]
