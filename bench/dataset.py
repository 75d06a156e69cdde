"""A data set by its size: counties of the register, their posts, households, pairings and visits.

Everything below a place is made by plain SQL and is the same each time, ids too, so that two runs read the
same rows. The owner writes it, behind the walls: one transaction for each place, which may write that place
and no other. No more places than the register has counties: none is made up.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_OID, UUID, uuid4, uuid5

import asyncpg

from bench import dataset_rows as rows
from policies import library
from policies.jurisdiction import Level, ancestor, subtree
from tenants import (
    accounts,
    clock,
    county_summaries,
    database,
    divisions,
    people,
    places,
    profiles,
    register,
    scope,
)
from tenants.database import Credentials
from tenants.places import PlaceKind
from tenants.register import Entry
from tenants.scope import Scope
from tenants.secrets import Claims, Signer

# The province whose published profile all places of the data set live under.
LAW_PLACE, LAW = "440000000000", "GD"
# How many places are filled at once.
WRITERS = 2


@dataclass(frozen=True, slots=True)
class Size:
    """`households`: for each place. `members`: at most so many of each are written down, three on average;
    fewer where there are many places."""

    places: int
    households: int
    members: int = 5
    visits: int = 2
    persons: int = 60


@dataclass(frozen=True, slots=True)
class Chosen:
    """A county to read from. `secretary` reads all of it; `township_secretary`, who may visit households,
    the first township. `townships` hold households; `visited` are households of the first."""

    place_id: UUID
    code: str
    secretary: Claims
    township_secretary: Claims
    townships: tuple[str, ...]
    households: tuple[UUID, ...]
    visited: tuple[UUID, ...]


@dataclass(frozen=True, slots=True)
class Dataset:
    size: Size
    province_admin: Claims
    chosen: tuple[Chosen, ...]


@dataclass(frozen=True, slots=True)
class County:
    """One place of the data set, as the register has it."""

    entry: Entry
    nodes: tuple[Entry, ...]

    @property
    def place_id(self) -> UUID:
        return uuid5(NAMESPACE_OID, self.entry.code)

    def codes(self, level: Level) -> list[str]:
        return [node.code for node in self.nodes if node.level is level]


async def build(
    owner: Credentials, app: Credentials, size: Size, signer: Signer, *, chosen: int = 4
) -> Dataset:
    """Fill a migrated, empty database. `chosen`: how many of its counties will be read from."""
    admin = await _found_law_place(app, signer)
    counties = _spread(register.listed(Level.COUNTY), size.places)
    numbered = list(enumerate(counties, 1))
    shares = [numbered[nth::WRITERS] for nth in range(WRITERS)]
    await asyncio.gather(*(_fill_all(owner, admin.place_id, share, size) for share in shares))
    async with _connected(owner) as connection:
        # The planner knows nothing of new tables, and what is done now is not done while others measure.
        await connection.execute("VACUUM ANALYZE")
        read_from = [_county(entry) for entry in _spread(counties, chosen)]
        samples = [await _sample(connection, county, size) for county in read_from]
    return Dataset(size, admin, tuple([await _signed_in(app, signer, *sample) for sample in samples]))


def _spread(entries: Iterable[Entry], number: int) -> list[Entry]:
    """So many of them, evenly over the country, in the order of their codes."""
    all_of_them = list(entries)
    number = min(number, len(all_of_them))
    return [all_of_them[i * len(all_of_them) // number] for i in range(number)]


def _county(entry: Entry) -> County:
    return County(entry, tuple(divisions.published(entry.code)))


async def _found_law_place(app: Credentials, signer: Signer) -> Claims:
    """The province that publishes, as the demonstration does it: drafted by one, published by another."""
    (entry,) = register.listed(Level.PROVINCE, LAW_PLACE)
    place_id, law = uuid4(), library.own_profile(LAW)
    async with database.connected(app, pool_size=2):
        async with scope.open(writes=place_id):
            place = await places.found(
                place_id, code=entry.code, name=entry.name, kind=PlaceKind.PROVINCE, parent_id=None
            )
            first, second = [await _administrator(place, number) for number in (1, 2)]
            await profiles.publish(
                library.profile_text(LAW),
                effective_from=law.first_day,
                drafted_by=first.id,
                published_by=second.id,
            )
        async with scope.open():
            assert first.account_id is not None, "it was made with one"
            account = await accounts.Account.get(id=first.account_id)
            return (await accounts.open_session(account, place_id, signer)).claims


async def _administrator(place: places.Place, number: int) -> people.Person:
    account = await accounts.create(f"bench-province-admin-{number}")
    person = await people.create(name=f"省级管理员{number}", account_id=account.id, is_demo=True)
    await people.open_post(person.id, "province_admin", place.code, place.today)
    return person


async def _fill_all(
    owner: Credentials, law_place: UUID, counties: Iterable[tuple[int, Entry]], size: Size
) -> None:
    async with _connected(owner) as connection:
        for number, entry in counties:
            await _fill(connection, _county(entry), law_place, number, size)


async def _fill(
    connection: asyncpg.Connection, county: County, law_place: UUID, number: int, size: Size
) -> None:
    place, code = county.place_id, county.entry.code
    townships, villages = county.codes(Level.TOWNSHIP), county.codes(Level.VILLAGE)
    async with connection.transaction():
        await connection.execute(Scope((place,), place).as_settings())
        await connection.execute(rows.PLACE, place, code, county.entry.name, law_place)
        await connection.execute(rows.DIVISIONS, place, *_columns(county.nodes))
        await connection.execute(rows.ACCOUNTS, place, number, size.persons)
        await connection.execute(rows.PERSONS, place, size.persons)
        # Eight counties of the register have no township; nobody lives there.
        if villages:
            await connection.execute(rows.POSTS, place, size.persons, code, townships, villages)
            await connection.execute(rows.HOUSEHOLDS, place, size.households, villages)
            await connection.execute(rows.MEMBERS, place, size.members)
            await connection.execute(rows.PAIRINGS, place, size.persons)
            await connection.execute(rows.VISITS, place, size.visits)
        now = clock.now()
        await connection.execute(county_summaries.OPEN, place, uuid4(), code, now)
        await connection.execute(county_summaries.COUNT, place, now)


def _columns(nodes: Iterable[Entry]) -> tuple[list[Any], ...]:
    """Code, name, level and parent of each node; the county itself has no parent in its own tree."""
    values = [
        (node.code, node.name, node.level.value, None if node.level is Level.COUNTY else node.parent)
        for node in nodes
    ]
    return tuple(list(column) for column in zip(*values, strict=True))


Sample = tuple[County, list[str], list[UUID], list[UUID]]


async def _sample(connection: asyncpg.Connection, county: County, size: Size) -> Sample:
    """Townships that hold households, and some of those, of the whole county and of its first township."""
    place, first = county.place_id, county.codes(Level.TOWNSHIP)[0]
    async with connection.transaction():
        await connection.execute(Scope((place,), None).as_settings())
        found = await connection.fetch(rows.SOME_HOUSEHOLDS, place, *subtree(county.entry.code), 200)
        visited = await connection.fetch(rows.SOME_HOUSEHOLDS, place, *subtree(first), 50)
    townships = sorted({ancestor(row["code"], Level.TOWNSHIP) for row in found})
    return county, townships, [row["id"] for row in found], [row["id"] for row in visited]


async def _signed_in(
    app: Credentials,
    signer: Signer,
    county: County,
    townships: list[str],
    households: list[UUID],
    visited: list[UUID],
) -> Chosen:
    place = county.place_id
    async with database.connected(app, pool_size=2):
        async with scope.open():
            first, second = [
                await accounts.Account.get(id=rows.account_id(place, number))
                for number in (rows.COUNTY_SECRETARY, rows.TOWNSHIP_SECRETARY)
            ]
            secretary = await accounts.open_session(first, place, signer)
            township_secretary = await accounts.open_session(second, place, signer)
    return Chosen(
        place,
        county.entry.code,
        secretary.claims,
        township_secretary.claims,
        tuple(townships),
        tuple(households),
        tuple(visited),
    )


@asynccontextmanager
async def _connected(credentials: Credentials) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(**credentials.as_arguments())
    try:
        yield connection
    finally:
        await connection.close()
