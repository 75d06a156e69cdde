"""The world the peers share: a PostgreSQL of our own, migrated, and the data set in it."""

import asyncio
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from urllib.parse import quote

from api.embedded.server import EmbeddedServer
from bench import dataset
from bench.dataset import Dataset, Size
from tenants import database
from tenants.database import Credentials
from tenants.secrets import Claims, Signer

KEY = "the signing key of the benchmarks, 32 bytes and more"
POOL_SIZE = 5


@dataclass(frozen=True, slots=True)
class World:
    """`folder`: for what a server wants to write; it goes when the world goes."""

    app: Credentials
    owner: Credentials
    postmaster: int
    folder: Path
    dataset: Dataset

    def token(self, claims: Claims) -> str:
        """An access token made now: a run may outlive one."""
        return Signer(KEY.encode()).access_token(claims)

    @property
    def database_url(self) -> str:
        """As our own settings take it: the socket's folder in the place of a host."""
        app, host = self.app, quote(self.app.host, safe="")
        return f"postgres://{app.user}:{quote(app.password)}@{host}:{app.port}/{app.database}"


@contextmanager
def world(size: Size, *, chosen: int = 4) -> Iterator[World]:
    """Filled and planned for; it goes with the block. `chosen`: how many counties are read from.

    Nothing is flushed to the disk, so that its moods are not measured: the same for all peers."""
    root = Path(tempfile.mkdtemp(prefix="zeren-bench-"))
    root.chmod(0o755)
    server = EmbeddedServer(root / "pg" / "data", fast=True)
    server.start()
    try:
        logins = asyncio.run(server.ensure_roles_and_database())
        owner, app = Credentials(**logins.owner), Credentials(**logins.app)
        asyncio.run(database.migrate(owner, app.user))
        built = asyncio.run(dataset.build(owner, app, size, Signer(KEY.encode()), chosen=chosen))
        postmaster = int((server.data_dir / "postmaster.pid").read_text().split()[0])
        yield World(app, owner, postmaster, root, built)
    finally:
        server.stop()
        rmtree(root, ignore_errors=True)
