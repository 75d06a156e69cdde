"""Counts of households: a county's own from the numbers it keeps, any part of them from the rows."""

from collections.abc import Iterator

import pytest

from tests.client import Client
from tests.conftest import Database, serving
from tests.schema.both_ways import VIEWERS, both, told
from tests.schema.published import denial, publish
from tests.schema.register_world import HERE, THERE, plant_register
from tests.statements import heard

BY_STATE = "{ householdCounts(by: STATE) { value count } }"
OF_ROWS = """query ($code: String!) {
  householdCounts(by: STATE, filter: {division: $code}) { value count } }"""
COUNTY = "hn-county-secretary"
EVERY_STATE = ["candidate", "exited", "registered", "relapsed"]


@pytest.fixture
def client(demo_database: Database) -> Iterator[Client]:
    plant_register(demo_database, HERE, THERE)
    with serving(demo_database) as answering:
        yield answering


def kept(client: Client, login: str, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether the numbers that the county keeps are the answer."""
    with monkeypatch.context() as patched:
        sent = heard(patched)
        client.ask(BY_STATE, as_=login)
    return any("FROM county_summaries" in sql for sql in sent)


@pytest.mark.parametrize("login", VIEWERS)
def test_what_is_kept_is_what_the_rows_add_up_to(client: Client, login: str) -> None:
    here = THERE if login.startswith("tw") else HERE

    counted = client.ask(BY_STATE, as_=login)["householdCounts"]

    assert counted == client.ask(OF_ROWS, {"code": here}, as_=login)["householdCounts"]


def test_who_may_read_a_part_is_told_of_the_part(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    all_of_them = client.ask(BY_STATE, as_=COUNTY)["householdCounts"]
    of_township = client.ask(BY_STATE, as_="hn-township-secretary")["householdCounts"]

    assert [one["value"] for one in all_of_them] == EVERY_STATE
    assert sum(one["count"] for one in of_township) < sum(one["count"] for one in all_of_them)
    assert kept(client, COUNTY, monkeypatch)
    assert not kept(client, "hn-township-secretary", monkeypatch)


def test_a_denied_part_is_not_counted(
    client: Client, demo_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = client.ask(BY_STATE, as_=COUNTY)["householdCounts"]

    publish(demo_database, grants=[denial("county_party_secretary", "household.read", "node")])

    assert not kept(client, COUNTY, monkeypatch)
    assert client.ask(BY_STATE, as_=COUNTY)["householdCounts"] == before, "no household lies at the county"
    publish(demo_database, grants=[denial("county_party_secretary", "household.read", "subtree")])
    assert client.ask(BY_STATE, as_=COUNTY)["householdCounts"] == []


def test_a_state_that_no_household_is_in_is_not_told(
    demo_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The demonstration itself has few households."""
    with serving(demo_database) as client:
        counted = client.ask(BY_STATE, as_=COUNTY)["householdCounts"]
        assert kept(client, COUNTY, monkeypatch)
        assert counted == client.ask(OF_ROWS, {"code": HERE}, as_=COUNTY)["householdCounts"] != []

    assert len(counted) < len(EVERY_STATE)
    assert all(one["count"] > 0 for one in counted)


def test_both_ways_tell_what_is_kept_alike(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = "{ householdCounts(by: STATE) { state: value count __typename } }"

    compiled, ordinary = both(client, monkeypatch, asked, None, COUNTY)

    assert told(compiled) == told(ordinary)
    assert compiled["data"]["householdCounts"][0] == {
        "state": "candidate", "count": 15, "__typename": "HouseholdCount",
    }  # fmt: skip
