"""Texts that are kept: as long as their columns are at most, without the character that PostgreSQL cannot
keep."""

from typing import TypeVar

from tenants.refusals import Refusal, RefusalCode

# Reasons, justifications and remarks.
LONGEST_TEXT = 500
LONGEST_KEY = 128
LONGEST_LOGIN = 64
LONGEST_DESTINATION = 200

Text = TypeVar("Text", str, str | None)


def kept(text: Text, path: str, most: int = LONGEST_TEXT) -> Text:
    """The text, if it can be kept. Raises INVALID otherwise."""
    if text is not None and (len(text) > most or "\0" in text):
        raise Refusal(RefusalCode.INVALID, path=(path,))
    return text
