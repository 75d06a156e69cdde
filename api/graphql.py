"""GraphQL over HTTP: what may come in, and how it is answered."""

from typing import Any

from graphql import GraphQLError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from strawberry.http.parse_content_type import parse_content_type

from api import graphiql, json
from api.operations import Asked, ContextFactory, Operations
from api.replies import JSON, accepted, answered, refused
from schema.errors import ErrorCode, Language, PublicError, public


class GraphQLView:
    """One operation per POST, answered in the client's language and media type.

    `context_factory` makes the context of one request; a PublicError that it raises is the answer."""

    def __init__(self, operations: Operations, *, graphiql: bool, context_factory: ContextFactory) -> None:
        self._operations = operations
        self._graphiql = graphiql
        self._context_factory = context_factory

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
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
            return refused(PublicError(ErrorCode.CONTENT_TOO_LARGE, language=language), language)
        except Exception as error:
            return refused(public(GraphQLError("", original_error=error), language), language)

    async def _answer(self, request: Request, language: Language) -> Response:
        if self._graphiql and graphiql.is_wanted(request):
            return graphiql.page()
        if request.method != "POST":
            allowed = "GET, POST" if self._graphiql else "POST"
            raise PublicError(ErrorCode.METHOD_NOT_ALLOWED, allowed=allowed)
        media_type = accepted(request.headers.get("accept"))
        asked = Asked.in_(await _posted(request))
        context = self._context_factory(request, request.headers.get("authorization"), language)
        return answered(await self._operations.answer(asked, context), media_type, language)


async def _posted(request: Request) -> dict[str, Any]:
    """The body as it came. Raises PublicError for one that is none (GraphQL over HTTP 5.4)."""
    if not _is_json(request.headers.get("content-type")):
        raise PublicError(ErrorCode.UNSUPPORTED_MEDIA_TYPE)
    try:
        value = json.read(await request.body())
    except ValueError:
        raise PublicError(ErrorCode.BAD_REQUEST, part="JSON") from None
    if not isinstance(value, dict):
        raise PublicError(ErrorCode.BAD_REQUEST, part="JSON object")
    return value


def _is_json(content_type: str | None) -> bool:
    media_type, parameters = parse_content_type(content_type or "")
    return media_type.lower() == JSON and parameters.get("charset", "utf-8").lower() == "utf-8"
