import os
import pwd
import shutil
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from api.embedded import binaries
from api.embedded.error import ServerError
from api.embedded.server import EmbeddedServer
from tests.api.embedded.cluster_tools import IS_ROOT, kill_at_once, mode_of, process_of, run_script, socket_of

OTHER = "daemon"  # an unprivileged account that every system has, and not the server's
needs_root = pytest.mark.skipif(not IS_ROOT, reason="switches accounts: only root may")
WHOLE_LIFE = """
import asyncio, os, sys
from pathlib import Path
import asyncpg
from api.embedded.server import PROJECT, EmbeddedServer, default_data_root
os.setgroups([]); os.setgid(int(sys.argv[2])); os.setuid(int(sys.argv[2]))
assert default_data_root() == PROJECT / ".zeren"
server = EmbeddedServer(Path(sys.argv[1]) / ".zeren" / "data", fast=True)
server.start()
async def version():
    logins = await server.ensure_roles_and_database()
    connection = await asyncpg.connect(**logins.app)
    print(await connection.fetchval("SHOW server_version"), server.data_dir.stat().st_uid)
    await connection.close()
asyncio.run(version())
server.stop()
print(server.running())
"""
CONNECT = 'import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1]); print("connected")'


def modes_above(path: Path) -> dict[Path, tuple[int, int, int]]:
    found = {place: place.stat() for place in path.parents}
    return {place: (stat.S_IMODE(s.st_mode), s.st_uid, s.st_gid) for place, s in found.items()}


@pytest.mark.root
@needs_root
def test_as_root_nothing_above_the_data_changes(folder: Path) -> None:
    passable = folder / "passable"
    passable.mkdir()
    passable.chmod(0o711)
    before = modes_above(folder / "passable" / "root")
    server = EmbeddedServer(passable / "root" / "data", fast=True)

    server.start()
    server.stop()

    assert modes_above(folder / "passable" / "root") == before


@pytest.mark.root
@needs_root
def test_as_root_the_server_runs_without_roots_rights(shared: EmbeddedServer) -> None:
    status = Path(f"/proc/{process_of(shared)}/status").read_text().splitlines()
    found = dict(line.split(":\t", 1) for line in status if line.startswith(("Uid", "Gid", "Groups")))
    nobody = pwd.getpwnam("nobody")

    assert found["Uid"].split() == [str(nobody.pw_uid)] * 4
    assert found["Gid"].split() == [str(nobody.pw_gid)] * 4
    assert found["Groups"].split() == []


@pytest.mark.root
@needs_root
def test_as_root_the_server_cannot_place_a_file_where_root_writes(shared: EmbeddedServer) -> None:
    assert shared.root.stat().st_uid == 0
    assert not shared.root.stat().st_mode & 0o022
    assert (shared.root / "secrets").stat().st_uid == 0


@pytest.mark.root
@needs_root
def test_another_account_cannot_reach_the_socket_but_we_can(shared: EmbeddedServer) -> None:
    python = next(path for path in ("/usr/bin/python3", sys.executable) if os.path.exists(path))
    command = [python, "-c", CONNECT, str(socket_of(shared))]
    account = pwd.getpwnam(OTHER)

    other = subprocess.run(
        command,
        capture_output=True,
        user=account.pw_uid,
        group=account.pw_gid,
        extra_groups=[],
        cwd="/",
    )
    ours = subprocess.run(command, capture_output=True)

    assert b"PermissionError" in other.stderr
    assert ours.stdout == b"connected\n"


@pytest.mark.root
@needs_root
def test_an_ordinary_user_runs_a_server_of_his_own(folder: Path) -> None:
    account = pwd.getpwnam(OTHER)
    os.chown(folder, account.pw_uid, account.pw_gid)

    output, _ = run_script(WHOLE_LIFE, folder, account.pw_uid).communicate(timeout=60)

    version, owner, running = output.decode().split()
    assert version.split(".")[0] == binaries.installed().major
    assert owner == str(account.pw_uid)
    assert running == "False"
    assert mode_of(folder / ".zeren") == "drwx------"


@pytest.fixture
def far(folder: Path) -> Iterator[EmbeddedServer]:
    """A server whose path is too long, so that its socket lies where anybody may make folders."""
    made = EmbeddedServer(folder / ("x" * 80) / "data", fast=True)
    yield made
    shutil.rmtree(made.address.host)


@pytest.mark.root
@needs_root
def test_a_socket_folder_made_by_another_account_is_refused(far: EmbeddedServer) -> None:
    trap = Path(far.address.host)
    trap.mkdir(mode=0o700)
    os.chown(trap, pwd.getpwnam(OTHER).pw_uid, -1)
    before = trap.stat()

    with pytest.raises(ServerError, match="it will not be used"):
        far.start()

    assert (trap.stat().st_uid, trap.stat().st_mode) == (before.st_uid, before.st_mode)
    assert not far.data_dir.exists()


@pytest.mark.root
@needs_root
def test_a_socket_folder_made_by_our_own_account_is_used(far: EmbeddedServer) -> None:
    Path(far.address.host).mkdir(mode=0o700)
    os.chown(far.address.host, far.user.uid, far.user.gid)

    far.start()

    assert far.running()
    far.stop()


@pytest.mark.root
@needs_root
def test_a_socket_put_in_place_of_ours_is_not_taken_for_our_server(far: EmbeddedServer) -> None:
    far.start()
    kill_at_once(far)
    assert not far.running()
    os.chown(far.address.host, pwd.getpwnam(OTHER).pw_uid, -1)

    with pytest.raises(ServerError, match="it will not be used"):
        far.running()


@pytest.mark.root
@needs_root
@pytest.mark.parametrize("mode", [0o700, 0o750, 0o744])
def test_the_first_closed_parent_is_named_and_left_closed(folder: Path, mode: int) -> None:
    closed = folder / "关闭"
    below = closed / "deeper"
    below.mkdir(parents=True)
    closed.chmod(mode)
    before = modes_above(below / "data")

    with pytest.raises(ServerError, match=f"nobody cannot enter {closed};"):
        EmbeddedServer(below / "data").start()

    assert modes_above(below / "data") == before
    assert list(below.iterdir()) == []


@pytest.mark.root
@needs_root
def test_an_ordinary_user_learns_which_folder_he_may_not_write(folder: Path) -> None:
    account = pwd.getpwnam(OTHER)

    output, _ = run_script(WHOLE_LIFE, folder, account.pw_uid).communicate(timeout=60)

    assert f"The directory {folder} is not writable" in output.decode()
    assert list(folder.iterdir()) == []


@pytest.mark.root
@needs_root
def test_data_of_another_owner_is_refused(server: EmbeddedServer) -> None:
    server.start()
    server.stop()
    stranger = EmbeddedServer(server.data_dir, user=OTHER)

    with pytest.raises(ServerError, match=f"must be a directory of {OTHER} alone"):
        stranger.start()
    server.start()

    assert server.running()


@pytest.mark.root
@needs_root
@pytest.mark.parametrize(
    ("account", "said"), [("no-such-account", "There is no account"), ("root", "does not run as root")]
)
def test_an_account_that_cannot_run_it_is_refused(folder: Path, account: str, said: str) -> None:
    with pytest.raises(ServerError, match=said):
        EmbeddedServer(folder / "data", user=account)

    assert EmbeddedServer(folder / "data", user=OTHER).user.name == OTHER


@pytest.mark.root
@needs_root
def test_programs_below_a_closed_folder_are_copied_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    site = binaries.installed().home.parent.parent
    for part in binaries.PARTS:
        closed.joinpath(part).symlink_to(site / part)
    monkeypatch.syspath_prepend(closed)
    server = EmbeddedServer(folder / "root" / "data", fast=True)

    server.start()

    try:
        program = Path(f"/proc/{process_of(server)}/exe").readlink()
        assert program.is_relative_to(server.root)
        assert mode_of(closed) == "drwx------"
    finally:
        server.stop()


@pytest.fixture
def small_disk(folder: Path) -> Iterator[Path]:
    disk = folder / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=10m,mode=755", "tmpfs", disk])
    if mounted.returncode:
        pytest.skip("this system does not let root mount a small disk")
    yield disk
    subprocess.run(["umount", disk], check=True)


@pytest.mark.root
@needs_root
def test_a_full_disk_is_said_in_plain_words(small_disk: Path) -> None:
    with pytest.raises(ServerError) as raised:
        EmbeddedServer(small_disk / "root" / "data").start()

    assert raised.value.zh == "磁盘已满或超出配额，数据库无法写入；请清理空间后重试。"
    assert "No space left on device" in raised.value.output
    assert not (small_disk / "root" / "data").exists()
