"""Clients that are slow, stall or are too many: hung up on in time, while others are served.

The server's patience is one second here; the numbers measured are printed (pytest -s).
"""

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from threading import Event, Thread

import httpx2
import orjson
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests import conftest
from tests.api.running import Running, ask, running
from tests.api.talking import talking
from tests.conftest import Database

LOGIN = "hn-first-secretary"
VICTIM = "{ viewer { name } }"
CROWD = 200
PATIENCE = 1.0
# The pace at which a crowd is looked after on a busy machine.
LEEWAY = 4.0
HEAD = b"POST /graphql HTTP/1.1\r\nHost: zeren\r\nContent-Type: application/json\r\n"
BIG_FILE = "/static/graphiql/graphiql@3.8.3/graphiql.min.js"


@pytest.fixture(scope="module")
def server(shared_demo_database: Database) -> Iterator[Running]:
    settings = {"ZEREN_PATIENCE_SECONDS": str(PATIENCE), "ZEREN_POOL_SIZE": "4"}
    with running(shared_demo_database, conftest.tokens(), **settings) as served:
        yield served


def dialled(server: Running, receive_buffer: int | None = None) -> socket.socket:
    client = socket.socket()
    if receive_buffer:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    client.settimeout(10)
    host, port = server.url.removeprefix("http://").split(":")
    client.connect((host, int(port)))
    return client


def descriptors(server: Running) -> int:
    return len(os.listdir(f"/proc/{server.pid}/fd"))


def comes_to(many: int, server: Running) -> bool:
    """The server has taken so many connections more."""
    return within(LEEWAY, lambda: descriptors(server) >= many)


def comes_back_to(base: int, server: Running) -> bool:
    return within(PATIENCE + LEEWAY, lambda: descriptors(server) <= base)


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while not (held := holds()) and time.monotonic() < until:
        time.sleep(0.05)
    return held


@contextmanager
def victim(server: Running) -> Iterator[list[float]]:
    """Somebody who asks all the while, and how long each answer took."""
    client, over, took = server.asking(LOGIN), Event(), list[float]()
    ask(client, VICTIM)

    def asks() -> None:
        while not over.is_set():
            began = time.perf_counter()
            assert "errors" not in ask(client, VICTIM)
            took.append(time.perf_counter() - began)
            over.wait(0.02)

    thread = Thread(target=asks)
    thread.start()
    try:
        yield took
    finally:
        over.set()
        thread.join()


def has_left(client: socket.socket) -> bool:
    """Whether the server has closed; what it said before is read away."""
    client.setblocking(False)
    try:
        while client.recv(65536):
            pass
    except BlockingIOError:
        return False
    except ConnectionError:
        return True
    return True


def drip(client: socket.socket, drop: bytes) -> None:
    with suppress(OSError):
        client.setblocking(False)
        client.send(drop)


CROWDS: dict[str, tuple[bytes, bytes]] = {
    "says nothing": (b"", b""),
    "drips its head": (HEAD, b"X: y\r\n"),
    "drips its body": (HEAD + b"Content-Length: 1000\r\n\r\n", b" "),
    "drips a body in chunks": (HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n"),
    "drips nothing at all": (b"", b"\r\n"),
    "drips a body that is refused": (HEAD.replace(b"json", b"xml") + b"Content-Length: 1000\r\n\r\n", b" "),
}


@pytest.mark.parametrize("manner", CROWDS)
def test_a_crowd_that_is_slow_to_ask_is_hung_up_on(server: Running, manner: str) -> None:
    first, drop = CROWDS[manner]
    with victim(server) as took, ExitStack() as sockets:
        base = descriptors(server)
        crowd = [sockets.enter_context(dialled(server)) for _ in range(CROWD)]
        assert comes_to(base + CROWD, server)
        began = time.monotonic()
        for client in crowd:
            drip(client, first)

        while not all(map(has_left, crowd)) and time.monotonic() - began < PATIENCE + LEEWAY:
            for client in crowd:
                drip(client, drop)
            time.sleep(0.2)

        lasted = time.monotonic() - began
        assert all(map(has_left, crowd))
        assert comes_back_to(base, server)
    print(
        f"{manner}: gone after {lasted:.1f} s; victim {len(took)} answers, at most {max(took) * 1000:.0f} ms"
    )
    assert max(took) < 1


def test_a_crowd_that_does_not_read_is_hung_up_on(server: Running) -> None:
    with victim(server) as took, ExitStack() as sockets:
        base = descriptors(server)
        crowd = [sockets.enter_context(dialled(server, receive_buffer=2048)) for _ in range(50)]
        began = time.monotonic()
        for client in crowd:
            client.sendall(f"GET {BIG_FILE} HTTP/1.1\r\nHost: zeren\r\n\r\n".encode())
        assert comes_to(base + 50, server)

        assert comes_back_to(base, server)
        print(f"not reading: gone after {time.monotonic() - began:.1f} s, at most {max(took) * 1000:.0f} ms")


def test_asking_again_buys_no_time_for_who_does_not_read(server: Running) -> None:
    base = descriptors(server)
    asked = f"GET {BIG_FILE} HTTP/1.1\r\nHost: zeren\r\n\r\n".encode()
    with ExitStack() as sockets:
        crowd = [sockets.enter_context(dialled(server, receive_buffer=2048)) for _ in range(20)]
        for client in crowd:
            client.sendall(asked)
        assert comes_to(base + len(crowd), server)
        time.sleep(PATIENCE / 3)

        for client in crowd:
            client.sendall(asked)

        assert comes_back_to(base, server)


def test_a_socket_that_does_not_read_is_hung_up_on(server: Running) -> None:
    base = descriptors(server)
    words = " ".join(f"w{n}: terms(category: ROLE) {{ id label labelEn }}" for n in range(9))
    with talking(server) as talk:
        with suppress(ConnectionClosed):
            for n in range(400):
                talk.begin(f"{{ {words} }}", str(n))

        assert comes_back_to(base, server)


def test_who_sends_slowly_but_steadily_is_answered(server: Running) -> None:
    body = orjson.dumps({"query": VICTIM + "#" * 20_000})
    with dialled(server) as client:
        began = time.monotonic()
        client.sendall(HEAD + f"Content-Length: {len(body)}\r\n\r\n".encode())
        for start in range(0, len(body), 2000):
            client.sendall(body[start : start + 2000])
            time.sleep(0.2)
        answer = client.recv(65536)

    assert time.monotonic() - began > 2 * PATIENCE
    assert answer.startswith(b"HTTP/1.1 200 OK")


def test_who_reads_slowly_but_steadily_gets_everything(server: Running) -> None:
    whole = len(server.asking().get(BIG_FILE).content)
    with dialled(server, receive_buffer=200_000) as client:
        began = time.monotonic()
        client.sendall(f"GET {BIG_FILE} HTTP/1.1\r\nHost: zeren\r\nConnection: close\r\n\r\n".encode())
        got = 0
        while part := client.recv(whole // 25):
            got += len(part)
            time.sleep(0.1)

    print(f"{whole:,} bytes read in {time.monotonic() - began:.1f} s")
    assert time.monotonic() - began > 2 * PATIENCE
    assert got > whole


def test_a_head_has_an_end(server: Running) -> None:
    with dialled(server) as client:
        client.sendall(b"GET /health HTTP/1.1\r\nX-Long: " + b"x" * 65_536)
        assert client.recv(4096).startswith(b"HTTP/1.1 400")

    with dialled(server) as client:
        client.sendall(b"GET /health HTTP/1.1\r\nX-Long: " + b"x" * 20_000 + b"\r\n\r\n")
        assert client.recv(4096).startswith(b"HTTP/1.1 200")


def test_one_too_many_is_told_so_and_those_before_are_served(shared_demo_database: Database) -> None:
    few = {"ZEREN_CONNECTIONS": "4", "ZEREN_PATIENCE_SECONDS": "10"}
    with running(shared_demo_database, conftest.tokens(), **few) as server, ExitStack() as sockets:
        early = server.asking(LOGIN)
        assert "errors" not in ask(early, VICTIM)
        for _ in range(3):
            sockets.enter_context(dialled(server))

        late = server.asking(LOGIN).post("/graphql", json={"query": VICTIM})
        assert (late.status_code, late.headers["retry-after"]) == (503, "5")
        assert late.json()["errors"][0]["extensions"] == {"code": "SERVER_BUSY", "retriable": True}
        with pytest.raises(InvalidStatus) as refused, talking(server):
            pass
        assert refused.value.response.status_code == 503
        assert "errors" not in ask(early, VICTIM)

        crowd = [sockets.enter_context(dialled(server)) for _ in range(8)]
        assert within(LEEWAY, lambda: has_left(crowd[-1]))
        assert not has_left(crowd[0])
        sockets.close()

        assert within(LEEWAY, lambda: "errors" not in ask(server.asking(LOGIN), VICTIM))


def test_open_lines_do_not_hold_up_the_end_of_the_server(shared_demo_database: Database) -> None:
    watch = {"query": "subscription { workQueueChanged { waitingCount } }"}
    with ExitStack() as lines:
        with running(shared_demo_database, conftest.tokens()) as server:
            talk = lines.enter_context(talking(server, LOGIN))
            talk.begin(watch["query"])
            assert talk.hear()["type"] == "next"
            headers = {"accept": "text/event-stream", "authorization": f"Bearer {server.tokens[LOGIN]}"}
            client = lines.enter_context(httpx2.Client(base_url=server.url))
            stream = lines.enter_context(client.stream("POST", "/graphql", json=watch, headers=headers))
            told = stream.iter_lines()  # once forgotten, it hangs up
            assert next(told) == "event: next"
            began = time.monotonic()
        print(f"ended after {time.monotonic() - began:.1f} s")
        assert time.monotonic() - began < 5
        assert talk.goodbye() == 1012
