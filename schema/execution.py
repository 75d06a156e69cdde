"""How an operation runs: read, judged, paid for, then run inside what is put around it, and told with coded
errors only.

The library's own way asks every extension at every stage and builds anew for each request what does not
change; this one does the same steps once each. They are all here, in their order: limits and validation, the
price, the kinds that the transport takes, the transaction and its scope, the executor, the mask over faults
(tests/schema/test_hooks.py).
"""

from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

import strawberry
from graphql import DocumentNode, GraphQLError, OperationDefinitionNode
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from schema.documents import Asked, Documents
from schema.errors import language_of, log_of_errors, public
from schema.reads.executor import Executor


@dataclass(slots=True)
class Running:
    """One operation that runs. `has_errors`: known once it has."""

    text: str
    document: DocumentNode
    operation: OperationDefinitionNode
    operation_name: str | None
    context: Any
    has_errors: bool = False

    @property
    def kind(self) -> OperationType:
        return OperationType(self.operation.operation.value)


Around = Callable[[Running], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def _nothing(running: Running) -> AsyncIterator[None]:
    yield


class ZerenSchema(strawberry.Schema):
    """A schema whose operations run in this way. `around`: what each runs inside of."""

    def __init__(
        self,
        query: type,
        mutation: type | None = None,
        subscription: type | None = None,
        *,
        documents: Documents | None = None,
        around: Around = _nothing,
        types: Iterable[type] = (),
        config: StrawberryConfig | None = None,
    ) -> None:
        super().__init__(
            query, mutation, subscription, types=types, config=config, execution_context_class=Executor
        )
        self.documents = documents or Documents()
        self._around = around

    async def execute(
        self,
        query: str | None,
        variable_values: dict[str, Any] | None = None,
        context_value: Any | None = None,
        root_value: Any | None = None,
        operation_name: str | None = None,
        allowed_operation_types: Iterable[OperationType] | None = None,
        operation_extensions: dict[str, Any] | None = None,
    ) -> ExecutionResult:
        """The answer. Raises InvalidOperationTypeError for a kind that is not among those allowed, and
        CannotGetOperationTypeError for a name that no operation has."""
        asked = Asked(
            self.documents, self._schema, query or "", operation_name, variable_values, context_value
        )
        try:
            asked.read()
            running = _running(asked, set(allowed_operation_types or OperationType))
            if errors := asked.refused():
                return self._told(asked, None, errors)
            async with self._around(running):
                data, errors = await self._run(running, asked)
                running.has_errors = bool(errors)
        except (CannotGetOperationTypeError, InvalidOperationTypeError):
            raise
        except Exception as fault:
            return self._told(asked, None, [_located(fault)])
        return self._told(asked, data, errors)

    async def _run(self, running: Running, asked: Asked) -> tuple[dict[str, Any] | None, list[GraphQLError]]:
        if hasattr(running.context, "plans"):
            running.context.plans = asked.checked.plans
        executor = Executor.build(
            self._schema,
            running.document,
            context_value=running.context,
            raw_variable_values=dict(asked.variables or {}),
            operation_name=running.operation_name,
            is_awaitable=cast(Any, optimized_is_awaitable),
        )
        if isinstance(executor, list):
            return None, executor
        result: Any = executor.execute_operation()
        if executor.is_awaitable(result):
            result = await result
        return result.data, list(result.errors or [])

    def _told(self, asked: Asked, data: dict[str, Any] | None, errors: list[GraphQLError]) -> ExecutionResult:
        """The answer in the language of the request; of a fault nothing but its id."""
        told = [public(error, language_of(asked.asker)) for error in errors]
        if told:
            log_of_errors(told)
        return ExecutionResult(data=data, errors=list(told) or None, extensions=asked.cost)


def _running(asked: Asked, allowed: set[OperationType]) -> Running:
    document, name = asked.checked.document, asked.operation_name
    operations = (node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    found = next((one for one in operations if name in (None, one.name and one.name.value)), None)
    if found is None:
        raise CannotGetOperationTypeError(name)
    running = Running(asked.text, document, found, name, asked.asker)
    if running.kind not in allowed:
        raise InvalidOperationTypeError(running.kind)
    return running


def _located(fault: Exception) -> GraphQLError:
    return fault if isinstance(fault, GraphQLError) else GraphQLError(str(fault), original_error=fault)
