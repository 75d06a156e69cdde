import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import asyncpg

from api.embedded.roles import SUPERUSER, Credentials
from api.embedded.server import EmbeddedServer, Logins

IS_ROOT = os.getuid() == 0
PROJECT = Path(__file__).resolve().parents[3]


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Below /tmp and passable: pytest's own temporary folder is closed to the server's account."""
    folder = Path(tempfile.mkdtemp(prefix="zeren-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def provision(server: EmbeddedServer) -> Logins:
    return asyncio.run(server.ensure_roles_and_database())


def ask(credentials: Credentials, *statements: str) -> object:
    """The single value of the last statement."""

    async def answer() -> object:
        connection = await asyncpg.connect(**credentials)
        try:
            return [await connection.fetchval(statement) for statement in statements][-1]
        finally:
            await connection.close()

    return asyncio.run(answer())


def superuser(server: EmbeddedServer) -> Credentials:
    return server.credentials(SUPERUSER, "postgres")


def process_of(server: EmbeddedServer) -> int:
    return int((server.data_dir / "postmaster.pid").read_text().splitlines()[0])


def remember(server: EmbeddedServer, text: str) -> None:
    ask(superuser(server), f"CREATE TABLE note AS SELECT '{text}' AS text")


def remembered(server: EmbeddedServer) -> object:
    return ask(superuser(server), "SELECT text FROM note")


def socket_of(server: EmbeddedServer, suffix: str = "") -> Path:
    return Path(server.address.host, f".s.PGSQL.{server.address.port}{suffix}")


def kill_at_once(server: EmbeddedServer) -> None:
    os.kill(process_of(server), signal.SIGKILL)
    while server.running():
        pass


def mode_of(path: Path) -> str:
    return stat.filemode(path.lstat().st_mode)


def run_script(script: str, *arguments: object) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", script, *map(str, arguments)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def as_account(uid: int, command: list[str]) -> "subprocess.Popen[bytes]":
    lent = {"user": uid, "group": uid, "extra_groups": []} if IS_ROOT else {}
    return subprocess.Popen(command, cwd="/", **lent)  # type: ignore[call-overload, no-any-return]
