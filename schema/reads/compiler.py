"""From selection to statement.

A row is correlated sub-selects straight over the tables, each of which names the place itself: that is what
also runs where the tables are spread by place. A page is a plain sub-select in the order of its list. Rows of
several places are one list over them all, whose relations lead to tables that all places share.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, cast

from graphql import GraphQLField, GraphQLNamedType, GraphQLObjectType, get_named_type
from graphql.execution.collect_fields import FieldDetailsList
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext as Executor

from policies.access import Access
from policies.reach import Viewer
from schema.connections import PAGE, beyond_cursor, page_size
from schema.reads import columns
from schema.reads.abilities import AbilitiesWriting
from schema.reads.declared import (
    Abilities,
    Column,
    GlobalId,
    Holds,
    Kinds,
    Leaf,
    Many,
    Mapped,
    One,
    Pages,
    Way,
    Word,
    arguments_of,
    asked_of,
    item_of,
    mapped,
    ways_of,
)
from schema.reads.pages import PageWriting, Window
from schema.reads.sources import Compiled, Source
from schema.reads.statements import ANY_KEY, ASKED, ROW, Numbers, Spot, Statement, renumbered
from schema.reads.texts import Entry, Part, Said, as_object, literal, or_null, put_together, quoted
from tenants.conditions import EVERYTHING, Condition, Shape, Whose, Writing, all_of, belonging
from tenants.pages import Listing, Sums
from tenants.reach import Visible


@dataclass(slots=True)
class Compiler:
    """Compiles one selection for one viewer; the statement holds for all whose conditions look the same."""

    executor: Executor
    viewer: Viewer
    access: Access
    whose: Whose = Whose.ONE
    numbers: Numbers = field(default_factory=Numbers)
    shapes: dict[Visible, Shape] = field(default_factory=dict)
    aliases: int = 0

    def statement(self, sql: str, asked: int, spot: Spot) -> Statement:
        sizes = [(visible, len(shape.values)) for visible, shape in self.shapes.items()]
        text, used, names_the_place = renumbered(sql)
        picks = tuple(self.numbers.picks(asked, sizes))
        return Statement(
            sql=text,
            whose=self.whose if names_the_place else None,
            picks=tuple(picks[number - 2] for number in used),
            visible=tuple(self.shapes),
            said=tuple(self.numbers.said),
            spot=None if spot.is_settled else spot,
        )

    # What is asked: the listing of a root field.

    def one(self, listing: Listing[Any], kind: GraphQLNamedType, details: FieldDetailsList) -> Compiled:
        source = self.listed(listing, kind)
        text, spot = self.object(source, details)
        return f"SELECT {text} {source.ordered(listing.order)} LIMIT 1", spot

    def rows(self, listing: Listing[Any], kind: GraphQLNamedType, details: FieldDetailsList) -> Compiled:
        source = self.listed(listing, kind)
        text, spot = self.object(source, details)
        if self.whose is Whose.SEVERAL:
            # Straight over the table: where it is spread by place, a sub-select of several keeps no order.
            found = f"string_agg(({text})::text, ',' {source.in_order(listing.order)})"
            return f"SELECT concat('[', {found}, ']') {source.rows}", spot
        return f"SELECT {source.listed(text, listing.order)}", spot

    def by_id(self, listing: Listing[Any], kind: GraphQLNamedType, details: FieldDetailsList) -> Compiled:
        """An object of objects, by their ids."""
        source = self.listed(listing, kind)
        text, spot = self.object(source, details)
        entry = put_together([Said('"'), f"{source.row}.id::text", Said('":'), text])
        every = Spot(below={ANY_KEY: spot}) if not spot.is_settled else Spot()
        return f"SELECT concat('{{', string_agg({entry}, ','), '}}') {source.rows}", every

    def page(
        self, listing: Listing[Any], page: Window, kind: GraphQLNamedType, details: FieldDetailsList
    ) -> Compiled:
        """`listing`: all rows of it; `page.rows`: those after the cursor."""
        counted = self.listed(listing, item_of(kind))
        source = self.listed(page.rows, item_of(kind))
        text, spot = PageWriting(self, kind, source, counted, page).written(details)
        return f"SELECT {text}", spot

    def counts(
        self,
        listing: Listing[Any],
        rows: str,
        kind: GraphQLNamedType,
        details: FieldDetailsList,
        column: str,
    ) -> Compiled:
        """How many there are for each value of the column, as objects of `kind`; `rows`: the type of the
        rows."""
        source = self.listed(listing, cast(GraphQLNamedType, self.executor.schema.get_type(rows)))
        value = f"{source.row}.{column}"
        entry = self._counted(kind, details, value, "count(*)")
        return _listed_counts(f"SELECT {entry} AS j {source.rows} GROUP BY {value} ORDER BY {value}")

    def kept(self, kept: Sums, kind: GraphQLNamedType, details: FieldDetailsList) -> Compiled:
        """The same from the numbers that a row keeps."""
        model, row = kept.listing.model, self.alias()
        which = kept.listing.which.as_sql(row, self.numbers.writing(ASKED))
        pairs = ", ".join(f"({literal(value)}, {row}.{column})" for value, column in kept.columns)
        rows = f"FROM {model._meta.db_table} {row} CROSS JOIN LATERAL (VALUES {pairs}) k (value, count)"
        where = all_of(belonging(model, row, self.whose), which, "k.count > 0")
        entry = self._counted(kind, details, "k.value", "k.count")
        return _listed_counts(f"SELECT {entry} AS j {rows} WHERE {where} ORDER BY k.value")

    def _counted(self, kind: GraphQLNamedType, details: FieldDetailsList, value: str, count: str) -> str:
        told = {"value": or_null(f"to_json({value})::text"), "count": f"{count}::text"}
        chosen = self.selected(cast(GraphQLObjectType, kind), details)
        of_kind = literal(f'"{kind.name}"')
        return as_object((key, [told.get(one[0].node.name.value, of_kind)]) for key, one in chosen)

    def listed(self, listing: Listing[Any], kind: GraphQLNamedType) -> Source:
        origin, row = _mapped(kind), self.alias()
        which = listing.which.as_sql(row, self.numbers.writing(ASKED))
        where = all_of(belonging(origin.model, row, self.whose), which)
        return Source(origin, cast(GraphQLObjectType, kind), row, where)

    # Rows as JSON.

    def object(self, source: Source, details: FieldDetailsList) -> Compiled:
        """The row as a JSON object; as text that is never NULL."""
        spot = Spot(source.kind, source.type)
        entries: list[Entry] = [
            (key, list(self.value(source, key, selected, spot)))
            for key, selected in self.selected(source.type, details)
        ]
        if spot.leaves:
            entries.append((ROW, [source.brought]))
        return as_object(entries), spot

    def selected(
        self, kind: GraphQLObjectType, details: FieldDetailsList
    ) -> Iterator[tuple[str, FieldDetailsList]]:
        yield from self.executor.collect_subfields(kind, details).grouped_field_set.items()

    def value(self, source: Source, key: str, details: FieldDetailsList, spot: Spot) -> Iterator[Part]:
        name = details[0].node.name.value
        if name == "__typename":
            yield Said(f'"{source.type.name}"')
            return
        field, way = source.type.fields[name], ways_of(source.type)[name]
        kind = get_named_type(field.type)
        if isinstance(way, Leaf):
            yield self._left(spot, key, details)
        elif isinstance(way, Abilities):
            writing = AbilitiesWriting(self, source, way, cast(GraphQLObjectType, kind), details)
            yield writing.written() if writing.is_all_of_it else self._left(spot, key, details)
        elif isinstance(way, GlobalId):
            yield columns.global_id(source.type.name, source.row)
        elif isinstance(way, Holds):
            yield self.masked(way.which, source, "'true'", "false")
        elif isinstance(way, Column | Word):
            if isinstance(way, Word):
                spot.words[key] = details
            yield self.column(source, way, kind)
        else:
            text, below = self.related(source, way, field, details)
            spot.put(key, below)
            yield text

    def _left(self, spot: Spot, key: str, details: FieldDetailsList) -> Part:
        """The field is left to Python."""
        spot.leaves[key] = details
        return Said("null")

    def column(self, source: Source, way: Column | Word, kind: GraphQLNamedType) -> str:
        column = f"{source.row}.{way.name}"
        model_field = source.kind.model._meta.fields_map[way.name]
        if isinstance(way, Word):
            text = or_null(quoted(column)) if model_field.null else quoted(column)
        else:
            text = columns.written(kind, column, model_field)
        return self.masked(way.when, source, text, "null")

    def masked(self, when: Visible | None, source: Source, text: str, hidden: str) -> str:
        if when is None:
            return text
        return f"CASE WHEN {self.seen(when, source.row)} THEN {text} ELSE '{hidden}' END"

    def seen(self, visible: Visible, row: str) -> str:
        """The condition that the viewer may see the row."""
        condition: Condition = visible(self.viewer, self.access)
        self.shapes.setdefault(visible, Shape.of(condition))
        return condition.as_sql(row, self.numbers.writing(visible))

    # Relations.

    def related(self, source: Source, way: Way, field: GraphQLField, details: FieldDetailsList) -> Compiled:
        kind = get_named_type(field.type)
        if isinstance(way, Kinds):
            return self.switched(source, way, details)
        if isinstance(way, One):
            target = self.linked(kind, f"{way.to} = {source.row}.{way.key}", way.visible)
            text, spot = self.object(target, details)
            return or_null(f"(SELECT {text} {target.rows})"), spot
        if isinstance(way, Many):
            target = self.linked(kind, f"{way.link} = {source.row}.{way.key}", way.visible)
            text, spot = self.object(target, details)
            return self.masked(way.when, source, target.listed(text, way.order), "[]"), spot
        assert isinstance(way, Pages), f"{way} is a relation"
        return self.related_page(source, way, field, details)

    def switched(self, source: Source, way: Kinds, details: FieldDetailsList) -> Compiled:
        """The one row, each type's with its own selection and its own condition."""
        spot, found = Spot(is_switch=True), list[tuple[str, Source, str]]()
        for word in way.among:
            name = way.types[word].__strawberry_definition__.name
            kind = cast(GraphQLNamedType, self.executor.schema.get_type(name))
            target = self.linked(kind, f"id = {source.row}.{way.key}", way.types[word].visible)
            text, below = self.object(target, details)
            spot.put(name, below)
            found.append((word, target, text))
        cases = [
            f"WHEN {literal(word)} THEN ({target.one_of_several(text, spot)})" for word, target, text in found
        ]
        return or_null(f"CASE {source.row}.{way.kind} {' '.join(cases)} END"), spot

    def related_page(
        self, source: Source, way: Pages, field: GraphQLField, details: FieldDetailsList
    ) -> Compiled:
        kind = get_named_type(field.type)
        given = arguments_of(self.executor, field, details)
        size, after = page_size(given.pop("first", PAGE)), given.pop("after", None)
        asked = asked_of(way, given)
        link = f"{way.link} = {source.row}.{way.key}"
        counted = self.also(self.linked(item_of(kind), link, way.visible), asked.which)
        target = self.also(self.linked(item_of(kind), link, way.visible), asked.which)
        rows = Listing(target.kind.model, EVERYTHING, asked.order or way.order)
        if after is not None:
            target = self.also(target, beyond_cursor(rows, after).which)
        page = Window(rows, str(size), after is not None)
        text, spot = PageWriting(self, kind, target, counted, page).written(details)
        return f"(SELECT {text})", spot

    def linked(self, kind: GraphQLNamedType, link: str, visible: Visible | None) -> Source:
        origin, row = _mapped(kind), self.alias()
        assert self.whose is Whose.ONE or origin.model.is_shared, "they lead to what all places share"
        seen = self.seen(visible, row) if visible is not None else ""
        where = all_of(belonging(origin.model, row), f"{row}.{link}", seen)
        return Source(origin, cast(GraphQLObjectType, kind), row, where)

    def also(self, source: Source, which: Condition) -> Source:
        """Those of the rows for which a condition holds that the selection says."""
        if which == EVERYTHING:
            return source
        said = which.as_sql(source.row, Writing(self.numbers.say))
        return replace(source, where=f"{source.where} AND {said}")

    def alias(self) -> str:
        self.aliases += 1
        return f"t{self.aliases}"


def _listed_counts(found: str) -> Compiled:
    return f"SELECT concat('[', string_agg(g.j, ','), ']') FROM ({found}) g", Spot()


def _mapped(kind: GraphQLNamedType) -> type[Mapped]:
    found = mapped(kind)
    assert found is not None, f"{kind.name} shows rows of a table"
    return found
