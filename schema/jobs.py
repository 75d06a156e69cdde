"""Jobs: how far the long work is that one has asked for, what came of it, and stopping it."""

from datetime import datetime
from typing import Annotated, ClassVar, Self
from uuid import UUID

import strawberry
from strawberry import relay
from strawberry.scalars import JSON

from policies.access import Access
from policies.reach import Viewer
from schema.attachments import Attachment
from schema.connections import PAGE, After, Connection, First
from schema.enums import enum
from schema.errors import Language, catalogue
from schema.fields import Info, command, described, read_field, subscription_field
from schema.nodes import MappedNode, readable_one, row_id
from schema.people import Person
from schema.reads.asked import page
from schema.reads.declared import One
from schema.reads.related import Row, one
from schema.user_errors import Payload, sentence_of
from tenants import attachments, jobs
from tenants.conditions import Condition
from tenants.jobs import Job as JobRow
from tenants.refusals import Refusal, RefusalCode

enum(jobs.JobState, name="JobState", description="任务状态 / Its state.")
LABELS = catalogue("jobs.yaml")


def label_of(kind: str, language: Language) -> str:
    """What a kind of job does; the kind itself where a newer process has made it."""
    return LABELS[kind].said(language, {}) if kind in LABELS else kind


@strawberry.type(description="任务未完成的原因 / Why a job failed.")
class JobFailure:
    code: RefusalCode = strawberry.field(description="A stable code; never translated.")
    message: str = strawberry.field(description="The reason as a sentence, in the language asked for.")

    @classmethod
    def of(cls, refusal: Refusal, language: Language) -> Self:
        return cls(code=refusal.code, message=sentence_of(refusal, language))


@strawberry.type(description=described("后台任务 / Long work that somebody asked for.", "job.read"))
class Job(Row, MappedNode):
    model: ClassVar = JobRow
    row_id: relay.NodeID[UUID]
    kind: str = strawberry.field(description="What it does, such as audit.export; never translated.")
    state: jobs.JobState = strawberry.field(description="Its state.")
    is_cancelling: bool = strawberry.field(description="It was asked to stop.")
    done: int = strawberry.field(description="How far it is.")
    total: int | None = strawberry.field(description="How far it goes, where that is known.")
    stage: str = strawberry.field(description="What it is at; a code, or empty.")
    outcome: JSON | None = strawberry.field(description="What came of it: numbers, codes, ids.")
    recorded_at: datetime = strawberry.field(description="When it was asked for.")
    started_at: datetime | None = strawberry.field(description="When it was first taken.")
    ended_at: datetime | None = strawberry.field(description="When it ended, in whatever way.")
    row: strawberry.Private[JobRow]

    attachment: Attachment | None = one(
        "结果文件 / The file that came of it, if the viewer may read it.",
        One("attachment_id", visible=attachments.visible),
    )
    asked_by: Person = one("交办人 / Who asked for it.", One("asked_by"))

    @strawberry.field(description="任务名称 / What it does, in the language asked for.")
    async def label(self, info: Info) -> str:
        return label_of(self.kind, info.context.language)

    @strawberry.field(description="未完成的原因 / Why it failed; null if it has not.")
    async def failure(self, info: Info) -> JobFailure | None:
        refusal = jobs.failure_of(self.row)
        return JobFailure.of(refusal, info.context.language) if refusal else None

    @classmethod
    def visible(cls, viewer: Viewer, access: Access) -> Condition:
        return jobs.visible(viewer, access)


@strawberry.type(
    description="任务命令的结果 / What a command that asks for a job, or stops one, answers with."
)
class JobPayload(Payload):
    job: Job | None = strawberry.field(default=None, description="The job, as it is now.")


@strawberry.input(description="任务筛选 / Which jobs.")
class JobFilter:
    state: jobs.JobState | None = strawberry.field(default=None, description="In this state only.")
    kind: str | None = strawberry.field(default=None, description="Of this kind only.")


@strawberry.type
class JobQuery:
    @read_field(
        permission="job.read",
        description="后台任务，新的在前 / The jobs the viewer may see, newest first.",
        closed=Connection.empty,
    )
    async def jobs(
        self,
        info: Info,
        filter: Annotated[
            JobFilter | None, strawberry.argument(description="Which jobs; all when left out.")
        ] = None,
        first: First = PAGE,
        after: After = None,
    ) -> Connection[Job]:
        wanted = filter or JobFilter()
        viewer, access = info.context.viewer, info.context.access
        rows = jobs.listed(viewer, access, state=wanted.state, kind=wanted.kind)
        found: Connection[Job] = page(rows, first, after)
        return found


@strawberry.type
class JobSubscription:
    @subscription_field(
        permission="job.read",
        description="任务进度 / How far a job is, whenever it has changed, to its end; null if hidden.",
    )
    async def job_progress(
        self,
        info: Info,
        id: Annotated[relay.GlobalID, strawberry.argument(description="The job.")],
    ) -> Job | None:
        job = await readable_one(info, Job, id)
        info.context.is_last = job is None or job.ended_at is not None
        return job


@strawberry.type
class JobMutation:
    @command(
        permission="job.update",
        payload=JobPayload,
        description="取消本人交办的任务 / Stop one's own job; what it has done by then stands.",
        even_suspended=True,
    )
    async def job_cancel(
        self,
        info: Info,
        id: Annotated[relay.GlobalID, strawberry.argument(description="The job.")],
    ) -> JobPayload:
        row = await jobs.cancel(info.context.viewer, info.context.access, row_id(id, "Job"))
        return JobPayload(job=Job.of(row))
