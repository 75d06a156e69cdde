"""The sheet of pairings: who helps which household, a row for each."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from policies.reach import Target, Viewer
from tenants import cells, pairings
from tenants.cells import Lists
from tenants.households import Household
from tenants.import_findings import Finding, FindingCode
from tenants.nouns_of_sheets import Noun, Thing, one_by_one
from tenants.pairings import Pairing
from tenants.people import Person, Post
from tenants.profiles import LawInForce
from tenants.sheets import Column, Entry, Sheet
from tenants.units import Unit

SHEET = Sheet(
    "结对帮扶",
    (
        Column("number", "户编号", cells.text(32), required=True, hint="已登记的贫困户的编号"),
        Column("helper", "帮扶人", cells.text(64), required=True, hint="已登记的人员的姓名"),
        Column("unit", "帮扶人单位", cells.text(100), hint="有同名的人时填写", width=24),
        Column("begins_on", "结对日期", cells.day, required=True, hint="如 2018-03-01"),
    ),
    about=("每一行是一名帮扶人与一户的结对。",),
)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the place has of what the rows name. `people`: ids by name; `units`: those who come from each."""

    households: Mapping[str, Household]
    people: Mapping[str, set[UUID]]
    units: Mapping[str, set[UUID]]
    paired: set[tuple[UUID, UUID]]

    def helpers(self, entry: Entry) -> set[UUID]:
        named = self.people.get(entry.get("helper"), set())
        unit = entry.get("unit")
        return named if unit is None else named & self.units.get(unit, set())


async def lists(viewer: Viewer, _: LawInForce) -> Lists:
    return Lists(viewer.day)


def compose(entries: Sequence[Entry]) -> tuple[list[Thing], list[Finding]]:
    return [Thing((entry,)) for entry in entries], list(_repeated(entries))


def _repeated(entries: Sequence[Entry]) -> Iterator[Finding]:
    first: dict[tuple[str, ...], int] = {}
    for entry in entries:
        if entry.bad:
            continue
        pair = (entry.get("number"), entry.get("helper"), entry.get("unit") or "")
        if pair in first:
            yield Finding(entry.row, "helper", FindingCode.REPEATED, params={"first": first[pair]})
        first.setdefault(pair, entry.row)


async def _known(entries: Sequence[Entry]) -> _Known:
    numbers = list({entry.get("number") for entry in entries} - {None})
    names = list({entry.get("helper") for entry in entries} - {None})
    households = await Household.filter(number__in=numbers) if numbers else []
    persons = await Person.filter(name__in=names) if names else []
    posts = await Post.filter(person_id__in=[one.id for one in persons]) if persons else []
    units = {one.id: one.name for one in await Unit.filter(id__in=[p.unit_id for p in posts if p.unit_id])}
    named, from_unit = defaultdict[str, set[UUID]](set), defaultdict[str, set[UUID]](set)
    for person in persons:
        named[person.name].add(person.id)
    for post in posts:
        if post.unit_id is not None:
            from_unit[units[post.unit_id]].add(post.person_id)
    return _Known({one.number: one for one in households}, named, from_unit, await _paired(households))


async def _paired(households: Sequence[Household]) -> set[tuple[UUID, UUID]]:
    ids = [one.id for one in households]
    rows = await Pairing.filter(household_id__in=ids, ends_on__isnull=True) if ids else []
    return {(row.household_id, row.person_id) for row in rows if row.household_id and row.person_id}


async def check(viewer: Viewer, law: LawInForce, things: Sequence[Thing]) -> list[Finding]:
    """Whether household and helper are there, each once, within reach, and not paired already."""
    entries = [thing.entries[0] for thing in things]
    known = await _known(entries)
    return [found for entry in entries for found in _about(entry, known, viewer, law)]


def _about(entry: Entry, known: _Known, viewer: Viewer, law: LawInForce) -> Iterator[Finding]:
    household = known.households.get(entry.get("number"))
    helpers = known.helpers(entry)
    if "number" not in entry.bad and household is None:
        yield Finding(entry.row, "number", FindingCode.UNKNOWN_HOUSEHOLD)
    if household is not None:
        target = Target(viewer.place_id, household.code)
        if not law.access.can(viewer, target, NOUN.permission):
            yield Finding(entry.row, "number", FindingCode.OUT_OF_REACH)
    if entry.bad & {"helper", "unit"}:
        return
    if not helpers:
        yield Finding(entry.row, "helper", FindingCode.UNKNOWN_PERSON)
    elif len(helpers) > 1:
        params = {"count": len(helpers)}
        yield Finding(entry.row, "helper", FindingCode.AMBIGUOUS_PERSON, params=params)
    elif household is not None and (household.id, *helpers) in known.paired:
        yield Finding(entry.row, "helper", FindingCode.ALREADY_THERE)


async def enter(_: Viewer, __: LawInForce, things: Sequence[Thing]) -> list[Finding]:
    """One after another: what the document bounds is judged over those before it, too."""
    known = await _known([thing.entries[0] for thing in things])

    async def one(thing: Thing) -> None:
        (entry,) = thing.entries
        household = known.households[entry.get("number")]
        (helper,) = known.helpers(entry)
        begins_on = entry.get("begins_on")
        await pairings.pair(
            household_id=household.id, code=household.code, person_id=helper, begins_on=begins_on
        )

    return await one_by_one(things, one)


NOUN = Noun("pairings", SHEET, "pairing.create", lists, compose, check, enter)
