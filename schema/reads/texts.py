"""SQL that puts JSON together, as text.

Text put together by concat() was the fastest of the forms measured: it takes NULL for nothing, and nothing
is built in between. PostgreSQL takes at most a hundred arguments.
"""

from collections.abc import Iterable
from dataclasses import dataclass

MOST_ARGUMENTS = 90


@dataclass(frozen=True, slots=True)
class Said:
    """A piece of the answer that is known already."""

    text: str


Part = Said | str  # a text, or an SQL expression that gives one


def literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def put_together(parts: Iterable[Part]) -> str:
    """One SQL expression for the parts in their order."""
    written = [literal(part.text) if isinstance(part, Said) else part for part in _merged(parts)]
    while len(written) > MOST_ARGUMENTS:
        chunks = [written[i : i + MOST_ARGUMENTS] for i in range(0, len(written), MOST_ARGUMENTS)]
        written = [f"concat({', '.join(chunk)})" for chunk in chunks]
    return written[0] if len(written) == 1 else f"concat({', '.join(written)})"


def _merged(parts: Iterable[Part]) -> list[Part]:
    merged: list[Part] = []
    for part in parts:
        if isinstance(part, Said) and merged and isinstance(merged[-1], Said):
            merged[-1] = Said(merged[-1].text + part.text)
        else:
            merged.append(part)
    return merged


Entry = tuple[str, Iterable[Part]]  # a key and the parts of its value, which are JSON


def as_object(entries: Iterable[Entry]) -> str:
    """The SQL expression of a JSON object; as text that is never NULL."""
    parts: list[Part] = []
    for key, value in entries:
        parts += [Said(f'{"," if parts else "{"}"{key}":'), *value]
    return put_together([*parts, Said("}")] if parts else [Said("{}")])


def or_null(expression: str) -> str:
    return f"coalesce({expression}, 'null')"


def quoted(expression: str) -> str:
    """A text that needs no escaping, as a JSON string; NULL where it is."""
    return f"'\"' || {expression} || '\"'"


def base64(expression: str, *, is_short: bool = False) -> str:
    """PostgreSQL breaks the lines of what is longer than 57 bytes."""
    encoded = f"encode(convert_to({expression}, 'UTF8'), 'base64')"
    return encoded if is_short else f"translate({encoded}, E'+/\\n', '-_')"
