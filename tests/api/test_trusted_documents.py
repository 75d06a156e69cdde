"""Trusted documents: by their id over every transport, and alone where it is enforced. A manifest that is
wrong stops the server before it serves."""

import hashlib
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from api.trusted import BadManifest, Mode, trusted_documents
from schema.root import schema
from tests.client import Client
from tests.conftest import Database, serving

LOGIN = "hn-first-secretary"
NAME = "query Name { viewer { name } }"
MARK = "mutation Mark($ids: [ID!]!) { noticesRead(ids: $ids) { unreadCount } }"
WATCH = "subscription Watch { workQueueChanged { unreadCount } }"
OTHER = "{ viewer { day } }"


def id_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def codegen(*texts: str) -> dict[str, Any]:
    return {id_of(text): text for text in texts}


def apollo(*texts: str) -> dict[str, Any]:
    operations = [{"id": id_of(text), "body": text, "name": "N", "type": "query"} for text in texts]
    return {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations}


Manifest = Callable[[Any], Path]


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    def written(told: Any) -> Path:
        path = tmp_path / "documents.json"
        path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
        return path

    return written


@pytest.fixture(params=["off", "enforce"])
def either(
    request: pytest.FixtureRequest, shared_demo_database: Database, manifest: Manifest
) -> Iterator[Client]:
    path, mode = manifest(codegen(NAME, MARK, WATCH)), Mode(request.param)
    with serving(shared_demo_database, trusted_documents=path, trusted_documents_mode=mode) as client:
        yield client


@pytest.fixture
def free(shared_demo_database: Database, manifest: Manifest) -> Iterator[Client]:
    path = manifest(codegen(NAME, MARK, WATCH))
    with serving(shared_demo_database, trusted_documents=path) as client:
        yield client


@pytest.fixture
def enforcing(shared_demo_database: Database, manifest: Manifest) -> Iterator[Client]:
    path, mode = manifest(codegen(NAME, MARK, WATCH)), Mode.ENFORCE
    with serving(shared_demo_database, trusted_documents=path, trusted_documents_mode=mode) as client:
        yield client


def post(client: Client, **parts: Any) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {client.token(LOGIN)}"}
    answer: dict[str, Any] = client.http.post("/graphql", json=parts, headers=headers).json()
    return answer


def code(answer: dict[str, Any]) -> str:
    return str(answer["errors"][0]["extensions"]["code"])


def persisted(text: str) -> dict[str, Any]:
    return {"persistedQuery": {"version": 1, "sha256Hash": id_of(text)}}


@pytest.mark.parametrize(
    "parts",
    [
        {"documentId": id_of(NAME)},
        {"documentId": f"sha256:{id_of(NAME)}"},
        {"documentId": id_of(NAME).upper()},
        {"extensions": persisted(NAME)},
        {"query": NAME, "extensions": persisted(NAME)},
        {"query": NAME},
    ],
    ids=[
        "id",
        "id with its algorithm",
        "id in capitals",
        "as Apollo sends it",
        "with its text",
        "text alone",
    ],
)
def test_a_trusted_document_runs_however_it_is_named(either: Client, parts: dict[str, Any]) -> None:
    assert post(either, **parts)["data"] == {"viewer": {"name": "演示第一书记"}}


@pytest.mark.parametrize("parts", [{"documentId": id_of(OTHER)}, {"extensions": persisted(OTHER)}])
def test_an_id_that_no_manifest_has_is_unknown(either: Client, parts: dict[str, Any]) -> None:
    assert code(post(either, **parts)) == "PERSISTED_QUERY_NOT_FOUND"


def test_a_client_registers_nothing(free: Client) -> None:
    """Text and id together run where texts may, and leave the id as unknown as before."""
    assert post(free, query=OTHER, extensions=persisted(OTHER))["data"] == {"viewer": {"day": "2018-06-15"}}
    assert code(post(free, extensions=persisted(OTHER))) == "PERSISTED_QUERY_NOT_FOUND"


def test_a_text_that_is_not_the_ids_is_malformed(free: Client) -> None:
    assert code(post(free, query=OTHER, extensions=persisted(NAME))) == "BAD_REQUEST"
    assert code(post(free, documentId="no id")) == "BAD_REQUEST"
    assert code(post(free, documentId=7)) == "BAD_REQUEST"
    assert code(post(free)) == "BAD_REQUEST"


FURTHER = [OTHER, NAME + " ", "{ __schema { types { name } } }"]


@pytest.mark.parametrize("text", FURTHER)
def test_where_it_is_not_enforced_other_documents_run(free: Client, text: str) -> None:
    assert "errors" not in post(free, query=text)


@pytest.mark.parametrize("text", FURTHER)
def test_where_it_is_enforced_nothing_else_runs(enforcing: Client, text: str) -> None:
    assert code(post(enforcing, query=text)) == "DOCUMENT_NOT_TRUSTED"
    assert code(post(enforcing, query=text, extensions=persisted(text))) == "DOCUMENT_NOT_TRUSTED"


def test_commands_run_by_their_id_with_their_variables(enforcing: Client) -> None:
    answer = post(enforcing, documentId=id_of(MARK), variables={"ids": []})

    assert answer["data"]["noticesRead"] == {"unreadCount": 0}
    assert code(post(enforcing, documentId=id_of(MARK), variables={})) == "BAD_USER_INPUT"


def test_by_get(enforcing: Client) -> None:
    headers = {"authorization": f"Bearer {enforcing.token(LOGIN)}", "accept": "application/json"}

    def got(**parts: str) -> dict[str, Any]:
        answer: dict[str, Any] = enforcing.http.get("/graphql", params=parts, headers=headers).json()
        return answer

    assert got(documentId=id_of(NAME))["data"] == {"viewer": {"name": "演示第一书记"}}
    assert got(extensions=json.dumps(persisted(NAME)))["data"] == {"viewer": {"name": "演示第一书记"}}
    assert code(got(query=OTHER)) == "DOCUMENT_NOT_TRUSTED"
    assert code(got(documentId=id_of(OTHER))) == "PERSISTED_QUERY_NOT_FOUND"
    assert code(got(documentId=id_of(MARK))) == "METHOD_NOT_ALLOWED"


def test_over_a_socket(enforcing: Client) -> None:
    with enforcing.http.websocket_connect("/graphql", subprotocols=["graphql-transport-ws"]) as socket:
        token = f"Bearer {enforcing.token(LOGIN)}"
        socket.send_json({"type": "connection_init", "payload": {"authorization": token}})
        assert socket.receive_json() == {"type": "connection_ack"}

        def told(id_: str, **payload: Any) -> dict[str, Any]:
            socket.send_json({"type": "subscribe", "id": id_, "payload": payload})
            message: dict[str, Any] = socket.receive_json()
            return message

        answer = told("1", documentId=id_of(NAME))
        assert answer["payload"]["data"] == {"viewer": {"name": "演示第一书记"}}
        assert socket.receive_json() == {"type": "complete", "id": "1"}
        refused = told("2", query=OTHER)
        assert refused["type"] == "error"
        assert refused["payload"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"
        watched = told("3", extensions=persisted(WATCH))
        assert watched["payload"]["data"] == {"workQueueChanged": {"unreadCount": 0}}


def test_as_an_event_stream(enforcing: Client) -> None:
    headers = {"authorization": f"Bearer {enforcing.token(LOGIN)}", "accept": "text/event-stream"}

    def told(**parts: Any) -> str:
        return str(enforcing.http.post("/graphql", json=parts, headers=headers).text)

    assert "演示第一书记" in told(documentId=id_of(NAME))
    assert "DOCUMENT_NOT_TRUSTED" in told(query=OTHER)


@pytest.mark.parametrize("form", [codegen, apollo])
def test_the_manifests_of_the_usual_tools_are_read(manifest: Manifest, form: Callable[..., Any]) -> None:
    found = trusted_documents(manifest(form(NAME, MARK)), Mode.ENFORCE, schema)

    assert dict(found.texts) == codegen(NAME, MARK)
    assert found.enforced


def test_a_folder_of_manifests_is_read(tmp_path: Path) -> None:
    for number, text in enumerate((NAME, MARK)):
        (tmp_path / f"{number}.json").write_text(json.dumps(codegen(text)), encoding="utf-8")

    assert dict(trusted_documents(tmp_path, Mode.OFF, schema).texts) == codegen(NAME, MARK)


@pytest.mark.parametrize(
    ("told", "said"),
    [
        ({hashlib.sha1(NAME.encode(), usedforsecurity=False).hexdigest(): NAME}, "hashAlgorithm"),
        ({id_of(OTHER): NAME}, "is not the sha256"),
        (codegen("{ viewer {"), "Syntax"),
        (codegen("{ nothing }"), "nothing"),
        (codegen("{ " + " ".join(f"a{n}: __typename" for n in range(40)) + " }"), "aliases"),
        (["no manifest"], "no manifest"),
        ({"id": 7}, "no manifest"),
    ],
    ids=["sha1", "another id", "no GraphQL", "not of this schema", "beyond the limits", "a list", "no texts"],
)
def test_a_wrong_manifest_stops_the_start_and_says_why(manifest: Manifest, told: Any, said: str) -> None:
    with pytest.raises(BadManifest, match=r"documents\.json") as stopped:
        trusted_documents(manifest(told), Mode.OFF, schema)

    assert said in str(stopped.value)


def test_enforcing_without_a_manifest_stops_the_start() -> None:
    with pytest.raises(BadManifest, match="ZEREN_TRUSTED_DOCUMENTS"):
        trusted_documents(None, Mode.ENFORCE, schema)
    assert not trusted_documents(None, Mode.OFF, schema).enforced


def test_a_manifest_that_is_not_there_stops_the_start(tmp_path: Path) -> None:
    with pytest.raises(BadManifest, match=r"missing\.json"):
        trusted_documents(tmp_path / "missing.json", Mode.OFF, schema)
