"""Imports: a table that somebody sent becomes objects of one noun, by a job, all in one transaction.

    READ       a process of its own makes rows of the file (tenants/workbooks.py)
    COMPOSED   the noun's sheet reads every cell, and rows become objects: all that the file alone can tell
    CHECKED    the place is asked about every object
    ENTERED    those that the mode lets through are written, unless the run is a dry one

CHECKED and ENTERED are one transaction, in which the findings are kept as the job's cursor: a run after a
crash finds them and enters nothing again. Every finding of the file is told at once; the same rows come
back as a file with a column that says what is wrong.
"""

import asyncio
from collections.abc import AsyncIterable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any
from uuid import UUID

from policies.access import Access
from policies.reach import Viewer
from tenants import attachments, audit, county_summaries, jobs, scope, sheets, templates, workbooks
from tenants.attachments import Attachment, Label
from tenants.cells import Lists
from tenants.household_sheets import NOUN as HOUSEHOLDS
from tenants.import_findings import Finding, FindingCode
from tenants.jobs import Job
from tenants.nouns_of_sheets import Noun, Thing
from tenants.pairing_sheets import NOUN as PAIRINGS
from tenants.people_sheets import NOUN as PEOPLE
from tenants.profiles import LawInForce
from tenants.refusals import Flaw, Refusal, RefusalCode, invalid
from tenants.runs import Handler, Run
from tenants.sheets import Reading
from tenants.workbooks import Table, Unreadable

NOUNS: Mapping[str, Noun] = {noun.key: noun for noun in (HOUSEHOLDS, PEOPLE, PAIRINGS)}
# How many objects are entered by one statement; after each it is seen whether the job was cancelled.
AT_ONCE, PAUSE_SECONDS = 100, 0.04
# So many findings are kept; a file with more is wrong in a way that the first ones tell.
MOST_FINDINGS = 20_000


class ImportNoun(StrEnum):
    HOUSEHOLDS = "households"
    PAIRINGS = "pairings"
    PEOPLE = "people"


class ImportMode(StrEnum):
    """What becomes of the rows when some are wrong. An object (a household with its members) is entered whole
    or not at all, in every mode."""

    IGNORE_FAILED = "ignore_failed"  # a wrong cell that may be empty is entered as empty
    REJECT_FAILED_ROWS = "reject_failed_rows"  # an object with any wrong cell or row is left out
    REJECT_EVERYTHING = "reject_everything"  # one finding, and nothing is entered


@dataclass(frozen=True, slots=True)
class Outcome:
    """`rows`: below the header. `objects`: what they make. `entered`: of these; in a dry run, what would be.
    `found`: how many things are wrong; `findings`: the first of them. `header`: its row in the file."""

    rows: int = 0
    objects: int = 0
    entered: int = 0
    found: int = 0
    header: int = 0
    findings: tuple[Finding, ...] = ()

    def to_keep(self) -> dict[str, Any]:
        findings = [found.to_keep() for found in self.findings]
        return {**self.numbers, "header": self.header, "findings": findings}

    @property
    def numbers(self) -> dict[str, int]:
        return {"rows": self.rows, "objects": self.objects, "entered": self.entered, "found": self.found}

    @classmethod
    def from_kept(cls, kept: Mapping[str, Any]) -> "Outcome":
        findings = tuple(Finding.from_kept(found) for found in kept["findings"])
        return cls(**{**kept, "findings": findings})


def outcome_of(job: Job) -> Outcome | None:
    """What an import has found and done so far; None for a job of another kind."""
    if job.kind not in {kind_of(noun) for noun in NOUNS.values()}:
        return None
    return Outcome.from_kept(job.cursor) if job.cursor else Outcome()


def kind_of(noun: Noun) -> str:
    return f"import.{noun.key}"


def template_of(noun: Noun) -> str:
    return f"template.{noun.key}"


def noun_of(job: Job) -> Noun:
    return NOUNS[job.kind.partition(".")[2]]


async def ask_template(viewer: Viewer, access: Access, noun: ImportNoun, *, key: str | None = None) -> Job:
    """Ask for an empty workbook with the place's lists. Refuses who may not enter such objects."""
    known = require_right(viewer, access, noun)
    return await jobs.ask(viewer, template_of(known), {}, key=key)


async def ask(
    viewer: Viewer,
    access: Access,
    noun: ImportNoun,
    file: UUID,
    mode: ImportMode,
    *,
    is_dry: bool,
    key: str | None = None,
) -> Job:
    """Ask for a file to be entered, or with `is_dry`, to be tried. Raises NOT_FOUND for a file that the
    viewer may not read, INVALID for one that is no table."""
    known = require_right(viewer, access, noun)
    attachment = await attachments.one(viewer, access, file, "file")
    if attachment.media_type not in workbooks.READABLE:
        raise invalid(Flaw.NOT_A_TABLE, "file")
    arguments = {"file": str(attachment.id), "mode": mode.value, "dryRun": is_dry}
    return await jobs.ask(viewer, kind_of(known), arguments, key=key)


def require_right(viewer: Viewer, access: Access, noun: ImportNoun) -> Noun:
    """The noun, for who may enter such objects anywhere. Raises FORBIDDEN."""
    known = NOUNS[noun.value]
    if not access.may_ever(viewer, known.permission):
        raise Refusal(RefusalCode.FORBIDDEN)
    return known


async def _make_template(noun: Noun, run: Run) -> Mapping[str, Any]:
    async with run.standing() as (viewer, law):
        lists = await noun.lists(viewer, law)
        label = Label(f"{noun.sheet.title}模板-{viewer.place_code}.xlsx", workbooks.XLSX)
    await run.keep(label, workbooks.written(templates.lines(noun.sheet, lists)))
    return {}


async def _import(noun: Noun, run: Run) -> Mapping[str, Any]:
    await run.progress(0, None, "reading")
    async with run.standing() as (viewer, law):
        attachment = await attachments.one(viewer, law.access, UUID(run.arguments["file"]), "file")
        lists = await noun.lists(viewer, law)
    table = await _read(run, attachment, noun)
    if run.cursor is None:
        await run.progress(0, None, "checking")
        await _enter(run, noun, await _reading(table, noun, lists))
    outcome = Outcome.from_kept(run.cursor or {})
    if outcome.findings and isinstance(table, Table):
        label = Label(f"{attachment.name.rpartition('.')[0]}-错误.xlsx"[-200:], workbooks.XLSX)
        await run.keep(label, workbooks.written(_marked(table, noun, outcome)))
    return outcome.numbers


async def _read(run: Run, attachment: Attachment, noun: Noun) -> Table | Finding:
    """The table of the file, or why there is none."""
    try:
        chunks = await run.file(attachment)
        return await workbooks.read(attachment.media_type, chunks, noun.sheet.title)
    except Unreadable as problem:
        params = {"most": workbooks.MOST_ROWS}
        return Finding(0, "", FindingCode(problem.code), params=params)


async def _reading(table: Table | Finding, noun: Noun, lists: Lists) -> Reading:
    if isinstance(table, Finding):
        return Reading(0, (), (table,))
    return await sheets.read(table, noun.sheet, lists)


async def _marked(table: Table, noun: Noun, outcome: Outcome) -> AsyncIterable[Any]:
    for line in sheets.marked(table, outcome.header, noun.sheet, outcome.findings):
        yield line


async def _enter(run: Run, noun: Noun, reading: Reading) -> None:
    """The transaction of the import: whatever becomes of it, its findings are the job's cursor."""
    mode, is_dry = ImportMode(run.arguments["mode"]), run.arguments["dryRun"]
    things, composed = await asyncio.to_thread(noun.compose, reading.entries)
    findings = [*reading.findings, *composed]
    async with run.standing() as (viewer, law):
        findings += await noun.check(viewer, law, things)
        passed = _passed(things, findings, mode)
        refused: list[Finding] = []
        with suppress(_TakenBack):
            async with scope.open(writes=viewer.place_id):
                refused = await _written(run, noun, (viewer, law), passed)
                if is_dry or (refused and mode is ImportMode.REJECT_EVERYTHING):
                    raise _TakenBack
                if len(passed) > len(refused):
                    await _record(run, viewer, noun, len(passed) - len(refused))
        is_nothing = bool(refused) and mode is ImportMode.REJECT_EVERYTHING
        entered = 0 if is_nothing else len(passed) - len(refused)
        found = sorted([*findings, *refused], key=lambda finding: finding.order)
        numbers = (len(reading.entries), len(things), entered, len(found), reading.header)
        run.cursor = Outcome(*numbers, tuple(found[:MOST_FINDINGS])).to_keep()


class _TakenBack(Exception):
    """What was written is undone, to its last row."""


def _passed(things: Sequence[Thing], findings: Collection[Finding], mode: ImportMode) -> list[Thing]:
    """The objects that are entered."""
    if findings and mode is ImportMode.REJECT_EVERYTHING:
        return []
    is_ignoring = mode is ImportMode.IGNORE_FAILED
    condemned: set[int] = set()
    for finding in findings:
        if not (is_ignoring and finding.is_light):
            condemned |= set(range(finding.row, finding.params.get("last", finding.row) + 1))
    return [thing for thing in things if condemned.isdisjoint(entry.row for entry in thing.entries)]


async def _written(
    run: Run, noun: Noun, standing: tuple[Viewer, LawInForce], things: Sequence[Thing]
) -> list[Finding]:
    refused = []
    async with county_summaries.recounted():
        for first in range(0, len(things), AT_ONCE):
            refused += await noun.enter(*standing, things[first : first + AT_ONCE])
            await run.progress(min(first + AT_ONCE, len(things)), len(things), "entering")
            await asyncio.sleep(PAUSE_SECONDS)
    return refused


async def _record(run: Run, viewer: Viewer, noun: Noun, entered: int) -> None:
    """That so many were entered, and from which file: their rows say the rest."""
    details = {"noun": noun.key, "file": run.arguments["file"], "entered": entered}
    await audit.record(viewer, "import.enter", ("job", run.job.id), **details)


HANDLERS: Mapping[str, Handler] = {
    **{kind_of(noun): Handler(noun.permission, partial(_import, noun)) for noun in NOUNS.values()},
    **{
        template_of(noun): Handler(noun.permission, partial(_make_template, noun), writes=False)
        for noun in NOUNS.values()
    },
}
