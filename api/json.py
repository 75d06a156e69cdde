"""JSON in and out. Chinese stays Chinese; nesting deeper than orjson's limit is malformed, not a crash."""

import orjson

from schema.reads.executor import Json


def read(body: bytes | str) -> object:
    """Raises ValueError for anything that is not JSON in UTF-8."""
    return orjson.loads(body)


def write(value: object) -> bytes:
    return orjson.dumps(value, default=_as_it_is)


def _as_it_is(value: object) -> orjson.Fragment:
    """What the database has built."""
    if isinstance(value, Json):
        return orjson.Fragment(value.text)
    raise TypeError(f"{type(value).__name__} is not JSON")
