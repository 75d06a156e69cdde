"""The generator for where wrk is not installed: bare protocols, one request at a time on each connection.

`python -m bench.peers.own_load PORT SECONDS FILE` prints what load.lua prints.
"""

import asyncio
import sys
from collections.abc import Callable
from itertools import count, cycle
from pathlib import Path
from time import perf_counter, time_ns
from uuid import uuid4

from bench.peers.load import CONNECTIONS

Request = tuple[bytes, bytes]  # the head without its length, the body


class Line(asyncio.Protocol):
    """One connection: sends, reads the whole answer, sends the next. Opens again when the server closes."""

    def __init__(self, load: "Load") -> None:
        self._load, self._said = load, b""
        self._whole: Callable[[bytes], bool] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport), "a stream socket"
        self._transport = transport
        self._ask()

    def _ask(self) -> None:
        assert self._transport is not None, "it is connected"
        self._sent = perf_counter()
        self._transport.write(self._load.next_request())

    def data_received(self, data: bytes) -> None:
        self._said += data
        if not self._whole and (end := self._said.find(b"\r\n\r\n")) >= 0:
            self._whole = _whole(self._said[:end])
        if self._whole and self._whole(self._said):
            self._load.heard(self._said, perf_counter() - self._sent)
            self._said, self._whole = b"", None
            if not self._load.is_over:
                self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        if not self._load.is_over:
            self._load.broken += bool(self._said or error)
            asyncio.get_running_loop().create_task(self._load.connect())


def _whole(head: bytes) -> Callable[[bytes], bool]:
    """Whether an answer that begins with this head has come whole: by its length, or by its last chunk."""
    told = dict(line.lower().split(b": ", 1) for line in head.split(b"\r\n")[1:])
    if told.get(b"transfer-encoding") == b"chunked":
        return lambda said: said.endswith(b"\r\n0\r\n\r\n")
    length = len(head) + 4 + int(told[b"content-length"])
    return lambda said: len(said) >= length


class Load:
    def __init__(self, port: int, requests: list[Request]) -> None:
        self._port, self._requests, self._number = port, cycle(requests), count()
        self._key = uuid4().hex
        self.times: list[float] = []
        self.wrong, self.broken, self.sample, self.is_over = 0, 0, b"", False

    async def connect(self) -> None:
        await asyncio.get_running_loop().create_connection(lambda: Line(self), "127.0.0.1", self._port)

    def next_request(self) -> bytes:
        head, body = next(self._requests)
        if b"%KEY%" in body:
            body = body.replace(b"%KEY%", f"{self._key}-{next(self._number)}".encode())
        return b"%sContent-Length: %d\r\n\r\n%s" % (head, len(body), body)

    def heard(self, answer: bytes, seconds: float) -> None:
        self.times.append(seconds)
        if not answer.startswith(b"HTTP/1.1 200") or b'"errors"' in answer or b'"userErrors":[{' in answer:
            self.wrong, self.sample = self.wrong + 1, answer[-300:]


def _read(line: str) -> Request:
    authorization, _, body = line.partition("\t")
    head = (
        "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
        f"Authorization: {authorization}\r\n"
    )
    return head.encode(), body.encode()


async def main(port: int, seconds: float, lines: list[str]) -> None:
    load = Load(port, [_read(line) for line in lines])
    began = time_ns()
    await asyncio.gather(*(load.connect() for _ in range(CONNECTIONS)))
    await asyncio.sleep(seconds)
    load.is_over = True
    microseconds = (time_ns() - began) // 1000
    times = sorted(load.times) or [0.0]
    p50, p99 = (int(times[len(times) * share // 100] * 1e6) for share in (50, 99))
    print(load.sample.decode(errors="replace"), file=sys.stderr)
    print(f"FOUND {len(load.times)} {microseconds} {load.wrong} {load.broken} {p50} {p99}")


if __name__ == "__main__":
    _port, _seconds, _file = sys.argv[1:]
    asyncio.run(main(int(_port), float(_seconds), Path(_file).read_text("utf-8").splitlines()))
