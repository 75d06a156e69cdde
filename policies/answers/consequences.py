"""What follows from a situation, or from a number that a threshold names?

All that follows is told together. What cannot be decided yet is named beside it, and may add to it: a rung
whose number nobody has set (屡次) waits for a judgement.
"""

from dataclasses import replace

from policies.answers.inquiry import Inquiry
from policies.bodies import Consequences, Result
from policies.decisions import Decision
from policies.findings import Finding, union
from policies.kinds.consequence import SITUATION, Consequence
from policies.outcomes import GapState, Outcome
from policies.profile import Profile
from policies.vocabulary import Category

Heard = list[tuple[Consequence, Finding]]


def concerned(profile: Profile, about: str) -> tuple[Consequence, ...]:
    """Those that name the situation or a wider one, or weigh the number."""
    words = profile.vocabulary.widen([about])
    return profile.in_order(rule for word in words for rule in profile.about(word, Consequence))


def answer(inquiry: Inquiry) -> Decision:
    rules = concerned(inquiry.profile, inquiry.question.about)
    if not rules:
        return inquiry.silent()
    if not (in_force := inquiry.in_force(rules)):
        return inquiry.answer(Outcome.NOT_IN_FORCE, rules=rules)
    inquiry = _in_the_situation(inquiry)
    heard = [(rule, inquiry.speaks(rule)) for rule in in_force]
    undecided = [(rule, finding) for rule, finding in heard if finding.truth is None]
    following = [rule for rule, finding in heard if finding.truth]
    if undecided:
        return _open(inquiry, following, undecided)
    if not following:
        return inquiry.answer(Outcome.NOT_APPLICABLE, rules=rules)
    return _followed(inquiry, Outcome.CONSEQUENCE, following, [])


def _in_the_situation(inquiry: Inquiry) -> Inquiry:
    """What was asked about is what happened."""
    words = inquiry.profile.vocabulary
    about = inquiry.question.about
    if about not in words or words.term(about).category is not Category.SITUATION:
        return inquiry
    now = inquiry.circumstances
    return replace(inquiry, circumstances=replace(now, facts={**now.facts, SITUATION: (about,)}))


def _open(inquiry: Inquiry, following: list[Consequence], undecided: Heard) -> Decision:
    settings = inquiry.profile.settings
    unset = {name for _, finding in undecided for name in finding.open}
    if any(name in settings and settings[name].state is GapState.MANUAL for name in unset):
        return _followed(inquiry, Outcome.NEEDS_JUDGEMENT, following, undecided)
    if following:
        return _followed(inquiry, Outcome.CONSEQUENCE, following, undecided)
    return inquiry.withheld([finding for _, finding in undecided], [rule for rule, _ in undecided])


def _followed(inquiry: Inquiry, outcome: Outcome, following: list[Consequence], undecided: Heard) -> Decision:
    days = [inquiry.circumstances.setting(rule.rectify_days) for rule in following]
    unset = union(finding.open for _, finding in undecided)
    undefined = sorted(unset) + sorted(union(one.open for one in days) - unset)
    results = [result for rule in following for result in _results(inquiry, rule)]
    open_ones = [rule for rule, _ in undecided]
    return inquiry.answer(
        outcome,
        rules=[*following, *(open_ones if unset else ())],
        weighed=open_ones,
        body=Consequences(tuple(results), tuple(rule.id for rule in open_ones)),
        missing=union(finding.missing for _, finding in undecided),
        gaps=[inquiry.gap(name) for name in undefined],
    )


def _results(inquiry: Inquiry, rule: Consequence) -> list[Result]:
    days = inquiry.circumstances.setting(rule.rectify_days).value
    return [
        Result(
            rule=rule.id,
            who=one.who,
            liability=one.liability,
            measures=one.measures,
            by=rule.by,
            rectify=rule.rectify_days is not None,
            rectify_days=days,
            escalates=rule.escalates,
        )
        for one in rule.results
    ]
