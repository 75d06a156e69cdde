"""Records: what the documents want written down and handed in."""

from datetime import date, datetime
from typing import Annotated, ClassVar
from uuid import UUID

import strawberry
from strawberry import relay

from policies.access import Access
from policies.reach import Viewer
from schema.attachments import Attachment
from schema.connections import PAGE, After, Connection, First
from schema.costs import Cost
from schema.decisions import Decision
from schema.divisions import Division
from schema.fields import Info, command, described, read_field
from schema.nodes import MappedNode, maybe_row_id, row_id
from schema.people import Person
from schema.reads.asked import page
from schema.reads.declared import Many, One
from schema.reads.related import Row, many, one
from schema.terms import Term
from schema.texts import LONGEST_KEY, kept, sought
from schema.user_errors import Payload
from tenants import attachments, records
from tenants.conditions import Condition
from tenants.pages import OLDEST
from tenants.records import Record as RecordRow

LONGEST_TEXT = 20_000


@strawberry.type(description=described("材料 / What was written down and handed in.", "record.read"))
class Record(Row, MappedNode):
    model: ClassVar = RecordRow
    row_id: relay.NodeID[UUID]
    kind: Term = strawberry.field(description="What it is: a term of category RECORD.")
    text: str | None = strawberry.field(description="What it says.")
    justification: str | None = strawberry.field(description="Why it lacks what an 原则上 rule asks for.")
    occurred_on: date = strawberry.field(description="The day it is of.")
    recorded_at: datetime = strawberry.field(description="When it was written down.")
    person: Person = one("填报人 / Who wrote it.", One("person_id"))
    division: Division | None = one("所在区划 / Where it is from.", One("code", to="code"))
    attachments: list[Attachment] = many(
        "附件 / Its files: who may read it may read them.",
        Many("subject_id", OLDEST, visible=attachments.visible),
        Cost(items=3),
    )

    @strawberry.field(description="内容 / What is in it; text and image are seen by themselves.")
    def contents(self) -> list[Term]:
        return [Term.of(word) for word in self.row.contents]

    @classmethod
    def visible(cls, viewer: Viewer, access: Access) -> Condition:
        return records.visible(viewer, access)


@strawberry.input(description="筛选材料 / Which records; what is left out does not matter.")
class RecordFilter:
    kind: str | None = strawberry.field(default=None, description="Of this kind: a term's id.")
    since: date | None = strawberry.field(default=None, description="Of this day or after it.")
    until: date | None = strawberry.field(default=None, description="Of this day or before it.")

    @property
    def wanted(self) -> records.Wanted:
        kind = sought(self.kind) if self.kind is not None else None
        return records.Wanted(kind, self.since, self.until)


@strawberry.input(description="上报材料 / What is written down.")
class RecordSubmitInput:
    kind: str = strawberry.field(description="A term of category RECORD, such as monthly_bulletin.")
    occurred_on: date = strawberry.field(description="The day it is of; not after today.")
    text: str | None = strawberry.field(default=None, description="What it says, at most 20,000 characters.")
    contents: list[str] = strawberry.field(
        default_factory=list, description="What is in it beside text and pictures: terms of category FIELD."
    )
    attachments: list[relay.GlobalID] = strawberry.field(
        default_factory=list, description="At most 20 files that one has sent, each for one record."
    )
    justification: str | None = strawberry.field(
        default=None, description="Why, where it lacks what an 原则上 rule asks for."
    )
    post: strawberry.ID | None = strawberry.field(
        default=None, description="The post one writes in; needed with several posts."
    )
    idempotency_key: str | None = strawberry.field(
        default=None, description="Sent again with the same key, the command has one effect."
    )

    def draft(self) -> records.Draft:
        return records.Draft(
            kind=self.kind,
            occurred_on=self.occurred_on,
            text=kept(self.text, "text", LONGEST_TEXT),
            contents=tuple(self.contents),
            files=tuple(row_id(one, "Attachment", "attachments") for one in self.attachments),
            justification=kept(self.justification, "justification"),
            post_id=maybe_row_id(self.post, "post"),
        )


@strawberry.type(description="上报材料的结果 / What handing a record in answers with.")
class RecordPayload(Payload):
    record: Record | None = strawberry.field(default=None, description="The record, when it was taken.")


@strawberry.type
class RecordQuery:
    @read_field(
        permission="record.read",
        description="可见的材料，新的在前 / The records the viewer may read, newest first.",
        closed=Connection.empty,
    )
    async def records(
        self,
        info: Info,
        filter: Annotated[RecordFilter | None, strawberry.argument(description="Which of them.")] = None,
        first: First = PAGE,
        after: After = None,
    ) -> Connection[Record]:
        wanted = (filter or RecordFilter()).wanted
        rows = records.listed(info.context.viewer, info.context.access, wanted)
        found: Connection[Record] = page(rows, first, after)
        return found


@strawberry.type
class RecordMutation:
    @command(
        permission="record.create",
        payload=RecordPayload,
        description="上报材料，文件要求的内容须齐全 / Hand a record in, with what the document wants in it.",
    )
    async def record_submit(
        self,
        info: Info,
        input: Annotated[RecordSubmitInput, strawberry.argument(description="What is written down.")],
    ) -> RecordPayload:
        context = info.context
        key = kept(input.idempotency_key, "idempotencyKey", LONGEST_KEY)
        done = await records.submit(context.viewer, context.law, input.draft(), key=key)
        decision = Decision.of(done.contained.decision, context.words)
        return RecordPayload(record=Record.of(done.record), decision=decision)
