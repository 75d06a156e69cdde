"""Processes: started, watched through /proc and ended. Nothing is ended that was not started here."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bench.peers.peer import Start

PATIENCE = 60  # seconds for a server to listen
TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


class NotStarted(Exception):
    """A server ended, or never listened; what it said."""


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def serving(start: Start, port: int, log: Path) -> Iterator[int]:
    """The server, listening; its process number. It is in a group of its own and ends with all its
    children."""
    environment = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/"), **start.environment}
    with log.open("wb") as said:
        process = subprocess.Popen(  # noqa: S603 - the commands are ours
            start.command, env=environment, stdout=said, stderr=said, start_new_session=True
        )
    try:
        _wait(process, port, log)
        yield process.pid
    finally:
        _end(process)


def _wait(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not _listens(port):
        if process.poll() is not None or time.monotonic() > deadline:
            raise NotStarted(log.read_text(errors="replace")[-2000:])
        time.sleep(0.05)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _end(process: "subprocess.Popen[bytes]") -> None:
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(15)
    except subprocess.TimeoutExpired:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def family(pid: int) -> list[int]:
    """A process and all its descendants."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                children.setdefault(int(_stat(int(entry.name))[1]), []).append(int(entry.name))
    found = [pid]
    for each in found:
        found.extend(children.get(each, ()))
    return found


def cpu_seconds(pid: int) -> float:
    """What a process and its descendants have used, those that have ended included."""
    ticks = 0
    for each in family(pid):
        with suppress(OSError):
            ticks += sum(int(value) for value in _stat(each)[11:13])
    # Of those that ended only the first process tells: a child's own children end with it.
    return (ticks + sum(int(value) for value in _stat(pid)[13:15])) / TICKS


def memory_bytes(pid: int) -> int:
    """What a process and its descendants hold; a page that several share counts once."""
    kilobytes = 0
    for each in family(pid):
        with suppress(OSError):
            lines = (PROC / str(each) / "smaps_rollup").read_text().splitlines()
            kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes * 1024


def _stat(pid: int) -> list[str]:
    """The fields of /proc/PID/stat after the name, which may hold anything: state, parent, …"""
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
