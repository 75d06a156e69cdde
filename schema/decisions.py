"""Decisions: an answer of the law with the clauses behind it, and the question that can be asked freely."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Annotated, Any, Self

import strawberry
from strawberry.scalars import JSON

from policies import decisions as law
from policies import outcomes
from policies.mistakes import Mistake, MistypedFact, shown
from policies.questions import needs
from policies.vocabulary import vocabulary
from schema.costs import Cost
from schema.enums import enum
from schema.errors import ErrorCode, Language, PublicError, Sentence
from schema.fields import Info, read_field
from schema.terms import Term
from tenants import decisions, profiles

enum(outcomes.Ask, name="Ask", description="问什么 / What kind of question it is.")
enum(outcomes.Basis, name="Basis", description="依据 / What a rule rests on.")
enum(outcomes.GapState, name="GapState", description="未定的情形 / Why it is not given.")
enum(outcomes.Mode, name="GroupMode", description="几方如何共同办理 / How several act.")
enum(outcomes.Origin, name="Origin", description="本级或上级文件 / Own rule or inherited.")
enum(outcomes.Outcome, name="Outcome", description="结论 / The outcome.")
enum(outcomes.StepAct, name="StepAct", description="办理动作 / What a step does.")


@strawberry.type(description="所依据的条文 / The clause that gave the answer.")
class Citation:
    rule: str = strawberry.field(description="The rule's id in the profile.")
    clause: str = strawberry.field(description="The clause of the document, as it is numbered there.")
    quote: str = strawberry.field(description="The words of the document.")
    profile: str = strawberry.field(description="The profile whose document it is.")
    version: int = strawberry.field(description="The published version of that profile.")
    basis: outcomes.Basis = strawberry.field(description="Document, platform, or a note of the county.")
    origin: outcomes.Origin = strawberry.field(description="The place's own rule, or inherited from above.")


@strawberry.type(description="文件没有给出的内容 / What the document does not give.")
class Gap:
    what: str = strawberry.field(description="What is missing: a word, a setting, or what was asked about.")
    label: str = strawberry.field(description="Its Chinese name; the code itself where it has none.")
    state: outcomes.GapState = strawberry.field(description="Why it is missing.")
    to: str | None = strawberry.field(description="Where the document sends the reader.")
    rule: str | None = strawberry.field(description="The rule that has the gap; null for silence.")

    @classmethod
    def of(cls, gap: law.Gap) -> Self:
        label = gap.label or vocabulary().label(gap.what)
        return cls(what=gap.what, label=label, state=gap.state, to=gap.to, rule=gap.rule)


@strawberry.type(description="采用的情况 / A fact the answer used.")
class UsedFact:
    name: str = strawberry.field(description="The fact's name in the vocabulary.")
    label: str = strawberry.field(description="Its Chinese name.")
    value: JSON = strawberry.field(description="The value that was used.")


@strawberry.type(description="暂按某种理解采用的值 / A value taken from a reading nobody has confirmed yet.")
class Assumption:
    setting: str = strawberry.field(description="The setting's name.")
    label: str = strawberry.field(description="Its Chinese name.")
    value: JSON = strawberry.field(description="The value taken.")
    reading: list[str] = strawberry.field(description="The ambiguities that the reading settles.")


@strawberry.type(description="办理步骤 / One step: who does what.")
class DecisionStep:
    act: outcomes.StepAct = strawberry.field(description="What is done.")
    mode: outcomes.Mode = strawberry.field(description="Whether one, all or some of them act.")
    organs: list[Term] = strawberry.field(description="Those who act; for a telling act, those told.")
    count: int | None = strawberry.field(description="How many, where the mode is at_least.")

    @classmethod
    def of(cls, step: outcomes.Step) -> Self:
        group = step.group
        return cls(act=step.act, mode=group.mode, organs=[Term.of(t) for t in group.terms], count=group.count)


@strawberry.type(description="结论及其依据 / An answer of the place's document, with what it rests on.")
class Decision:
    outcome: outcomes.Outcome = strawberry.field(description="The outcome.")
    ask: outcomes.Ask = strawberry.field(description="The kind of question.")
    about: str = strawberry.field(description="What was asked about.")
    on: date = strawberry.field(description="The day it was asked for.")
    profile: str | None = strawberry.field(description="The profile that answered; null where none applies.")
    version: int | None = strawberry.field(description="Its published version.")
    steps: list[DecisionStep] = strawberry.field(description="Through whose hands it goes, in order.")
    cites: list[Citation] = strawberry.field(description="The clauses that gave the answer.")
    warnings: list[str] = strawberry.field(description="原则上 rules that are broken; they want a reason.")
    facts: list[UsedFact] = strawberry.field(description="The facts that were used.")
    missing: list[str] = strawberry.field(description="The facts that are missing.")
    gaps: list[Gap] = strawberry.field(description="What the document leaves open.")
    assumed: list[Assumption] = strawberry.field(description="Values taken from unconfirmed readings.")
    body: JSON | None = strawberry.field(description="The outcome's own details as data.")

    @classmethod
    def of(cls, decision: law.Decision) -> Self:
        data = law.as_data(decision)
        return cls(
            outcome=decision.outcome,
            ask=decision.question.ask,
            about=decision.question.about,
            on=decision.on,
            profile=decision.profile or None,
            version=decision.version or None,
            steps=[DecisionStep.of(step) for step in decision.steps],
            cites=[Citation(**_fields_of(cite, Citation)) for cite in decision.cites],
            warnings=list(decision.warnings),
            facts=[UsedFact(label=fact_label(f["name"]), **f) for f in data["facts"]],
            missing=list(decision.missing),
            gaps=[Gap.of(gap) for gap in decision.gaps],
            assumed=[Assumption(**row) for row in data["assumed"]],
            body=data["body"],
        )

    @classmethod
    def maybe(cls, decision: law.Decision | None) -> Self | None:
        return cls.of(decision) if decision is not None else None


def _fields_of(value: Any, shown: type) -> dict[str, Any]:
    """What the shown type has of a value, by the same names."""
    return {name: getattr(value, name) for name in shown.__annotations__}


def fact_label(name: str, language: Language = Language.ZH) -> str:
    """The Chinese name of a fact. In English its id says what it is: `leave_days`."""
    fact = vocabulary().facts.get(name)
    return fact.label if fact is not None and language is Language.ZH else name


@strawberry.type(description="回答问题所需的情况 / A fact that the document may want for a question.")
class WantedFact:
    name: str = strawberry.field(description="The fact's name in the vocabulary.")
    label: str = strawberry.field(description="Its Chinese name.")
    required: bool = strawberry.field(description="Whether the question cannot be asked without it.")


@strawberry.input(description="向本地文件提出的问题 / A question to the place's document.")
class QuestionInput:
    ask: outcomes.Ask = strawberry.field(description="The kind of question.")
    about: str = strawberry.field(
        description="ACT: an act (`terms` of ACT). NEEDED, ASSIGNED: a pair `who>to`. MEASURE: a metric."
    )

    @property
    def asked(self) -> law.Question:
        return law.Question(outcomes.Ask(self.ask), self.about)


Asking = Annotated[QuestionInput, strawberry.argument(description="What is asked.")]


@strawberry.type
class DecisionQuery:
    @read_field(
        permission="profile.read",
        description="按本地文件回答一个问题 / Ask the place's document. Nothing is stored.",
        cost=Cost(points=20),
    )
    async def decide(
        self,
        info: Info,
        question: Asking,
        facts: Annotated[
            JSON | None,
            strawberry.argument(description="Facts by name; `needs` lists them."),
        ] = None,
        on: Annotated[
            date | None, strawberry.argument(description="The day to ask for; the viewer's when left out.")
        ] = None,
    ) -> Decision | None:
        viewer = info.context.viewer
        day = on or viewer.day
        law_then = info.context.law
        if day != viewer.day or law_then.law is None:
            law_then = await profiles.law_or_its_beginning(viewer.place_id, day)
        with _mistakes_told():
            answer = decisions.ask(viewer, law_then, question.asked, _given(facts), day)
        return Decision.of(answer)

    @read_field(
        permission="profile.read",
        description="回答该问题需要哪些情况 / The facts the place's document may want for a question.",
        cost=Cost(points=10, items=10),
        closed=list,
    )
    async def needs(self, info: Info, question: Asking) -> list[WantedFact]:
        with _mistakes_told():
            wanted = needs(info.context.law.law, question.asked).facts
        return [WantedFact(name=f.name, label=fact_label(f.name), required=f.required) for f in wanted]


@contextmanager
def _mistakes_told() -> Iterator[None]:
    try:
        yield
    except Mistake as mistake:
        detail = Sentence(mistake.zh, mistake.en)
        raise PublicError(ErrorCode.BAD_USER_INPUT, detail=detail) from mistake


def _given(facts: Any) -> dict[str, Any]:
    if facts is not None and not isinstance(facts, dict):
        raise MistypedFact(
            f'facts 应是名称和值的对象，如 {{"leave_days": 3}}，收到 {shown(facts)}',
            f'facts is an object of names and values, such as {{"leave_days": 3}} (given {shown(facts)})',
        )
    return facts or {}
