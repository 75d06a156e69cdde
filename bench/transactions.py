"""What the settings that travel in BEGIN cost, and what is saved by undoing none at the end."""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from typing import Any
from uuid import uuid4

import asyncpg

from api.embedded.server import EmbeddedServer
from bench.comparison import Comparison, compare
from tenants.database import Credentials
from tenants.scope import Scope
from tenants.transactions import Timeouts

PLACE = uuid4()
SCOPE = Scope((PLACE,), PLACE).as_settings()
TIMEOUTS = Timeouts().as_settings()


def comparisons() -> Iterator[Comparison]:
    with _database() as (app, loop):
        connection = loop.run_until_complete(asyncpg.connect(**app.as_arguments()))

        def run(operation: Callable[[], Awaitable[Any]]) -> Callable[[], Any]:
            return lambda: loop.run_until_complete(operation())

        async def transaction(begin: str) -> None:
            await connection.execute(begin)
            await connection.execute("ROLLBACK")

        def beginning(*settings: str) -> Callable[[], Any]:
            return run(lambda: transaction("; ".join(["BEGIN", *settings])))

        everything = ("BEGIN with scope and timeouts", beginning(SCOPE, TIMEOUTS))
        times = (100, 100)
        yield compare("a transaction of nothing", everything, ("a bare BEGIN", beginning()), times)
        yield compare("the timeouts alone", everything, ("BEGIN with the scope", beginning(SCOPE)), times)

        async def one_read() -> None:
            await connection.execute(f"BEGIN; {SCOPE}; {TIMEOUTS}")
            await connection.fetch("SELECT $1::int", 1)
            await connection.execute("COMMIT")

        async def one_read_and_reset() -> None:
            await one_read()
            await connection.reset()

        slow, fast = ("one with a reset after it", run(one_read_and_reset)), ("one without", run(one_read))
        yield compare("an operation of one read", slow, fast, times)
        loop.run_until_complete(connection.close())


@contextmanager
def _database() -> Iterator[tuple[Credentials, asyncio.AbstractEventLoop]]:
    """A PostgreSQL of our own for these minutes, as the application's role, and a loop to reach it."""
    root = Path(tempfile.mkdtemp(prefix="zeren-bench-"))
    root.chmod(0o755)
    server = EmbeddedServer(root / "pg" / "data", fast=True)
    server.start()
    try:
        with asyncio.Runner() as runner:
            logins = runner.run(server.ensure_roles_and_database())
            yield Credentials(**logins.app), runner.get_loop()
    finally:
        server.stop()
        rmtree(root, ignore_errors=True)
