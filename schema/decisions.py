"""Decisions: an answer of the law with the clauses behind it, and the question that can be asked freely."""

from asyncio import sleep
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import cached_property
from typing import Annotated, Any, Self, TypeVar

import strawberry
from strawberry.scalars import JSON

from policies import bodies, outcomes
from policies import decisions as law
from policies.answers.duties import MOST_OWED
from policies.mistakes import Mistake, MistypedFact, TooMuch, shown
from policies.questions import Wanted, needs
from policies.vocabulary import FactType, Vocabulary, vocabulary
from schema.context import Context
from schema.costs import Cost
from schema.decision_bodies import (
    AllowedWords,
    AlternativeRoute,
    AnswerableSubject,
    ConsequencesFound,
    DecisionStep,
    DutiesOwed,
    LineUpFound,
    MeasuredNumber,
    PowersHeld,
    StepProgress,
    ValidityPeriod,
)
from schema.enums import enum
from schema.errors import ErrorCode, Language, PublicError, Sentence
from schema.fields import Info, read_field
from schema.terms import Term
from tenants import decisions, profiles

# What is judged at once, duty by duty and period by period, is known only afterwards, and paid for then.
JUDGED_PER_POINT = 10
Body = TypeVar("Body")
Shown = TypeVar("Shown")

enum(outcomes.Ask, name="Ask", description="问什么 / What kind of question it is.")
enum(outcomes.Basis, name="Basis", description="依据 / What a rule rests on.")
enum(outcomes.GapState, name="GapState", description="未定的情形 / Why it is not given.")
enum(FactType, name="FactType", description="情况的种类 / What kind of value a fact takes.")
enum(outcomes.Origin, name="Origin", description="本级或上级文件 / Own rule or inherited.")


@strawberry.type(description="所依据的条文 / The clause that gave the answer.")
class Citation:
    rule: str = strawberry.field(description="The rule's id in the profile.")
    clause: str = strawberry.field(description="The clause of the document, as it is numbered there.")
    quote: str = strawberry.field(description="The words of the document.")
    profile: str = strawberry.field(description="The profile whose document it is.")
    version: int = strawberry.field(description="The published version of that profile.")
    basis: outcomes.Basis = strawberry.field(description="Document, platform, or a note of the county.")
    origin: outcomes.Origin = strawberry.field(description="The place's own rule, or inherited from above.")

    @classmethod
    def of(cls, cite: law.Citation) -> Self:
        return cls(
            rule=cite.rule,
            clause=cite.clause,
            quote=cite.quote,
            profile=cite.profile,
            version=cite.version,
            basis=cite.basis,
            origin=cite.origin,
        )


@strawberry.type(description="文件没有给出的内容 / What the document does not give.")
class Gap:
    what: str = strawberry.field(description="What is missing: a word, a setting, or what was asked about.")
    label: str = strawberry.field(description="Its Chinese name; the code itself where it has none.")
    state: outcomes.GapState = strawberry.field(description="Why it is missing.")
    to: str | None = strawberry.field(description="Where the document sends the reader.")
    rule: str | None = strawberry.field(description="The rule that has the gap; null for silence.")

    @classmethod
    def of(cls, gap: law.Gap, words: Vocabulary) -> Self:
        label = gap.label or words.label(gap.what)
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


@strawberry.type(description="县区补充的数值 / A number that the county filled in.")
class FilledSetting:
    setting: str = strawberry.field(description="The setting's name.")
    label: str = strawberry.field(description="Its Chinese name.")
    value: JSON = strawberry.field(description="The value filled in.")
    by: str = strawberry.field(description="Who filled it in.")
    on: date = strawberry.field(description="On which day.")
    paper: str = strawberry.field(description="From which paper.")


@strawberry.type(description="结论及其依据 / An answer of the place's document, with what it rests on.")
class Decision:
    outcome: outcomes.Outcome = strawberry.field(description="The outcome.")
    ask: outcomes.Ask = strawberry.field(description="The kind of question.")
    about: str = strawberry.field(description="What was asked about.")
    on: date = strawberry.field(description="The day it was asked for.")
    profile: str | None = strawberry.field(description="The profile that answered; null where none applies.")
    version: int | None = strawberry.field(description="Its published version.")
    warnings: list[str] = strawberry.field(description="原则上 rules that are broken; they want a reason.")
    missing: list[str] = strawberry.field(description="The facts that are missing.")
    said: strawberry.Private[law.Decision]
    words: strawberry.Private[Vocabulary]

    @classmethod
    def of(cls, decision: law.Decision, words: Vocabulary | None = None) -> Self:
        """`words`: of the document that answered; the common ones where it is not at hand."""
        return cls(
            outcome=decision.outcome,
            ask=decision.question.ask,
            about=decision.question.about,
            on=decision.on,
            profile=decision.profile or None,
            version=decision.version or None,
            warnings=list(decision.warnings),
            missing=list(decision.missing),
            said=decision,
            words=words or vocabulary(),
        )

    @classmethod
    def maybe(cls, decision: law.Decision | None, words: Vocabulary | None = None) -> Self | None:
        return cls.of(decision, words) if decision is not None else None

    @strawberry.field(description="Through whose hands it goes, in order.")
    def steps(self) -> list[DecisionStep]:
        return [DecisionStep.of(step, self.words) for step in self.said.steps]

    @strawberry.field(description="The clauses that gave the answer.")
    def cites(self) -> list[Citation]:
        return [Citation.of(cite) for cite in self.said.cites]

    @strawberry.field(description="The facts that were used.")
    def facts(self) -> list[UsedFact]:
        return [UsedFact(label=fact_label(f["name"], words=self.words), **f) for f in self._data["facts"]]

    @strawberry.field(description="What the document leaves open.")
    def gaps(self) -> list[Gap]:
        return [Gap.of(gap, self.words) for gap in self.said.gaps]

    @strawberry.field(description="Values taken from unconfirmed readings.")
    def assumed(self) -> list[Assumption]:
        return [Assumption(**row) for row in self._data["assumed"]]

    @strawberry.field(description="Numbers that the county filled in, with their papers.")
    def filled(self) -> list[FilledSetting]:
        return [
            FilledSetting(**row | {"on": one.on})
            for row, one in zip(self._data["filled"], self.said.filled, strict=True)
        ]

    @strawberry.field(description="The outcome's own details as data; the fields below say the same, typed.")
    def body(self) -> JSON | None:
        return self._data["body"]  # type: ignore[no-any-return]

    @strawberry.field(description="文件未定的几条路径 / Routes between which the document does not choose.")
    def alternatives(self) -> list[AlternativeRoute] | None:
        if not isinstance(body := self.said.body, bodies.Alternatives):
            return None
        routes = [[DecisionStep.of(step, self.words) for step in route.steps] for route in body.routes]
        return [AlternativeRoute(steps=steps) for steps in routes]

    @strawberry.field(description="STEP: where the act stands.")
    def progress(self) -> StepProgress | None:
        return self._as(bodies.Progress, StepProgress.of)

    @strawberry.field(description="NEEDED, ASSIGNED, ASSIGN: how many there are and must be.")
    def line_up(self) -> LineUpFound | None:
        return self._as(bodies.LineUp, LineUpFound.of)

    @strawberry.field(description="DUTY: what is owed, period by period.")
    def duties(self) -> DutiesOwed | None:
        return self._as(bodies.Duties, DutiesOwed.of)

    @strawberry.field(description="FOLLOW: what follows, for whom.")
    def consequences(self) -> ConsequencesFound | None:
        return self._as(bodies.Consequences, ConsequencesFound.of)

    @strawberry.field(description="ANSWERABLE: who answers.")
    def answerable(self) -> list[AnswerableSubject] | None:
        if not isinstance(body := self.said.body, bodies.Answerable):
            return None
        return [AnswerableSubject.of(subject, self.words) for subject in body.subjects]

    @strawberry.field(description="POWER: who holds it.")
    def powers(self) -> PowersHeld | None:
        return self._as(bodies.Powers, PowersHeld.of)

    @strawberry.field(description="MEASURE: the number.")
    def measured(self) -> MeasuredNumber | None:
        return self._as(bodies.Measured, MeasuredNumber.of)

    @strawberry.field(description="WORD: what the list allows.")
    def word_list(self) -> AllowedWords | None:
        return self._as(bodies.WordList, AllowedWords.of)

    @strawberry.field(description="NOT_IN_FORCE: when the document holds.")
    def validity(self) -> ValidityPeriod | None:
        return self._as(bodies.Validity, ValidityPeriod.of)

    def _as(self, shape: type[Body], shown: Callable[[Body, Vocabulary], Shown]) -> Shown | None:
        """The body as the type that shows this shape; nothing where it has another."""
        return shown(self.said.body, self.words) if isinstance(self.said.body, shape) else None

    @cached_property
    def _data(self) -> dict[str, Any]:
        return law.as_data(self.said)


def fact_label(name: str, language: Language = Language.ZH, words: Vocabulary | None = None) -> str:
    """The Chinese name of a fact. In English its id says what it is: `leave_days`."""
    fact = (words or vocabulary()).facts.get(name)
    return fact.label if fact is not None and language is Language.ZH else name


@strawberry.type(description="回答问题所需的情况 / A fact that the document may want for a question.")
class WantedFact:
    name: str = strawberry.field(description="The fact's name in the vocabulary.")
    label: str = strawberry.field(description="Its Chinese name.")
    required: bool = strawberry.field(description="Whether the question cannot be asked without it.")
    type: FactType = strawberry.field(description="What kind of value it takes.")
    unit: Term | None = strawberry.field(description="The unit of a number.")
    step: float | None = strawberry.field(description="The smallest step of a number that is counted: 0.5.")
    source: str = strawberry.field(description="The noun that supplies it, or `entered`: the asker does.")

    @classmethod
    def of(cls, fact: Wanted, words: Vocabulary) -> Self:
        return cls(
            name=fact.name,
            label=fact.label,
            required=fact.required,
            type=fact.type,
            unit=Term.of(fact.unit, words) if fact.unit else None,
            step=float(fact.step) if fact.step is not None else None,
            source=fact.source,
        )


@strawberry.input(description="向本地文件提出的问题 / A question to the place's document.")
class QuestionInput:
    ask: outcomes.Ask = strawberry.field(description="The kind of question.")
    about: str = strawberry.field(
        description="ACT, STEP: an act (`terms` of ACT). ASSIGN, NEEDED, ASSIGNED: a pair `who>to`. DUTY: an"
        " activity or record. FOLLOW: a situation, or a number that a threshold names. ANSWERABLE: a matter."
        " POWER: a power. MEASURE: a metric. WORD: a list."
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
        cost=Cost(points=20, grows_with="facts"),
    )
    async def decide(
        self,
        info: Info,
        question: Asking,
        facts: Annotated[
            JSON | None,
            strawberry.argument(
                description="Facts by name; `needs` lists them. A history is a list of entries:"
                ' `{"done": [{"is": "village_visit", "on": "2018-06-01", "object": "v1"}]}`.'
            ),
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
        # A long history takes its time: whoever waits comes in between.
        await sleep(0)
        with mistakes_told(), _much_is_paid_for(info.context):
            answer = decisions.ask(viewer, law_then, question.asked, facts_given(facts), day)
        if isinstance(answer.body, bodies.Duties):
            info.context.pay(len(answer.body.owed) // JUDGED_PER_POINT)
        return Decision.of(answer, law_then.law.vocabulary if law_then.law else None)

    @read_field(
        permission="profile.read",
        description="回答该问题需要哪些情况 / The facts the place's document may want for a question.",
        cost=Cost(points=10, items=10),
        closed=list,
    )
    async def needs(self, info: Info, question: Asking) -> list[WantedFact]:
        with mistakes_told():
            wanted = needs(info.context.law.law, question.asked).facts
        return [WantedFact.of(fact, info.context.words) for fact in wanted]


@contextmanager
def mistakes_told() -> Iterator[None]:
    try:
        yield
    except Mistake as mistake:
        detail = Sentence(mistake.zh, mistake.en)
        raise PublicError(ErrorCode.BAD_USER_INPUT, detail=detail) from mistake


@contextmanager
def _much_is_paid_for(context: Context) -> Iterator[None]:
    """What was too much to judge was judged up to there."""
    try:
        yield
    except TooMuch:
        context.pay(MOST_OWED // JUDGED_PER_POINT)
        raise


def facts_given(facts: Any) -> dict[str, Any]:
    """Raises MistypedFact for what is no object of names and values."""
    if facts is not None and not isinstance(facts, dict):
        raise MistypedFact(
            f'facts 应是名称和值的对象，如 {{"leave_days": 3}}，收到 {shown(facts)}',
            f'facts is an object of names and values, such as {{"leave_days": 3}} (given {shown(facts)})',
        )
    return facts or {}
