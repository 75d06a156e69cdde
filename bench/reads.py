"""Reads: the compiled way beside the ordinary one, and beside its bare statement, within one process.

Each operation is whole but for HTTP: price, transaction, scope, sign-in, permission, row-level security.
"""

import asyncio
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from typing import Any

import asyncpg

from api import demo
from api.embedded.server import EmbeddedServer
from bench import register
from bench.comparison import Comparison, compare
from schema.context import Context
from schema.root import schema
from tenants import accounts, database, reads, scope
from tenants.database import Credentials
from tenants.scope import Scope
from tenants.secrets import Claims, Signer

SIGNER = Signer(b"the signing key of the benchmarks, 32 bytes and more")
LOGIN = "hn-county-secretary"
LIST = """
query ($code: String!) { households(filter: {division: $code}, first: 50) {
  nodes { id number headName state population income registeredOn address division { name }
    pairings(first: 10) { nodes { person { id name } } } }
  pageInfo { hasNextPage endCursor } } }
"""
DETAIL = """
query ($id: ID!) { node(id: $id) { ... on Household { id number headName state population income registeredOn
  division { code name parent { name } } pairings(first: 10) { nodes { beginsOn person { name } } }
  visits(first: 5) { nodes { occurredAt note person { name } } } } } }
"""
COUNT = "{ householdCounts(by: STATE) { value count } }"


def comparisons() -> Iterator[Comparison]:
    with _world() as (runner, claims, app):
        asked = _Asked(runner, claims)
        found = asked.once(LIST, {"code": register.TOWNSHIP})["households"]
        first = runner.run(_first_id(claims))
        assert found is not None, "the township has households"
        for name, text, variables in (
            ("a page of 50 households", LIST, {"code": register.TOWNSHIP}),
            ("one household", DETAIL, {"id": first}),
            ("a count by state", COUNT, {}),
        ):
            ordinary, compiled = asked.ordinary(text, variables), asked.compiled(text, variables)
            times = (5, 20)
            yield compare(name, ("the ordinary way", ordinary), ("the compiled one", compiled), times)
            bare = _bare(runner, claims, app, asked.statement(text, variables))
            yield compare(name, ("the operation", compiled), ("its bare statement", bare), (20, 20))


class _Asked:
    def __init__(self, runner: asyncio.Runner, claims: Claims) -> None:
        self._runner, self._claims = runner, claims

    def once(self, text: str, variables: dict[str, Any]) -> Any:
        context = Context(SIGNER, claims=self._claims)
        result = self._runner.run(schema.execute(text, variables, context_value=context))
        assert not result.errors, result.errors
        return result.data

    def compiled(self, text: str, variables: dict[str, Any]) -> Callable[[], Any]:
        return lambda: self.once(text, variables)

    def ordinary(self, text: str, variables: dict[str, Any]) -> Callable[[], Any]:
        def ask() -> Any:
            Context.compiles = False
            try:
                return self.once(text, variables)
            finally:
                Context.compiles = True

        return ask

    def statement(self, text: str, variables: dict[str, Any]) -> tuple[str, list[Any]]:
        """The statement that the operation sends, with its values."""
        sent: list[tuple[str, list[Any]]] = []
        stock = reads.value_of

        async def heard(sql: str, values: list[Any]) -> Any:
            sent.append((sql, values))
            return await stock(sql, values)

        reads.value_of = heard  # type: ignore[assignment]
        try:
            self.once(text, variables)
        finally:
            reads.value_of = stock
        [statement] = sent
        return statement


async def _first_id(claims: Claims) -> str:
    context = Context(SIGNER, claims=claims)
    text = "{ households(first: 1, orderBy: NUMBER) { edges { node { id } } } }"
    result = await schema.execute(text, context_value=context)
    assert result.data is not None, result.errors
    told = result.data["households"].text
    return str(told.partition('"id":"')[2].partition('"')[0])


def _bare(
    runner: asyncio.Runner, claims: Claims, app: Credentials, statement: tuple[str, list[Any]]
) -> Callable[[], Any]:
    connection = runner.run(asyncpg.connect(**app.as_arguments()))
    settings = Scope((claims.place_id,), None, read_only=True).as_settings()
    sql, values = statement

    async def read() -> Any:
        await connection.execute(f"BEGIN; {settings}")
        answer = await connection.fetchval(sql, claims.place_id, *values)
        await connection.execute("COMMIT")
        return answer

    return lambda: runner.run(read())


@contextmanager
def _world() -> Iterator[tuple[asyncio.Runner, Claims, Credentials]]:
    """The demonstration with a register, in a PostgreSQL of our own for these minutes, and somebody signed
    in."""
    root = Path(tempfile.mkdtemp(prefix="zeren-bench-"))
    root.chmod(0o755)
    server = EmbeddedServer(root / "pg" / "data", fast=True)
    server.start()
    try:
        with asyncio.Runner() as runner:
            logins = runner.run(server.ensure_roles_and_database())
            owner, app = Credentials(**logins.owner), Credentials(**logins.app)
            runner.run(database.migrate(owner, app.user))
            connected = database.connected(app, pool_size=2, global_fallback=True)
            runner.run(connected.__aenter__())
            try:
                yield runner, runner.run(_signed_in(server, app)), app
            finally:
                runner.run(connected.__aexit__(None, None, None))
    finally:
        server.stop()
        rmtree(root, ignore_errors=True)


async def _signed_in(server: EmbeddedServer, app: Credentials) -> Claims:
    await demo.load()
    await register.fill(Credentials(**server.credentials("postgres", app.database)))
    async with scope.open():
        account = await accounts.Account.get(login=LOGIN)
        return (await accounts.open_session(account, account.place_ids[0], SIGNER)).claims
