"""Whether one question is little enough to judge: that is done on the event loop, where everybody waits."""

from collections import Counter
from collections.abc import Iterator

from policies.kinds.rule import Rule
from policies.problems import Problem
from policies.profile import Profile

# The longest document has some 140 rules, and weighs fifty at most for one question.
MOST_RULES = 1_500
MOST_WEIGHT = 400
MOST_SUBJECTS = 5_000


def examine(profile: Profile) -> Iterator[Problem]:
    """Of a profile without circles: whether it has too many rules, and which questions weigh too much."""
    if (count := len(profile.rules)) > MOST_RULES:
        zh, en = f"规则太多：连同上级共 {count} 条", f"{count} rules with those of the places above"
        yield Problem("too_many_rules", "rules", zh, en, f"最多 {MOST_RULES} 条")
        return
    weighed, weights, told = dict[str, int](), Counter[str](), set[str]()
    for rule in profile.rules:
        for subject in dict.fromkeys(rule.subjects()):
            weights[subject] += _weight(profile, rule, weighed)
            if weights[subject] > MOST_WEIGHT and subject not in told:
                told.add(subject)
                yield _too_heavy(profile, rule, subject)
        if len(weights) > MOST_SUBJECTS:
            zh, en = "要问的事项太多", "the rules speak of too many things"
            yield Problem("too_many_subjects", f"rules.{rule.id}", zh, en, f"最多 {MOST_SUBJECTS} 件")
            return


def _weight(profile: Profile, rule: Rule, weighed: dict[str, int]) -> int:
    """The rule's own, that of all that except it, and that of the metrics that it weighs."""
    if rule.id not in weighed:
        excepting = sum(_weight(profile, other, weighed) for other in profile.excepting(rule))
        made = (profile.derived[name] for name in rule.facts() if name in profile.derived)
        weighed[rule.id] = rule.weight + excepting + sum(_weight(profile, metric, weighed) for metric in made)
    return weighed[rule.id]


def _too_heavy(profile: Profile, rule: Rule, subject: str) -> Problem:
    label = profile.vocabulary.label(subject)
    return Problem(
        "too_much_to_judge",
        f"rules.{rule.id}",
        f"从这条起，判断“{label}”要看的规则和条件太多",
        f"from here on there is too much to judge about {subject}",
        f"规则、条件和要比的数一共最多 {MOST_WEIGHT} 个；一件事一条规则，别重复",
    )
