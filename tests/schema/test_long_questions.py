"""Questions with much in them: priced by what they bring, refused quickly where it is too much, and never a
fault of ours."""

from json import dumps
from time import perf_counter
from typing import Any

import pytest

from policies.circumstances import LONGEST_HISTORY
from schema.root import documents, schema
from tests.client import Client

ASK = """query ($question: QuestionInput!, $facts: JSON, $on: Date) {
  decide(question: $question, facts: $facts, on: $on) { outcome } }"""
VISITS = {"ask": "DUTY", "about": "village_visit"}
LEAVE = {"ask": "ACT", "about": "leave"}
STEP = {"ask": "STEP", "about": "leave"}
DEEP: list[Any] = []
for _ in range(300):
    DEEP = [DEEP]


def price(facts: Any, text: str = ASK) -> int:
    checked = documents.read(schema._schema, text)
    assert checked.price is not None
    return checked.price.of(None, {"question": VISITS, "facts": facts})


def test_a_long_history_costs_more_than_a_short_one() -> None:
    entry = {"is": "village_visit", "on": "2018-06-01", "object": "v1"}

    short, long = price({"done": [entry]}), price({"done": [entry] * 1000})

    assert short == price({}) == price(None)
    assert 390 <= long - short <= 410


def test_a_history_costs_the_same_wherever_it_is_written() -> None:
    entries = ", ".join(['{is: "village_visit", on: "2018-06-01"}'] * 100)
    literal = '{ decide(question: {ask: DUTY, about: "village_visit"}, facts: {done: [%s]}) { outcome } }'
    defaulted = ASK.replace("$facts: JSON", f"$facts: JSON = {{done: [{entries}]}}")
    checked = documents.read(schema._schema, defaulted)
    assert checked.price is not None
    given = [{"is": "village_visit", "on": "2018-06-01"}] * 100

    prices = {
        price({"done": given}),
        price(None, literal % entries),
        checked.price.of(None, {"question": VISITS}),
    }

    assert max(prices) - min(prices) <= 1
    assert min(prices) >= price({}) + 30


@pytest.mark.parametrize(
    ("_case", "question", "facts", "on"),
    [
        ("经过太长", VISITS, {"done": ["village_visit"] * (LONGEST_HISTORY + 1)}, None),
        ("经过不是列表", VISITS, {"done": {"is": "village_visit"}}, None),
        ("经过的一条不是词", VISITS, {"done": [7]}, None),
        ("经过里嵌套太深", VISITS, {"done": DEEP}, None),
        ("情况嵌套太深", LEAVE, {"who": DEEP}, None),
        ("日期早于公元", VISITS, {"done": [{"is": "village_visit", "on": "0000-01-01"}]}, None),
        ("不是日期", VISITS, {"done": [{"is": "village_visit", "on": "20180601"}]}, None),
        ("数量是负的", VISITS, {"done": [{"is": "village_visit", "amount": -1}]}, None),
        ("数量大得没有边", VISITS, {"done": [{"is": "village_visit", "amount": 1e308}]}, None),
        ("没有这一项", VISITS, {"done": [{"is": "village_visit", "whom": "x"}]}, None),
        ("没有这个词", VISITS, {"done": [{"is": "moon_visit"}]}, None),
        ("空字符", VISITS, {"done": [{"is": "village_visit", "object": chr(0)}]}, None),
        ("词里有空字符", {"ask": "DUTY", "about": chr(0)}, {}, None),
        ("很长的词", {"ask": "FOLLOW", "about": "x" * 100_000}, {}, None),
        ("一对很多的词", {"ask": "NEEDED", "about": ">" * 100_000}, {}, None),
        (
            "步骤从0起",
            {"ask": "STEP", "about": "leave"},
            {"signed": [{"is": "unit_leader", "step": 0}]},
            None,
        ),
        ("年份太远", LEAVE, {}, "9999-12-31"),
        ("年份太早", LEAVE, {}, "0001-01-01"),
    ],
)
def test_what_cannot_be_meant_is_refused_quickly_in_both_languages(
    reading_client: Client, _case: str, question: dict[str, str], facts: Any, on: str | None
) -> None:
    said = []
    for language in ("zh-CN", "en"):
        variables = {"question": question, "facts": facts, "on": on}
        begun = perf_counter()
        answer = reading_client.post(ASK, variables, as_="tw-team-member", accept_language=language)
        assert perf_counter() - begun < 1
        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT", error
        said.append(error["message"])

    assert said[0] != said[1]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999999", "1" * 5000])
def test_a_number_that_is_none_is_refused(reading_client: Client, number: str) -> None:
    query = 'query ($f: JSON) { decide(question: {ask: ACT, about: "leave"}, facts: $f) { outcome } }'
    body = '{"query": %s, "variables": {"f": {"leave_days": %s}}}' % (dumps(query), number)  # noqa: UP031
    token = reading_client.token("hn-team-member")
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}

    answer = reading_client.http.post("/graphql", content=body, headers=headers)

    assert answer.status_code < 500
    assert answer.json()["errors"]


def test_a_long_history_is_answered(reading_client: Client) -> None:
    entry = {"is": "village_visit", "on": "2018-06-01"}
    facts = {"who": ["unit_leader"], "done": [entry] * 2000, "from": "2018-01-01", "to": "2018-12-31"}

    answer = reading_client.post(ASK, {"question": VISITS, "facts": facts, "on": None}, as_="tw-team-member")

    assert "errors" not in answer, answer
