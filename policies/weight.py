"""Whether one question is little enough to judge: that is done on the event loop, where everybody waits."""

from collections import Counter
from collections.abc import Iterator

from policies.assignment import Assignment
from policies.metric import Metric
from policies.problems import Problem
from policies.profile import Profile
from policies.rule import Rule

# The documents have some ten rules, and weigh thirty at most for one question.
MOST_RULES = 1_500
MOST_WEIGHT = 400


def examine(profile: Profile) -> Iterator[Problem]:
    """Of a profile without circles: whether it has too many rules, and which questions weigh too much."""
    if (count := len(profile.rules)) > MOST_RULES:
        zh, en = f"规则太多：连同上级共 {count} 条", f"{count} rules with those of the places above"
        yield Problem("too_many_rules", "rules", zh, en, f"最多 {MOST_RULES} 条")
        return
    weighed, weights, told = dict[str, int](), Counter[str](), set[str]()
    for rule in profile.rules:
        if (subject := _subject(rule)) is None or subject in told:
            continue
        weights[subject] += _weight(profile, rule, weighed)
        if weights[subject] > MOST_WEIGHT:
            told.add(subject)
            yield _too_heavy(profile, rule, subject)


def _subject(rule: Rule) -> str | None:
    """What is asked about when the rule is judged. Every pair may meet every assignment."""
    if isinstance(rule, Assignment | Metric):
        return rule.name if isinstance(rule, Metric) else rule.kind
    return getattr(rule, "act", None)


def _weight(profile: Profile, rule: Rule, weighed: dict[str, int]) -> int:
    """The rule's own and that of all that except it."""
    if rule.id not in weighed:
        excepting = sum(_weight(profile, other, weighed) for other in profile.excepting(rule))
        weighed[rule.id] = rule.weight + excepting
    return weighed[rule.id]


def _too_heavy(profile: Profile, rule: Rule, subject: str) -> Problem:
    label = "配备" if isinstance(rule, Assignment) else profile.vocabulary.label(subject)
    return Problem(
        "too_much_to_judge",
        f"rules.{rule.id}",
        f"从这条起，判断“{label}”要看的规则和条件太多",
        f"from here on there is too much to judge about {subject}",
        f"规则、条件和要比的数一共最多 {MOST_WEIGHT} 个；一件事一条规则，别重复",
    )
