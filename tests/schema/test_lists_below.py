"""Lists below other objects: each with its filter, its order and what its viewer may read, both ways."""

from collections.abc import Iterator
from typing import Any

import pytest

from schema.context import Context
from tests.client import Client
from tests.conftest import Database
from tests.schema.both_ways import VIEWERS, both, differences, registered, told
from tests.schema.register_world import TOWNSHIP


@pytest.fixture(scope="module")
def world(shared_demo_database: Database) -> Iterator[Client]:
    with registered(shared_demo_database) as client:
        yield client


FILTERED = """
query ($code: String!, $day: Date!, $cause: String, $order: HouseholdOrder!) {
  divisions(below: $code) { code households(filter: {state: REGISTERED, mainCause: $cause}, orderBy: $order,
    first: 3) { totalCount pageInfo { hasNextPage endCursor } nodes { number recordedAt } } }
  households(filter: {division: $code}, first: 9) { nodes {
    helping: pairings(filter: {inForceOn: $day}, first: 3) { totalCount nodes { beginsOn endsOn } }
    every: pairings(filter: {kind: CADRE_HOUSEHOLD}, first: 1) { totalCount edges { cursor } }
    none: pairings(filter: {kind: UNIT_VILLAGE}) { totalCount nodes { id } }
    old: visits(filter: {until: "2018-01-03"}) { nodes { occurredAt } }
    visits(filter: {since: "2018-01-03", until: $day}, first: 2) { totalCount nodes { occurredAt } } } } }
"""


@pytest.mark.parametrize("order", ["NUMBER", "RECORDED_AT"])
@pytest.mark.parametrize("who", VIEWERS)
def test_lists_below_others_are_filtered_alike(
    world: Client, monkeypatch: pytest.MonkeyPatch, who: str, order: str
) -> None:
    given = {"code": TOWNSHIP, "day": "2018-06-15", "cause": "poverty_cause", "order": order}
    compiled, ordinary = both(world, monkeypatch, FILTERED, given, who)

    assert list(differences(told(compiled), told(ordinary))) == []
    assert compiled["data"] is not None


def test_a_list_below_another_shows_what_its_filter_asks_for(world: Client) -> None:
    def found(day: str) -> list[dict[str, Any]]:
        given = {"code": TOWNSHIP, "day": day, "cause": None, "order": "NUMBER"}
        answer = world.ask(FILTERED, given, as_="hn-county-secretary")
        assert any(division["households"]["totalCount"] for division in answer["divisions"])
        nodes_: list[dict[str, Any]] = answer["households"]["nodes"]
        return nodes_

    now, once = found("2018-06-15"), found("2016-06-15")
    assert any(one["helping"]["totalCount"] for one in now)
    assert all(node["endsOn"] is None for one in now for node in one["helping"]["nodes"])
    assert any(node["endsOn"] for one in once for node in one["helping"]["nodes"])
    assert any(one["visits"]["totalCount"] for one in now)
    assert all(one["visits"]["totalCount"] == 0 and one["none"]["totalCount"] == 0 for one in once)


@pytest.mark.parametrize("compiles", [True, False])
def test_a_word_that_no_row_can_hold_is_refused_below_too(
    world: Client, monkeypatch: pytest.MonkeyPatch, compiles: bool
) -> None:
    monkeypatch.setattr(Context, "compiles", compiles)
    text = """query ($cause: String) { divisions(below: "410173113000") {
      households(filter: {mainCause: $cause}) { totalCount nodes { id } } } }"""
    answer = world.post(text, {"cause": "有\0空"}, as_="hn-county-secretary")

    assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_USER_INPUT"}


DEEP = """
query ($below: String!) { divisions(below: $below) { code households(first: 2) { totalCount nodes { number
  pairings(first: 1) { nodes { person { name pairings(first: 2) { totalCount pageInfo { endCursor }
    nodes { household { number members { name } } } } } } } } } } }
"""


@pytest.mark.parametrize("who", VIEWERS)
def test_five_lists_below_each_other_are_answered_alike(
    world: Client, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    """Each list with what its viewer may read: whom a person helps elsewhere is not told here."""
    compiled, ordinary = both(world, monkeypatch, DEEP, {"below": TOWNSHIP}, who)

    assert list(differences(told(compiled), told(ordinary))) == []
    assert compiled["data"] is not None
