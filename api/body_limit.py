"""How much a request may carry: what announces more is not read at all, what sends more not to its end."""

from collections.abc import Mapping

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send


class BodyLimit:
    """Raises 413 where the application reads, so that each route answers in its own form. Starlette's
    middleware for this answers over the application's head, in plain text."""

    def __init__(self, app: ASGIApp, most_bytes: int, other: Mapping[str, int] | None = None) -> None:
        """`other`: paths with a limit of their own."""
        self._app = app
        self._most_bytes = most_bytes
        self._other = other or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            most = self._other.get(scope["path"], self._most_bytes)
            announced = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
            receive = _Limited(receive, most, announced)
        await self._app(scope, receive, send)


class _Limited:
    def __init__(self, receive: Receive, most_bytes: int, announced: bytes) -> None:
        self._receive = receive
        self._left = most_bytes
        self._is_too_long = announced.isdigit() and int(announced) > most_bytes

    async def __call__(self) -> Message:
        if self._is_too_long:
            raise HTTPException(413)
        message = await self._receive()
        self._left -= len(message.get("body", b""))
        if self._left < 0:
            raise HTTPException(413)
        return message
