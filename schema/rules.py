"""The rules of the place's law, as its document says them, and how each of them reads."""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Self

import strawberry
from strawberry.scalars import JSON

from policies.checks.quotes import folded
from policies.form import Form
from policies.kinds.consequence import Consequence
from policies.kinds.flow import Flow
from policies.kinds.rule import Rule as LawRule
from policies.kinds.rule import Strength
from policies.lineage import Mark, mark_of
from policies.outcomes import Basis, Origin
from policies.phrases import phrase
from policies.profile import Profile as Law
from schema.connections import PAGE, After, Connection, First
from schema.costs import Cost
from schema.decision_bodies import Parties
from schema.decisions import Citation, Gap
from schema.enums import enum
from schema.errors import Language
from schema.fields import Info, read_field
from schema.places import ProfileSummary
from schema.profile_contents import Noted, ProfileSetting, RuleKind, settings_named
from schema.texts import sought
from tenants import decisions, profiles
from tenants.profiles import LawInForce

enum(Strength, name="Strength", description="效力 / How strongly a rule binds.")
enum(Mark, name="LineageMark", description="与上级文件的关系 / What a rule is to the law from above.")

On = Annotated[
    date | None, strawberry.argument(description="The day to ask for; the viewer's when left out.")
]


@strawberry.type(description="规则发言的条件 / When a rule speaks.")
class RuleCondition:
    data: JSON = strawberry.field(description="As it is written in the profile.")
    sentence: str = strawberry.field(description="As a sentence, in the language asked for.")
    zh: str = strawberry.field(description="The same in Chinese.")
    facts: list[str] = strawberry.field(description="The facts that it weighs.")

    @classmethod
    def maybe(cls, rule: LawRule, law: Law, language: Language) -> Self | None:
        if rule.when is None:
            return None
        zh = phrase(rule.when, law)
        return cls(
            data=_written(rule.when),
            sentence=phrase(rule.when, law, "en") if language is Language.EN else zh,
            zh=zh,
            facts=sorted(rule.when.facts()),
        )


@strawberry.type(description="一条规则 / One rule of the law of the place.")
class Rule:
    id: strawberry.ID = strawberry.field(description="Its id in the profile: HN-4.2-6.")
    kind: RuleKind = strawberry.field(description="What kind of rule it is.")
    clause: str = strawberry.field(description="The clause of the document, as it is numbered there.")
    quote: str = strawberry.field(description="The words of the document.")
    strength: Strength = strawberry.field(description="How strongly it binds.")
    basis: Basis = strawberry.field(description="Document, platform, or a note of the county.")
    readings: list[str] = strawberry.field(description="The ambiguities whose reading it rests on.")
    note: str = strawberry.field(description="A remark.")
    over: str | None = strawberry.field(description="The rule from above that it takes the place of.")
    excepts: list[str] = strawberry.field(description="The rules that are silent where it speaks.")
    law: strawberry.Private[Law]
    rule: strawberry.Private[LawRule]
    cited: strawberry.Private[Citation]

    @classmethod
    def of(cls, rule: LawRule, in_force: LawInForce, place_id: Any) -> Self:
        assert in_force.law is not None, "there is no rule without a law"
        return cls(
            id=strawberry.ID(rule.id),
            kind=RuleKind(rule.kind),
            clause=rule.clause,
            quote=rule.quote,
            strength=rule.strength,
            basis=rule.basis,
            readings=list(rule.reading),
            note=rule.note,
            over=rule.over,
            excepts=list(rule.excepts),
            law=in_force.law,
            rule=rule,
            cited=Citation.of(decisions.cited(place_id, in_force, rule)),
        )

    @strawberry.field(description="Whose matter it is; null: anybody's.")
    def who(self) -> Parties | None:
        return Parties.maybe(self.rule.who, self.law.vocabulary)

    @strawberry.field(description="When it speaks; null: always.")
    def when(self, info: Info) -> RuleCondition | None:
        return RuleCondition.maybe(self.rule, self.law, info.context.language)

    @strawberry.field(description="Its own first day, where it has one.")
    def since(self) -> date | None:
        return self.law.day(self.rule.since)

    @strawberry.field(description="Its own last day, where it has one.")
    def until(self) -> date | None:
        return self.law.day(self.rule.until)

    @strawberry.field(description="What it leaves open that is no number.")
    def gaps(self) -> list[Gap]:
        return [Gap.of(gap, self.law.vocabulary) for gap in self.rule.open_points]

    @strawberry.field(description="The settings that it names.")
    def settings(self) -> list[ProfileSetting]:
        return settings_named(self.law, self.rule)

    @strawberry.field(description="By whom, and from which paper, a county's note was written.")
    def noted(self) -> Noted | None:
        return Noted.maybe(self.rule.noted)

    @strawberry.field(description="The rules that except it.")
    def excepted_by(self) -> list[str]:
        return [rule.id for rule in self.law.excepting(self.rule)]

    @strawberry.field(description="Of a flow, the one whose steps come first.")
    def after(self) -> str | None:
        return self.rule.after if isinstance(self.rule, Flow) else None

    @strawberry.field(description="Of a consequence, the milder one that it goes beyond.")
    def escalates(self) -> str | None:
        return self.rule.escalates if isinstance(self.rule, Consequence) else None

    @strawberry.field(description="出处：哪份文件、哪一版 / The profile that says it, and at which version.")
    def citation(self) -> Citation:
        return self.cited

    @strawberry.field(
        description="与上级文件的关系：沿用、收紧、放宽或本级自定 / What it is to the law above."
    )
    def mark(self) -> Mark:
        return mark_of(self.rule, self.law)

    @strawberry.field(description="What it may be asked about: acts, pairs who>to, matters, metrics …")
    def subjects(self) -> list[str]:
        return list(dict.fromkeys(self.rule.subjects()))

    @strawberry.field(description="The whole rule, as it is written in the profile.")
    def as_data(self) -> JSON:
        data: JSON = _written(self.rule)
        return data


@strawberry.input(description="筛选规则 / Which rules; what is left out does not matter.")
class RuleFilter:
    kind: list[RuleKind] | None = strawberry.field(default=None, description="Of one of these kinds.")
    strength: list[Strength] | None = strawberry.field(default=None, description="As strong as one of these.")
    basis: Basis | None = strawberry.field(default=None, description="Resting on this.")
    origin: Origin | None = strawberry.field(default=None, description="The place's own, or from above.")
    mark: list[Mark] | None = strawberry.field(
        default=None, description="Inherited, tightened, loosened, or local."
    )
    clause: str | None = strawberry.field(default=None, description="Of the clause that begins so: 四（二）.")
    about: str | None = strawberry.field(
        default=None, description="Heard when this is asked about: leave, first_secretary>village …"
    )
    who: str | None = strawberry.field(
        default=None, description="About this role or organ, by its own word or a wider one."
    )
    text: str | None = strawberry.field(default=None, description="A part of the quotation.")
    has_gap: bool | None = strawberry.field(
        default=None, description="Whether it leaves something open, or names a setting that is open."
    )
    assumed: bool | None = strawberry.field(
        default=None, description="Whether it names a setting that is only assumed."
    )

    def chosen(self, in_force: LawInForce, place_id: Any) -> Iterator[LawRule]:
        """Those that pass, in the order of the document. Raises BAD_USER_INPUT for a text too long."""
        law = in_force.law
        wanted = {name: sought(text) for name in _TEXTS if (text := getattr(self, name)) is not None}
        for rule in law.rules if law else ():
            assert law is not None, "a rule has its law"
            origin = decisions.cited(place_id, in_force, rule).origin
            is_marked = self.mark is None or mark_of(rule, law) in self.mark
            if (
                is_marked
                and self._fits(rule, origin)
                and self._is_left_open(rule, law)
                and _reads(rule, law, wanted)
            ):
                yield rule

    def _fits(self, rule: LawRule, origin: Origin) -> bool:
        return (
            self.origin in (None, origin)
            and (self.kind is None or rule.kind in self.kind)
            and (self.strength is None or rule.strength in self.strength)
            and self.basis in (None, rule.basis)
        )

    def _is_left_open(self, rule: LawRule, law: Law) -> bool:
        named = [law.settings[name] for name in rule.parameters() if name in law.settings]
        has_gap = bool(rule.gaps) or any(not setting.is_given for setting in named)
        is_assumed = any(setting.is_assumed for setting in named)
        return self.has_gap in (None, has_gap) and self.assumed in (None, is_assumed)


def _written(form: Form) -> Any:
    """As it stands in the profile."""
    return form.model_dump(mode="json", by_alias=True, exclude_defaults=True)


_TEXTS = ("clause", "about", "who", "text")


def _reads(rule: LawRule, law: Law, wanted: dict[str, str]) -> bool:
    """Whether the rule has the words that are looked for."""
    words = law.vocabulary
    if "who" in wanted and not (rule.who and words.widen([wanted["who"]]).intersection(rule.who.terms)):
        return False
    return (
        ("about" not in wanted or wanted["about"] in rule.subjects())
        and folded(rule.clause).startswith(folded(wanted.get("clause", "")))
        and folded(wanted.get("text", "")) in folded(rule.quote)
    )


async def law_then(info: Info, on: date | None) -> LawInForce:
    """The law of the viewer's place on a day, his own by default."""
    viewer = info.context.viewer
    if on is None or on == viewer.day:
        return info.context.law
    return await profiles.law_on(viewer.place_id, on)


@strawberry.type
class RuleQuery:
    @read_field(
        permission="profile.read",
        description="本地适用的文件 / The document that the place lives under on a day; null for none.",
    )
    async def profile(self, info: Info, on: On = None) -> ProfileSummary | None:
        return ProfileSummary.maybe(await law_then(info, on), info.context.viewer.place_id)

    @read_field(
        permission="profile.read",
        description="本地文件的规则，按条款次序 / The rules of the place's law, in their order.",
        closed=Connection.empty,
        cost=Cost(points=20),
    )
    async def rules(
        self,
        info: Info,
        filter: Annotated[RuleFilter | None, strawberry.argument(description="Which of them.")] = None,
        on: On = None,
        first: First = PAGE,
        after: After = None,
    ) -> Connection[Rule]:  # type: ignore[type-var]
        law, place_id = await law_then(info, on), info.context.viewer.place_id
        rules = list((filter or RuleFilter()).chosen(law, place_id))
        return Connection.of_list(
            rules, lambda rule: rule.id, lambda rule: Rule.of(rule, law, place_id), first, after
        )

    @read_field(permission="profile.read", description="按编号取一条规则 / One rule by its id.")
    async def rule(
        self,
        info: Info,
        id: Annotated[str, strawberry.argument(description="Its id in the profile: HN-4.2-6.")],
        on: On = None,
    ) -> Rule | None:
        in_force, place_id = await law_then(info, on), info.context.viewer.place_id
        found = (rule for rule in (in_force.law.rules if in_force.law else ()) if rule.id == id)
        return next((Rule.of(rule, in_force, place_id) for rule in found), None)
