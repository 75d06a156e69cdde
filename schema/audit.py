"""The audit: who did what under which rule, for the auditor."""

from datetime import datetime
from typing import ClassVar, Self
from uuid import UUID

import strawberry
from strawberry import relay
from strawberry.scalars import JSON

from policies.access import Access
from policies.reach import Viewer
from schema.connections import PAGE, After, Connection, First
from schema.fields import Info, described, read_field
from schema.nodes import MappedNode
from schema.reads.asked import page
from tenants import audit
from tenants.audit import AuditEntry as AuditRow
from tenants.conditions import Condition


@strawberry.type(description=described("操作记录 / One act, kept for ever.", "audit.read"))
class AuditEntry(MappedNode):
    model: ClassVar = AuditRow
    row_id: relay.NodeID[UUID]
    act: str = strawberry.field(description="What was done; never translated.")
    subject_kind: str = strawberry.field(description="What it was done to.")
    subject_id: str = strawberry.field(description="The row it was done to.")
    person_id: str = strawberry.field(description="The person who did it.")
    details: JSON = strawberry.field(description="Rules, profile version, organ, days; no free text.")
    recorded_at: datetime = strawberry.field(description="When it was done.")

    @classmethod
    def of(cls, row: AuditRow) -> Self:
        return cls(
            row_id=row.id,
            act=row.act,
            subject_kind=row.subject_kind,
            subject_id=str(row.subject_id),
            person_id=str(row.person_id),
            details=JSON(row.details),
            recorded_at=row.recorded_at,
        )

    @classmethod
    def visible(cls, viewer: Viewer, access: Access) -> Condition:
        return audit.visible(viewer, access)


@strawberry.type
class AuditQuery:
    @read_field(
        permission="audit.read",
        description="本地的操作记录，新的在前 / The acts recorded in this place, newest first.",
        closed=Connection.empty,
    )
    async def audit_entries(
        self, info: Info, first: First = PAGE, after: After = None
    ) -> Connection[AuditEntry]:
        rows = audit.listed(info.context.viewer, info.context.access)
        found: Connection[AuditEntry] = page(rows, first, after)
        return found
