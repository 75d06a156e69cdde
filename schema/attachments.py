"""Attachments: what is known of a file. Its bytes come and go over HTTP, at its `url`."""

from collections.abc import Collection
from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry
from strawberry import relay

from schema.fields import Info, described
from schema.nodes import ReadableNode
from schema.people import Person
from tenants import attachments
from tenants.attachments import Attachment as AttachmentRow


@strawberry.type(description=described("附件 / A file that somebody sent or a job made.", "attachment.read"))
class Attachment(ReadableNode):
    row_id: relay.NodeID[UUID]
    name: str = strawberry.field(description="Its name, as it was sent, without folders.")
    media_type: str = strawberry.field(description="What it is, such as text/csv.")
    size: int = strawberry.field(description="How many bytes.")
    digest: str = strawberry.field(description="sha256 of its bytes, in hexadecimal digits.")
    url: str = strawberry.field(description="Where to fetch it, with the same token.")
    recorded_at: datetime = strawberry.field(description="When it was kept.")
    owner_id: strawberry.Private[UUID]

    @classmethod
    def of(cls, row: AttachmentRow) -> Self:
        return cls(
            row_id=row.id,
            name=row.name,
            media_type=row.media_type,
            size=row.size,
            digest=row.digest,
            url=f"/files/{row.id}",
            recorded_at=row.recorded_at,
            owner_id=row.owner_id,
        )

    @strawberry.field(description="上传人或任务交办人 / Who sent it, or asked for the job that made it.")
    async def owner(self, info: Info) -> Person:
        return await Person.load(info, self.owner_id)

    @classmethod
    async def readable(cls, info: Info, ids: Collection[UUID]) -> dict[UUID, Self]:
        rows = await attachments.readable(info.context.viewer, info.context.access, ids)
        return {row.id: cls.of(row) for row in rows}
