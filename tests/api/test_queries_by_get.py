"""Queries in the address: what may be asked by GET, by whom, and what it can never do."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from httpx2 import Response

from api.replies import GRAPHQL_RESPONSE, JSON
from tests.client import Client
from tests.conftest import Database, serving
from tests.front_door import SUBMIT, record

LOGIN = "hn-first-secretary"
COUNT = "query ($first: Int!) { leaves(first: $first) { totalCount nodes { id } } }"
PAGE = "text/html,application/xhtml+xml,*/*;q=0.8"


@pytest.fixture
def client(shared_demo_database: Database) -> Iterator[Client]:
    with serving(shared_demo_database) as client:
        yield client


def get(client: Client, accept: str | None = JSON, as_: str | None = None, **parts: Any) -> Response:
    headers = {} if accept is None else {"accept": accept}
    if as_:
        headers["authorization"] = f"Bearer {client.token(as_)}"
    texts = {name: part if isinstance(part, str) else json.dumps(part) for name, part in parts.items()}
    return client.http.get("/graphql", params=texts, headers=headers)


def code(response: Response) -> str:
    return str(response.json()["errors"][0]["extensions"]["code"])


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (JSON, JSON),
        (GRAPHQL_RESPONSE, GRAPHQL_RESPONSE),
        (f"{GRAPHQL_RESPONSE}, {JSON};q=0.9", GRAPHQL_RESPONSE),
        ("*/*", JSON),
        (None, JSON),
    ],
)
def test_a_query_is_answered_as_by_post(client: Client, accept: str | None, media_type: str) -> None:
    response = get(client, accept, LOGIN, query=COUNT, variables={"first": 1})

    assert response.json()["data"] == client.ask(COUNT, {"first": 1}, as_=LOGIN)
    assert response.headers["content-type"] == f"{media_type}; charset=utf-8"
    assert response.headers["cache-control"] == "no-store"


def test_one_of_several_operations_is_chosen_by_name(client: Client) -> None:
    both = "query A { __typename } query B { terms(category: ROLE) { id } }"

    assert get(client, query=both, operationName="A", extensions={}).json()["data"] == {"__typename": "Query"}
    assert code(get(client, query=both, operationName="C")) == "OPERATION_RESOLUTION_FAILURE"


def test_a_mutation_never_comes_by_get(client: Client, shared_demo_database: Database) -> None:
    before = record(shared_demo_database)
    asked = {"input": {"beginsOn": "2018-06-18", "endsOn": "2018-06-21"}}

    for accept in (JSON, GRAPHQL_RESPONSE, None):
        response = get(client, accept, LOGIN, query=SUBMIT, variables=asked)
        assert (response.status_code, response.headers["allow"]) == (405, "POST")
        assert code(response) == "METHOD_NOT_ALLOWED"
    subscription = get(client, query="subscription { workQueueChanged { waitingCount } }", as_=LOGIN)
    assert subscription.status_code == 405

    assert record(shared_demo_database) == before
    assert client.ask(SUBMIT, asked, as_=LOGIN)["leaveSubmit"]["userErrors"] == []
    assert record(shared_demo_database) != before


@pytest.mark.parametrize(
    "accept", ["text/html", "image/avif,image/webp,*/*;q=0.8", "text/event-stream", "application/json;q=0"]
)
def test_what_means_no_answer_of_ours_gets_none(shared_demo_database: Database, accept: str) -> None:
    with serving(shared_demo_database, graphiql=False) as client:
        response = get(client, accept, LOGIN, query="{ viewer { name } }")

    assert (response.status_code, code(response)) == (406, "NOT_ACCEPTABLE")


def test_who_opens_the_address_sees_graphiql(client: Client) -> None:
    response = get(client, PAGE, query="{ viewer { name } }")

    assert response.headers["content-type"] == "text/html; charset=utf-8"


@pytest.mark.parametrize(
    "parts",
    [
        {},
        {"query": ""},
        {"query": "{ __typename }", "variables": "{"},
        {"query": "{ __typename }", "variables": "[]"},
        {"query": "{ __typename }", "variables": "1"},
        {"query": "{ __typename }", "extensions": "true"},
    ],
)
def test_an_address_that_asks_nothing_is_a_bad_request(client: Client, parts: dict[str, str]) -> None:
    response = get(client, **parts)

    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


def test_empty_parameters_are_as_good_as_none(client: Client) -> None:
    response = get(client, query="{ __typename }", variables="", extensions="null")

    assert response.json()["data"] == {"__typename": "Query"}


def test_a_site_of_another_origin_has_no_authority(client: Client) -> None:
    """There are no cookies: a browser adds nothing by itself that would say who is asking."""
    signed_in = get(client, query="{ viewer { name } }", as_=LOGIN)
    assert "set-cookie" not in signed_in.headers

    assert code(get(client, query="{ viewer { name } }")) == "UNAUTHENTICATED"


def test_it_can_be_switched_off(shared_demo_database: Database) -> None:
    with serving(shared_demo_database, queries_by_get=False, graphiql=False) as client:
        response = get(client, query="{ __typename }")

        assert (response.status_code, response.headers["allow"]) == (405, "POST")
        assert client.ask("{ __typename }") == {"__typename": "Query"}
