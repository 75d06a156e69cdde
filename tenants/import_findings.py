"""Findings: what is wrong with a file that was sent to be entered, by row, column, code and sentence."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Any

from policies import strict_yaml


class FindingCode(StrEnum):
    """Stable codes; `import_findings.yaml` has a Chinese and an English sentence for each."""

    TOO_LARGE = "TOO_LARGE"
    UNSAFE = "UNSAFE"
    LOCKED = "LOCKED"
    NOT_A_TABLE = "NOT_A_TABLE"
    NO_HEADER = "NO_HEADER"
    EMPTY = "EMPTY"
    UNKNOWN_COLUMN = "UNKNOWN_COLUMN"
    REPEATED_COLUMN = "REPEATED_COLUMN"
    BLANK = "BLANK"
    FORMULA = "FORMULA"
    MERGED = "MERGED"
    MANGLED = "MANGLED"
    NOT_A_NUMBER = "NOT_A_NUMBER"
    OUT_OF_RANGE = "OUT_OF_RANGE"
    NOT_A_DAY = "NOT_A_DAY"
    IN_THE_FUTURE = "IN_THE_FUTURE"
    NOT_A_CHOICE = "NOT_A_CHOICE"
    TOO_LONG = "TOO_LONG"
    NOT_KEPT = "NOT_KEPT"
    BAD_ID_NUMBER = "BAD_ID_NUMBER"
    UNKNOWN_DIVISION = "UNKNOWN_DIVISION"
    AMBIGUOUS_DIVISION = "AMBIGUOUS_DIVISION"
    OUT_OF_REACH = "OUT_OF_REACH"
    UNKNOWN_HOUSEHOLD = "UNKNOWN_HOUSEHOLD"
    UNKNOWN_PERSON = "UNKNOWN_PERSON"
    AMBIGUOUS_PERSON = "AMBIGUOUS_PERSON"
    UNKNOWN_UNIT = "UNKNOWN_UNIT"
    NO_HEAD = "NO_HEAD"
    SECOND_HEAD = "SECOND_HEAD"
    CONTRADICTS = "CONTRADICTS"
    REPEATED = "REPEATED"
    ALREADY_THERE = "ALREADY_THERE"
    ENDS_BEFORE_IT_BEGINS = "ENDS_BEFORE_IT_BEGINS"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class Finding:
    """`row`: its line in the file, 0 for the file as a whole. `column`: its key in the sheet, or the header
    as it stands in the file; empty for a whole row. `is_light`: the cell may be empty, and is entered as
    empty where failed cells are ignored. `params` fill the sentence."""

    row: int
    column: str
    code: FindingCode
    is_light: bool = False
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def order(self) -> tuple[int, str, str]:
        return self.row, self.column, self.code

    def to_keep(self) -> list[Any]:
        return [self.row, self.column, self.code.value, self.is_light, dict(self.params)]

    @classmethod
    def from_kept(cls, kept: Iterable[Any]) -> "Finding":
        row, column, code, is_light, params = kept
        return cls(row, column, FindingCode(code), is_light, params)

    def said(self, language: str = "zh") -> str:
        """The sentence, in `zh` or `en`."""
        return sentences()[self.code][language].format(**self.params)


@cache
def sentences() -> Mapping[str, Mapping[str, str]]:
    """What each code says, in `zh` and `en`."""
    text = Path(__file__).with_suffix(".yaml").read_text(encoding="utf-8")
    found: Mapping[str, Mapping[str, str]] = strict_yaml.load(text)
    assert set(found) == set(FindingCode), "a sentence for each code, and no other"
    return found
