"""A number that only a reading gives (12户 as one to two, A-12) is published when a person confirms it."""

from typing import Any

import pytest

from policies import library
from tests.client import Client
from tests.conftest import Database
from tests.front_door import record, rows, said, why
from tests.schema.drafting import check, draft, drafted, publish

ASSUMED = [name for name, setting in library.own_profile("SC").settings.items() if setting.is_assumed]


def content(text: str | None = None) -> dict[str, str]:
    return {
        "text": text or library.profile_text("SC"),
        "documentText": library.document_text("SC.txt"),
    }


def decided(client: Client) -> dict[str, Any]:
    asked = """{ decide(question: {ask: ASSIGN, about: "household_helper>household"},
      facts: {who: ["household_helper"], candidate_role: ["general_office_cadre"], has: 1, needs: 0}) {
      outcome version assumed { setting } filled { setting paper } } }"""
    return dict(client.ask(asked, as_="sc-first-secretary")["decide"])


def test_the_names_are_told_and_nothing_is_published(client: Client, demo_database: Database) -> None:
    one = drafted(client, "sc-admin", content())
    before = record(demo_database)

    refusals = [publish(client, "sc-checker", one, confirming=named) for named in (None, [], ASSUMED[1:])]

    assert [said(answer) for answer in refusals] == ["READING_UNCONFIRMED"] * 3
    assert all(answer["userErrors"][0]["path"] == ["confirming"] for answer in refusals)
    labels = [setting.label for setting in library.own_profile("SC").settings.values() if setting.is_assumed]
    assert len(ASSUMED) > 3
    assert all(label in (why(refusals[0]) or "") for label in labels)
    assert [label in (why(refusals[2]) or "") for label in labels] == [True] + [False] * (len(labels) - 1)
    assert record(demo_database) == before


def test_whoever_publishes_confirms_each_and_it_is_recorded(client: Client, demo_database: Database) -> None:
    one = drafted(client, "sc-admin", content())

    answer = publish(client, "sc-checker", one, confirming=[*ASSUMED, "made up"])

    assert said(answer) == "ALLOW"
    (entry,) = rows(demo_database, "SELECT details FROM audit_entries WHERE act = 'profile.publish'")
    assert all(name in str(entry["details"]) for name in ASSUMED)
    assert "made up" not in str(entry["details"])
    # Still a reading: every answer goes on to say so.
    assert decided(client)["version"] == 2
    assert decided(client)["assumed"] != []


def test_a_number_from_a_paper_of_the_county_needs_no_confirmation(client: Client) -> None:
    noted = "noted: {by: 演示管理员, on: '2018-06-01', paper: 演示会议纪要}"
    text = library.profile_text("SC").replace("state: assumed", noted)
    one = drafted(client, "sc-admin", content(text))

    assert said(publish(client, "sc-checker", one)) == "ALLOW"
    assert decided(client)["assumed"] == []


def test_a_check_says_which_wait_for_a_person(client: Client) -> None:
    found = check(client, "sc-admin", content()["text"], content()["documentText"])

    waiting = [
        one["path"].removeprefix("settings.") for one in found["problems"] if one["code"] == "setting_assumed"
    ]
    assert sorted(waiting) == sorted(ASSUMED)
    assert found["mayBePublished"]
    assert [one["name"] for one in found["outline"]["openSettings"] if one["value"] is not None] == ASSUMED


@pytest.mark.parametrize("login", ["sc-admin"])
def test_the_drafter_cannot_confirm_his_own(client: Client, login: str) -> None:
    one = str(draft(client, login, content())["draft"]["id"])

    assert said(publish(client, login, one, confirming=ASSUMED)) == "YOUR_OWN_DRAFT"
