"""One transaction for one scope: how it begins, how it ends, and who may speak in it.

It begins with the scope's settings and the timeouts in one round trip. Nothing is set for longer than a
transaction, and nothing is asked outside of one: a pooler that lends its connections by the transaction may
stand before the database (docs/decisions/0022).
"""

from asyncio import Event, get_running_loop, timeout
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import ContextVar, Token
from dataclasses import dataclass
from functools import wraps
from typing import Any, ParamSpec, TypeVar, cast

from asyncpg import PostgresError
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    ConnectionWrapper,
    NestedTransactionContext,
    TransactionContext,
    TransactionContextPooled,
)
from tortoise.connection import get_connections
from tortoise.exceptions import DBConnectionError, TransactionManagementError

from tenants import scope

P = ParamSpec("P")
T = TypeVar("T")

GONE = "the database has closed the connection"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long an operation waits: for a connection, for a row that another holds, for one statement."""

    acquire_seconds: float = 3
    lock_seconds: float = 2
    statement_seconds: float = 5

    def as_settings(self) -> str:
        """For the transaction alone: as startup parameters, a transaction pooler refuses them."""
        lock, statement = round(self.lock_seconds * 1000), round(self.statement_seconds * 1000)
        return f"SET LOCAL lock_timeout = {lock}; SET LOCAL statement_timeout = {statement}"


class ScopedTransactionContext(TransactionContextPooled):
    """Waits a bounded time for a connection, and for a pooler's connection behind it: without it three
    transactions that each want one more hang for ever."""

    client: "ScopedTransaction"

    async def __aenter__(self) -> Any:
        if self.client._parent._pool is None:
            await self.ensure_connection()
        self._pool = cast(Any, self.client._parent._pool)
        try:
            async with timeout(self.client.timeouts.acquire_seconds):
                self.client._connection = await self._pool.acquire()
                await self._begin()
        except TimeoutError as error:
            raise DBConnectionError("no database connection is free") from error
        self.token = get_connections().set(self.connection_name, self.client)
        return self.client

    async def _begin(self) -> None:
        try:
            await self.client.begin()
        except scope.PremiseFailed:
            await self._pool.release(self.client._connection)
            raise
        except BaseException:
            if not self.client.is_gone:
                # It may still stand in a pooler's queue: to give it back would be to wait for its turn.
                self.client._connection.terminate()
            await self._pool.release(self.client._connection)
            raise

    async def __aexit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        try:
            if not self.client._finalized:
                await (self.client.rollback() if kind else self.client.commit())
        finally:
            get_connections().reset(self.token)
            await self._pool.release(self.client._connection)


class SavepointContext(NestedTransactionContext):
    """Marks what runs in it as being inside, for the transaction answers nobody else meanwhile."""

    client: "ScopedTransaction"
    token: Token[Any]

    async def __aenter__(self) -> Any:
        await self.client.savepoint()
        self.token = _inside.set(self.client)
        return self.client

    async def __aexit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        try:
            if not self.client._finalized:
                await (self.client.savepoint_rollback() if kind else self.client.release_savepoint())
        finally:
            _inside.reset(self.token)


class InTurn(ConnectionWrapper[Any]):
    """The transaction's connection for one statement, once the transaction is where the statement stands.

    Fields of one selection are resolved side by side. While one of them is in an inner scope or savepoint,
    the statements of the others wait: they would be answered for the wrong places, or undone with what is
    not theirs."""

    client: "ScopedTransaction"

    async def __aenter__(self) -> Any:
        if get_running_loop() is not self.client.loop_of_its_own:
            raise scope.ScopeError("a transaction is spoken to in the thread that began it")
        whole, here = self.client.whole, _inside.get()
        while True:
            await whole.turn_of(here)
            connection = await super().__aenter__()
            if fault := whole.fault:
                self._lock.release()
                raise fault
            if whole.is_turn_of(here):
                return connection
            self._lock.release()


def translated(ask: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Asks, and tells what the database raises as the library tells it. The library's own decorator is two
    calls more for each question, whether anything is raised or not."""

    @wraps(ask)
    async def asked(*given: P.args, **named: P.kwargs) -> T:
        try:
            return await ask(*given, **named)
        except PostgresError as error:
            client: Any = given[0]
            return cast(T, await client._translate_exceptions(_raised, error))

    return asked


async def _raised(client: Any, error: PostgresError) -> None:
    raise error


class Counting(AsyncpgDBClient):
    @translated
    async def execute_counted(self, sql: str, values: list[Any]) -> int:
        """How many rows a statement touched. The stock client counts those of UPDATE and DELETE only, and
        none if the text begins with a line break."""
        async with self.acquire_connection() as connection:
            answer: str = await connection.execute(sql, *values)
        return int(answer.rpartition(" ")[2])

    @translated
    async def fetch_value(self, sql: str, values: list[Any]) -> Any:
        """The first column of the first row; None where there is no row."""
        async with self.acquire_connection() as connection:
            return await connection.fetchval(sql, *values)


class ScopedTransaction(TransactionWrapper, Counting):
    """A transaction whose first round trip carries the scope; savepoints are plain SQL for the same
    reason.

    `whole`: itself, or the transaction that this savepoint is part of."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self.timeouts: Timeouts = connection.timeouts
        self.loop_of_its_own = get_running_loop()
        self.whole: ScopedTransaction = self
        self._savepoints: list[ScopedTransaction | None] = [None]
        self._changed = Event()
        self._has_ended = False

    @property
    def fault(self) -> Exception | None:
        """Why nothing can be asked any more. A task that outlives the transaction would ask on a connection
        that is being given back."""
        if self._has_ended:
            return scope.NoScope("the transaction of this statement has ended")
        return DBConnectionError(GONE) if self.is_gone else None

    @property
    def is_gone(self) -> bool:
        """Whether the database has closed the connection meanwhile. The driver then takes it out of our
        hands, and answers whatever is asked of it as if that were a fault of ours."""
        return self._connection._con is None or self._connection.is_closed()

    def is_turn_of(self, savepoint: "ScopedTransaction | None") -> bool:
        return self._savepoints[-1] is savepoint

    async def turn_of(self, savepoint: "ScopedTransaction | None") -> None:
        """Wait until nothing is open within the savepoint. Raises NoScope for one that has closed."""
        while not self.is_turn_of(savepoint):
            if savepoint not in self._savepoints:
                raise scope.NoScope("the scope of this statement has closed")
            await self._changed.wait()

    def _in_transaction(self) -> TransactionContext:
        inner = ScopedTransaction(self)
        inner.whole, inner._lock = self.whole, self._lock
        return SavepointContext(inner)

    def acquire_connection(self) -> ConnectionWrapper[Any]:
        return InTurn(self._lock, self)

    @translated
    async def begin(self) -> None:
        wanted = scope.in_force() or scope.Scope()
        begin = f"BEGIN; {wanted.as_settings()}; {self.timeouts.as_settings()}"
        if not wanted.premise:
            await self._connection.execute(begin)
            return
        try:
            await self._connection.execute(f"{begin}; {wanted.premise}")
        except PostgresError as error:
            if error.sqlstate != scope.PREMISE_FAILED:
                raise
            await self._connection.execute("ROLLBACK")
            raise scope.PremiseFailed from None

    async def commit(self) -> None:
        if await self._finally("COMMIT") != "COMMIT":
            # PostgreSQL answers COMMIT of a broken transaction with a quiet ROLLBACK.
            raise TransactionManagementError("the transaction was rolled back")

    async def rollback(self) -> None:
        if not self.is_gone:
            await self._finally("ROLLBACK")

    async def savepoint(self) -> None:
        async with self.acquire_connection() as connection:
            self._name = f"s{len(self.whole._savepoints)}"
            await connection.execute(f"SAVEPOINT {self._name}")
            self.whole._savepoints.append(self)

    async def release_savepoint(self) -> None:
        await self._leave(f"RELEASE SAVEPOINT {self._name}")

    async def savepoint_rollback(self) -> None:
        # ROLLBACK TO keeps the savepoint. Left behind, it would shadow a later one of the same name.
        await self._leave(f"ROLLBACK TO SAVEPOINT {self._name}; RELEASE SAVEPOINT {self._name}")

    async def _leave(self, statement: str) -> None:
        """End this savepoint, and with it those within that tasks left open."""
        savepoints = self.whole._savepoints
        if self not in savepoints:
            raise scope.NoScope("the savepoint closed with the one around it")
        try:
            await self._finally(statement)
        finally:
            del savepoints[savepoints.index(self) :]
            self.whole._changed.set()
            self.whole._changed = Event()

    @translated
    async def _finally(self, statement: str) -> str:
        """Run the last statement of a transaction or savepoint, after those of its tasks still under way."""
        if self._finalized:
            raise TransactionManagementError("Transaction already finalised")
        self._finalized = True
        async with self._lock:
            if fault := self.whole.fault:
                raise fault
            try:
                answer: str = await self._connection.execute(statement)
            finally:
                self._has_ended = True
        return answer


_inside: ContextVar[ScopedTransaction | None] = ContextVar("savepoint", default=None)
