"""Imports: of files with planted errors, every one is named and nothing else; what is entered is entered
once, whole, or not at all."""

import asyncio
import io
import os
import struct
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from tenants import attachments, imports, jobs, leases, runner, scope, workbooks
from tenants.attachments import Attachment, Label
from tenants.audit import AuditEntry
from tenants.county_summaries import CountySummary
from tenants.households import Household, Member
from tenants.imports import ImportMode, ImportNoun, Outcome
from tenants.jobs import Job, JobState
from tenants.notices import Notice
from tenants.refusals import Refusal
from tenants.runner import at_work
from tenants.storage import Folder
from tests.conftest import Database
from tests.tenants import planting
from tests.tenants.demonstration import standing
from tests.tenants.planting import Planted, planted
from tests.tenants.work import LEASE, ended, now, until

COUNTY, SECRETARY = "hn-county-secretary", "hn-township-secretary"
FILES = int(os.environ.get("ZEREN_IMPORT_FILES", "30"))
XLSX, CSV = workbooks.XLSX, "text/csv"


@pytest.fixture
async def folder(people_models: Database, tmp_path: Path) -> AsyncIterator[Folder]:
    found = Folder(tmp_path / "files")
    async with at_work(storage=found, lease=LEASE, sweep_seconds=0.1):
        yield found


async def sent(folder: Folder, name: str, kind: str, content: bytes, login: str = COUNTY) -> Attachment:
    async def chunks() -> AsyncIterator[bytes]:
        yield content

    async with standing(login) as caller:
        stored = await folder.write(caller.viewer.place_id, chunks())
        return await attachments.keep(caller.viewer, Label.of(name, kind), stored)


async def asked(
    folder: Folder,
    file: tuple[str, str, bytes],
    mode: ImportMode = ImportMode.REJECT_EVERYTHING,
    *,
    is_dry: bool = False,
    login: str = COUNTY,
) -> Job:
    attachment = await sent(folder, *file, login=login)
    async with standing(login) as caller:
        return await imports.ask(
            caller.viewer, caller.access, ImportNoun.HOUSEHOLDS, attachment.id, mode, is_dry=is_dry
        )


async def done(folder: Folder, file: tuple[str, str, bytes], *more: Any, **named: Any) -> tuple[Job, Outcome]:
    job = await ended(await asked(folder, file, *more, **named))
    outcome = imports.outcome_of(job)
    assert (job.state, job.failure) == (JobState.DONE, None)
    assert outcome is not None
    return job, outcome


def named(outcome: Outcome) -> list[planting.Error]:
    """Row, header and code of each finding."""
    headers = {column.key: column.header for column in imports.NOUNS["households"].sheet.columns}
    return sorted((f.row, headers.get(f.column, f.column), f.code.value) for f in outcome.findings)


async def counted(login: str = COUNTY) -> dict[str, Any]:
    """The rows of the place that an import could write, and the sum of its register."""
    async with standing(login) as caller:
        summary = await CountySummary.get(tenant_id=caller.viewer.place_id)
        return {
            "households": await Household.all().count(),
            "members": await Member.all().count(),
            "summary": (summary.households, summary.population),
            "entered": await AuditEntry.filter(act="import.enter").count(),
        }


async def test_of_mutated_files_every_planted_error_is_named_and_nothing_else(folder: Folder) -> None:
    before = await counted()
    for seed in range(FILES):
        file = planted(seed)
        _, outcome = await done(folder, planting.content(file))
        assert named(outcome) == file.errors, f"file {seed}"
        assert outcome.rows == len(file.rows), f"file {seed}"
        assert outcome.entered == 0, f"file {seed}"
        assert await counted() == before, f"file {seed}"


def clean(households: int = 3, header: int = 1) -> Planted:
    file = planted(10**6, households=0)
    file.errors, file.extra, file.header, file.is_workbook = [], [], header, True
    file.fill(households)
    return file


async def test_a_clean_file_is_entered_whole(folder: Folder) -> None:
    before, file = await counted(), clean(12, header=3)

    job, outcome = await done(folder, planting.content(file))

    assert outcome == Outcome(rows=len(file.rows), objects=12, entered=12, header=3)
    assert job.attachment_id is None
    after = await counted()
    assert after["households"] == before["households"] + 12
    assert after["members"] == before["members"] + len(file.rows)
    assert after["summary"] == (before["summary"][0] + 12, before["summary"][1] + len(file.rows))
    assert after["entered"] == before["entered"] + 1
    async with standing(COUNTY):
        household = await Household.get(number="演示导入-00000")
        head = await Member.get(household_id=household.id, relation="head")
    assert household.head_name == head.name == "演示成员0之0"
    assert household.code in {"410173108201", "410173108202", "410173108203", "410173108206"}
    number = file.rows[0][planting.ID]
    assert head.id_number_mask == f"{number[:4]}************{number[16:]}"


async def test_a_dry_run_finds_the_same_and_writes_nothing(folder: Folder) -> None:
    before, file = await counted(), clean()

    _, outcome = await done(folder, planting.content(file), is_dry=True)

    assert (outcome.entered, outcome.found) == (3, 0)
    assert await counted() == before


def two_wrong() -> Planted:
    """Of four households one has a wrong cell that may be empty, and one a wrong cell that may not."""
    file = clean(4)
    file.rows[file.households[1][0]][planting.INCOME] = "三千"
    file.rows[file.households[2][0]][planting.VILLAGE] = "不存在村委会"
    return file


@pytest.mark.parametrize(
    ("mode", "entered"),
    [
        (ImportMode.REJECT_EVERYTHING, []),
        (ImportMode.REJECT_FAILED_ROWS, [0, 3]),
        (ImportMode.IGNORE_FAILED, [0, 1, 3]),
    ],
)
async def test_what_each_mode_lets_through(folder: Folder, mode: ImportMode, entered: list[int]) -> None:
    _, outcome = await done(folder, planting.content(two_wrong()), mode)

    assert (outcome.found, outcome.entered) == (2, len(entered))
    async with standing(COUNTY):
        found = await Household.filter(number__startswith="演示导入-").order_by("number")
    assert [household.number for household in found] == [f"演示导入-{number:05d}" for number in entered]
    assert all(household.income is None for household in found if household.number.endswith("1"))


async def test_a_household_is_not_entered_without_a_member_whose_number_is_missing(folder: Folder) -> None:
    file = clean(3)
    file.rows.insert(1, [None, None, None, "演示成员", "配偶", None, None, None, None, None, None])

    _, outcome = await done(folder, planting.content(file), ImportMode.REJECT_FAILED_ROWS)

    assert named(outcome) == [(3, "户编号", "BLANK")]
    assert (outcome.objects, outcome.entered) == (3, 2)


async def test_sent_twice_it_is_there_already(folder: Folder) -> None:
    file = planting.content(clean())
    await done(folder, file)
    before = await counted()

    _, outcome = await done(folder, file)

    assert {finding.code for finding in outcome.findings} == {"ALREADY_THERE"}
    assert (outcome.found, outcome.entered) == (3, 0)
    assert await counted() == before


async def test_the_marked_file_comes_back_with_the_same_rows(folder: Folder) -> None:
    file = two_wrong()
    job, _ = await done(folder, planting.content(file))

    async with scope.open(reads=[job.tenant_id]):
        kept = await Attachment.get(id=job.attachment_id)
    assert (kept.name, kept.permission) == ("演示-错误.xlsx", "household.create")
    table = await workbooks.read(XLSX, await folder.read(kept.storage_key), "贫困户")
    assert table.rows[0].cells == ("错误", *planting.HEADERS)
    assert [row.cell(1) for row in table.rows[1:]] == [row[0] for row in file.rows]
    marked = {row.number: row.cell(0) for row in table.rows[1:] if row.cell(0)}
    assert marked == {
        file.line(file.households[1][0]): "人均年收入（元）：不是数字",
        file.line(file.households[2][0]): "所在村：本地没有这个区划，请从列表中选择",
    }


async def test_the_marked_file_mended_is_entered(folder: Folder) -> None:
    file = clean(2)
    header, rows = ["错误", *planting.HEADERS], [["说明", *row] for row in file.rows]
    lines = "\n".join(",".join("" if cell is None else str(cell) for cell in row) for row in [header, *rows])

    _, outcome = await done(folder, ("演示.csv", CSV, lines.encode()))

    assert (outcome.found, outcome.entered) == (0, 2)


async def test_who_reaches_a_township_enters_there_and_nowhere_else(folder: Folder) -> None:
    def lying_in(village: str) -> tuple[str, str, bytes]:
        file = clean(1)
        file.rows[0][planting.VILLAGE] = village
        return planting.content(file)

    _, outside = await done(folder, lying_in("410173108201"), login=SECRETARY)
    assert named(outside) == [(2, "所在村", "OUT_OF_REACH")]

    _, within = await done(folder, lying_in("410173113202"), login=SECRETARY)
    assert (within.found, within.entered) == (0, 1)


async def test_who_may_enter_nothing_is_refused(folder: Folder) -> None:
    with pytest.raises(Refusal) as refused:
        await asked(folder, planting.content(clean()), login="hn-first-secretary")
    assert refused.value.code == "FORBIDDEN"


async def test_a_run_after_a_crash_enters_nothing_again(people_models: Database, tmp_path: Path) -> None:
    """The first run dies when all is entered and before the job is told as done."""
    folder = Folder(tmp_path / "files")
    job = await asked(folder, planting.content(clean(5)))
    taken = await leases.take(job.tenant_id, runner.HANDLERS, LEASE)
    assert taken is not None
    await runner.HANDLERS[job.kind].work(runner.Run(*taken, runner.HANDLERS[job.kind], folder))
    before = await counted()

    async with at_work(storage=folder, lease=LEASE, sweep_seconds=0.1):
        job = await ended(job)

    outcome = imports.outcome_of(job)
    assert job.state is JobState.DONE
    assert outcome is not None
    assert (outcome.entered, outcome.found) == (5, 0)
    assert await counted() == before


async def entering(job: Job) -> Job:
    return await until(job, lambda found: found.stage == "entering" and 0 < found.done < found.total)


async def test_a_runner_that_stops_in_the_middle_leaves_all_to_the_next(
    people_models: Database, tmp_path: Path
) -> None:
    folder, before = Folder(tmp_path / "files"), await counted()
    job = await asked(folder, planting.content(clean(1500)))

    async with at_work(storage=folder, lease=LEASE, sweep_seconds=0.1):
        await entering(job)
    assert (await now(job)).state is JobState.QUEUED
    assert await counted() == before

    async with at_work(storage=folder, lease=LEASE, sweep_seconds=0.1):
        job = await ended(job)
    outcome = imports.outcome_of(job)
    assert job.state is JobState.DONE
    assert outcome is not None
    assert (outcome.entered, outcome.found) == (1500, 0)
    assert (await counted())["households"] == before["households"] + 1500


async def test_an_import_that_is_cancelled_leaves_nothing(folder: Folder) -> None:
    before = await counted()
    job = await entering(await asked(folder, planting.content(clean(1500))))

    async with standing(COUNTY) as caller:
        await jobs.cancel(caller.viewer, caller.access, job.id)

    assert (await ended(job)).state is JobState.CANCELLED
    assert await counted() == before


# Files as a whole.


def bomb() -> bytes:
    """A few kilobytes that unpack to a gigabyte."""
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as package:
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as part:
            for _ in range(512):
                part.write(b"\0" * 2**20)
    return kept.getvalue()


def with_entity() -> bytes:
    """A clean workbook into which somebody has put an entity that names a file of the server."""
    source, kept = io.BytesIO(planting.workbook(clean())), io.BytesIO()
    evil = b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(kept, "w") as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename == "xl/sharedStrings.xml":
                content = content.replace(b"<sst", evil + b"<sst", 1)
            new.writestr(part, content)
    return kept.getvalue()


def far_cell() -> bytes:
    """Two cells at the two ends of a sheet: as a full table, 17 thousand million of them."""
    source, kept = io.BytesIO(planting.workbook(clean())), io.BytesIO()
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(kept, "w") as new:
        for part in old.infolist():
            content = old.read(part)
            if part.filename == "xl/worksheets/sheet1.xml":
                content = content.replace(b"</sheetData>", far)
            new.writestr(part, content)
    return kept.getvalue()


def lines(*rows: str) -> bytes:
    return "\n".join(rows).encode()


@pytest.mark.parametrize(
    ("kind", "content", "code"),
    [
        (XLSX, bomb, "TOO_LARGE"),
        (XLSX, far_cell, "TOO_LARGE"),
        (XLSX, with_entity, "UNSAFE"),
        (XLSX, lambda: planting.workbook(clean())[:2000], "NOT_A_TABLE"),
        (
            "application/vnd.ms-excel",
            lambda: b"\xd0\xcf\x11\xe0" + struct.pack("<100I", *range(100)),
            "NOT_A_TABLE",
        ),
        (CSV, lambda: b"\xff\xff\xff", "NOT_A_TABLE"),
        (CSV, lambda: lines("户编号,成员姓名", "1,某"), "NO_HEADER"),
        (CSV, lambda: lines(",".join(planting.HEADERS)), "EMPTY"),
        (CSV, lambda: lines(",".join(planting.HEADERS), *["a"] * (workbooks.MOST_ROWS + 1)), "TOO_LARGE"),
    ],
    ids=["bomb", "far cell", "entity", "cut off", "no xls", "no text", "no header", "empty", "too long"],
)
async def test_a_file_that_cannot_be_read_says_why(
    folder: Folder, kind: str, content: Any, code: str
) -> None:
    before = await counted()

    _, outcome = await done(folder, ("演示", kind, content()))

    assert [(finding.row, finding.code) for finding in outcome.findings] == [(0, code)]
    assert outcome.entered == 0
    assert await counted() == before


async def test_a_reader_that_takes_too_long_is_killed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    endless = tmp_path / "endless.py"
    endless.write_text("while True: pass")
    monkeypatch.setattr(workbooks, "_READER", endless)
    monkeypatch.setattr(workbooks, "LONGEST_READING_SECONDS", 0.3)

    async def chunks() -> AsyncIterator[bytes]:
        yield b"x"

    with pytest.raises(workbooks.Unreadable) as refused:
        await workbooks.read(CSV, chunks(), "")
    assert refused.value.code == "TOO_LARGE"
    listed = await asyncio.create_subprocess_exec("pgrep", "-f", str(endless))
    assert await listed.wait() == 1, "no such process is left"


async def test_no_id_number_is_in_findings_notices_or_the_audit(folder: Folder) -> None:
    file = clean(3)
    number = file.rows[0][planting.ID]
    wrong = number[:17] + ("1" if number[17] != "1" else "2")
    file.rows[0][planting.ID] = wrong
    job, _ = await done(folder, planting.content(file))

    async with standing(COUNTY):
        kept = [job.cursor, job.outcome, job.arguments]
        kept += [entry.details for entry in await AuditEntry.all()]
        kept += [notice.details for notice in await Notice.all()]
    assert wrong not in str(kept)
    assert number[:17] not in str(kept)


# Templates.


async def test_a_template_offers_the_places_own_villages_and_is_read_as_an_empty_file(folder: Folder) -> None:
    async with standing(COUNTY) as caller:
        asked_for = await imports.ask_template(caller.viewer, caller.access, ImportNoun.HOUSEHOLDS)
    job = await ended(asked_for)

    async with scope.open(reads=[job.tenant_id]):
        kept = await Attachment.get(id=job.attachment_id)
    content = b"".join([chunk async for chunk in await folder.read(kept.storage_key)])
    assert kept.name == "贫困户模板-410173000000.xlsx"

    async def chunks() -> AsyncIterator[bytes]:
        yield content

    choices = await workbooks.read(XLSX, chunks(), "填写选项")
    villages = {row.cell(0) for row in choices.rows[1:]}
    assert {"张庄镇/宋庄村委会", "张庄镇/吕坡村委会"} <= villages
    explained = await workbooks.read(XLSX, chunks(), "填写说明")
    assert {column.header for column in imports.NOUNS["households"].sheet.columns} <= {
        row.cell(0) for row in explained.rows
    }
    with zipfile.ZipFile(io.BytesIO(content)) as package:
        sheet = package.read("xl/worksheets/sheet1.xml").decode()
    assert sheet.count('type="list"') == 3

    _, outcome = await done(folder, ("模板.xlsx", XLSX, content))
    assert [finding.code for finding in outcome.findings] == ["EMPTY"]
