"""Whether every bound compares its fact with what that can be compared with."""

from collections.abc import Callable, Iterator
from decimal import Decimal

from policies.checks.unknown import unknown
from policies.conditions import Bound
from policies.form import as_day
from policies.kinds.rule import Rule
from policies.problems import Problem
from policies.profile import Profile
from policies.settings import Parameter, Value
from policies.vocabulary import Fact, FactType


def examine(profile: Profile) -> Iterator[Problem]:
    known = profile.vocabulary.facts
    for rule in profile.rules:
        for name, bound in rule.bounds():
            if not name:
                yield from _misfits_number(profile, rule, bound)
            elif name in known:
                yield from _misfits(profile, rule, name, bound)


def is_off_scale(profile: Profile) -> bool:
    """Whether a bound names a word that its scale has not: it has no place there, so nothing can be tried."""
    known = profile.vocabulary
    return any(
        isinstance(value, str) and value not in known.scales[known.facts[name].scale or ""]
        for rule in profile.rules
        for name, bound in rule.bounds()
        if name in known.facts and known.facts[name].scale
        for value in _values(profile, bound)
    )


def misfitting(path: str, word: str, zh: str, en: str) -> Problem:
    return Problem("bound_misfits", path, f"“{word}”{zh}", f"{word}: {en}")


def _misfits(profile: Profile, rule: Rule, name: str, bound: Bound) -> Iterator[Problem]:
    """A bound that its fact can never meet, or that means nothing for a fact of that type."""
    fact, path = profile.vocabulary.facts[name], f"rules.{rule.id}.{name}"
    ordered = bound.limits.keys() - {"equals", "in"}
    if ordered and not (fact.scale or fact.type in (FactType.NUMBER, FactType.DAY)):
        limits = sorted(ordered)
        zh, en = f"没有大小先后，不能用 {'、'.join(limits)}", f"has no order: {', '.join(limits)}"
        yield misfitting(path, fact.label, zh, en)
    if bound.percent_of:
        numbers = [profile.vocabulary.facts.get(one) for one in (name, bound.percent_of)]
        if any(one is not None and one.type is not FactType.NUMBER for one in numbers):
            named = f"{name}、{bound.percent_of}"
            yield misfitting(path, named, "百分比须是两个数之比", "a share is of numbers")
    for value in _values(profile, bound):
        yield from _misfit(profile, fact, path, value)


def _misfits_number(profile: Profile, rule: Rule, bound: Bound) -> Iterator[Problem]:
    """A bound on a number that is no fact."""
    for value in _values(profile, bound):
        if not _is_number(value):
            yield misfitting(f"rules.{rule.id}", str(value), "应是数字", "is compared with a number")


def _values(profile: Profile, bound: Bound) -> Iterator[Value]:
    """What the fact may be compared with: what stands in the bound, and what its settings may give."""
    for operand in (operand for listed in bound.limits.values() for operand in listed):
        if not isinstance(operand, Parameter):
            yield operand
        elif setting := profile.settings.get(operand.parameter):
            yield from (value for value in (setting.value, *setting.values.values()) if value is not None)


def _misfit(profile: Profile, fact: Fact, path: str, operand: Value) -> Iterator[Problem]:
    words = profile.vocabulary.scales[fact.scale] if fact.scale else profile.vocabulary.words
    if fact.type is FactType.TERM and isinstance(operand, str):
        if operand not in words:
            yield unknown("unknown_term", path, operand, words)
    elif not _FITS[fact.type](operand):
        said = f"{fact.label}”与“{operand}"
        yield misfitting(path, said, "不能比较", f"a fact of type {fact.type} is compared with")


def _is_number(operand: Value) -> bool:
    return isinstance(operand, int | Decimal) and not isinstance(operand, bool)


_FITS: dict[FactType, Callable[[Value], bool]] = {
    FactType.TRUTH: lambda operand: isinstance(operand, bool),
    FactType.NUMBER: _is_number,
    FactType.DAY: lambda operand: as_day(operand) is not None,
    FactType.TERM: lambda operand: isinstance(operand, str),
    FactType.HISTORY: lambda operand: False,  # A metric counts what is in it.
}
