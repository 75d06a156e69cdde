"""Whether somebody can fill each seat, and some number is as each assignment wants it."""

import itertools
import math
from collections.abc import Iterator

from policies.checks.points import near
from policies.circumstances import Circumstances
from policies.conditions import Bound, Condition, holds
from policies.kinds.assignment import Assignment
from policies.outcomes import RecordedValue
from policies.problems import Problem
from policies.profile import Profile

# Candidates of one seat that are tried: the widest of the documents wants thirty.
_MOST_TRIED = 2_000


def examine(profile: Profile) -> Iterator[Problem]:
    seats = [rule for rule in profile.own_rules if isinstance(rule, Assignment)]
    for rule in seats:
        if rule.eligible and not _can_be_filled(profile, rule.eligible):
            yield Problem(
                "unfillable_seat",
                f"rules.{rule.id}.eligible",
                "没有人能符合这些条件",
                "nobody can meet these conditions",
                "同时成立的条件互相矛盾：改成 any，或改正其中的数",
            )
    yield from _contradictions(profile, seats)


def _can_be_filled(profile: Profile, eligible: Condition) -> bool:
    """Whether some candidate fits, among those at every number and word where something may change."""
    on, values = profile.first_day, dict[str, set[RecordedValue]]()
    for name, bound in eligible.limited():
        values.setdefault(name, set()).update(near(profile, name, bound, on))
        if bound.percent_of:
            values.setdefault(bound.percent_of, set()).update(near(profile, bound.percent_of, bound, on))
    listed = {name: _held(profile, name, found) for name, found in values.items() if found}
    if math.prod(len(found) for found in listed.values()) > _MOST_TRIED:
        return True
    candidates = (dict(zip(listed, chosen, strict=True)) for chosen in itertools.product(*listed.values()))
    return any(
        holds(eligible, Circumstances(one, profile.settings, profile.vocabulary, on)).truth is not False
        for one in candidates
    )


def _held(profile: Profile, name: str, found: set[RecordedValue]) -> list[RecordedValue]:
    """Of roles and the like a candidate may hold several: each choice of them. Of many, no more than decides
    that they are too many to be tried."""
    if not profile.vocabulary.facts[name].many:
        return sorted(found, key=str)
    words = sorted({word for one in found if isinstance(one, tuple) for word in one if isinstance(word, str)})
    choices = (chosen for size in range(len(words) + 1) for chosen in itertools.combinations(words, size))
    return list(itertools.islice(choices, _MOST_TRIED + 1))


def _contradictions(profile: Profile, seats: list[Assignment]) -> Iterator[Problem]:
    """Two musts over the same pair in the same case that no number meets together."""
    here = profile.circumstances({}, profile.first_day)
    for one, other in itertools.combinations([seat for seat in seats if _always_binds(seat)], 2):
        if (one.who, one.to, one.when) != (other.who, other.to, other.when):
            continue
        if {one.id, other.id} & {*one.excepts, *other.excepts}:
            continue
        for side in ("each_has", "each_needs"):
            limits = [bound for bound in (getattr(one, side), getattr(other, side)) if bound]
            if len(limits) == 2 and not _meet(limits, here):
                yield _contradiction(profile, one, other, side)


def _always_binds(seat: Assignment) -> bool:
    return seat.strength.refuses and seat.since is None and seat.until is None


def _meet(limits: list[Bound], here: Circumstances) -> bool:
    """Whether some whole number is within all. What stands by name, or lists, is not weighed."""
    if any(bound.parameters or bound.percent_of or bound.among for bound in limits):
        return True
    ends = [bound.whole_numbers(here) for bound in limits]
    low = max((least for least, _ in ends if least is not None), default=0)
    return all(most is None or low <= most for _, most in ends)


def _contradiction(profile: Profile, one: Assignment, other: Assignment, side: str) -> Problem:
    label = profile.vocabulary.label
    pair = f"{'、'.join(map(label, one.who.terms))}—{'、'.join(map(label, one.to.terms))}"
    return Problem(
        "numbers_contradict",
        f"rules.{other.id}.{side}",
        f"{pair}的数量与 {one.id} 矛盾，没有数能同时符合",
        f"no number is within {one.id} and {other.id} together",
        "用 when 分开两种情形，或用 excepts 写明谁优先",
    )
