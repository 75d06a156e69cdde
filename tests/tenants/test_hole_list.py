"""hole_list.yaml is whole: every probe stands in it, and everything in it exists."""

import re
from pathlib import Path

import yaml

from tests.tenants.probes import PROBES

TESTS = Path(__file__).parents[1]
LISTED: dict[str, dict[str, list[str]]] = yaml.safe_load(
    Path(__file__).with_name("hole_list.yaml").read_text("utf-8")
)


TRIED = {name for holes in LISTED.values() for names in holes.values() for name in names}


def test_every_hole_is_tried_by_something_that_exists() -> None:
    sources = [path.read_text("utf-8") for path in TESTS.rglob("test_*.py")]
    tests = {name for source in sources for name in re.findall(r"^(?:async )?def (test_\w+)", source, re.M)}

    assert TRIED - set(PROBES) - tests == set()
    assert all(names for holes in LISTED.values() for names in holes.values())


def test_every_probe_stands_in_the_list() -> None:
    assert set(PROBES) - TRIED == set()
    assert list(LISTED) == ["reads", "relations", "writes", "bypass", "context", "side channels"]
