"""GraphQL over server-sent events: one operation per request, its answers as they come."""

import json
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx2
import pytest

from tests import conftest
from tests.api.running import Running, ask, running
from tests.conftest import Database
from tests.front_door import SUBMIT, rows

LOGIN = "hn-first-secretary"
COUNTS = "subscription { workQueueChanged { waitingCount } }"
VIEWER = "{ viewer { name } }"

Event = tuple[str, Any]


@pytest.fixture(scope="module")
def server(shared_demo_database: Database) -> Iterator[Running]:
    settings = {"ZEREN_SUBSCRIPTION_INTERVAL_SECONDS": "0.1", "ZEREN_LINES_PER_ACCOUNT": "2"}
    with running(shared_demo_database, conftest.tokens(), **settings) as served:
        yield served


@contextmanager
def streaming(client: httpx2.Client, query: str, **variables: Any) -> Iterator[Iterator[Event]]:
    body = {"query": query, "variables": variables}
    with client.stream("POST", "/graphql", json=body, headers={"accept": "text/event-stream"}) as response:
        assert response.headers["content-type"] == "text/event-stream; charset=utf-8"
        assert "no-store" in response.headers["cache-control"]
        yield events(response.iter_lines())


def events(lines: Iterator[str]) -> Iterator[Event]:
    for line in lines:
        if line.startswith("event: "):
            data = next(lines).removeprefix("data: ")
            yield line.removeprefix("event: "), json.loads(data) if data else None


def code(answer: Any) -> str:
    return str(answer["errors"][0]["extensions"]["code"])


def test_a_single_answer_is_one_event(server: Running) -> None:
    client = server.asking(LOGIN)

    with streaming(client, VIEWER) as stream:
        (event, answer), end = stream
        assert (event, answer["data"]) == ("next", ask(client, VIEWER)["data"])
        assert end == ("complete", None)


def test_a_watcher_hears_what_stands_and_then_what_changes(server: Running) -> None:
    with streaming(server.asking("hn-unit-head"), COUNTS) as stream:
        first = next(stream)[1]["data"]["workQueueChanged"]["waitingCount"]

        asked = {"beginsOn": "2018-06-18", "endsOn": "2018-06-21"}
        submitted = ask(server.asking(LOGIN), SUBMIT, input=asked)

        assert submitted["data"]["leaveSubmit"]["userErrors"] == []
        event, answer = next(stream)
        assert (event, answer["data"]) == ("next", {"workQueueChanged": {"waitingCount": first + 1}})


def test_a_session_that_has_ended_ends_the_stream(server: Running, shared_demo_database: Database) -> None:
    with streaming(server.asking("tw-first-secretary"), COUNTS) as stream:
        assert next(stream)[0] == "next"

        rows(
            shared_demo_database,
            "UPDATE sessions SET ended_at = now()"
            " WHERE account_id = (SELECT id FROM accounts WHERE login = 'tw-first-secretary')",
        )

        rest = list(stream)
    assert [event for event, _ in rest] == ["next", "complete"]
    assert code(rest[0][1]) == "UNAUTHENTICATED"


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{", "GRAPHQL_PARSE_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("mutation { a: sessionEnd { __typename } b: sessionEnd { __typename } }", "MUTATION_NOT_SINGLE"),
        (COUNTS, "UNAUTHENTICATED"),
    ],
)
def test_what_is_refused_is_an_event_too(server: Running, query: str, expected: str) -> None:
    with streaming(server.asking(), query) as stream:
        told = list(stream)

    assert [event for event, _ in told] == ["next", "complete"]
    assert code(told[0][1]) == expected


def test_messages_are_in_the_language_of_the_client(server: Running) -> None:
    client = server.asking()
    client.headers["accept-language"] = "en"

    with streaming(client, VIEWER) as stream:
        assert next(stream)[1]["errors"][0]["message"] == "Please sign in"


def test_a_body_that_is_no_operation_is_refused_before_the_stream(server: Running) -> None:
    answer = server.asking().post(
        "/graphql", content=b"{", headers=STREAM | {"content-type": "application/json"}
    )

    assert (answer.status_code, code(answer.json())) == (400, "BAD_REQUEST")


STREAM = {"accept": "text/event-stream"}


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_streams_are_not_shared(server: Running, method: str) -> None:
    """The mode of single connections reserves a stream by PUT; it is not offered."""
    answer = server.asking(LOGIN).request(method, "/graphql", headers=STREAM)

    assert answer.status_code in (405, 406)


def test_a_stream_is_a_line_of_its_account_until_it_is_hung_up(server: Running) -> None:
    def waiting() -> httpx2.Client:
        return server.asking("sc-first-secretary")

    with ExitStack() as held:
        streams = [held.enter_context(streaming(waiting(), COUNTS)) for _ in range(2)]
        assert [next(stream)[0] for stream in streams] == ["next", "next"]
        third = waiting().post("/graphql", json={"query": VIEWER}, headers=STREAM)
        assert (third.status_code, code(third.json())) == (429, "TOO_MANY_LINES")
        assert "errors" not in ask(waiting(), VIEWER)

    for _ in range(50):
        again = waiting().post("/graphql", json={"query": VIEWER}, headers=STREAM)
        if again.status_code == 200:
            break
        time.sleep(0.1)
    assert again.status_code == 200
