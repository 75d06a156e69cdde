"""The scope: which places the running operation may read, and the one it may write.

Opened once per operation by the door and read by the walls and nobody else. Opening it begins the
transaction, so one operation is one transaction in one scope; a scope opened inside another narrows the
same transaction and gives the outer one back when it closes.

Where a scope reaches is where its context reaches:

- Tasks that the block starts and awaits share it, and its one connection. While one of them is in an inner
  scope or savepoint, the statements of the others wait.
- A task that is to outlive the operation is started outside of it and opens its own scope.
- A generator runs in the context of whoever consumes it, so a scope held around a `yield` is in force there
  too. A subscription waits for its events without a scope and opens one for each item, closed before the
  item goes out. Only what is made to hold a scope for others (`asynccontextmanager`, the door's hook around
  an operation) yields inside one; a test looks for the rest (tests/test_layers.py).

    ScopeError                 a statement without a scope, or across two
    ├── NoScope                nothing is open
    ├── ReadOnlyScope          the scope in force writes nowhere
    └── CrossPlaceError        a row of another place
    PremiseFailed              the transaction was not to begin unless something held, and it does not
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

CONNECTION = "default"
# The SQLSTATE with which a premise says that it does not hold.
PREMISE_FAILED = "ZR001"


class ScopeError(Exception):
    """A statement that the scope in force does not cover. A fault of the program, never of the user."""


class NoScope(ScopeError):
    pass


class ReadOnlyScope(ScopeError):
    pass


class CrossPlaceError(ScopeError):
    pass


class PremiseFailed(Exception):
    """What was to hold when the transaction began does not. Nothing has been done, and no scope is open."""


@dataclass(frozen=True, slots=True)
class Scope:
    """`reads`: ids of the places whose rows may be read. `writes`: the one place that may be written, or
    None. `read_only`: nothing is written, not even to a global table. `premise`: a statement that fails with
    PREMISE_FAILED where the transaction is not to begin; it travels with BEGIN."""

    reads: tuple[UUID, ...] = ()
    writes: UUID | None = None
    read_only: bool = False
    premise: str = ""

    def as_settings(self) -> str:
        """Literal SET LOCAL: it survives a transaction pooler and reaches every shard, set_config() does
        not."""
        return _settings(self.reads, self.writes, self.read_only)


@lru_cache(maxsize=4096)
def _settings(reads: tuple[UUID, ...], writes: UUID | None, read_only: bool) -> str:
    tenants = ",".join(str(UUID(str(place))) for place in reads)
    writer = str(UUID(str(writes))) if writes else ""
    mode = "SET TRANSACTION READ ONLY; " if read_only else ""
    return f"{mode}SET LOCAL app.tenants = '{tenants}'; SET LOCAL app.writer = '{writer}'"


_current: ContextVar[Scope | None] = ContextVar("scope", default=None)
_after_commit: ContextVar[list[Callable[[], None]] | None] = ContextVar("after_commit", default=None)


def current() -> Scope:
    scope = _current.get()
    if scope is None:
        raise NoScope("no scope is open: wrap the operation in scope.open()")
    return scope


def in_force() -> Scope | None:
    return _current.get()


def writer() -> UUID:
    place = current().writes
    if place is None:
        raise ReadOnlyScope("the scope in force writes nowhere")
    return place


def open(
    *,
    reads: Iterable[UUID] = (),
    writes: UUID | None = None,
    read_only: bool = False,
    premise: str = "",
) -> AbstractAsyncContextManager[Scope]:
    """Run the block as one transaction that reads `reads` and writes `writes` (which it also reads).

    With neither, only the global tables are in reach; `read_only` keeps the block from writing those, too.
    Raises what the database raises, and PremiseFailed where the `premise` does not hold (only for a
    transaction of its own); the block's exception rolls back. Inside an open scope it is a savepoint
    of the same transaction instead of another: its exception undoes this block and gives the outer scope
    back."""
    return _Opened(tuple(reads), writes, read_only, premise)


class _Opened(AbstractAsyncContextManager[Scope]):
    """A scope while it is open. Written out, for every operation goes through it."""

    __slots__ = ("_acts", "_outer", "_tokens", "_transaction", "_wanted")

    def __init__(self, *wanted: Any) -> None:
        self._wanted = wanted
        self._acts: list[Callable[[], None]] = []

    async def __aenter__(self) -> Scope:
        self._outer = _current.get()
        scope = _within(self._outer, *self._wanted)
        self._tokens = _current.set(scope), _after_commit.set(self._acts)
        connection: Any = get_connection(CONNECTION)
        self._transaction: Any = connection._in_transaction()
        try:
            await self._transaction.__aenter__()
            if self._outer is not None:
                await self._narrow(scope)
        except BaseException:
            self._give_back()
            raise
        return scope

    async def _narrow(self, scope: Scope) -> None:
        try:
            await execute_script(scope.as_settings())
        except BaseException as fault:
            await self._transaction.__aexit__(type(fault), fault, None)
            raise

    async def __aexit__(self, kind: Any, fault: Any, trace: Any) -> None:
        try:
            if self._outer is not None and kind is None:
                # A savepoint that is released leaves its SET LOCAL standing; one rolled back takes it along.
                await self._narrow(self._outer)
            await self._transaction.__aexit__(kind, fault, trace)
        finally:
            self._give_back()
        for act in self._acts if kind is None else ():
            act() if self._outer is None else after_commit(act)

    def _give_back(self) -> None:
        current, after = self._tokens
        _after_commit.reset(after)
        _current.reset(current)


def _within(
    outer: Scope | None, reads: Sequence[UUID], writes: UUID | None, read_only: bool, premise: str
) -> Scope:
    """The scope that is wanted, inside another or not. Raises ReadOnlyScope."""
    read_only = read_only or (outer is not None and outer.read_only)
    if read_only and writes:
        raise ReadOnlyScope("nothing is written in a transaction that only reads")
    places = dict.fromkeys([*reads, *([writes] if writes else [])])
    return Scope(tuple(places), writes, read_only, premise)


def after_commit(act: Callable[[], None]) -> None:
    """Do this once the transaction is committed, and never if it rolls back, or the savepoint in which it was
    said. For telling others in this process what they may now read; it must not fail."""
    acts = _after_commit.get()
    if acts is None:
        raise NoScope("no scope is open: there is nothing to commit")
    acts.append(act)


async def fetch(sql: str, *values: Any) -> Sequence[dict[str, Any]]:
    """Rows of a hand-written statement, in the scope in force. It names `tenant_id` itself in every
    reference."""
    current()
    # Not execute_query(), which gives no rows back for what begins with INSERT or UPDATE.
    rows: Sequence[dict[str, Any]] = await get_connection(CONNECTION).execute_query_dict(sql, list(values))
    return rows


async def execute(sql: str, *values: Any) -> int:
    """How many rows a hand-written statement touched, in the scope in force."""
    current()
    connection: Any = get_connection(CONNECTION)
    touched: int = await connection.execute_counted(sql, list(values))
    return touched


async def execute_script(sql: str) -> None:
    await get_connection(CONNECTION).execute_script(sql)
