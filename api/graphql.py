"""GraphQL over HTTP: what may come in, what goes out, and how long it may take."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry.asgi import GraphQL
from strawberry.http import process_result
from strawberry.http.parse_content_type import parse_content_type
from strawberry.schema import BaseSchema
from strawberry.schema.exceptions import CannotGetOperationTypeError, InvalidOperationTypeError
from strawberry.types import ExecutionResult
from strawberry.types.graphql import OperationType

from api import graphiql, json
from schema.errors import ErrorCode, Language, PublicError, public, weight

JSON = "application/json"
PAUSE_AFTER_REFUSAL_SECONDS = 0.025
GRAPHQL_RESPONSE = "application/graphql-response+json"

_ANSWERS = {
    JSON: JSON,
    GRAPHQL_RESPONSE: GRAPHQL_RESPONSE,
    "application/*": JSON,
    "*/*": JSON,
}
_OPERATIONS = {OperationType.QUERY, OperationType.MUTATION}
_STATUS = {
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.METHOD_NOT_ALLOWED: 405,
    ErrorCode.NOT_ACCEPTABLE: 406,
    ErrorCode.CONTENT_TOO_LARGE: 413,
    ErrorCode.UNSUPPORTED_MEDIA_TYPE: 415,
    ErrorCode.RATE_LIMITED: 429,
    ErrorCode.INTERNAL_SERVER_ERROR: 500,
    ErrorCode.TRANSACTION_CONFLICT: 503,
    ErrorCode.DATABASE_UNAVAILABLE: 503,
    ErrorCode.TIMEOUT: 503,
}


@dataclass(frozen=True, slots=True)
class Posted:
    """The body of a request: one operation and what it needs."""

    query: str
    variables: dict[str, Any] | None
    operation_name: str | None
    extensions: dict[str, Any] | None


class GraphQLView(GraphQL[object, None]):
    """One operation per POST, answered in the client's language and media type before the deadline.

    `context_factory` makes the context of one request; a PublicError that it raises is the answer.
    A deadline cancels the operation, so that whatever transaction it opened is rolled back.
    """

    def __init__(
        self,
        schema: BaseSchema,
        *,
        deadline_seconds: float,
        graphiql: bool,
        context_factory: Callable[[Request], Awaitable[object]],
    ) -> None:
        super().__init__(
            schema,
            graphql_ide="graphiql" if graphiql else None,
            allow_queries_via_get=False,
            subscription_protocols=(),
        )
        self._deadline_seconds = deadline_seconds
        self._context_factory = context_factory

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await super().__call__(scope, receive, send)
        response = await self._respond(Request(scope, receive))
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        language = Language.of(request.headers.get("accept-language"))
        try:
            return await self._answer(request, language)
        except ClientDisconnect:
            return Response(status_code=400)
        except HTTPException as refusal:
            if refusal.status_code != 413:
                raise
            return self._refuse(PublicError(ErrorCode.CONTENT_TOO_LARGE, language=language), language)
        except Exception as error:
            return self._refuse(public(GraphQLError("", original_error=error), language), language)

    async def _answer(self, request: Request, language: Language) -> Response:
        if self.graphql_ide and graphiql.is_wanted(request):
            return graphiql.page()
        if request.method != "POST":
            raise PublicError(ErrorCode.METHOD_NOT_ALLOWED)
        media_type = accepted(request.headers.get("accept"))
        asked = await _asked(request)
        context = await self._context_factory(request)
        result = await self._execute(asked, context, language)
        if _was_not_begun(result):
            # Refusing costs milliseconds of the one event loop; a client that only sends such documents waits
            # here, where it costs nothing, and others are served meanwhile.
            await asyncio.sleep(PAUSE_AFTER_REFUSAL_SECONDS)
        return _answered(result, media_type, language)

    async def _execute(self, asked: Posted, context: object, language: Language) -> ExecutionResult:
        try:
            async with asyncio.timeout(self._deadline_seconds):
                return await self.schema.execute(
                    asked.query,
                    variable_values=asked.variables,
                    context_value=context,
                    operation_name=asked.operation_name,
                    allowed_operation_types=_OPERATIONS,
                    operation_extensions=asked.extensions,
                )
        except TimeoutError:
            code = ErrorCode.TIMEOUT
        except (CannotGetOperationTypeError, InvalidOperationTypeError):
            code = ErrorCode.OPERATION_RESOLUTION_FAILURE
        return ExecutionResult(data=None, errors=[PublicError(code, language=language)])

    def _refuse(self, error: PublicError, language: Language) -> Response:
        """The answer to a request that never became a GraphQL operation."""
        response = _sent({"errors": [error.formatted]}, JSON, language, _status(error))
        if error.code is ErrorCode.UNAUTHENTICATED:
            response.headers["WWW-Authenticate"] = "Bearer"
        if error.code is ErrorCode.METHOD_NOT_ALLOWED:
            response.headers["Allow"] = "GET, POST" if self.graphql_ide else "POST"
        return response


async def _asked(request: Request) -> Posted:
    """The operation in the body. Raises PublicError for a body that is none (GraphQL over HTTP 5.4)."""
    if not _is_json(request.headers.get("content-type")):
        raise PublicError(ErrorCode.UNSUPPORTED_MEDIA_TYPE)
    body = _read(await request.body())
    query, operation_name = body.get("query"), body.get("operationName")
    if not isinstance(query, str) or not query.strip():
        raise PublicError(ErrorCode.BAD_REQUEST, part="query")
    if not isinstance(operation_name, str | None):
        raise PublicError(ErrorCode.BAD_REQUEST, part="operationName")
    return Posted(query, _map(body, "variables"), operation_name, _map(body, "extensions"))


def _is_json(content_type: str | None) -> bool:
    media_type, parameters = parse_content_type(content_type or "")
    return media_type.lower() == JSON and parameters.get("charset", "utf-8").lower() == "utf-8"


def _read(body: bytes) -> dict[str, Any]:
    try:
        value = json.read(body)
    except ValueError:
        raise PublicError(ErrorCode.BAD_REQUEST, part="JSON") from None
    if not isinstance(value, dict):
        raise PublicError(ErrorCode.BAD_REQUEST, part="JSON object")
    return value


def _map(body: dict[str, Any], part: str) -> dict[str, Any] | None:
    value = body.get(part)
    if value is None or isinstance(value, dict):
        return value
    raise PublicError(ErrorCode.BAD_REQUEST, part=part)


def accepted(accept: str | None) -> str:
    """The media type to answer in, by the client's weights and then by its order (RFC 9110 12.5.1)."""
    ranges = [parse_content_type(part.lower()) for part in (accept or "*/*").split(",")]
    for media_range, parameters in sorted(ranges, key=lambda choice: -weight(choice[1].get("q", ""))):
        if media_range in _ANSWERS and weight(parameters.get("q", "")) > 0:
            return _ANSWERS[media_range]
    raise PublicError(ErrorCode.NOT_ACCEPTABLE, offered=f"{GRAPHQL_RESPONSE}, {JSON}")


def _was_not_begun(result: ExecutionResult) -> bool:
    """Refused as a document: by a limit, the parser or validation."""
    return result.data is None and any(error.path is None for error in result.errors or [])


def _answered(result: ExecutionResult, media_type: str, language: Language) -> Response:
    """The answer to an operation; one that was not begun has no `data` (GraphQL over HTTP 6.4)."""
    answer = process_result(result)
    errors = result.errors or []
    if _was_not_begun(result):
        del answer["data"]
    failed = "data" not in answer and media_type == GRAPHQL_RESPONSE
    return _sent(answer, media_type, language, _status(errors[0]) if failed else 200)


def _status(error: GraphQLError) -> int:
    code = (error.extensions or {}).get("code")
    return next((status for named, status in _STATUS.items() if named == code), 400)


def _sent(answer: object, media_type: str, language: Language, status: int) -> Response:
    headers = {
        "Content-Type": f"{media_type}; charset=utf-8",
        "Content-Language": language.value,
        "Vary": "Accept, Accept-Language",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(json.write(answer), status, headers)
