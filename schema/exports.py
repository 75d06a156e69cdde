"""Exports: asking for a file that a job then writes."""

from typing import Annotated

import strawberry

from schema.enums import enum
from schema.fields import Info, command
from schema.household_filters import Which, wanted_of
from schema.jobs import Job, JobPayload
from schema.texts import LONGEST_KEY, kept
from tenants import exports, household_exports
from tenants.exports import ExportFormat

enum(ExportFormat, name="ExportFormat", description="文件格式 / In which form.")

Form = Annotated[ExportFormat, strawberry.argument(description="In which form.")]
Key = Annotated[
    str | None, strawberry.argument(description="Sent again with the same key, the command has one effect.")
]


@strawberry.type
class ExportMutation:
    @command(
        permission="audit.read",
        payload=JobPayload,
        description="导出本地的操作记录 / Write what is recorded in this place into a file, by a job.",
        even_suspended=True,
    )
    async def audit_export(
        self,
        info: Info,
        format: Form = ExportFormat.CSV,
        idempotency_key: Key = None,
    ) -> JobPayload:
        key = kept(idempotency_key, "idempotencyKey", LONGEST_KEY)
        return JobPayload(
            job=Job.of(await exports.ask_audit(info.context.viewer, ExportFormat(format), key=key))
        )

    @command(
        permission="household.read",
        payload=JobPayload,
        description="导出可见的贫困户，一名成员一行 / Write the households that the viewer may read into "
        "a file, a line for each member, by a job.",
        even_suspended=True,
    )
    async def households_export(
        self,
        info: Info,
        filter: Which = None,
        format: Form = ExportFormat.XLSX,
        idempotency_key: Key = None,
    ) -> JobPayload:
        key = kept(idempotency_key, "idempotencyKey", LONGEST_KEY)
        row = await household_exports.ask(
            info.context.viewer, wanted_of(filter), ExportFormat(format), key=key
        )
        return JobPayload(job=Job.of(row))
