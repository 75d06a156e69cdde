"""Storage: where the bytes of files are kept, beside the database; which file is whose stands in attachments.

Bytes are streamed, measured on the way, and there is either the whole file or none. A key is made here at
random under the place that owns it; nothing of a client's is ever part of a path.

    StorageError       the storage cannot be used as it is
    ├── Missing        there are no bytes under this key
    └── Away           it does not answer, or takes nothing at the moment
"""

import asyncio
import hashlib
import os
import re
import secrets
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Protocol, TypeVar
from uuid import UUID

T = TypeVar("T")

CHUNK_BYTES = 64 * 1024
KEY = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/[0-9a-f]{32}")
PART = ".part"


class StorageError(Exception):
    pass


class Missing(StorageError):
    pass


class Away(StorageError):
    pass


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is kept. `digest`: sha256 of its bytes, in hexadecimal digits."""

    key: str
    size: int
    digest: str


class Storage(Protocol):
    """What every storage does. Each raises Away; `read` raises Missing before its first bytes."""

    async def write(self, place_id: UUID, chunks: AsyncIterable[bytes]) -> Stored:
        """Keep the bytes; what `chunks` raises leaves nothing behind."""

    async def read(self, key: str) -> AsyncIterator[bytes]: ...

    async def remove(self, key: str) -> None:
        """Removing what is not there is no error."""

    async def keys_before(self, place_id: UUID, moment: datetime) -> list[str]:
        """The place's files that were written before the moment."""


class Measured:
    """Bytes on their way through: how many there were, and their digest."""

    def __init__(self) -> None:
        self.size = 0
        self._digest = hashlib.sha256()

    async def through(self, chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            self.size += len(chunk)
            self._digest.update(chunk)
            yield chunk

    def stored(self, key: str) -> Stored:
        return Stored(key, self.size, self._digest.hexdigest())


def new_key(place_id: UUID) -> str:
    return f"{place_id}/{secrets.token_hex(16)}"


class Folder:
    """Files in a directory of our own, for one machine. They are on the disk when `write` returns."""

    def __init__(self, root: Path) -> None:
        self._root = root

    async def write(self, place_id: UUID, chunks: AsyncIterable[bytes]) -> Stored:
        key, measured = new_key(place_id), Measured()
        path = self._path(key)
        part = path.with_suffix(PART)
        file = await _apart(lambda: _begun(part))
        try:
            async for chunk in measured.through(chunks):
                await _apart(lambda chunk=chunk: file.write(chunk))  # type: ignore[misc]
            await _apart(lambda: _settle(file, part, path))
        except BaseException:
            part.unlink(missing_ok=True)
            raise
        finally:
            file.close()
        return measured.stored(key)

    async def read(self, key: str) -> AsyncIterator[bytes]:
        if not KEY.fullmatch(key):
            raise Missing(key)
        path = self._path(key)
        return _chunks(await _apart(lambda: path.open("rb")))

    async def remove(self, key: str) -> None:
        path = self._path(key)
        with suppress(Missing):
            await _apart(path.unlink)

    async def keys_before(self, place_id: UUID, moment: datetime) -> list[str]:
        def found() -> list[str]:
            folder = self._root / str(place_id)
            paths = list(folder.iterdir()) if folder.is_dir() else []
            old = [path for path in paths if path.stat().st_mtime < moment.timestamp()]
            for path in old:
                # Begun by a process that was killed.
                if path.suffix == PART:
                    path.unlink(missing_ok=True)
            return [f"{place_id}/{path.name}" for path in old if path.suffix != PART]

        return await _apart(found)

    def _path(self, key: str) -> Path:
        return self._root / key


def private(root: Path) -> None:
    """Makes the directory for us alone (0700), or verifies that it is just that. Raises StorageError."""
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = root.lstat()
    if found.st_uid != os.geteuid() or found.st_mode & 0o077:
        raise StorageError(f"{root}: 应为本账户专用的目录（0700）/ must be a directory of ours alone (0700)")


async def _apart(act: Callable[[], T]) -> T:
    """In a thread, with the system's errors told as ours."""
    with _told():
        return await asyncio.to_thread(act)


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise Missing(error.filename) from error
    except OSError as error:
        raise Away(error.strerror) from error


def _begun(part: Path) -> IO[bytes]:
    private(part.parent.parent)
    part.parent.mkdir(mode=0o700, exist_ok=True)
    return os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


def _settle(file: IO[bytes], part: Path, path: Path) -> None:
    """The bytes first, then the name: after a power cut there is the whole file or none."""
    file.flush()
    os.fsync(file.fileno())
    os.replace(part, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


async def _chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    with file:
        while chunk := await _apart(lambda: file.read(CHUNK_BYTES)):
            yield chunk
