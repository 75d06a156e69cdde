"""access_cases.yaml as values: viewers, targets, and the cells that are allowed."""

from collections.abc import Iterator
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

from policies import strict_yaml
from policies.access import Access, Grant, Target, Viewer, compile_access
from tests.policies.access_world import post, target, viewer

CASES = strict_yaml.load(Path(__file__).with_name("access_cases.yaml").read_text(encoding="utf-8"))
Cell = tuple[str, str, str]


def _day(row: dict[str, Any], name: str) -> dict[str, date]:
    return {name: date.fromisoformat(row[name])} if name in row else {}


def _viewer(name: str) -> Viewer:
    said = CASES["viewers"][name]
    place = CASES["places"][said["in"]]
    posts = [
        post(
            row["role"],
            row["code"],
            place=row.get("in", said["in"]),
            unit=row.get("unit"),
            acting_for=row.get("acting_for"),
            only=row.get("only"),
            **_day(row, "begins"),
            **_day(row, "ends"),
        )
        for row in said["posts"]
    ]
    return viewer(
        *posts,
        person=said.get("person", name),
        place=said["in"],
        code=place["code"],
        kind=place["kind"],
        day=date.fromisoformat(CASES["day"]),
    )


def _target(name: str) -> Target:
    said = CASES["targets"][name]
    return target(
        said.get("code"),
        place=said["in"],
        unit=said.get("unit"),
        owner=said.get("owner"),
        assignees=said.get("assignees", ()),
    )


def _listed(row: dict[str, list[str]]) -> Iterator[Cell]:
    targets = [one for name in row["on"] for one in CASES["groups"].get(name, [name])]
    yield from product(row["who"], row["may"], targets)


PERMISSIONS: list[str] = CASES["permissions"]
ALLOWED = [cell for row in CASES["allow"] for cell in _listed(row)]
VIEWERS = {name: _viewer(name) for name in CASES["viewers"]}
TARGETS = {name: _target(name) for name in CASES["targets"]}


def compiled() -> Access:
    return compile_access("cases", [Grant(**row) for row in CASES["grants"]], ())


def cells_allowed_by(access: Access) -> set[Cell]:
    cells = product(VIEWERS, PERMISSIONS, TARGETS)
    return {(who, may, on) for who, may, on in cells if access.can(VIEWERS[who], TARGETS[on], may)}
