"""Whether a profile may be published: each check yields every problem that it finds.

A child is checked together with its parent (`lineage.merge`); what it inherits was checked there.
"""

from collections.abc import Set as AbstractSet
from itertools import chain, islice

from policies.checks import (
    assignments,
    bands,
    bounds,
    days,
    duties,
    facts,
    ladders,
    links,
    metrics,
    organs,
    quotes,
    settings,
    uses,
    weight,
    words,
)
from policies.problems import MOST_PROBLEMS, Problem, Severity
from policies.profile import Profile


def check(
    profile: Profile, *, text: str | None = None, acted_for: AbstractSet[str] | None = None
) -> tuple[Problem, ...]:
    """All problems. `text` is the stored document; `acted_for` are the organs for which somebody may act.

    Without one of them, what depends on it is not checked. Rules are tried only when every word and
    every bound in the profile can be understood, and are not too many.
    """
    found = chain(
        days.examine(profile),
        words.examine(profile),
        uses.examine(profile),
        facts.examine(profile),
        bounds.examine(profile),
        settings.examine(profile),
        links.examine(profile),
        metrics.examine(profile),
        quotes.examine(profile, text) if text is not None else (),
        organs.examine(profile, acted_for),
        duties.examine(profile),
    )
    problems = list(islice(found, MOST_PROBLEMS))
    if len(problems) == MOST_PROBLEMS:
        return (*problems, _too_many())
    if any(problem.code in _NOT_TO_BE_TRIED for problem in problems):
        return tuple(problems)
    too_much = tuple(weight.examine(profile))
    if too_much or bounds.is_off_scale(profile):
        return (*problems, *too_much)
    problems += bands.examine(profile)
    if all(problem.code != "unknown_term" for problem in problems):
        problems += chain(assignments.examine(profile), ladders.examine(profile))
    return tuple(problems)


_NOT_TO_BE_TRIED = {
    "bound_misfits",
    "circular",
    "linked_too_far",
    "no_first_day",
    "no_such_setting",
    "not_a_day",
    "unknown_fact",
}


def _too_many() -> Problem:
    return Problem(
        "too_many_problems",
        "",
        f"问题太多，只列出前 {MOST_PROBLEMS} 条",
        f"only the first {MOST_PROBLEMS} problems are told",
        "先改正已列出的，再检查一次",
        Severity.NOTICE,
    )
