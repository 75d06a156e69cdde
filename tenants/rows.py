"""The two kinds of rows: those that a place owns, and the short list that all share.

`PlaceRow` is the base of every table with a county's data. Its manager filters by the scope in force and
raises without one; `Walls` says what the database itself must hold. No model declares an ORM relation: rows
refer to each other by id, `links` makes the composite foreign key, and a join is SQL that names the place
(docs/decisions/0002).
"""

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, cast
from uuid import UUID, uuid4

from tortoise import fields
from tortoise.expressions import Q, ResolveContext
from tortoise.manager import Manager
from tortoise.models import Model, ModelMeta
from tortoise.query_utils import QueryModifier
from tortoise.queryset import (
    BulkCreateQuery,
    BulkUpdateQuery,
    DeleteQuery,
    QuerySet,
    RawSQLQuery,
    UpdateQuery,
)

from tenants import scope
from tenants.asyncpg_client import TENANT, stamp


@dataclass(frozen=True, slots=True)
class Walls:
    """What the database holds for one table, beyond its columns.

    links: column → table of the same place it points to. unique: name → columns (the place comes first by
    itself). where: name → condition of that unique or
    index. checks: name → condition. append_only: no
    UPDATE, no DELETE. several: whether it is read in scopes of several places, too; what is not has a policy
    that the planner sees through (docs/decisions/0031).
    """

    links: Mapping[str, str] = field(default_factory=dict)
    unique: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    indexes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    where: Mapping[str, str] = field(default_factory=dict)
    checks: Mapping[str, str] = field(default_factory=dict)
    append_only: bool = False
    several: bool = False


class ScopePredicate(Q):
    """`tenant_id` = the scope in force when the statement runs. Pinned to the scope the query was built
    in, so a queryset carried into another scope raises instead of answering for the wrong county."""

    def __init__(self, model: type[Model], *, for_write: bool = False) -> None:
        super().__init__()
        self._model: Any = model
        self._built_in = scope.in_force()
        self._for_write = for_write

    def resolve(self, resolve_context: ResolveContext) -> QueryModifier:
        now = scope.current()
        if self._built_in is not None and self._built_in != now:
            raise scope.CrossPlaceError("the query was built in another scope")
        places = (scope.writer(),) if self._for_write else now.reads
        if not places:
            raise scope.NoScope("the scope in force covers no place")
        if len(places) > 1 and not self._model.walls.several:
            raise scope.ScopeError(f"{self._model.__name__} is read in one place at a time")
        column = resolve_context.table[TENANT]
        is_ours = column == places[0] if len(places) == 1 else column.isin(places)
        return QueryModifier(where_criterion=is_ours)


class StampedCreate(BulkCreateQuery[Any]):
    """Rows that belong to the scope they were given in, and are refused when they are written in another."""

    __slots__ = ()

    def __await__(self) -> Generator[Any, None, None]:
        self._objects = _stamped(self._objects)
        return super().__await__()


def _stamped(rows: Iterable[Any]) -> list[Any]:
    stamped = list(rows)
    for row in stamped:
        stamp(row)
    return stamped


class ScopedQuerySet(QuerySet[Any]):
    def __init__(self, model: type[Model]) -> None:
        super().__init__(model)
        self._q_objects.append(ScopePredicate(model))

    def update(self, **kwargs: Any) -> UpdateQuery:
        if TENANT in kwargs:
            raise scope.CrossPlaceError("a row does not change its place")
        return self._written().update_now(**kwargs)

    def delete(self) -> DeleteQuery:
        return QuerySet.delete(self._written())

    def update_now(self, **kwargs: Any) -> UpdateQuery:
        return super().update(**kwargs)

    def _written(self) -> "ScopedQuerySet":
        scope.writer()
        queryset = cast(ScopedQuerySet, self._clone())
        queryset._q_objects.append(ScopePredicate(self.model, for_write=True))
        return queryset

    def bulk_create(
        self,
        objects: Iterable[Any],
        batch_size: int | None = None,
        ignore_conflicts: bool = False,
        update_fields: Iterable[str] | None = None,
        on_conflict: Iterable[str] | None = None,
    ) -> BulkCreateQuery[Any]:
        if update_fields or on_conflict:
            raise scope.ScopeError("an upsert could overwrite another place's row")
        return StampedCreate(self.model, self._db, _stamped(objects), batch_size, ignore_conflicts)

    def bulk_update(self, *args: Any, **kwargs: Any) -> BulkUpdateQuery[Any]:
        raise scope.ScopeError("bulk_update addresses rows by id alone: use update() with a filter")

    def raw(self, sql: str) -> RawSQLQuery:
        raise scope.ScopeError("raw() has no scope: use scope.fetch() and name tenant_id")


class ScopedManager(Manager):
    def get_queryset(self) -> QuerySet[Any]:
        return ScopedQuerySet(self._model)


class PlaceRowMeta(ModelMeta):
    """Installs the scoped manager on every model: `Meta.manager` is not inherited."""

    def __new__(mcs, name: str, bases: tuple[type, ...], attrs: dict[str, Any]) -> Any:
        cls: Any = super().__new__(mcs, name, bases, attrs)
        if not cls._meta.abstract:
            cls._meta.manager = ScopedManager(cls)
        return cls


class PlaceRow(Model, metaclass=PlaceRowMeta):
    """A row that one place owns. Ids are random, made here: they tell nothing and collide with nobody's."""

    walls: ClassVar[Walls] = Walls()
    is_shared: ClassVar[bool] = False

    id = fields.UUIDField(primary_key=True, default=uuid4)
    tenant_id = fields.UUIDField()

    class Meta:
        abstract = True

    async def refresh_from_db(self, fields: Iterable[str] | None = None, using_db: Any = None) -> None:
        """Stock refresh builds a bare queryset, past the manager."""
        fresh = await type(self).get(id=self.id)
        for name in fields or self._meta.db_fields:
            setattr(self, name, getattr(fresh, name))

    @classmethod
    async def locked(cls, row_id: UUID) -> Self | None:
        """The row, locked until the transaction ends; None if there is none in this place.

        Not against rows that refer to it: two people who each notify the other would wait for ever."""
        row: Self | None = await cls.filter(id=row_id).select_for_update(no_key=True).get_or_none()
        return row


class GlobalRow(Model):
    """A row that all places share. The whole list of these tables stands in `walls.GLOBAL_TABLES`."""

    walls: ClassVar[Walls] = Walls()
    is_shared: ClassVar[bool] = True

    id = fields.UUIDField(primary_key=True, default=uuid4)

    class Meta:
        abstract = True
