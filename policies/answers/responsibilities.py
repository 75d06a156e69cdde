"""Who answers for a matter (`answerable`), and may this actor do that by itself (`power`)?"""

from datetime import date

from policies.answers.inquiry import Inquiry
from policies.bodies import Answerable, Powers, Subject
from policies.conditions import holds
from policies.decisions import Decision, Question
from policies.findings import Finding
from policies.kinds.responsibility import Responsibility
from policies.outcomes import Ask, Outcome
from policies.profile import Profile


def about_matter(profile: Profile, matter: str) -> tuple[Responsibility, ...]:
    return profile.about(matter, Responsibility)


def about_power(profile: Profile, power: str) -> tuple[Responsibility, ...]:
    """Every responsibility that grants anything: who is granted some powers has no others."""
    return tuple(rule for rule in profile.of_kind(Responsibility) if rule.grants)


def answerable(inquiry: Inquiry) -> Decision:
    """All that the document makes answer for the matter, each with its liability."""
    rules = _hear(inquiry, about_matter(inquiry.profile, inquiry.question.about))
    if isinstance(rules, Decision):
        return rules
    body = Answerable(tuple(_subject(rule) for rule in rules))
    return inquiry.answer(Outcome.ANSWER, rules=rules, body=body)


def power(inquiry: Inquiry) -> Decision:
    """What is not granted is not granted: denied where others hold it, or the actor holds other powers."""
    wanted, actor = inquiry.question.about, inquiry.circumstances.known("actor")
    rules = _hear(inquiry, about_power(inquiry.profile, wanted))
    if isinstance(rules, Decision):
        return rules
    if actor.value is None:
        return inquiry.withheld([Finding(None, actor.missing)], rules)
    granting = [rule for rule in rules if wanted in rule.grants]
    own = [rule for rule in rules if _is_the_actors(inquiry, rule, actor.value)]
    cited = [rule for rule in granting if rule in own] or granting or own
    if not cited:
        return inquiry.silent()
    may = tuple(dict.fromkeys(word for rule in own for word in rule.grants))
    return inquiry.answer(
        Outcome.ALLOW if wanted in may else Outcome.DENY,
        rules=cited,
        facts=("actor",),
        body=Powers(tuple(rule.who for rule in granting), may),
    )


def standing(profile: Profile, level: str, on: date) -> list[Responsibility]:
    """The responsibilities that may stand for a division of this level on a day: all but those whose
    condition says that they are not about it."""
    rules = tuple(profile.of_kind(Responsibility))
    if not rules or not profile.holds_on(on):
        return []
    question = Question(Ask.ANSWERABLE, rules[0].matter)
    inquiry = Inquiry(profile, question, profile.circumstances({"scope": level}, on))
    return [
        rule for rule in inquiry.in_force(rules) if holds(rule.when, inquiry.circumstances).truth is not False
    ]


def _is_the_actors(inquiry: Inquiry, rule: Responsibility, actor: tuple[str, ...]) -> bool:
    return not inquiry.circumstances.vocabulary.widen(actor).isdisjoint(rule.who.terms)


def _hear(inquiry: Inquiry, rules: tuple[Responsibility, ...]) -> list[Responsibility] | Decision:
    """Those that speak; or the answer, when that cannot be said or none does."""
    if not rules:
        return inquiry.silent()
    if not (in_force := inquiry.in_force(rules)):
        return inquiry.answer(Outcome.NOT_IN_FORCE, rules=rules)
    findings = [inquiry.speaks(rule) for rule in in_force]
    if unknown := [finding for finding in findings if finding.truth is None]:
        return inquiry.withheld(unknown, in_force)
    speaking = [rule for rule, finding in zip(in_force, findings, strict=True) if finding.truth]
    return speaking or inquiry.answer(Outcome.NOT_APPLICABLE, rules=in_force)


def _subject(rule: Responsibility) -> Subject:
    return Subject(rule.id, rule.who, rule.liability, rule.under, rule.supervises, rule.delegable)
