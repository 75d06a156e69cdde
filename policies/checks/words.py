"""Whether every word of a profile is one of the vocabulary, or of its own terms."""

from collections.abc import Iterator

from policies.checks.unknown import unknown
from policies.problems import Problem
from policies.profile import Profile
from policies.vocabulary import LONGEST_WORD


def examine(profile: Profile) -> Iterator[Problem]:
    known = profile.vocabulary
    for path, word in dict.fromkeys(_used(profile)):
        if word not in known or len(word) > LONGEST_WORD:
            yield unknown("unknown_term", path, word, known.words)


def _used(profile: Profile) -> Iterator[tuple[str, str]]:
    """Every word with where it stands."""
    yield from ((f"rules.{rule.id}", word) for rule in profile.rules for word in rule.terms())
    for row in profile.authorities:
        yield from ((f"authorities.{row.organ}", word) for word in (row.organ, row.role))
    yield from ((f"grants.{row.role}", row.role) for row in profile.grants)
    yield from ((f"terms.{term.id}.includes", word) for term in profile.terms for word in term.includes)
