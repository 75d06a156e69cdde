"""The ceiling: no GraphQL at all. A bare ASGI application that knows each query by its name, checks the
token, and sends one prepared statement that builds the answer in PostgreSQL, behind the same walls.

`uvicorn bench.peers.ceiling_app:app`, with DATABASE_URL and KEY in its environment.
"""

import os
from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import orjson
from starlette.types import Receive, Scope, Send

from bench.peers import ceiling_statements as statements
from tenants import scope as scopes
from tenants.database import Credentials
from tenants.secrets import Claims, Signer

SIGNER = Signer(os.environ["KEY"].encode())
OWN = Credentials.from_url(os.environ["DATABASE_URL"])
JSON = [(b"content-type", b"application/json")]

Values = Callable[[Mapping[str, Any], Claims], tuple[Any, ...]]


def _row(global_id: str) -> UUID:
    return UUID(b64decode(global_id).decode().partition(":")[2])


ANSWERS: Mapping[str, tuple[str, Values]] = {
    "List": (statements.LIST, lambda given, _: (given["code"], given["high"])),
    "Detail": (statements.DETAIL, lambda given, _: (_row(given["id"]),)),
    "Tiny": (statements.TINY, lambda _, claims: (claims.account_id,)),
    "Count": (statements.COUNT, lambda *_: ()),
    "Grouped": (statements.COUNT, lambda *_: ()),
    "Deep": (statements.DEEP, lambda given, _: (given["code"],)),
    "Write": (
        statements.WRITE,
        lambda given, claims: (
            _row(given["household"]),
            datetime.fromisoformat(given["at"]),
            claims.account_id,
        ),
    ),
}


class Ceiling:
    def __init__(self) -> None:
        self._pool: asyncpg.Pool | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            return await self._live(receive, send)
        claims = _claims(scope)
        asked = orjson.loads(await _body(receive))
        status, answer = (401, b"") if claims is None else (200, await self._answer(asked, claims))
        length = (b"content-length", str(len(answer)).encode())
        await send({"type": "http.response.start", "status": status, "headers": [*JSON, length]})
        await send({"type": "http.response.body", "body": answer})

    async def _answer(self, asked: Mapping[str, Any], claims: Claims) -> bytes:
        name = asked["operationName"]
        statement, values = ANSWERS[name]
        writes = claims.place_id if name == "Write" else None
        settings = scopes.Scope((claims.place_id,), writes).as_settings()
        assert self._pool is not None, "the server has started"
        async with self._pool.acquire() as connection:
            await connection.execute(f"BEGIN; {settings}")
            said = await connection.fetchval(statement, claims.place_id, *values(asked["variables"], claims))
            await connection.execute("COMMIT")
        text: str = said
        return text.encode()

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        size = int(os.environ["POOL_SIZE"])
        self._pool = await asyncpg.create_pool(
            **OWN.as_arguments(), min_size=size, max_size=size, reset=_nothing_to_reset
        )
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self._pool.close()
        await send({"type": "lifespan.shutdown.complete"})


async def _nothing_to_reset(connection: Any) -> None:
    """Instead of a round trip that undoes session settings, which nobody makes."""


def _claims(scope: Scope) -> Claims | None:
    headers: dict[bytes, bytes] = dict(scope["headers"])
    return SIGNER.read(headers.get(b"authorization", b"").decode().removeprefix("Bearer "))


async def _body(receive: Receive) -> bytes:
    body, more = b"", True
    while more:
        message = await receive()
        body, more = body + message.get("body", b""), message.get("more_body", False)
    return body


app = Ceiling()
