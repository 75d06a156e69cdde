"""Answers as HTTP carries them: in which media type and language, under which status."""

from functools import lru_cache

from graphql import GraphQLError
from starlette.responses import Response
from strawberry.http import process_result
from strawberry.http.parse_content_type import parse_content_type
from strawberry.types import ExecutionResult

from api import json
from api.operations import was_not_begun
from schema.errors import ErrorCode, Language, PublicError, weight

JSON = "application/json"
GRAPHQL_RESPONSE = "application/graphql-response+json"
EVENT_STREAM = "text/event-stream"

# What each media range of a client is answered with.
_NAMED = {JSON: JSON, GRAPHQL_RESPONSE: GRAPHQL_RESPONSE}
_OFFERED = _NAMED | {EVENT_STREAM: EVENT_STREAM, "application/*": JSON, "*/*": JSON}
_STATUS = {
    ErrorCode.UNAUTHENTICATED: 401,
    ErrorCode.FORBIDDEN: 403,
    ErrorCode.METHOD_NOT_ALLOWED: 405,
    ErrorCode.NOT_ACCEPTABLE: 406,
    ErrorCode.CONTENT_TOO_LARGE: 413,
    ErrorCode.UNSUPPORTED_MEDIA_TYPE: 415,
    ErrorCode.RATE_LIMITED: 429,
    ErrorCode.TOO_MANY_LINES: 429,
    ErrorCode.FILE_LOST: 500,
    ErrorCode.INTERNAL_SERVER_ERROR: 500,
    ErrorCode.STORAGE_UNAVAILABLE: 503,
    ErrorCode.TRANSACTION_CONFLICT: 503,
    ErrorCode.DATABASE_UNAVAILABLE: 503,
    ErrorCode.SERVER_BUSY: 503,
    ErrorCode.TOO_MANY_REVIEWS: 503,
    ErrorCode.TIMEOUT: 503,
}


@lru_cache(maxsize=256)
def accepted(accept: str | None) -> str:
    """The media type to answer in, by the client's weights and then by its order (RFC 9110 12.5.1)."""
    return _best(accept or "*/*", _OFFERED)


@lru_cache(maxsize=256)
def accepted_by_get(accept: str | None) -> str:
    """The same where the client names our types, or none at all: a page that is opened and an image that is
    loaded are GETs too, and what they accept says that no answer of ours is meant."""
    accept = (accept or "*/*").strip()
    return JSON if accept == "*/*" else _best(accept, _NAMED)


def _best(accept: str, offered: dict[str, str]) -> str:
    ranges = [parse_content_type(part.lower()) for part in accept.split(",")]
    for media_range, parameters in sorted(ranges, key=lambda choice: -weight(choice[1].get("q", ""))):
        if media_range in offered and weight(parameters.get("q", "")) > 0:
            return offered[media_range]
    raise PublicError(ErrorCode.NOT_ACCEPTABLE, offered=", ".join(sorted({*offered.values()})))


def answered(result: ExecutionResult, media_type: str, language: Language) -> Response:
    """The answer to an operation; one that was not begun has no `data` (GraphQL over HTTP 6.4)."""
    answer = body_of(result)
    wait = _seconds_to_wait(result.errors or [])
    failed = "data" not in answer and (media_type == GRAPHQL_RESPONSE or wait is not None)
    response = sent(answer, media_type, language, _status((result.errors or [])[0]) if failed else 200)
    if wait is not None:
        response.headers["Retry-After"] = str(wait)
    return response


def body_of(result: ExecutionResult) -> dict[str, object]:
    answer: dict[str, object] = {**process_result(result)}
    if was_not_begun(result):
        del answer["data"]
    return answer


def refused(error: PublicError, language: Language) -> Response:
    """The answer to a request that never became a GraphQL operation."""
    response = sent({"errors": [error.formatted]}, JSON, language, _status(error))
    if error.code is ErrorCode.UNAUTHENTICATED:
        response.headers["WWW-Authenticate"] = "Bearer"
    if error.code is ErrorCode.METHOD_NOT_ALLOWED:
        response.headers["Allow"] = str(error.params["allowed"])
    if (wait := _seconds_to_wait([error])) is not None:
        response.headers["Retry-After"] = str(wait)
    return response


def _seconds_to_wait(errors: list[GraphQLError]) -> int | None:
    """Set where the caller has spent what he may: also a client that only looks at the status must hear of
    it."""
    details = (error.extensions or {} for error in errors)
    return next((found["retryAfterSeconds"] for found in details if "retryAfterSeconds" in found), None)


def _status(error: GraphQLError) -> int:
    code = (error.extensions or {}).get("code")
    return next((status for named, status in _STATUS.items() if named == code), 400)


class _Sent(Response):
    """A response whose head is always the same: the library puts it together anew each time."""

    def __init__(self, body: bytes, status: int, head: tuple[tuple[bytes, bytes], ...]) -> None:
        self.body, self.status_code, self.background = body, status, None
        self.raw_headers = [*head, (b"content-length", b"%d" % len(body))]


def sent(answer: object, media_type: str, language: Language, status: int = 200) -> Response:
    return _Sent(json.write(answer), status, _head(media_type, language))


@lru_cache
def _head(media_type: str, language: Language) -> tuple[tuple[bytes, bytes], ...]:
    fields = headers_of(media_type, language)
    return tuple((name.lower().encode(), value.encode()) for name, value in fields.items())


def headers_of(media_type: str, language: Language) -> dict[str, str]:
    return {
        "Content-Type": f"{media_type}; charset=utf-8",
        "Content-Language": language.value,
        "Vary": "Accept, Accept-Language",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
