"""Jobs on the command line: as a named account, beside a serving process or without one."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from strawberry.relay import to_base64
from typer.testing import CliRunner, Result

from api.command import app
from api.embedded.server import EmbeddedServer
from tenants import database
from tenants.jobs import Job
from tests.api.running import url_of
from tests.api.test_command import serve
from tests.conftest import KEY, Database
from tests.front_door import person_of, rows
from tests.tenants.work import MAKE, ask

LOGIN = "hn-first-secretary"


@pytest.fixture
def given(demo_database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The settings name the demonstration's database."""
    monkeypatch.setenv("DATABASE_URL", url_of(demo_database.app))
    monkeypatch.setenv("ZEREN_SECRET_KEY", KEY.decode())
    return demo_database


def asked(behind: Database) -> Job:
    async def done() -> Job:
        async with database.connected(behind.app, pool_size=2):
            return await ask(LOGIN)

    return asyncio.run(done())


def zeren(*words: str, as_: str = LOGIN) -> Result:
    return CliRunner().invoke(app, ["jobs", *words, "--as", as_])


def test_jobs_are_listed_shown_and_cancelled_as_a_named_account(given: Database) -> None:
    job = asked(given)

    (listed,) = json.loads(zeren("list", "--json").stdout)
    assert (listed["id"], listed["kind"], listed["state"]) == (str(job.id), MAKE, "queued")
    assert json.loads(zeren("list", "--json", "--state", "done").stdout) == []
    assert str(job.id) in zeren("list").stdout.replace("\n", "")
    assert json.loads(zeren("show", to_base64("Job", job.id), "--json").stdout) == listed

    cancelled = zeren("cancel", str(job.id), "--json")
    assert (cancelled.exit_code, json.loads(cancelled.stdout)["state"]) == (0, "cancelled")
    (entry,) = rows(given, "SELECT person_id FROM audit_entries WHERE act = 'job.cancel'")
    assert entry["person_id"] == person_of(given, LOGIN)
    watched = zeren("watch", str(job.id), "--json")
    assert (watched.exit_code, json.loads(watched.stdout)["state"]) == (1, "cancelled")


def test_a_job_is_cancelled_in_a_suspended_place(given: Database) -> None:
    job = asked(given)
    rows(given, "UPDATE places SET state = 'suspended' WHERE code = '410173000000'")

    cancelled = zeren("cancel", str(job.id), "--json")

    assert (cancelled.exit_code, json.loads(cancelled.stdout)["state"]) == (0, "cancelled")


@pytest.mark.parametrize(
    ("words", "as_", "said"),
    [
        (("list",), "nobody", "没有账号 nobody"),
        (("list", "--place", "999999000000"), LOGIN, "不属于该地方"),
        (("show", "x"), LOGIN, "不是任务编号"),
        (("show", "{job}"), "hn-unit-head", "找不到，或您无权查看"),
        (("cancel", "{job}"), "hn-admin", "只有申请人本人可以办理"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    given: Database, words: tuple[str, ...], as_: str, said: str
) -> None:
    job = asked(given)

    refused = zeren(*(word.format(job=job.id) for word in words), as_=as_)

    assert refused.exit_code == 1
    assert said in refused.stderr
    assert rows(given, "SELECT state FROM jobs")[0]["state"] == "queued"


def test_our_own_server_is_shared_and_stopped_by_the_last(folder: Path) -> None:
    """A runner comes first, a server beside it, a short command beside both; the runner goes last."""
    environment = os.environ | {"ZEREN_DATA_DIR": str(folder)}
    command = [sys.executable, "-m", "api.command"]
    own = EmbeddedServer(folder / "data")
    runner = subprocess.Popen([*command, "work"], env=environment, stdout=subprocess.PIPE, text=True)
    assert runner.stdout is not None
    assert "doing jobs" in runner.stdout.readline()
    serving = serve(folder)

    listed = subprocess.run(
        [*command, "jobs", "list", "--as", LOGIN, "--json"], env=environment, capture_output=True, text=True
    )
    assert (listed.returncode, json.loads(listed.stdout)) == (0, []), listed.stderr

    serving.end(signal.SIGINT)
    assert (serving.process.returncode, own.running()) == (0, True)
    runner.send_signal(signal.SIGTERM)
    assert "已停止 stopped" in runner.communicate(timeout=30)[0]
    assert (runner.returncode, own.running()) == (0, False)


def test_a_command_makes_no_database_where_there_is_none(tmp_path: Path) -> None:
    """A slip in the folder's name must not found another database, in which nobody is known."""
    elsewhere = tmp_path / "mistyped"
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}

    ended = subprocess.run(
        [sys.executable, "-m", "api.command", "jobs", "list", "--as", "hn-admin"],
        env={**environment, "ZEREN_DATA_DIR": str(elsewhere)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert "holds no data" in ended.stderr
    assert not elsewhere.exists()
