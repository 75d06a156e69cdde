"""The report on a county that is onboarded, or would be: what it adopts, inherits, lacks and answers."""

from typing import Self

import strawberry

from policies.jurisdiction import Level
from policies.profile import AnyRule
from policies.vocabulary import Vocabulary
from schema.costs import Cost
from schema.decisions import Decision
from schema.enums import enum
from schema.errors import Language
from schema.places import ProfileSummary
from schema.profile_reviews import OpenSetting
from schema.readiness import Readiness
from tenants import onboarding_report, register
from tenants.register import Entry
from tenants.register.newer_list import Change, Difference

enum(Change, name="NodeChange", description="与较新名单的不同 / How a newer list differs.")


@strawberry.type(description="一个乡镇及其村数 / A township and how many villages it has.")
class AdoptedTownship:
    code: str = strawberry.field(description="Its 12-digit code.")
    name: str = strawberry.field(description="Its name.")
    villages: int = strawberry.field(description="How many villages and communities lie in it.")
    is_local: bool = strawberry.field(description="Whether no register lists it.")


@strawberry.type(description="名册中没有采用的区划 / A published node that was left out.")
class ExcludedNode:
    code: str = strawberry.field(description="Its 12-digit code.")
    name: str = strawberry.field(description="Its name.")
    level: Level = strawberry.field(description="Its level.")

    @classmethod
    def of(cls, entry: Entry) -> Self:
        return cls(code=entry.code, name=entry.name, level=entry.level)


@strawberry.type(description="沿用的一条规定 / A rule that the county inherits.")
class InheritedRule:
    rule: str = strawberry.field(description="The rule's id in the profile.")
    kind: str = strawberry.field(description="What kind of rule it is: flow, guard, assignment …")
    clause: str = strawberry.field(description="The clause of the document.")
    quote: str = strawberry.field(description="The words of the document.")

    @classmethod
    def of(cls, rule: AnyRule) -> Self:
        return cls(rule=rule.id, kind=rule.kind, clause=rule.clause, quote=rule.quote)


@strawberry.type(description="例行一问及其回答 / A question that every new county is asked, answered.")
class ProbeAnswer:
    probe: str = strawberry.field(description="The question's name.")
    question: str = strawberry.field(description="The question as a sentence, in the language asked for.")
    decision: Decision = strawberry.field(description="The answer of the county's document.")

    @classmethod
    def of(cls, answer: onboarding_report.Answer, words: Vocabulary | None, language: Language) -> Self:
        probe = answer.probe
        question = probe.en if language is Language.EN else probe.zh
        return cls(probe=probe.id, question=question, decision=Decision.of(answer.decision, words))


@strawberry.type(description="与较新名单的一处不同 / One difference from a newer list.")
class NodeDifference:
    change: Change = strawberry.field(description="Added, missing, or under another code.")
    level: Level = strawberry.field(description="Its level.")
    name: str = strawberry.field(description="Its name, by which the lists are joined.")
    code: str | None = strawberry.field(description="Our code; null where the newer list adds it.")
    newer_code: str | None = strawberry.field(description="The newer list's code; null where it is missing.")

    @classmethod
    def of(cls, found: Difference) -> Self:
        return cls(
            change=found.change,
            level=found.level,
            name=found.name,
            code=found.code,
            newer_code=found.newer_code,
        )


@strawberry.type(description="开通报告 / What a county is like once it is onboarded.")
class OnboardingReport:
    code: str = strawberry.field(description="The county's 12-digit code.")
    name: str = strawberry.field(description="The county's name.")
    vintage: str = strawberry.field(description="The day of the published list of divisions.")
    township_count: int = strawberry.field(description="How many townships it has.")
    village_count: int = strawberry.field(description="How many villages it has.")
    townships: list[AdoptedTownship] = strawberry.field(
        description="Its townships, by code.", metadata={"cost": Cost(items=20)}
    )
    excluded: list[ExcludedNode] = strawberry.field(description="What the list has and the county has not.")
    differences: list[NodeDifference] | None = strawberry.field(
        description="What a newer list says differently, joined by name; null where none was given."
    )
    base: ProfileSummary | None = strawberry.field(description="The document it lives under; null for none.")
    rules: list[InheritedRule] = strawberry.field(
        description="The rules it inherits, in their order.", metadata={"cost": Cost(items=50)}
    )
    open_settings: list[OpenSetting] = strawberry.field(description="What the document leaves open.")
    answers: list[ProbeAnswer] = strawberry.field(
        description="What its document answers to the usual questions.", metadata={"cost": Cost(items=20)}
    )
    readiness: Readiness = strawberry.field(description="How far it is on its way to work.")

    @classmethod
    def of(cls, report: onboarding_report.Report, language: Language) -> Self:
        words = report.law.law.vocabulary if report.law.law else None
        return cls(
            code=report.code,
            name=report.name,
            vintage=register.VINTAGE,
            township_count=report.counts.get(Level.TOWNSHIP, 0),
            village_count=report.counts.get(Level.VILLAGE, 0),
            townships=[
                AdoptedTownship(code=t.code, name=t.name, villages=t.villages, is_local=t.is_local)
                for t in report.townships
            ],
            excluded=[ExcludedNode.of(entry) for entry in report.excluded],
            differences=[NodeDifference.of(one) for one in report.differences]
            if report.differences is not None
            else None,
            base=ProfileSummary.maybe(report.law, report.place_id),
            rules=[InheritedRule.of(rule) for rule in report.rules],
            open_settings=[OpenSetting.of(name, setting) for name, setting in report.settings.items()],
            answers=[ProbeAnswer.of(answer, words, language) for answer in report.answers],
            readiness=Readiness.of(report.readiness),
        )
