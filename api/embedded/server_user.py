"""Under whose account the embedded database runs, and which directories it may trust.

PostgreSQL refuses to run as root, so root lends it an unprivileged account. What we make gets an
owner and a mode; what was there before is looked at and, if unfit, refused: never changed.
"""

import os
import pwd
import stat
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from api.embedded.error import ServerError

ROOT = 0
# No variable of ours reaches PostgreSQL: a stray PGPORT or LANG must not change what it does.
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}
ENTER_EACH = 'for place; do cd "$place" 2>/dev/null || { printf %s "$place"; exit 1; }; done'


@dataclass(frozen=True, slots=True)
class ServerUser:
    name: str
    uid: int
    gid: int

    @property
    def is_lent(self) -> bool:
        """Whether the server runs under another account than we do."""
        return self.uid != os.geteuid()

    def run(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        output: int | IO[bytes] = subprocess.PIPE,
    ) -> subprocess.CompletedProcess[bytes]:
        """Runs the command as this user, without our groups, environment, input or directory."""
        return subprocess.run(  # noqa: S603 - our own commands, no shell, arguments apart
            command,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            cwd="/",
            env=ENVIRONMENT | dict(environment or {}),
            umask=0o077,
            user=self.uid if self.is_lent else None,
            group=self.gid if self.is_lent else None,
            extra_groups=[] if self.is_lent else None,
        )

    def blocked_at(self, directory: Path) -> Path | None:
        """The first directory on the way to `directory`, itself included, that this user cannot enter.

        The kernel is asked by entering each, so access lists and mount options count too.
        """
        way = [str(place) for place in (*reversed(directory.parents), directory)]
        probe = self.run(["/bin/sh", "-c", ENTER_EACH, "sh", *way])
        return Path(os.fsdecode(probe.stdout)) if probe.returncode else None


def current() -> ServerUser:
    return ServerUser(f"uid {os.geteuid()}", os.geteuid(), os.getegid())


def chosen(name: str) -> ServerUser:
    """The account for the server: our own, unless we are root; then the unprivileged one named."""
    if os.geteuid() != ROOT:
        return current()
    try:
        account = pwd.getpwnam(name)
    except KeyError:
        raise ServerError(
            f"没有名为 {name} 的系统账户；请用 ZEREN_DATABASE_USER 指定一个普通账户。",
            f"There is no account {name}; name an unprivileged one in ZEREN_DATABASE_USER.",
        ) from None
    if account.pw_uid == ROOT:
        raise ServerError(
            "PostgreSQL 不能以 root 身份运行；请用 ZEREN_DATABASE_USER 指定一个普通账户。",
            "PostgreSQL does not run as root; name an unprivileged account in ZEREN_DATABASE_USER.",
        )
    return ServerUser(name, account.pw_uid, account.pw_gid)


def make_root(root: Path, user: ServerUser) -> None:
    """Makes the data root and its missing parents, or refuses what stands in the way.

    Only our own process writes in the root itself: were it the server's, a process of that account
    could place a link where root is about to write. The server must only be able to pass through.
    """
    missing = [place for place in (root, *root.parents) if not os.path.lexists(place)]
    standing = missing[-1].parent if missing else root
    refuse_blocked(standing, user)
    if not os.access(standing, os.W_OK):
        raise ServerError(
            f"不能写入目录 {standing}；请换一个数据目录。",
            f"The directory {standing} is not writable; choose another data directory.",
        )
    for place in reversed(missing):
        make_passable(place, 0o711 if user.is_lent else 0o700)
    verify_root(root, user)


def make_passable(directory: Path, mode: int) -> None:
    try:
        directory.mkdir()
    except FileExistsError:  # another process was quicker
        return
    directory.chmod(mode)  # not left to the umask, which may close the way


def verify_root(root: Path, user: ServerUser) -> None:
    found = root.stat()
    if found.st_uid not in (ROOT, os.geteuid(), user.uid) or found.st_mode & stat.S_IWOTH:
        raise ServerError(
            f"数据目录 {root} 属于其他用户（uid {found.st_uid}）或任何人可写；请换一个目录。",
            f"The data directory {root} belongs to another user (uid {found.st_uid}) or is writable "
            "by anybody; choose another.",
        )


def refuse_blocked(directory: Path, user: ServerUser) -> None:
    if (place := user.blocked_at(directory)) is not None:
        raise ServerError(
            f"数据库账户 {user.name} 无法进入目录 {place}；请换一个数据目录，或由您本人开放该目录。",
            f"The database account {user.name} cannot enter {place}; choose another data directory, "
            "or open that one yourself.",
        )


def make_private(directory: Path, owner: ServerUser) -> None:
    """Makes a directory for its owner alone (0700), or verifies that the one there is just that."""
    try:
        directory.mkdir(mode=0o700)
    except FileExistsError:
        verify_private(directory, owner)
        return
    if owner.is_lent:
        os.chown(directory, owner.uid, owner.gid, follow_symlinks=False)


def verify_private(directory: Path, owner: ServerUser) -> None:
    found = directory.lstat()
    is_private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
    if not is_private or found.st_uid != owner.uid:
        mode = stat.filemode(found.st_mode)
        raise ServerError(
            f"{directory} 应是 {owner.name} 专用的目录（0700），实为 uid {found.st_uid}、{mode}；不予使用。",
            f"{directory} must be a directory of {owner.name} alone (0700) but is of uid "
            f"{found.st_uid}, {mode}; it will not be used.",
        )
