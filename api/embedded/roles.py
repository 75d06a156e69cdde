"""The database and its two accounts: an owner who migrates, and an application that owns nothing."""

from collections.abc import Mapping
from typing import TypedDict

import asyncpg

SUPERUSER, OWNER, APP = "postgres", "zeren_owner", "zeren_app"
MAINTENANCE, DATABASE = "postgres", "zeren"
ONE_AT_A_TIME = 0x7A6572656E  # "zeren": two processes must not create the same role together

CREATE_ROLE = "SELECT format('CREATE ROLE %I', $1::text)"
# Forced row level security binds neither a superuser nor BYPASSRLS: said again at every start.
SET_ROLE = """SELECT format('ALTER ROLE %I LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE
    NOREPLICATION PASSWORD %L', $1::text, $2::text)"""


class Credentials(TypedDict):
    """What asyncpg and Tortoise need to connect; `host` is the directory of the socket."""

    host: str
    port: int
    user: str
    password: str
    database: str


async def provision(superuser: Credentials, passwords: Mapping[str, str]) -> None:
    """Creates what is missing and puts right what is there; may be repeated at any time."""
    connection = await asyncpg.connect(**superuser)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", ONE_AT_A_TIME)
        for role in (OWNER, APP):
            await ensure_role(connection, role, passwords[role])
        await ensure_database(connection)
    finally:
        await connection.close()


async def ensure_role(connection: asyncpg.Connection, role: str, password: str) -> None:
    if not await connection.fetchval("SELECT true FROM pg_roles WHERE rolname = $1", role):
        await connection.execute(await connection.fetchval(CREATE_ROLE, role))
    await connection.execute(await connection.fetchval(SET_ROLE, role, password))


async def ensure_database(connection: asyncpg.Connection) -> None:
    """Encoding and collation (UTF-8, by code point) are the cluster's, from its first template."""
    if not await connection.fetchval("SELECT true FROM pg_database WHERE datname = $1", DATABASE):
        await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {OWNER} TEMPLATE template0")
    await connection.execute(
        f"REVOKE ALL ON DATABASE {DATABASE}, {MAINTENANCE}, template1 FROM PUBLIC;"
        f"GRANT CONNECT ON DATABASE {DATABASE} TO {APP}"
    )
