"""How a column is written as the JSON of a scalar or an enumeration, just as the ordinary way writes it."""

from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLEnumType, GraphQLNamedType

from schema.reads.texts import base64, literal, or_null, quoted
from tenants.pages import Order
from tenants.rows import GlobalRow, PlaceRow

SHORTEST_BROKEN = 57 - 36 - 1  # a type's name of more bytes makes a global id of more than one line


def _as_json(column: str) -> str:
    return f"to_json({column})::text"


def _as_number(column: str) -> str:
    return f"{column}::text"


def as_moment(column: str) -> str:
    """In UTC, with microseconds: `2018-06-15T00:00:00.000000+00:00`."""
    return f"to_char({column} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"')"


# The scalars of the schema that a column may stand behind.
SCALARS: Mapping[str, Callable[[str], str]] = {
    "Boolean": _as_number,
    "Date": lambda column: quoted(f"{column}::text"),
    "DateTime": lambda column: quoted(as_moment(column)),
    "Decimal": lambda column: quoted(f"{column}::text"),
    "Float": _as_number,
    "ID": lambda column: quoted(f"{column}::text"),
    "Int": _as_number,
    "JSON": _as_number,
    "String": _as_json,
}


def is_written(kind: GraphQLNamedType) -> bool:
    return isinstance(kind, GraphQLEnumType) or kind.name in SCALARS


def written(kind: GraphQLNamedType, column: str, field: Any) -> str:
    """The column as JSON text; `null` where it is NULL."""
    text = _named(kind, column) if isinstance(kind, GraphQLEnumType) else SCALARS[kind.name](column)
    return or_null(text) if field.null else text


def _named(kind: GraphQLEnumType, column: str) -> str:
    """The name of the enumeration's value. Most are the stored words in capitals."""
    names = {value.value: name for name, value in kind.values.items()}
    words = {str(getattr(value, "value", value)): name for value, name in names.items()}
    if all(name == word.upper() for word, name in words.items()):
        return quoted(f"upper({column})")
    cases = " ".join(f"WHEN {literal(word)} THEN {literal(name)}" for word, name in words.items())
    return quoted(f"CASE {column} {cases} END")


def global_id(type_name: str, row: str) -> str:
    said = literal(f"{type_name}:") + f" || {row}.id::text"
    return quoted(base64(said, is_short=len(type_name) < SHORTEST_BROKEN))


def cursor(model: type[PlaceRow | GlobalRow], order: Order, row: str) -> str:
    """What the row has in the columns of the order, as `Listing.cursor_of` writes it; text, not JSON."""
    kinds = model._meta.fields_map
    values = (_as_text(kinds[column], f"{row}.{column}") for column in order.columns)
    return base64(f"json_build_array({', '.join(values)})::text")


def _as_text(field: Any, column: str) -> str:
    return as_moment(column) if type(field).__name__ == "DatetimeField" else f"{column}::text"
