"""`make judges`: start a server on loopback, let each judge look at it, stop it."""

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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HERE = Path(__file__).parent
OLDEST_NODE = 20
PATIENCE_SECONDS = 120


def main() -> int:
    if (lacking := what_is_lacking()) is not None:
        print(f"skipped: graphql-http audit ({lacking})")
        return 0
    subprocess.run(
        ["npm", "install", "--no-package-lock", "--no-audit", "--no-fund", "--silent"], cwd=HERE, check=True
    )
    with serving() as url:
        return subprocess.run(["node", "audit.mjs", url], cwd=HERE, check=False).returncode


def what_is_lacking() -> str | None:
    """Why the judges cannot sit here, or None."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return "node and npm are not installed"
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.lstrip("v").split(".")[0]) < OLDEST_NODE:
        return f"node {version.strip()} is older than {OLDEST_NODE}"
    return None


@contextmanager
def serving() -> Iterator[str]:
    """The address of a server with an empty database of its own."""
    root = Path(tempfile.mkdtemp(prefix="zeren-judges-"))
    root.chmod(0o755)
    port = _free_port()
    settings = {"ZEREN_DATA_DIR": str(root / "data"), "ZEREN_PORT": str(port), "ZEREN_DEMO": "false"}
    server = subprocess.Popen(
        [sys.executable, "-m", "api.command", "serve"], cwd=HERE.parent, env=os.environ | settings
    )
    try:
        _wait_until_ready(server, f"http://127.0.0.1:{port}/ready")
        yield f"http://127.0.0.1:{port}/graphql"
    finally:
        server.send_signal(signal.SIGINT)
        server.wait(timeout=30)
        shutil.rmtree(root, ignore_errors=True)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_until_ready(server: "subprocess.Popen[bytes]", url: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=1)
            return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise SystemExit("the server did not start")


sys.exit(main())
