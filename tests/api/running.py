"""zeren in a process of its own, as `zeren serve` runs it over a database that it is given."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx2

from tenants.database import Credentials
from tests.conftest import KEY, Database

PATIENCE_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Running:
    """`tokens`: the access token of every login of the demonstration."""

    url: str
    tokens: dict[str, str]
    clients: ExitStack
    pid: int

    def asking(self, login: str | None = None) -> httpx2.Client:
        """A client with a connection of its own, signed in as somebody; closed when the server ends."""
        headers = {"authorization": f"Bearer {self.tokens[login]}"} if login else {}
        client = httpx2.Client(base_url=self.url, headers=headers, timeout=PATIENCE_SECONDS, verify=False)
        return self.clients.enter_context(client)


def ask(client: httpx2.Client, query: str, **variables: Any) -> dict[str, Any]:
    """The whole answer, errors and all."""
    answer = client.post("/graphql", json={"query": query, "variables": variables})
    body: dict[str, Any] = answer.json()
    return body


def url_of(credentials: Credentials) -> str:
    """Percent-encoded, so that the directory of a socket can stand in the place of a host."""
    user, password, host = (
        quote(part, safe="") for part in (credentials.user, credentials.password, credentials.host)
    )
    return f"postgresql://{user}:{password}@{host}:{credentials.port}/{credentials.database}"


@contextmanager
def running(database: Database, tokens: dict[str, str], **settings: str) -> Iterator[Running]:
    port = _free_port()
    environment = os.environ | {
        "DATABASE_URL": url_of(database.app),
        "ZEREN_SECRET_KEY": KEY.decode(),
        "ZEREN_DEMO": "0",
        "ZEREN_PORT": str(port),
        **settings,
    }
    process = subprocess.Popen([sys.executable, "-m", "api.command", "serve"], env=environment)
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_until_ready(url, process)
        with ExitStack() as clients:
            yield Running(url, tokens, clients, process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(PATIENCE_SECONDS)


def _free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port: int = door.getsockname()[1]
        return port


def _wait_until_ready(url: str, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        assert process.poll() is None, "the server ended before it was ready"
        try:
            if httpx2.get(f"{url}/ready").status_code == 200:
                return
        except httpx2.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError("the server was not ready in time")
