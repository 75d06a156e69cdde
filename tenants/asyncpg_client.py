"""Tortoise's PostgreSQL backend with the scope built in. Named as the configuration's `engine`.

What differs from the stock backend: every statement stands in a transaction that began with its scope
(`transactions.py`), and writes by primary key also name the place.
"""

from collections.abc import Iterable
from typing import Any, NoReturn

from pypika_tortoise.terms import Parameter
from tortoise import Model
from tortoise.backends.asyncpg.executor import AsyncpgExecutor
from tortoise.backends.base.client import TransactionContext
from tortoise.expressions import Expression

from tenants import scope
from tenants.transactions import Counting, ScopedTransaction, ScopedTransactionContext, Timeouts

TENANT = "tenant_id"


def is_tenant_model(model: type[Model] | Model) -> bool:
    return TENANT in model._meta.db_fields


class ScopedExecutor(AsyncpgExecutor):
    """Stamps created rows with the place in force; updates and deletes only that place's rows.

    `tenant_id` is never written by an UPDATE: a row does not change its county, and a sharded table
    refuses it."""

    async def execute_insert(self, instance: Model) -> None:
        if is_tenant_model(instance):
            stamp(instance)
        await super().execute_insert(instance)

    async def execute_update(self, instance: type[Model] | Model, update_fields: Iterable[str] | None) -> int:
        if not is_tenant_model(instance):
            return await super().execute_update(instance, update_fields)
        fields = [f for f in update_fields or self.model._meta.fields_db_projection if f != TENANT]
        written = [f for f in fields if not self.model._meta.fields_map[f].pk]
        sql, values = self._update_of_one(instance, written)
        return _exactly_one(await self.db.execute_query(sql, values), self.model)

    async def execute_delete(self, instance: type[Model] | Model) -> int:
        if not is_tenant_model(instance):
            return await super().execute_delete(instance)
        table = self.model._meta.basetable
        query = self.db.query_class.from_(table).where(self._is_this_row(1)).delete()
        values = [scope.writer(), instance.pk]
        return _exactly_one(await self.db.execute_query(query.get_sql(), values), self.model)

    def _update_of_one(self, instance: type[Model] | Model, fields: list[str]) -> tuple[str, list[Any]]:
        query = self.db.query_class.update(self.model._meta.basetable)
        values: list[Any] = []
        for name in fields:
            value = getattr(instance, name)
            if isinstance(value, Expression):
                raise scope.ScopeError("an expression is written by a queryset's update(), not by save()")
            field = self.model._meta.fields_map[name]
            values.append(field.to_db_value(value, instance))
            column = self.model._meta.fields_db_projection[name]
            query = query.set(column, Parameter(idx=len(values)))
        query = query.where(self._is_this_row(len(values) + 1))
        return query.get_sql(), [*values, scope.writer(), instance.pk]

    def _is_this_row(self, first: int) -> Any:
        table = self.model._meta.basetable
        return (table[TENANT] == Parameter(idx=first)) & (
            table[self.model._meta.db_pk_column] == Parameter(idx=first + 1)
        )


def stamp(instance: Model) -> None:
    """Give a new row the place in force, or refuse one that names another."""
    place = scope.writer()
    given = getattr(instance, TENANT, None)
    if given is not None and given != place:
        raise scope.CrossPlaceError(f"{type(instance).__name__} names another place than the scope in force")
    setattr(instance, TENANT, place)


def _exactly_one(answer: tuple[int, Any], model: type[Model]) -> int:
    if answer[0] != 1:
        raise scope.CrossPlaceError(f"no such {model.__name__} in the place in force")
    return answer[0]


class ScopedClient(Counting):
    """The pool. It answers nothing itself: every statement stands in a transaction, in a scope."""

    executor_class = ScopedExecutor

    def __init__(self, *args: Any, timeouts: Timeouts | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.timeouts = timeouts or Timeouts()

    def acquire_connection(self) -> NoReturn:
        raise scope.NoScope("no scope is open: wrap the operation in scope.open()")

    def _in_transaction(self) -> TransactionContext:
        return ScopedTransactionContext(ScopedTransaction(self), self._pool_init_lock)


ScopedTransaction.executor_class = ScopedExecutor
client_class = ScopedClient
