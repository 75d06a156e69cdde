"""What a resolver of mapped rows answers with: not the rows, but which are wanted, and in which form.

The executor knows the selection: it compiles both into one statement, or reads the rows in the ordinary way.
Each form says what it hangs on (`form`), which values it brings (`asked`), and how either way is gone.
"""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from graphql import GraphQLNamedType
from graphql.execution.collect_fields import FieldDetailsList

from schema.connections import Connection, beyond_cursor, page_size
from schema.reads.compiler import Compiler
from schema.reads.declared import origin_of
from schema.reads.pages import Window
from schema.reads.sources import Compiled
from schema.reads.statements import ASKED
from tenants.conditions import Every, Shape, one_of
from tenants.pages import Listing, Order, Sums

BY_ID = Order(("id",))


@dataclass(frozen=True, slots=True)
class Read:
    """`listing`: the rows that are wanted."""

    listing: Listing[Any]

    @property
    def form(self) -> tuple[Hashable, ...]:
        """Everything of it that changes the statement, but for how its condition looks."""
        return (type(self).__name__, self.listing.order)

    @property
    def asked(self) -> Shape:
        return Shape.of(self.listing.which)

    def rows_shown_by(self, kind: GraphQLNamedType) -> str:
        """The name of the type that shows the rows, where the field is of this type."""
        return kind.name

    def compiled(self, compiler: Compiler, kind: GraphQLNamedType, details: FieldDetailsList) -> Compiled:
        raise NotImplementedError

    async def ordinary(self, kind: Any) -> Any:
        """The same through the ORM, as objects of the class."""
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class One(Read):
    """The only row, or null."""

    def compiled(self, compiler: Compiler, kind: GraphQLNamedType, details: FieldDetailsList) -> Compiled:
        return compiler.one(self.listing, kind, details)

    async def ordinary(self, kind: Any) -> Any:
        rows = await self.listing.rows(1)
        return kind.of(rows[0]) if rows else None


@dataclass(frozen=True, slots=True)
class Rows(Read):
    """All rows, in the order of the listing."""

    def compiled(self, compiler: Compiler, kind: GraphQLNamedType, details: FieldDetailsList) -> Compiled:
        return compiler.rows(self.listing, kind, details)

    async def ordinary(self, kind: Any) -> Any:
        return [kind.of(row) for row in await self.listing.rows()]


@dataclass(frozen=True, slots=True)
class Page(Read):
    """A page of a connection, from the beginning or after a cursor."""

    first: int
    after: str | None = None

    @property
    def form(self) -> tuple[Hashable, ...]:
        return ("Page", self.listing.order, self.after is not None)

    @property
    def rows(self) -> Listing[Any]:
        return beyond_cursor(self.listing, self.after) if self.after is not None else self.listing

    @property
    def asked(self) -> Shape:
        shape = Shape.of(self.rows.which)
        return Shape(shape.text, [*shape.values, self.first])

    def compiled(self, compiler: Compiler, kind: GraphQLNamedType, details: FieldDetailsList) -> Compiled:
        size = compiler.numbers.number(ASKED, len(self.asked.values) - 1)
        window = Window(self.rows, f"{size}::int", self.after is not None)
        return compiler.page(self.listing, window, kind, details)

    async def ordinary(self, kind: Any) -> Any:
        return await Connection.page(self.listing, kind.of, self.first, self.after)


@dataclass(frozen=True, slots=True)
class Counts(Read):
    """How many rows there are for each value of a column: objects with `value` and `count`, whose class says
    by `counts_of` which type shows the rows."""

    column: str

    @property
    def form(self) -> tuple[Hashable, ...]:
        return ("Counts", self.column)

    def rows_shown_by(self, kind: GraphQLNamedType) -> str:
        return str(origin_of(kind).counts_of)

    def compiled(self, compiler: Compiler, kind: GraphQLNamedType, details: FieldDetailsList) -> Compiled:
        return compiler.counts(self.listing, self.rows_shown_by(kind), kind, details, self.column)

    async def ordinary(self, kind: Any) -> Any:
        return [kind(value=value, count=count) for value, count in await self.listing.counts(self.column)]


@dataclass(frozen=True, slots=True)
class Kept(Read):
    """The same from the numbers that a row keeps."""

    sums: Sums

    @property
    def form(self) -> tuple[Hashable, ...]:
        return ("Kept", self.sums.listing.model._meta.db_table, self.sums.columns)

    def rows_shown_by(self, kind: GraphQLNamedType) -> str:
        return str(origin_of(kind).counts_of)

    def compiled(self, compiler: Compiler, kind: GraphQLNamedType, details: FieldDetailsList) -> Compiled:
        return compiler.kept(self.sums, kind, details)

    async def ordinary(self, kind: Any) -> Any:
        return [kind(value=value, count=count) for value, count in await self.sums.counts()]


@dataclass(frozen=True, slots=True)
class ByIds(Read):
    """Rows of one type by their ids: an object of objects, those left out that the viewer may not see."""

    kind: Any

    @classmethod
    def of(cls, kind: Any, ids: Sequence[UUID], visible: Any) -> "ByIds":
        return cls(Listing(kind.model, Every((one_of("id", ids), visible)), BY_ID), kind)

    @property
    def form(self) -> tuple[Hashable, ...]:
        return ("ByIds", self.rows_shown_by(None))

    def rows_shown_by(self, kind: GraphQLNamedType | None) -> str:
        return str(self.kind.__strawberry_definition__.name)

    def compiled(self, compiler: Compiler, kind: GraphQLNamedType, details: FieldDetailsList) -> Compiled:
        return compiler.by_id(self.listing, self._rows(compiler), details)

    def _rows(self, compiler: Compiler) -> GraphQLNamedType:
        shown = compiler.executor.schema.get_type(self.rows_shown_by(None))
        assert shown is not None, "a type of the schema"
        return shown

    async def ordinary(self, kind: Any) -> Any:
        return {str(row.id): self.kind.of(row) for row in await self.listing.rows()}


@dataclass(frozen=True, slots=True)
class Node(ByIds):
    """One object by its id, whatever its type; null where it is hidden."""

    @property
    def form(self) -> tuple[Hashable, ...]:
        return ("Node", self.rows_shown_by(None))

    def compiled(self, compiler: Compiler, kind: GraphQLNamedType, details: FieldDetailsList) -> Compiled:
        return compiler.one(self.listing, self._rows(compiler), details)

    async def ordinary(self, kind: Any) -> Any:
        rows = await self.listing.rows(1)
        return self.kind.of(rows[0]) if rows else None


@dataclass(frozen=True, slots=True)
class Nodes:
    """Objects of several types. `order`: for each wanted place its type's name and its row's id."""

    of: Sequence[ByIds]
    order: Sequence[tuple[str, str]]


def every(listing: Listing[Any]) -> Any:
    """All rows of the listing, for a field that answers with a list."""
    return Rows(listing)


def counts(listing: Listing[Any], column: str) -> Any:
    """How many rows of the listing have each value of the column."""
    return Counts(listing, column)


def sums(kept: Sums) -> Any:
    """The numbers that a row keeps, value by value."""
    return Kept(kept.listing, kept)


def page(listing: Listing[Any], first: int, after: str | None) -> Any:
    """A page of the listing, for a field that answers with a connection. Raises BAD_USER_INPUT for a size
    out of bounds."""
    return Page(listing, page_size(first), after)
