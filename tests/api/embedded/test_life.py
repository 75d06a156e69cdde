import ctypes
import os
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from api.embedded.server import EmbeddedServer
from tests.api.embedded.cluster_tools import (
    as_account,
    ask,
    kill_at_once,
    process_of,
    remember,
    remembered,
    run_script,
    socket_of,
    superuser,
)

PR_SET_CHILD_SUBREAPER = 36  # linux/prctl.h
START = """
from pathlib import Path
import os, sys
from api.embedded.server import EmbeddedServer
server = EmbeddedServer(Path(sys.argv[1]) / "data", fast=True)
server.start()
print((server.data_dir / "postmaster.pid").read_text().splitlines()[0])
"""


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
