"""A page of a connection as one SELECT: `nodes`, `edges`, `pageInfo`, `totalCount`, as far as they are asked.

    SELECT concat('{"nodes":[', array_to_string((array_agg(p.j0))[1:n], ','), … '}')
    FROM (SELECT <row as JSON> AS j0, <cursor> AS c1 FROM … ORDER BY … LIMIT n + 1) p

One row more than the page is read where it is asked whether there is a next page.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from graphql import GraphQLNamedType, GraphQLObjectType, get_named_type
from graphql.execution.collect_fields import FieldDetailsList

from schema.reads import columns
from schema.reads.sources import Compiled, Source
from schema.reads.statements import Spot
from schema.reads.texts import Part, Said, or_null, put_together, quoted
from tenants.pages import Listing


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is a page of it: the rows after a cursor, and of these `size`, an SQL
    expression."""

    rows: Listing[Any]
    size: str
    is_continued: bool


class RowCompiler(Protocol):
    def object(self, source: Source, details: FieldDetailsList) -> Compiled: ...
    def selected(
        self, kind: GraphQLObjectType, details: FieldDetailsList
    ) -> Iterator[tuple[str, FieldDetailsList]]: ...


@dataclass(slots=True)
class PageWriting:
    """`source`: the rows after the cursor; `counted`: all rows of the list. `kept`: what the inner SELECT
    keeps of each row, name → SQL."""

    compiler: RowCompiler
    kind: GraphQLNamedType
    source: Source
    counted: Source
    page: Window
    kept: dict[str, str] = field(default_factory=dict)
    reads_rows: bool = False
    asks_for_more: bool = False
    spot: Spot = field(default_factory=Spot)

    def written(self, details: FieldDetailsList) -> Compiled:
        """What stands after SELECT: the connection as a JSON object."""
        parts: list[Part] = [Said("{")]
        for key, selected in self.compiler.selected(cast(GraphQLObjectType, self.kind), details):
            parts += [Said(f'"{key}":'), *self._value(key, selected), Said(",")]
        parts[-1] = Said("}")
        text = put_together(parts)
        if not self.reads_rows:
            return text, self.spot
        limit = f"{self.page.size} + 1" if self.asks_for_more else self.page.size
        kept = ", ".join(f"{sql} AS {name}" for name, sql in self.kept.items()) or "1"
        rows = f"SELECT {kept} {self.source.ordered(self.page.rows.order)} LIMIT {limit}"
        return f"{text} FROM ({rows}) p", self.spot

    def _value(self, key: str, details: FieldDetailsList) -> Iterator[Part]:
        match details[0].node.name.value:
            case "nodes":
                yield from self._list(key, self.compiler.object(self.source, details))
            case "edges":
                yield from self._list(key, self._edge(details))
            case "pageInfo":
                yield from self._page_info(details)
            case "totalCount":
                yield f"(SELECT count(*) {self.counted.rows})"
            case _:
                yield Said(f'"{self.kind.name}"')

    def _list(self, key: str, item: Compiled) -> list[Part]:
        text, below = item
        self.spot.put(key, below)
        found = f"(array_agg(p.{self._keep(text, 'j')}))[1:{self.page.size}]"
        return [Said("["), f"array_to_string({found}, ',')", Said("]")]

    def _edge(self, details: FieldDetailsList) -> Compiled:
        edge, spot = self._type_of("edges"), Spot()
        parts: list[Part] = [Said("{")]
        for key, selected in self.compiler.selected(edge, details):
            parts.append(Said(f'"{key}":'))
            match selected[0].node.name.value:
                case "node":
                    text, below = self.compiler.object(self.source, selected)
                    spot.put(key, below)
                    parts.append(text)
                case "cursor":
                    parts.append(quoted(self._cursor()))
                case _:
                    parts.append(Said(f'"{edge.name}"'))
            parts.append(Said(","))
        parts[-1] = Said("}")
        return put_together(parts), spot

    def _page_info(self, details: FieldDetailsList) -> Iterator[Part]:
        self.reads_rows = True
        info, begin = self._type_of("pageInfo"), "{"
        for key, selected in self.compiler.selected(info, details):
            yield Said(f'{begin}"{key}":')
            begin = ","
            match selected[0].node.name.value:
                case "hasNextPage":
                    self.asks_for_more = True
                    yield f"(count(*) > {self.page.size})::text"
                case "hasPreviousPage":
                    yield Said(str(self.page.is_continued).lower())
                case "startCursor":
                    yield self._cursor_at("1")
                case "endCursor":
                    yield self._cursor_at(f"least(count(*), {self.page.size})")
                case _:
                    yield Said(f'"{info.name}"')
        yield Said("}")

    def _cursor_at(self, place: str) -> str:
        return or_null(quoted(f"(array_agg(p.{self._keep(self._cursor(), 'c')}))[{place}]"))

    def _cursor(self) -> str:
        return columns.cursor(self.source.kind.model, self.page.rows.order, self.source.row)

    def _keep(self, text: str, letter: str) -> str:
        """The name under which the inner SELECT keeps the text; the same text is kept once."""
        self.reads_rows = True
        for name, kept in self.kept.items():
            if kept == text:
                return name
        name = f"{letter}{len(self.kept)}"
        self.kept[name] = text
        return name

    def _type_of(self, name: str) -> GraphQLObjectType:
        return cast(GraphQLObjectType, get_named_type(cast(GraphQLObjectType, self.kind).fields[name].type))
