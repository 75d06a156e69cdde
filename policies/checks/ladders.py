"""Whether the rungs of consequences over one number leave a number between them out."""

from collections.abc import Iterator
from decimal import Decimal

from policies.conditions import Bound, admits
from policies.kinds.consequence import Consequence
from policies.problems import Problem, Severity
from policies.profile import Profile
from policies.vocabulary import FactType

Rung = tuple[Consequence, Bound]


def examine(profile: Profile) -> Iterator[Problem]:
    """Rungs are consequences that weigh the same number in the same case otherwise."""
    ladders: dict[tuple[str, str], list[Rung]] = {}
    for rule in profile.of_kind(Consequence):
        for name, bound in rule.when.bounds.items():
            if _is_plain_number(profile, name, bound):
                beside = rule.when.model_copy(update={"bounds": _without(rule, name)})
                ladders.setdefault((name, beside.model_dump_json(by_alias=True)), []).append((rule, bound))
    for (name, _), rungs in ladders.items():
        yield from _left_out(profile, name, rungs)


def _without(rule: Consequence, name: str) -> dict[str, Bound]:
    return {other: bound for other, bound in rule.when.bounds.items() if other != name}


def _is_plain_number(profile: Profile, name: str, bound: Bound) -> bool:
    is_number = profile.vocabulary.facts[name].type is FactType.NUMBER
    return is_number and not (bound.parameters or bound.percent_of)


def _left_out(profile: Profile, name: str, rungs: list[Rung]) -> Iterator[Problem]:
    """The first number between two that have a consequence, and has none."""
    limits = [bound for _, bound in rungs]
    here = profile.circumstances({}, profile.first_day)
    follows = {
        point: any(admits(one, point, here) for one in limits) for point in _points(profile, name, limits)
    }
    covered = [point for point, has_one in follows.items() if has_one]
    for point, has_one in follows.items():
        if not has_one and covered and covered[0] < point < covered[-1]:
            yield Problem(
                "gap_in_bands",
                f"rules.{rungs[-1][0].id}.when.{name}",
                f"“{profile.vocabulary.facts[name].label}”为 {point} 时没有规定后果，比它多和少都有",
                f"nothing follows where {name} is {point}, though more and less have a consequence",
                "补上这一档，或确认文件确实没有规定",
                Severity.QUESTION,
            )
            return


def _points(profile: Profile, name: str, limits: list[Bound]) -> list[Decimal]:
    """In their order, the numbers at which something may begin or end to follow, and those beside them."""
    step = Decimal(profile.vocabulary.facts[name].step or 1)
    operands = (one for bound in limits for listed in bound.limits.values() for one in listed)
    given = {Decimal(str(one)) for one in operands}
    return sorted({near for one in given for near in (one - step, one, one + step)})
