"""GraphQL over server-sent events: one operation per request, graphql-sse's "distinct connections"."""

from collections.abc import AsyncGenerator

from starlette.responses import Response, StreamingResponse
from strawberry.http.streaming import SSETransport, merge_stream_with_heartbeat
from strawberry.types import ExecutionResult

from api import json
from api.replies import EVENT_STREAM, body_of, headers_of
from schema.context import Context
from schema.errors import Language

_SSE = SSETransport()
# What stands in between must pass on every event at once, and not change it.
_PASS_ON = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}

Answers = AsyncGenerator[tuple[Context, ExecutionResult]]


def event_stream(answers: Answers, language: Language) -> Response:
    """Every answer as an event `next`, then `complete`; a comment every 15 seconds, so that nobody in between
    takes the line for dead."""

    async def events() -> AsyncGenerator[str, None]:
        async for _, result in answers:
            yield _SSE.encode_next(body_of(result), _written)  # type: ignore[arg-type]
        yield _SSE.encode_complete()

    stream = merge_stream_with_heartbeat(
        events,
        lambda: _SSE.heartbeat_message(_written),
        interval=_SSE.heartbeat_interval,
        send_initial_heartbeat=False,
    )
    return StreamingResponse(stream(), headers=headers_of(EVENT_STREAM, language) | _PASS_ON)


def _written(value: object) -> str:
    return json.write(value).decode()
