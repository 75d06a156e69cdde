"""The application over its database: at its start, when rows are held, and when the database is away."""

import asyncio
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import asyncpg
import pytest
from starlette.testclient import TestClient

from api.app import WallsBroken, create_app
from api.settings import Settings
from schema import requests as shown_requests
from tenants.secrets import Signer
from tests.client import Client
from tests.conftest import KEY, Cluster, Database, serving
from tests.front_door import SIGN, SUBMIT, held, opened, record, rows, said, sign, submit

DAYS = {"input": {"beginsOn": "2018-06-18", "endsOn": "2018-06-20"}}
OF_THE_APPLICANT = """
SELECT 1 FROM persons p JOIN accounts a ON a.id = p.account_id
WHERE a.login = 'hn-first-secretary' FOR UPDATE OF p
"""
OURS = "FROM pg_stat_activity WHERE datname = current_database() AND usename = $1"


def codes(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [error["extensions"] for error in answer["errors"]]


def test_it_says_that_it_lives_and_is_ready(client: Client) -> None:
    alive, ready = client.http.get("/health"), client.http.get("/ready")

    assert (alive.status_code, alive.json()) == (200, {"alive": True})
    assert (ready.status_code, ready.json()) == (200, {"ready": True})
    home = client.http.get("/", follow_redirects=False)
    assert home.headers["location"] == "/graphql"


def test_the_page_for_trying_loads_nothing_from_outside(client: Client) -> None:
    page = client.http.get("/graphql", headers={"accept": "text/html"})

    assert page.status_code == 200
    assert "://" not in page.text
    loaded = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
    assert loaded
    for address in loaded:
        assert client.http.get(address).status_code == 200, address


def test_answers_are_kept_by_nobody_and_name_their_language(client: Client) -> None:
    answer = client.http.post("/graphql", json={"query": "{ __typename }"}, headers={"accept-language": "en"})

    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-language"] == "en"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "server" not in answer.headers


def test_another_site_may_ask_only_where_the_settings_name_it(demo_database: Database) -> None:
    asks = {
        "origin": "https://front.example",
        "access-control-request-method": "POST",
        "access-control-request-headers": "authorization,content-type",
    }

    with serving(demo_database) as closed:
        assert "access-control-allow-origin" not in closed.http.options("/graphql", headers=asks).headers
    with serving(demo_database, cors_origins="https://front.example") as open_to_one:
        allowed = open_to_one.http.options("/graphql", headers=asks)
        assert allowed.headers["access-control-allow-origin"] == "https://front.example"
        answered = open_to_one.http.post("/graphql", json={"query": "{ __typename }"}, headers=asks)
        assert "retry-after" in answered.headers["access-control-expose-headers"]
        other = open_to_one.http.options("/graphql", headers={**asks, "origin": "https://other.example"})
        assert "access-control-allow-origin" not in other.headers


def test_it_does_not_start_over_a_table_without_walls(demo_database: Database) -> None:
    owner(demo_database, "ALTER TABLE leaves NO FORCE ROW LEVEL SECURITY")
    application = create_app(Settings(), demo_database.app, Signer(KEY))

    with pytest.raises(WallsBroken, match="leaves"), TestClient(application):
        pass

    owner(demo_database, "ALTER TABLE leaves FORCE ROW LEVEL SECURITY")
    with serving(demo_database) as client:
        assert client.http.get("/ready").status_code == 200


def owner(behind: Database, statement: str) -> None:
    async def run() -> None:
        connection = await asyncpg.connect(**behind.owner.as_arguments())
        try:
            await connection.execute(statement)
        finally:
            await connection.close()

    asyncio.run(run())


def busy(behind: Database) -> Sequence[asyncpg.Record]:
    """The sessions of the application that stand inside a transaction."""
    return rows(behind, f"SELECT pid, state {OURS} AND state <> 'idle'", behind.app.user)


@pytest.mark.parametrize(
    ("_case", "deadline"), [("期限先到", 0.3), ("锁的期限先到", 10.0)], ids=["deadline", "lock timeout"]
)
def test_a_command_that_waits_too_long_writes_nothing(
    demo_database: Database, _case: str, deadline: float
) -> None:
    with serving(demo_database, deadline_seconds=deadline) as client:
        before = record(demo_database)

        with held(demo_database, OF_THE_APPLICANT):
            answer = client.post(SUBMIT, DAYS, as_="hn-first-secretary")

        assert codes(answer) == [{"code": "TIMEOUT", "retriable": True}]
        assert not answer.get("data")
        assert (record(demo_database), busy(demo_database)) == (before, [])
        assert said(submit(client, "hn-first-secretary", "06-18", "06-20")) == "ALLOW"


def test_a_read_does_not_wait_for_a_writer(demo_database: Database) -> None:
    with serving(demo_database, deadline_seconds=1) as client:
        with held(demo_database, OF_THE_APPLICANT):
            name = client.ask("{ viewer { person { name } } }", as_="hn-first-secretary")["viewer"]

        assert name == {"person": {"name": "演示第一书记"}}


def tells_no_sql(answer: dict[str, Any]) -> bool:
    said_in = str(answer).lower()
    return not any(word in said_in for word in ("select", "insert", "asyncpg", "postgres", "relation", "pid"))


def test_a_connection_that_is_cut_while_it_waits_is_told_as_passing(
    client: Client, demo_database: Database
) -> None:
    before = record(demo_database)

    with held(demo_database, OF_THE_APPLICANT), ThreadPoolExecutor(1) as thread:
        asked = thread.submit(client.post, SUBMIT, DAYS, as_="hn-first-secretary")
        while not rows(
            demo_database, f"SELECT pid {OURS} AND wait_event_type = 'Lock'", demo_database.app.user
        ):
            assert not asked.done()
        rows(demo_database, f"SELECT pg_terminate_backend(pid) {OURS}", demo_database.app.user)
        answer = asked.result()

    assert codes(answer) == [{"code": "DATABASE_UNAVAILABLE", "retriable": True}]
    assert tells_no_sql(answer)
    assert record(demo_database) == before
    assert said(submit(client, "hn-first-secretary", "06-18", "06-20")) == "ALLOW"


def test_it_is_not_ready_while_the_database_is_away_and_comes_back_by_itself(
    client: Client, demo_database: Database, cluster: Cluster
) -> None:
    name, request = demo_database.app.database, opened(client, "hn-first-secretary", "06-18", "06-20")
    before = record(demo_database)

    with away(cluster, name):
        answers = [client.post(SIGN, {"id": request}, as_="hn-township-secretary") for _ in range(3)]
        assert client.http.get("/ready").status_code == 503
        assert client.http.get("/health").status_code == 200

    assert [codes(answer) for answer in answers] == [
        [{"code": "DATABASE_UNAVAILABLE", "retriable": True}]
    ] * 3
    assert all(tells_no_sql(answer) for answer in answers)
    assert record(demo_database) == before
    assert client.http.get("/ready").status_code == 200
    assert said(sign(client, "hn-township-secretary", request)) == "ALLOW"


@contextmanager
def away(cluster: Cluster, name: str) -> Iterator[None]:
    """The database lets nobody in, and those who were in are put out."""
    asyncio.run(cluster._run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
    asyncio.run(
        cluster._run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'")
    )
    try:
        yield
    finally:
        asyncio.run(cluster._run(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true"))


def test_a_refused_command_and_a_fault_both_leave_nothing(client: Client, demo_database: Database) -> None:
    """A fault after the writing: the payload asks for a field that then cannot be read."""
    before = record(demo_database)
    owner(demo_database, "REVOKE INSERT ON audit_entries FROM " + demo_database.app.user)

    answer = client.post(SUBMIT, DAYS, as_="hn-first-secretary")

    assert [error["code"] for error in codes(answer)] == ["INTERNAL_SERVER_ERROR"]
    assert tells_no_sql(answer)
    assert record(demo_database) == before
    owner(demo_database, "GRANT INSERT ON audit_entries TO " + demo_database.app.user)
    assert said(submit(client, "hn-first-secretary", "06-18", "06-20")) == "ALLOW"


def test_a_fault_while_the_answer_is_made_undoes_the_command(
    client: Client, demo_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was written is taken back where the client does not get to see it."""
    before = record(demo_database)

    with monkeypatch.context() as patched:
        patched.setattr(shown_requests.Step, "of", classmethod(lambda cls, row: 1 / 0))
        answer = client.post(SUBMIT, DAYS, as_="hn-first-secretary")

    assert [error["code"] for error in codes(answer)] == ["INTERNAL_SERVER_ERROR"]
    assert record(demo_database) == before
    assert said(submit(client, "hn-first-secretary", "06-18", "06-20")) == "ALLOW"
