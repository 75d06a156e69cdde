"""The hooks of an operation, each by what it does, over HTTP and over a socket: none is lost on the way.

They are listed in schema/execution.py in their order; what they do in detail is held by their own tests.
"""

from collections.abc import Callable
from typing import Any

import pytest

from schema import limits
from tenants import reads
from tests.client import Client

Ask = Callable[..., dict[str, Any]]
READ = "{ households(first: 2) { nodes { id headName } } }"
WAYS = ("over HTTP", "over a socket")


def asking(client: Client, way: str) -> Ask:
    return client.post if way == "over HTTP" else client.watch


def codes(answer: dict[str, Any]) -> list[str]:
    return [error["extensions"]["code"] for error in answer.get("errors") or []]


@pytest.mark.parametrize("way", WAYS)
def test_a_document_beyond_a_limit_is_not_run(reading_client: Client, way: str) -> None:
    ask = asking(reading_client, way)
    repeated = " ".join(f"a{n}: __typename" for n in range(limits.Limits().aliases + 1))

    assert codes(ask(f"{{ {repeated} }}", as_="hn-first-secretary"))[0] == "TOO_MANY_ALIASES"
    assert codes(ask(READ, as_="hn-first-secretary")) == []


@pytest.mark.parametrize("way", WAYS)
def test_a_document_that_is_not_valid_is_not_run(reading_client: Client, way: str) -> None:
    answer = asking(reading_client, way)("{ households { nothing } }", as_="hn-first-secretary")

    assert codes(answer) == ["GRAPHQL_VALIDATION_FAILED"]


@pytest.mark.parametrize("way", WAYS)
def test_what_costs_too_much_is_not_run(reading_client: Client, way: str) -> None:
    text = "{ households(first: 100) { nodes { pairings(first: 100) { nodes { id } } } } }"

    assert codes(asking(reading_client, way)(text, as_="hn-first-secretary")) == ["QUERY_TOO_COSTLY"]


@pytest.mark.parametrize("way", WAYS)
def test_nobody_reads_without_signing_in(reading_client: Client, way: str) -> None:
    assert codes(asking(reading_client, way)(READ)) == ["UNAUTHENTICATED"]


@pytest.mark.parametrize("way", WAYS)
def test_without_the_permission_there_is_nothing(reading_client: Client, way: str) -> None:
    ask = asking(reading_client, way)

    assert ask(READ, as_="hn-auditor")["data"] == {"households": {"nodes": []}}
    assert len(ask(READ, as_="hn-first-secretary")["data"]["households"]["nodes"]) == 2


@pytest.mark.parametrize("way", WAYS)
def test_a_fault_of_a_read_is_masked(
    reading_client: Client, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    async def broken(*_: Any) -> None:
        raise LookupError("四一〇一八一一九九〇〇一〇一一二三四")

    monkeypatch.setattr(reads, "value_of", broken)
    answer = asking(reading_client, way)(READ, as_="hn-first-secretary")

    assert codes(answer) == ["INTERNAL_SERVER_ERROR"]
    assert "四一〇一" not in str(answer)
    assert answer["errors"][0]["extensions"]["errorId"]


def test_a_refused_command_leaves_nothing(reading_client: Client) -> None:
    """The transaction ends with its answer: a refusal undoes, and what stands is read afterwards."""
    count = "{ households(first: 1) { nodes { id visits { totalCount } } } }"
    before = reading_client.ask(count, as_="hn-first-secretary")["households"]["nodes"][0]
    record = """mutation ($id: ID!, $at: DateTime!) {
      visitRecord(input: {household: $id, occurredAt: $at}) { userErrors { code } } }"""

    refused = reading_client.ask(
        record, {"id": before["id"], "at": "2030-01-01T00:00:00Z"}, as_="hn-first-secretary"
    )
    assert [error["code"] for error in refused["visitRecord"]["userErrors"]] == ["INVALID"]
    assert reading_client.ask(count, as_="hn-first-secretary")["households"]["nodes"][0] == before

    reading_client.ask(record, {"id": before["id"], "at": "2018-06-14T08:00:00Z"}, as_="hn-first-secretary")
    after = reading_client.ask(count, as_="hn-first-secretary")["households"]["nodes"][0]
    assert after["visits"]["totalCount"] == before["visits"]["totalCount"] + 1
