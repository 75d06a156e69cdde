import asyncio
import resource
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
import strawberry
from httpx2 import Response
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.routing import Route
from starlette.testclient import TestClient

from api.body_limit import BodyLimit
from api.graphql import GraphQLView
from api.operations import Operations
from api.replies import GRAPHQL_RESPONSE, JSON
from schema.documents import Documents
from schema.errors import ErrorCode, Language, PublicError
from schema.execution import Run, Running, ZerenSchema

ended: list[str] = []


@strawberry.type
class Query:
    @strawberry.field
    def hello(self, name: str = "泽仁") -> str:
        return f"你好，{name}"

    @strawberry.field
    async def slow(self, seconds: float) -> str:
        await asyncio.sleep(seconds)
        return "done"

    @strawberry.field
    def boom(self) -> str:
        raise RuntimeError("boom")

    @strawberry.field
    def maybe(self) -> str | None:
        raise PublicError(ErrorCode.FORBIDDEN)


@strawberry.type
class Mutation:
    @strawberry.mutation
    def touch(self) -> str:
        return "touched"


async def transaction(running: Running, run: Run) -> None:
    """Stands for the transaction of an operation: notes how it ended."""
    try:
        await run()
    except BaseException as error:
        ended.append(f"rolled back by {type(error).__name__}")
        raise
    ended.append("committed")


def context(connection: HTTPConnection, authorization: str | None, language: Language) -> Any:
    if authorization == "Bearer stale":
        raise PublicError(ErrorCode.UNAUTHENTICATED)
    if authorization == "Bearer broken":
        raise LookupError("a bug in the door")
    return {"language": language}


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    schema = ZerenSchema(Query, Mutation, documents=Documents(), around=transaction)
    view = GraphQLView(Operations(schema, 0.2), context)
    limit = Middleware(BodyLimit, most_bytes=256 * 1024)
    with TestClient(Starlette(routes=[Route("/graphql", view)], middleware=[limit])) as client:
        yield client


@pytest.fixture(autouse=True)
def _nothing_ended() -> None:
    ended.clear()


def post(client: TestClient, query: str, accept: str = JSON, language: str = "zh", **more: Any) -> Response:
    headers = {"accept": accept, "accept-language": language}
    return client.post("/graphql", json={"query": query, **more}, headers=headers)


def send(client: TestClient, body: bytes, content_type: str | None = JSON) -> Response:
    return client.post(
        "/graphql", content=body, headers={"content-type": content_type} if content_type else {}
    )


def code(response: Response) -> str:
    return str(response.json()["errors"][0]["extensions"]["code"])


def test_an_answer_is_utf_8_and_not_stored(client: TestClient) -> None:
    response = post(client, "{hello}")

    assert response.content == '{"data":{"hello":"你好，泽仁"}}'.encode()
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/json; charset=utf-8"
    assert response.headers["content-language"] == "zh-CN"
    assert response.headers["vary"] == "Accept, Accept-Language"
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-content-type-options"] == "nosniff"


def test_variables_and_operation_names_are_heard(client: TestClient) -> None:
    query = "query A{hello} query B($n: String!){hello(name: $n)}"

    response = post(client, query, variables={"n": "双河"}, operationName="B", extensions={})

    assert response.json() == {"data": {"hello": "你好，双河"}}


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [
        ("application/json", JSON),
        ("application/graphql-response+json", GRAPHQL_RESPONSE),
        (
            "application/graphql-response+json; charset=utf-8, application/json; charset=utf-8",
            GRAPHQL_RESPONSE,
        ),
        ("application/json, application/graphql-response+json", JSON),
        ("application/json;q=0.5, application/graphql-response+json;q=0.9", GRAPHQL_RESPONSE),
        ("text/html, */*;q=0.1", JSON),
        ("application/*", JSON),
        ("*/*", JSON),
    ],
)
def test_the_answer_has_the_type_that_the_client_likes_best(
    client: TestClient, accept: str, content_type: str
) -> None:
    response = post(client, "{hello}", accept)

    assert response.headers["content-type"] == f"{content_type}; charset=utf-8"


@pytest.mark.parametrize("accept", ["text/html", "image/*", "application/json;q=0", ";;,,"])
def test_a_client_that_takes_no_answer_of_ours_gets_406(client: TestClient, accept: str) -> None:
    response = post(client, "{hello}", accept)

    assert (response.status_code, code(response)) == (406, "NOT_ACCEPTABLE")


@pytest.mark.parametrize(
    ("query", "more", "expected"),
    [
        ("{hello", {}, "GRAPHQL_PARSE_FAILED"),
        ("{unknown}", {}, "GRAPHQL_VALIDATION_FAILED"),
        ("query($n: String!){hello(name: $n)}", {"variables": {"n": 5}}, "BAD_USER_INPUT"),
        ("query A{hello}", {"operationName": "B"}, "OPERATION_RESOLUTION_FAILURE"),
        ("query A{hello} query B{hello}", {"operationName": ""}, "OPERATION_RESOLUTION_FAILURE"),
        ("mutation{touch again: touch}", {}, "MUTATION_NOT_SINGLE"),
        ("subscription{touch}", {}, "OPERATION_RESOLUTION_FAILURE"),
    ],
)
def test_an_operation_that_is_not_begun_is_400_without_data(
    client: TestClient, query: str, more: dict[str, Any], expected: str
) -> None:
    new = post(client, query, GRAPHQL_RESPONSE, **more)
    old = post(client, query, JSON, **more)

    assert (new.status_code, code(new), "data" in new.json()) == (400, expected, False)
    assert (old.status_code, code(old), "data" in old.json()) == (200, expected, False)


@pytest.mark.parametrize("query", ["{hello", "{unknown}", "mutation{touch again: touch}", "{__schema"])
def test_a_refused_document_opens_no_transaction(client: TestClient, query: str) -> None:
    post(client, query)
    assert ended == []

    post(client, "mutation{touch}")
    assert ended == ["committed"]


def test_an_operation_that_is_begun_is_200_with_data(client: TestClient) -> None:
    response = post(client, "{hello maybe}", GRAPHQL_RESPONSE)

    assert (response.status_code, code(response)) == (200, "FORBIDDEN")
    assert response.json()["data"] == {"hello": "你好，泽仁", "maybe": None}


BODIES: dict[str, bytes] = {
    "空": b"",
    "不是 JSON": b"{query}",
    "不是 UTF-8": '{"query": "{hello}"}'.encode("utf-16"),
    "五万层": b"[" * 50_000,
    "五万层的变量": b'{"query":"{hello}","variables":{"a":' + b"[" * 50_000 + b"]" * 50_000 + b"}}",
    "批量": b'[{"query":"{hello}"}]',
    "字符串": b'"{hello}"',
    "数字": b"1",
    "空值": b"null",
    "没有查询": b"{}",
    "查询是空白": b'{"query": "  "}',
    "查询是数字": b'{"query": 1}',
    "操作名是数字": b'{"query":"{hello}","operationName":1}',
    "变量是数组": b'{"query":"{hello}","variables":[]}',
    "扩展是字符串": b'{"query":"{hello}","extensions":"x"}',
    "半个代理对": b'{"query":"{hello}","variables":{"a":"\\ud800"}}',
}


@pytest.mark.parametrize("case", BODIES)
def test_a_body_that_is_no_operation_is_400(client: TestClient, case: str) -> None:
    response = send(client, BODIES[case])

    assert (response.status_code, code(response)) == (400, "BAD_REQUEST")


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "text/plain",
        "application/graphql",
        "multipart/form-data; boundary=x",
        "application/json; charset=gbk",
    ],
)
def test_a_body_of_another_type_is_415(client: TestClient, content_type: str | None) -> None:
    response = send(client, b'{"query":"{hello}"}', content_type)

    assert (response.status_code, code(response)) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize("content_type", [JSON, "application/json; charset=UTF-8", "Application/JSON"])
def test_json_in_utf_8_is_taken(client: TestClient, content_type: str) -> None:
    assert send(client, b'{"query":"{hello}"}', content_type).status_code == 200


@pytest.mark.parametrize("method", ["HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_other_methods_are_not_allowed(client: TestClient, method: str) -> None:
    response = client.request(method, "/graphql?query={hello}")

    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


def test_refusals_are_said_in_the_language_of_the_client(client: TestClient) -> None:
    chinese, english = post(client, "{hello", language="zh-CN"), post(client, "{hello", language="en-US")
    refused = client.put("/graphql", headers={"accept-language": "en"})

    assert chinese.json()["errors"][0]["message"].startswith("查询语句有语法错误")
    assert english.json()["errors"][0]["message"].startswith("The document does not parse")
    assert english.headers["content-language"] == "en"
    assert refused.json()["errors"][0]["message"] == "This address only takes GET, POST"


def test_the_deadline_cancels_the_operation_and_its_transaction(client: TestClient) -> None:
    response = post(client, "{slow(seconds: 30)}", GRAPHQL_RESPONSE)

    assert (response.status_code, code(response)) == (503, "TIMEOUT")
    assert response.json()["errors"][0]["extensions"]["retriable"] is True
    assert "data" not in response.json()
    assert ended == ["rolled back by CancelledError"]


def test_an_operation_before_its_deadline_is_committed(client: TestClient) -> None:
    response = post(client, "{slow(seconds: 0)}")

    assert response.json() == {"data": {"slow": "done"}}
    assert ended == ["committed"]


def test_a_refused_token_is_401(client: TestClient) -> None:
    response = client.post("/graphql", json={"query": "{hello}"}, headers={"authorization": "Bearer stale"})

    assert (response.status_code, code(response)) == (401, "UNAUTHENTICATED")
    assert response.headers["www-authenticate"] == "Bearer"


def test_a_fault_in_the_door_is_masked(client: TestClient) -> None:
    response = client.post("/graphql", json={"query": "{hello}"}, headers={"authorization": "Bearer broken"})

    assert (response.status_code, code(response)) == (500, "INTERNAL_SERVER_ERROR")
    assert "bug" not in response.text


def test_a_fault_in_a_resolver_is_masked(client: TestClient) -> None:
    response = post(client, "{boom}")

    assert (response.status_code, code(response)) == (200, "INTERNAL_SERVER_ERROR")
    assert response.json()["data"] is None
    assert "boom" not in response.json()["errors"][0]["message"]


def test_a_body_within_the_limit_is_read(client: TestClient) -> None:
    padding = "#" * 255_000

    assert post(client, "{hello}" + padding).json() == {"data": {"hello": "你好，泽仁"}}


def test_a_body_that_says_it_is_too_large_is_413(client: TestClient) -> None:
    response = send(client, orjson.dumps({"query": "#" * 300_000}))

    assert (response.status_code, code(response)) == (413, "CONTENT_TOO_LARGE")


async def test_a_huge_body_in_chunks_is_refused_before_it_is_read() -> None:
    schema = ZerenSchema(Query)
    view = GraphQLView(Operations(schema, 1), context)
    app = BodyLimit(view, most_bytes=256 * 1024)
    chunk, taken, sent = b" " * 64_000, 0, []

    async def receive() -> dict[str, Any]:
        nonlocal taken
        taken += 1
        return {"type": "http.request", "body": chunk, "more_body": taken < 1000}

    async def note(message: Any) -> None:
        sent.append(message)

    headers = [(b"content-type", b"application/json"), (b"transfer-encoding", b"chunked")]
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    scope = {"type": "http", "method": "POST", "path": "/graphql", "headers": headers, "query_string": b""}
    await app(scope, receive, note)

    assert sent[0]["status"] == 413
    assert orjson.loads(sent[1]["body"])["errors"][0]["extensions"]["code"] == "CONTENT_TOO_LARGE"
    assert taken == 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 4096
