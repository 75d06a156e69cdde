"""The sheet of households: a row for each member; those with one number are one household, which its head's
row describes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, partial
from typing import Any

from policies.access import Access
from policies.jurisdiction import Level
from policies.reach import Target, Viewer
from tenants import cells, households
from tenants.cells import Lists
from tenants.households import Entering, HouseholdState, Named, Relation
from tenants.import_findings import Finding, FindingCode
from tenants.nouns_of_sheets import Noun, Thing, division_lists
from tenants.profiles import LawInForce
from tenants.sheets import Column, Entry, Sheet

RELATIONS: Mapping[str, str] = {
    "户主": Relation.HEAD,
    "配偶": Relation.SPOUSE,
    "子女": Relation.CHILD,
    "父母": Relation.PARENT,
    "孙辈": Relation.GRANDCHILD,
    "兄弟姐妹": Relation.SIBLING,
    "其他": Relation.OTHER,
}
STATES: Mapping[str, str] = {
    "拟识别": HouseholdState.CANDIDATE,
    "在册": HouseholdState.REGISTERED,
    "已脱贫": HouseholdState.EXITED,
    "返贫": HouseholdState.RELAPSED,
}
SHEET = Sheet(
    "贫困户",
    (
        Column("number", "户编号", cells.text(32), required=True, hint="同一户的各成员填同一编号"),
        Column(
            "village",
            "所在村",
            cells.division("villages"),
            needed_once=True,
            chosen_from="villages",
            hint="“乡镇/村”、不重名的村名或 12 位区划代码；可以只在户主一行填写",
            width=32,
        ),
        Column(
            "state",
            "户状态",
            cells.chosen("states"),
            needed_once=True,
            chosen_from="states",
            hint="可以只在户主一行填写",
        ),
        Column("name", "成员姓名", cells.text(64), required=True, hint="最多 64 个字"),
        Column("relation", "与户主关系", cells.chosen("relations"), required=True, chosen_from="relations"),
        Column("born_on", "出生日期", cells.past_day, hint="如 1962-03-08"),
        Column("id_number", "身份证号", cells.id_number, hint="18 位；保存时只留部分号码", width=22),
        Column("income", "人均年收入（元）", cells.amount(0, 10**7), hint="户主一行填写", is_text=False),
        Column("address", "住址", cells.text(200), hint="户主一行填写", width=28),
        Column("registered_on", "识别日期", cells.past_day, hint="户主一行填写"),
        Column("exited_on", "脱贫日期", cells.past_day, hint="户主一行填写"),
    ),
    about=("每一行是一名家庭成员；户编号相同的各行是一户，其中恰有一名户主。",),
)
# What is said of the whole household; it may stand in the head's row alone.
_OF_HOUSEHOLD = ("village", "state", "income", "address", "registered_on", "exited_on")


async def lists(viewer: Viewer, _: LawInForce) -> Lists:
    return await division_lists(viewer, {"villages": Level.VILLAGE}, relations=RELATIONS, states=STATES)


@dataclass(slots=True)
class _Group:
    """The rows of one number. `strays`: rows beside them whose own number cannot be read."""

    entries: list[Entry] = field(default_factory=list)
    strays: list[Entry] = field(default_factory=list)

    @property
    def heads(self) -> list[Entry]:
        return [entry for entry in self.entries if entry.get("relation") == Relation.HEAD]


def compose(entries: Sequence[Entry]) -> tuple[list[Thing], list[Finding]]:
    """Each household, and what is wrong with its rows taken together."""
    groups = _groups(entries)
    findings = list(_repeated(entries))
    for group in groups:
        findings += _heads(group)
        findings += _beside_its_head(group)
    things = [Thing(tuple([*group.entries, *group.strays]), group) for group in groups]
    return things, findings


def _groups(entries: Sequence[Entry]) -> list[_Group]:
    """A row whose number cannot be read may belong to the household above it, or if it is a head, below it:
    that household is not whole without it."""
    groups: dict[str, _Group] = {}
    waiting: list[Entry] = []
    above: _Group | None = None
    for entry in entries:
        number = entry.get("number")
        if number is not None:
            above = groups.setdefault(number, _Group())
            above.entries.append(entry)
            above.strays += waiting
            waiting = []
        elif above is None or entry.get("relation") == Relation.HEAD:
            waiting.append(entry)
        else:
            above.strays.append(entry)
    return list(groups.values())


def _heads(group: _Group) -> Iterator[Finding]:
    heads, first = group.heads, group.entries[0]
    is_sure = not group.strays and not any("relation" in entry.bad for entry in group.entries)
    if not heads and is_sure:
        yield Finding(first.row, "relation", FindingCode.NO_HEAD)
    for second in heads[1:]:
        params = {"first": heads[0].row}
        yield Finding(second.row, "relation", FindingCode.SECOND_HEAD, params=params)


def _beside_its_head(group: _Group) -> Iterator[Finding]:
    if not group.heads:
        return
    head = group.heads[0]
    for key in ("village", "state"):
        if head.get(key) is None and key not in head.bad:
            yield Finding(head.row, key, FindingCode.BLANK)
    for entry in group.entries:
        if entry in group.heads:
            continue
        for key in _OF_HOUSEHOLD:
            said = entry.get(key)
            if said is not None and key not in head.bad and said != head.get(key):
                yield Finding(entry.row, key, FindingCode.CONTRADICTS, params={"first": head.row})
    begun, ended = head.get("registered_on"), head.get("exited_on")
    if begun is not None and ended is not None and ended < begun:
        yield Finding(head.row, "exited_on", FindingCode.ENDS_BEFORE_IT_BEGINS)


def _repeated(entries: Sequence[Entry]) -> Iterator[Finding]:
    """One person is in the file once."""
    first: dict[str, int] = {}
    for entry in entries:
        if (number := entry.get("id_number")) is None:
            continue
        if number in first:
            params = {"first": first[number]}
            yield Finding(entry.row, "id_number", FindingCode.REPEATED, params=params)
        first.setdefault(number, entry.row)


async def check(viewer: Viewer, law: LawInForce, things: Sequence[Thing]) -> list[Finding]:
    """What the register and the viewer's reach have to say of each household."""
    held = await households.numbers_held([_number(thing) for thing in things])
    reaches = cache(partial(_reaches, viewer, law.access))
    findings = []
    for thing in things:
        heads = thing.content.heads
        row = heads[0].row if heads else thing.entries[0].row
        if _number(thing) in held:
            findings.append(Finding(row, "number", FindingCode.ALREADY_THERE))
        village = heads[0].get("village") if heads else None
        if village is not None and not reaches(village):
            findings.append(Finding(row, "village", FindingCode.OUT_OF_REACH))
    return findings


def _number(thing: Thing) -> str:
    return str(thing.entries[0].get("number"))


def _reaches(viewer: Viewer, access: Access, village: str) -> bool:
    return access.can(viewer, Target(viewer.place_id, village), NOUN.permission)


async def enter(_: Viewer, __: LawInForce, things: Sequence[Thing]) -> list[Finding]:
    await households.enter_many([_entering(thing.content) for thing in things])
    return []


def _entering(group: _Group) -> Entering:
    head = group.heads[0]
    others = [entry for entry in group.entries if entry is not head]
    return Entering(
        code=head.get("village"),
        number=head.get("number"),
        state=HouseholdState(head.get("state")),
        members=[_named(entry) for entry in (head, *others)],
        income=head.get("income"),
        address=head.get("address"),
        registered_on=head.get("registered_on"),
        exited_on=head.get("exited_on"),
    )


def _named(entry: Entry) -> Named:
    number: Any = entry.get("id_number")
    return Named(
        entry.get("name"),
        Relation(entry.get("relation")),
        born_on=entry.get("born_on"),
        id_number_mask=cells.mask(number) if number is not None else None,
    )


NOUN = Noun("households", SHEET, "household.create", lists, compose, check, enter)
