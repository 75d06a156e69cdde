"""Texts that are kept: as long as their columns are at most, without the character that PostgreSQL cannot
keep."""

import unicodedata
from collections.abc import Mapping
from typing import TypeVar

from strawberry.types.base import has_object_definition
from strawberry.utils.str_converters import to_camel_case

from policies.jurisdiction import MalformedCode, well_formed
from schema.errors import ErrorCode, PublicError, Sentence
from tenants.refusals import Flaw, invalid

# Reasons, justifications and remarks.
LONGEST_TEXT = 500
LONGEST_KEY = 128
LONGEST_LOGIN = 64
LONGEST_NAME = 64
LONGEST_DESTINATION = 200

# Controls, and what only says how others are written or which way they run.
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})

# How many things one command names.
MOST_NAMED = 1000

NOT_KEPT = Sentence("文字中有不能使用的空字符（U+0000）", "a text holds the character U+0000")

Text = TypeVar("Text", str, str | None)
Thing = TypeVar("Thing")


def kept(text: Text, path: str, most: int = LONGEST_TEXT) -> Text:
    """The text, if it can be kept. Raises INVALID otherwise. `path`: where it stands in the input, with a
    dot before each inner name."""
    if text is not None and len(text) > most:
        raise invalid(Flaw.TOO_LONG, *path.split("."), most=most, given=len(text))
    if text is not None and "\0" in text:
        raise invalid(Flaw.NOT_KEPT, *path.split("."))
    return text


def not_kept(given: Mapping[str, object]) -> tuple[str, ...] | None:
    """Where in a field's arguments a text stands that PostgreSQL cannot even be asked about, if one does."""
    waiting: list[tuple[tuple[str, ...], object]] = [((), given)]
    # No recursion: JSON may be nested as deep as it is long.
    while waiting:
        path, one = waiting.pop()
        if isinstance(one, str):
            if "\0" in one:
                return tuple(map(to_camel_case, path))
        elif isinstance(one, list):
            waiting += [(path, inner) for inner in one]
        elif isinstance(one, dict) or has_object_definition(one):
            named = one if isinstance(one, dict) else vars(one)
            waiting += [((*path, name), inner) for name, inner in named.items() if inner is not None]
    return None


def filled(text: str, path: str, most: int = LONGEST_TEXT) -> str:
    """A text that must say something."""
    if not text.strip():
        raise invalid(Flaw.BLANK, *path.split("."))
    return kept(text, path, most)


def named(text: str, path: str) -> str:
    """The name of a person or a place, as it is read: nothing in it is unseen or turns the line around."""
    name = filled(text.strip(), path, LONGEST_NAME)
    if any(unicodedata.category(one) in _UNSEEN for one in name):
        raise invalid(Flaw.UNSEEN_CHARACTER, *path.split("."))
    return name


def insist_kept(given: Mapping[str, object]) -> None:
    """Raises BAD_USER_INPUT for a text that no row can hold."""
    if not_kept(given) is not None:
        raise PublicError(ErrorCode.BAD_USER_INPUT, detail=NOT_KEPT)


def division_code(text: str) -> str:
    """A 12-digit code that a question names. Raises BAD_USER_INPUT otherwise."""
    try:
        return well_formed(text)
    except MalformedCode:
        said = Sentence("区划代码应为 12 位数字", "a division code has 12 digits")
        raise PublicError(ErrorCode.BAD_USER_INPUT, detail=said) from None


def sought(text: str) -> str:
    """A part of a name that a question looks for. Raises BAD_USER_INPUT for what no name can hold."""
    if len(text) > LONGEST_NAME or "\0" in text:
        said = Sentence(f"最多 {LONGEST_NAME} 个字", f"at most {LONGEST_NAME} characters")
        raise PublicError(ErrorCode.BAD_USER_INPUT, detail=said)
    return text


def few(given: list[Thing], path: str, most: int = MOST_NAMED) -> list[Thing]:
    """A list that is not too long. Raises INVALID otherwise."""
    if len(given) > most:
        raise invalid(Flaw.TOO_MANY, path, most=most, given=len(given))
    return given
