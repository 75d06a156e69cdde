"""Storage: a whole file or none, under a key of ours, in a folder and in a bucket."""

import asyncio
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from tenants import storage
from tenants.object_storage import Bucket
from tenants.storage import Away, Folder, Missing, Storage, StorageError

PLACE = UUID("11111111-2222-3333-4444-555555555555")
SOON = timedelta(minutes=1)
SERVER = shutil.which("moto_server") or shutil.which("moto_server", path=str(Path(sys.executable).parent))


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    """An S3-compatible service with an empty bucket `files`; the address of the service."""
    if SERVER is None:
        pytest.skip("moto_server (pip install 'moto[server]') is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [SERVER, "-p", str(port)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        _make_bucket(address)
        yield address
    finally:
        process.terminate()
        process.wait()


def _make_bucket(address: str) -> None:
    made = urllib.request.Request(f"{address}/files", method="PUT")
    for _ in range(150):
        try:
            with urllib.request.urlopen(made):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("the service did not start")


def _keys(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": "id",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(params=["folder", "bucket"])
def kept(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Storage:
    if request.param == "folder":
        return Folder(tmp_path / "files")
    _keys(monkeypatch, request.getfixturevalue("service"))
    return Bucket(f"s3://files/{uuid4()}")


async def sent(*chunks: bytes, then: Exception | None = None) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk
    if then is not None:
        raise then


async def read(kept: Storage, key: str) -> bytes:
    return b"".join([chunk async for chunk in await kept.read(key)])


async def test_what_is_written_is_read_back_and_measured(kept: Storage) -> None:
    chunks = [bytes([n % 256]) * 65536 for n in range(130)]

    stored = await kept.write(PLACE, sent(*chunks))

    assert (stored.size, stored.digest) == (130 * 65536, hashlib.sha256(b"".join(chunks)).hexdigest())
    assert await read(kept, stored.key) == b"".join(chunks)
    assert storage.KEY.fullmatch(stored.key)
    assert stored.key.startswith(f"{PLACE}/")


@pytest.mark.parametrize("many", [1, 130])
async def test_bytes_that_break_off_leave_nothing(kept: Storage, many: int) -> None:
    with pytest.raises(ValueError, match="broke off"):
        await kept.write(PLACE, sent(*[b"x" * 65536] * many, then=ValueError("broke off")))

    assert await kept.keys_before(PLACE, datetime.now(UTC) + SOON) == []
    assert await read(kept, (await kept.write(PLACE, sent(b"whole"))).key) == b"whole"


async def test_a_place_lists_its_own_older_files_and_removes_them(kept: Storage) -> None:
    mine, other = await kept.write(PLACE, sent(b"a")), await kept.write(uuid4(), sent(b"b"))

    assert await kept.keys_before(PLACE, datetime.now(UTC) + SOON) == [mine.key]
    assert await kept.keys_before(PLACE, datetime.now(UTC) - SOON) == []
    await kept.remove(mine.key)
    await kept.remove(mine.key)
    with pytest.raises(Missing):
        await kept.read(mine.key)
    assert await read(kept, other.key) == b"b"


async def test_only_a_key_of_ours_is_looked_for(kept: Storage, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")

    for key in ("../secret", f"{PLACE}/../../secret", "/etc/passwd", "", f"{PLACE}/{'0' * 32}"):
        with pytest.raises(Missing):
            await kept.read(key)


async def test_a_folder_is_ours_alone_and_shows_no_half_file(tmp_path: Path) -> None:
    root = tmp_path / "files"
    seen: list[set[str]] = []

    async def watching() -> AsyncIterator[bytes]:
        yield b"half"
        seen.append({path.suffix for path in (root / str(PLACE)).iterdir()})

    stored = await Folder(root).write(PLACE, watching())

    assert seen == [{".part"}]
    assert {oct(path.stat().st_mode & 0o777) for path in (root, root / str(PLACE))} == {"0o700"}
    assert oct((root / stored.key).stat().st_mode & 0o777) == "0o600"
    root.chmod(0o755)
    with pytest.raises(StorageError, match="0700"):
        await Folder(root).write(PLACE, sent(b"x"))


async def test_a_half_file_of_a_killed_process_is_removed_in_time(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "files")
    await folder.write(PLACE, sent(b"x"))
    left = tmp_path / "files" / str(PLACE) / "0.part"
    left.write_bytes(b"half")
    os.utime(left, (0, 0))

    assert await folder.keys_before(PLACE, datetime.now(UTC) - SOON) == []
    assert not left.exists()


async def test_a_cancelled_upload_leaves_nothing(tmp_path: Path) -> None:
    folder, started = Folder(tmp_path / "files"), asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b"x"
        started.set()
        await asyncio.sleep(60)

    writing = asyncio.create_task(folder.write(PLACE, endless()))
    await started.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing

    assert list((tmp_path / "files" / str(PLACE)).iterdir()) == []


async def test_a_service_that_does_not_answer_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    _keys(monkeypatch, "http://127.0.0.1:9")

    with pytest.raises(Away):
        await Bucket("s3://files/x").read(f"{PLACE}/{'0' * 32}")


async def test_a_folder_that_cannot_be_written_is_away(tmp_path: Path) -> None:
    (tmp_path / "files").touch()

    with pytest.raises(Away):
        await Folder(tmp_path / "files" / "below").write(PLACE, sent(b"x"))
