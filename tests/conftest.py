"""One real PostgreSQL for the run, migrated once, cloned for every test that wants a database."""

import asyncio
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path
from shutil import rmtree
from typing import Any

import asyncpg
import pytest
from starlette.testclient import TestClient

from api import demo
from api.app import create_app
from api.embedded.server import EmbeddedServer
from api.settings import Settings
from tenants import accounts, database, scope
from tenants.database import Credentials
from tenants.secrets import Claims, Signer
from tests.client import Client

KEY = b"the signing key of the tests, 32 bytes and more"


@dataclass(frozen=True, slots=True)
class Cluster:
    """The run's server: the superuser's login, and those of the owner and the application to any database."""

    superuser: Credentials
    owner: Credentials
    app: Credentials

    def clone(self, template: str, name: str) -> None:
        owner = self.owner.user
        statement = f"CREATE DATABASE {name} OWNER {owner} TEMPLATE {template} STRATEGY FILE_COPY"
        asyncio.run(self._run(statement))

    def drop(self, name: str) -> None:
        asyncio.run(self._run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)"))

    async def _run(self, statement: str) -> None:
        connection = await asyncpg.connect(**self.superuser.as_arguments())
        try:
            await connection.execute(statement)
        finally:
            await connection.close()


@dataclass(frozen=True, slots=True)
class Database:
    """One database of the run, as the owner and as the application reach it."""

    superuser: Credentials
    owner: Credentials
    app: Credentials

    @classmethod
    def of(cls, cluster: Cluster, name: str) -> "Database":
        return cls(
            *(replace(role, database=name) for role in (cluster.superuser, cluster.owner, cluster.app))
        )


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    root = Path(tempfile.mkdtemp(prefix="zeren-tests-"))
    root.chmod(0o755)
    server = EmbeddedServer(root / "pg" / "data", fast=True)
    server.start()
    try:
        logins = asyncio.run(server.ensure_roles_and_database())
        superuser = Credentials(**server.credentials("postgres", "postgres"))
        yield Cluster(superuser, Credentials(**logins.owner), Credentials(**logins.app))
    finally:
        server.stop()
        rmtree(root, ignore_errors=True)


_number = count(1)


@contextmanager
def _cloned(cluster: Cluster, template: str) -> Iterator[Database]:
    name = f"test_{os.getpid()}_{next(_number)}"
    cluster.clone(template, name)
    try:
        yield Database.of(cluster, name)
    finally:
        cluster.drop(name)


@pytest.fixture(scope="session")
def migrated(cluster: Cluster) -> str:
    """The name of the template with tables and walls and no rows."""
    asyncio.run(database.migrate(cluster.owner, cluster.app.user))
    return cluster.owner.database


@pytest.fixture(scope="session")
def demonstrated(cluster: Cluster, migrated: str) -> str:
    """The name of the template with the register, the demonstration, and everybody signed in.

    Clones keep the sessions, so a test asks as anybody without paying for a password."""
    name = "template_demo"
    cluster.clone(migrated, name)
    _claims.update(asyncio.run(demonstrate(Database.of(cluster, name).app)))
    return name


_claims: dict[str, Claims] = {}


def tokens(claims: dict[str, Claims] | None = None) -> dict[str, str]:
    """An access token of every login of the demonstration, made now: a run may outlive one. `claims`: of
    another database than the run's own."""
    signed_in = _claims if claims is None else claims
    return {login: Signer(KEY).access_token(found) for login, found in signed_in.items()}


async def demonstrate(app: Credentials) -> dict[str, Claims]:
    """Load the demonstration into a database, and sign everybody in: what their tokens say, by login."""
    claims = {}
    async with database.connected(app, pool_size=2):
        await demo.load()
        async with scope.open():
            for account in await accounts.Account.all():
                opened = await accounts.open_session(account, account.place_ids[0], Signer(KEY))
                claims[account.login] = opened.claims
    return claims


@pytest.fixture
def empty_database(cluster: Cluster, migrated: str) -> Iterator[Database]:
    with _cloned(cluster, migrated) as fresh:
        yield fresh


@pytest.fixture
def demo_database(cluster: Cluster, demonstrated: str) -> Iterator[Database]:
    with _cloned(cluster, demonstrated) as fresh:
        yield fresh


@pytest.fixture(scope="module")
def shared_demo_database(cluster: Cluster, demonstrated: str) -> Iterator[Database]:
    """For modules that only read."""
    with _cloned(cluster, demonstrated) as fresh:
        yield fresh


@pytest.fixture
async def models(empty_database: Database) -> AsyncIterator[Database]:
    """The ORM bound to an empty database as the application's role."""
    async with database.connected(empty_database.app, pool_size=5):
        yield empty_database


@pytest.fixture
async def demo_models(demo_database: Database) -> AsyncIterator[Database]:
    """The ORM bound to the demonstration as the application's role."""
    async with database.connected(demo_database.app, pool_size=5):
        yield demo_database


# For tests that ask more in a minute than anybody may: whoever is quick must not be refused.
UNLIMITED: dict[str, Any] = {"account_rate": "off", "place_rate": "off", "address_rate": "off"}


@contextmanager
def serving(database: Database, **settings: object) -> Iterator[Client]:
    # No runner beside, unless asked for: tests look at what the database is busy with.
    application = create_app(Settings(**{"jobs_at_once": 0, **settings}), database.app, Signer(KEY))
    with TestClient(application) as http:
        yield Client(http, tokens())


@pytest.fixture
def client(demo_database: Database) -> Iterator[Client]:
    """The whole application over the demonstration, through its front door."""
    with serving(demo_database) as client:
        yield client


@pytest.fixture(scope="module")
def reading_client(shared_demo_database: Database) -> Iterator[Client]:
    """The same for modules that only read."""
    with serving(shared_demo_database) as client:
        yield client
