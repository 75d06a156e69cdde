"""Notices: what the viewer has been told."""

from datetime import datetime
from typing import Annotated, Any, ClassVar, Self
from uuid import UUID

import strawberry
from strawberry import relay

from policies.access import Access
from policies.reach import Viewer
from policies.vocabulary import vocabulary
from schema.connections import LONGEST_PAGE, PAGE, After, Connection, First
from schema.errors import Language, catalogue
from schema.fields import Info, command, described, read_field
from schema.jobs import label_of
from schema.nodes import SUBJECTS, MappedNode, row_ids, subject
from schema.reads.asked import page
from schema.reads.declared import Kinds, read
from schema.terms import Term
from schema.user_errors import Payload
from tenants import notices
from tenants.conditions import Condition
from tenants.notices import Notice as NoticeRow
from tenants.refusals import Flaw, invalid

SENTENCES = catalogue("notices.yaml")
# What a notice may be about.
TOLD_OF = ("job", "request", "leave", "outing", "team", "person", "place", "profile", "profile_draft")


@strawberry.type(description=described("通知 / What one was told.", "notice.read"))
class Notice(MappedNode):
    model: ClassVar = NoticeRow
    row_id: relay.NodeID[UUID]
    kind: str = strawberry.field(description="What it tells of, such as request_waits; never translated.")
    subject_kind: str = strawberry.field(description="What it is about.")
    details: strawberry.Private[dict[str, Any]]
    recorded_at: datetime = strawberry.field(description="When it was told.")
    read_at: datetime | None = strawberry.field(description="When it was marked as read; null if it was not.")
    subject_id: strawberry.Private[UUID]

    @classmethod
    def of(cls, row: NoticeRow) -> Self:
        return cls(
            row_id=row.id,
            kind=row.kind,
            subject_kind=row.subject_kind,
            details=row.details,
            recorded_at=row.recorded_at,
            read_at=row.read_at,
            subject_id=row.subject_id,
        )

    @strawberry.field(
        description="所涉事项 / The request, leave, outing, person or job it is about, if one may read it.",
        metadata=read(Kinds("subject_kind", "subject_id", TOLD_OF, SUBJECTS)),
    )
    async def subject(self, info: Info) -> relay.Node | None:
        return await subject(info, self.subject_kind, self.subject_id)

    @strawberry.field(description="所涉机关 / The organ that acts or was told, where there is one.")
    async def organ(self) -> Term | None:
        return Term.maybe(self.details.get("organ"))

    @strawberry.field(description="通知内容 / What it tells, as a sentence.")
    async def message(self, info: Info) -> str:
        language = info.context.language
        lang = "en" if language is Language.EN else "zh"
        said = {name: vocabulary().label(str(self.details.get(name, "")), lang) for name in ("organ", "role")}
        said["job"] = label_of(str(self.details.get("job", "")), language)
        return SENTENCES[self.kind].said(language, said)

    @classmethod
    def visible(cls, viewer: Viewer, access: Access) -> Condition:
        return notices.visible(viewer, access)


@strawberry.type
class NoticeQuery:
    @read_field(
        permission="notice.read",
        description="本人的通知，新的在前 / What the viewer was told, newest first.",
        closed=Connection.empty,
    )
    async def notices(self, info: Info, first: First = PAGE, after: After = None) -> Connection[Notice]:
        rows = notices.listed(info.context.viewer.person_id)
        found: Connection[Notice] = page(rows, first, after)
        return found


NoticeIds = Annotated[list[relay.GlobalID], strawberry.argument(description="The notices, at most 100.")]


@strawberry.type(description="通知命令的结果 / What marking notices answers with.")
class NoticesPayload(Payload):
    unread_count: int | None = strawberry.field(default=None, description="How many are still unread.")


@strawberry.type
class NoticeMutation:
    @command(
        permission="notice.read",
        payload=NoticesPayload,
        description="将通知标为已读 / Mark one's notices as read; those of others are left alone.",
    )
    async def notices_read(self, info: Info, ids: NoticeIds) -> NoticesPayload:
        person_id = info.context.viewer.person_id
        if len(ids) > LONGEST_PAGE:
            raise invalid(Flaw.TOO_MANY, "ids", most=LONGEST_PAGE, given=len(ids))
        await notices.mark_read(person_id, row_ids(ids, "Notice"))
        return NoticesPayload(unread_count=await notices.unread(person_id))
