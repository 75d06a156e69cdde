"""Published profiles side by side: what each answers to the same questions, and which rules each has."""

from collections.abc import Sequence
from typing import Annotated, Any, Self

import strawberry
from strawberry.scalars import JSON

from policies import comparison
from policies.comparison import Inquest
from policies.outcomes import Ask
from schema.costs import Cost
from schema.decisions import Decision, QuestionInput, facts_given, mistakes_told
from schema.errors import ErrorCode, Language, PublicError, Sentence
from schema.fields import Info, read_field
from schema.places import ProfileSummary
from schema.rules import Rule
from schema.texts import sought
from tenants import places, profiles
from tenants.profiles import LawInForce

MOST_COMPARED = 4
CODE_LENGTH = 12
MOST_SUBJECTS = 100


@strawberry.type(description="同一问题的各份回答 / One question, with the answer of each profile.")
class ComparedAnswer:
    probe: str | None = strawberry.field(description="The name of a usual question; null for one's own.")
    question: str | None = strawberry.field(description="The usual question as a sentence.")
    ask: Ask = strawberry.field(description="The kind of question.")
    about: str = strawberry.field(description="What it is about.")
    differs: bool = strawberry.field(description="Whether any two of them say another thing.")
    decisions: list[Decision] = strawberry.field(description="The answers, in the order of the profiles.")

    @classmethod
    def of(cls, row: comparison.Row, laws: Sequence[LawInForce], language: Language) -> Self:
        probe, sides = row.asked.probe, zip(row.decisions, laws, strict=True)
        return cls(
            probe=probe.id if probe else None,
            question=(probe.en if language is Language.EN else probe.zh) if probe else None,
            ask=row.asked.question.ask,
            about=row.asked.question.about,
            differs=row.differs,
            decisions=[Decision.of(one, law.law.vocabulary if law.law else None) for one, law in sides],
        )


@strawberry.type(description="一份文件对一个问题的规定 / The rules of one profile on a subject.")
class ComparedSide:
    profile: str = strawberry.field(description="The profile.")
    rules: list[Rule] = strawberry.field(description="Its rules; none where it is silent.")


@strawberry.type(
    description="各份文件对同一事项的规定 / What may be asked about, and the rules of each on it."
)
class ComparedSubject:
    about: str = strawberry.field(description="The act, pair, matter, metric …")
    label: str = strawberry.field(description="Its Chinese name.")
    differs: bool = strawberry.field(description="Whether one speaks of it and another does not.")
    sides: list[ComparedSide] = strawberry.field(description="The rules, in the order of the profiles.")

    @classmethod
    def of(cls, subject: comparison.Subject, laws: Sequence[LawInForce]) -> Self:
        sides = [
            ComparedSide(
                profile=law.law.id if law.law else "",
                rules=[Rule.of(rule, law, law.owner_id) for rule in rules],
            )
            for law, rules in zip(laws, subject.rules, strict=True)
        ]
        return cls(about=subject.about, label=subject.label, differs=subject.differs, sides=sides)


@strawberry.type(description="文件对照 / Several profiles side by side, the place's own first.")
class ProfileComparison:
    profiles: list[ProfileSummary] = strawberry.field(
        description="The profiles, with their open settings.", metadata={"cost": Cost(items=MOST_COMPARED)}
    )
    unknown: list[str] = strawberry.field(
        description="Of what was named, that of which no published profile is known, or more than one."
    )
    answers: list[ComparedAnswer] = strawberry.field(
        description="The question asked, or each of the usual ones.", metadata={"cost": Cost(items=15)}
    )
    laws: strawberry.Private[Sequence[LawInForce]]

    @strawberry.field(description="逐事项对照 / What any of them speaks of, and the rules of each on it.")
    def subjects(
        self,
        differing: Annotated[
            bool, strawberry.argument(description="Only where one speaks and another does not.")
        ] = False,
        first: Annotated[int, strawberry.argument(description="How many at most, 1 to 100.")] = 20,
        skip: Annotated[int, strawberry.argument(description="How many to leave out before.")] = 0,
    ) -> list[ComparedSubject]:
        if not 1 <= first <= MOST_SUBJECTS or skip < 0:
            said = Sentence(f"first 应在 1 到 {MOST_SUBJECTS} 之间", f"first is 1 to {MOST_SUBJECTS}")
            raise PublicError(ErrorCode.BAD_USER_INPUT, detail=said)
        found = comparison.subjects([law.law for law in self.laws if law.law])
        wanted = [one for one in found if one.differs or not differing]
        return [ComparedSubject.of(one, self.laws) for one in wanted[skip : skip + first]]


@strawberry.type
class ComparisonQuery:
    @read_field(
        permission="profile.read",
        description="文件对照：本地的与所列的 / The place's own profile beside others: law is public.",
        cost=Cost(points=100, grows_with="facts"),
    )
    async def profile_compare(
        self,
        info: Info,
        with_: Annotated[
            list[str],
            strawberry.argument(
                name="with", description="The ids of profiles, or the 12-digit codes of places; at most 4."
            ),
        ],
        question: Annotated[
            QuestionInput | None, strawberry.argument(description="One question; the usual ones if left out.")
        ] = None,
        facts: Annotated[
            JSON | None, strawberry.argument(description="The facts of that question, by name.")
        ] = None,
    ) -> ProfileComparison:
        if len(with_) > MOST_COMPARED:
            said = Sentence(f"最多对照 {MOST_COMPARED} 份", f"at most {MOST_COMPARED} are compared")
            raise PublicError(ErrorCode.BAD_USER_INPUT, detail=said)
        viewer = info.context.viewer
        named = {name: await _published(info, sought(name)) for name in dict.fromkeys(with_)}
        found = {law.profile_id: law for law in (info.context.law, *named.values()) if law and law.law}
        laws = list(found.values())
        with mistakes_told():
            asked = [Inquest(question.asked, facts_given(facts))] if question else comparison.usual()
            rows = comparison.compare([law.law for law in laws if law.law], asked, viewer.day) if laws else ()
        return ProfileComparison(
            profiles=[one for law in laws if (one := ProfileSummary.maybe(law, _home(info, law)))],
            unknown=[name for name, law in named.items() if law is None or law.law is None],
            answers=[ComparedAnswer.of(row, laws, info.context.language) for row in rows],
            laws=laws,
        )


def _home(info: Info, law: LawInForce) -> Any:
    """The place as whose law it is shown: the viewer's own, or where it was published."""
    viewer = info.context.viewer
    return viewer.place_id if law.profile_id == info.context.law.profile_id else law.owner_id


async def _published(info: Info, name: str) -> LawInForce | None:
    """The law of the place with this code, or the newest version of the profile of this name."""
    day = info.context.viewer.day
    if len(name) == CODE_LENGTH and (place := await places.by_code(name)) is not None:
        return await profiles.law_on(place.id, day)
    return await profiles.named(name, info.context.viewer.place_id, day)
