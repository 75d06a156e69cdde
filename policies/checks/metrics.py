"""Whether what a metric adds up can be added, and each number is made in one way."""

from collections import Counter
from collections.abc import Iterator

from policies.checks.bounds import misfitting
from policies.kinds.metric import Metric
from policies.problems import Problem
from policies.profile import Profile
from policies.vocabulary import FactType


def examine(profile: Profile) -> Iterator[Problem]:
    metrics = list(profile.of_kind(Metric))
    named = Counter(metric.name for metric in metrics)
    for metric in metrics:
        yield from _sums(profile, metric)
        if named[metric.name] > 1:
            zh, en = f"“{metric.name}”有两种算法", f"{metric.name} is computed twice"
            yield Problem("metric_named_twice", f"rules.{metric.id}.name", zh, en)


def _sums(profile: Profile, metric: Metric) -> Iterator[Problem]:
    path, known = f"rules.{metric.id}.sum", profile.vocabulary.facts
    facts = [known[name] for name in metric.sum if name in known]
    for fact in facts:
        if fact.type is not FactType.NUMBER:
            yield misfitting(path, fact.label, "不是数，不能相加", "is no number")
    if len({fact.unit for fact in facts}) > 1:
        yield Problem("units_differ", path, "不同单位的数不能相加", "units differ in one sum")
