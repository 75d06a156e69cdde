"""Operations, whichever way they are asked: what was asked, one answer to it, or one answer after another.

Every transport asks here, so this is the one place where an operation of any of them begins and ends.
"""

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from starlette.requests import HTTPConnection
from strawberry.schema import BaseSchema
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from api.trusted import TrustedDocuments, asked_id
from schema.charges import REFUSED_DOCUMENT
from schema.context import Context
from schema.errors import ErrorCode, Language, PublicError, language_of

PAUSE_AFTER_REFUSAL_SECONDS = 0.025
QUERIES = frozenset({OperationType.QUERY})
ONE_ANSWER = frozenset({OperationType.QUERY, OperationType.MUTATION})
EVERY_KIND = frozenset(OperationType)

# The context of an operation: of a connection, with the authorization it gave, in the language it wants.
ContextFactory = Callable[[HTTPConnection, str | None, Language], Context]


@dataclass(frozen=True, slots=True)
class Asked:
    """One operation and what it needs: its text, or the id of a trusted one."""

    query: str | None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None
    document_id: str | None = None

    @classmethod
    def in_(cls, parts: Mapping[str, Any]) -> "Asked":
        """The operation that a client sent. Raises PublicError where a part is missing or malformed."""
        query, operation_name = parts.get("query"), parts.get("operationName")
        document_id = asked_id(parts)
        is_text = isinstance(query, str) and bool(query.strip())
        if not is_text and (query is not None or document_id is None):
            raise PublicError(ErrorCode.BAD_REQUEST, part="query")
        if not isinstance(operation_name, str | None):
            raise PublicError(ErrorCode.BAD_REQUEST, part="operationName")
        extensions = _map(parts, "extensions")
        return cls(query, _map(parts, "variables"), operation_name, extensions, document_id)


def _map(parts: Mapping[str, Any], part: str) -> dict[str, Any] | None:
    value = parts.get(part)
    if value is None or isinstance(value, dict):
        return value
    raise PublicError(ErrorCode.BAD_REQUEST, part=part)


@dataclass(frozen=True, slots=True)
class Operations:
    """Runs operations of one schema, each before its deadline; a deadline cancels the operation, so that
    whatever transaction it opened is rolled back.

    A subscription is a query that is asked again every `interval_seconds` for `life_seconds`; each time it is
    an operation of its own, in a context and a transaction of its own, and nothing is held in between. Only
    `turns` are asked again at a time: where there are many they come later, and who asks now goes first."""

    schema: BaseSchema
    deadline_seconds: float
    trusted: TrustedDocuments = field(default_factory=TrustedDocuments, kw_only=True)
    interval_seconds: float = 2
    life_seconds: float = 900
    turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(2))

    async def answer(
        self, asked: Asked, context: object, kinds: Collection[OperationType] = ONE_ANSWER
    ) -> ExecutionResult:
        result = await self._executed(asked, context, kinds)
        if was_not_begun(result):
            # Refusing costs milliseconds of the one event loop; a client that only sends such documents waits
            # here, where it costs nothing, and others are served meanwhile.
            await asyncio.sleep(PAUSE_AFTER_REFUSAL_SECONDS)
        return result

    async def answers(
        self, asked: Asked, context_of_now: Callable[[], Context]
    ) -> AsyncGenerator[tuple[Context, ExecutionResult]]:
        """The answer; to a subscription the answer at once, and again whenever it has changed.

        The last one is the one with errors, the one whose context `is_last`, or the one that stands when the
        caller's token or the subscription's life runs out. A fault that may pass by itself is passed over,
        but not at the beginning."""
        until = time.monotonic() + self.life_seconds
        context = context_of_now()
        was_signed_in = context.claims is not None
        told = await self.answer(asked, context, EVERY_KIND)
        yield context, told
        goes_on = context.is_subscription and not told.errors
        while goes_on and not context.is_last and time.monotonic() < until:
            await asyncio.sleep(self.interval_seconds)
            context = context_of_now()
            if was_signed_in and context.claims is None:
                return
            async with self.turns:
                result = await self.answer(asked, context, EVERY_KIND)
            if not _may_pass(result) and (result.errors or result.data != told.data):
                yield context, (told := result)
                goes_on = not result.errors

    async def _executed(
        self, asked: Asked, context: object, kinds: Collection[OperationType]
    ) -> ExecutionResult:
        try:
            async with asyncio.timeout(self.deadline_seconds):
                return await self.schema.execute(
                    self._text(asked, context),
                    variable_values=asked.variables,
                    context_value=context,
                    operation_name=asked.operation_name,
                    allowed_operation_types=kinds,
                    operation_extensions=asked.extensions,
                )
        except TimeoutError:
            code = ErrorCode.TIMEOUT
        except PublicError as refusal:
            told = refusal.told(language_of(context), refusal)
            return ExecutionResult(data=None, errors=[told])
        except InvalidOperationTypeError:
            if kinds == QUERIES:
                raise PublicError(ErrorCode.METHOD_NOT_ALLOWED, allowed="POST") from None
            code = ErrorCode.OPERATION_RESOLUTION_FAILURE
        except CannotGetOperationTypeError:
            code = ErrorCode.OPERATION_RESOLUTION_FAILURE
        return ExecutionResult(data=None, errors=[PublicError(code, language=language_of(context))])

    def _text(self, asked: Asked, context: object) -> str:
        """The text of the document. Raises PublicError where there is none or it may not run; its asker pays
        for that as for any other refused document."""
        try:
            return self.trusted.text(asked.query, asked.document_id)
        except PublicError:
            if ledger := getattr(context, "ledger", None):
                ledger.admit(context)
                ledger.punish(context, REFUSED_DOCUMENT)
            raise


def was_not_begun(result: ExecutionResult) -> bool:
    """Refused as a document: by a limit, the parser or validation."""
    return result.data is None and any(error.path is None for error in result.errors or [])


def _may_pass(result: ExecutionResult) -> bool:
    errors = result.errors or []
    return bool(errors) and all((error.extensions or {}).get("retriable") for error in errors)
