"""Who answers for a matter (`answerable`), and may this actor do that by itself (`power`)?"""

from policies.answers.inquiry import Inquiry
from policies.bodies import Answerable, Powers, Subject
from policies.conditions import Finding
from policies.decisions import Decision
from policies.kinds.responsibility import Responsibility
from policies.outcomes import Outcome
from policies.profile import Profile


def about_matter(profile: Profile, matter: str) -> tuple[Responsibility, ...]:
    return profile.about(matter, Responsibility)


def about_power(profile: Profile, power: str) -> tuple[Responsibility, ...]:
    """Every responsibility that grants anything: who is granted some powers has no others."""
    return tuple(rule for rule in profile.of_kind(Responsibility) if rule.grants)


def answerable(inquiry: Inquiry) -> Decision:
    """All that the document makes answer for the matter, each with its liability."""
    heard = _hear(inquiry, about_matter(inquiry.profile, inquiry.question.about))
    if isinstance(heard, Decision):
        return heard
    rules, findings = heard
    if not rules:
        return inquiry.answer(Outcome.NOT_APPLICABLE, findings=findings)
    body = Answerable(tuple(_subject(rule) for rule in rules))
    return inquiry.answer(Outcome.ANSWER, rules=rules, findings=findings, body=body)


def power(inquiry: Inquiry) -> Decision:
    """What is not granted is not granted: denied where others hold it, or the actor holds other powers."""
    wanted = inquiry.question.about
    heard = _hear(inquiry, about_power(inquiry.profile, wanted))
    if isinstance(heard, Decision):
        return heard
    granting = [rule for rule in heard[0] if wanted in rule.grants]
    actor = inquiry.circumstances.known("actor")
    if actor.value is None:
        return inquiry.withheld([Finding(None, missing=actor.missing)])
    wide = inquiry.circumstances.vocabulary.widen(actor.value)
    own = [rule for rule in heard[0] if wide.intersection(rule.who.terms)]
    cited = [rule for rule in granting if rule in own] or granting or own
    if not cited:
        return inquiry.silent()
    may = tuple(dict.fromkeys(word for rule in own for word in rule.grants))
    return inquiry.answer(
        Outcome.ALLOW if wanted in may else Outcome.DENY,
        rules=cited,
        findings=[*heard[1], Finding(True, actor.used)],
        body=Powers(tuple(rule.who for rule in granting), may),
    )


def _hear(
    inquiry: Inquiry, rules: tuple[Responsibility, ...]
) -> tuple[list[Responsibility], list[Finding]] | Decision:
    if not rules:
        return inquiry.silent()
    if not (in_force := inquiry.in_force(rules)):
        return inquiry.answer(Outcome.NOT_IN_FORCE, rules=rules)
    heard = [(rule, inquiry.speaks(rule)) for rule in in_force]
    if unknown := [finding for _, finding in heard if finding.truth is None]:
        return inquiry.withheld(unknown, in_force)
    return [rule for rule, finding in heard if finding.truth], [finding for _, finding in heard]


def _subject(rule: Responsibility) -> Subject:
    return Subject(rule.id, rule.who, rule.liability, rule.under, rule.supervises, rule.delegable)
