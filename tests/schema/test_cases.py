"""The decision cases asked through GraphQL, in the county that lives under the document: same answers.

tests/policies/test_cases.py holds the pure rules to the cases; here the door is held to the pure rules.
"""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from policies.cases import Case, filled
from policies.decisions import Decision
from tenants import decisions
from tenants.profiles import LawInForce
from tests.client import Client
from tests.conftest import UNLIMITED, Database, serving
from tests.front_door import record
from tests.schema.decided import (
    AS_PUBLISHED,
    ASK,
    CASES,
    FILLED,
    SHAPES,
    WHO_ASKS,
    as_graphql,
    asked,
    name,
    pure,
    typed,
)


@pytest.fixture(scope="module")
def reading_client(shared_demo_database: Database) -> Iterator[Client]:
    """Hundreds of cases within seconds: more than anybody may ask."""
    with serving(shared_demo_database, **UNLIMITED) as client:
        yield client


@pytest.mark.parametrize("case", AS_PUBLISHED, ids=name)
def test_the_door_answers_as_the_rules_do(reading_client: Client, case: Case) -> None:
    answer = asked(reading_client, case)
    shapes = typed(answer)

    assert answer == as_graphql(pure(case))
    kind = (answer["body"] or {}).get("kind")
    assert [name for name, shape in shapes.items() if shape is not None] == [n for n in SHAPES if n == kind]
    assert leaves(shapes.get(kind)) <= leaves(answer["body"])


@pytest.mark.parametrize("case", FILLED, ids=name)
def test_what_a_county_has_filled_in_is_used_and_shown(
    reading_client: Client, case: Case, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ask_filled(place_id: UUID, law: LawInForce, *question: Any) -> Decision:
        assert law.law is not None
        return as_it_is(place_id, replace(law, law=filled(law.law, case)), *question)

    as_it_is = decisions.ask_in
    monkeypatch.setattr(decisions, "ask_in", ask_filled)
    answer = asked(reading_client, case)
    typed(answer)

    assert answer == as_graphql(pure(case))


def leaves(data: Any) -> set[Any]:
    """Every value in it, enumerations by the values of the law."""
    if isinstance(data, dict | list):
        return set().union(*(leaves(part) for part in (data.values() if isinstance(data, dict) else data)))
    return {data.lower() if isinstance(data, str) and data.isupper() else data} - {None}


def test_asking_leaves_no_trace(reading_client: Client, shared_demo_database: Database) -> None:
    before = record(shared_demo_database)

    asked(reading_client, AS_PUBLISHED[0])

    assert record(shared_demo_database) == before


def test_each_county_answers_one_question_from_its_own_document(reading_client: Client) -> None:
    one_question = [case for case in CASES if case.seed == "SX.1"]

    answers = {case.profile: asked(reading_client, case) for case in one_question}

    assert {profile: answer["outcome"] for profile, answer in answers.items()} == {
        "HN": "ROUTE",
        "GD": "UNSPECIFIED",
        "SC": "UNSPECIFIED",
        "TW": "ROUTE",
        "MZ": "UNSPECIFIED",
    }
    assert {profile: answer["profile"] for profile, answer in answers.items()} == {p: p for p in WHO_ASKS}


@pytest.mark.parametrize(
    ("_case", "question", "facts"),
    [
        ("词汇里没有的情况", {"ask": "ACT", "about": "leave"}, {"moon_phase": 1}),
        ("天数写成文字", {"ask": "ACT", "about": "leave"}, {"leave_days": "four"}),
        ("天数不是半天的倍数", {"ask": "ACT", "about": "leave"}, {"leave_days": 2.55}),
        ("负的天数", {"ask": "ACT", "about": "leave"}, {"leave_days": -1}),
        ("大得不像天数", {"ask": "ACT", "about": "leave"}, {"leave_days": 1e300}),
        ("身份不是词", {"ask": "ACT", "about": "leave"}, {"who": [["first_secretary"]]}),
        ("情况不是名和值", {"ask": "ACT", "about": "leave"}, [1]),
        ("问谁对谁，却只说了一方", {"ask": "NEEDED", "about": "responsibility_group"}, {}),
        ("问谁对谁，却没说谁", {"ask": "ASSIGNED", "about": ">village"}, {}),
    ],
)
def test_a_question_that_cannot_be_asked_is_the_askers_fault(
    reading_client: Client, _case: str, question: dict[str, str], facts: Any
) -> None:
    answer = reading_client.post(
        ASK, {"question": question, "facts": facts, "on": None}, as_="hn-team-member"
    )

    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert answer["data"] == {"decide": None}


def test_needs_tells_what_the_question_wants(reading_client: Client) -> None:
    query = """{ needs(question: {ask: ACT, about: "leave"}) {
        name label required type step source unit { label } } }"""

    wanted = reading_client.ask(query, as_="hn-team-member")["needs"]

    found = {fact.pop("name"): fact for fact in wanted}
    assert found.keys() == {"who", "leave_days", "written"}
    assert all(fact["label"] for fact in wanted)
    assert [found[name]["type"] for name in ("who", "leave_days", "written")] == ["TERM", "NUMBER", "TRUTH"]
    assert (found["leave_days"]["step"], found["leave_days"]["unit"]) == (0.5, {"label": "天"})
    assert reading_client.ask(query, as_="p51-admin")["needs"] == []
