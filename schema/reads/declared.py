"""What a type says of itself, once, for the compiled way.

    class Leave(ReadableNode):
        model: ClassVar = LeaveRow
        begins_on: date = strawberry.field(...)                     a column of the same name
        purpose: Term = strawberry.field(...)                       a column that holds a word
        @strawberry.field(metadata=read(One("person_id")))          a relation, beside its ordinary resolver
        async def person(self, info) -> Person: ...

A field that is none of these is a leaf: Python computes it from the row, which the statement brings along.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar, Self, TypeGuard, cast

from graphql import (
    GraphQLField,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    get_named_type,
)
from graphql.execution.collect_fields import FieldDetailsList
from graphql.execution.values import get_argument_values
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext as Executor
from strawberry.types.arguments import convert_arguments

from schema.reads.columns import is_written
from schema.texts import insist_kept
from tenants.conditions import EVERYTHING, Condition
from tenants.pages import NEWEST, Order
from tenants.reach import Visible
from tenants.rows import GlobalRow, PlaceRow

WORD = "Term"


class Mapped:
    """A type whose objects are rows of one table: of a place, or one that all places share."""

    model: ClassVar[type[PlaceRow | GlobalRow]]
    # The columns that a row brings along for its leaves, where not all: texts may be a megabyte.
    brings: ClassVar[tuple[str, ...]] = ()

    @classmethod
    def of(cls, row: Any) -> Self:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Column:
    """`when`: the row as the viewer must see it; else the column is null."""

    name: str
    when: Visible | None = None


@dataclass(frozen=True, slots=True)
class Word:
    """A column that holds a word of the documents, shown with its labels."""

    name: str
    when: Visible | None = None


@dataclass(frozen=True, slots=True)
class Holds:
    """Whether the condition holds of the row, for the viewer."""

    which: Visible


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the viewer may do with the row: an object with a field for each act, and beneath it whether it is
    `allowed`. Why not is left to Python. `acts`: by its name, the rows with which an act is allowed."""

    acts: Mapping[str, Visible] = field(hash=False)


@dataclass(frozen=True, slots=True)
class GlobalId:
    pass


@dataclass(frozen=True, slots=True)
class One:
    """The row whose `to` is this row's `key`; null where there is none, or the viewer may not see it."""

    key: str
    to: str = "id"
    visible: Visible | None = None


@dataclass(frozen=True, slots=True)
class Many:
    """The rows whose `link` is this row's `key`, as a list. `when`: the row as the viewer must see it; else
    the list is empty."""

    link: str
    order: Order
    key: str = "id"
    visible: Visible | None = None
    when: Visible | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What the arguments of a field ask of its rows: which of them, and their order where they say one."""

    which: Condition = EVERYTHING
    order: Order | None = None


@dataclass(frozen=True, slots=True)
class Pages:
    """The same as a connection. `asked`: what the field's arguments beside `first` and `after` ask for."""

    link: str
    order: Order = NEWEST
    key: str = "id"
    visible: Visible | None = None
    asked: Callable[..., Asked] = Asked


@dataclass(frozen=True, slots=True)
class Kinds:
    """The row that `key` names, of the type that `kind` says; null where the viewer may not see it. `among`:
    what `kind` may say. `types`: each one's type, which knows who may see it; filled when all are known."""

    kind: str
    key: str
    among: tuple[str, ...]
    types: Mapping[str, Any] = field(hash=False)

    @property
    def are_mapped(self) -> bool:
        return all(issubclass(self.types[kind], Mapped) for kind in self.among)


@dataclass(frozen=True, slots=True)
class Leaf:
    """What only Python can compute."""


Way = Column | Word | Holds | Abilities | GlobalId | One | Many | Pages | Kinds | Leaf


def asked_of(way: Pages, given: Mapping[str, Any]) -> Asked:
    """Raises BAD_USER_INPUT for what no row can be asked with."""
    insist_kept(given)
    return way.asked(**given)


def read(way: Way) -> dict[str, Any]:
    """The metadata of a field that is read in this way."""
    return {"read": way}


def origin_of(kind: GraphQLNamedType) -> Any:
    """The class behind a type of the schema."""
    definition = kind.extensions.get("strawberry-definition")
    return getattr(definition, "origin", None)


def mapped(kind: GraphQLNamedType) -> type[Mapped] | None:
    origin = origin_of(kind)
    return origin if isinstance(origin, type) and issubclass(origin, Mapped) else None


def named(kind: GraphQLOutputType) -> GraphQLNamedType:
    return get_named_type(kind)


def is_connection(kind: GraphQLNamedType) -> TypeGuard[GraphQLObjectType]:
    return isinstance(kind, GraphQLObjectType) and "pageInfo" in kind.fields


def item_of(kind: GraphQLNamedType) -> GraphQLNamedType:
    """The type of the rows: of a connection, that of its nodes."""
    if is_connection(kind):
        return named(kind.fields["nodes"].type)
    return kind


@cache
def ways_of(kind: GraphQLObjectType) -> Mapping[str, Way]:
    """How each field of a mapped type is read."""
    origin = mapped(kind)
    assert origin is not None, f"{kind.name} is mapped"
    return {name: _way(field, origin) for name, field in kind.fields.items()}


def _way(field: GraphQLField, origin: type[Mapped]) -> Way:
    shown = field.extensions["strawberry-definition"]
    declared = shown.metadata.get("read")
    if isinstance(declared, Kinds) and not declared.are_mapped:
        return Leaf()
    if declared is not None:
        return cast(Way, declared)
    if shown.python_name == "_id":
        return GlobalId()
    has_column = shown.python_name in origin.model._meta.fields_db_projection
    if shown.base_resolver is not None or not has_column:
        return Leaf()
    kind = get_named_type(field.type)
    if kind.name == WORD:
        return Word(shown.python_name)
    return Column(shown.python_name) if is_written(kind) else Leaf()


def arguments_of(executor: Executor, field: GraphQLField, details: FieldDetailsList) -> dict[str, Any]:
    """What a nested field is given, as its resolver would be given it."""
    raw = get_argument_values(field, details[0].node, executor.variable_values)
    schema: Any = executor.schema.extensions["strawberry-definition"]
    declared = field.extensions["strawberry-definition"].arguments
    registry = schema.schema_converter.scalar_registry
    return convert_arguments(raw, declared, scalar_registry=registry, config=schema.config)
