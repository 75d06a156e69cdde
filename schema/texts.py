"""Texts that are kept: as long as their columns are at most, without the character that PostgreSQL cannot
keep."""

from typing import TypeVar

from tenants.refusals import Flaw, invalid

# Reasons, justifications and remarks.
LONGEST_TEXT = 500
LONGEST_KEY = 128
LONGEST_LOGIN = 64
LONGEST_DESTINATION = 200

Text = TypeVar("Text", str, str | None)


def kept(text: Text, path: str, most: int = LONGEST_TEXT) -> Text:
    """The text, if it can be kept. Raises INVALID otherwise."""
    if text is not None and len(text) > most:
        raise invalid(Flaw.TOO_LONG, path, most=most, given=len(text))
    if text is not None and "\0" in text:
        raise invalid(Flaw.NOT_KEPT, path)
    return text


def filled(text: str, path: str, most: int = LONGEST_TEXT) -> str:
    """A text that must say something."""
    if not text.strip():
        raise invalid(Flaw.BLANK, path)
    return kept(text, path, most)
