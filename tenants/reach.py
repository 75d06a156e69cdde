"""The rows a viewer reaches, as a filter of the ORM and as SQL. The terms come from policies; only
columns are added here.

Each term names its place, so both hold in a scope that reads several places too.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from policies.reach import Field, Rows, Term
from tenants.asyncpg_client import TENANT

# The column of each field that a table has. A field without a column is one that every row lacks.
Columns = Mapping[Field, str]
NOTHING = Q(id__isnull=True)


def as_filter(rows: Rows, columns: Columns) -> Q:
    """The rows as a filter."""
    allowed = [q for term in rows.allow if (q := _term_filter(term, columns)) is not None]
    if not allowed:
        return NOTHING
    reached = Q(*allowed, join_type=Q.OR)
    for term in rows.deny:
        denied = _term_filter(term, columns)
        if denied is not None:
            # A NULL owner is denied by nothing: a bare NOT would silently drop the row.
            lacks_it = _is(f"{_column(term.field, columns)}__isnull", True)
            reached &= Q(lacks_it, ~denied, join_type=Q.OR)
    return reached


def _is(lookup: str, value: Any) -> Q:
    return Q(**{lookup: value})


def _column(of: Field, columns: Columns) -> str | None:
    return columns.get(of, TENANT if of is Field.PLACE else None)


def _term_filter(term: Term, columns: Columns) -> Q | None:
    column, place = _column(term.field, columns), _column(Field.PLACE, columns)
    if column is None:
        return None
    if term.span is not None:
        said = _is(f"{column}__gte", term.span[0]) & _is(f"{column}__lt", term.span[1])
    else:
        said = _is(column, term.value)
    return said if term.place_id is None or column == place else said & _is(str(place), term.place_id)


@dataclass(slots=True)
class Condition:
    """SQL text with numbered values, `$first` onwards. The text holds column names only, never a value."""

    first: int = 1
    values: list[UUID | str | None] = field(default_factory=list)

    def bind(self, value: UUID | str | None) -> str:
        if value not in self.values:
            self.values.append(value)
        return f"${self.first + self.values.index(value)}"


def as_sql(rows: Rows, columns: Columns, first: int = 1) -> tuple[str, list[Any]]:
    """The same as `as_filter`, as a bracketed SQL condition and its values."""
    condition = Condition(first)
    allowed = [text for term in rows.allow if (text := _term_sql(term, columns, condition))]
    if not allowed:
        return "(false)", []
    parts = ["(" + " OR ".join(allowed) + ")"]
    for term in rows.deny:
        text = _term_sql(term, columns, condition)
        if text is not None:
            parts.append(f"({text}) IS NOT TRUE")
    return "(" + " AND ".join(parts) + ")", condition.values


def _term_sql(term: Term, columns: Columns, condition: Condition) -> str | None:
    column, place = _column(term.field, columns), _column(Field.PLACE, columns)
    if column is None:
        return None
    if term.span is not None:
        lower, upper = term.span
        said = f"{column} >= {condition.bind(lower)} AND {column} < {condition.bind(upper)}"
    else:
        said = f"{column} = {condition.bind(term.value)}"
    if term.place_id is not None and column != place:
        said += f" AND {place} = {condition.bind(term.place_id)}"
    return f"({said})"
