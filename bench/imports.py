"""A county's whole register entered from one workbook, while others go on asking.

`python -m bench.imports` prints seconds, memory, and what a list of households takes meanwhile, and writes
results/imports.json. The server is a process of its own, as its own command starts it.
"""

import io
import json
import os
import random
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Any

import httpx2
import xlsxwriter

from api.demo import PASSWORD
from bench.peers.peer import PROJECT, Start
from bench.peers.processes import free_port, memory_bytes, serving
from bench.peers.zeren import UNLIMITED
from tenants.household_sheets import SHEET
from tenants.workbooks import XLSX

RESULTS = Path(__file__).parent / "results" / "imports.json"
HOUSEHOLDS, MEMBERS, CLIENTS = 10_000, 3, 4
VILLAGES = ("410173108201", "410173108202", "410173108203", "410173108206")
# How long the clients ask before the import, to be compared with.
QUIET_SECONDS = 10.0
SIGN_IN = """
mutation ($login: String!, $password: String!) {
  sessionOpen(login: $login, password: $password) { session { accessToken } }
}
"""
LIST = "{ households(first: 50) { nodes { id number headName state division { name } } } }"
START = """
mutation ($file: ID!) {
  importStart(input: {noun: HOUSEHOLDS, file: $file, dryRun: false}) { job { id } userErrors { message } }
}
"""
JOB = "query ($id: ID!) { node(id: $id) { ... on Job { state outcome startedAt endedAt } } }"


class Asking(threading.Thread):
    """One client that asks for a list again and again, with a connection of its own."""

    def __init__(self, client: httpx2.Client, pause: float) -> None:
        super().__init__(daemon=True)
        self._client, self._pause = client, pause
        self.took: list[tuple[float, float]] = []
        self.is_over = threading.Event()

    def run(self) -> None:
        while not self.is_over.wait(self._pause):
            begun = time.perf_counter()
            answer = ask(self._client, LIST)
            assert answer["households"]["nodes"], "there are households"
            self.took.append((begun, time.perf_counter() - begun))


def ask(client: httpx2.Client, query: str, **variables: Any) -> Any:
    answer = client.post("/graphql", json={"query": query, "variables": variables}).json()
    assert "errors" not in answer, answer
    return answer["data"]


def workbook() -> bytes:
    """A row for each member; villages in turn."""
    kept = io.BytesIO()
    book = xlsxwriter.Workbook(kept, {"constant_memory": True})
    sheet = book.add_worksheet(SHEET.title)
    sheet.write_row(0, 0, [column.header for column in SHEET.columns])
    for number in range(HOUSEHOLDS):
        for nth in range(MEMBERS):
            row: list[Any] = [f"B{number:06d}", None, None, f"演示成员{number}之{nth}", "子女", "1980-03-08"]
            if nth == 0:
                row[1:3], row[4] = [VILLAGES[number % len(VILLAGES)], "在册"], "户主"
                row += [None, 2800 + number % 1000, "演示住址", "2014-05-01"]
            sheet.write_row(1 + number * MEMBERS + nth, 0, row)
    book.close()
    return kept.getvalue()


@contextmanager
def served() -> Iterator[tuple[str, int]]:
    """The server with the demonstration, over a database of its own: its address and process."""
    with tempfile.TemporaryDirectory(prefix="zeren-bench-") as folder:
        os.chmod(folder, 0o755)  # noqa: S103 - as root, the database runs as another user, who passes here
        port = free_port()
        settings = {"PORT": str(port), "DATA_DIR": str(Path(folder) / "own"), **UNLIMITED}
        environment = {f"ZEREN_{name}": value for name, value in settings.items()}
        command = [sys.executable, "-c", "from api.command import app; app()", "serve"]
        start = Start(command, {**environment, "PYTHONPATH": str(PROJECT)})
        with serving(start, port, Path(folder) / "log") as pid:
            yield f"http://127.0.0.1:{port}", pid


def signed_in(url: str, login: str) -> httpx2.Client:
    client = httpx2.Client(base_url=url, timeout=60)
    opened = ask(client, SIGN_IN, login=login, password=PASSWORD)["sessionOpen"]
    client.headers["authorization"] = f"Bearer {opened['session']['accessToken']}"
    return client


def p95(took: list[float]) -> float:
    return quantiles(took, n=20)[-1]


def measured(url: str, pid: int) -> dict[str, Any]:
    content, sender = workbook(), signed_in(url, "hn-county-secretary")
    chance = random.Random(1)  # noqa: S311 - no secret
    clients = [
        Asking(signed_in(url, "hn-county-secretary"), chance.uniform(0.03, 0.05)) for _ in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    time.sleep(QUIET_SECONDS)
    at_rest, begun = memory_bytes(pid), time.perf_counter()
    sent = sender.post("/files?name=bench.xlsx", content=content, headers={"content-type": XLSX}).json()
    job = ask(sender, START, file=sent["id"])["importStart"]["job"]["id"]
    most, found = at_rest, ask(sender, JOB, id=job)["node"]
    while found["state"] in ("QUEUED", "RUNNING"):
        time.sleep(0.1)
        most, found = max(most, memory_bytes(pid)), ask(sender, JOB, id=job)["node"]
    ended = time.perf_counter()
    for client in clients:
        client.is_over.set()
        client.join()
    assert found["state"] == "DONE", found
    took = [one for client in clients for one in client.took]
    quiet = p95([seconds for at, seconds in took if at < begun])
    meanwhile = p95([seconds for at, seconds in took if begun <= at < ended])
    return {
        "households": found["outcome"]["entered"],
        "rows": found["outcome"]["rows"],
        "file_mib": round(len(content) / 2**20, 2),
        "seconds": round(ended - begun, 2),
        "memory_mib": {"before": round(at_rest / 2**20), "most": round(most / 2**20)},
        "p95_ms": {"before": round(quiet * 1000, 1), "meanwhile": round(meanwhile * 1000, 1)},
        "ratio": round(meanwhile / quiet, 2),
    }


def main() -> None:
    with served() as (url, pid):
        found = measured(url, pid)
    print(json.dumps(found, ensure_ascii=False, indent=1))
    RESULTS.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
