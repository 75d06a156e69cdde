"""PgBouncer in transaction mode before the run's server: few connections, lent by the transaction."""

import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from tenants.database import Credentials

PROGRAM = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin")
needs_pgbouncer = pytest.mark.skipif(PROGRAM is None, reason="PgBouncer (Debian: pgbouncer) is not installed")
PATIENCE_SECONDS = 10
SETTINGS = """
[databases]
* = host={host} port={port}
[pgbouncer]
pool_mode = transaction
default_pool_size = {size}
max_client_conn = 200
unix_socket_dir = {root}
listen_port = 6432
auth_type = scram-sha-256
auth_file = {root}/users
"""


def version() -> tuple[int, ...]:
    if PROGRAM is None:
        return ()
    said = subprocess.run([PROGRAM, "--version"], capture_output=True, text=True, check=True).stdout
    found = re.search(r"PgBouncer (\d+)\.(\d+)", said)
    assert found, said
    return tuple(int(part) for part in found.groups())


@contextmanager
def pooling(app: Credentials, *, size: int) -> Iterator[Credentials]:
    """How the application reaches its database through a pooler that holds `size` connections to it.

    As root it runs under another account."""
    root = Path(tempfile.mkdtemp(prefix="zeren-pooler-"))
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
    (root / "users").write_text(f'"{app.user}" "{app.password}"\n')
    settings = SETTINGS.format(host=app.host, port=app.port, size=size, root=root)
    (root / "pgbouncer.ini").write_text(settings)
    if account:
        for path in (root, *root.iterdir()):
            os.chown(path, account.pw_uid, account.pw_gid)
    process = subprocess.Popen(
        [str(PROGRAM), "-q", str(root / "pgbouncer.ini")],
        user=account.pw_uid if account else None,
        group=account.pw_gid if account else None,
        extra_groups=[] if account else None,
    )
    try:
        _wait_for(root / ".s.PGSQL.6432", process)
        yield replace(app, host=str(root), port=6432, statement_cache_size=0)
    finally:
        process.kill()
        process.wait(PATIENCE_SECONDS)
        shutil.rmtree(root, ignore_errors=True)


def _wait_for(door: Path, process: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while not door.exists():
        assert process.poll() is None, "the pooler ended before it was ready"
        assert time.monotonic() < until, "the pooler was not ready in time"
        time.sleep(0.02)
