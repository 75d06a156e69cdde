"""Exports: asking for a file that a job then writes."""

from typing import Annotated

import strawberry

from schema.enums import enum
from schema.fields import Info, command
from schema.jobs import Job, JobPayload
from schema.texts import LONGEST_KEY, kept
from tenants import exports
from tenants.exports import ExportFormat

enum(ExportFormat, name="ExportFormat", description="文件格式 / In which form.")


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
        format: Annotated[ExportFormat, strawberry.argument(description="In which form.")] = ExportFormat.CSV,
        idempotency_key: Annotated[
            str | None,
            strawberry.argument(description="Sent again with the same key, the command has one effect."),
        ] = None,
    ) -> JobPayload:
        key = kept(idempotency_key, "idempotencyKey", LONGEST_KEY)
        return JobPayload(
            job=Job.of(await exports.ask_audit(info.context.viewer, ExportFormat(format), key=key))
        )
