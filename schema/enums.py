"""Enumerations as the schema shows them, with a sentence for every value."""

from collections.abc import Mapping
from enum import Enum
from functools import cache
from pathlib import Path

import strawberry
from strawberry.types.enum import StrawberryEnumDefinition

from policies import strict_yaml


def enum(words: type[Enum], name: str, description: str, sentences: Mapping[str, str] | None = None) -> None:
    """Shows the words under a name of the schema; fields are annotated with the words themselves. Raises
    KeyError for a word without a sentence."""
    strawberry.enum(words, name=name, description=description)
    said = _sentences()[name] if sentences is None else sentences
    definition: StrawberryEnumDefinition = vars(words)["__strawberry_definition__"]
    for value in definition.values:
        value.description = said[value.name]


def label(value: str, *names: str) -> str:
    """The Chinese half of a value's sentence, `已批准`, from the first enumeration that has the value."""
    sentence = next(_sentences()[name][value] for name in names if value in _sentences()[name])
    return sentence.partition(" / ")[0]


@cache
def _sentences() -> Mapping[str, Mapping[str, str]]:
    text = Path(__file__).with_name("enums.yaml").read_text(encoding="utf-8")
    sentences: Mapping[str, Mapping[str, str]] = strict_yaml.load(text)
    return sentences
