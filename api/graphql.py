"""GraphQL over HTTP: what may come in, and how it is answered."""

from contextlib import ExitStack
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from graphql import GraphQLError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from strawberry.http.parse_content_type import parse_content_type

from api import graphiql, json
from api.event_streams import event_stream
from api.lines import Lines, address_of
from api.operations import QUERIES, Asked, ContextFactory, Operations
from api.replies import EVENT_STREAM, JSON, accepted, accepted_by_get, answered, refused
from schema.context import Context
from schema.errors import ErrorCode, Language, PublicError, public


@dataclass(frozen=True, slots=True)
class GraphQLView:
    """One operation per request, answered in the client's language and media type: any operation by POST, a
    query also by GET unless that is switched off.

    `context_factory` makes the context of one operation; a PublicError that it raises is the answer."""

    operations: Operations
    context_factory: ContextFactory
    lines: Lines = field(default_factory=Lines)
    graphiql: bool = False
    queries_by_get: bool = True

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._respond(Heard(scope, receive))
        await response(scope, receive, send)

    async def _respond(self, request: "Heard") -> ASGIApp:
        language = _language(request.said(b"accept-language"))
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

    async def _answer(self, request: "Heard", language: Language) -> ASGIApp:
        if self.graphiql and graphiql.is_wanted(request):
            return graphiql.page()
        if request.method == "GET" and self.queries_by_get:
            return await self._answer_get(request, language)
        if request.method != "POST":
            also = self.graphiql or self.queries_by_get
            raise PublicError(ErrorCode.METHOD_NOT_ALLOWED, allowed="GET, POST" if also else "POST")
        media_type = accepted(request.said(b"accept"))
        asked = Asked.in_(await _posted(request))
        if media_type == EVENT_STREAM:
            return self._watch(asked, request, language)
        context = self._context(request, language)
        return answered(await self.operations.answer(asked, context), media_type, language)

    async def _answer_get(self, request: "Heard", language: Language) -> Response:
        media_type = accepted_by_get(request.said(b"accept"))
        asked = Asked.in_(_in_address(request))
        context = self._context(request, language)
        return answered(await self.operations.answer(asked, context, QUERIES), media_type, language)

    def _watch(self, asked: Asked, request: "Heard", language: Language) -> ASGIApp:
        """A line is held until the client has heard everything or hangs up."""
        with ExitStack() as held:
            held.enter_context(self.lines.from_(address_of(request)))
            if claims := self._context(request, language).claims:
                held.enter_context(self.lines.of_account(claims.account_id))
            answers = self.operations.answers(asked, lambda: self._context(request, language))
            return _Holding(event_stream(answers, language), held.pop_all())

    def _context(self, request: "Heard", language: Language) -> Context:
        return self.context_factory(request, request.said(b"authorization"), language)


class Heard(Request):
    """A request whose head is looked up, where the library searches it for each name."""

    def __init__(self, scope: Scope, receive: Receive) -> None:
        super().__init__(scope, receive)
        # Where a name stands twice, the first counts, as it does for the library.
        self._head: dict[bytes, bytes] = {name: value for name, value in reversed(scope["headers"])}

    def said(self, name: bytes) -> str | None:
        value = self._head.get(name)
        return value.decode("latin-1") if value is not None else None

    async def body(self) -> bytes:
        """The whole of it. Raises ClientDisconnect."""
        parts, more = [], True
        while more:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                raise ClientDisconnect
            parts.append(message.get("body", b""))
            more = message.get("more_body", False)
        return b"".join(parts)


@dataclass(frozen=True, slots=True)
class _Holding:
    """An answer for as long as which something is held."""

    answer: ASGIApp
    held: ExitStack

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self.held:
            await self.answer(scope, receive, send)


_language = lru_cache(maxsize=256)(Language.of)


async def _posted(request: Heard) -> dict[str, Any]:
    """The body as it came. Raises PublicError for one that is none (GraphQL over HTTP 5.4)."""
    if not _is_json(request.said(b"content-type")):
        raise PublicError(ErrorCode.UNSUPPORTED_MEDIA_TYPE)
    value = _read(await request.body(), "JSON")
    if not isinstance(value, dict):
        raise PublicError(ErrorCode.BAD_REQUEST, part="JSON object")
    return value


def _in_address(request: Request) -> dict[str, Any]:
    """The parameters of a GET, those that are JSON read (GraphQL over HTTP 5.3)."""
    parts: dict[str, Any] = dict(request.query_params)
    for part in ("variables", "extensions"):
        if part in parts:
            parts[part] = _read(parts[part] or "null", part)
    return parts


def _read(text: bytes | str, part: str) -> object:
    try:
        return json.read(text)
    except ValueError:
        raise PublicError(ErrorCode.BAD_REQUEST, part=part) from None


@lru_cache(maxsize=256)
def _is_json(content_type: str | None) -> bool:
    media_type, parameters = parse_content_type(content_type or "")
    return media_type.lower() == JSON and parameters.get("charset", "utf-8").lower() == "utf-8"
