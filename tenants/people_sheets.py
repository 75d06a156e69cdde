"""The sheet of people: a row for each post. Rows with one name and one unit are one person."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from uuid import UUID

from policies.grants import platform
from policies.reach import Target, Viewer
from policies.vocabulary import Category, vocabulary
from tenants import cells, people
from tenants.cells import Lists
from tenants.import_findings import Finding, FindingCode
from tenants.nouns_of_sheets import Noun, Thing, division_lists, one_by_one
from tenants.people import Person, Post
from tenants.profiles import LawInForce
from tenants.sheets import Column, Entry, Sheet
from tenants.units import Unit

SHEET = Sheet(
    "人员任职",
    (
        Column("name", "姓名", cells.text(64), required=True, hint="最多 64 个字"),
        Column("role", "职务", cells.chosen("roles"), required=True, chosen_from="roles", width=24),
        Column(
            "division",
            "任职区划",
            cells.division("divisions"),
            required=True,
            chosen_from="divisions",
            hint="村写成“乡镇/村”，或填 12 位区划代码",
            width=32,
        ),
        Column("begins_on", "任职日期", cells.day, required=True, hint="如 2018-03-01"),
        Column("unit", "单位", cells.text(100), hint="本地已登记的单位名称", width=24),
        Column("rank", "职级", cells.chosen("ranks"), chosen_from="ranks"),
        Column("source_document", "任职文件", cells.text(200), hint="文号或名称", width=28),
    ),
    about=("每一行是一个任职；姓名和单位都相同的各行是同一个人。已登记的人不在此重复登记。",),
)


async def lists(viewer: Viewer, law: LawInForce) -> Lists:
    words = law.law.vocabulary if law.law is not None else vocabulary()
    # Posts of the platform itself are given one by one, never from a file.
    reserved = platform().offices
    roles = {term.label: term.id for term in words.terms(Category.ROLE) if term.id not in reserved}
    ranks = {term.label: term.id for term in words.terms(Category.RANK)}
    return await division_lists(viewer, {"divisions": None}, roles=roles, ranks=ranks)


def compose(entries: Sequence[Entry]) -> tuple[list[Thing], list[Finding]]:
    found: dict[tuple[str, str | None], list[Entry]] = {}
    for entry in entries:
        if (name := entry.get("name")) is not None:
            found.setdefault((name, entry.get("unit")), []).append(entry)
    things = [Thing(tuple(rows)) for rows in found.values()]
    return things, [finding for thing in things for finding in _repeated(thing)]


def _repeated(thing: Thing) -> Iterator[Finding]:
    first: dict[tuple[str, str], int] = {}
    for entry in thing.entries:
        if entry.bad & {"role", "division"}:
            continue
        post = (entry.get("role"), entry.get("division"))
        if post in first:
            yield Finding(entry.row, "role", FindingCode.REPEATED, params={"first": first[post]})
        first.setdefault(post, entry.row)


async def check(viewer: Viewer, law: LawInForce, things: Sequence[Thing]) -> list[Finding]:
    """Whether the viewer may open such posts there, and whether they are open already."""
    entries = [entry for thing in things for entry in thing.entries]
    known = await _units(entries)
    held = await _held(entries, viewer)

    @cache
    def reaches(division: str) -> bool:
        return law.access.can(viewer, Target(viewer.place_id, division), "post.create")

    findings = []
    for entry in entries:
        unit, division = entry.get("unit"), entry.get("division")
        if unit is not None and unit not in known:
            findings.append(Finding(entry.row, "unit", FindingCode.UNKNOWN_UNIT, is_light=True))
        if division is not None and not reaches(division):
            findings.append(Finding(entry.row, "division", FindingCode.OUT_OF_REACH))
        if (entry.get("name"), entry.get("role"), division) in held:
            findings.append(Finding(entry.row, "role", FindingCode.ALREADY_THERE))
    return findings


async def _units(entries: Sequence[Entry]) -> Mapping[str, UUID]:
    names = {entry.get("unit") for entry in entries} - {None}
    return {unit.name: unit.id for unit in await Unit.filter(name__in=list(names))} if names else {}


async def _held(entries: Sequence[Entry], viewer: Viewer) -> set[tuple[str, str, str]]:
    """Name, role and division of the posts that people of these names hold."""
    names = {entry.get("name") for entry in entries} - {None}
    persons = {one.id: one.name for one in await Person.filter(name__in=list(names))} if names else {}
    posts = await Post.filter(people.open_from(viewer.day), person_id__in=list(persons)) if persons else []
    return {(persons[post.person_id], post.role, post.code) for post in posts}


async def enter(_: Viewer, __: LawInForce, things: Sequence[Thing]) -> list[Finding]:
    units = await _units([entry for thing in things for entry in thing.entries])

    async def one(thing: Thing) -> None:
        first = thing.entries[0]
        rank = next((entry.get("rank") for entry in thing.entries if entry.get("rank")), None)
        person = await people.create(name=first.get("name"), rank=rank)
        for entry in thing.entries:
            await people.open_post(
                person.id,
                entry.get("role"),
                entry.get("division"),
                entry.get("begins_on"),
                unit_id=units.get(entry.get("unit") or ""),
                source_document=entry.get("source_document"),
            )

    return await one_by_one(things, one)


NOUN = Noun("people", SHEET, "person.create", lists, compose, check, enter)
