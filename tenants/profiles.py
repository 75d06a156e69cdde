"""Published profiles: each place's law, version by version. Published by one person, drafted by another.

A version never changes. The law in force on a day is the place's own highest version that is effective by
then; before its first, that of the place above whose law it lives under. A version is merged with the parent
version it pins, and compiled once per process.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from uuid import UUID

from tortoise import fields

from policies.access import Access, access_of, compile_access
from policies.lineage import merge
from policies.problems import Problem
from policies.profile import Profile as Law
from policies.reach import Viewer
from policies.reading import read_profile
from policies.vocabulary import Category, Vocabulary, vocabulary
from tenants import clock, places, scope
from tenants.caller_statements import LAW_IN_FORCE
from tenants.conditions import NONE, Compared, Condition
from tenants.pages import Listing, Order
from tenants.refusals import Flaw, Refusal, RefusalCode, invalid
from tenants.rows import GlobalRow, Walls

# How many problems of a profile one refusal tells.
MOST_TOLD = 5


class Profile(GlobalRow):
    """One published version. `text`: the profile file as published. `digest`: of the law it gives,
    parent included. `effective_from`: the first day it is asked for."""

    owner_id = fields.UUIDField()
    name = fields.CharField(64)
    version = fields.IntField()
    digest = fields.CharField(64)
    text = fields.TextField()
    parent_id = fields.UUIDField(null=True)
    document_id = fields.UUIDField(null=True)
    effective_from = fields.DateField()
    drafted_by = fields.UUIDField()
    published_by = fields.UUIDField()
    published_at = fields.DatetimeField()

    class Meta:
        table = "profiles"

    walls = Walls(
        unique={"profiles_version_once": ("owner_id", "version")},
        checks={"profiles_need_two_persons": "drafted_by <> published_by"},
    )

    @property
    def recorded_at(self) -> datetime:
        return self.published_at


@dataclass(frozen=True, slots=True)
class LawInForce:
    """A version as the engine needs it. All but the access is None where no document applies."""

    profile_id: UUID | None
    owner_id: UUID | None
    version: int | None
    law: Law | None
    access: Access
    effective_from: date | None = None

    @property
    def words(self) -> Vocabulary:
        """The common words, and those of the document."""
        return self.law.vocabulary if self.law is not None else vocabulary()

    def require_word(self, word: str | None, category: Category, path: str) -> None:
        """Raise INVALID for a word that the place does not know in this category; None says nothing."""
        if word is not None and word not in {term.id for term in self.words.terms(category)}:
            raise invalid(Flaw.UNKNOWN_WORD, path, word=word[:64], category=category)


async def publish(
    text: str,
    *,
    effective_from: date,
    drafted_by: UUID,
    published_by: UUID,
    document_id: UUID | None = None,
    follows: int | None = None,
) -> Profile:
    """Publish the next version for the place that writes. `follows`: the last version its drafter has seen.

    Raises what `read_profile` raises for a bad text and `access_of` for bad grants, YOUR_OWN_DRAFT if one
    person is both maker and checker, CONFLICT where another version has come since."""
    if drafted_by == published_by:
        raise Refusal(RefusalCode.YOUR_OWN_DRAFT)
    owner = scope.writer()
    await places.hold_still(owner)
    last = await last_version(owner)
    if follows not in (None, last):
        raise Refusal(RefusalCode.CONFLICT)
    child = read_version(text, last + 1)
    parent = await pinned_parent(child, owner)
    if child.parent is not None and parent is None:
        raise Refusal(RefusalCode.NOT_FOUND, path=("parent",), given=child.parent.id)
    law = merge(child, await joined(parent)) if parent else child
    access_of(law)
    return await Profile.create(
        owner_id=owner,
        name=child.id,
        version=child.version,
        digest=law.digest,
        text=text,
        parent_id=parent.id if parent else None,
        document_id=document_id,
        effective_from=effective_from,
        drafted_by=drafted_by,
        published_by=published_by,
        published_at=clock.now(),
    )


async def last_version(owner: UUID) -> int:
    """The number of a place's last version; 0 before the first."""
    last = await newest_of_all(owner)
    return last.version if last else 0


async def pinned_parent(child: Law, owner: UUID) -> Profile | None:
    """The published version that the child pins, of the nearest place above; None if there is none."""
    if child.parent is None:
        return None
    above = (await places.chain(owner))[1:]
    found = await Profile.filter(owner_id__in=above, name=child.parent.id, version=child.parent.version)
    return min(found, key=lambda row: above.index(row.owner_id), default=None)


async def joined(row: Profile) -> Law:
    """What a version says together with what it inherits, to the top."""
    own = read_version(row.text, row.version)
    return merge(own, await joined(await version(row.parent_id))) if row.parent_id else own


def read_version(text: str, version: int) -> Law:
    """A profile file under the number it was published with."""
    return read_profile(text).model_copy(update={"version": version})


async def owners_of(name: str) -> set[UUID]:
    """The places that have published a profile of this name."""
    return {row.owner_id for row in await Profile.filter(name=name).only("id", "owner_id")}


async def named(name: str, place_id: UUID, day: date) -> LawInForce | None:
    """The newest version of the profile of this name that is in force on a day: that of the place itself or
    of the nearest above it, else the only one. None where nobody has published it, or several."""
    rows = await Profile.filter(name=name, effective_from__lte=day).only("id", "owner_id", "version")
    chain = await places.chain(place_id)
    owners = {row.owner_id for row in rows}
    near = [owner for owner in chain if owner in owners] or list(owners)
    if not near or (len(near) > 1 and near[0] not in chain):
        return None
    own = [row for row in rows if row.owner_id == near[0]]
    return await law_in_force(max(own, key=lambda row: row.version).id)


async def newest(owner_id: UUID, day: date) -> Profile | None:
    """The version of a place's own that is in force on a day."""
    return await Profile.filter(owner_id=owner_id, effective_from__lte=day).order_by("-version").first()


async def newest_of_all(owner_id: UUID, name: str | None = None) -> Profile | None:
    """The last version that a place has published, whenever it begins. `name`: of this profile only."""
    named = {"name": name} if name is not None else {}
    return await Profile.filter(owner_id=owner_id, **named).order_by("-version").first()


def fails(name: str, problems: Sequence[Problem], *path: str) -> Refusal:
    """The refusal, with all the problems, and as many of them as a sentence holds in its words."""
    told = [(problem.zh, problem.en) for problem in problems[:MOST_TOLD]]
    return Refusal(
        RefusalCode.PROFILE_FAILS, path=path, obstacles=tuple(problems), profile=name, problems=told
    )


BY_PUBLICATION = Order(("published_at", "id"), descending=True)


def listed(owner: UUID) -> Listing[Profile]:
    """Every version that a place has published; without their texts."""
    short = tuple(Profile._meta.db_fields - {"text"})
    return Listing(Profile, Compared("owner_id", "=", owner), BY_PUBLICATION, short)


async def by_ids(ids: Collection[UUID]) -> dict[UUID, Profile]:
    return {row.id: row for row in await Profile.filter(id__in=list(ids))}


def visible(viewer: Viewer, access: Access) -> Condition:
    """The versions that a viewer may read: those of his place and of the places above it."""
    if not access.may_ever(viewer, "profile.read"):
        return NONE
    return places.at_or_above(viewer.place_id, "owner_id")


def own(viewer: Viewer, access: Access) -> Condition:
    """The versions that the viewer's own place has published."""
    return Compared("owner_id", "=", viewer.place_id)


async def version(profile_id: UUID) -> Profile:
    return await Profile.get(id=profile_id)


_IN_FORCE = f"""
SELECT pl.id AS place_id, law.id FROM unnest($1::uuid[], $2::date[]) AS today (place_id, day)
JOIN places pl ON pl.id = today.place_id
CROSS JOIN LATERAL ({LAW_IN_FORCE}) law
"""


async def in_force_for(place_id: UUID, day: date) -> UUID | None:
    """The version that a place is asked under for a day; None where no document applies, or none yet."""
    return (await _in_force_on({place_id: day})).get(place_id)


async def _in_force_on(days: Mapping[UUID, date]) -> dict[UUID, UUID]:
    rows = await scope.fetch(_IN_FORCE, list(days), list(days.values()))
    return {row["place_id"]: row["id"] for row in rows}


async def laws_on(days: Mapping[UUID, date]) -> dict[UUID, LawInForce]:
    """The law of each place on its day."""
    in_force = await _in_force_on(days)
    return {place_id: await law_in_force(in_force.get(place_id)) for place_id in days}


async def law_on(place_id: UUID, day: date) -> LawInForce:
    return await law_in_force(await in_force_for(place_id, day))


_FIRST = """
SELECT pr.id FROM places pl JOIN profiles pr ON pr.owner_id IN (pl.id, pl.law_place_id)
WHERE pl.id = $1 ORDER BY pr.owner_id = pl.id DESC, pr.version LIMIT 1
"""


async def law_or_its_beginning(place_id: UUID, day: date) -> LawInForce:
    """The law of a place on a day. Where none is in force yet and the first document itself begins later,
    that document: it answers that it is not in force, and when it is."""
    law = await law_on(place_id, day)
    if law.law is not None or not (rows := await scope.fetch(_FIRST, place_id)):
        return law
    first = await law_in_force(rows[0]["id"])
    return first if first.law is not None and day < first.law.first_day else law


async def law_in_force(profile_id: UUID | None) -> LawInForce:
    """The law of a version, or the platform's bare rules where no document applies. Every question then
    answers unspecified. Versions never change, so each is compiled once per process."""
    if profile_id is None:
        return _bare_law()
    return _compiled.get(profile_id) or await _compile(profile_id)


@cache
def _bare_law() -> LawInForce:
    return LawInForce(None, None, None, None, compile_access("", (), ()))


# Bounded by hand: an async function cannot sit behind lru_cache. 256 profiles are about 50 MB.
_compiled: dict[UUID, LawInForce] = {}
MOST_COMPILED = 256


async def _compile(profile_id: UUID) -> LawInForce:
    row = await version(profile_id)
    law = await joined(row)
    if len(_compiled) >= MOST_COMPILED:
        _compiled.pop(next(iter(_compiled)))
    _compiled[profile_id] = LawInForce(
        profile_id, row.owner_id, row.version, law, access_of(law), row.effective_from
    )
    return _compiled[profile_id]
