"""The cluster on disk: made once and whole, looked at before every start."""

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from api.embedded import server_user
from api.embedded.binaries import Binaries
from api.embedded.error import ServerError, explained
from api.embedded.roles import APP, OWNER, SUPERUSER
from api.embedded.server_user import ServerUser

INITDB = (
    f"--username={SUPERUSER}",
    "--auth-local=scram-sha-256",
    "--auth-host=reject",
    "--encoding=UTF8",
    "--locale=C",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
)


@dataclass(frozen=True, slots=True)
class Cluster:
    data_dir: Path
    user: ServerUser

    @property
    def root(self) -> Path:
        return self.data_dir.parent

    def password_file(self, role: str) -> Path:
        return self.root / "secrets" / role

    def is_missing(self) -> bool:
        """Whether nothing is there yet, or only an empty directory of our own."""
        if not os.path.lexists(self.data_dir):
            return True
        is_ours = self.data_dir.stat().st_uid in (os.geteuid(), self.user.uid)
        return is_ours and not any(self.data_dir.iterdir())

    def verify(self, binaries: Binaries) -> None:
        """Refuses a directory of somebody else, of something else, or of another major version."""
        server_user.verify_private(self.data_dir, self.user)
        if not (self.data_dir / "PG_VERSION").is_file():
            raise ServerError(
                f"目录 {self.data_dir} 不是空的，也不是数据库目录；不予使用。",
                f"{self.data_dir} is neither empty nor a database; it will not be used.",
            )
        found = (self.data_dir / "PG_VERSION").read_text().strip()
        if found != binaries.major:
            raise ServerError(
                f"{self.data_dir} 由 PostgreSQL {found} 建立，所装程序是 {binaries.major}；"
                f"请用 {found} 导出后再导入。",
                f"{self.data_dir} was made by PostgreSQL {found}, the programs installed are "
                f"{binaries.major}; dump it with {found} and load it again.",
            )

    def drop_stale_locks(self, socket_lock: Path) -> None:
        """Removes the lock files of a killed server whose process number is alive for another reason.

        PostgreSQL only asks whether the number is alive. After a container's restart it usually is,
        as another process; and where process 1 buries no dead, it is the killed server's own corpse.
        A lock file left empty by a power cut names nobody, and goes too.
        """
        lock = self.data_dir / "postmaster.pid"
        if not lock.exists():
            return
        process = lock.read_text().partition("\n")[0]
        if not process or is_not_at(self.data_dir, process):
            lock.unlink()
            socket_lock.unlink(missing_ok=True)

    def create(self, binaries: Binaries, *, fast: bool) -> None:
        """Makes the cluster beside its place, then moves it there: a killed initdb leaves no half."""
        self._make_passwords()
        draft = self.data_dir.with_name(f"{self.data_dir.name}.new")
        shutil.rmtree(draft, ignore_errors=True)
        server_user.make_private(draft, self.user)
        with self._superuser_password() as password_file:
            options = [f"--pgdata={draft}", f"--pwfile={password_file}", *INITDB]
            options += ["--no-sync"] if fast else []
            made = self.user.run([str(binaries.program("initdb")), *options])
        if made.returncode:
            shutil.rmtree(draft, ignore_errors=True)
            raise explained("initdb", made.stdout.decode(errors="replace"))
        draft.rename(self.data_dir)

    def _make_passwords(self) -> None:
        server_user.make_private(self.root / "secrets", server_user.current())
        for role in (SUPERUSER, OWNER, APP):
            if not self.password_file(role).exists():
                draft = self.root / "secrets" / f"{role}.new"
                draft.unlink(missing_ok=True)
                write_for(server_user.current(), draft, secrets.token_urlsafe(32))
                draft.rename(self.password_file(role))

    @contextmanager
    def _superuser_password(self) -> Iterator[Path]:
        """The password where initdb, under the server's account, can read it: for this moment only."""
        path = self.root / "initdb.password"
        path.unlink(missing_ok=True)
        write_for(self.user, path, self.password_file(SUPERUSER).read_text())
        try:
            yield path
        finally:
            path.unlink()


def is_not_at(directory: Path, process: str) -> bool:
    """Whether this live process does not work in `directory`, as a database server does in its data.

    A corpse works nowhere. False where the system does not tell, and PostgreSQL decides alone.
    """
    entry = Path("/proc", process)
    try:
        return (entry / "cwd").readlink() != directory
    except FileNotFoundError:
        return entry.exists()
    except OSError:
        return False


def write_for(owner: ServerUser, path: Path, text: str) -> None:
    """A new file that only its owner may read; a file or link already there is an error."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        if owner.is_lent:
            os.fchown(file.fileno(), owner.uid, owner.gid)
        file.write(text)
