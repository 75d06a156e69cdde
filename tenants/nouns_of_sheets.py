"""What an import must know of a noun: its sheet, and how rows become the noun's own operations."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from policies.jurisdiction import Level
from policies.reach import Viewer
from tenants import divisions, scope
from tenants.cells import Lists
from tenants.divisions import Division
from tenants.import_findings import Finding, FindingCode
from tenants.profiles import LawInForce
from tenants.refusals import Refusal
from tenants.sheets import Entry, Sheet


@dataclass(frozen=True, slots=True)
class Thing:
    """What becomes one object, whole or not at all. `entries`: the rows it is made of. `content`: the noun's
    own."""

    entries: tuple[Entry, ...]
    content: Any = None


@dataclass(frozen=True, slots=True)
class Noun:
    """`permission`: what entering takes. `compose` says what each object is made of, and knows the file
    alone; `check` asks the place, and `enter` writes: both in the transaction that all is entered in. Each
    answers with what is wrong."""

    key: str
    sheet: Sheet
    permission: str
    lists: Callable[[Viewer, LawInForce], Awaitable[Lists]]
    compose: Callable[[Sequence[Entry]], tuple[list[Thing], list[Finding]]]
    check: Callable[[Viewer, LawInForce, Sequence[Thing]], Awaitable[list[Finding]]]
    enter: Callable[[Viewer, LawInForce, Sequence[Thing]], Awaitable[list[Finding]]]


async def one_by_one(things: Sequence[Thing], act: Callable[[Thing], Awaitable[None]]) -> list[Finding]:
    """Enter each by the noun's own operation. One that it refuses leaves nothing behind, and is named."""
    refused = []
    for thing in things:
        try:
            async with scope.open(writes=scope.writer()):
                await act(thing)
        except Refusal as refusal:
            params = {"code": refusal.code.value, "quote": refusal.to_keep().get("quote", "")}
            refused.append(Finding(thing.entries[0].row, "", FindingCode.REFUSED, params=params))
    return refused


async def division_lists(
    viewer: Viewer, levels: Mapping[str, Level | None], **words: Mapping[str, str]
) -> Lists:
    """Lists of the place's divisions, each of one level or of all, and lists of words."""
    nodes = await divisions.tree_of(viewer.place_id)
    names = {node.code: node.name for node in nodes}
    known, shown = {}, {name: tuple(labels) for name, labels in words.items()}
    for name, level in levels.items():
        wanted = [node for node in nodes if level is None or node.level is level]
        known[name] = _by_name(wanted, names)
        shown[name] = tuple(_path(node, names) for node in wanted)
    return Lists(viewer.day, known, words, shown)


def _path(node: Division, names: Mapping[str, str]) -> str:
    above = names.get(node.parent_code or "")
    return f"{above}/{node.name}" if above and node.level is Level.VILLAGE else node.name


def _by_name(nodes: Sequence[Division], names: Mapping[str, str]) -> Mapping[str, set[str]]:
    found = defaultdict[str, set[str]](set)
    for node in nodes:
        for name in (node.code, node.name, _path(node, names)):
            found[name].add(node.code)
    return dict(found)
