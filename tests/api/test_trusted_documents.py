"""Trusted documents: by their id over every transport, and alone where it is enforced."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from api.replies import GRAPHQL_RESPONSE, JSON
from api.trusted import Mode
from schema.charges import REFUSED_DOCUMENT
from tests.api.manifests import codegen, id_of, written
from tests.client import Client
from tests.conftest import Database, serving

LOGIN = "hn-first-secretary"
NAME = "query Name { viewer { name } }"
MARK = "mutation Mark($ids: [ID!]!) { noticesRead(ids: $ids) { unreadCount } }"
WATCH = "subscription Watch { workQueueChanged { unreadCount } }"
LOOK = "{ __schema { queryType { name } } }"
OTHER = "{ viewer { day } }"
THE_NAME = {"viewer": {"name": "演示第一书记"}}


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    return written(tmp_path / "documents.json", codegen(NAME, MARK, WATCH))


@pytest.fixture(params=Mode)
def either(
    request: pytest.FixtureRequest, shared_demo_database: Database, manifest: Path
) -> Iterator[Client]:
    with trusting(shared_demo_database, manifest, request.param) as client:
        yield client


@pytest.fixture
def free(shared_demo_database: Database, manifest: Path) -> Iterator[Client]:
    with trusting(shared_demo_database, manifest, Mode.OFF) as client:
        yield client


@pytest.fixture
def enforcing(shared_demo_database: Database, manifest: Path) -> Iterator[Client]:
    with trusting(shared_demo_database, manifest, Mode.ENFORCE) as client:
        yield client


@pytest.fixture
def untrusting(shared_demo_database: Database) -> Iterator[Client]:
    with serving(shared_demo_database) as client:
        yield client


@contextmanager
def trusting(database: Database, manifest: Path, mode: Mode, **more: object) -> Iterator[Client]:
    with serving(database, trusted_documents=manifest, trusted_documents_mode=mode, **more) as client:
        yield client


def headers_of(client: Client, accept: str) -> dict[str, str]:
    return {"authorization": f"Bearer {client.token(LOGIN)}", "accept": accept}


def post(client: Client, **parts: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.http.post("/graphql", json=parts, headers=headers_of(client, JSON)).json()
    return answer


def get(client: Client, **parts: str) -> dict[str, Any]:
    answer: dict[str, Any] = client.http.get(
        "/graphql", params=parts, headers=headers_of(client, JSON)
    ).json()
    return answer


def streamed(client: Client, **parts: Any) -> dict[str, Any]:
    """The first event."""
    headers = headers_of(client, "text/event-stream")
    events = client.http.post("/graphql", json=parts, headers=headers).text.splitlines()
    answer: dict[str, Any] = json.loads(events[1].removeprefix("data: "))
    return answer


def over_a_socket(client: Client, **parts: Any) -> dict[str, Any]:
    token = {"authorization": f"Bearer {client.token(LOGIN)}"}
    with client.http.websocket_connect("/graphql", subprotocols=["graphql-transport-ws"]) as socket:
        socket.send_json({"type": "connection_init", "payload": token})
        assert socket.receive_json() == {"type": "connection_ack"}
        socket.send_json({"type": "subscribe", "id": "1", "payload": parts})
        message = socket.receive_json()
    return {"errors": message["payload"]} if message["type"] == "error" else dict(message["payload"])


def by_address(client: Client, **parts: Any) -> dict[str, Any]:
    texts = {name: part if isinstance(part, str) else json.dumps(part) for name, part in parts.items()}
    return get(client, **texts)


Ask = Callable[..., dict[str, Any]]
TRANSPORTS = {"POST": post, "GET": by_address, "events": streamed, "socket": over_a_socket}
every_transport = pytest.mark.parametrize("ask", TRANSPORTS.values(), ids=TRANSPORTS)


def code(answer: dict[str, Any]) -> str:
    assert "data" not in answer
    return str(answer["errors"][0]["extensions"]["code"])


def message(answer: dict[str, Any]) -> str:
    return str(answer["errors"][0]["message"])


def persisted(id_: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": id_}}


NAMED: dict[str, dict[str, Any]] = {
    "id": {"documentId": id_of(NAME)},
    "id with its algorithm": {"documentId": f"sha256:{id_of(NAME)}"},
    "id in capitals": {"documentId": id_of(NAME).upper()},
    "as Apollo's client sends it": {"extensions": persisted(id_of(NAME))},
    "as Apollo's client sends what codegen wrote": {"extensions": persisted(f"sha256:{id_of(NAME)}")},
    "in both ways": {"documentId": id_of(NAME), "extensions": persisted(id_of(NAME))},
    "with its text": {"query": NAME, "extensions": persisted(id_of(NAME))},
    "text alone": {"query": NAME},
    "text with other extensions": {"query": NAME, "extensions": {"persistedQuery": None, "trace": "1"}},
}


@pytest.mark.parametrize("parts", NAMED.values(), ids=NAMED)
def test_a_trusted_document_runs_however_it_is_named(either: Client, parts: dict[str, Any]) -> None:
    assert post(either, **parts)["data"] == THE_NAME


@every_transport
def test_every_transport_runs_what_is_trusted_and_knows_no_other_id(either: Client, ask: Ask) -> None:
    for parts in ({"documentId": f"sha256:{id_of(NAME)}"}, {"extensions": persisted(id_of(NAME))}):
        assert ask(either, **parts)["data"] == THE_NAME
    for parts in ({"documentId": f"sha256:{id_of(OTHER)}"}, {"extensions": persisted(id_of(OTHER))}):
        assert code(ask(either, **parts)) == "PERSISTED_QUERY_NOT_FOUND"


@every_transport
def test_a_text_is_the_ids_or_the_request_is_malformed(either: Client, ask: Ask) -> None:
    assert ask(either, query=NAME, documentId=id_of(NAME))["data"] == THE_NAME

    mismatched = ask(either, query=OTHER, documentId=id_of(NAME))
    assert code(mismatched) == "BAD_REQUEST"
    assert message(mismatched).endswith("所给编号不是 query 原文的 sha256")


@every_transport
def test_where_it_is_enforced_no_other_text_runs(enforcing: Client, ask: Ask) -> None:
    assert ask(enforcing, query=NAME)["data"] == THE_NAME
    assert code(ask(enforcing, query=OTHER)) == "DOCUMENT_NOT_TRUSTED"
    # The id that Apollo's client sends along when it tries again registers nothing.
    assert code(ask(enforcing, query=OTHER, extensions=persisted(id_of(OTHER)))) == "DOCUMENT_NOT_TRUSTED"


@every_transport
def test_where_it_is_not_enforced_other_texts_run(free: Client, ask: Ask) -> None:
    assert ask(free, query=OTHER)["data"] == {"viewer": {"day": "2018-06-15"}}
    assert ask(free, query=LOOK)["data"] == {"__schema": {"queryType": {"name": "Query"}}}


OTHERS = [NAME + " ", "{ viewer { name } }", LOOK, "{ nothing }", "{"]


@pytest.mark.parametrize("text", OTHERS)
def test_a_space_makes_another_text_which_is_not_even_read(enforcing: Client, text: str) -> None:
    assert code(post(enforcing, query=text)) == "DOCUMENT_NOT_TRUSTED"


@pytest.mark.parametrize("text", OTHERS)
def test_the_same_texts_are_read_where_texts_are_free(free: Client, text: str) -> None:
    answer = post(free, query=text)

    assert "data" in answer or code(answer) in {"GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED"}


def test_a_client_registers_nothing(free: Client) -> None:
    """Text and id together run where texts may, and leave the id as unknown as before."""
    for ask in TRANSPORTS.values():
        assert "errors" not in ask(free, query=OTHER, extensions=persisted(id_of(OTHER)))
        assert code(ask(free, extensions=persisted(id_of(OTHER)))) == "PERSISTED_QUERY_NOT_FOUND"


MALFORMED: dict[str, dict[str, Any]] = {
    "no id": {"documentId": "Name"},
    "an id of sha1": {"documentId": "a" * 40},
    "of another algorithm": {"documentId": f"md5:{id_of(NAME)}"},
    "a number": {"documentId": 7},
    "empty": {"documentId": ""},
    "two ids": {"documentId": id_of(NAME), "extensions": persisted(id_of(MARK))},
    "a text and two ids": {
        "query": NAME,
        "documentId": id_of(NAME),
        "extensions": persisted(id_of(MARK)),
    },
    "an empty text": {"query": "", "documentId": id_of(NAME)},
    "another version": {"extensions": {"persistedQuery": {"version": 2, "sha256Hash": id_of(NAME)}}},
    "no version": {"extensions": {"persistedQuery": {"sha256Hash": id_of(NAME)}}},
    "no hash": {"extensions": {"persistedQuery": {"version": 1}}},
    "hash alone": {"extensions": {"persistedQuery": id_of(NAME)}},
    "nothing": {"extensions": {}},
}


@pytest.mark.parametrize("parts", MALFORMED.values(), ids=MALFORMED)
def test_what_names_no_document_is_malformed(untrusting: Client, parts: dict[str, Any]) -> None:
    response = untrusting.http.post("/graphql", json=parts, headers=headers_of(untrusting, JSON))

    assert (response.status_code, code(response.json())) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    ("accept", "status"), [(GRAPHQL_RESPONSE, 400), (JSON, 200)], ids=[GRAPHQL_RESPONSE, JSON]
)
def test_refusals_have_the_status_of_a_refused_document(enforcing: Client, accept: str, status: int) -> None:
    def answered(**parts: Any) -> tuple[int, str]:
        response = enforcing.http.post("/graphql", json=parts, headers=headers_of(enforcing, accept))
        return response.status_code, response.json().get("errors", [{}])[0].get("message", "")

    assert answered(documentId=id_of(NAME)) == (200, "")
    assert answered(documentId=id_of(OTHER)) == (status, "没有登记过这个编号的查询语句")
    assert answered(query=OTHER) == (status, "这里只执行事先登记的查询语句，不执行别的")


def test_refusals_are_told_in_english_too(enforcing: Client) -> None:
    headers = {**headers_of(enforcing, JSON), "accept-language": "en"}

    def told(**parts: Any) -> str:
        return message(enforcing.http.post("/graphql", json=parts, headers=headers).json())

    assert told(documentId=id_of(OTHER)) == "No document is registered under this id"
    assert told(query=OTHER) == "Only documents that were registered before run here"
    assert told(query=OTHER, documentId=id_of(NAME)).endswith(
        ": the id is not the sha256 of the text in query"
    )
    assert told(documentId="Name").endswith(": an id is the sha256 of its text, 64 hexadecimal digits")


def test_commands_run_by_their_id_with_their_variables(enforcing: Client) -> None:
    answer = post(enforcing, documentId=id_of(MARK), variables={"ids": []})

    assert answer["data"]["noticesRead"] == {"unreadCount": 0}
    assert code(post(enforcing, documentId=id_of(MARK), variables={})) == "BAD_USER_INPUT"
    assert code(get(enforcing, documentId=id_of(MARK))) == "METHOD_NOT_ALLOWED"


def test_a_subscription_is_watched_by_its_id(enforcing: Client) -> None:
    watched = over_a_socket(enforcing, extensions=persisted(id_of(WATCH)))

    assert watched["data"] == {"workQueueChanged": {"unreadCount": 0}}
    assert code(post(enforcing, documentId=id_of(WATCH))) == "OPERATION_RESOLUTION_FAILURE"


def test_a_refusal_leaves_the_other_operations_of_a_socket_alone(enforcing: Client) -> None:
    token = {"authorization": f"Bearer {enforcing.token(LOGIN)}"}
    with enforcing.http.websocket_connect("/graphql", subprotocols=["graphql-transport-ws"]) as socket:
        socket.send_json({"type": "connection_init", "payload": token})
        assert socket.receive_json() == {"type": "connection_ack"}
        for id_, parts in {"1": {"documentId": id_of(OTHER)}, "2": {"documentId": id_of(NAME)}}.items():
            socket.send_json({"type": "subscribe", "id": id_, "payload": parts})
        heard = {socket.receive_json()["type"] for _ in range(3)}

    assert heard == {"error", "next", "complete"}


def test_what_a_trusted_document_costs_is_charged(shared_demo_database: Database, manifest: Path) -> None:
    with trusting(shared_demo_database, manifest, Mode.ENFORCE, account_rate="2/0.001") as client:
        first, second, third = (post(client, documentId=id_of(NAME)) for _ in range(3))

    assert first["extensions"]["cost"]["requestedQueryCost"] == 1
    assert second["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 0
    assert code(third) == "RATE_LIMITED"


@pytest.mark.parametrize("parts", [{"documentId": id_of(OTHER)}, {"query": OTHER}], ids=["id", "text"])
def test_what_may_not_run_is_paid_for_like_any_refused_document(
    shared_demo_database: Database, manifest: Path, parts: dict[str, Any]
) -> None:
    rate = f"{2 * REFUSED_DOCUMENT}/0.001"
    with trusting(shared_demo_database, manifest, Mode.ENFORCE, account_rate=rate) as client:
        codes = [code(post(client, **parts)) for _ in range(3)]

    assert len(set(codes[:2])) == 1
    assert codes[0] in {"PERSISTED_QUERY_NOT_FOUND", "DOCUMENT_NOT_TRUSTED"}
    assert codes[2] == "RATE_LIMITED"


def test_without_a_manifest_texts_run_as_ever_and_every_id_is_unknown(untrusting: Client) -> None:
    for ask in TRANSPORTS.values():
        assert ask(untrusting, query=NAME)["data"] == THE_NAME
        assert ask(untrusting, query=NAME, extensions=persisted(id_of(NAME)))["data"] == THE_NAME
        assert code(ask(untrusting, documentId=id_of(NAME))) == "PERSISTED_QUERY_NOT_FOUND"
