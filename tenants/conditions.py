"""Which rows: conditions that are said once and rendered alike as a filter of the ORM and as SQL.

The SQL holds names of columns only; values go through `Writing.bind`. Every other table that a condition
looks into names the place itself (`belonging`), as every reference to a tenant's table must.

    Compared("state", "=", "open")                a column and a value; `= None` asks for NULL
    Among("id", ids)                              a column and several values
    Beyond(("recorded_at", "id"), (…), …)         the rows after one, in the order of the columns
    Every(…), Some(…), Unless(…)                  all, any, and not: what is NULL is not denied
    Linked(Post, "person_id", …)                  rows that a row of another table refers to
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, StrEnum
from typing import Any, Protocol

from tortoise.expressions import Q, Subquery

from tenants.asyncpg_client import TENANT
from tenants.rows import GlobalRow, PlaceRow

LOOKUPS = {"=": "", "<": "__lt", "<=": "__lte", ">": "__gt", ">=": "__gte"}
NOTHING = Q(id__isnull=True)


class Whose(StrEnum):
    """Whose rows a statement reads: `$1` is a place, or a list of places."""

    ONE = "= $1"
    SEVERAL = "= ANY($1)"


def belonging(model: type[PlaceRow | GlobalRow], row: str, whose: Whose = Whose.ONE) -> str:
    """What every reference to a table says of the place; nothing for a table that all places share."""
    return "" if model.is_shared else f"{row}.{TENANT} {whose}"


def all_of(*conditions: str) -> str:
    """Those of the conditions that say anything."""
    return " AND ".join(filter(None, conditions)) or "true"


@dataclass(slots=True)
class Writing:
    """How a condition becomes text: `bind` tells how a value is written, `alias` names another table."""

    bind: Callable[[Any], str]
    aliases: int = 0

    def alias(self) -> str:
        self.aliases += 1
        return f"x{self.aliases}"


class Condition(Protocol):
    def as_filter(self) -> Q: ...

    def as_sql(self, row: str, writing: Writing) -> str:
        """The condition on the row of that alias, in brackets where it needs them."""
        ...


@dataclass(frozen=True, slots=True)
class Compared:
    column: str
    comparator: str
    value: Any

    def as_filter(self) -> Q:
        if self.value is None:
            return _is(f"{self.column}__isnull", True)
        return _is(self.column + LOOKUPS[self.comparator], self.value)

    def as_sql(self, row: str, writing: Writing) -> str:
        if self.value is None:
            return f"{row}.{self.column} IS NULL"
        return f"{row}.{self.column} {self.comparator} {writing.bind(plain(self.value))}"


@dataclass(frozen=True, slots=True)
class Among:
    column: str
    values: Sequence[Any]

    def as_filter(self) -> Q:
        return _is(f"{self.column}__in", list(self.values))

    def as_sql(self, row: str, writing: Writing) -> str:
        return f"{row}.{self.column} = ANY({writing.bind(list(map(plain, self.values)))})"


def one_of(column: str, values: Sequence[Any]) -> Condition:
    """The column has one of the values. Where there is one, it is not asked as a list: PostgreSQL plans for
    ten of them, and therefore anew each time, which takes several times as long as to answer."""
    return Compared(column, "=", values[0]) if len(values) == 1 else Among(column, values)


@dataclass(frozen=True, slots=True)
class Beyond:
    """The rows after the one with these values, in the order of the columns, the last of which tells any two
    rows apart."""

    columns: Sequence[str]
    values: Sequence[Any]
    descending: bool

    def as_filter(self) -> Q:
        lookup = "__lt" if self.descending else "__gt"
        steps = []
        for place, column in enumerate(self.columns):
            same = dict(zip(self.columns[:place], self.values, strict=False))
            steps.append(Q(**same, **{column + lookup: self.values[place]}))
        return Q(*steps, join_type=Q.OR)

    def as_sql(self, row: str, writing: Writing) -> str:
        columns = ", ".join(f"{row}.{column}" for column in self.columns)
        values = ", ".join(writing.bind(plain(value)) for value in self.values)
        return f"({columns}) {'<' if self.descending else '>'} ({values})"


@dataclass(frozen=True, slots=True)
class Every:
    parts: tuple[Condition, ...]

    def as_filter(self) -> Q:
        return Q(*(part.as_filter() for part in self.parts))

    def as_sql(self, row: str, writing: Writing) -> str:
        return all_of(*(part.as_sql(row, writing) for part in self.parts))


EVERYTHING: Condition = Every(())


@dataclass(frozen=True, slots=True)
class Some:
    parts: tuple[Condition, ...] = ()

    def as_filter(self) -> Q:
        return Q(*(part.as_filter() for part in self.parts), join_type=Q.OR) if self.parts else NOTHING

    def as_sql(self, row: str, writing: Writing) -> str:
        if len(self.parts) == 1:
            return self.parts[0].as_sql(row, writing)
        return f"({' OR '.join(part.as_sql(row, writing) for part in self.parts) or 'false'})"


NONE: Condition = Some()


@dataclass(frozen=True, slots=True)
class Unless:
    """Not the rows for which it holds; one that lacks the column is denied by nothing."""

    column: str
    denied: Condition

    def as_filter(self) -> Q:
        # A bare NOT would silently drop the row whose column is NULL.
        lacks_it = _is(f"{self.column}__isnull", True)
        return Q(lacks_it, ~self.denied.as_filter(), join_type=Q.OR)

    def as_sql(self, row: str, writing: Writing) -> str:
        return f"({self.denied.as_sql(row, writing)}) IS NOT TRUE"


@dataclass(frozen=True, slots=True)
class Linked:
    """Rows whose `key` a row of `model` has in its `column`, where `holds` of that row. `alike`: columns in
    which the two rows have the same; the ORM has no words for these, and such a condition is SQL only."""

    model: type[PlaceRow | GlobalRow]
    column: str
    holds: Condition
    key: str = "id"
    alike: tuple[str, ...] = ()

    def as_filter(self) -> Q:
        assert not self.alike, "no list is asked for in this way"
        rows = self.model.filter(self.holds.as_filter()).values(self.column)
        return _is(f"{self.key}__in", Subquery(rows))

    def as_sql(self, row: str, writing: Writing) -> str:
        other, table = writing.alias(), self.model._meta.db_table
        holds = self.holds.as_sql(other, writing)
        alike = (f"{other}.{column} = {row}.{column}" for column in self.alike)
        key = f"{other}.{self.column} = {row}.{self.key}"
        linked = all_of(belonging(self.model, other), key, *alike, holds)
        return f"EXISTS (SELECT 1 FROM {table} {other} WHERE {linked})"


@dataclass(slots=True)
class Shape:
    """A condition as it looks without its values, and these; conditions of one shape share a statement."""

    text: str
    values: list[Any] = field(default_factory=list)

    @classmethod
    def of(cls, condition: Condition) -> "Shape":
        shape = cls("")
        shape.text = condition.as_sql("_", Writing(shape._keep))
        return shape

    def _keep(self, value: Any) -> str:
        self.values.append(value)
        return "?"


def _is(lookup: str, value: Any) -> Q:
    return Q(**{lookup: value})


def plain(value: Any) -> Any:
    """The value as the database knows it."""
    return value.value if isinstance(value, Enum) else value
