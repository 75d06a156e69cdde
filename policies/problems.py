"""What is wrong with a profile: every problem at once, each in Chinese and English with a hint."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

# Who has read so many has read enough; looking for the word that was meant takes milliseconds each.
MOST_PROBLEMS = 200


class Severity(StrEnum):
    ERROR = "error"  # cannot be published
    QUESTION = "question"  # a person answers first
    NOTICE = "notice"


LONGEST_SENTENCE = 300


@dataclass(frozen=True, slots=True)
class Problem:
    """`path` is where it stands: `rules.HN-4.2-5.when.leave_days`. What it echoes of the file is cut."""

    code: str
    path: str
    zh: str
    en: str
    hint: str = ""
    severity: Severity = Severity.ERROR

    def __post_init__(self) -> None:
        for name in ("path", "zh", "en", "hint"):
            if len(text := getattr(self, name)) > LONGEST_SENTENCE:
                object.__setattr__(self, name, text[:LONGEST_SENTENCE] + "…")


class ProfileError(ValueError):
    """The text cannot be read as a profile, or two profiles cannot be joined."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.path}: {p.en}" for p in self.problems))
