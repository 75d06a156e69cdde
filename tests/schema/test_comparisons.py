"""Published law side by side: the place's own first, then those that are named by profile or by place."""

from typing import Any

import pytest

from policies.library import profile
from policies.probes import probes
from tests.client import Client

COMPARE = """query ($with: [String!]!, $question: QuestionInput, $facts: JSON, $differing: Boolean = false) {
  profileCompare(with: $with, question: $question, facts: $facts) { unknown
    profiles { profile title version isInherited settings(status: OPEN) { name } }
    answers { probe question ask about differs decisions { profile outcome cites { rule } } }
    subjects(differing: $differing, first: 100) { about label differs sides { profile rules { id } } } } }"""


def compared(client: Client, *others: str, as_: str = "hn-team-member", **more: Any) -> dict[str, Any]:
    return dict(client.ask(COMPARE, {"with": list(others), **more}, as_=as_)["profileCompare"])


def test_the_usual_questions_are_asked_of_each(reading_client: Client) -> None:
    found = compared(reading_client, "TW", "GD")

    assert [one["profile"] for one in found["profiles"]] == ["HN", "TW", "GD"]
    assert [row["probe"] for row in found["answers"]] == [probe.id for probe in probes()]
    four = next(row for row in found["answers"] if row["probe"] == "leave_4_days")
    assert four["differs"]
    assert [one["profile"] for one in four["decisions"]] == ["HN", "TW", "GD"]
    assert four["decisions"][0]["outcome"] == "ROUTE"
    assert four["decisions"][2]["outcome"] == "UNSPECIFIED"
    assert four["question"] == "第一书记请假 4 天，由谁批准？"


@pytest.mark.parametrize("name", ["", "X", "township_party_committee", "4" * 13, "村" * 64])
def test_what_names_nothing_is_told(reading_client: Client, name: str) -> None:
    found = compared(reading_client, name, "TW", as_="hn-auditor")

    assert found["unknown"] == [name]
    assert [one["profile"] for one in found["profiles"]] == ["HN", "TW"]


@pytest.mark.parametrize("name", ["村" * 65, "T\0W"])
def test_what_no_name_can_be_is_bad_input(reading_client: Client, name: str) -> None:
    (error,) = reading_client.post(COMPARE, {"with": [name]}, as_="hn-checker")["errors"]

    assert error["extensions"]["code"] == "BAD_USER_INPUT"


def test_open_settings_stand_beside_each_other(reading_client: Client) -> None:
    found = compared(reading_client, "MZ")["profiles"]

    for one in found:
        law = profile(one["profile"])
        assert [s["name"] for s in one["settings"]] == [n for n, s in law.settings.items() if not s.is_given]


def test_a_question_of_ones_own_is_asked_of_each(reading_client: Client) -> None:
    question = {"ask": "ACT", "about": "leave"}

    facts = {"who": ["first_secretary"], "leave_days": 1, "written": True}
    found = compared(reading_client, "TW", question=question, facts=facts)

    (row,) = found["answers"]
    assert (row["probe"], row["question"], row["about"]) == (None, None, "leave")
    assert len(row["decisions"]) == 2


def test_a_place_is_named_by_its_code(reading_client: Client) -> None:
    found = compared(reading_client, "621121000000", "440825000000")

    assert [one["profile"] for one in found["profiles"]] == ["HN", "TW", "GD"]


def test_one_profile_named_twice_stands_once(reading_client: Client) -> None:
    found = compared(reading_client, "HN", "TW", "621121000000", "TW")

    assert [one["profile"] for one in found["profiles"]] == ["HN", "TW"]


def test_what_nobody_has_published_is_told(reading_client: Client) -> None:
    found = compared(reading_client, "XX", "510000000000", "999999999999")

    assert found["unknown"] == ["XX", "510000000000", "999999999999"]
    assert [one["profile"] for one in found["profiles"]] == ["HN"]
    assert found["answers"]


def test_subjects_show_who_speaks_of_what(reading_client: Client) -> None:
    found = {one["about"]: one for one in compared(reading_client, "GD")["subjects"]}
    assert [bool(side["rules"]) for side in found["leave"]["sides"]] == [True, True]
    assert not found["leave"]["differs"]
    pair = found["responsibility_group>village"]
    assert ([bool(side["rules"]) for side in pair["sides"]], pair["differs"]) == ([True, False], True)

    differing = compared(reading_client, "GD", differing=True)["subjects"]

    assert differing
    assert all(one["differs"] for one in differing)


def test_a_place_without_a_document_compares_others(reading_client: Client) -> None:
    found = compared(reading_client, "HN", "TW", as_="p51-admin")

    assert [one["profile"] for one in found["profiles"]] == ["HN", "TW"]
    assert compared(reading_client, as_="p51-admin")["answers"] == []


def test_too_many_and_too_odd_are_refused(reading_client: Client) -> None:
    question = {"ask": "ACT", "about": "no_such_act"}
    asked: list[dict[str, Any]] = [
        {"with": ["A", "B", "C", "D", "E"]},
        {"with": ["x" * 65]},
        {"with": ["TW"], "question": question},
        {"with": ["TW"], "question": {"ask": "ACT", "about": "leave"}, "facts": [1]},
    ]
    for variables in asked:
        answer = reading_client.post(COMPARE, variables, as_="hn-team-member")
        assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"], variables


def test_an_inherited_law_is_seen_from_where_it_was_published(reading_client: Client) -> None:
    of_county = compared(reading_client, "TW", as_="gd-team-member")["profiles"]

    assert [(one["profile"], one["isInherited"]) for one in of_county] == [("GD", True), ("TW", False)]
