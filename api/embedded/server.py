"""PostgreSQL without an installation: the wheel's programs, our own cluster, a private socket.

The data root holds one cluster and everything about it:

    <data dir>   the cluster        0700, the server's account
    run          the socket         0700, the server's account
    secrets      one password a role, 0600, our own account
    lock, server.log                0600, our own account
"""

import fcntl
import hashlib
import os
import shlex
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from api.embedded import binaries, roles, server_user
from api.embedded.binaries import Binaries
from api.embedded.cluster import Cluster
from api.embedded.error import ServerError, StillInUse, explained, system_errors_explained
from api.embedded.roles import APP, DATABASE, OWNER, SUPERUSER, Credentials

PROJECT = Path(__file__).resolve().parents[2]
PORT = 5432  # part of the socket's file name; nothing listens on the network
SOCKET = f".s.PGSQL.{PORT}"
LONGEST_SOCKET_PATH = 100  # bytes; systems allow 103 to 107
# Not tempfile.gettempdir(): TMPDIR differs between two shells, and both must find the same server.
SHORT = Path("/tmp").resolve()  # noqa: S108 - the directory below it is made or verified as private
PATIENCE = 10.0  # seconds for the orphans of a killed server to leave its shared memory

SETTINGS = {
    "listen_addresses": "",
    "port": str(PORT),
    "unix_socket_permissions": "0700",
    "password_encryption": "scram-sha-256",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "max_wal_size": "256MB",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_logical_replication_workers": "0",
    "io_method": "sync",
    "jit": "off",
    "log_checkpoints": "off",
    # A failing statement and its detail carry people's data; they do not belong in a log file.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
WAITING = ("--wait", "--timeout=60", "--silent")


@dataclass(frozen=True, slots=True)
class Address:
    """`host` is the directory of the Unix socket, as libpq, asyncpg and Tortoise take it."""

    host: str
    port: int


@dataclass(frozen=True, slots=True)
class Logins:
    owner: Credentials
    app: Credentials


def default_data_root() -> Path:
    """Where data goes when nobody said.

    An ordinary user's data stays in the project. Root's project may lie below a directory closed
    to the unprivileged account that runs the server (/root is 0700), so root's data goes where
    every parent lets it pass, one directory for each project path.
    """
    if os.geteuid() != server_user.ROOT:
        return PROJECT / ".zeren"
    return Path("/var/lib/zeren") / short_digest(PROJECT)


def short_digest(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:8]


class EmbeddedServer:
    """One PostgreSQL cluster in `data_dir`, whose parent belongs to it alone.

    `user` runs the server when we are root. `fast` trades safety in a power cut for speed: tests only.
    Methods block; a server outlives the process that started it, until `stop`.
    """

    def __init__(self, data_dir: Path, *, user: str = "nobody", fast: bool = False) -> None:
        self.data_dir = data_dir.resolve()
        self.root = self.data_dir.parent
        self.user = server_user.chosen(user)
        self.cluster = Cluster(self.data_dir, self.user)
        self.fast = fast

    @property
    def _socket_dir(self) -> Path:
        """Beside the data, or, where that path is too long for a socket, a short one of our own."""
        beside = self.root / "run"
        if len(os.fsencode(beside / SOCKET)) <= LONGEST_SOCKET_PATH:
            return beside
        return SHORT / f"zeren-{self.user.uid}-{short_digest(self.data_dir)}"

    @property
    def address(self) -> Address:
        return Address(str(self._socket_dir), PORT)

    def start(self) -> None:
        """Starts the server, creating the cluster if there is none; does nothing if it is running."""
        with system_errors_explained():
            server_user.make_root(self.root, self.user)
            with self._alone():
                if not self.running():
                    self._prepare()
                    self._launch()

    def stop(self) -> None:
        """Ends open connections and shuts down cleanly; does nothing if it is not running."""
        if not self.running():
            return
        with system_errors_explained(), self._alone():
            if self.running():
                self._pg_ctl("stop", "--mode=fast")

    def running(self) -> bool:
        """Whether this cluster's server listens: a process number in a file may be anybody's.

        Raises ServerError when somebody else made the socket directory, lest he is sent passwords.
        """
        if not os.path.exists(self.data_dir / "postmaster.pid") or not self._socket_dir.exists():
            return False
        server_user.verify_private(self._socket_dir, self.user)
        with socket.socket(socket.AF_UNIX) as probe:
            return probe.connect_ex(str(self._socket_dir / SOCKET)) == 0

    def password(self, role: str) -> str:
        try:
            return self.cluster.password_file(role).read_text()
        except FileNotFoundError as error:
            raise ServerError(
                f"没有角色 {role} 的密码文件：{error.filename}。",
                f"The password file of the role {role} is missing: {error.filename}.",
            ) from None

    def credentials(self, role: str, database: str) -> Credentials:
        address = self.address
        return Credentials(
            host=address.host,
            port=address.port,
            user=role,
            password=self.password(role),
            database=database,
        )

    async def ensure_roles_and_database(self) -> Logins:
        """Creates or puts right the owner, the application role and the database; safe to repeat."""
        superuser = self.credentials(SUPERUSER, roles.MAINTENANCE)
        await roles.provision(superuser, {role: self.password(role) for role in (OWNER, APP)})
        return Logins(owner=self.credentials(OWNER, DATABASE), app=self.credentials(APP, DATABASE))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One process at a time starts or stops this cluster; the others wait."""
        with open_own(self.root / "lock") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _prepare(self) -> None:
        server_user.refuse_blocked(self._socket_dir.parent, self.user)
        server_user.make_private(self._socket_dir, self.user)
        binaries = self._binaries()
        if self.cluster.is_missing():
            self.cluster.create(binaries, fast=self.fast)
        self.cluster.verify(binaries)

    def _launch(self) -> None:
        """Starts the server, with patience for the last processes of one that was killed."""
        deadline = time.monotonic() + PATIENCE
        while not self.running():
            self.cluster.drop_stale_locks(self._socket_dir / f"{SOCKET}.lock")
            try:
                self._pg_ctl("start", f"--options={self._options()}")
            except StillInUse:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.1)

    def _options(self) -> str:
        directory = str(self._socket_dir).replace('"', '""')
        settings = SETTINGS | {"unix_socket_directories": f'"{directory}"'}
        settings |= UNSAFE_BUT_FAST if self.fast else {}
        return shlex.join(f"--{name}={value}" for name, value in settings.items())

    def _pg_ctl(self, action: str, *options: str) -> None:
        """Runs pg_ctl and waits; it and the server write to the log, which the server keeps open."""
        pg_ctl = str(self._binaries().program("pg_ctl"))
        with open_own(self.root / "server.log") as log:
            before = log.seek(0, os.SEEK_END)
            # By environment, not option: pg_ctl would put the option's text on a shell's command line.
            ended = self.user.run(
                [pg_ctl, action, *WAITING, *options],
                environment={"PGDATA": str(self.data_dir)},
                output=log,
            )
            log.seek(before)
            said = log.read().decode(errors="replace")
        if ended.returncode:
            raise explained(f"pg_ctl {action}", said)

    def _binaries(self) -> Binaries:
        return binaries.reachable(self.user, self.root)


def open_own(path: Path) -> IO[bytes]:
    """Our own file for appending and reading back, never through a link."""
    flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW
    return os.fdopen(os.open(path, flags, 0o600), "a+b")
