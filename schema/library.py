"""What the GraphQL library says to a client, made fit to be passed on: without suggestions, and in Chinese.

A suggestion tells a stranger the names that he has not guessed yet; validation can be told to make none, the
coercion of variables and a few sentences cannot. Where the library says something that library.yaml does not
have, it stands in English.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from policies import strict_yaml

_LONGEST = 500
_MOST_READ = 2000
_SUGGESTION = re.compile(r",? did you mean [^?]*\?", re.IGNORECASE)
# The library passes on what Python says to a number that is too long for it.
_TOO_LONG = re.compile(
    r"Expected value of type '\w+', but encountered error 'Exceeds the limit [^']*'; found: (.*)\."
)
# Of several reasons for one conflict.
_ONE_MORE = re.compile(r" and (?=subfields ')")
_BLANK = re.compile(r"\{(\w+)\}")
# What a blank may stand for; a name is whatever the library puts between apostrophes.
_NAME = r"[^'\n]*"
_FILLS = {"text": r'[^"]*', "value": ".*", "inner": ".*", "found": ".*", "path": r"\S+"}


def plain(message: str) -> str:
    """The message without suggestions, and not longer than anybody reads."""
    return _cut(_said(message))


def chinese(message: str) -> str:
    """The same in Chinese, where the table has it."""
    return _cut(_in_chinese(_said(message)))


def _said(message: str) -> str:
    message = _TOO_LONG.sub(r"Int cannot represent non 32-bit signed integer value: \1", message)
    return _SUGGESTION.sub("", message)[:_MOST_READ]


def _cut(said: str) -> str:
    return said if len(said) <= _LONGEST else f"{said[:_LONGEST]}…"


def _in_chinese(said: str) -> str:
    for pattern, sentence in _table().items():
        if found := pattern.fullmatch(said):
            words = found.groupdict()
            if "inner" in words:
                words["inner"] = "，".join(_in_chinese(reason) for reason in _ONE_MORE.split(words["inner"]))
            return sentence.format_map(words)
    return said


@cache
def _table() -> Mapping[re.Pattern[str], str]:
    text = Path(__file__).with_name("library.yaml").read_text(encoding="utf-8")
    return {_pattern(said): sentence for said, sentence in strict_yaml.load(text).items()}


def _pattern(said: str) -> re.Pattern[str]:
    parts = _BLANK.split(said)
    for at, name in enumerate(parts):
        is_blank = at % 2 == 1
        parts[at] = f"(?P<{name}>{_FILLS.get(name, _NAME)})" if is_blank else re.escape(name)
    return re.compile("".join(parts), re.DOTALL)
