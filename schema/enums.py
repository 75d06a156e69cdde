"""Enumerations as the schema shows them, with a sentence for every value."""

from collections.abc import Mapping
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TypeVar

import strawberry
import yaml
from strawberry.types.enum import StrawberryEnumDefinition

Words = TypeVar("Words", bound=type[Enum])


def enum(words: Words, name: str, description: str, sentences: Mapping[str, str] | None = None) -> Words:
    """The words under a name of the schema. Raises KeyError for a word without a sentence."""
    shown: Words = strawberry.enum(words, name=name, description=description)
    said = _sentences()[name] if sentences is None else sentences
    definition: StrawberryEnumDefinition = shown.__strawberry_definition__  # type: ignore[attr-defined]
    for value in definition.values:
        value.description = said[value.name]
    return shown


def label(value: str, *names: str) -> str:
    """The Chinese half of a value's sentence, `已批准`, from the first enumeration that has the value."""
    sentence = next(_sentences()[name][value] for name in names if value in _sentences()[name])
    return sentence.partition(" / ")[0]


@cache
def _sentences() -> Mapping[str, Mapping[str, str]]:
    text = Path(__file__).with_name("enums.yaml").read_text(encoding="utf-8")
    sentences: Mapping[str, Mapping[str, str]] = yaml.safe_load(text)
    return sentences
