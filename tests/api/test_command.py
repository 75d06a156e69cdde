"""The command line as a person meets it: real processes, real data, real signals."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from pathlib import Path

from api.demo import PASSWORD
from api.embedded.server import EmbeddedServer

SIGN_IN = """mutation ($login: String!, $password: String!) {
  sessionOpen(login: $login, password: $password) { session { accessToken } userErrors { code } } }"""
LEAVES = "{ leaves { totalCount } viewer { name } }"
SUBMIT = """mutation { leaveSubmit(input: {beginsOn: "2018-06-18", endsOn: "2018-06-19"}) {
  leave { days } userErrors { code } } }"""


@dataclass
class Serving:
    folder: Path
    port: int
    process: "subprocess.Popen[str]"

    def ask(self, query: str, token: str = "", **variables: str) -> dict[str, object]:
        body = json.dumps({"query": query, "variables": variables}).encode()
        headers = {"content-type": "application/json", "authorization": f"Bearer {token}"}
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/graphql", body, headers)
        with urllib.request.urlopen(request, timeout=10) as answer:
            data: dict[str, object] = json.load(answer)["data"]
            return data

    def token(self, login: str) -> str:
        opened = self.ask(SIGN_IN, login=login, password=PASSWORD)["sessionOpen"]
        token: str = opened["session"]["accessToken"]  # type: ignore[index]
        return token

    def end(self, how: signal.Signals = signal.SIGINT) -> str:
        self.process.send_signal(how)
        said, _ = self.process.communicate(timeout=30)
        return said


def start(folder: Path, port: int, **settings: str) -> "subprocess.Popen[str]":
    environment = os.environ | {"ZEREN_DATA_DIR": str(folder), "ZEREN_PORT": str(port)} | settings
    return subprocess.Popen(
        [sys.executable, "-m", "api.command", "serve"],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def serve(folder: Path) -> Serving:
    port = free_port()
    process = start(folder, port)
    for _ in range(600):
        assert process.poll() is None, process.communicate()[0]
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/ready", timeout=1)
            return Serving(folder, port, process)
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise AssertionError("the server did not start")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_serving_greets_keeps_its_data_and_survives_a_kill(folder: Path) -> None:
    first = serve(folder)
    assert first.ask(SUBMIT, first.token("hn-first-secretary"))["leaveSubmit"] == {
        "leave": {"days": "2.0"},
        "userErrors": [],
    }
    greeting = first.end(signal.SIGINT)
    assert first.process.returncode == 0
    for word in (f"http://127.0.0.1:{first.port}/graphql", PASSWORD, "hn-first-secretary", "leaveSubmit"):
        assert word in greeting

    assert greeting.endswith("已停止 stopped\n")
    assert not EmbeddedServer(folder / "data").running()

    second = serve(folder)
    assert second.ask(LEAVES, second.token("hn-first-secretary"))["leaves"] == {"totalCount": 1}
    second.end(signal.SIGKILL)

    third = serve(folder)
    assert third.ask(LEAVES, third.token("hn-first-secretary"))["leaves"] == {"totalCount": 1}
    refused = start(folder, free_port())
    assert "another zeren is using it" in refused.communicate(timeout=30)[0]
    assert refused.returncode == 1
    assert third.ask(LEAVES, third.token("hn-first-secretary"))["leaves"] == {"totalCount": 1}
    taken = start(folder.with_name("other"), third.port, ZEREN_DEMO="false")
    assert "cannot be used" in taken.communicate(timeout=60)[0]
    third.end(signal.SIGTERM)
    assert third.process.returncode == 0
    assert not EmbeddedServer(folder / "data").running()


def test_a_wrong_setting_ends_the_start_with_its_name(folder: Path) -> None:
    refused = start(folder, 0)

    said = refused.communicate(timeout=30)[0]

    assert refused.returncode == 1
    assert said.startswith("ZEREN_PORT: ")
    assert "Traceback" not in said
    assert not folder.exists()
