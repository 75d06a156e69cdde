"""Rows that come into being together: an act, its audit entry and its idempotency key in one statement.

    await together(activity, entry, of=Of(Household, reached, {"code": "code"}), once=key)

becomes

    WITH o AS (SELECT … FROM households o WHERE o.tenant_id = $1 AND …),
         claimed AS (INSERT INTO idempotency_keys … SELECT … FROM o ON CONFLICT … DO NOTHING RETURNING 1),
         r1 AS (INSERT INTO activities … SELECT …, o.code FROM o, claimed),
         r2 AS (INSERT INTO audit_entries … SELECT … FROM o, claimed)
    SELECT …

All of it or nothing: where the row is not there, or the key was claimed before, no row comes into being.
Every table names the place as `$1`, and row-level security holds for each as it does for one alone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache, lru_cache
from itertools import count
from typing import Any, Generic, TypeVar
from uuid import UUID, uuid4

from tortoise.fields import UUIDField

from tenants import scope
from tenants.asyncpg_client import TENANT
from tenants.conditions import Condition, Shape, Writing, belonging
from tenants.rows import PlaceRow

Row = TypeVar("Row", bound=PlaceRow)


@dataclass(frozen=True, slots=True)
class New(Generic[Row]):
    """A row that does not exist yet: a value for each of its columns that has no default."""

    model: type[Row]
    values: dict[str, Any]

    @classmethod
    def of(cls, model: type[Row], **values: Any) -> "New[Row]":
        return cls(model, {"id": uuid4(), **values})

    @property
    def id(self) -> UUID:
        row_id: UUID = self.values["id"]
        return row_id

    def value(self, name: str) -> Any:
        if name not in self.values:
            default = self.model._meta.fields_map[name].default
            self.values[name] = default() if callable(default) else default
        return self.values[name]

    def row(self) -> Row:
        """The row, once it has been written."""
        columns = {name: self.value(name) for name in _columns(self.model)}
        return self.model._init_from_db(**columns, **{TENANT: scope.writer()})


@dataclass(frozen=True, slots=True)
class Of:
    """The row that the new ones are about, and without which they are not written. `taken`: columns of the
    first of them that come from it, by name."""

    model: type[PlaceRow]
    which: Condition
    taken: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Once:
    """A row that keeps the others from being written where its unique columns are held already."""

    row: New[Any]
    unique: tuple[str, ...]


async def together(*rows: New[Any], of: Of | None = None, once: Once | None = None) -> bool:
    """Write the rows in the order given, in one statement. False if they were not: the row they are about is
    not there, or they are there already."""
    shape = Shape.of(of.which) if of else Shape("")
    sql = _statement(_Form(tuple(row.model for row in rows), _held(once), shape.text, of))
    taken = tuple(of.taken) if of else ()
    values = _values(once.row) if once else []
    for nth, row in enumerate(rows):
        values += _values(row, () if nth else taken)
    found = await scope.fetch(sql, scope.writer(), *values, *shape.values)
    for name in taken if found else ():
        rows[0].values[name] = found[0][name]
    return bool(found)


def _values(row: New[Any], taken: tuple[str, ...] = ()) -> list[Any]:
    model: type[PlaceRow] = row.model
    return [write(row.value(name), model) for name, write in _writers(model, taken)]


@lru_cache(maxsize=1024)
def _writers(model: type[PlaceRow], taken: tuple[str, ...]) -> list[tuple[str, Callable[..., Any]]]:
    """How the value of each column is written, but for those that are taken."""
    return [(name, _writer(model._meta.fields_map[name])) for name in _columns(model) if name not in taken]


def _writer(column: Any) -> Callable[[Any, Any], Any]:
    """An id the driver writes itself; the ORM would make a text of it, from which the driver makes one."""
    return (lambda value, _: value) if isinstance(column, UUIDField) else column.to_db_value


@cache
def _columns(model: type[PlaceRow]) -> tuple[str, ...]:
    """Its fields but for the place, which the scope gives. A field is named as its column
    (tests/tenants/test_inserts.py)."""
    return tuple(name for name in model._meta.fields_db_projection if name != TENANT)


@dataclass(frozen=True, slots=True)
class _Form:
    """What tells one statement from another. `of` is told by its look: its values are not in the text."""

    rows: tuple[type[PlaceRow], ...]
    held: tuple[type[PlaceRow], tuple[str, ...]] | None
    look: str
    of: Of | None = field(compare=False)
    about: tuple[type[PlaceRow], tuple[tuple[str, str], ...]] | None = field(init=False)

    def __post_init__(self) -> None:
        about = (self.of.model, tuple(self.of.taken.items())) if self.of else None
        object.__setattr__(self, "about", about)


def _held(once: Once | None) -> tuple[type[PlaceRow], tuple[str, ...]] | None:
    return (once.row.model, once.unique) if once else None


@lru_cache(maxsize=1024)
def _statement(form: _Form) -> str:
    numbers, parts = count(2), []
    sources = ["o"] if form.of else []
    if form.held:
        model, unique = form.held
        conflict = f" ON CONFLICT ({', '.join((TENANT, *unique))}) DO NOTHING RETURNING 1"
        parts.append(f"claimed AS ({_insert(model, numbers, sources, {})}{conflict})")
        sources = [*sources, "claimed"]
    taken = form.of.taken if form.of else {}
    for nth, model in enumerate(form.rows):
        parts.append(f"r{nth} AS ({_insert(model, numbers, sources, {} if nth else taken)})")
    if form.of:
        parts.insert(0, _row_about(form.of, numbers))
    told = ", ".join(["1 AS written", *(f"o.{column} AS {name}" for name, column in taken.items())])
    return f"WITH {', '.join(parts)} SELECT {told}{_from(sources)}"


def _row_about(of: Of, numbers: "count[int]") -> str:
    holds = of.which.as_sql("o", Writing(lambda _: f"${next(numbers)}"))
    return f"o AS (SELECT o.* FROM {of.model._meta.db_table} o WHERE {belonging(of.model, 'o')} AND {holds})"


def _insert(
    model: type[PlaceRow], numbers: "count[int]", sources: list[str], taken: Mapping[str, str]
) -> str:
    columns, fields = _columns(model), model._meta.fields_map
    values = [
        f"o.{taken[name]}" if name in taken else f"${next(numbers)}::{_type(fields[name])}"
        for name in columns
    ]
    names = ", ".join((TENANT, *columns))
    written = ", ".join(("$1", *values))
    return f"INSERT INTO {model._meta.db_table} ({names}) SELECT {written}{_from(sources)}"


def _from(sources: list[str]) -> str:
    return f" FROM {', '.join(sources)}" if sources else ""


def _type(column: Any) -> str:
    """A value that is only selected has no type of its own in PostgreSQL."""
    return str(column.get_for_dialect("postgres", "SQL_TYPE"))
