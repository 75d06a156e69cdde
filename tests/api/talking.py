"""A client of graphql-transport-ws, as plain as the protocol: it says messages and hears what comes back."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.api.running import Running

PROTOCOL = "graphql-transport-ws"
PATIENCE_SECONDS = 10


@dataclass
class Talk:
    socket: ClientConnection
    _ids: Iterator[int] = field(default_factory=lambda: count(1))

    def say(self, type_: str, **parts: Any) -> None:
        self.socket.send(json.dumps({"type": type_, **parts}))

    def hear(self, within: float = PATIENCE_SECONDS) -> dict[str, Any]:
        """The next message. Raises TimeoutError where none comes."""
        frame = self.socket.recv(within)
        assert isinstance(frame, str), "a frame that is not text"
        message: dict[str, Any] = json.loads(frame)
        return message

    def begin(self, query: str, id_: str | None = None, **variables: Any) -> str:
        id_ = id_ or str(next(self._ids))
        self.say("subscribe", id=id_, payload={"query": query, "variables": variables})
        return id_

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """The one answer to a query or mutation, errors and all."""
        id_ = self.begin(query, **variables)
        answer = self.hear()
        assert answer["id"] == id_
        if answer["type"] == "error":
            return {"errors": answer["payload"]}
        assert (answer["type"], self.hear()) == ("next", {"type": "complete", "id": id_})
        payload: dict[str, Any] = answer["payload"]
        return payload

    def goodbye(self) -> int:
        """The code that the server closes with."""
        with pytest.raises(ConnectionClosed) as closed:
            self._hear_on()
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code

    def _hear_on(self) -> None:
        while True:
            self.socket.recv(PATIENCE_SECONDS)


@contextmanager
def dialling(server: Running, protocol: str = PROTOCOL, **more: Any) -> Iterator[Talk]:
    """A connection that has not said who it is."""
    url = server.url.replace("http", "ws") + "/graphql"
    with connect(url, subprotocols=[protocol], compression=None, close_timeout=2, **more) as socket:  # type: ignore[list-item]
        yield Talk(socket)


@contextmanager
def talking(server: Running, login: str | None = None, **payload: str) -> Iterator[Talk]:
    """A connection that is taken, signed in as somebody."""
    token = {"authorization": f"Bearer {server.tokens[login]}"} if login else {}
    with dialling(server) as talk:
        talk.say("connection_init", payload={**token, **payload})
        assert talk.hear() == {"type": "connection_ack"}
        yield talk


def code(answer: dict[str, Any]) -> str:
    """The code of the only error of an answer."""
    (error,) = answer["errors"]
    return str(error["extensions"]["code"])
