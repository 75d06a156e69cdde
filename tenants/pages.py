"""Lists: which rows, in which order, by the page. A listing is said once; the ORM reads it here, and
schema/reads/ compiles it into a statement of its own.

A cursor is what the last row of a page has in the columns of the order, as texts.
"""

from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Generic, TypeVar
from uuid import UUID

from tortoise.exceptions import ValidationError
from tortoise.functions import Count
from tortoise.queryset import QuerySet

from tenants import scope
from tenants.conditions import Beyond, Condition, Every, Whose, plain
from tenants.rows import GlobalRow, PlaceRow

Row = TypeVar("Row", bound=PlaceRow | GlobalRow)
# What the database and the languages of all clients can hold.
YEARS = range(1950, 2100)


@dataclass(frozen=True, slots=True)
class Order:
    """Columns that are never NULL; the last tells any two rows apart."""

    columns: tuple[str, ...]
    descending: bool = False

    def as_orderings(self) -> list[str]:
        return [f"-{column}" if self.descending else column for column in self.columns]


NEWEST = Order(("recorded_at", "id"), descending=True)
OLDEST = Order(("recorded_at", "id"))


@dataclass(frozen=True, slots=True)
class Page(Generic[Row]):
    rows: Sequence[Row]
    has_next: bool


@dataclass(frozen=True, slots=True)
class Sums:
    """Numbers that one row of a listing keeps. `columns`: a value, and the column that counts it."""

    listing: "Listing[Any]"
    columns: tuple[tuple[str, str], ...]

    async def counts(self) -> Sequence[tuple[str, int]]:
        """Each value that is counted at all, in the order of the values."""
        found = await self.listing.rows(1)
        kept = [(value, getattr(row, column)) for row in found for value, column in sorted(self.columns)]
        return [(value, number) for value, number in kept if number]


@dataclass(frozen=True, slots=True)
class Listing(Generic[Row]):
    """The rows of one list that the viewer may see. `only`: the columns that the ORM reads, where not all.
    `places`: whose rows, where they are not those of the scope in force: a province's counties."""

    model: type[Row]
    which: Condition
    order: Order = NEWEST
    only: tuple[str, ...] = ()
    places: tuple[UUID, ...] | None = None

    @property
    def whose(self) -> Whose:
        return Whose.ONE if self.places is None else Whose.SEVERAL

    def standing(self) -> AbstractAsyncContextManager[Any]:
        """The scope in which the rows are read: of these places and no other, where they are named."""
        return nullcontext() if self.places is None else scope.open(reads=self.places)

    def also(self, *conditions: Condition) -> "Listing[Row]":
        """Those of the rows for which these hold, too."""
        return replace(self, which=Every((self.which, *conditions)))

    async def page(self, first: int) -> Page[Row]:
        """At most `first` rows."""
        found = await self.rows(first + 1)
        return Page(found[:first], len(found) > first)

    async def rows(self, most: int | None = None) -> Sequence[Row]:
        async with self.standing():
            ordered = self._ordered()
            return await (ordered.limit(most) if most is not None else ordered)

    async def count(self) -> int:
        async with self.standing():
            return await self.model.filter(self.which.as_filter()).count()

    async def counts(self, column: str) -> Sequence[tuple[Any, int]]:
        """How many rows there are for each value of the column, in the order of the values."""
        async with self.standing():
            rows: Any = self.model.filter(self.which.as_filter()).annotate(count=Count("id"))
            found = await rows.group_by(column).order_by(column).values_list(column, "count")
        return [(plain(value), number) for value, number in found]

    def _ordered(self) -> "QuerySet[Row]":
        found: Any = self.model.filter(self.which.as_filter())
        rows: QuerySet[Row] = found.order_by(*self.order.as_orderings())
        return rows.only(*self.only) if self.only else rows

    def after(self, cursor: Sequence[str]) -> "Listing[Row]":
        """The rows after the cursor. Raises ValueError for what is no cursor of this list."""
        return self.also(Beyond(self.order.columns, self._values(cursor), self.order.descending))

    def cursor_of(self, row: Row) -> list[str]:
        return [_text(getattr(row, column)) for column in self.order.columns]

    def _values(self, cursor: Sequence[str]) -> list[Any]:
        fields = self.model._meta.fields_map
        pairs = zip(self.order.columns, cursor, strict=True)
        try:
            return [_checked(fields[column].to_python_value(text)) for column, text in pairs]
        except (TypeError, ArithmeticError, ValidationError) as error:
            raise ValueError("no row has such values") from error


def _text(value: Any) -> str:
    return as_text(value) if isinstance(value, datetime) else str(plain(value))


def as_text(moment: datetime) -> str:
    """An instant as every answer and cursor writes it: in UTC, with microseconds."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _checked(value: Any) -> Any:
    if isinstance(value, date) and value.year not in YEARS:
        raise ValueError("no row has such a day")
    # Half a character of two fails to be encoded, which is a ValueError, too.
    if isinstance(value, str) and b"\0" in value.encode():
        raise ValueError("no row has such a text")
    return value
