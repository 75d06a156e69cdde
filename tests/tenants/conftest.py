"""A small demonstration for tests of people at work, and the counties that are probed."""

import asyncio
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from tenants import database
from tests.conftest import Cluster, Database, _cloned
from tests.tenants.two_places import County, found


@pytest.fixture
async def counties(models: Database) -> tuple[County, County]:
    """Two counties in an empty database."""
    return await found("990101000000", "甲"), await found("990102000000", "乙")


@pytest.fixture(scope="session")
def without_register(cluster: Cluster, demonstrated: str) -> str:
    """The name of the template with the demonstration's places and people: a twentieth of its size."""
    name = "template_people"
    cluster.clone(demonstrated, name)

    async def shrink() -> None:
        connection = await asyncpg.connect(**Database.of(cluster, name).superuser.as_arguments())
        try:
            await connection.execute("TRUNCATE register_entries")
        finally:
            await connection.close()

    asyncio.run(shrink())
    return name


@pytest.fixture
def people_database(cluster: Cluster, without_register: str) -> Iterator[Database]:
    with _cloned(cluster, without_register) as fresh:
        yield fresh


@pytest.fixture
async def people_models(people_database: Database) -> AsyncIterator[Database]:
    """The ORM bound to the demonstration without the register, as the application's role."""
    async with database.connected(people_database.app, pool_size=12):
        yield people_database
