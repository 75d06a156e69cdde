"""The rows a viewer reaches, as a filter of the ORM and as SQL. The terms come from policies; only
columns are added here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from tortoise.expressions import Q

from policies.reach import Field, Rows, Term

Columns = Mapping[Field, str]
NOTHING = Q(id__isnull=True)


def as_filter(rows: Rows, columns: Columns) -> Q:
    """The rows as a filter. `columns` names the column of each field that the table has; the scope adds
    the place."""
    allowed = _any([q for term in rows.allow if (q := _term_filter(term, columns)) is not None])
    if allowed is None:
        return NOTHING
    for term in rows.deny:
        column = columns.get(term.field)
        if column is not None:
            # A NULL owner is denied by nothing: a bare NOT would silently drop the row.
            allowed &= Q(_is(f"{column}__isnull", True), ~_term_or_nothing(term, columns), join_type=Q.OR)
        elif term.field is Field.PLACE:
            return NOTHING
    return allowed


def _is(lookup: str, value: Any) -> Q:
    return Q(**{lookup: value})


def _any(filters: list[Q]) -> Q | None:
    return Q(*filters, join_type=Q.OR) if filters else None


def _term_or_nothing(term: Term, columns: Columns) -> Q:
    return _term_filter(term, columns) or NOTHING


def _term_filter(term: Term, columns: Columns) -> Q | None:
    if term.field is Field.PLACE:
        return Q(id__isnull=False)
    column = columns.get(term.field)
    if column is None:
        return None
    if term.span is not None:
        return _is(f"{column}__gte", term.span[0]) & _is(f"{column}__lt", term.span[1])
    return _is(column, term.value)


@dataclass(slots=True)
class Condition:
    """SQL text with numbered values, `$first` onwards. The text holds column names only, never a value."""

    first: int = 1
    values: list[UUID | str | None] = field(default_factory=list)

    def bind(self, value: UUID | str | None) -> str:
        self.values.append(value)
        return f"${self.first + len(self.values) - 1}"


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
    if term.field is Field.PLACE:
        return "true"
    column = columns.get(term.field)
    if column is None:
        return None
    if term.span is not None:
        lower, upper = term.span
        return f"({column} >= {condition.bind(lower)} AND {column} < {condition.bind(upper)})"
    return f"{column} = {condition.bind(term.value)}"
