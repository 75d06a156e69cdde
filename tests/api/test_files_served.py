"""Files and jobs in a server of its own process: over real sockets, with a runner beside."""

import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests import conftest
from tests.api.running import Running, ask, running
from tests.conftest import Database
from tests.front_door import rows

LOGIN, AUDITOR = "hn-first-secretary", "hn-auditor"
PATIENCE_SECONDS = 20
EXPORT = "mutation { auditExport { job { id state } userErrors { code } } }"
JOBS = "{ jobs { nodes { id state done total outcome attachment { name url size } } } }"
IN_TRANSACTION = (
    "FROM pg_stat_activity WHERE datname = current_database() AND usename = $1 AND state <> 'idle'"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def server(shared_demo_database: Database, folder: Path) -> Iterator[Running]:
    with running(shared_demo_database, conftest.tokens(), ZEREN_DATA_DIR=str(folder)) as server:
        yield server


def files(folder: Path) -> list[Path]:
    return [path for path in (folder / "files").rglob("*") if path.is_file()]


def until(holds: Any) -> Any:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        if found := holds():
            return found
        time.sleep(0.05)
    raise AssertionError("it did not come to hold")


def test_a_job_is_woken_by_its_command_and_its_file_fetched(server: Running) -> None:
    client = server.asking(AUDITOR)
    asked = ask(client, EXPORT)["data"]["auditExport"]
    begun = time.monotonic()

    def done() -> Any:
        (job,) = ask(client, JOBS)["data"]["jobs"]["nodes"]
        return job if job["state"] == "DONE" else None

    job = until(done)

    assert (asked["job"]["state"], job["id"]) == ("QUEUED", asked["job"]["id"])
    assert time.monotonic() - begun < 4, "it waited for the sweep"
    fetched = client.get(job["attachment"]["url"])
    assert (fetched.status_code, len(fetched.content)) == (200, job["attachment"]["size"])
    assert fetched.content.decode("utf-8-sig").startswith("recordedAt,act,")
    assert server.asking(LOGIN).get(job["attachment"]["url"]).status_code == 404


def begun_upload(server: Running) -> socket.socket:
    """A client that has announced a file and sent half of it."""
    address = urlsplit(server.url)
    assert address.hostname is not None
    line = socket.create_connection((address.hostname, address.port or 80))
    head = (
        f"POST /files?name=half.txt HTTP/1.1\r\nHost: {address.netloc}\r\nContent-Type: text/plain\r\n"
        f"Authorization: Bearer {server.tokens[LOGIN]}\r\nContent-Length: 200000\r\n\r\n"
    )
    line.sendall(head.encode() + b"x" * 100_000)
    return line


def test_an_upload_holds_no_transaction_and_leaves_nothing_when_it_breaks_off(
    server: Running, shared_demo_database: Database, folder: Path
) -> None:
    before = set(files(folder))
    line = begun_upload(server)
    until(lambda: set(files(folder)) - before)

    assert rows(shared_demo_database, f"SELECT pid {IN_TRANSACTION}", shared_demo_database.app.user) == []
    line.close()

    until(lambda: set(files(folder)) == before)
    assert rows(shared_demo_database, "SELECT 1 FROM attachments WHERE name = 'half.txt'") == []


def test_the_same_upload_that_goes_on_is_kept(server: Running, folder: Path) -> None:
    before = set(files(folder))
    line = begun_upload(server)

    line.sendall(b"x" * 100_000)

    assert line.recv(1000).startswith(b"HTTP/1.1 201")
    line.close()
    (kept,) = set(files(folder)) - before
    assert kept.read_bytes() == b"x" * 200_000
