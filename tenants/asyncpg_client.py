"""Tortoise's PostgreSQL backend with the scope built in. Named as the configuration's `engine`.

Three things differ from the stock backend: a transaction begins with the scope's settings in one round
trip, a pool that has no free connection answers in time instead of hanging, and writes by primary key also
name the place.
"""

import asyncio
from collections.abc import Iterable
from typing import Any

import asyncpg
from pypika_tortoise.terms import Parameter
from tortoise import Model
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.asyncpg.executor import AsyncpgExecutor
from tortoise.backends.base.client import (
    ConnectionWrapper,
    NestedTransactionContext,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.backends.base_postgres.client import translate_exceptions
from tortoise.connection import get_connections
from tortoise.exceptions import DBConnectionError, TransactionManagementError
from tortoise.expressions import Expression

from tenants import scope

TENANT = "tenant_id"
POOL_ACQUIRE_SECONDS = 3.0


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


class ScopedTransactionContext(TransactionContextPooled):
    """Waits a bounded time for a connection: without it three transactions that each want one more hang
    for ever."""

    async def __aenter__(self) -> Any:
        await self.ensure_connection()
        pool: asyncpg.Pool = self.client._parent._pool
        try:
            self.client._connection = await pool.acquire(timeout=POOL_ACQUIRE_SECONDS)
        except TimeoutError as error:
            raise DBConnectionError("no database connection is free") from error
        try:
            await self.client.begin()
        except BaseException:
            await pool.release(self.client._connection)
            raise
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client


class Counting(AsyncpgDBClient):
    @translate_exceptions
    async def execute_counted(self, sql: str, values: list[Any]) -> int:
        """How many rows a statement touched. The stock client counts those of UPDATE and DELETE only, and
        none if the text begins with a line break."""
        async with self.acquire_connection() as connection:
            answer: str = await connection.execute(sql, *values)
        return int(answer.rpartition(" ")[2])


class InTurn(ConnectionWrapper[asyncpg.Connection]):
    """A transaction's connection for one statement, once the scope of that statement is in force on it."""

    client: "ScopedTransaction"

    async def __aenter__(self) -> asyncpg.Connection:
        while True:
            await self.client.turn_of(scope.in_force())
            connection = await super().__aenter__()
            if self.client.is_turn_of(scope.in_force()):
                return connection
            self._lock.release()


class ScopedTransaction(TransactionWrapper, Counting):
    """A transaction whose first round trip carries the scope; savepoints are plain SQL for the same
    reason.

    Fields of one selection are resolved side by side. While one of them has narrowed the scope, the
    statements of the others wait: the settings of the connection would answer them for the wrong places."""

    _depth = 0

    def __init__(self, connection: AsyncpgDBClient) -> None:
        super().__init__(connection)
        self._scopes = [scope.in_force()]
        self._changed = asyncio.Event()

    def acquire_connection(self) -> ConnectionWrapper[asyncpg.Connection]:
        return InTurn(self._lock, self)

    def is_turn_of(self, asking: scope.Scope | None) -> bool:
        return self._scopes[-1] is asking

    async def turn_of(self, asking: scope.Scope | None) -> None:
        """Wait until no narrower scope is open. Raises NoScope for a scope that has closed."""
        while not self.is_turn_of(asking):
            if not any(open_one is asking for open_one in self._scopes):
                raise scope.NoScope("the scope of this statement has closed")
            await self._changed.wait()

    def narrow_to(self, inner: scope.Scope) -> None:
        """Let only the statements of this scope through, until `widen`."""
        self._scopes.append(inner)

    def widen(self) -> None:
        self._scopes.pop()
        self._changed.set()
        self._changed = asyncio.Event()

    def _in_transaction(self) -> TransactionContext:
        nested = ScopedTransaction(self)
        nested._depth = self._depth + 1
        nested._lock = self._lock
        return NestedTransactionContext(nested)

    @translate_exceptions
    async def begin(self) -> None:
        settings = (scope.in_force() or scope.Scope()).as_settings()
        await self._connection.execute(f"BEGIN; {settings}")

    async def commit(self) -> None:
        self._finalize()
        if await self._run("COMMIT") != "COMMIT":
            # PostgreSQL answers COMMIT of a broken transaction with a quiet ROLLBACK.
            raise TransactionManagementError("the transaction was rolled back")

    async def rollback(self) -> None:
        self._finalize()
        if not self._connection.is_closed():
            await self._run("ROLLBACK")

    async def savepoint(self) -> None:
        await self._run(f"SAVEPOINT s{self._depth}")

    async def release_savepoint(self) -> None:
        self._finalize()
        await self._run(f"RELEASE SAVEPOINT s{self._depth}")

    async def savepoint_rollback(self) -> None:
        # ROLLBACK TO keeps the savepoint. Left behind, it would shadow an outer one of the same name.
        self._finalize()
        await self._run(f"ROLLBACK TO SAVEPOINT s{self._depth}")
        await self._run(f"RELEASE SAVEPOINT s{self._depth}")

    def _finalize(self) -> None:
        if self._finalized:
            raise TransactionManagementError("Transaction already finalised")
        self._finalized = True

    @translate_exceptions
    async def _run(self, statement: str) -> str:
        answer: str = await self._connection.execute(statement)
        return answer


class ScopedClient(Counting):
    executor_class = ScopedExecutor

    def _in_transaction(self) -> TransactionContext:
        return ScopedTransactionContext(ScopedTransaction(self), self._pool_init_lock)


ScopedTransaction.executor_class = ScopedExecutor
client_class = ScopedClient
