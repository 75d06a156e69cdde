"""A newer version of the document from above: the county is shown what it changes, and adopts it or not."""

from datetime import date
from typing import Any

import pytest

from policies import library
from tenants import profiles
from tests.client import Client
from tests.conftest import Database
from tests.front_door import arrange, person_of, record, said
from tests.schema.drafting import drafted, publish, versions

PROVINCE = "440000000000"
PROPOSAL = """{ profileProposal {
  pinned { name version } newer { name version } effectiveFrom mayBePublished text
  rules { rule difference before { id quote } after { id quote citation { version } } replacedBy { id } }
  settings { name difference before { status } after { status } }
  problems { code path severity }
} }"""


def proposed(client: Client, login: str) -> Any:
    return client.ask(PROPOSAL, as_=login)["profileProposal"]


def amend(behind: Database, *changes: tuple[str, str], from_day: date = date(2018, 6, 15)) -> None:
    """The province's opinion, published anew with made-up changes."""
    text = library.profile_text("GD")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    maker, checker = person_of(behind, "p44-admin"), person_of(behind, "p44-checker")

    async def published() -> None:
        await profiles.publish(text, effective_from=from_day, drafted_by=maker, published_by=checker)

    arrange(behind, PROVINCE, published)


OPEN = "  many_scattered_poor: {label: 数量多的分散贫困人口数, state: manual}\n"
COUNTED = "  many_scattered_poor: {label: 数量多的分散贫困人口数, value: 50, clause: 一}\n"


def test_a_county_whose_pin_is_the_newest_is_proposed_nothing(client: Client) -> None:
    assert proposed(client, "mz-admin") is None
    assert proposed(client, "hn-admin") is None  # no document above
    assert proposed(client, "gd-admin") is None  # no document of its own


@pytest.mark.parametrize("from_day", [date(2018, 6, 15), date(2019, 1, 1)])
def test_a_newer_version_is_shown_rule_by_rule_before_anything_changes(
    client: Client, demo_database: Database, from_day: date
) -> None:
    rule = library.profile("GD").rule("GD-1-7a")
    amend(demo_database, ("id: GD-1-7a\n", "id: GD-1-7x\n"), (OPEN, COUNTED), from_day=from_day)
    before = record(demo_database)

    found = proposed(client, "mz-admin")

    assert (found["pinned"], found["newer"]) == ({"name": "GD", "version": 1}, {"name": "GD", "version": 2})
    assert found["effectiveFrom"] == str(from_day)
    assert found["rules"] == [
        {
            "rule": "GD-1-7x",
            "difference": "ADDED",
            "before": None,
            "after": {"id": "GD-1-7x", "quote": rule.quote, "citation": {"version": 2}},
            "replacedBy": None,
        },
        {
            "rule": "GD-1-7a",
            "difference": "REMOVED",
            "before": {"id": "GD-1-7a", "quote": rule.quote},
            "after": None,
            "replacedBy": None,
        },
    ]
    assert found["settings"] == [
        {
            "name": "many_scattered_poor",
            "difference": "CHANGED",
            "before": {"status": "OPEN"},
            "after": {"status": "GIVEN"},
        }
    ]
    assert found["mayBePublished"], found["problems"]
    assert record(demo_database) == before


def test_publishing_the_proposed_text_adopts_the_version(client: Client, demo_database: Database) -> None:
    amend(demo_database, ("id: GD-1-7a\n", "id: GD-1-7x\n"))
    text = proposed(client, "mz-admin")["text"]
    content = {"text": text, "documentText": library.document_text("MZ.txt")}

    answer = publish(client, "mz-checker", drafted(client, "mz-admin", content))

    assert said(answer) == "ALLOW"
    assert versions(client, "mz-admin")[0]["parent"] == {"name": "GD", "version": 2}
    assert proposed(client, "mz-admin") is None


def test_a_rule_of_the_county_s_own_that_no_longer_fits_is_told(
    client: Client, demo_database: Database
) -> None:
    amend(demo_database, ("id: GD-1-8\n", "id: GD-1-8x\n"))

    found = proposed(client, "mz-admin")

    assert not found["mayBePublished"]
    assert ("no_such_rule", "rules.MZ-10-3.over") in [(p["code"], p["path"]) for p in found["problems"]]
    (gone,) = [one for one in found["rules"] if one["rule"] == "GD-1-8"]
    assert (gone["difference"], gone["replacedBy"]) == ("REMOVED", {"id": "MZ-10-3"})


@pytest.mark.parametrize("login", ["mz-township-secretary", "mz-auditor"])
def test_who_may_not_draft_is_shown_no_proposal(client: Client, demo_database: Database, login: str) -> None:
    amend(demo_database, ("id: GD-1-7a\n", "id: GD-1-7x\n"))

    assert proposed(client, login) is None
    assert proposed(client, "mz-admin") is not None
