"""Reviewing a profile's text: what stands in its way, and in short what it says."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from typing import Annotated, Self

import strawberry
from strawberry.scalars import JSON

from policies.outcomes import GapState
from policies.problems import Problem, Severity
from policies.profile import Profile as Law
from policies.publication import Review
from policies.reading import LONGEST_PROFILE
from policies.settings import Setting
from schema.costs import Cost
from schema.enums import enum
from schema.errors import ErrorCode, Language, PublicError, Sentence
from schema.fields import Info, read_field
from schema.profile_contents import ProfilePin, RuleCount
from tenants import profile_drafts, profile_reviews

# Of the source documents the longest has 15,000 characters.
LONGEST_DOCUMENT = 200_000
# Measured: a file of a hundred rules takes about as long as fifty commands.
REVIEWING = Cost(points=200)

enum(Severity, name="ProblemSeverity", description="问题的轻重 / How much a problem weighs.")


@strawberry.type(description="档案文本中的一个问题 / One problem of a profile's text.")
class ProfileProblem:
    code: str = strawberry.field(description="A stable code; never translated. docs/profiles.md lists them.")
    path: str = strawberry.field(description="Where it stands: rules.HN-4.2-5.when; empty for the whole.")
    message: str = strawberry.field(description="The problem as a sentence, in the language asked for.")
    zh: str = strawberry.field(description="The same in Chinese.")
    en: str = strawberry.field(description="The same in English.")
    hint: str = strawberry.field(description="What to do about it, in Chinese; empty where that is plain.")
    severity: Severity = strawberry.field(description="Only an error stands in the way of publishing.")

    @classmethod
    def of(cls, problem: Problem, language: Language) -> Self:
        return cls(
            code=problem.code,
            path=problem.path,
            message=problem.en if language is Language.EN else problem.zh,
            zh=problem.zh,
            en=problem.en,
            hint=problem.hint,
            severity=problem.severity,
        )


@strawberry.type(description="待定或暂定的参数 / A setting that is open, or assumed until it is confirmed.")
class OpenSetting:
    name: str = strawberry.field(description="The setting's name in the profile.")
    label: str = strawberry.field(description="Its Chinese name.")
    state: GapState | None = strawberry.field(description="Why it is open; null where a value is assumed.")
    to: str | None = strawberry.field(description="Where the document sends the reader.")
    is_assumed: bool = strawberry.field(description="Whether a value is used that nobody has confirmed.")
    value: JSON | None = strawberry.field(description="The assumed value, or a table of them.")
    readings: list[str] = strawberry.field(description="The ambiguities that it rests on.")

    @classmethod
    def of(cls, name: str, setting: Setting) -> Self:
        return cls(
            name=name,
            label=setting.label,
            state=setting.state if isinstance(setting.state, GapState) else None,
            to=setting.to,
            is_assumed=setting.is_assumed,
            value=setting.model_dump(mode="json")["values" if setting.values else "value"],
            readings=list(setting.reading),
        )


@strawberry.type(description="档案概要 / What a profile's text says, in short.")
class ProfileOutline:
    name: str = strawberry.field(description="The profile's id.")
    title: str = strawberry.field(description="The document's title.")
    number: str | None = strawberry.field(description="The document's number.")
    first_day: date | None = strawberry.field(description="The document's first day; null if not known.")
    last_day: date | None = strawberry.field(description="Its last day; null for none.")
    parent: ProfilePin | None = strawberry.field(description="The version above that it pins.")
    rules: list[RuleCount] = strawberry.field(description="How many rules of each kind.")
    open_settings: list[OpenSetting] = strawberry.field(description="What the county may still fill in.")
    readings: list[str] = strawberry.field(description="The ambiguities whose reading its rules rest on.")
    digest: str | None = strawberry.field(
        description="SHA-256 of what it says and inherits; null while it cannot be joined with its parent."
    )

    @classmethod
    def of(cls, review: Review) -> Self | None:
        """Nothing where the text cannot be read."""
        if review.own is None:
            return None
        own, law = review.own, review.law or review.own
        return cls(
            name=own.id,
            title=own.title,
            number=own.number,
            first_day=law.day(law.since),
            last_day=law.last_day,
            parent=ProfilePin(name=own.parent.id, version=own.parent.version) if own.parent else None,
            rules=list(_counted(own, law)),
            open_settings=[
                OpenSetting.of(name, one) for name, one in law.settings.items() if one.state is not None
            ],
            readings=sorted({reading for rule in own.rules for reading in rule.reading}),
            digest=review.law.digest if review.law else None,
        )


def _counted(own: Law, law: Law) -> Iterator[RuleCount]:
    of_own, of_law = (Counter(rule.kind for rule in one.rules) for one in (own, law))
    for kind in sorted(of_law):
        yield RuleCount(kind=kind, own=of_own[kind], inherited=of_law[kind] - of_own[kind])


@strawberry.type(description="检查结果 / What a review of a profile's text has found.")
class ProfileReview:
    may_be_published: bool = strawberry.field(description="Whether no error stands in the way.")
    problems: list[ProfileProblem] = strawberry.field(description="Everything found, at once.")
    outline: ProfileOutline | None = strawberry.field(
        description="What it says; null where it cannot be read."
    )

    @classmethod
    def of(cls, review: Review, language: Language) -> Self:
        return cls(
            may_be_published=review.may_be_published,
            problems=[ProfileProblem.of(problem, language) for problem in review.problems],
            outline=ProfileOutline.of(review),
        )


@strawberry.type
class ProfileReviewQuery:
    @read_field(
        permission=profile_drafts.DRAFT,
        description="检查档案文本，不存 / Review a text as publishing would; nothing is stored.",
        cost=REVIEWING,
    )
    async def profile_check(
        self,
        info: Info,
        text: Annotated[str, strawberry.argument(description="The profile's text (YAML).")],
        document_text: Annotated[
            str | None, strawberry.argument(description="The official document's text.")
        ] = None,
    ) -> ProfileReview | None:
        if len(text) > LONGEST_PROFILE or len(document_text or "") > LONGEST_DOCUMENT:
            said = Sentence(
                f"文本最多 {LONGEST_PROFILE} 个字，原文最多 {LONGEST_DOCUMENT} 个字",
                f"the text has at most {LONGEST_PROFILE} characters, the document {LONGEST_DOCUMENT}",
            )
            raise PublicError(ErrorCode.BAD_USER_INPUT, detail=said)
        review = await profile_reviews.review(info.context.viewer, text, document_text)
        return ProfileReview.of(review, info.context.language)
