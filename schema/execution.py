"""How an operation runs: read, judged, paid for, then run inside what is put around it, and told with coded
errors only.

The library's own way asks every extension at every stage and builds anew for each request what does not
change; this one does the same steps once each. They are all here, in their order: limits and validation, the
price, the kinds that the transport takes, the transaction and its scope, the executor, the mask over faults
(tests/schema/test_hooks.py).
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, cast

import strawberry
from graphql import GraphQLError
from strawberry.execution import optimized_is_awaitable
from strawberry.schema.config import StrawberryConfig
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from schema.documents import Asked, Documents, Operation
from schema.errors import language_of, log_of_errors, public
from schema.reads.executor import Executor


@dataclass(slots=True)
class Running:
    """One operation that runs. `has_errors`: known once it has."""

    operation: Operation
    context: Any
    has_errors: bool = False


Run = Callable[[], Awaitable[None]]
Around = Callable[[Running, Run], Awaitable[None]]


async def _nothing(running: Running, run: Run) -> None:
    await run()


class ZerenSchema(strawberry.Schema):
    """A schema whose operations run in this way. `around`: what each runs inside of; it runs it once."""

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
        data: dict[str, Any] | None = None
        errors: list[GraphQLError] = []

        async def run() -> None:
            nonlocal data, errors
            data, errors = await self._run(asked)
            running.has_errors = bool(errors)

        try:
            asked.read()
            running = _running(asked, allowed_operation_types)
            if refused := asked.refused():
                return self._told(asked, None, refused)
            await self._around(running, run)
        except (CannotGetOperationTypeError, InvalidOperationTypeError):
            raise
        except Exception as fault:
            return self._told(asked, None, [_located(fault)])
        return self._told(asked, data, errors)

    async def _run(self, asked: Asked) -> tuple[dict[str, Any] | None, list[GraphQLError]]:
        if hasattr(asked.asker, "plans"):
            asked.asker.plans = asked.checked.plans
        executor = Executor.build(
            self._schema,
            asked.checked.document,
            context_value=asked.asker,
            raw_variable_values=dict(asked.variables or {}),
            operation_name=asked.operation_name,
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


def _running(asked: Asked, allowed: Iterable[OperationType] | None) -> Running:
    found = asked.checked.operation(asked.operation_name)
    if found is None:
        raise CannotGetOperationTypeError(asked.operation_name)
    if allowed is not None and found.kind not in allowed:
        raise InvalidOperationTypeError(found.kind)
    return Running(found, asked.asker)


def _located(fault: Exception) -> GraphQLError:
    return fault if isinstance(fault, GraphQLError) else GraphQLError(str(fault), original_error=fault)
