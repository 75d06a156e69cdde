"""What one installation of zeren has: its database (its own or one given), its signing key, its schema
in order."""

import asyncio
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from api import demo
from api.embedded.server import EmbeddedServer, default_data_root, open_own
from api.settings import BadSettings, Settings
from tenants import database
from tenants.database import Credentials
from tenants.secrets import Signer


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
    server = EmbeddedServer(root / "data", user=settings.database_user)
    server.start()
    with _used_by_us_alone(root):
        try:
            installation = _own(settings, server, root)
            asyncio.run(put_in_order(installation, with_demo=with_demo and settings.wants_demo))
            yield installation
        finally:
            server.stop()


@contextmanager
def _used_by_us_alone(root: Path) -> Iterator[None]:
    """Two processes may not share our own server: the first to end would stop it under the other."""
    with open_own(root / "in-use") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BadSettings(
                f"ZEREN_DATA_DIR: 另一个 zeren 正在使用 {root} / another zeren is using it"
            ) from None
        yield


def data_root(settings: Settings) -> Path:
    return settings.data_dir or default_data_root()


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


def _own(settings: Settings, server: EmbeddedServer, root: Path) -> Installation:
    logins = asyncio.run(server.ensure_roles_and_database())
    given = settings.secret_key
    key = given.get_secret_value().encode() if given else kept_key(root / "signing.key")
    return Installation(Credentials(**logins.app), Credentials(**logins.owner), Signer(key))


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
