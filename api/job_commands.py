"""Jobs on the command line: doing them (`zeren work`), and looking after them (`zeren jobs …`)."""

import asyncio
import signal
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Column, Table

from api import json
from api.acting import Actor, As, At, acting
from api.app import connected
from api.installation import Installation, attached, storage_of
from api.settings import Settings
from api.stopping import stopping
from api.terminal import AsJson, print_json, row_id, told_moment
from schema.enums import label
from schema.errors import Language
from schema.jobs import label_of
from schema.user_errors import sentence_of
from tenants import jobs, runner
from tenants.jobs import Job, JobState
from tenants.refusals import Refusal, RefusalCode

console = Console()
jobs_app = typer.Typer(help="后台任务。 Jobs: list them, show, watch or cancel one.", no_args_is_help=True)
LOOK_AGAIN_SECONDS = 0.5
MOST_LISTED = 100

AtOnce = Annotated[int, typer.Option(min=1, max=20, help="同时办理几项 / How many jobs at once.")]
InState = Annotated[JobState | None, typer.Option("--state", help="只看这一状态 / In this state only.")]
OfKind = Annotated[str | None, typer.Option("--kind", help="只看这一种 / Of this kind only.")]
Which = Annotated[str, typer.Argument(metavar="JOB", help="任务编号 / Its id.")]


def work(at_once: AtOnce = 2) -> None:
    """只办理后台任务，不提供网络服务。 Do jobs until interrupted, without serving."""
    with stopping() as settings, attached(settings, founds=True) as installation:
        asyncio.run(_work(settings, installation, at_once))


async def _work(settings: Settings, installation: Installation, at_once: int) -> None:
    interrupted = asyncio.Event()
    for signalled in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(signalled, interrupted.set)
    async with (
        connected(settings, installation.app),
        runner.at_work(storage=storage_of(settings), at_once=at_once),
    ):
        console.print("开始办理任务 / doing jobs")
        await interrupted.wait()
    console.print("已停止 stopped")


@jobs_app.command("list")
def list_(
    as_: As, place: At = None, state: InState = None, kind: OfKind = None, as_json: AsJson = False
) -> None:
    """列出可见的任务，新的在前。 The newest jobs that the account may see."""

    async def found(actor: Actor) -> list[Job]:
        async with actor.standing() as (viewer, law):
            rows = jobs.listed(viewer, law.access, state=state, kind=kind)
            return list((await rows.page(MOST_LISTED)).rows)

    with stopping() as settings:
        rows = acting(settings, as_, place, found)
        if as_json:
            print_json([_told(job) for job in rows])
        else:
            console.print(_table(rows))


@jobs_app.command()
def show(job: Which, as_: As, place: At = None, as_json: AsJson = False) -> None:
    """查看一项任务。 One job."""
    with stopping() as settings:
        _print(acting(settings, as_, place, lambda actor: _seen(actor, _id(job))), as_json=as_json)


@jobs_app.command()
def watch(job: Which, as_: As, place: At = None, as_json: AsJson = False) -> None:
    """跟踪一项任务直到结束；未完成时以 1 退出。 Follow a job to its end; ends with 1 unless it is done."""
    with stopping() as settings:
        ended = acting(settings, as_, place, lambda actor: watched(actor, _id(job), quiet=as_json))
        _print(ended, as_json=as_json)
    if ended.state is not JobState.DONE:
        raise typer.Exit(code=1)


@jobs_app.command()
def cancel(job: Which, as_: As, place: At = None, as_json: AsJson = False) -> None:
    """取消本人交办的任务。 Stop a job that the account asked for."""

    async def cancelled(actor: Actor) -> Job:
        async with actor.standing(writes=True, even_suspended=True) as (viewer, law):
            return await jobs.cancel(viewer, law.access, _id(job))

    with stopping() as settings:
        _print(acting(settings, as_, place, cancelled), as_json=as_json)


async def _seen(actor: Actor, job_id: UUID) -> Job:
    async with actor.standing() as (viewer, law):
        found = await jobs.readable(viewer, law.access, [job_id])
    if not found:
        raise Refusal(RefusalCode.NOT_FOUND)
    return found[0]


async def watched(actor: Actor, job_id: UUID, *, quiet: bool) -> Job:
    """The job once it has ended, wherever it is done; how far it is stands on the terminal meanwhile."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=quiet) as shown:
        bar = shown.add_task("", total=None)
        while True:
            job = await _seen(actor, job_id)
            said = f"{label_of(job.kind, Language.ZH)} {_state(job)} {job.stage}"
            shown.update(bar, description=said, completed=job.done, total=job.total)
            if job.ended_at is not None:
                return job
            await asyncio.sleep(LOOK_AGAIN_SECONDS)


def _id(given: str) -> UUID:
    return row_id(given, "JOB", "任务", "job")


def _print(job: Job, *, as_json: bool) -> None:
    told = _told(job)
    if as_json:
        print_json(told)
        return
    table = Table(show_header=False, box=None)
    for name, value in told.items():
        if value not in (None, "", False):
            table.add_row(name, value if isinstance(value, str) else json.write(value).decode())
    console.print(table)


def _told(job: Job) -> dict[str, Any]:
    refusal = jobs.failure_of(job)
    return {
        "id": str(job.id),
        "kind": job.kind,
        "state": job.state.value,
        "isCancelling": job.is_cancelling,
        "done": job.done,
        "total": job.total,
        "stage": job.stage,
        "recordedAt": job.recorded_at.isoformat(),
        "endedAt": job.ended_at.isoformat() if job.ended_at else None,
        "outcome": job.outcome,
        "failure": {"code": refusal.code, "message": sentence_of(refusal, Language.ZH)} if refusal else None,
    }


def _table(rows: list[Job]) -> Table:
    id_ = Column("编号 id", no_wrap=True, min_width=36)
    table = Table(id_, "任务 job", "状态 state", "进度 done", "交办时间 asked")
    for job in rows:
        total = f"/{job.total}" if job.total is not None else ""
        asked = told_moment(job.recorded_at)
        table.add_row(str(job.id), label_of(job.kind, Language.ZH), _state(job), f"{job.done}{total}", asked)
    return table


def _state(job: Job) -> str:
    return label(job.state.value.upper(), "JobState")
