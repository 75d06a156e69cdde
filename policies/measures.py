"""What is the number, and does it reach the target that the document sets?"""

from policies.conditions import Finding, admits
from policies.decisions import Decision, Measured, Outcome
from policies.inquiry import Inquiry
from policies.metric import Metric
from policies.profile import Profile


def concerned(profile: Profile, name: str) -> tuple[Metric, ...]:
    return tuple(rule for rule in profile.of_kind(Metric) if rule.name == name)


def answer(inquiry: Inquiry) -> Decision:
    """One metric of a name may hold on a day; the checks find two."""
    rules = concerned(inquiry.profile, inquiry.question.about)
    if not rules:
        return inquiry.silent()
    if not (in_force := inquiry.in_force(rules)):
        return inquiry.answer(Outcome.NOT_IN_FORCE, rules=rules)
    metric = in_force[0]
    speaks, known = inquiry.speaks(metric), _known(inquiry, metric)
    if speaks.truth is False:
        return inquiry.answer(Outcome.NOT_APPLICABLE, rules=[metric], findings=[speaks])
    if speaks.truth is None or known.truth is None:
        return inquiry.withheld([speaks, known], [metric])
    body = _measured(inquiry, metric)
    return inquiry.answer(Outcome.ANSWER, rules=[metric], findings=[speaks, known], body=body)


def _known(inquiry: Inquiry, metric: Metric) -> Finding:
    missing = frozenset(metric.sum.keys() - inquiry.circumstances.facts.keys())
    named = metric.target.parameters if metric.target else frozenset()
    unset = frozenset(setting for setting in named if not inquiry.circumstances.knows(setting))
    return Finding(None if missing or unset else True, frozenset(metric.sum) - missing, missing, unset)


def _measured(inquiry: Inquiry, metric: Metric) -> Measured:
    number = metric.value(inquiry.circumstances.facts)
    units = {inquiry.circumstances.vocabulary.facts[fact].unit for fact in metric.sum}
    reached = admits(metric.target, number, inquiry.circumstances) if metric.target else None
    return Measured(number, units.pop() if len(units) == 1 else None, reached)
