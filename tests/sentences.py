"""What a Chinese reader must not meet in a message: sentences of English, and codes in place of words."""

import re
from collections.abc import Iterator
from typing import Any

# What the client wrote is quoted as it stands; names of the schema are single words.
_QUOTED = re.compile(r"'[^']*'|\"[^\"]*\"|“[^”]*”|「[^」]*」|\{.*\}|\[.*\]|[@$.]\w+")
_PROSE = re.compile(r"[A-Za-z]{2,},? [A-Za-z]{2,}")
# A label may be followed by its code, `请假（leave）`.
_EXPLAINED = re.compile(r"（[^）]*）")
_CODE = re.compile(r"[a-z]+_[a-z_]+|[A-Z]{2,}[A-Z_]*[A-Z]")


def prose(message: str) -> str | None:
    """The message, if English is left in it apart from what it quotes."""
    return message if _PROSE.search(_QUOTED.sub("…", message)) else None


def coded(message: str) -> str | None:
    """The message, if it names a code where a user reads."""
    return message if _CODE.search(_EXPLAINED.sub("", _QUOTED.sub("…", message))) else None


def unreadable(answer: Any) -> list[str]:
    """Messages of a Chinese answer that a Chinese reader would stumble over."""
    top = [error["message"] for error in answer.get("errors") or ()]
    told = list(_user_errors(answer.get("data")))
    return [*filter(prose, [*top, *told]), *filter(coded, told)]


def _user_errors(data: Any) -> Iterator[str]:
    if isinstance(data, list):
        for one in data:
            yield from _user_errors(one)
    elif isinstance(data, dict):
        yield from (error["message"] for error in data.get("userErrors") or () if "message" in error)
        for one in data.values():
            yield from _user_errors(one)
