"""A small demonstration for tests of people at work, and the counties that are probed."""

from collections.abc import AsyncIterator

import pytest

from tenants import database
from tests.conftest import Database
from tests.tenants.two_places import County, found


@pytest.fixture
async def counties(models: Database) -> tuple[County, County]:
    """Two counties in an empty database."""
    return await found("990101000000", "甲"), await found("990102000000", "乙")


@pytest.fixture
async def people_models(demo_database: Database) -> AsyncIterator[Database]:
    """The ORM bound to the demonstration as the application's role, with room for many at once."""
    async with database.connected(demo_database.app, pool_size=12):
        yield demo_database
