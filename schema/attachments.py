"""Attachments: what is known of a file. Its bytes come and go over HTTP, at its `url`."""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

import strawberry
from strawberry import relay

from policies.access import Access
from policies.reach import Viewer
from schema.fields import described
from schema.nodes import MappedNode
from schema.people import Person
from schema.reads.declared import One
from schema.reads.related import Row, one
from tenants import attachments
from tenants.attachments import Attachment as AttachmentRow
from tenants.conditions import Condition


@strawberry.type(description=described("附件 / A file that somebody sent or a job made.", "attachment.read"))
class Attachment(Row, MappedNode):
    model: ClassVar = AttachmentRow
    row_id: relay.NodeID[UUID]
    name: str = strawberry.field(description="Its name, as it was sent, without folders.")
    media_type: str = strawberry.field(description="What it is, such as text/csv.")
    size: int = strawberry.field(description="How many bytes.")
    digest: str = strawberry.field(description="sha256 of its bytes, in hexadecimal digits.")
    recorded_at: datetime = strawberry.field(description="When it was kept.")
    owner: Person = one(
        "上传人或任务交办人 / Who sent it, or asked for the job that made it.", One("owner_id")
    )

    @strawberry.field(description="Where to fetch it, with the same token.")
    def url(self) -> str:
        return f"/files/{self.row_id}"

    @classmethod
    def visible(cls, viewer: Viewer, access: Access) -> Condition:
        return attachments.visible(viewer, access)
