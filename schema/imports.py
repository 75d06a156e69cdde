"""Imports: a template to fill in, a file that is tried and then entered, and what is wrong with it."""

from typing import Annotated, Self

import strawberry
from strawberry import relay

from schema.costs import Cost
from schema.enums import enum
from schema.errors import ErrorCode, Language, PublicError, Sentence
from schema.fields import Info, command, read_field
from schema.jobs import Job, JobPayload
from schema.nodes import readable_one, row_id
from schema.texts import LONGEST_KEY, kept
from tenants import imports
from tenants.import_findings import Finding, FindingCode, sentences
from tenants.imports import ImportMode, ImportNoun, Outcome

MOST_FINDINGS = 500

enum(ImportNoun, name="ImportNoun", description="导入什么 / What a file holds.")
enum(
    ImportMode, name="ImportMode", description="有错时怎么办 / What becomes of the rows when some are wrong."
)
enum(
    FindingCode,
    name="ImportFindingCode",
    description="文件哪里不对 / What is wrong with a file. Never translated.",
    sentences={code: f"{said['zh']} / {said['en']}" for code, said in sentences().items()},
)

Key = Annotated[
    str | None, strawberry.argument(description="Sent again with the same key, the command has one effect.")
]


@strawberry.type(description="文件里的一处错误 / One thing that is wrong with a file.")
class ImportFinding:
    row: int = strawberry.field(description="Its line in the file, from 1; 0 for the file as a whole.")
    column: str | None = strawberry.field(description="The header of its column; null for a whole row.")
    code: FindingCode = strawberry.field(description="A stable code; never translated.")
    message: str = strawberry.field(description="What is wrong, and what to do, in the language asked for.")

    @classmethod
    def of(cls, finding: Finding, headers: dict[str, str], language: Language) -> Self:
        said = finding.said("en" if language is Language.EN else "zh")
        column = headers.get(finding.column, finding.column) or None
        return cls(row=finding.row, column=column, code=finding.code, message=said)


@strawberry.type(description="导入的结果 / What an import has found and entered.")
class ImportReport:
    job: Job = strawberry.field(description="The job. Its attachment is the file with a column 错误.")
    mode: ImportMode = strawberry.field(description="What becomes of the rows when some are wrong.")
    dry_run: bool = strawberry.field(description="It was tried, and nothing was entered.")
    rows: int = strawberry.field(description="How many rows there are below the header.")
    objects: int = strawberry.field(description="How many objects they make: households.")
    entered: int = strawberry.field(description="How many were entered, or in a dry run, would be.")
    finding_count: int = strawberry.field(description="How many things are wrong.")
    findings: list[ImportFinding] = strawberry.field(
        description="These things, by row.", metadata={"cost": Cost(items=100)}
    )


def _report(job: Job, outcome: Outcome, language: Language, skip: int, first: int) -> ImportReport:
    headers = {column.key: column.header for column in imports.noun_of(job.row).sheet.columns}
    shown = outcome.findings[skip : skip + first]
    return ImportReport(
        job=job,
        mode=ImportMode(job.row.arguments["mode"]),
        dry_run=job.row.arguments["dryRun"],
        rows=outcome.rows,
        objects=outcome.objects,
        entered=outcome.entered,
        finding_count=outcome.found,
        findings=[ImportFinding.of(finding, headers, language) for finding in shown],
    )


@strawberry.type
class ImportQuery:
    @read_field(
        permission="job.read",
        description="导入的结果 / What an import has found so far; null for another job.",
    )
    async def import_report(
        self,
        info: Info,
        job: Annotated[relay.GlobalID, strawberry.argument(description="The job of `importStart`.")],
        first: Annotated[int, strawberry.argument(description="How many findings, 0 to 500.")] = 100,
        skip: Annotated[int, strawberry.argument(description="How many findings to leave out before.")] = 0,
    ) -> ImportReport | None:
        if not 0 <= first <= MOST_FINDINGS or skip < 0:
            raise PublicError(ErrorCode.BAD_USER_INPUT, detail=_OUT_OF_RANGE)
        found = await readable_one(info, Job, job)
        outcome = imports.outcome_of(found.row) if found is not None else None
        if found is None or outcome is None:
            return None
        return _report(found, outcome, info.context.language, skip, first)


_OUT_OF_RANGE = Sentence(
    f"first 应在 0 到 {MOST_FINDINGS} 之间，skip 不能是负数",
    f"first is 0 to {MOST_FINDINGS}, skip is not negative",
)


@strawberry.input(description="导入文件 / A file to be entered.")
class ImportStartInput:
    noun: ImportNoun = strawberry.field(description="What it holds.")
    file: relay.GlobalID = strawberry.field(
        description="The attachment: XLSX, XLS or CSV, sent to POST /files."
    )
    mode: ImportMode = strawberry.field(
        default=ImportMode.REJECT_EVERYTHING, description="What becomes of the rows when some are wrong."
    )
    dry_run: bool = strawberry.field(
        default=True, description="Try it and enter nothing: everything is found that would be found."
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description="Sent again with the same key, the command has one effect."
    )


@strawberry.type
class ImportMutation:
    @command(
        permission="attachment.create",
        payload=JobPayload,
        description="生成导入模板 / Make a template with the place's own lists, by a job. "
        "It takes the permission to enter what it is for.",
    )
    async def import_template(
        self,
        info: Info,
        noun: Annotated[ImportNoun, strawberry.argument(description="For what.")],
        idempotency_key: Key = None,
    ) -> JobPayload:
        viewer, access = info.context.viewer, info.context.access
        key = kept(idempotency_key, "idempotencyKey", LONGEST_KEY)
        return JobPayload(job=Job.of(await imports.ask_template(viewer, access, ImportNoun(noun), key=key)))

    @command(
        permission="attachment.create",
        payload=JobPayload,
        description="试读或导入一个文件 / Try a file or enter it, by a job. "
        "It takes the permission to enter what the file holds.",
    )
    async def import_start(
        self,
        info: Info,
        input: Annotated[ImportStartInput, strawberry.argument(description="The file, and how.")],
    ) -> JobPayload:
        viewer, access, noun = info.context.viewer, info.context.access, ImportNoun(input.noun)
        # Before the id is looked at: who may not is told the same of every file.
        imports.require_right(viewer, access, noun)
        row = await imports.ask(
            viewer,
            access,
            noun,
            row_id(input.file, "Attachment", "file"),
            ImportMode(input.mode),
            is_dry=input.dry_run,
            key=kept(input.idempotency_key, "idempotencyKey", LONGEST_KEY),
        )
        return JobPayload(job=Job.of(row))
