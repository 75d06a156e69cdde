"""Source documents: the official texts, as received. Public law, readable by all, written by their owner
only."""

import hashlib
from collections.abc import Collection
from uuid import UUID

from tortoise import fields

from tenants import clock, scope
from tenants.rows import GlobalRow, Walls


class SourceDocument(GlobalRow):
    """`owner_id`: the place whose document it is. `digest`: SHA-256 of the text."""

    owner_id = fields.UUIDField()
    title = fields.CharField(200)
    number = fields.CharField(64, null=True)
    text = fields.TextField()
    digest = fields.CharField(64)
    registered_at = fields.DatetimeField()

    class Meta:
        table = "source_documents"

    walls = Walls(unique={"source_documents_once": ("owner_id", "digest")})


async def register(*, title: str, number: str | None, text: str) -> SourceDocument:
    """Store a text for the place that writes; the same text twice is one document."""
    digest = hashlib.sha256(text.encode()).hexdigest()
    owner = scope.writer()
    known = await SourceDocument.get_or_none(owner_id=owner, digest=digest)
    return known or await SourceDocument.create(
        owner_id=owner, title=title, number=number, text=text, digest=digest, registered_at=clock.now()
    )


async def by_id(document_id: UUID) -> SourceDocument | None:
    return await SourceDocument.get_or_none(id=document_id)


async def by_ids(ids: Collection[UUID]) -> dict[UUID, SourceDocument]:
    return {document.id: document for document in await SourceDocument.filter(id__in=list(ids))}
