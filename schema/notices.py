"""Notices: what the viewer has been told."""

from collections.abc import Collection
from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry
from strawberry import relay
from strawberry.scalars import JSON

from schema.connections import PAGE, After, Connection, First
from schema.fields import Asked, described, read_field
from schema.nodes import ReadableNode
from tenants import notices
from tenants.notices import Notice as NoticeRow


@strawberry.type(description=described("通知 / What one was told.", "notice.read"))
class Notice(ReadableNode):
    row_id: relay.NodeID[UUID]
    kind: str = strawberry.field(description="What it tells of, such as request_waits; never translated.")
    subject_kind: str = strawberry.field(description="What it is about.")
    details: JSON = strawberry.field(description="Acts, organs, days; never a reason.")
    recorded_at: datetime = strawberry.field(description="When it was told.")

    @classmethod
    def of(cls, row: NoticeRow) -> Self:
        return cls(
            row_id=row.id,
            kind=row.kind,
            subject_kind=row.subject_kind,
            details=JSON(row.details),
            recorded_at=row.recorded_at,
        )

    @classmethod
    async def readable(cls, info: Asked, ids: Collection[UUID]) -> dict[UUID, Self]:
        own = await notices.by_ids(info.context.viewer.person_id, ids)
        return {row.id: cls.of(row) for row in own}


@strawberry.type
class NoticeQuery:
    @read_field(
        permission="notice.read",
        description="本人的通知，新的在前 / What the viewer was told, newest first.",
        closed=Connection.empty,
    )
    async def notices(self, info: Asked, first: First = PAGE, after: After = None) -> Connection[Notice]:
        rows = notices.listed(info.context.viewer.person_id)
        page: Connection[Notice] = await Connection.page(rows, Notice.of, first, after)
        return page
