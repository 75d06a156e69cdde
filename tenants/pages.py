"""Pages of a list: newest first by `recorded_at`, ids breaking ties; the next page begins after a cursor."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from tenants.rows import GlobalRow, PlaceRow

Row = TypeVar("Row", bound=PlaceRow | GlobalRow)


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page: when it was recorded (with its zone), and its id."""

    recorded_at: datetime
    row_id: UUID


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    rows: Sequence[Row]
    has_next: bool


class Listing(Generic[Row]):
    """The rows of one list that the viewer may see: by the page, or counted. `moment`: the column behind a
    row's `recorded_at`."""

    def __init__(self, rows: "QuerySet[Row]", *, moment: str = "recorded_at") -> None:
        self._rows, self._moment = rows, moment

    async def page(self, first: int, after: Cursor | None) -> Page[Row]:
        """At most `first` rows after the cursor."""
        rows = self._rows.filter(self._beyond(after)) if after else self._rows
        found = await rows.order_by(f"-{self._moment}", "-id").limit(first + 1)
        return Page(found[:first], len(found) > first)

    async def count(self) -> int:
        return await self._rows.count()

    def _beyond(self, cursor: Cursor) -> Q:
        older: dict[str, Any] = {f"{self._moment}__lt": cursor.recorded_at}
        beside: dict[str, Any] = {self._moment: cursor.recorded_at, "id__lt": cursor.row_id}
        return Q(**older) | Q(**beside)
