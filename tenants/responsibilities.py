"""Who answers, by name: the posts that stand behind the roles and organs of a document, for one division.

All posts of all terms are read in one statement, the units that are organs in another; who may be seen is
asked of what was read.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from tortoise.expressions import Q

from policies.access import Access, authority
from policies.jurisdiction import lineage
from policies.reach import Reach, Viewer
from policies.vocabulary import Category, Vocabulary
from tenants import people
from tenants.people import Post
from tenants.units import Unit

# A village has fewer posts than this, its township and county together.
MOST_POSTS = 2_000


@dataclass(frozen=True, slots=True)
class Holders:
    """Those who hold the posts of one term; `hidden`: how many more there are that the viewer may not see."""

    posts: tuple[Post, ...] = ()
    hidden: int = 0


@dataclass(slots=True)
class _Seats:
    """Where a term's posts are looked for: roles whose posts cover the division, roles of the whole place,
    and the roles by which a unit acts that is the organ."""

    covering: set[str] = field(default_factory=set)
    anywhere: set[str] = field(default_factory=set)
    of_unit: set[str] = field(default_factory=set)

    def add(self, role: str, how_far: Reach) -> None:
        if how_far in (Reach.TENANT, Reach.ANY):
            self.anywhere.add(role)
        elif how_far is Reach.UNIT:
            self.of_unit.add(role)
        elif how_far in (Reach.SUBTREE, Reach.NODE):
            self.covering.add(role)


async def holders_of(
    viewer: Viewer, access: Access, words: Vocabulary, terms: Collection[str], code: str, on: date
) -> Mapping[str, Holders]:
    """Who holds the posts of each term for a division. A term that only an applicant's own unit resolves,
    such as his dispatching unit, has nobody by itself."""
    seats = {term: _seats(term, access, words) for term in terms}
    units = await _units([term for term, one in seats.items() if one.of_unit], code)
    posts = await _posts(seats.values(), units.values(), code, on)
    return {term: _held(viewer, access, posts, one, units.get(term), code) for term, one in seats.items()}


def _seats(term: str, access: Access, words: Vocabulary) -> _Seats:
    """A role is held by its own posts and by those of a narrower one; for an organ its authorities act."""
    found = _Seats()
    for role in words.terms(Category.ROLE):
        if term in words.widen([role.id]):
            found.covering.add(role.id)
    for role_id, how_far in access.who_can(authority(term)):
        found.add(role_id, how_far)
    return found


async def _units(organs: Sequence[str], code: str) -> dict[str, Unit]:
    """The unit that is each organ for the division: its own, or that of the nearest division above."""
    above = lineage(code)
    rows = await Unit.filter(organ__in=list(organs), code__in=list(above))
    nearest = sorted(rows, key=lambda unit: above.index(unit.code))
    return {unit.organ: unit for unit in nearest if unit.organ is not None}


async def _posts(seats: Iterable[_Seats], units: Iterable[Unit], code: str, on: date) -> Sequence[Post]:
    """Every post that any of the terms may be held by."""
    every = list(seats)
    covering = set().union(*(one.covering for one in every))
    anywhere = set().union(*(one.anywhere for one in every))
    wanted = Q(role__in=list(covering), code__in=list(lineage(code))) | Q(role__in=list(anywhere))
    if ids := [unit.id for unit in units]:
        wanted |= Q(unit_id__in=ids, role__in=list(set().union(*(one.of_unit for one in every))))
    found = Post.filter(people.open_on(on), wanted).order_by("code", "role", "begins_on", "id")
    return await found.limit(MOST_POSTS)


def _held(
    viewer: Viewer, access: Access, posts: Sequence[Post], seats: _Seats, unit: Unit | None, code: str
) -> Holders:
    above = frozenset(lineage(code))
    held = [
        post
        for post in posts
        if (post.role in seats.covering and post.code in above)
        or post.role in seats.anywhere
        or (unit is not None and post.unit_id == unit.id and post.role in seats.of_unit)
    ]
    seen = tuple(post for post in held if people.may_read_post(viewer, access, post))
    return Holders(seen, len(held) - len(seen))
