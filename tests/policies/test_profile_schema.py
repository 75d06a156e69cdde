"""profile.schema.json, by which an editor helps: it marks what the reader refuses, and nothing else."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from policies import library, strict_yaml
from policies.problems import ProfileError
from policies.reading import read_profile

HOUSE = Path(__file__).parents[2]
EDITOR = Draft202012Validator(json.loads((HOUSE / "policies/profile.schema.json").read_text("utf-8")))
HEAD = """
id: X
title: 示例办法
issuers: 县
level: county
since: "2018-01-01"
reviewed_on: "2026-01-01"
settings: {size: {label: 人数, state: manual}}
rules:
"""
SHIPPED = {name: library.profile_text(name) for name in library.shipped()}
MADE_UP = {
    folder: (HOUSE / folder / "profile.yaml").read_text("utf-8")
    for folder in ("docs/worked_example", "tests/trial")
}
FLOW = "{id: X-1, clause: 一, quote: 报批准, kind: flow, act: leave"
HAS = "{id: X-1, clause: 一, quote: 帮扶, kind: assignment, to: household"


def marked(text: str) -> list[str]:
    """What an editor underlines."""
    return [error.message for error in EDITOR.iter_errors(strict_yaml.load(text))]


def is_read(text: str) -> bool:
    try:
        read_profile(text)
    except ProfileError:
        return False
    return True


@pytest.mark.parametrize("text", [*SHIPPED.values(), *MADE_UP.values()], ids=[*SHIPPED, *MADE_UP])
def test_nothing_is_marked_in_a_profile_that_is_read(text: str) -> None:
    assert marked(text) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("steps: [{approve: unit_head}]}", "steps: [{approves: unit_head}]}"),
        (
            "steps: [{file: unit_head, by: first_secretary}]}",
            "steps: [{file: unit_head, from: first_secretary}]}",
        ),
        ("steps: [{approve: unit_head}]}", "steps: [{approve: unit_head, review: township_mayor}]}"),
        (
            "steps: [{approve: {all: [unit_head, township_mayor]}}]}",
            "steps: [{approve: [unit_head, township_mayor]}]}",
        ),
        (
            "steps: [{approve: {any: [unit_head, township_mayor]}}]}",
            "steps: [{approve: {any: [unit_head]}}]}",
        ),
        ("steps: [{approve: {at_least: 1, of: [a, b]}}]}", "steps: [{approve: {at_least: 1, all: [a, b]}}]}"),
        ("when: {leave_days: 3}, steps: [{approve: a}]}", "when: {leave_days: [3]}, steps: [{approve: a}]}"),
        (
            "when: {leave_days: {at_most: 3}}, steps: [{approve: a}]}",
            "when: {leave_days: {most: 3}}, steps: [{approve: a}]}",
        ),
        (
            "when: {not: {leave_days: 3}}, steps: [{approve: a}]}",
            "when: {not: [{leave_days: 3}]}, steps: [{approve: a}]}",
        ),
        (
            "when: {any: [{leave_days: 3}]}, steps: [{approve: a}]}",
            "when: {any: {leave_days: 3}}, steps: [{approve: a}]}",
        ),
        ("strength: in_principle, steps: [{approve: a}]}", "strength: principle, steps: [{approve: a}]}"),
        ("since: '2018-01-01', steps: [{approve: a}]}", "since: 2018, steps: [{approve: a}]}"),
        ("gaps: [{what: bands, state: by_reference}]}", "gaps: [{what: bands, state: elsewhere}]}"),
        ("steps: [{approve: a}], reading: A-01}", "steps: [{approve: a}], reading: {A-01: 1}}"),
    ],
    ids=str,
)
def test_what_the_reader_refuses_is_marked_and_its_twin_is_not(right: str, wrong: str) -> None:
    of = f"{HEAD}- {FLOW}, "

    assert (marked(of + right), is_read(of + right)) == ([], True)
    assert marked(of + wrong)
    assert not is_read(of + wrong)


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("each_has: 2", "each_has: {}"),
        ("each_has: {at_least: 2, at_most: {parameter: size}}", "each_has: {at_least: {setting: size}}"),
        ("each_has: {in: [1, 2]}", "each_has: {in: 1}"),
    ],
    ids=str,
)
def test_a_number_is_a_value_or_limits(right: str, wrong: str) -> None:
    of = f"{HEAD}- {HAS}, who: household_helper, "

    assert (marked(f"{of}{right}}}"), is_read(f"{of}{right}}}")) == ([], True)
    assert marked(f"{of}{wrong}}}")
    assert not is_read(f"{of}{wrong}}}")


def test_what_the_engine_writes_is_offered_to_nobody() -> None:
    properties: dict[str, Any] = EDITOR.schema["properties"]

    assert "rules" in properties
    assert "inherited" not in properties
