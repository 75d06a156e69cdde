"""The matrix of responsibilities: who answers for a division, by name where the viewer may read the post."""

from datetime import date
from typing import Any

import pytest

from policies.answers.responsibilities import standing
from policies.kinds.responsibility import Responsibility
from policies.library import profile
from policies.reading import read_profile
from tests.client import Client

VILLAGE, TOWNSHIP, OTHER_VILLAGE = "410173113202", "410173113000", "410173116201"
MATRIX = """query ($division: String, $matter: String, $after: String) {
  responsibilityMatrix(division: $division, matter: $matter, after: $after) { totalCount
    pageInfo { hasNextPage endCursor }
    nodes { rule { id clause quote } matter { id } liability { id } who { mode } delegable
      under { terms { id } } supervises { terms { id } } grants { id }
      subjects { term { id } hidden holders { person { name } post { code role { id } } } } } } }"""


def matrix(client: Client, as_: str, division: str | None = None, **more: Any) -> dict[str, Any]:
    """The lines by rule."""
    found: list[dict[str, Any]] = []
    after, goes_on = None, True
    while goes_on:
        variables = {"division": division, "after": after, **more}
        page = client.ask(MATRIX, variables, as_=as_)["responsibilityMatrix"]
        found += page["nodes"]
        after, goes_on = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    assert len(found) == page["totalCount"]
    return {line["rule"]["id"]: line for line in found}


def named(line: dict[str, Any], term: str) -> tuple[list[str], int]:
    """Who is named for a term of a line, and how many are hidden."""
    (subject,) = [one for one in line["subjects"] if one["term"]["id"] == term]
    return [one["person"]["name"] for one in subject["holders"]], subject["hidden"]


def test_the_lines_are_the_responsibilities_of_the_document(reading_client: Client) -> None:
    lines = matrix(reading_client, "hn-county-secretary", VILLAGE)

    assert list(lines) == [rule.id for rule in profile("HN").of_kind(Responsibility)]
    assert lines["HN-4.1-1"]["liability"] == {"id": "principal_entity"}
    assert all(line["rule"]["clause"] and line["rule"]["quote"] for line in lines.values())


def test_one_matter_can_be_asked_for(reading_client: Client) -> None:
    lines = matrix(reading_client, "hn-county-secretary", VILLAGE, matter="fund")

    assert lines
    assert {line["matter"]["id"] for line in lines.values()} == {"fund"}
    assert matrix(reading_client, "hn-county-secretary", VILLAGE, matter="no_such_matter") == {}


def test_an_organ_is_named_by_who_acts_for_it_here(reading_client: Client) -> None:
    here = matrix(reading_client, "hn-county-secretary", VILLAGE)["HN-4.1-1"]
    there = matrix(reading_client, "hn-county-secretary", OTHER_VILLAGE)["HN-4.1-1"]

    assert named(here, "township_party_committee") == (["演示乡镇党委书记"], 0)
    assert named(there, "township_party_committee") == (["演示另一乡镇党委书记"], 0)


def test_a_unit_that_is_the_organ_is_named_by_its_head(reading_client: Client) -> None:
    line = matrix(reading_client, "hn-county-secretary", VILLAGE)["HN-4.1-3"]

    assert named(line, "organisation_personnel_bureau") == (["演示组织部门负责人"], 0)


def test_whom_one_may_not_see_is_counted_and_not_named(reading_client: Client) -> None:
    line = matrix(reading_client, "hn-first-secretary", VILLAGE)["HN-4.1-1"]
    assert named(line, "township_party_committee") == ([], 1)

    own = matrix(reading_client, "hn-township-secretary", VILLAGE)["HN-4.1-1"]
    assert named(own, "township_party_committee") == (["演示乡镇党委书记"], 0)
    other = matrix(reading_client, "hn-township-secretary", OTHER_VILLAGE)["HN-4.1-1"]
    assert named(other, "township_party_committee") == ([], 1)


def test_a_term_that_hangs_on_the_applicant_names_nobody(reading_client: Client) -> None:
    line = matrix(reading_client, "hn-county-secretary", VILLAGE)["HN-1-5"]

    assert named(line, "helping_unit") == ([], 0)


def test_the_county_is_meant_where_no_division_is_named(reading_client: Client) -> None:
    line = matrix(reading_client, "hn-county-secretary")["HN-4.1-1"]

    # No township lies above the county itself.
    assert named(line, "township_party_committee") == ([], 0)


@pytest.mark.parametrize("division", ["621121000000", "410122000000", "999999999999"])
def test_a_division_of_another_place_answers_like_none(reading_client: Client, division: str) -> None:
    assert matrix(reading_client, "hn-county-secretary", division) == {}


def test_what_is_no_code_is_refused(reading_client: Client) -> None:
    answer = reading_client.post(MATRIX, {"division": "村"}, as_="hn-county-secretary")

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


def test_a_place_without_a_document_answers_for_nothing(reading_client: Client) -> None:
    assert matrix(reading_client, "p51-admin") == {}


SCOPED = """
id: X
title: 示例意见
issuers: 县
level: county
since: "2018-01-01"
reviewed_on: "2026-01-01"
rules:
"""


MAYOR = "clause: 一, quote: 负责, kind: responsibility, who: township_mayor, matter: fund"
SCOPED += f"""- {{id: X-1, {MAYOR}, when: {{scope: township}}}}
- {{id: X-2, {MAYOR}, when: {{serious: true}}}}
- {{id: X-3, {MAYOR}, until: "2018-05-31"}}
"""


@pytest.mark.parametrize(
    ("level", "on", "rules"),
    [
        ("township", date(2018, 6, 15), ["X-1", "X-2"]),
        ("village", date(2018, 6, 15), ["X-2"]),
        ("village", date(2018, 5, 31), ["X-2", "X-3"]),
        ("village", date(2017, 12, 31), []),
    ],
)
def test_only_what_is_surely_about_another_level_or_day_is_left_out(
    level: str, on: date, rules: list[str]
) -> None:
    assert [rule.id for rule in standing(read_profile(SCOPED), level, on)] == rules
