"""Households entered into a county's register, what its summary says of it, and what it holds."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from typing import Any
from uuid import UUID

import asyncpg

from tenants import households, pairings, places, scope
from tenants.county_summaries import CountySummary
from tenants.households import Household, HouseholdState, Named, Relation
from tenants.pairings import Pairing
from tenants.people import Person
from tests.conftest import Database

HERE, THERE, PROVINCE = "410173000000", "621121000000", "410000000000"
VILLAGE = "410173113202"
# What the register holds, told by the superuser without a word from the code that counts.
HELD = """
SELECT count(*) AS households, coalesce(sum(population), 0) AS population,
       sum((state = 'candidate')::int) AS candidates, sum((state = 'registered')::int) AS registered,
       sum((state = 'exited')::int) AS exited, sum((state = 'relapsed')::int) AS relapsed,
       sum((EXISTS (SELECT FROM pairings p WHERE p.household_id = h.id AND p.ends_on IS NULL))::int)
           AS paired_households,
       (SELECT count(*) FROM divisions d
        WHERE d.tenant_id = $1 AND d.parent_code IS NOT NULL AND d.ends_on IS NULL) AS nodes
FROM households h WHERE tenant_id = $1
"""
NUMBERS = (
    "households", "population", "candidates", "registered", "exited", "relapsed", "paired_households",
    "nodes",
)  # fmt: skip


@asynccontextmanager
async def standing_in(code: str) -> AsyncIterator[UUID]:
    async with scope.open():
        place = await places.by_code(code)
    assert place is not None, code
    async with scope.open(writes=place.id):
        yield place.id


async def said(code: str = HERE) -> dict[str, int]:
    """What the county's summary says."""
    async with standing_in(code):
        summary = await CountySummary.get()
    return {name: getattr(summary, name) for name in NUMBERS}


async def held(behind: Database, code: str = HERE) -> dict[str, int]:
    async with standing_in(code) as place:
        pass
    connection: Any = await asyncpg.connect(**behind.superuser.as_arguments())
    try:
        return {name: number or 0 for name, number in (await connection.fetchrow(HELD, place)).items()}
    finally:
        await connection.close()


async def entered(
    number: str, state: HouseholdState = HouseholdState.REGISTERED, people: int = 1
) -> Household:
    members = [Named(f"{number} {n}", Relation.OTHER if n else Relation.HEAD) for n in range(people)]
    return await households.enter(code=VILLAGE, number=number, state=state, members=members)


async def paired(household: Household) -> Pairing:
    person = await Person.first()
    assert person is not None, "the demonstration has people"
    return await pairings.pair(
        household_id=household.id, code=VILLAGE, person_id=person.id, begins_on=date(2018, 1, 1)
    )
