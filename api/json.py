"""JSON in and out. Chinese stays Chinese; nesting deeper than orjson's limit is malformed, not a crash."""

import orjson


def read(body: bytes | str) -> object:
    """Raises ValueError for anything that is not JSON in UTF-8."""
    return orjson.loads(body)


def write(value: object) -> bytes:
    return orjson.dumps(value)
