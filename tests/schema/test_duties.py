"""The catalogue of duties: whose they are, in which period of the calendar the day lies, and until when."""

from datetime import date
from typing import Any, get_args

import pytest

from policies.answers.duties import dated, in_force
from policies.kinds.duty import Duty, Period
from policies.library import profile
from policies.reading import read_profile
from schema.duties import DutyPeriod
from tests.client import Client

CATALOGUE = """query ($who: String, $everybody: Boolean! = false, $on: Date, $after: String) {
  dutyCatalogue(who: $who, everybody: $everybody, on: $on, first: 100, after: $after) { totalCount
    pageInfo { hasNextPage endCursor }
    nodes { rule { id clause gaps { what } } who { terms { id } } does { mode terms { id label } }
      count { atLeast atMost sentence } counted { label } forEach { id } per until after
      period { since until } dueOn contents { id } to { terms { id } } excusedBy { id } } } }"""


def catalogue(client: Client, as_: str, **given: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after, more = None, True
    while more:
        page = client.ask(CATALOGUE, {**given, "after": after}, as_=as_)["dutyCatalogue"]
        found += page["nodes"]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert len(found) == page["totalCount"]
    return found


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [one["rule"]["id"] for one in found]


def owed_by(id: str, *words: str) -> list[str]:
    law = profile(id)
    wide = law.vocabulary.widen(words)
    return [rule.id for rule in law.of_kind(Duty) if wide & set(rule.who.terms)]


def test_everybodys_duties_are_all_of_the_document_in_its_order(reading_client: Client) -> None:
    found = ids(catalogue(reading_client, "tw-team-member", everybody=True))

    assert found == [rule.id for rule in profile("TW").of_kind(Duty)]


def test_a_viewer_sees_his_own_duties_by_default(reading_client: Client) -> None:
    found = ids(catalogue(reading_client, "mz-team-member"))

    assert found == owed_by("MZ", "village_team_member")
    assert 0 < len(found) < len(list(profile("MZ").of_kind(Duty)))


def test_whoever_acts_for_an_organ_sees_what_it_owes(reading_client: Client) -> None:
    found = ids(catalogue(reading_client, "hn-township-secretary"))

    organs = set(owed_by("HN", "township_party_committee"))
    assert organs
    assert organs <= set(found)


def test_a_roles_duties_are_found_by_its_word_and_by_a_wider_one(reading_client: Client) -> None:
    assert ids(catalogue(reading_client, "tw-admin", who="unit_leader")) == owed_by("TW", "unit_leader")
    assert catalogue(reading_client, "tw-admin", who="no_such_role") == []


def test_a_place_without_a_document_owes_nothing(reading_client: Client) -> None:
    assert catalogue(reading_client, "p51-admin", everybody=True) == []


def test_a_day_outside_of_the_document_owes_nothing(reading_client: Client) -> None:
    assert catalogue(reading_client, "tw-team-member", everybody=True, on="1999-01-01") == []


def test_the_period_and_the_last_day_are_those_of_the_day_asked(reading_client: Client) -> None:
    found = {one["rule"]["id"]: one for one in catalogue(reading_client, "sc-admin", everybody=True)}
    assert found["SC-5.4-4"]["per"] == "MONTH"
    assert found["SC-5.4-4"]["period"] == {"since": "2018-06-01", "until": "2018-06-30"}
    assert found["SC-5.4-4"]["dueOn"] == "2018-06-25"

    later = catalogue(reading_client, "sc-admin", everybody=True, on="2018-07-31")

    july = next(one for one in later if one["rule"]["id"] == "SC-5.4-4")
    assert (july["period"]["since"], july["dueOn"]) == ("2018-07-01", "2018-07-25")


def test_every_duty_of_every_document_can_be_shown(reading_client: Client) -> None:
    for id in ("GD", "HN", "MZ", "SC", "TW"):
        shown = catalogue(reading_client, f"{id.lower()}-team-member", everybody=True)
        assert ids(shown) == [rule.id for rule in in_force(profile(id), date(2018, 6, 15))]
        assert all(one["count"]["sentence"] for one in shown)


def test_the_periods_are_those_of_the_language() -> None:
    assert {one.value for one in DutyPeriod} == {*get_args(Period), "until", "open"}


HEAD = """
id: X
title: 示例意见
issuers: 县
level: county
since: "2018-01-01"
reviewed_on: "2026-01-01"
settings:
  how_often: {label: 多久, state: manual}
  how_long: {label: 几天, state: manual}
rules:
"""


@pytest.mark.parametrize(
    ("written", "period", "due"),
    [
        ("per: quarter", ("2018-04-01", "2018-06-30"), "2018-06-30"),
        ("per: month, due: {day_of_month: 31}", ("2018-06-01", "2018-06-30"), "2018-06-30"),
        ("per: week, due: {weekdays: [wednesday, friday]}", ("2018-06-11", "2018-06-17"), "2018-06-15"),
        ("due: {before: '2018-12-31'}", None, "2018-12-30"),
        ("due: {by: '2018-12-31'}", None, "2018-12-31"),
        ("per: tenure", None, None),
        ("per: {until: exit_on}", None, None),
        ("per: {parameter: how_often}", None, None),
        ("due: {after: exit_on, days: 3}", None, None),
        ("due: {after: exit_on, days: {parameter: how_long}}", None, None),
        ("strength: must", None, None),
    ],
)
def test_a_last_day_is_told_where_the_document_gives_one(
    written: str, period: tuple[str, str] | None, due: str | None
) -> None:
    head = "id: X-1, clause: 一, quote: 走访, kind: duty, who: unit_leader, does: village_visit"
    rule = f"- {{{head}, {written}}}"
    law = read_profile(HEAD + rule)
    (duty,) = law.of_kind(Duty)

    found, last_day = dated(law, duty, date(2018, 6, 15))

    assert (found and (str(found.first), str(found.last))) == period
    assert (last_day and str(last_day)) == due
