"""Lists by the page: keyset connections with opaque cursors, newest first, at most 100 at a time."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Generic, Self, TypeVar

import strawberry
from strawberry import relay
from strawberry.relay.types import NodeType

from schema.costs import COUNTING
from schema.errors import ErrorCode, PublicError, Sentence
from tenants.conditions import EVERYTHING
from tenants.pages import Listing, Order, Row

Item = TypeVar("Item")

PAGE = 20
LONGEST_PAGE = 100
NO_CURSOR = Sentence("after 不是本列表的游标", "after is not a cursor of this list")

First = Annotated[int, strawberry.argument(description="How many at most, 1 to 100.")]
After = Annotated[str | None, strawberry.argument(description="The cursor after which the page begins.")]


@strawberry.type(name="Connection", description="分页列表 / One page of a list.")
class Connection(relay.Connection[NodeType], Generic[NodeType]):
    nodes: list[NodeType] = strawberry.field(description="The objects of the page, without cursors.")
    count: strawberry.Private[Callable[[], Awaitable[int]]]

    @strawberry.field(
        description="共有多少 / How many there are in all; counted only when asked for.",
        metadata={"cost": COUNTING},
    )
    async def total_count(self) -> int:
        return await self.count()

    @classmethod
    async def page(
        cls, rows: Listing[Any], shown: Callable[[Any], Any], first: int, after: str | None
    ) -> Self:
        """The page of a listing after a cursor."""
        size = page_size(first)
        found = await (beyond_cursor(rows, after) if after is not None else rows).page(size)
        edges = [relay.Edge(cursor=_written(rows.cursor_of(row)), node=shown(row)) for row in found.rows]
        return cls(
            edges=edges,
            nodes=[edge.node for edge in edges],
            page_info=relay.PageInfo(
                has_next_page=found.has_next,
                has_previous_page=after is not None,
                start_cursor=edges[0].cursor if edges else None,
                end_cursor=edges[-1].cursor if edges else None,
            ),
            count=rows.count,
        )

    @classmethod
    def of_list(
        cls,
        items: Sequence[Item],
        key: Callable[[Item], str],
        shown: Callable[[Item], Any],
        first: int,
        after: str | None,
    ) -> Self:
        """The page of what is at hand already, in its own order; each item is known by its key."""
        size, begin = page_size(first), 0
        if after is not None:
            begin = _place_after(after, [key(item) for item in items])
        edges = [relay.Edge(cursor=_encoded(key(i)), node=shown(i)) for i in items[begin : begin + size]]

        async def count() -> int:
            return len(items)

        return cls(
            edges=edges,
            nodes=[edge.node for edge in edges],
            page_info=relay.PageInfo(
                has_next_page=begin + size < len(items),
                has_previous_page=after is not None,
                start_cursor=edges[0].cursor if edges else None,
                end_cursor=edges[-1].cursor if edges else None,
            ),
            count=count,
        )

    @classmethod
    def of_rows(cls, rows: Sequence[Any], kind: Any, order: Order, first: int, after: str | None) -> Self:
        """The page of rows that are at hand already, in their order."""
        listing: Listing[Any] = Listing(kind.model, EVERYTHING, order)
        return cls.of_list(rows, lambda row: _said(listing.cursor_of(row)), kind.of, first, after)

    @classmethod
    def empty(cls) -> Self:
        """What a viewer without the permission sees: no rows, not an error."""

        async def none() -> int:
            return 0

        info = relay.PageInfo(
            has_next_page=False, has_previous_page=False, start_cursor=None, end_cursor=None
        )
        return cls(edges=[], nodes=[], page_info=info, count=none)


def page_size(first: int) -> int:
    if not 1 <= first <= LONGEST_PAGE:
        said = Sentence(f"first 应在 1 到 {LONGEST_PAGE} 之间", f"first is 1 to {LONGEST_PAGE}")
        raise PublicError(ErrorCode.BAD_USER_INPUT, detail=said)
    return first


def _written(cursor: Sequence[str]) -> str:
    return _encoded(_said(cursor))


def _said(cursor: Sequence[str]) -> str:
    return json.dumps(cursor, ensure_ascii=False)


def _encoded(text: str) -> str:
    return urlsafe_b64encode(text.encode()).decode()


def _place_after(cursor: str, keys: Sequence[str]) -> int:
    """Raises BAD_USER_INPUT for a text that is no cursor of this list."""
    try:
        return keys.index(urlsafe_b64decode(cursor.encode()).decode()) + 1
    except ValueError:
        raise PublicError(ErrorCode.BAD_USER_INPUT, detail=NO_CURSOR) from None


def beyond_cursor(rows: Listing[Row], after: str) -> Listing[Row]:
    """The rows after the cursor. Raises BAD_USER_INPUT for a text that is no cursor of this list."""
    try:
        return rows.after(_read(after))
    except ValueError:
        raise PublicError(ErrorCode.BAD_USER_INPUT, detail=NO_CURSOR) from None


def _read(cursor: str) -> list[str]:
    """Raises BAD_USER_INPUT for a text that is no cursor of ours."""
    try:
        values = json.loads(urlsafe_b64decode(cursor.encode()).decode())
        if isinstance(values, list) and all(isinstance(value, str) for value in values):
            return values
    except ValueError:
        pass
    raise PublicError(ErrorCode.BAD_USER_INPUT, detail=NO_CURSOR)
