"""What is the number, and does it reach the target that the document sets?"""

from decimal import Decimal
from fractions import Fraction

from policies.answers.inquiry import Inquiry
from policies.bodies import Measured
from policies.circumstances import NOTHING, Known
from policies.conditions import within
from policies.decisions import Decision
from policies.findings import Finding
from policies.kinds.metric import Metric
from policies.outcomes import Outcome
from policies.profile import Profile


def concerned(profile: Profile, name: str) -> tuple[Metric, ...]:
    return profile.about(name, Metric)


def answer(inquiry: Inquiry) -> Decision:
    """One metric of a name may hold on a day; the checks find two."""
    rules = concerned(inquiry.profile, inquiry.question.about)
    if not rules:
        return inquiry.silent()
    if not (in_force := inquiry.in_force(rules)):
        return inquiry.answer(Outcome.NOT_IN_FORCE, rules=rules)
    metric = in_force[0]
    findings = [inquiry.speaks(metric), _made(inquiry, metric)]
    if metric.target:
        findings.append(within(metric.name, metric.target, inquiry.circumstances))
    if findings[0].truth is False:
        return inquiry.answer(Outcome.NOT_APPLICABLE, rules=[metric])
    if any(finding.truth is None for finding in findings):
        return inquiry.withheld(findings, [metric])
    if inquiry.circumstances.known(metric.name).value is NOTHING:
        return inquiry.answer(Outcome.NOT_APPLICABLE, rules=[metric])
    reached = findings[2].truth if metric.target else None
    return inquiry.answer(Outcome.ANSWER, rules=[metric], body=_measured(inquiry, metric, reached))


def _made(inquiry: Inquiry, metric: Metric) -> Finding:
    known = inquiry.circumstances.known(metric.name)
    return Finding(None if known.value is None else True, known.missing, known.open)


def _measured(inquiry: Inquiry, metric: Metric, reached: bool | None) -> Measured:
    """A rate is told as its part and its whole; anything else as the number."""
    words = inquiry.circumstances.vocabulary
    if isinstance(metric.divided_by, str) and metric.name not in inquiry.circumstances.facts:
        part, whole = metric.part(inquiry.circumstances), metric.whole(inquiry.circumstances)
        units = {words.facts[fact].unit for fact in metric.sum}
        return Measured(_told(part), units.pop() if len(units) == 1 else None, reached, _told(whole))
    return Measured(_told(inquiry.circumstances.known(metric.name)), words.facts[metric.name].unit, reached)


def _told(known: Known) -> int | Decimal:
    number = Fraction(known.value)
    return int(number) if number.denominator == 1 else Decimal(number.numerator) / Decimal(number.denominator)
