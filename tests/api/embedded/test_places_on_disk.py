from pathlib import Path

import pytest

from api.embedded import server_user
from api.embedded.error import ServerError, explained
from api.embedded.roles import APP, OWNER, SUPERUSER
from api.embedded.server import EmbeddedServer, default_data_root
from tests.api.embedded.cluster_tools import IS_ROOT, PROJECT, ask, mode_of, superuser


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
