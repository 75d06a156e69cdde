"""What may be asked of the law through `decide` and `needs`: a slip of the pen is not told as silence."""

from typing import Any

import pytest

from tests.client import Client

DECIDE = """
query ($ask: Ask!, $about: String!, $facts: JSON) {
  decide(question: {ask: $ask, about: $about}, facts: $facts) { outcome gaps { what label state } }
}
"""
NEEDS = "query ($ask: Ask!, $about: String!) { needs(question: {ask: $ask, about: $about}) { name } }"
FOUR_DAYS = {"who": ["first_secretary"], "leave_days": 4, "written": True}
MEMBER, NO_LAW = "hn-team-member", "p51-admin"


def refused(client: Client, query: str, as_: str, language: str, **question: Any) -> str:
    answer = client.post(query, question, as_=as_, accept_language=language)
    (error,) = answer["errors"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}
    assert answer["data"] in (None, {"decide": None})
    return str(error["message"])


def answered(client: Client, as_: str = MEMBER, **question: Any) -> dict[str, Any]:
    return dict(client.ask(DECIDE, question, as_=as_)["decide"])


SLIPS = [
    (
        {"ask": "ACT", "about": "leave", "facts": {"who": ["team_member"]}},
        'who（申请人的身份）里没有 "team_member" 这个词，是不是 village_team_member（驻村工作队员）？',
        'who: unknown word "team_member", did you mean village_team_member?',
    ),
    (
        {"ask": "ACT", "about": "leave", "facts": {"who": ["第一书记"]}},
        'who（申请人的身份）里没有 "第一书记" 这个词，是不是 first_secretary（第一书记）？',
        'who: unknown word "第一书记", did you mean first_secretary?',
    ),
    (
        {"ask": "ACT", "about": "leave", "facts": {"who": {"first_secretary": 1}}},
        'who（申请人的身份）应是一个词或几个词的列表，收到 {"first_secretary": 1}',
        'who is a word or a list of words (given {"first_secretary": 1})',
    ),
    (
        {"ask": "ACT", "about": "leave", "facts": {"leave_days": 0}},
        "leave_days（请假天数）最少 0.5 天，最小单位 0.5 天，收到 0",
        "leave_days is at least 0.5 day, in steps of 0.5 day (given 0)",
    ),
    (
        {"ask": "ACT", "about": "leave", "facts": {"leave_days": True}},
        "leave_days（请假天数）应是数字，收到 true",
        "leave_days is a number (given true)",
    ),
    (
        {"ask": "ACT", "about": "leave", "facts": {"请假天数": 3}},
        '没有 "请假天数" 这项情况，是不是 leave_days（请假天数）？',
        'unknown fact "请假天数", did you mean leave_days?',
    ),
    (
        {"ask": "ACT", "about": "leave", "facts": [1]},
        'facts 应是名称和值的对象，如 {"leave_days": 3}，收到 [1]',
        'facts is an object of names and values, such as {"leave_days": 3} (given [1])',
    ),
    (
        {"ask": "ACT", "about": "leav", "facts": {}},
        '没有 "leav" 这个事项，是不是 leave（请假）？',
        'no such act: "leav", did you mean leave?',
    ),
    (
        {"ask": "MEASURE", "about": "leave", "facts": {}},
        '没有 "leave" 这个指标',
        'no such metric: "leave"',
    ),
    (
        {"ask": "NEEDED", "about": "驻村工作队>village", "facts": {}},
        '词汇表里没有 "驻村工作队" 这个词，是不是 village_team（驻村工作队）？',
        'unknown word "驻村工作队" in about, did you mean village_team?',
    ),
]


@pytest.mark.parametrize(("question", "zh", "en"), SLIPS, ids=lambda given: str(given)[:40])
@pytest.mark.parametrize("as_", [MEMBER, NO_LAW])
def test_a_slip_is_told_in_the_language_of_the_caller(
    reading_client: Client, as_: str, question: dict[str, Any], zh: str, en: str
) -> None:
    assert refused(reading_client, DECIDE, as_, "zh-CN", **question).startswith(f"输入有误：{zh}")
    assert refused(reading_client, DECIDE, as_, "en", **question).startswith(f"Bad input: {en}")


@pytest.mark.parametrize("as_", [MEMBER, NO_LAW])
def test_the_facts_for_what_no_document_can_speak_of_are_not_listed(reading_client: Client, as_: str) -> None:
    message = refused(reading_client, NEEDS, as_, "en", ask="ACT", about="leav")

    assert message == 'Bad input: no such act: "leav", did you mean leave?'
    assert {"name": "who"} in reading_client.ask(NEEDS, {"ask": "ACT", "about": "leave"}, as_=MEMBER)["needs"]


def test_the_metrics_that_there_are_are_told(reading_client: Client) -> None:
    asked = {"ask": "MEASURE", "about": "leave", "facts": {}}

    assert "residence_days（在岗天数）" in refused(reading_client, DECIDE, MEMBER, "zh-CN", **asked)


def test_the_same_question_rightly_written_is_answered(reading_client: Client) -> None:
    right = {"ask": "ACT", "about": "leave", "facts": FOUR_DAYS}

    assert answered(reading_client, **right) == {"outcome": "ROUTE", "gaps": []}
    assert answered(reading_client, NO_LAW, **right) == {
        "outcome": "UNSPECIFIED",
        "gaps": [{"what": "leave", "label": "请假", "state": "ABSENT"}],
    }


@pytest.mark.parametrize(
    ("question", "label"),
    [
        ({"ask": "ACT", "about": "leave", "facts": FOUR_DAYS | {"who": ["village_party_secretary"]}}, "请假"),
        ({"ask": "ACT", "about": "reassignment"}, "抽调或安排其他工作"),
        ({"ask": "NEEDED", "about": "village_team>village"}, "驻村工作队>村"),
    ],
    ids=lambda given: str(given)[:40],
)
def test_known_words_of_which_the_document_does_not_speak_are_answered(
    reading_client: Client, question: dict[str, Any], label: str
) -> None:
    answer = answered(reading_client, **question)

    assert answer["outcome"] == "UNSPECIFIED"
    assert [(gap["label"], gap["state"]) for gap in answer["gaps"]] == [(label, "ABSENT")]


def test_a_metric_that_this_document_lacks_is_silence(reading_client: Client) -> None:
    question = {"ask": "MEASURE", "about": "residence_days", "facts": {}}

    assert answered(reading_client, **question)["outcome"] == "INCOMPLETE"
    assert answered(reading_client, "sc-team-member", **question)["outcome"] == "UNSPECIFIED"


def test_a_gap_has_the_documents_name_for_it(reading_client: Client) -> None:
    asked = {"ask": "ACT", "about": "leave", "facts": FOUR_DAYS}

    labels = {
        gap["what"]: gap["label"] for gap in answered(reading_client, "tw-team-member", **asked)["gaps"]
    }

    assert labels == {"leave_bands": "请销假的天数界线"}
