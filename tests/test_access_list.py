"""What can go wrong with access, as a list: every case is held by a test that exists, or says why not."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from policies import strict_yaml

ROOT = Path(__file__).parents[1]
CASES: list[dict[str, Any]] = [
    case
    for part in strict_yaml.load((ROOT / "tests/access_list.yaml").read_text(encoding="utf-8")).values()
    for case in part
]


@cache
def _text(path: str) -> str:
    file = ROOT / path
    return file.read_text(encoding="utf-8") if file.is_file() else ""


def missing(held_by: list[str]) -> list[str]:
    parts = [(name, *name.split("::")) for name in held_by]
    return [name for name, path, test in parts if f"def {test}(" not in _text(path)]


@pytest.mark.parametrize("case", CASES, ids=[case["case"] for case in CASES])
def test_a_case_is_held_by_tests_that_exist_or_says_why_not(case: dict[str, Any]) -> None:
    assert case.keys() in ({"case", "held_by"}, {"case", "not_here"})
    assert missing(case.get("held_by", [])) == []
    assert case.get("held_by") or case["not_here"]


def test_a_case_stands_once_and_a_test_that_is_gone_is_found() -> None:
    names = [case["case"] for case in CASES]

    assert len(names) == len(set(names)) > 60
    here = "tests/test_access_list.py::"
    assert missing([f"{here}missing_one", "tests/gone.py::test_x"]) == [
        f"{here}missing_one",
        "tests/gone.py::test_x",
    ]
