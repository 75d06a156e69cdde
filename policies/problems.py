"""What is wrong with a profile: every problem at once, each in Chinese and English with a hint."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    ERROR = "error"  # cannot be published
    QUESTION = "question"  # a person answers first
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Problem:
    """`path` is where it stands: `rules.HN-4.2-5.when.leave_days`."""

    code: str
    path: str
    zh: str
    en: str
    hint: str = ""
    severity: Severity = Severity.ERROR


class ProfileError(ValueError):
    """The text cannot be read as a profile, or two profiles cannot be joined."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.path}: {p.en}" for p in self.problems))
