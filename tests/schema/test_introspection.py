"""Who may ask the schema about itself: judged when it is known who asks, whichever way it is asked."""

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import get_introspection_query

from api.settings import Settings
from schema.introspection import Introspection
from tests.client import Client
from tests.conftest import Database, serving
from tests.front_door import person_of, rows

SCHEMA = "{ __schema { queryType { name } } }"
WAYS = {
    "schema": SCHEMA,
    "type": '{ __type(name: "Leave") { fields { name } } }',
    "alias": '{ typename: __type(name: "Leave") { name } }',
    "beside": "{ viewer { name } __schema { types { name } } }",
    "in a fragment": "{ ...a } fragment a on Query { ...b } fragment b on Query { __schema { __typename } }",
    "in an inline fragment": "{ ... { ... on Query { __schema { types { name } } } } }",
    "perhaps": "query ($yes: Boolean = true) { __schema @include(if: $yes) { types { name } } }",
    "everything": get_introspection_query(),
}
NOT_ABOUT_THE_SCHEMA = {
    "a typename": "{ __typename viewer { __typename } }",
    "in a comment": "# __schema\n{ viewer { name } }",
    "in a text": '{ decide(question: {ask: ACT, about: "leave"}, facts: {who: "__schema"}) { on } }',
    "as a value": '{ leaves(after: "__type") { totalCount } }',
}


@pytest.fixture
def guarded(shared_demo_database: Database) -> Iterator[Client]:
    with serving(shared_demo_database, introspection="permitted") as client:
        yield client


def codes(answer: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in answer.get("errors", ())]


@pytest.mark.parametrize("login", [None, "hn-first-secretary", "hn-county-secretary", "hn-auditor"])
def test_without_the_permission_the_schema_is_not_told(guarded: Client, login: str | None) -> None:
    for way, query in WAYS.items():
        for answer in (guarded.post(query, as_=login), guarded.watch(query, as_=login)):
            assert codes(answer) == ["INTROSPECTION_DISABLED"], way
            assert "data" not in answer


@pytest.mark.parametrize("login", ["hn-admin", "tw-admin", "p41-admin"])
def test_an_admin_is_told_the_schema(guarded: Client, login: str) -> None:
    for way, query in WAYS.items():
        for answer in (guarded.post(query, as_=login), guarded.watch(query, as_=login)):
            assert codes(answer) == [], way
            assert answer["data"]


def test_what_is_not_about_the_schema_is_answered(guarded: Client) -> None:
    for case, query in NOT_ABOUT_THE_SCHEMA.items():
        answer = guarded.post(query, as_="hn-first-secretary")
        assert set(codes(answer)) <= {"BAD_USER_INPUT"}, case


def test_only_the_operation_that_is_run_is_judged(guarded: Client) -> None:
    both = f"query A {SCHEMA} query B {{ __typename }}"

    told, not_told = (
        guarded.http.post("/graphql", json={"query": both, "operationName": name}).json() for name in "BA"
    )

    assert (codes(told), codes(not_told)) == ([], ["INTROSPECTION_DISABLED"])


def test_an_admin_whose_post_has_ended_is_not_told(demo_database: Database) -> None:
    end = "UPDATE posts SET ends_on = '2018-01-01' WHERE person_id = $1 RETURNING id"
    with serving(demo_database, introspection="permitted") as client:
        assert codes(client.post(SCHEMA, as_="hn-admin")) == []
        assert rows(demo_database, end, person_of(demo_database, "hn-admin"))
        assert codes(client.post(SCHEMA, as_="hn-admin")) == ["INTROSPECTION_DISABLED"]


def test_with_the_demonstration_everybody_may_look_around(shared_demo_database: Database) -> None:
    with serving(shared_demo_database) as client:
        assert client.ask(SCHEMA) == {"__schema": {"queryType": {"name": "Query"}}}


def test_nobody_means_nobody(shared_demo_database: Database) -> None:
    with serving(shared_demo_database, introspection="nobody") as client:
        assert codes(client.post(SCHEMA, as_="hn-admin")) == ["INTROSPECTION_DISABLED"]


def test_without_the_demonstration_it_takes_the_permission() -> None:
    assert Settings().introspects is Introspection.EVERYBODY
    assert Settings(demo=False).introspects is Introspection.PERMITTED
    for said in Introspection:
        assert Settings(demo=False, introspection=said).introspects is said
