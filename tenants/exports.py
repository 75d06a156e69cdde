"""Exports: what a place may take with it as a file, written by a job a page at a time.

Every page is read with the rights that the asker has at that moment. A file is made whole or not at all: a
run that was broken off begins it again.
"""

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import orjson

from policies.reach import Viewer
from tenants import audit, jobs
from tenants.attachments import Label
from tenants.audit import AuditEntry
from tenants.jobs import Job
from tenants.runs import Handler, Run

AUDIT = "audit.export"
PAGE = 500
# A spreadsheet takes a cell that begins with one of these for a formula, and runs it.
FORMULA = ("=", "+", "-", "@", "\t", "\r")
COLUMNS = ("recordedAt", "act", "subjectKind", "subjectId", "personId", "accountId", "details")


class ExportFormat(StrEnum):
    CSV = "csv"
    NDJSON = "ndjson"


async def ask_audit(viewer: Viewer, form: ExportFormat, *, key: str | None = None) -> Job:
    """Ask for everything that is recorded in the place until now, newest first."""
    return await jobs.ask(viewer, AUDIT, {"format": form.value}, key=key)


async def _export_audit(run: Run) -> Mapping[str, Any]:
    async with run.standing() as (viewer, law):
        total = await audit.listed(viewer, law.access, until=run.job.recorded_at).count()
        name = f"audit-{viewer.place_code}-{run.job.recorded_at:%Y%m%d-%H%M%S}"
    form = ExportFormat(run.arguments["format"])
    media_type, written = _FORMS[form]
    await run.keep(Label(f"{name}.{form.value}", media_type), _pages(run, total, written))
    return {"entries": total}


async def _pages(
    run: Run, total: int, written: Callable[[Iterable[AuditEntry]], str]
) -> AsyncIterator[bytes]:
    done, has_next = 0, True
    after: Sequence[str] | None = None
    if written is _as_csv:
        # Without the mark, spreadsheets read Chinese in the system's old encoding.
        yield ("\ufeff" + _line(COLUMNS)).encode()
    while has_next:
        async with run.standing() as (viewer, law):
            listing = audit.listed(viewer, law.access, until=run.job.recorded_at)
            page = await (listing.after(after) if after else listing).page(PAGE)
        yield written(page.rows).encode()
        done += len(page.rows)
        has_next = page.has_next
        after = listing.cursor_of(page.rows[-1]) if page.rows else None
        await run.progress(done, total, "writing")


def _as_csv(entries: Iterable[AuditEntry]) -> str:
    return "".join(_line(_text(value) for value in _told(entry).values()) for entry in entries)


def _as_ndjson(entries: Iterable[AuditEntry]) -> str:
    return "".join(orjson.dumps(_told(entry)).decode() + "\n" for entry in entries)


_FORMS: Mapping[ExportFormat, tuple[str, Callable[[Iterable[AuditEntry]], str]]] = {
    ExportFormat.CSV: ("text/csv", _as_csv),
    ExportFormat.NDJSON: ("application/x-ndjson", _as_ndjson),
}


def _told(entry: AuditEntry) -> dict[str, Any]:
    values = (
        entry.recorded_at.isoformat(),
        entry.act,
        entry.subject_kind,
        str(entry.subject_id),
        str(entry.person_id),
        str(entry.account_id),
        entry.details,
    )
    return dict(zip(COLUMNS, values, strict=True))


def _text(value: Any) -> str:
    return value if isinstance(value, str) else orjson.dumps(value).decode()


def _line(cells: Iterable[str]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\r\n").writerow([_harmless(cell) for cell in cells])
    return line.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


EXPORTS: Mapping[str, Handler] = {AUDIT: Handler("audit.read", _export_audit, writes=False)}
