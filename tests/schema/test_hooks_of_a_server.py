"""The hooks of an operation that hang on how the server is set up."""

import asyncio
from typing import Any

import pytest

from schema.connections import NO_CURSOR
from schema.errors import ErrorCode, PublicError
from schema.reads.plans import MOST_PLANS
from schema.root import documents
from tenants import reads, scope
from tests.conftest import Database, serving
from tests.schema.test_hooks import READ, WAYS, asking, codes


def test_whoever_has_nothing_left_waits(shared_demo_database: Database) -> None:
    with serving(shared_demo_database, account_rate="10/0.01") as client:
        answers = [codes(client.post(READ, as_="hn-first-secretary")) for _ in range(6)]

    assert answers[0] == []
    assert answers[-1] == ["RATE_LIMITED"]


@pytest.mark.parametrize("way", WAYS)
def test_a_read_that_takes_too_long_ends(
    shared_demo_database: Database, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    async def slow(*_: Any) -> None:
        await asyncio.sleep(30)

    monkeypatch.setattr(reads, "value_of", slow)
    with serving(shared_demo_database, deadline_seconds=0.2) as client:
        assert codes(asking(client, way)(READ, as_="hn-first-secretary")) == ["TIMEOUT"]


def test_what_is_asked_again_is_compiled_once(shared_demo_database: Database) -> None:
    text = "{ households(first: 3) { nodes { number version } } }"
    with serving(shared_demo_database) as client:
        for login in ("hn-first-secretary", "hn-team-member", "hn-first-secretary"):
            client.ask(text, as_=login)

    assert documents._kept[text].plans.compiled == 1


def test_a_document_keeps_so_many_statements_and_no_more(shared_demo_database: Database) -> None:
    """Whoever varies a variable makes statements; the field beside it keeps its own."""
    text = """query ($few: Int!) { beside: leaves(first: 1) { nodes { id } }
      households(first: 1) { nodes { visits(first: $few) { totalCount nodes { id } } } } }"""
    with serving(shared_demo_database) as client:
        for few in range(1, 3 * MOST_PLANS):
            client.ask(text, {"few": few}, as_="hn-first-secretary")

    kept = documents._kept[text].plans.plans
    assert 1 < len(kept) <= MOST_PLANS + 1
    assert documents._kept[text].plans.compiled == 3 * MOST_PLANS


def test_a_fault_beside_a_read_under_way_is_told_as_it_is(
    shared_demo_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The library would give up the fields beside one that failed, in the middle of their statement; what
    then becomes of the transaction is nobody's answer."""
    stock, turns = reads.value_of, iter(range(100))

    async def one_at_length_and_one_wrong(*_: Any) -> Any:
        if next(turns):
            await asyncio.sleep(0.2)
            raise PublicError(ErrorCode.BAD_USER_INPUT, detail=NO_CURSOR)
        await scope.fetch("SELECT pg_sleep(1)")

    both = "{ a: households { nodes { id } } b: leaves { nodes { id } } }"
    with serving(shared_demo_database) as client:
        monkeypatch.setattr(reads, "value_of", one_at_length_and_one_wrong)
        assert codes(client.post(both, as_="hn-first-secretary")) == ["BAD_USER_INPUT"]
        monkeypatch.setattr(reads, "value_of", stock)
        assert codes(client.post(both, as_="hn-first-secretary")) == []
