"""GraphQL over WebSocket: the protocol graphql-transport-ws, and what one connection may do.

A client says who it is in connection_init: `{"authorization": "Bearer …", "acceptLanguage": "en"}`, both
optional. The token is read again for every operation, and who stands behind it is asked in the operation's
own transaction, exactly as over HTTP. The protocol has no second connection_init: a client with a new token
connects again. What a connection is closed with, beside the protocol's own 4400 to 4429:

    4403    the token is not ours or has run out, or its session has ended: connect again with another
    1013    the account or the address holds too many connections: try again later
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, aclosing, suppress
from datetime import timedelta
from typing import Any

from graphql import GraphQLError
from starlette.requests import Request
from starlette.types import Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect, WebSocketState
from strawberry.asgi import ASGIWebSocketAdapter, GraphQL
from strawberry.http.exceptions import WebSocketDisconnected
from strawberry.subscriptions import GRAPHQL_TRANSPORT_WS_PROTOCOL
from strawberry.subscriptions.protocols.graphql_transport_ws.handlers import (
    BaseGraphQLTransportWSHandler,
    Operation,
)
from strawberry.subscriptions.protocols.graphql_transport_ws.types import (
    ConnectionInitMessage,
    Message,
    SubscribeMessage,
)

from api import json
from api.lines import Lines, address_of
from api.operations import (
    PAUSE_AFTER_REFUSAL_SECONDS,
    Asked,
    ContextFactory,
    Operations,
    was_not_begun,
)
from schema.context import Context
from schema.errors import ErrorCode, Language, PublicError, public

SECONDS_PER_MESSAGE = 0.001  # the pace at which one connection is read
LONGEST_MESSAGE_BYTES = 64 * 1024
MOST_OPERATIONS = 20
LONGEST_ID = 64  # bytes: the protocol repeats it in the reason of a close, which holds 123
FORBIDDEN, TRY_AGAIN_LATER = 4403, 1013


class Socket(BaseGraphQLTransportWSHandler[WebSocket, None]):
    """One connection. Strawberry keeps the protocol; what is asked goes the way of every operation."""

    view: "SocketView"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._authorization: str | None = None
        self._language = Language.of(self.context.headers.get("accept-language"))
        self._lines = ExitStack()
        self._not_before = 0.0

    async def handle(self) -> None:
        with self._lines:
            await super().handle()

    async def handle_message(self, message: Message) -> None:
        await self._keep_pace()
        if _is_well_formed(message):
            await super().handle_message(message)
        else:
            await self.handle_invalid_message("Invalid message")

    async def _keep_pace(self) -> None:
        if (wait := self._not_before - asyncio.get_running_loop().time()) > 0:
            await asyncio.sleep(wait)
        self._rest(SECONDS_PER_MESSAGE)

    def _rest(self, seconds: float) -> None:
        """The next message of this connection is read that much later."""
        self._not_before = max(asyncio.get_running_loop().time(), self._not_before) + seconds

    async def handle_connection_init(self, message: ConnectionInitMessage) -> None:
        try:
            if not self.connection_init_received:
                self._introduce(message.get("payload"))
        except PublicError as refusal:
            is_full = refusal.code is ErrorCode.TOO_MANY_LINES
            return await self.websocket.close(TRY_AGAIN_LATER if is_full else FORBIDDEN, refusal.code)
        await super().handle_connection_init(message)

    def _introduce(self, payload: object) -> None:
        """Takes down who is there, and in which language to answer. Raises PublicError for a token that is
        none and for an account with too many connections."""
        if not isinstance(payload, dict):
            return
        self._authorization = _text(payload, "authorization", "Authorization")
        if language := _text(payload, "acceptLanguage"):
            self._language = Language.of(language)
        claims = self._context().claims
        if claims is not None:
            self._lines.enter_context(self.view.lines.of_account(claims.account_id))
        elif self._authorization is not None:
            raise PublicError(ErrorCode.UNAUTHENTICATED)

    def _context(self) -> Context:
        """A new context for an operation that begins now: the token is read again."""
        return self.view.context_factory(self.context, self._authorization, self._language)

    async def handle_subscribe(self, message: SubscribeMessage) -> None:
        id_ = message["id"]
        if not self.connection_acknowledged:
            return await self.websocket.close(4401, "Unauthorized")
        if id_ in self.operations:
            return await self.websocket.close(4409, f"Subscriber for {id_} already exists")
        try:
            asked = Asked.in_(message["payload"])
        except PublicError as malformed:
            return await self.handle_invalid_message(malformed.code)
        if len(self.operations) >= MOST_OPERATIONS:
            return await self.send_message(_refused(id_, self._language))
        operation = Operation(self, id_, asked.query or "", asked.variables, asked.operation_name)
        self.operations[id_] = operation
        operation.task = asyncio.create_task(self._run(operation, asked))

    async def _run(self, operation: Operation[WebSocket, None], asked: Asked) -> None:
        try:
            session_ended = await self._answer(operation, asked)
            await operation.send_operation_message({"id": operation.id, "type": "complete"})
            if session_ended or self._is_spent():
                await self.websocket.close(FORBIDDEN, "Session ended")
        except WebSocketDisconnected:
            pass
        except Exception as error:
            fault = public(GraphQLError("", original_error=error), self._language)
            with suppress(WebSocketDisconnected):
                await operation.send_initial_errors([fault])

    async def _answer(self, operation: Operation[WebSocket, None], asked: Asked) -> bool:
        """Sends every answer; says whether the session was found ended."""
        async with aclosing(self.view.operations.answers(asked, self._context)) as answers:
            async for context, result in answers:
                if was_not_begun(result):
                    self._rest(PAUSE_AFTER_REFUSAL_SECONDS)
                if result.errors and (was_not_begun(result) or context.is_subscription):
                    await operation.send_initial_errors(result.errors)
                else:
                    await operation.send_next(result)
                if context.session_ended:
                    return True
        return False

    def _is_spent(self) -> bool:
        return self._authorization is not None and self._context().claims is None


def _is_well_formed(message: object) -> bool:
    match message:
        case {"type": "connection_init" | "ping" | "pong"}:
            return True
        case {"type": "complete", "id": str()}:
            return True
        case {"type": "subscribe", "id": str(id_), "payload": dict()}:
            return 0 < len(id_.encode()) <= LONGEST_ID
    return False


def _text(payload: dict[str, object], *names: str) -> str | None:
    """The first of these that is given, as a text: what is none is no good token either."""
    return next((str(value) for name in names if (value := payload.get(name)) is not None), None)


def _refused(id_: str, language: Language) -> Message:
    refusal = PublicError(ErrorCode.TOO_MANY_OPERATIONS, language=language, limit=MOST_OPERATIONS)
    return {"id": id_, "type": "error", "payload": [refusal.formatted]}


class _Once(ASGIWebSocketAdapter):
    """Closes once and sends nothing afterwards, whoever of the connection's operations tries."""

    async def send_json(self, message: Mapping[str, object]) -> None:
        if self.ws.application_state is WebSocketState.CONNECTED:
            await super().send_json(message)

    async def close(self, code: int, reason: str) -> None:
        if self.ws.application_state is WebSocketState.CONNECTED:
            with suppress(WebSocketDisconnect):
                await super().close(code, reason)


class SocketView(GraphQL[WebSocket, None]):
    """Takes the connection: from our own pages, from those of `origins`, and from what is no browser."""

    graphql_transport_ws_handler_class = Socket
    websocket_adapter_class = _Once

    def __init__(
        self,
        operations: Operations,
        *,
        lines: Lines,
        origins: Sequence[str],
        init_seconds: float,
        context_factory: ContextFactory,
    ) -> None:
        super().__init__(
            operations.schema,
            subscription_protocols=(GRAPHQL_TRANSPORT_WS_PROTOCOL,),
            connection_init_wait_timeout=timedelta(seconds=init_seconds),
            allowed_origins=origins,
        )
        self.operations = operations
        self.lines = lines
        self.context_factory = context_factory

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        websocket = WebSocket(scope, receive, send)
        try:
            with self.lines.from_(address_of(websocket)):
                await self.run(websocket)
        except PublicError as refusal:
            # A page sees the code of a close, but never the status of a handshake.
            await websocket.accept(await self.pick_websocket_subprotocol(websocket))
            await websocket.close(TRY_AGAIN_LATER, refusal.code)

    async def get_context(self, request: Request | WebSocket, response: object) -> WebSocket:
        assert isinstance(request, WebSocket)
        return request

    def encode_json(self, data: object) -> str:
        return json.write(data).decode()

    def decode_json(self, data: str | bytes) -> object:
        return json.read(data)
