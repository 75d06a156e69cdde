"""The audit of the walls: what the catalog says against what the models declare. The server starts only
if it is empty."""

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import asyncpg
from tortoise.models import Model

from tenants import walls
from tenants.caller_statements import INSIST, INSIST_ARGUMENTS, INSIST_NAME

_TABLES = """
SELECT c.relname AS name, c.relrowsecurity AS secured, c.relforcerowsecurity AS forced,
       pg_has_role(current_user, c.relowner, 'MEMBER') AS is_ours,
       (SELECT array_agg(a.attname::text ORDER BY a.attname) FROM pg_constraint k
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = ANY (k.conkey)
        WHERE k.conrelid = c.oid AND k.contype = 'p') AS key,
       (SELECT array_agg(a.attname::text) FROM pg_attribute a
        WHERE a.attrelid = c.oid AND a.attnotnull AND NOT a.attisdropped) AS required,
       (SELECT jsonb_object_agg(p.polname, concat_ws(' ', p.polcmd, pg_get_expr(p.polqual, c.oid),
            pg_get_expr(p.polwithcheck, c.oid), CASE WHEN NOT p.polpermissive THEN 'RESTRICTIVE' END,
            CASE WHEN p.polroles <> '{0}' THEN 'TO ' || p.polroles::text END))
        FROM pg_policy p WHERE p.polrelid = c.oid) AS policies,
       (SELECT jsonb_object_agg(k.conname, pg_get_constraintdef(k.oid)) FROM pg_constraint k
        WHERE k.conrelid = c.oid AND k.contype IN ('f', 'c')) AS constraints,
       (SELECT jsonb_object_agg(i.indexrelid::regclass, pg_get_indexdef(i.indexrelid)) FROM pg_index i
        WHERE i.indrelid = c.oid AND i.indisvalid) AS indexes,
       (SELECT array_agg(a.attname::text) FROM pg_index i
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
        WHERE i.indrelid = c.oid AND i.indisunique AND i.indnkeyatts = 1 AND i.indpred IS NULL) AS unique,
       (SELECT array_agg(a.attname::text) FROM pg_attribute a JOIN pg_collation o ON o.oid = a.attcollation
        WHERE a.attrelid = c.oid AND o.collname = 'C') AS c_columns,
       (SELECT array_agg(t.tgname::text) FROM pg_trigger t
        WHERE t.tgrelid = c.oid AND NOT t.tgisinternal) AS triggers,
       (SELECT array_agg(name) FROM unnest(ARRAY['DELETE', 'TRUNCATE', 'TRIGGER']) AS name
        WHERE has_table_privilege(current_user, c.oid, name)) AS table_rights,
       (SELECT array_agg(name) FROM unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) AS name
        WHERE has_any_column_privilege(current_user, c.oid, name)) AS column_rights
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname <> 'tortoise_migrations'
"""
_ROLE = """
SELECT rolsuper AS "is a superuser", rolbypassrls AS "bypasses row-level security",
       rolcreaterole AS "may create roles", rolreplication AS "may replicate",
       EXISTS (SELECT 1 FROM pg_auth_members m WHERE m.member = r.oid) AS "is a member of another role",
       has_schema_privilege('public', 'CREATE') AS "may create tables"
FROM pg_roles r WHERE rolname = current_user
"""
_DEFINERS = """
SELECT proname::text FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace ORDER BY 1
"""
_FUNCTION = "SELECT prosrc FROM pg_proc WHERE oid = to_regprocedure($1)"


async def audit(connection: "asyncpg.Connection[Any]", models: Sequence[type[Model]]) -> list[str]:
    """Every fault as a sentence, empty when the walls stand. `connection` is the application's own."""
    role = await connection.fetchrow(_ROLE)
    faults = [f"the application's role {what}" for what, holds in (role or {}).items() if holds]
    faults += [f"{row[0]}: a function with its owner's rights" for row in await connection.fetch(_DEFINERS)]
    if await connection.fetchval(_FUNCTION, f"public.{INSIST_NAME}({INSIST_ARGUMENTS})") != INSIST:
        faults.append(f"{INSIST_NAME}: missing, or another than it should be")
    tables = {row["name"]: row for row in await connection.fetch(_TABLES)}
    declared = {walls.table_of(model): model for model in models}
    faults += [f"{name}: a table that no model declares" for name in sorted(tables.keys() - declared.keys())]
    for name, model in sorted(declared.items()):
        found = tables.get(name)
        faults += [f"{name}: {fault}" for fault in (_faults(found, model) if found else ["missing"])]
    return faults


def _faults(found: Any, model: type[Model]) -> Iterator[str]:
    if found["is_ours"]:
        yield "the application's role owns it"
    if walls.policies_of(model) and not (found["secured"] and found["forced"]):
        yield "row-level security is not forced"
    if walls.is_place_table(model):
        if found["key"] != ["id", "tenant_id"]:
            yield "its primary key does not carry the place"
    elif walls.table_of(model) not in walls.GLOBAL_TABLES:
        yield "carries no place and is not in the list of global tables"
    yield from _column_faults(found, model)
    yield from _definition_faults(found, model)
    rights = {*(found["table_rights"] or ()), *(found["column_rights"] or ())}
    for right in sorted(rights - set(walls.rights_of(model))):
        yield f"the application's role may {right}"
    for trigger in found["triggers"] or ():
        yield f"trigger {trigger} runs on it"


def _column_faults(found: Any, model: type[Model]) -> Iterator[str]:
    fields = {
        column: model._meta.fields_map[name] for name, column in model._meta.fields_db_projection.items()
    }
    required = [column for column, field in fields.items() if not field.null]
    unique = [column for column, field in fields.items() if field.unique and not field.pk]
    yield from (f"{column} may be null" for column in _lacking(required, found["required"]))
    yield from (f"{column} is not unique" for column in _lacking(unique, found["unique"]))
    in_c_order = walls.code_columns(model)
    yield from (f"{column} is not in C order" for column in _lacking(in_c_order, found["c_columns"]))


def _lacking(wanted: Collection[str], found: Collection[str] | None) -> list[str]:
    return [name for name in wanted if name not in (found or ())]


def _definition_faults(found: Any, model: type[Model]) -> Iterator[str]:
    policies = {
        name: " ".join([walls.COMMANDS[command], *[predicate] * (2 if command == "UPDATE" else 1)])
        for name, (command, predicate) in walls.policies_of(model).items()
    }
    checks = {name: f"CHECK {condition}" for name, condition in walls.walls_of(model).checks.items()}
    standing = _read(found["policies"])
    yield from _differences("policy", standing, policies)
    yield from (f"policy {name} is not declared" for name in sorted(standing.keys() - policies.keys()))
    constraints = _read(found["constraints"])
    yield from _differences("constraint", constraints, {**walls.links_of(model), **checks})
    yield from _differences("index", _read(found["indexes"]), walls.indexes_of(model))


def _differences(kind: str, found: Mapping[str, str], declared: Mapping[str, str]) -> Iterator[str]:
    for name, definition in declared.items():
        if name not in found:
            yield f"{kind} {name} is missing"
        elif _plain(found[name]) != _plain(definition):
            yield f"{kind} {name} is not as declared"


def _plain(definition: str) -> str:
    """Without the brackets, spaces and casts that PostgreSQL adds when it prints a condition."""
    return re.sub(r"::[a-z ]+(\[\])?|[()\s]", "", definition)


def _read(found: str | None) -> dict[str, str]:
    read: dict[str, str] = json.loads(found) if found else {}
    return read
