"""Load: one slice of requests over some connections, with every answer read. wrk where it is installed,
otherwise a generator of our own, in a process of its own.

Both take the same file of requests, and neither is to be the bottleneck: bench/peers/nothing.py says how many
answers it can take.
"""

import json
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any

from bench.peers.peer import PROJECT

CONNECTIONS = 16


class WrongAnswers(Exception):
    """Not every answer of a slice was one: a fast error is no speed."""


@dataclass(frozen=True, slots=True)
class Slice:
    """What a generator saw. Percentiles are microseconds."""

    requests: int
    seconds: float
    p50: int
    p99: int

    @property
    def rate(self) -> float:
        return self.requests / self.seconds


@dataclass(frozen=True, slots=True)
class Ask:
    """One request: who asks, and the body as GraphQL over HTTP has it."""

    token: str
    body: Mapping[str, Any]

    def as_line(self) -> str:
        return f"Bearer {self.token}\t{json.dumps(self.body, ensure_ascii=False)}\n"


def run(asks: Iterable[Ask], port: int, seconds: float, file: Path) -> Slice:
    """Send the requests in turn for so long. Raises WrongAnswers where one was refused or held errors."""
    file.write_text("".join(ask.as_line() for ask in asks), encoding="utf-8")
    command = _wrk(port, seconds, file) if which("wrk") else _own(port, seconds, file)
    ended = subprocess.run(  # noqa: S603 - our own generator, or the installed one
        command, capture_output=True, text=True, check=True, cwd=PROJECT
    )
    found = next(line for line in ended.stdout.splitlines() if line.startswith("FOUND "))
    requests, microseconds, wrong, failed, p50, p99 = (int(value) for value in found.split()[1:])
    if wrong or failed or not requests:
        raise WrongAnswers(f"{wrong} wrong, {failed} failed of {requests}: {ended.stderr.strip()}")
    return Slice(requests, microseconds / 1e6, p50, p99)


def generator() -> str:
    return "wrk" if which("wrk") else "own"


def _wrk(port: int, seconds: float, file: Path) -> list[str]:
    script = str(Path(__file__).with_name("load.lua"))
    how = ["-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s", "--timeout", "10s", "-s", script]
    return ["wrk", *how, f"http://127.0.0.1:{port}", "--", str(file)]


def _own(port: int, seconds: float, file: Path) -> list[str]:
    return [sys.executable, "-m", "bench.peers.own_load", str(port), str(seconds), str(file)]
