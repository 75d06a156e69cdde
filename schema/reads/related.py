"""The ordinary way: objects from rows, and relations by loaders, from what a type declares."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Self

import strawberry
from graphql import GraphQLResolveInfo, get_named_type

from policies.access import Access
from policies.reach import Viewer
from schema.connections import PAGE, After, Connection, First
from schema.costs import Cost
from schema.reads.declared import Asked, Many, Mapped, One, Pages, asked_of, item_of, origin_of, read
from tenants.conditions import Among, Condition, Every
from tenants.pages import Listing, Order

BY_ID = Order(("id",))
EVERY_ROW = Asked()


@dataclass(frozen=True, slots=True)
class Wanted:
    """The rows of one type that belong to one value of another row, as far as they are asked for."""

    way: One | Many | Pages
    kind: Any
    value: Hashable
    asked: Asked = EVERY_ROW


Loader = Callable[[Sequence[Wanted]], Awaitable[list[list[Any]]]]


def loading(who: Callable[[], tuple[Viewer, Access]]) -> Loader:
    """Loads what is wanted, one question for each relation; `who` asks is known when it is asked."""

    async def load(wanted: Sequence[Wanted]) -> list[list[Any]]:
        together = defaultdict[tuple[Any, Any, Asked], set[Hashable]](set)
        for one in wanted:
            together[one.way, one.kind, one.asked].add(one.value)
        found = {key: await _rows(*key, values, who()) for key, values in together.items()}
        return [found[one.way, one.kind, one.asked].get(one.value, []) for one in wanted]

    return load


async def _rows(
    way: One | Many | Pages, kind: Any, asked: Asked, values: set[Hashable], who: tuple[Viewer, Access]
) -> Mapping[Hashable, list[Any]]:
    link = way.to if isinstance(way, One) else way.link
    order = BY_ID if isinstance(way, One) else asked.order or way.order
    conditions: list[Condition] = [Among(link, list(values)), asked.which]
    if way.visible is not None:
        conditions.append(way.visible(*who))
    found = defaultdict[Hashable, list[Any]](list)
    for row in await Listing(kind.model, Every(tuple(conditions)), order).rows():
        found[getattr(row, link)].append(row)
    return found


def one(description: str, way: One, cost: Cost | None = None) -> Any:
    """A field for the row that another refers to. The class annotates it with the type."""

    async def resolve(self: Any, info: strawberry.Info) -> Any:
        kind, rows = await _related(self, info, way)
        return kind.of(rows[0]) if rows else None

    return _field(resolve, description, way, cost)


def many(description: str, way: Many, cost: Cost | None = None) -> Any:
    """A field for the rows that refer to one, as a list."""

    async def resolve(self: Any, info: strawberry.Info) -> Any:
        kind, rows = await _related(self, info, way)
        return [kind.of(row) for row in rows]

    return _field(resolve, description, way, cost)


def pages(description: str, way: Pages) -> Any:
    """The same as a connection."""

    async def resolve(self: Any, info: strawberry.Info, first: First = PAGE, after: After = None) -> Any:
        return await related_page(self, info, way, first, after)

    return _field(resolve, description, way, None)


async def related_page(
    source: Any, info: Any, way: Pages, first: int, after: str | None, **given: Any
) -> Any:
    """The page of a field that takes more arguments than `first` and `after`, which are `given`."""
    asked = asked_of(way, given)
    kind, rows = await _related(source, info, way, asked)
    return Connection.of_rows(rows, kind, asked.order or way.order, first, after)


def _field(resolve: Any, description: str, way: One | Many | Pages, cost: Cost | None) -> Any:
    metadata = {**read(way), **({"cost": cost} if cost is not None else {})}
    return strawberry.field(resolver=resolve, description=description, metadata=metadata)


async def _related(
    source: Any, info: Any, way: One | Many | Pages, asked: Asked = EVERY_ROW
) -> tuple[Any, list[Any]]:
    raw: GraphQLResolveInfo[Any] = info._raw_info
    kind = origin_of(item_of(get_named_type(raw.return_type)))
    value = getattr(source.row, way.key)
    rows = await info.context.related.load(Wanted(way, kind, value, asked)) if value is not None else []
    return kind, rows


@strawberry.type
class Row(Mapped):
    """A mapped type that is nothing but its row: its fields are columns, words and relations, and leaves that
    ask `self.row`."""

    row: strawberry.Private[Any]

    @classmethod
    def of(cls, row: Any) -> Self:
        made: Self = shown(cls, row)
        return made


def shown(kind: Any, row: Any) -> Any:
    """The object of a mapped type for a row: its fields from the columns of the same names."""
    values = {name: show(getattr(row, name)) for name, show in _columns_of(kind)}
    if "row_id" in kind.__dataclass_fields__:
        values["row_id"] = row.id
    return kind(row=row, **values)


@cache
def _columns_of(kind: Any) -> list[tuple[str, Callable[[Any], Any]]]:
    columns = kind.model._meta.fields_db_projection
    fields = kind.__strawberry_definition__.fields
    return [(f.python_name, _showing(f)) for f in fields if not f.base_resolver and f.python_name in columns]


def _showing(field: Any) -> Callable[[Any], Any]:
    """How a column's value is shown: a word with its labels, anything else as it is."""
    kind = getattr(field.type, "of_type", field.type)
    return kind.maybe if getattr(kind, "__name__", "") == "Term" else lambda value: value
