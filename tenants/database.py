"""The database: its connections, its migrations and its walls, put together.

Two roles: the owner migrates and owns everything; the application connects as a role that owns nothing.
`migrate` is safe to run from several processes at once and again at every start. It holds a lock for its
session, so the owner connects to the database itself, never through a pooler; the application may.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlsplit

import asyncpg
from tortoise.context import TortoiseContext
from tortoise.exceptions import DBConnectionError, OperationalError
from tortoise.migrations.api import migrate as run_migrations
from tortoise.migrations.autodetector import MigrationAutodetector
from tortoise.models import Model

from tenants import scope, wall_audit, walls
from tenants.transactions import Timeouts

# At DEBUG the library writes down every statement with its values, and those are people's.
logging.getLogger("tortoise.db_client").setLevel(logging.INFO)

MODULES = (
    "tenants.accounts",
    "tenants.acting",
    "tenants.activities",
    "tenants.attachments",
    "tenants.audit",
    "tenants.county_summaries",
    "tenants.divisions",
    "tenants.documents",
    "tenants.households",
    "tenants.idempotency",
    "tenants.jobs",
    "tenants.leave",
    "tenants.notices",
    "tenants.outings",
    "tenants.pairings",
    "tenants.people",
    "tenants.places",
    "tenants.profile_drafts",
    "tenants.profiles",
    "tenants.records",
    "tenants.requests",
    "tenants.steps",
    "tenants.teams",
    "tenants.units",
)
# Any number will do; it is the lock that two migrating processes meet on.
MIGRATION_LOCK = 0x7A6572656E
# How long a statement may be away beyond its own limit before its connection is taken for dead.
GRACE_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Credentials:
    """How to reach one database as one role. `host` may be the directory of a UNIX socket.

    `statement_cache_size`: how many statements each connection keeps prepared by name; none behind a
    transaction pooler that does not carry them over (PgBouncer before 1.21)."""

    host: str
    port: int
    user: str
    password: str
    database: str
    statement_cache_size: int = 100

    @classmethod
    def from_url(cls, url: str) -> "Credentials":
        """Read `postgres://user:password@host:port/database`. Raises ValueError with a sentence."""
        parts = urlsplit(url)
        if parts.scheme not in ("postgres", "postgresql"):
            raise ValueError("a database URL begins with postgres:// or postgresql://")
        if not (parts.hostname and parts.username and parts.path.strip("/")):
            raise ValueError("a database URL names user, host and database")
        return cls(
            host=unquote(parts.hostname),
            port=parts.port or 5432,
            user=unquote(parts.username),
            password=unquote(parts.password or ""),
            database=parts.path.strip("/"),
        )

    def as_arguments(self) -> dict[str, Any]:
        return {
            "host": self.host,
            "port": self.port,
            "user": self.user,
            "password": self.password,
            "database": self.database,
            "statement_cache_size": self.statement_cache_size,
        }


def configuration(
    credentials: Credentials, *, engine: str = "tortoise.backends.asyncpg", **pool: Any
) -> dict[str, Any]:
    """Tortoise's configuration for one role: the owner's, unless another engine is named."""
    return {
        "connections": {"default": {"engine": engine, "credentials": {**credentials.as_arguments(), **pool}}},
        "apps": {
            "tenants": {
                "models": list(MODULES),
                "default_connection": "default",
                "migrations": "tenants.migrations",
            }
        },
        "use_tz": True,
        "timezone": "Asia/Shanghai",
    }


@asynccontextmanager
async def connected(
    credentials: Credentials,
    *,
    pool_size: int = 10,
    timeouts: Timeouts | None = None,
    global_fallback: bool = False,
) -> AsyncIterator[TortoiseContext]:
    """The models bound to a pool of the application's role, which is built at once and closed at the end.

    `global_fallback`: for a server, whose requests run in other tasks than its start."""
    timeouts = timeouts or Timeouts()
    config = configuration(
        credentials,
        engine="tenants.asyncpg_client",
        application_name="zeren",
        minsize=min(2, pool_size),
        maxsize=pool_size,
        timeouts=timeouts,
        command_timeout=timeouts.statement_seconds + GRACE_SECONDS,
        reset=_nothing_to_reset,
    )
    async with TortoiseContext() as context:
        await context.init(config=config, _enable_global_fallback=global_fallback)
        await context.db().create_connection(with_db=True)
        yield context


async def _nothing_to_reset(connection: "asyncpg.Connection[Any]") -> None:
    """Instead of a round trip that undoes session settings, which nobody makes."""


async def migrate(owner: Credentials, app_role: str) -> None:
    """Bring the schema up to date and rebuild the walls, one process at a time."""
    connection = await asyncpg.connect(**owner.as_arguments())
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
        async with TortoiseContext() as context:
            await run_migrations(config=configuration(owner))
            await context.init(config=configuration(owner))
            await walls.install(connection, models_of(context), app_role)
    finally:
        await connection.close()


async def audit(app: Credentials, context: TortoiseContext) -> list[str]:
    """The faults of the walls as the application's role sees them; empty when they stand."""
    connection = await asyncpg.connect(**app.as_arguments())
    try:
        async with connection.transaction(readonly=True):
            return await wall_audit.audit(connection, models_of(context))
    finally:
        await connection.close()


def models_of(context: TortoiseContext) -> list[type[Model]]:
    assert context.apps is not None, "the context is initialised"
    return [model for app in context.apps.values() for model in app.values()]


async def write_migration() -> list[str]:
    """Write the migration that brings the last one up to the models; the paths written, none if there is
    nothing."""
    return await (await _changes()).write()


async def missing_migrations() -> list[str]:
    """The names of migrations that the models ask for and nobody has written."""
    return [writer.name for writer in await (await _changes()).changes()]


async def _changes() -> MigrationAutodetector:
    """Compares models with migrations; reaches no database."""
    config = configuration(Credentials("", 0, "", "", ""))
    async with TortoiseContext() as context:
        await context.init(config=config, init_connections=False)
        assert context.apps is not None, "the context is initialised"
        return MigrationAutodetector(context.apps, config["apps"])


async def is_reachable() -> bool:
    """Whether the pool gives a connection that answers."""
    try:
        async with scope.open():
            await scope.fetch("SELECT 1")
    except (DBConnectionError, OperationalError, asyncpg.PostgresError, OSError):
        return False
    return True
