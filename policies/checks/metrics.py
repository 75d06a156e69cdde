"""Whether each number is computed in one way, from numbers of one unit."""

from collections.abc import Iterator

from policies.checks.bounds import misfitting
from policies.kinds.metric import Metric
from policies.problems import Problem
from policies.profile import Profile
from policies.vocabulary import FactType


def examine(profile: Profile) -> Iterator[Problem]:
    metrics, known = list(profile.of_kind(Metric)), profile.vocabulary.facts
    for metric in metrics:
        for name in metric.sum:
            if name in known and known[name].type is not FactType.NUMBER:
                path, label = f"rules.{metric.id}.sum", known[name].label
                yield misfitting(path, label, "不是数，不能相加", "is no number")
        units = {known[name].unit for name in metric.sum if name in known}
        if len(units) > 1:
            yield Problem(
                "units_differ", f"rules.{metric.id}.sum", "不同单位的数不能相加", "units differ in one sum"
            )
        if [other.name for other in metrics].count(metric.name) > 1:
            yield Problem(
                "metric_named_twice",
                f"rules.{metric.id}.name",
                f"“{metric.name}”有两种算法",
                f"{metric.name} is computed twice",
            )
