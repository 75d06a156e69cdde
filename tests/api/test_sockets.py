"""GraphQL over a WebSocket, against a real server: the protocol, who is asking, and how much one may hold."""

import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from starlette.testclient import WebSocketTestSession
from websockets.exceptions import InvalidStatus

from tenants import clock
from tenants.secrets import ACCESS_TOKEN_LIFE, Signer
from tests import conftest
from tests.api.running import Running, ask, running
from tests.api.talking import PROTOCOL, code, dialling, talking
from tests.conftest import KEY, Database, serving
from tests.front_door import SUBMIT, record, rows

LOGIN = "hn-first-secretary"
COUNT = "{ leaves { totalCount } }"
VIEWER = "{ viewer { name } }"
COUNTS = "subscription { workQueueChanged { waitingCount unreadCount } }"
WAITING = "subscription { workQueueChanged { waitingCount } }"
ORIGIN = "https://front.example"


@pytest.fixture(scope="module")
def server(shared_demo_database: Database) -> Iterator[Running]:
    settings = {
        "ZEREN_SUBSCRIPTION_INTERVAL_SECONDS": "0.1",
        "ZEREN_CONNECTION_INIT_SECONDS": "0.5",
        "ZEREN_LINES_PER_ACCOUNT": "3",
        "ZEREN_CORS_ORIGINS": ORIGIN,
    }
    with running(shared_demo_database, conftest.tokens(), **settings) as served:
        yield served


def leave_of(day: int) -> dict[str, str]:
    return {"beginsOn": f"2018-08-{day:02}", "endsOn": f"2018-08-{day + 3:02}"}


def test_a_question_is_answered_in_text_and_chinese_stays_chinese(server: Running) -> None:
    with talking(server, LOGIN) as talk:
        talk.begin(VIEWER)
        frame = talk.socket.recv(5)

    name = ask(server.asking(LOGIN), VIEWER)["data"]["viewer"]["name"]
    assert frame.startswith(f'{{"id":"1","type":"next","payload":{{"data":{{"viewer":{{"name":"{name}"}}}}')
    assert "演示" in name


def test_a_question_after_a_command_sees_what_it_did(server: Running) -> None:
    with talking(server, LOGIN) as talk:
        before = talk.ask(COUNT)["data"]["leaves"]["totalCount"]
        submitted = talk.ask(SUBMIT, input=leave_of(1))
        after = talk.ask(COUNT)["data"]["leaves"]["totalCount"]

    assert submitted["data"]["leaveSubmit"]["userErrors"] == []
    assert after == before + 1


def test_a_refused_command_leaves_nothing_behind(server: Running, shared_demo_database: Database) -> None:
    before = record(shared_demo_database)
    with talking(server, LOGIN) as talk:
        refused = talk.ask(SUBMIT, input={"beginsOn": "2018-08-20", "endsOn": "2018-08-19"})
        assert [error["code"] for error in refused["data"]["leaveSubmit"]["userErrors"]] == ["INVALID"]
        assert record(shared_demo_database) == before

        allowed = talk.ask(SUBMIT, input=leave_of(10))
        assert allowed["data"]["leaveSubmit"]["userErrors"] == []
        assert record(shared_demo_database) != before


def test_answers_are_in_the_language_of_the_connection(server: Running) -> None:
    with talking(server) as chinese, talking(server, acceptLanguage="en") as english:
        assert chinese.ask(VIEWER)["errors"][0]["message"] == "请先登录"
        assert english.ask(VIEWER)["errors"][0]["message"] == "Please sign in"


def test_who_does_not_sign_in_may_do_what_anybody_may(server: Running) -> None:
    with talking(server) as talk:
        assert code(talk.ask(VIEWER)) == "UNAUTHENTICATED"
        assert "errors" not in talk.ask("{ terms(category: ROLE) { id } }")
        assert code(talk.ask(COUNTS)) == "UNAUTHENTICATED"
        assert talk.ask("{ __typename }")["data"] == {"__typename": "Query"}


@pytest.mark.parametrize("authorization", ["Bearer nonsense", "Bearer ", "", 5, "Basic aGk6aG8="])
def test_a_token_that_is_none_of_ours_is_not_taken(server: Running, authorization: object) -> None:
    with dialling(server) as talk:
        talk.say("connection_init", payload={"authorization": authorization})

        assert talk.goodbye() == 4403


def test_the_token_may_come_under_the_name_of_the_header(server: Running) -> None:
    with talking(server, Authorization=f"Bearer {server.tokens[LOGIN]}") as talk:
        assert "errors" not in talk.ask(VIEWER)


ENDINGS = {
    "signed out": ("tw-first-secretary", "UPDATE sessions SET ended_at = now() WHERE account_id = $1"),
    "disabled": ("tw-unit-head", "UPDATE accounts SET disabled_at = now() WHERE id = $1"),
    "moved": (
        "tw-team-member",
        "UPDATE sessions SET place_id = (SELECT id FROM places WHERE id <> place_id LIMIT 1)"
        " WHERE account_id = $1",
    ),
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_session_that_has_ended_ends_the_connection(
    server: Running, shared_demo_database: Database, ending: str
) -> None:
    login, sql = ENDINGS[ending]
    (account,) = rows(shared_demo_database, "SELECT id FROM accounts WHERE login = $1", login)
    with talking(server, login) as asking, talking(server, login) as watching:
        assert "errors" not in asking.ask(VIEWER)
        watching.begin(COUNTS)
        assert watching.hear()["type"] == "next"

        rows(shared_demo_database, sql, account["id"])

        asking.begin(VIEWER)
        assert code(asking.hear()["payload"]) == "UNAUTHENTICATED"
        assert asking.goodbye() == 4403
        ended = watching.hear()
        assert (ended["type"], code({"errors": ended["payload"]})) == ("error", "UNAUTHENTICATED")
        assert watching.goodbye() == 4403


def test_a_token_that_has_run_out_ends_the_connection(server: Running) -> None:
    claims = Signer(KEY).read(server.tokens[LOGIN])
    assert claims is not None
    issued_at = clock.now() - ACCESS_TOKEN_LIFE + timedelta(seconds=2)
    short = f"Bearer {Signer(KEY).access_token(claims, issued_at)}"
    with talking(server, authorization=short) as asking, talking(server, authorization=short) as watching:
        assert "errors" not in asking.ask(VIEWER)
        watching.begin(COUNTS)
        assert watching.hear()["type"] == "next"

        time.sleep(2)

        assert watching.hear() == {"type": "complete", "id": "1"}
        assert watching.goodbye() == 4403
        asking.begin(VIEWER)
        assert code(asking.hear()["payload"]) == "UNAUTHENTICATED"
        assert asking.goodbye() == 4403


def test_a_watcher_hears_what_stands_and_then_what_changes(server: Running) -> None:
    with talking(server, "hn-unit-head") as talk:
        talk.begin(WAITING)
        first = talk.hear()["payload"]["data"]["workQueueChanged"]["waitingCount"]
        with pytest.raises(TimeoutError):
            talk.hear(within=0.5)

        submitted = ask(server.asking(LOGIN), SUBMIT, input=leave_of(20))

        assert submitted["data"]["leaveSubmit"]["userErrors"] == []
        assert talk.hear()["payload"]["data"] == {"workQueueChanged": {"waitingCount": first + 1}}


def test_a_watcher_holds_no_transaction_while_it_waits(
    server: Running, shared_demo_database: Database
) -> None:
    busy = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND xact_start < now()"
    with talking(server, LOGIN) as talk:
        for _ in range(5):
            talk.begin(COUNTS)
            assert talk.hear()["type"] == "next"

        seen = [rows(shared_demo_database, busy)[0]["count"] for _ in range(10)]

    assert 0 in seen


def test_a_watcher_may_stop_and_use_the_name_again(server: Running) -> None:
    with talking(server, LOGIN) as talk:
        talk.begin(COUNTS, "mine")
        assert talk.hear()["type"] == "next"
        talk.say("complete", id="mine")

        talk.begin(COUNTS, "mine")

        assert talk.hear()["type"] == "next"


def test_a_document_meets_the_same_limits(server: Running) -> None:
    deep = "{" + "leaves { nodes { request { subject { ... on Leave { " * 8 + "id" + " } } } } }" * 8 + "}"
    with talking(server, LOGIN) as talk:
        assert code(talk.ask(deep)) == "QUERY_TOO_DEEP"
        assert code(talk.ask("{ nothing }")) == "GRAPHQL_VALIDATION_FAILED"
        assert code(talk.ask("{")) == "GRAPHQL_PARSE_FAILED"
        assert code(talk.ask("mutation { a: sessionEnd { __typename } b: sessionEnd { __typename } }")) == (
            "MUTATION_NOT_SINGLE"
        )
        assert code(talk.ask("subscription { workQueueChanged { unknown } }")) == "GRAPHQL_VALIDATION_FAILED"
        assert "errors" not in talk.ask(VIEWER)


def test_an_operation_on_a_socket_costs_what_it_costs_elsewhere(shared_demo_database: Database) -> None:
    with serving(shared_demo_database, account_rate="100/0.01") as client, ExitStack() as held:
        socket = held.enter_context(client.http.websocket_connect("/graphql", subprotocols=[PROTOCOL]))
        socket.send_json(
            {"type": "connection_init", "payload": {"authorization": f"Bearer {client.token(LOGIN)}"}}
        )
        assert socket.receive_json() == {"type": "connection_ack"}

        heard = []
        for n in range(101):
            socket.send_json({"type": "subscribe", "id": str(n), "payload": {"query": VIEWER}})
            heard.append(socket.receive_json())
            if heard[-1]["type"] == "error":
                break
            socket.receive_json()

        assert heard[0]["payload"]["data"]["viewer"]["name"]
        assert code({"errors": heard[-1]["payload"]}) == "RATE_LIMITED"
        assert code(client.post(VIEWER, as_=LOGIN)) == "RATE_LIMITED"
        assert client.watch(COUNTS, as_="hn-unit-head")["data"]["workQueueChanged"]


def test_messages_are_read_at_a_pace(server: Running) -> None:
    with talking(server) as talk:
        began = time.perf_counter()
        for _ in range(300):
            talk.say("ping")
        for _ in range(300):
            assert talk.hear() == {"type": "pong"}

        assert time.perf_counter() - began > 0.28


def test_documents_that_are_refused_are_read_slowly(server: Running) -> None:
    with talking(server, LOGIN) as talk:
        began = time.perf_counter()
        for n in range(80):
            talk.begin("{ nothing }", str(n))
        for _ in range(80):
            assert talk.hear()["type"] == "error"

        assert time.perf_counter() - began > 1
        assert "errors" not in talk.ask(VIEWER)


@pytest.mark.parametrize(
    "frame",
    [
        "{",
        "[]",
        '"ping"',
        "null",
        "{}",
        '{"type": 1}',
        '{"type": "start", "id": "1", "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe"}',
        '{"type": "subscribe", "id": "1"}',
        '{"type": "subscribe", "id": "1", "payload": "{ __typename }"}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "variables": []}}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": [], "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": "' + "长" * 22 + '", "payload": {"query": "{ __typename }"}}',
        '{"type": "complete", "id": {}}',
    ],
)
def test_a_frame_that_is_no_message_ends_the_connection(server: Running, frame: str) -> None:
    with talking(server) as talk:
        talk.socket.send(frame)

        assert talk.goodbye() == 4400


def test_a_binary_frame_ends_the_connection(server: Running) -> None:
    with talking(server) as talk:
        talk.socket.send(b'{"type": "ping"}')

        assert talk.goodbye() == 4400


def test_a_ping_is_answered(server: Running) -> None:
    with talking(server) as talk:
        talk.say("ping")

        assert talk.hear() == {"type": "pong"}


def test_the_order_of_the_protocol_is_kept(server: Running) -> None:
    with dialling(server) as early:
        early.begin(VIEWER)
        assert early.goodbye() == 4401
    with talking(server) as twice:
        twice.say("connection_init")
        assert twice.goodbye() == 4429
    with talking(server, LOGIN) as same:
        same.begin(COUNTS, "长" * 20)
        same.begin(COUNTS, "长" * 20)
        assert same.goodbye() == 4409
    with dialling(server) as silent:
        assert silent.goodbye() == 4408
    with dialling(server) as odd:
        odd.say("connection_init", payload=[])
        assert odd.goodbye() == 4400


def test_the_older_protocol_is_not_spoken(server: Running) -> None:
    with dialling(server, "graphql-ws") as talk:
        assert talk.goodbye() == 4406


def test_a_connection_carries_twenty_operations_at_once(server: Running) -> None:
    with talking(server, LOGIN) as talk:
        for n in range(20):
            talk.begin(COUNTS, f"watch {n}")
            assert talk.hear()["type"] == "next"

        refused = talk.ask(VIEWER)
        assert code(refused) == "TOO_MANY_OPERATIONS"
        assert refused["errors"][0]["message"] == "一个连接上同时进行的操作太多，最多 20 个"

        talk.say("complete", id="watch 0")
        assert "errors" not in talk.ask(VIEWER)


def test_a_message_has_at_most_64_kibibytes(server: Running) -> None:
    with talking(server, LOGIN) as talk:
        assert "errors" not in talk.ask(VIEWER + "#" * 60_000)
    with talking(server, LOGIN) as talk:
        talk.begin(VIEWER + "#" * 70_000)
        assert talk.goodbye() == 1009


def test_an_account_holds_three_connections_and_gets_one_back_when_it_hangs_up(server: Running) -> None:
    login = "sc-first-secretary"
    with ExitStack() as held:
        for _ in range(2):
            held.enter_context(talking(server, login))
        with talking(server, login), dialling(server) as fourth:
            fourth.say("connection_init", payload={"authorization": f"Bearer {server.tokens[login]}"})
            assert fourth.goodbye() == 1013
        with talking(server, "sc-unit-head") as other, talking(server, login) as again:
            assert "errors" not in other.ask(VIEWER)
            assert "errors" not in again.ask(VIEWER)


def test_an_address_holds_so_many_connections(shared_demo_database: Database) -> None:
    with serving(shared_demo_database, lines_per_address=2) as client, ExitStack() as held:

        def dial() -> WebSocketTestSession:
            return held.enter_context(client.http.websocket_connect("/graphql", subprotocols=[PROTOCOL]))

        dial(), dial()
        assert dial().receive() == {"type": "websocket.close", "code": 1013, "reason": "TOO_MANY_LINES"}

        held.close()
        again = dial()
        again.send_json({"type": "connection_init"})
        assert again.receive_json() == {"type": "connection_ack"}


def test_pages_of_other_sites_may_not_dial(server: Running) -> None:
    for origin in ("https://evil.example", "null", f"{ORIGIN}.evil.example"):
        with pytest.raises(InvalidStatus) as refused, dialling(server, origin=origin):
            pass
        assert refused.value.response.status_code == 403

    for origin in (ORIGIN, server.url, None):
        allowed: dict[str, Any] = {"origin": origin}
        with dialling(server, **allowed) as talk:
            talk.say("connection_init")
            assert talk.hear() == {"type": "connection_ack"}
