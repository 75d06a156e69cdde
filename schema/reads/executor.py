"""The executor that reads what resolvers only name, and passes through what the database has built."""

from asyncio import CancelledError, ensure_future, gather, shield
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, Protocol, cast

import orjson
from graphql import (
    FieldNode,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLResolveInfo,
    get_named_type,
)
from graphql.execution.collect_fields import FieldDetailsList
from graphql.pyutils import Path
from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from policies.access import Access
from policies.reach import Viewer
from schema.reads.asked import Nodes, Read
from schema.reads.compiler import Compiler
from schema.reads.declared import item_of, mapped, origin_of
from schema.reads.finishing import Finishing
from schema.reads.plans import Key, Plans, variables_in
from schema.reads.statements import Statement
from tenants import reads


class Json:
    """A part of an answer that is JSON already. No dataclass: orjson would write that as an object."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Json) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)


class Reader(Protocol):
    """The context of an operation, as far as it reads."""

    plans: Plans
    compiles: bool

    @property
    def viewer(self) -> Viewer: ...
    @property
    def access(self) -> Access: ...


class Executor(StrawberryGraphQLCoreExecutionContext):
    """A field that failed gives up none beside it: the library would, in the middle of a statement, which
    breaks the transaction of all, and of a row that others wait for, too. What has begun is settled before
    the operation ends, so nothing asks when its transaction has."""

    def execute_operation(self, serially: bool | None = None) -> Any:
        result = super().execute_operation(serially)
        under_way = self.is_awaitable(result) or self.background_futures
        return self._settled(result) if under_way else result

    async def _settled(self, result: Any) -> Any:
        try:
            return await result if self.is_awaitable(result) else result
        except CancelledError:
            for future in self.background_futures:
                future.cancel()
            raise
        finally:
            while self.background_futures:
                await gather(*self.background_futures, return_exceptions=True)

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        details: FieldDetailsList,
        path: Path,
        position: Any,
    ) -> Any:
        result = super().execute_field(parent_type, source, details, path, position)
        if not self.is_awaitable(result) or (path.prev is None and self._has_one_field):
            return result
        return self._kept(result)

    @property
    def _has_one_field(self) -> bool:
        """Whether nothing stands beside the root field."""
        selected = self.operation.selection_set.selections
        return len(selected) == 1 and isinstance(selected[0], FieldNode)

    def _kept(self, result: Awaitable[Any]) -> Awaitable[Any]:
        future = ensure_future(result)
        self.background_futures.add(future)
        future.add_done_callback(self.background_futures.discard)
        return shield(future)

    def complete_value(
        self,
        return_type: GraphQLOutputType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Any,
        position_context: Any,
    ) -> Any:
        if isinstance(result, Read | Nodes):
            return _Question(self, return_type, field_details_list, info, path).answer(result)
        return super().complete_value(return_type, field_details_list, info, path, result, position_context)


@dataclass(frozen=True, slots=True)
class _Question:
    """One field whose resolver named rows to be read, and where in the operation it stands."""

    executor: Executor
    return_type: GraphQLOutputType
    details: FieldDetailsList
    info: GraphQLResolveInfo[Any]
    path: Path

    @property
    def context(self) -> Reader:
        return cast(Reader, self.executor.context_value)

    async def answer(self, wanted: Read | Nodes) -> Any:
        if isinstance(wanted, Nodes):
            found = {read.rows_shown_by(None): await self._by_ids(read) for read in wanted.of}
            return [found.get(name, {}).get(row_id) for name, row_id in wanted.order]
        kind = get_named_type(self.return_type)
        if self._is_compiled(wanted, kind):
            text, statement = await self._read(wanted, kind)
            return await self._finished(text, statement)
        return await self._completed(await wanted.ordinary(origin_of(item_of(kind))), self.return_type)

    async def _by_ids(self, read: Any) -> dict[str, Any]:
        """The objects, completed, by the ids of their rows."""
        kind = get_named_type(self.return_type)
        if self._is_compiled(read, kind):
            text, statement = await self._read(read, kind)
            found: dict[str, Any] = await self._finished(text, statement, as_json=False)
            return found
        rows, shown = await read.ordinary(None), cast(GraphQLOutputType, kind)
        return {row_id: await self._completed(row, shown) for row_id, row in rows.items()}

    def _is_compiled(self, read: Read, kind: GraphQLNamedType) -> bool:
        shown = self.executor.schema.get_type(read.rows_shown_by(item_of(kind)))
        return self.context.compiles and shown is not None and mapped(shown) is not None

    async def _read(self, read: Read, kind: GraphQLNamedType) -> tuple[str | None, Statement]:
        plans, who = self.context.plans, (self.context.viewer, self.context.access)
        asked = read.asked

        def compiled() -> Statement:
            compiler = Compiler(self.executor, *who, read.listing.whose)
            sql, spot = read.compiled(compiler, kind, self.details)
            return compiler.statement(sql, len(asked.values), spot)

        statement, values = plans.statement(self._key(read), asked, who, compiled)
        async with read.listing.standing():
            return await reads.value_of(statement.sql, values, statement.whose), statement

    def _key(self, read: Read) -> Key:
        """Everything that changes the statement, but for how its conditions look."""
        place = (self.executor.operation.name, *(key for key in self.path.as_list() if isinstance(key, str)))
        plans, given = self.context.plans, self.executor.variable_values.coerced
        if place not in plans.variables:
            selections = [one.node.selection_set for one in self.details]
            plans.variables[place] = variables_in(selections, self.executor.fragment_definitions)
        named = tuple(repr(given.get(name, ...)) for name in plans.variables[place])
        return (place, (read.form, read.listing.whose), named)

    async def _finished(self, text: str | None, statement: Statement, *, as_json: bool = True) -> Any:
        if text is None or (as_json and statement.spot is None):
            return Json(text) if text is not None else None
        answer = orjson.loads(text)
        if statement.spot is None:
            return answer
        return await Finishing(self.executor).finish(answer, statement.spot, self.path)

    async def _completed(self, value: Any, return_type: GraphQLOutputType) -> Any:
        """The value as the library completes it."""
        stock = StrawberryGraphQLCoreExecutionContext.complete_value
        completed = stock(self.executor, return_type, self.details, self.info, self.path, value, None)
        return await completed if self.executor.is_awaitable(completed) else completed
