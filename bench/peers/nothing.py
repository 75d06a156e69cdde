"""A server that does nothing: how many answers the load generator itself can take.

`python -m bench.peers.nothing PORT` answers every request with one small text.
"""

import asyncio
import sys
from typing import cast

import uvloop

BODY = b'{"data":{"viewer":{"name":"","posts":[]}}}'
ANSWER = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (
    len(BODY),
    BODY,
)


class Nothing(asyncio.Protocol):
    """Takes whatever arrives for one whole request: the generators send each in one piece."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's are no subclass of asyncio's.
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._transport.write(ANSWER)


async def main(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Nothing, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main(int(sys.argv[1])))
