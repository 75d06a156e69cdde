"""Patience with clients, and its end: uvicorn's two protocols, waiting only so long and for only so many.

    the head and body of a request     whole within `seconds`, and a second more for every SLOWEST bytes of it
    the reading of an answer           what is sent leaves within `seconds`, or some of it does
    a connection beyond `connections`  is answered 503; one beyond twice as many is hung up on

uvicorn itself waits for a client for ever, except between two requests.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from api.replies import refused
from schema.errors import ErrorCode, Language, PublicError

SLOWEST = 4096  # bytes in a second; a slow village line sends ten times as many
LONGEST_HEAD = 64 * 1024


@dataclass(frozen=True, slots=True)
class Patience:
    seconds: float = 20
    connections: int = 500

    def protocols(self) -> dict[str, Any]:
        """What uvicorn is to speak with its clients."""
        return {"http": partial(PatientHTTP, self), "ws": partial(PatientSocket, self)}


class _Timer:
    """Does one thing after a while, unless it is told otherwise before."""

    def __init__(self, act: Callable[[], None]) -> None:
        self._act = act
        self._waiting: asyncio.TimerHandle | None = None

    def start(self, seconds: float) -> None:
        self.stop()
        self._waiting = asyncio.get_running_loop().call_later(seconds, self._end)

    def _end(self) -> None:
        self._waiting = None
        self._act()

    @property
    def is_running(self) -> bool:
        return self._waiting is not None

    def stop(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None


class PatientHTTP(HttpToolsProtocol):
    def __init__(self, patience: Patience, config: Config, *args: Any, **kwargs: Any) -> None:
        super().__init__(config, *args, **kwargs)
        self._patience = patience
        self._arrival = _Timer(self._look_at_the_arrival)
        self._departure = _Timer(self._look_at_the_departure)
        self._began: float | None = None
        self._arrived = 0
        self._is_in_head = True

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._begin()
        if len(self.connections) > self._patience.connections:
            self.app = _is_busy
        if len(self.connections) > 2 * self._patience.connections:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._arrival.stop()
        self._departure.stop()
        super().connection_lost(exc)

    def _begin(self) -> None:
        self._began = self.loop.time()
        self._arrived, self._is_in_head = 0, True
        self._arrival.start(self._patience.seconds)
        self._watch_the_departure()

    def data_received(self, data: bytes) -> None:
        if self._began is None:
            self._begin()
        self._arrived += len(data)
        super().data_received(data)
        if self._is_in_head and self._arrived > LONGEST_HEAD:
            self.send_400_response("The head of the request is too long.")

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._began is None:
            self._begin()

    def on_headers_complete(self) -> None:
        self._is_in_head = False
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._began = None
        self._arrival.stop()

    def _look_at_the_arrival(self) -> None:
        assert self._began is not None
        until = self._began + self._patience.seconds + self._arrived / SLOWEST
        if (left := until - self.loop.time()) > 0:
            self._arrival.start(left)
        else:
            self.transport.abort()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._departure.start(self._patience.seconds)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._departure.stop()
        self._watch_the_departure()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch_the_departure()

    def _watch_the_departure(self) -> None:
        """What is still to leave is less than pauses writing, and nobody would ever ask for it again.

        Another request, or another answer, gives it no more time: only its leaving does."""
        if not self.transport.get_write_buffer_size():
            self._departure.stop()
        elif not self._departure.is_running:
            self._departure.start(self._patience.seconds)

    def _look_at_the_departure(self) -> None:
        if self.transport.get_write_buffer_size():
            self.transport.abort()

    def handle_websocket_upgrade(self) -> None:
        self._arrival.stop()
        super().handle_websocket_upgrade()

    def _should_upgrade_to_ws(self) -> bool:
        return self.app is not _is_busy and super()._should_upgrade_to_ws()

    def _unsupported_upgrade_warning(self) -> None:
        """What we do not speak is answered as if it had not been offered; it is no news."""

    def shutdown(self) -> None:
        """A stream of events would go on for its whole life."""
        super().shutdown()
        if self.cycle is not None and self.cycle.chunked_encoding and not self.cycle.response_complete:
            self.transport.close()


class PatientSocket(WebSocketsSansIOProtocol):
    """Whether the client is still there, uvicorn asks by pings."""

    def __init__(self, patience: Patience, config: Config, *args: Any, **kwargs: Any) -> None:
        super().__init__(config, *args, **kwargs)
        self._patience = patience
        self._departure = _Timer(lambda: self.transport.abort())

    def connection_lost(self, exc: Exception | None) -> None:
        self._departure.stop()
        super().connection_lost(exc)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._departure.start(self._patience.seconds)

    def resume_writing(self) -> None:
        super().resume_writing()
        self._departure.stop()

    async def send(self, message: Any) -> None:
        await super().send(message)
        if message["type"] == "websocket.close":
            self._departure.start(self._patience.seconds)

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        self.transport.abort()


async def _is_busy(scope: Scope, receive: Receive, send: Send) -> None:
    language = Language.of(Request(scope).headers.get("accept-language"))
    response = refused(PublicError(ErrorCode.SERVER_BUSY, language=language), language)
    response.headers["Retry-After"] = "5"
    response.headers["Connection"] = "close"
    await response(scope, receive, send)
