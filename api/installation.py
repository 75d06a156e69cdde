"""What one installation of zeren has: its database (its own or one given), its signing key, its schema
in order.

    installed      for the one process that serves: everything in order first, the demonstration loaded
    attached       for every other command: beside a serving process it finds things in order and leaves them
                   so; where nobody serves, it puts our own server in order and nothing else

Our own server belongs to all processes that use it at the moment: the first to come starts it, the last to
go stops it. So `with attached(settings) as installation:` is all that a command needs, whoever else is there.
"""

import asyncio
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit
from urllib.request import url2pathname

from api import demo
from api.embedded.roles import APP, DATABASE, OWNER
from api.embedded.server import EmbeddedServer, default_data_root, open_own
from api.settings import BadSettings, Settings
from tenants import database
from tenants.database import Credentials
from tenants.secrets import Signer
from tenants.storage import Folder, Storage


@dataclass(frozen=True, slots=True)
class Installation:
    app: Credentials
    owner: Credentials | None
    signer: Signer


@contextmanager
def installed(settings: Settings, *, with_demo: bool = True) -> Iterator[Installation]:
    """The database in order and ready to serve; our own server is stopped at the end. The demonstration is
    loaded where the settings want it, unless `with_demo` is false.

    Raises ServerError or BadSettings with a sentence."""
    if not settings.is_embedded:
        installation = _given(settings)
        asyncio.run(put_in_order(installation, with_demo=with_demo and settings.wants_demo))
        yield installation
        return
    root = data_root(settings)
    with _shared(settings, root) as server, _serving_alone(root):
        installation = _own(settings, server, root)
        asyncio.run(put_in_order(installation, with_demo=with_demo and settings.wants_demo))
        yield installation


@contextmanager
def attached(settings: Settings, *, founds: bool = False) -> Iterator[Installation]:
    """The database for a command that runs beside a serving process, or without one. It never loads the
    demonstration, and migrates only our own server where nobody serves. `founds`: makes our own data where
    there is none.

    Raises ServerError or BadSettings with a sentence."""
    if not settings.is_embedded:
        yield _given(settings)
        return
    root = data_root(settings)
    if not (founds or (root / "data").exists()):
        # A slip in the folder's name must not make another database, in which nobody is known.
        raise BadSettings(
            f"ZEREN_DATA_DIR: {root} 没有数据，先运行 zeren serve / holds no data: zeren serve makes it"
        )
    with _shared(settings, root) as server:
        try:
            with _serving_alone(root):
                installation = _own(settings, server, root)
                asyncio.run(put_in_order(installation, with_demo=False))
        except Served:
            installation = _found(settings, server, root)
        yield installation


class Served(BadSettings):
    """Another process serves from the same data."""


@contextmanager
def _shared(settings: Settings, root: Path) -> Iterator[EmbeddedServer]:
    """Our own server, running: started by the first process that wants it, stopped by the last."""
    server = EmbeddedServer(root / "data", user=settings.database_user)
    server.start()
    with open_own(root / "attached") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        # Somebody who was the last until now may just have stopped it.
        server.start()
        try:
            yield server
        finally:
            _leave(server, lock, root)


def _leave(server: EmbeddedServer, lock: IO[bytes], root: Path) -> None:
    with open_own(root / "leaving") as turn:
        # Of two that leave at once, each would see the other still there.
        fcntl.flock(turn, fcntl.LOCK_EX)
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            server.stop()


@contextmanager
def _serving_alone(root: Path) -> Iterator[None]:
    """One process serves and puts things in order: a second one would migrate under its feet."""
    with open_own(root / "in-use") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Served(
                f"ZEREN_DATA_DIR: 另一个 zeren 正在使用 {root} / another zeren is using it"
            ) from None
        yield


def data_root(settings: Settings) -> Path:
    return settings.data_dir or default_data_root()


def storage_of(settings: Settings) -> Storage:
    """Where files are kept: a folder beside the data, or what ZEREN_STORAGE_URL names. Touches nothing yet.

    Raises BadSettings where that wants a package that is not installed."""
    address = settings.storage_url
    if address is None:
        return Folder(data_root(settings) / "files")
    if address.startswith("file://"):
        return Folder(Path(url2pathname(urlsplit(address).path)))
    try:
        from tenants.object_storage import Bucket
    except ModuleNotFoundError:
        raise BadSettings("ZEREN_STORAGE_URL: pip install 'zeren[s3]'") from None
    return Bucket(address)


async def put_in_order(installation: Installation, *, with_demo: bool) -> None:
    """Migrate where we may, and load the demonstration where it is wanted. Idempotent."""
    if installation.owner is not None:
        await database.migrate(installation.owner, installation.app.user)
    if with_demo:
        async with database.connected(installation.app, pool_size=2):
            await demo.load()


def _given(settings: Settings) -> Installation:
    assert settings.database_url is not None, "the caller has checked"
    if settings.secret_key is None:
        raise BadSettings("ZEREN_SECRET_KEY: needed with DATABASE_URL / 使用 DATABASE_URL 时必须设置")
    owner = settings.owner_database_url
    app = Credentials.from_url(settings.database_url.get_secret_value())
    return Installation(
        app=replace(app, statement_cache_size=settings.statement_cache_size),
        owner=Credentials.from_url(owner.get_secret_value()) if owner else None,
        signer=Signer(settings.secret_key.get_secret_value().encode()),
    )


def _found(settings: Settings, server: EmbeddedServer, root: Path) -> Installation:
    """Our own server as the serving process has put it in order."""
    app, owner = (Credentials(**server.credentials(role, DATABASE)) for role in (APP, OWNER))
    return Installation(app, owner, _signer(settings, root))


def _own(settings: Settings, server: EmbeddedServer, root: Path) -> Installation:
    logins = asyncio.run(server.ensure_roles_and_database())
    return Installation(Credentials(**logins.app), Credentials(**logins.owner), _signer(settings, root))


def _signer(settings: Settings, root: Path) -> Signer:
    given = settings.secret_key
    return Signer(given.get_secret_value().encode() if given else kept_key(root / "signing.key"))


def kept_key(path: Path) -> bytes:
    """The installation's signing key, made at the first start and readable by us alone."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(descriptor, "wb") as file:
        key = secrets.token_urlsafe(48).encode()
        file.write(key)
    return key
