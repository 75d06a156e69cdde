"""A server for the judges: zeren as `zeren serve` runs it, with the demonstration, thrown away afterwards."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from judges.panel import HERE

PATIENCE_SECONDS = 120
_SETTINGS = ("DATABASE_URL", "ZEREN_", "AWS_")


@contextmanager
def serving() -> Iterator[str]:
    """The address of GraphQL on a server with a database of its own."""
    root = Path(tempfile.mkdtemp(prefix="zeren-judges-"))
    root.chmod(0o755)
    port = _free_port()
    settings = {
        "ZEREN_DATA_DIR": str(root / "data"),
        "ZEREN_PORT": str(port),
        "ZEREN_DEMO": "true",
        # A judge waits for it.
        "ZEREN_CONNECTION_INIT_SECONDS": "2",
    }
    with (root / "log").open("wb") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "api.command", "serve"],
            cwd=HERE.parent,
            env=without_settings(os.environ) | settings,
            stdout=log,
            stderr=log,
        )
    try:
        _wait_until_ready(server, f"http://127.0.0.1:{port}/ready", root / "log")
        yield f"http://127.0.0.1:{port}/graphql"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)
        shutil.rmtree(root, ignore_errors=True)


def without_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """The judges may break things: never in a database or a storage that somebody has. Settings are read
    whatever the case of their names."""
    return {name: value for name, value in environment.items() if not name.upper().startswith(_SETTINGS)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(server: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=1)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SystemExit(f"the server did not start\n{log.read_text('utf-8', 'replace')}")
