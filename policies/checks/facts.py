"""Whether every fact that a rule asks for is known, and of the type that its place needs."""

from collections.abc import Iterator

from policies.checks.unknown import unknown
from policies.kinds.duty import Duty, Until
from policies.kinds.metric import Metric
from policies.kinds.rule import Rule
from policies.problems import Problem
from policies.profile import Profile
from policies.vocabulary import Category, FactType

_TYPES = {FactType.DAY: "日期", FactType.HISTORY: "记录", FactType.NUMBER: "数"}
_RECORDED = (Category.ACTIVITY, Category.RECORD)


def examine(profile: Profile) -> Iterator[Problem]:
    known = profile.vocabulary.facts
    for rule in profile.rules:
        for name in dict.fromkeys([*sorted(rule.facts()), *(name for name, _ in rule.bounds() if name)]):
            if name not in known and not _is_tallied(profile, rule, name):
                yield unknown("unknown_fact", f"rules.{rule.id}", name, known)
        for place, name, wanted in _places(rule):
            if name in known and known[name].type is not wanted:
                zh = f"“{known[name].label}”不是{_TYPES[wanted]}，不能用在这里"
                en = f"{name} is of type {known[name].type}; here stands a {wanted}"
                yield Problem("misused_fact", f"rules.{rule.id}.{place}", zh, en)


def _is_tallied(profile: Profile, rule: Rule, name: str) -> bool:
    """Of what was done, any activity and any record is a history."""
    word = profile.vocabulary.words.get(name)
    return (
        isinstance(rule, Metric) and name == rule.history and word is not None and word.category in _RECORDED
    )


def _places(rule: Rule) -> Iterator[tuple[str, str, FactType]]:
    if isinstance(rule, Duty):
        if rule.due and rule.due.after:
            yield "due.after", rule.due.after, FactType.DAY
        if isinstance(rule.per, Until):
            yield "per.until", rule.per.until, FactType.DAY
    elif isinstance(rule, Metric):
        for form in ("tally", "run"):
            if name := getattr(rule, form):
                yield form, name, FactType.HISTORY
        if isinstance(rule.divided_by, str):
            yield "divided_by", rule.divided_by, FactType.NUMBER
