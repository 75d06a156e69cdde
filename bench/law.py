"""The law by itself: one question for leave under each shipped document, and reading a document whole."""

from collections.abc import Iterator
from datetime import date
from functools import partial

from bench.comparison import Comparison, compare
from policies import library
from policies.checks import check
from policies.decisions import Question
from policies.outcomes import Ask
from policies.profile import Profile
from policies.questions import decide
from policies.reading import read_profile

ON = date(2018, 6, 15)
LEAVE = Question(Ask.ACT, "leave")
FACTS = {"who": ("first_secretary",), "leave_days": 4, "written": True}


def comparisons() -> Iterator[Comparison]:
    laws = [library.profile(name) for name in library.shipped()]
    for law in laws:
        yield compare(
            f"four days' leave under {law.id}, {len(law.rules)} rules",
            ("reading the file first", partial(_read_and_decide, law.id)),
            ("decide, the profile at hand", partial(decide, law, LEAVE, FACTS, ON)),
            (1, 2_000),
        )
    largest = max(laws, key=lambda law: len(library.own_profile(law.id).rules))
    yield compare(
        f"{largest.id}, the largest file",
        ("reading and checking it", partial(_read_and_check, largest)),
        ("reading it", partial(read_profile, library.profile_text(largest.id))),
        (1, 1),
    )


def _read_and_decide(name: str) -> None:
    decide(read_profile(library.profile_text(name)), LEAVE, FACTS, ON)


def _read_and_check(law: Profile) -> None:
    own = read_profile(library.profile_text(law.id))
    check(own, text=library.document_text(own.text or ""))
