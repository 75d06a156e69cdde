"""Lists by the page: keyset connections with opaque cursors, newest first, at most 100 at a time."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, Generic, Self
from uuid import UUID

import strawberry
from strawberry import relay
from strawberry.relay.types import NodeType
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from schema.errors import ErrorCode, PublicError
from schema.scalars import YEARS

PAGE = 20
LONGEST_PAGE = 100

First = Annotated[int, strawberry.argument(description="How many at most, 1 to 100.")]
After = Annotated[str | None, strawberry.argument(description="The cursor after which the page begins.")]


@strawberry.type(name="Connection", description="分页列表 / One page of a list.")
class Connection(relay.Connection[NodeType], Generic[NodeType]):
    nodes: list[NodeType] = strawberry.field(description="The objects of the page, without cursors.")
    count: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field(description="共有多少 / How many there are in all; counted only when asked for.")
    async def total_count(self) -> int:
        return await self.count()

    @classmethod
    async def page(
        cls, rows: QuerySet[Any], shown: Callable[[Any], Any], first: int, after: str | None
    ) -> Self:
        """The page of `rows` after a cursor, newest first by `recorded_at`, ids breaking ties."""
        if not 1 <= first <= LONGEST_PAGE:
            raise PublicError(ErrorCode.BAD_USER_INPUT, detail=f"first is 1 to {LONGEST_PAGE}")
        wanted = rows.filter(_after(after)) if after else rows
        found = await wanted.order_by("-recorded_at", "-id").limit(first + 1)
        edges = [relay.Edge(cursor=_cursor(row), node=shown(row)) for row in found[:first]]
        return cls(
            edges=edges,
            nodes=[edge.node for edge in edges],
            page_info=relay.PageInfo(
                has_next_page=len(found) > first,
                has_previous_page=after is not None,
                start_cursor=edges[0].cursor if edges else None,
                end_cursor=edges[-1].cursor if edges else None,
            ),
            count=rows.count,
        )

    @classmethod
    def empty(cls) -> Self:
        """What a viewer without the permission sees: no rows, not an error."""

        async def none() -> int:
            return 0

        info = relay.PageInfo(
            has_next_page=False, has_previous_page=False, start_cursor=None, end_cursor=None
        )
        return cls(edges=[], nodes=[], page_info=info, count=none)


def _cursor(row: Any) -> str:
    return urlsafe_b64encode(f"{row.recorded_at.isoformat()} {row.id}".encode()).decode()


def _after(cursor: str) -> Q:
    try:
        moment, _, row_id = urlsafe_b64decode(cursor.encode()).decode().partition(" ")
        at, last = datetime.fromisoformat(moment), UUID(row_id)
    except ValueError as error:
        raise PublicError(ErrorCode.BAD_USER_INPUT, detail="after is not a cursor of this list") from error
    if at.tzinfo is None or at.year not in YEARS:
        raise PublicError(ErrorCode.BAD_USER_INPUT, detail="after is not a cursor of this list")
    return Q(recorded_at__lt=at) | Q(recorded_at=at, id__lt=last)
