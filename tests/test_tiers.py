"""The tiers: within tenants/ and within schema/, a module imports lower tiers, or its own tier to the left.

That makes one order of all modules, so a circle cannot be written without breaking it."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest
import yaml

from tests.test_layers import HOUSE, imported

TIERS = yaml.safe_load(Path(__file__).with_name("tiers.yaml").read_text("utf-8"))
FOLDERS = ("tenants", "schema")


def order(folder: str) -> list[str]:
    return [module for tier in TIERS[folder] for module in tier["modules"]]


def modules(folder: str) -> dict[str, list[Path]]:
    """Each module of a folder with its files: one, or all of a package."""
    found: dict[str, list[Path]] = {}
    for path in sorted((HOUSE / folder).rglob("*.py")):
        name = path.relative_to(HOUSE / folder).parts[0].removesuffix(".py")
        found.setdefault(name, []).append(path)
    found.pop("__init__")
    return found


def siblings(folder: str, sources: Iterable[str]) -> set[str]:
    """The modules of the same folder that the sources import."""
    names = (name.split(".") for source in sources for name in imported(source))
    return {parts[1] for parts in names if parts[0] == folder and len(parts) > 1}


def violations(imports: Mapping[str, set[str]], order: list[str]) -> Iterator[str]:
    for module, others in imports.items():
        for other in sorted(others & {*order} - {module}):
            if order.index(other) > order.index(module):
                yield f"{module} imports {other}, which stands above it or to its right"


@pytest.mark.parametrize("folder", FOLDERS)
def test_every_module_has_its_tier(folder: str):
    assert sorted(order(folder)) == sorted(modules(folder))


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_module_imports_lower_tiers_or_its_own_to_the_left(folder: str):
    found = {
        module: siblings(folder, (path.read_text("utf-8") for path in paths))
        for module, paths in modules(folder).items()
    }

    assert list(violations(found, order(folder))) == []


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from tenants import audit, clock", {"audit", "clock"}),
        ("from tenants.rows import PlaceRow", {"rows"}),
        ("import tenants.rows", {"rows"}),
        ("def later():\n    from tenants import leave", {"leave"}),
        ("from policies import access", set()),
    ],
)
def test_an_import_between_siblings_is_seen(source: str, found: set[str]):
    assert siblings("tenants", [source]) == found


def test_a_higher_tier_would_be_found():
    assert list(violations({"scope": {"leave"}, "leave": {"scope"}}, ["scope", "leave"])) == [
        "scope imports leave, which stands above it or to its right"
    ]


def test_a_circle_cannot_be_ordered():
    circle = {"leave": {"requests"}, "requests": {"leave"}}

    assert list(violations(circle, ["leave", "requests"]))
    assert list(violations(circle, ["requests", "leave"]))
