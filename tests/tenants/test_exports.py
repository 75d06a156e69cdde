"""Exports: everything, once, a page at a time, as long as the asker may; harmless to spreadsheets."""

import csv
import io
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import orjson
import pytest

from tenants import audit, exports, leases, people, runner, scope
from tenants.attachments import Attachment
from tenants.exports import ExportFormat
from tenants.jobs import Job, JobState
from tenants.places import Place, PlaceState
from tenants.runner import at_work
from tenants.storage import Folder
from tests.conftest import Database
from tests.front_door import DAY
from tests.tenants.demonstration import post_of, standing
from tests.tenants.work import LEASE, ended

AUDITOR = "hn-auditor"


async def recorded(many: int) -> None:
    async with standing(AUDITOR) as caller:
        for number in range(many):
            await audit.record(caller.viewer, f"test.{number}", ("test", uuid4()), number=number)


async def ask(form: ExportFormat = ExportFormat.CSV, key: str | None = None) -> Job:
    async with standing(AUDITOR) as caller:
        return await exports.ask_audit(caller.viewer, form, key=key)


async def file_of(folder: Folder, job: Job) -> tuple[Attachment, bytes]:
    async with scope.open(reads=[job.tenant_id]):
        attachment = await Attachment.get(id=job.attachment_id)
    return attachment, b"".join([chunk async for chunk in await folder.read(attachment.storage_key)])


@pytest.fixture
async def folder(people_models: Database, tmp_path: Path) -> AsyncIterator[Folder]:
    found = Folder(tmp_path / "files")
    async with at_work(storage=found, lease=LEASE, sweep_seconds=0.1):
        yield found


async def test_everything_recorded_until_then_is_written_once(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "PAGE", 7)
    await recorded(30)

    job = await ended(await ask())

    attachment, written = await file_of(folder, job)
    table = list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"), newline="")))
    acts = [row["act"] for row in table]
    assert acts == [f"test.{number}" for number in reversed(range(30))]
    assert (job.state, job.outcome, job.done, job.total) == (JobState.DONE, {"entries": 30}, 30, 30)
    assert (attachment.media_type, attachment.size, attachment.permission) == (
        "text/csv",
        len(written),
        "audit.read",
    )
    assert attachment.name.startswith("audit-410173000000-")
    assert orjson.loads(table[0]["details"]) == {"number": 29}


async def test_for_programs_each_line_is_json(folder: Folder) -> None:
    await recorded(2)

    _, written = await file_of(folder, await ended(await ask(ExportFormat.NDJSON)))

    lines = [orjson.loads(line) for line in written.splitlines()]
    assert [line["act"] for line in lines] == ["test.1", "test.0"]
    assert lines[0]["details"] == {"number": 1}


@pytest.mark.parametrize("begins", ["=", "+", "-", "@", "\t", "\r"], ids=repr)
def test_no_cell_is_a_formula(begins: str) -> None:
    def cell(text: str) -> str:
        (row,) = csv.reader(io.StringIO(exports.line(["x", text]), newline=""))
        return row[1]

    assert cell(f"{begins}1+1") == f"'{begins}1+1"
    assert cell(f"1{begins}1") == f"1{begins}1"


async def test_a_suspended_place_may_take_its_audit_with_it(folder: Folder) -> None:
    async with standing(AUDITOR) as caller:
        await Place.filter(id=caller.viewer.place_id).update(state=PlaceState.SUSPENDED)

    job = await ended(await ask())

    assert (job.state, job.outcome) == (JobState.DONE, {"entries": 0})
    _, written = await file_of(folder, job)
    assert written.decode("utf-8-sig") == ",".join(exports.AUDIT.columns) + "\r\n"


async def test_who_loses_the_right_between_two_pages_gets_no_file(
    folder: Folder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "PAGE", 5)
    await recorded(20)
    post, pages = await post_of(AUDITOR), 0

    async def written(_: Any, lines: Any) -> AsyncIterator[bytes]:
        nonlocal pages
        async for _ in lines:
            pages += 1
            yield b"page"

    stock = runner.Run.progress

    async def losing(run: Any, *told: Any) -> None:
        await stock(run, *told)
        if pages == 2:
            async with scope.open(writes=run.job.tenant_id):
                await people.end_post(post.id, DAY)

    monkeypatch.setitem(exports.FORMS, ExportFormat.CSV, ("text/csv", written))  # type: ignore[misc]
    monkeypatch.setattr(runner.Run, "progress", losing)
    job = await ended(await ask())

    assert (job.state, job.failure, job.attachment_id) == (JobState.FAILED, "FORBIDDEN", None)
    assert pages == 2
    async with scope.open(reads=[job.tenant_id]):
        assert await Attachment.all().count() == 0


async def test_a_run_after_a_crash_leaves_the_file_that_is_there(
    people_models: Database, tmp_path: Path
) -> None:
    """The first run dies after the file is kept and before the job is told as done."""
    folder = Folder(tmp_path / "files")
    job = await ask()
    taken = await leases.take(job.tenant_id, runner.HANDLERS, LEASE)
    assert taken is not None
    await runner.HANDLERS[exports.AUDIT.kind].work(
        runner.Run(taken[0], taken[1], runner.HANDLERS[exports.AUDIT.kind], folder)
    )

    async with at_work(storage=folder, lease=LEASE, sweep_seconds=0.1):
        job = await ended(job)

    assert job.state is JobState.DONE
    async with scope.open(reads=[job.tenant_id]):
        assert await Attachment.all().count() == 1


async def test_asked_again_with_its_key_it_is_the_same_job(people_models: Database) -> None:
    assert (await ask(key="k")).id == (await ask(key="k")).id
