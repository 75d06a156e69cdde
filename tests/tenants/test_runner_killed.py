"""A runner that is killed in the middle of its work leaves nothing undone and nothing done twice."""

import asyncio
import os
import signal
import subprocess
import sys

import orjson

from tenants.jobs import JobState
from tests.conftest import Database
from tests.tenants.work import ask, ended, made, now, until

COUNT = 15


def runner_of(behind: Database) -> "subprocess.Popen[bytes]":
    credentials = orjson.dumps(behind.app.as_arguments()).decode()
    return subprocess.Popen([sys.executable, "-m", "tests.tenants.work", credentials], env=os.environ)


async def test_what_a_killed_runner_left_is_done_once_by_the_next(people_models: Database) -> None:
    asked = [await ask("hn-first-secretary", COUNT, pause=0.02) for _ in range(2)]
    killed = runner_of(people_models)
    try:
        for job in asked:
            await until(job, lambda found: found.done >= 3)
    finally:
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    left = [await now(job) for job in asked]
    next_one = runner_of(people_models)
    try:
        done = await asyncio.gather(*(ended(job) for job in asked))
    finally:
        next_one.terminate()
        next_one.wait()

    assert {job.state for job in left} == {JobState.RUNNING}
    assert all((job.cursor or {})["next"] >= 3 for job in left)
    assert {job.state for job in done} == {JobState.DONE}
    assert [await made(job) for job in done] == [list(range(COUNT))] * 2
