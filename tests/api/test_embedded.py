import asyncio
import ctypes
import os
import pwd
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import asyncpg
import pytest

from api.embedded import binaries, server_user
from api.embedded.error import ServerError, explained
from api.embedded.roles import APP, DATABASE, OWNER, SUPERUSER, Credentials
from api.embedded.server import EmbeddedServer, Logins, default_data_root

IS_ROOT = os.getuid() == 0
PROJECT = Path(__file__).resolve().parents[2]
OTHER = "daemon"  # an unprivileged account that every system has, and not the server's
PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
needs_root = pytest.mark.skipif(not IS_ROOT, reason="switches accounts: only root may")


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """Below /tmp and passable: pytest's own temporary folder is closed to the server's account."""
    folder = Path(tempfile.mkdtemp(prefix="zeren-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def folder() -> Iterator[Path]:
    with temporary_folder() as made:
        yield made


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedServer]:
    made = EmbeddedServer(folder / "root" / "data", fast=True)
    yield made
    made.stop()


@pytest.fixture
def careful(folder: Path) -> Iterator[EmbeddedServer]:
    """Keeps what was committed through a kill, as production does."""
    made = EmbeddedServer(folder / "root" / "data")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def shared() -> Iterator[EmbeddedServer]:
    """One server, started and provisioned, for the tests that only look."""
    with temporary_folder() as folder:
        made = EmbeddedServer(folder / "data", fast=True)
        made.start()
        provision(made)
        yield made
        made.stop()


def provision(server: EmbeddedServer) -> Logins:
    return asyncio.run(server.ensure_roles_and_database())


def ask(credentials: Credentials, *statements: str) -> object:
    """The single value of the last statement."""

    async def answer() -> object:
        connection = await asyncpg.connect(**credentials)
        try:
            return [await connection.fetchval(statement) for statement in statements][-1]
        finally:
            await connection.close()

    return asyncio.run(answer())


def superuser(server: EmbeddedServer) -> Credentials:
    return server.credentials(SUPERUSER, "postgres")


def process_of(server: EmbeddedServer) -> int:
    return int((server.data_dir / "postmaster.pid").read_text().splitlines()[0])


def remember(server: EmbeddedServer, text: str) -> None:
    ask(superuser(server), f"CREATE TABLE note AS SELECT '{text}' AS text")


def remembered(server: EmbeddedServer) -> object:
    return ask(superuser(server), "SELECT text FROM note")


def socket_of(server: EmbeddedServer, suffix: str = "") -> Path:
    return Path(server.address.host, f".s.PGSQL.{server.address.port}{suffix}")


def kill_at_once(server: EmbeddedServer) -> None:
    os.kill(process_of(server), signal.SIGKILL)
    while server.running():
        pass


def mode_of(path: Path) -> str:
    return stat.filemode(path.lstat().st_mode)


# --- from start to stop


def test_the_first_start_makes_a_cluster_in_utf8_and_utc(shared: EmbeddedServer) -> None:
    setting = "SELECT current_setting('%s')"

    assert shared.running()
    assert ask(superuser(shared), setting % "server_encoding") == "UTF8"
    assert ask(superuser(shared), setting % "TimeZone") == "UTC"
    assert ask(superuser(shared), setting % "listen_addresses") == ""
    assert ask(superuser(shared), "SELECT '乙' < '甲'") is True  # by code point: 4E59 < 7532


def test_fsync_is_off_only_when_asked_for(careful: EmbeddedServer, shared: EmbeddedServer) -> None:
    careful.start()

    assert ask(superuser(careful), "SELECT current_setting('fsync')") == "on"
    assert ask(superuser(shared), "SELECT current_setting('fsync')") == "off"


def test_the_second_start_finds_what_was_written(server: EmbeddedServer) -> None:
    server.start()
    remember(server, "驻村")
    server.stop()

    server.start()

    assert remembered(server) == "驻村"


def test_starting_a_running_server_leaves_it_alone(server: EmbeddedServer) -> None:
    server.start()
    process = process_of(server)

    EmbeddedServer(server.data_dir).start()

    assert process_of(server) == process


def test_stop_shuts_down_cleanly_and_may_be_repeated(server: EmbeddedServer) -> None:
    server.stop()
    server.start()
    assert server.running()

    server.stop()
    server.stop()

    assert not server.running()
    assert not (server.data_dir / "postmaster.pid").exists()
    assert "database system is shut down" in (server.root / "server.log").read_text()


def test_a_killed_server_starts_again_with_its_data(careful: EmbeddedServer) -> None:
    careful.start()
    remember(careful, "断电之前")
    kill_at_once(careful)

    careful.start()

    assert remembered(careful) == "断电之前"


@pytest.mark.skipif(not Path("/proc/self/cwd").exists(), reason="needs /proc to tell processes apart")
def test_a_lock_file_naming_another_live_process_is_no_obstacle(careful: EmbeddedServer) -> None:
    careful.start()
    remember(careful, "重启容器之前")
    old = str(process_of(careful))
    kill_at_once(careful)
    stranger = as_account(careful.user.uid, ["sleep", "60"])

    try:
        for lock in (careful.data_dir / "postmaster.pid", socket_of(careful, ".lock")):
            lock.write_text(lock.read_text().replace(old, str(stranger.pid), 1))
        careful.start()
    finally:
        stranger.kill()
        stranger.wait()

    assert remembered(careful) == "重启容器之前"


def test_lock_files_left_empty_by_a_power_cut_are_no_obstacle(careful: EmbeddedServer) -> None:
    careful.start()
    remember(careful, "停电")
    kill_at_once(careful)
    for lock in (careful.data_dir / "postmaster.pid", socket_of(careful, ".lock")):
        lock.write_text("")

    careful.start()

    assert remembered(careful) == "停电"


@pytest.fixture
def unburied() -> Iterator[None]:
    """Orphans become ours and stay unburied, as under a process 1 that is no init."""
    prctl = ctypes.CDLL(None).prctl
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    yield
    prctl(PR_SET_CHILD_SUBREAPER, 0)
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans to a chosen process")
def test_a_killed_server_that_nobody_buried_is_no_obstacle(unburied: None, careful: EmbeddedServer) -> None:
    careful.start()
    killed = process_of(careful)
    remember(careful, "容器之中")
    kill_at_once(careful)

    careful.start()

    os.kill(killed, 0)  # its number is still taken
    assert remembered(careful) == "容器之中"
    assert process_of(careful) != killed


def test_an_initdb_that_was_killed_leaves_nothing_in_the_way(server: EmbeddedServer) -> None:
    half = server.root / "data.new"
    half.mkdir(parents=True)
    half.joinpath("PG_VERSION").write_text("18")
    server.root.chmod(0o755)

    server.start()

    assert server.running()
    assert not half.exists()


def test_starts_at_the_same_time_make_one_cluster_and_one_server(folder: Path) -> None:
    servers = [EmbeddedServer(folder / "data", fast=True) for _ in range(4)]

    with ThreadPoolExecutor(len(servers)) as pool:
        list(pool.map(EmbeddedServer.start, servers))

    try:
        assert {process_of(server) for server in servers} == {process_of(servers[0])}
        log = (folder / "server.log").read_text()
        assert log.count("ready to accept connections") == 1
    finally:
        servers[0].stop()


def test_starts_from_two_processes_end_with_one_server(folder: Path) -> None:
    starts = [run_script(START, folder) for _ in range(2)]

    outputs = [start.communicate(timeout=60)[0] for start in starts]

    try:
        assert [start.returncode for start in starts] == [0, 0], outputs
        assert outputs[0] == outputs[1] != b""
    finally:
        EmbeddedServer(folder / "data").stop()


# --- where things lie, and who may touch them


@pytest.mark.parametrize("name", ["数据 目录", "comma, and \"quote\" and 'tick'", "$HOME `id`"])
def test_any_folder_name_will_do(folder: Path, name: str) -> None:
    server = EmbeddedServer(folder / name / "data", fast=True)
    server.start()

    try:
        assert server.address.host == str(folder / name / "run")
        assert ask(superuser(server), "SELECT 1") == 1
    finally:
        server.stop()


def test_a_long_path_gets_a_short_private_socket_folder(folder: Path) -> None:
    server = EmbeddedServer(folder / ("长" * 30) / "data", fast=True)
    socket_folder = Path(server.address.host)
    server.start()

    try:
        assert socket_folder.parent == Path("/tmp").resolve()  # noqa: S108
        assert mode_of(socket_folder) == "drwx------"
        assert socket_folder.stat().st_uid == server.user.uid
        assert ask(superuser(server), "SELECT 1") == 1
    finally:
        server.stop()
        socket_folder.rmdir()


def test_a_path_of_a_hundred_bytes_still_has_its_socket_beside_the_data(folder: Path) -> None:
    rest = 100 - len(str(folder / "x" / "run" / ".s.PGSQL.5432")) + 1
    fits = EmbeddedServer(folder / ("x" * rest) / "data")
    too_long = EmbeddedServer(folder / ("x" * (rest + 1)) / "data")

    assert fits.address.host == str(fits.root / "run")
    assert too_long.address.host != str(too_long.root / "run")


def test_data_socket_and_passwords_are_private(shared: EmbeddedServer) -> None:
    secrets = shared.root / "secrets"

    assert mode_of(shared.data_dir) == "drwx------"
    assert mode_of(Path(shared.address.host)) == "drwx------"
    assert mode_of(secrets) == "drwx------"
    assert sorted(path.name for path in secrets.iterdir()) == [SUPERUSER, APP, OWNER]
    assert {mode_of(path) for path in secrets.iterdir()} == {"-rw-------"}
    assert not (shared.root / "initdb.password").exists()


def test_each_cluster_has_passwords_of_its_own(server: EmbeddedServer, shared: EmbeddedServer) -> None:
    server.start()

    passwords = {of.password(role) for of in (server, shared) for role in (SUPERUSER, OWNER, APP)}

    assert len(passwords) == 6
    assert min(map(len, passwords)) >= 43  # 32 random bytes


def test_a_missing_password_file_is_named(server: EmbeddedServer) -> None:
    with pytest.raises(ServerError, match="secrets/postgres"):
        server.password(SUPERUSER)


def test_the_default_place_is_one_the_server_can_reach() -> None:
    root = default_data_root()

    assert root == (Path("/var/lib/zeren") / root.name if IS_ROOT else PROJECT / ".zeren")
    assert len(root.name) == (8 if IS_ROOT else len(".zeren"))


def test_a_folder_that_anybody_may_write_is_refused(folder: Path) -> None:
    folder.chmod(0o777)

    with pytest.raises(ServerError, match="writable by anybody"):
        EmbeddedServer(folder / "data").start()

    assert list(folder.iterdir()) == []


def test_a_folder_with_other_things_in_it_is_refused(folder: Path) -> None:
    data = folder / "data"
    server = EmbeddedServer(data)
    server_user.make_private(data, server.user)
    data.joinpath("照片.jpg").write_bytes(b"")

    with pytest.raises(ServerError, match="neither empty nor a database"):
        server.start()

    assert [path.name for path in data.iterdir()] == ["照片.jpg"]


def test_an_empty_folder_is_taken(folder: Path) -> None:
    folder.joinpath("data").mkdir()
    server = EmbeddedServer(folder / "data", fast=True)

    server.start()

    assert server.running()
    server.stop()


def test_data_of_another_major_version_is_refused(server: EmbeddedServer) -> None:
    server.start()
    server.stop()
    version = server.data_dir / "PG_VERSION"
    own = version.read_text()
    version.write_text("17\n")

    with pytest.raises(ServerError, match="made by PostgreSQL 17, the programs installed are 18"):
        server.start()
    version.write_text(own)
    server.start()

    assert server.running()


def test_an_error_speaks_chinese_and_english() -> None:
    error = ServerError("磁盘已满。", "The disk is full.", "No space left on device\n")

    assert str(error) == "磁盘已满。\nThe disk is full.\nNo space left on device"


@pytest.mark.parametrize(
    ("output", "said"),
    [
        ('FATAL:  lock file "postmaster.pid" already exists', "still using"),
        ('FATAL:  could not write lock file "postmaster.pid": No space left on device', "disk or quota"),
        ("FATAL:  something else", "pg_ctl start failed"),
    ],
)
def test_what_postgresql_says_is_put_in_plain_words(output: str, said: str) -> None:
    error = explained("pg_ctl start", output)

    assert said in error.en
    assert error.output == output


# --- who gets in


def test_only_the_right_password_gets_in(shared: EmbeddedServer) -> None:
    right = shared.credentials(APP, DATABASE)

    with pytest.raises(asyncpg.InvalidPasswordError):
        ask({**right, "password": shared.password(OWNER)}, "SELECT 1")

    assert ask(right, "SELECT 1") == 1


def test_no_line_of_the_access_file_trusts_anybody(shared: EmbeddedServer) -> None:
    lines = (shared.data_dir / "pg_hba.conf").read_text().splitlines()
    rules = [line.split() for line in lines if line and not line.startswith("#")]

    assert {(rule[0], rule[-1]) for rule in rules} == {("local", "scram-sha-256"), ("host", "reject")}


def test_the_owner_owns_the_database_and_the_application_nothing(shared: EmbeddedServer) -> None:
    owned = """SELECT coalesce(string_agg(classid::regclass::text, ' '), '') FROM pg_shdepend
        WHERE deptype = 'o' AND refobjid = '%s'::regrole"""
    owner_of = "SELECT datdba::regrole::text FROM pg_database WHERE datname = 'zeren'"
    powers = """SELECT bool_or(rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole)
        FROM pg_roles WHERE rolname LIKE 'zeren%'"""

    assert ask(superuser(shared), owner_of) == OWNER
    assert ask(superuser(shared), owned % OWNER) == "pg_database"
    assert ask(superuser(shared), owned % APP) == ""
    assert ask(superuser(shared), powers) is False


@pytest.mark.parametrize("statement", ["CREATE TABLE t ()", "CREATE TEMP TABLE t ()", "CREATE SCHEMA s"])
def test_the_owner_creates_and_the_application_does_not(shared: EmbeddedServer, statement: str) -> None:
    undone = ("BEGIN", statement, "ROLLBACK")

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        ask(shared.credentials(APP, DATABASE), *undone)

    ask(shared.credentials(OWNER, DATABASE), *undone)


def test_the_application_sees_no_other_database(shared: EmbeddedServer) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        ask(shared.credentials(APP, "postgres"), "SELECT 1")

    assert ask(shared.credentials(APP, DATABASE), "SELECT current_database()") == DATABASE


def test_provisioning_again_puts_right_what_was_changed(server: EmbeddedServer) -> None:
    server.start()
    logins = provision(server)
    ask(superuser(server), f"ALTER ROLE {APP} BYPASSRLS CREATEDB PASSWORD 'guessed'")

    assert provision(server) == logins

    powers = f"SELECT rolbypassrls OR rolcreatedb FROM pg_roles WHERE rolname = '{APP}'"
    assert ask(superuser(server), powers) is False
    assert ask(logins.app, "SELECT current_user::text") == APP


def test_provisioning_at_the_same_time_does_no_harm(server: EmbeddedServer) -> None:
    async def at_once() -> list[Logins]:
        return await asyncio.gather(*(server.ensure_roles_and_database() for _ in range(4)))

    server.start()

    first, *others = asyncio.run(at_once())

    assert all(other == first for other in others)
    assert ask(first.owner, "SELECT current_user::text") == OWNER


# --- as root, and as somebody else


START = """
from pathlib import Path
import os, sys
from api.embedded.server import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]) / "data", fast=True)
server.start()
print((server.data_dir / "postmaster.pid").read_text().splitlines()[0])
"""
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


def run_script(script: str, *arguments: object) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", script, *map(str, arguments)],
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def as_account(uid: int, command: list[str]) -> "subprocess.Popen[bytes]":
    lent = {"user": uid, "group": uid, "extra_groups": []} if IS_ROOT else {}
    return subprocess.Popen(command, cwd="/", **lent)  # type: ignore[call-overload, no-any-return]


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
