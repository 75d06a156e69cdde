"""County summaries: what the register of each county adds up to, kept so that a province need not scan it.

Each county has one row, since it was founded. Whatever writes divisions, households or pairings does so in a
block of `recounted()`, and when the block ends, the row is counted anew in the same transaction: a sum that
is kept by adding and taking away drifts with the first writer who forgets it, and nobody can tell since when.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from uuid import UUID, uuid4

from tortoise import fields

from policies.access import Access
from policies.reach import Field, Viewer
from tenants import clock, places, reach, scope
from tenants.conditions import EVERYTHING, Condition
from tenants.pages import Listing, Order, Sums
from tenants.places import PlaceKind, Wanted
from tenants.rows import PlaceRow, Walls


class CountySummary(PlaceRow):
    """`code`: the county's own, by which those above reach it. A column for each state of a household, so
    that the database adds them up: a state that nobody counts is refused. `paired_households`: those with a
    pairing that has no end yet. One in force would hang on the day, and no write tells that a day is over."""

    code = fields.CharField(12)
    nodes = fields.IntField()  # its townships and villages that have not ended
    households = fields.IntField()
    population = fields.IntField()
    candidates = fields.IntField()
    registered = fields.IntField()
    exited = fields.IntField()
    relapsed = fields.IntField()
    paired_households = fields.IntField()
    counted_at = fields.DatetimeField()

    class Meta:
        table = "county_summaries"

    walls = Walls(
        several=True,
        unique={"county_summaries_once": ()},
        checks={
            "county_summaries_add_up": "households = candidates + registered + exited + relapsed",
            "county_summaries_pair_what_is_there": "paired_households <= households",
        },
    )


# The column that counts the households of each state.
STATES = (
    ("candidate", "candidates"),
    ("exited", "exited"),
    ("registered", "registered"),
    ("relapsed", "relapsed"),
)

BY_CODE = Order(("code",))


def visible(viewer: Viewer, access: Access) -> Condition:
    """The summaries of the counties that a viewer reaches."""
    return reach.condition(access.reach(viewer, "summary.read"), {Field.CODE: "code"})


async def listed(
    viewer: Viewer, access: Access, first: int, after: str | None = None
) -> Listing[CountySummary]:
    """The summaries of at most so many counties that the viewer reaches, in the order of their codes, `after`
    one of these. They are read in a scope of these counties and no other place."""
    wanted = Wanted(kind=PlaceKind.COUNTY, after=after)
    counties = await places.within(access.reach(viewer, "summary.read"), wanted)
    whose = tuple(county.id for county in counties[:first])
    return Listing(CountySummary, visible(viewer, access), BY_CODE, places=whose)


_NODES = "SELECT tenant_id, nodes FROM county_summaries WHERE tenant_id = ANY($1::uuid[])"


async def nodes_of(place_ids: list[UUID]) -> dict[UUID, int]:
    """How many townships and villages each of these places has."""
    return {row["tenant_id"]: row["nodes"] for row in await scope.fetch(_NODES, place_ids)}


def states_of_households() -> Sums:
    """How many households of the county in force are in each state."""
    return Sums(Listing(CountySummary, EVERYTHING, BY_CODE), STATES)


# The places that are counted when a block that is under way ends.
_under_way: ContextVar[frozenset[UUID]] = ContextVar("recounted", default=frozenset())


@asynccontextmanager
async def recounted() -> AsyncIterator[None]:
    """Whatever the block writes into the county's register is in its summary when the block has ended. Blocks
    within count nothing: a thousand households are counted once. Nor does one that fails, for what it has
    written is undone with its transaction or savepoint."""
    place_id, under_way = scope.writer(), _under_way.get()
    if place_id in under_way:
        yield
        return
    token = _under_way.set(under_way | {place_id})
    try:
        yield
    finally:
        _under_way.reset(token)
    await recount()


async def recount() -> None:
    """Count the county's register anew. Does nothing in a place that is no county: it has no register.

    The row is locked first, by a statement of its own. Of two that write at once, the second then begins to
    count when the first has committed, and sees what he has written; one that waits within its count does
    not. The lock is held until the transaction ends, so this comes last in it."""
    place_id = scope.writer()
    if await _held(place_id) or (await _opened(place_id) and await _held(place_id)):
        await scope.execute(COUNT, place_id, clock.now())


_HOLD = "SELECT id FROM county_summaries WHERE tenant_id = $1 FOR NO KEY UPDATE"
# Two who are the first in a county meet on its one row: the second waits, and adds none.
OPEN = """
INSERT INTO county_summaries (tenant_id, id, code, nodes, households, population, candidates, registered,
                              exited, relapsed, paired_households, counted_at)
VALUES ($1, $2, $3, 0, 0, 0, 0, 0, 0, 0, 0, $4) ON CONFLICT (tenant_id) DO NOTHING
"""
COUNT = """
UPDATE county_summaries s
SET nodes = d.nodes, households = h.households, population = h.population, candidates = h.candidates,
    registered = h.registered, exited = h.exited, relapsed = h.relapsed, paired_households = p.households,
    counted_at = $2
FROM (SELECT count(*) AS nodes FROM divisions
      WHERE tenant_id = $1 AND parent_code IS NOT NULL AND ends_on IS NULL) d,
     (SELECT count(*) AS households, coalesce(sum(population), 0) AS population,
             count(*) FILTER (WHERE state = 'candidate') AS candidates,
             count(*) FILTER (WHERE state = 'registered') AS registered,
             count(*) FILTER (WHERE state = 'exited') AS exited,
             count(*) FILTER (WHERE state = 'relapsed') AS relapsed
      FROM households WHERE tenant_id = $1) h,
     (SELECT count(DISTINCT household_id) AS households
      FROM pairings WHERE tenant_id = $1 AND ends_on IS NULL AND household_id IS NOT NULL) p
WHERE s.tenant_id = $1
"""


async def _held(place_id: UUID) -> bool:
    return bool(await scope.fetch(_HOLD, place_id))


async def _opened(place_id: UUID) -> bool:
    """Give the county its row, unless somebody has meanwhile; False in a place that is no county."""
    place = await places.by_id(place_id)
    if place is None or place.kind is not PlaceKind.COUNTY:
        return False
    await scope.execute(OPEN, place_id, uuid4(), place.code, clock.now())
    return True
