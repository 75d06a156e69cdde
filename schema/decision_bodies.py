"""What a decision says beside its outcome, as types: one shape for each kind of answer."""

from collections import Counter
from collections.abc import Collection
from datetime import date
from decimal import Decimal
from typing import Annotated, Self

import strawberry

from policies import bodies, outcomes
from policies.vocabulary import Vocabulary
from schema.costs import Cost
from schema.enums import enum
from schema.errors import ErrorCode, PublicError, Sentence
from schema.terms import Term

enum(outcomes.Mode, name="GroupMode", description="几方如何共同办理 / How several act.")
enum(outcomes.Outcome, name="Outcome", description="结论 / The outcome.")
enum(outcomes.StepAct, name="StepAct", description="办理动作 / What a step does.")

# As many as one question judges at once, by a thousand.
MOST_SHOWN = 1000


@strawberry.type(description="一方或几方 / One party, or several and how they act together.")
class Parties:
    mode: outcomes.Mode = strawberry.field(description="Whether one, all or some of them are meant.")
    terms: list[Term] = strawberry.field(
        description="Who or what they are.", metadata={"cost": Cost(items=2)}
    )
    count: int | None = strawberry.field(description="How many, where the mode is at_least.")

    @classmethod
    def of(cls, group: outcomes.Group, words: Vocabulary) -> Self:
        return cls(mode=group.mode, terms=_terms(group.terms, words), count=group.count)

    @classmethod
    def maybe(cls, group: outcomes.Group | None, words: Vocabulary) -> Self | None:
        return cls.of(group, words) if group is not None else None


@strawberry.type(description="办理步骤 / One step: who does what.")
class DecisionStep:
    act: outcomes.StepAct = strawberry.field(description="What is done.")
    mode: outcomes.Mode = strawberry.field(description="Whether one, all or some of them act.")
    organs: list[Term] = strawberry.field(description="Those who act; for a telling act, those told.")
    count: int | None = strawberry.field(description="How many, where the mode is at_least.")
    by: Parties | None = strawberry.field(description="Who tells, of a telling act, where the document says.")

    @classmethod
    def of(cls, step: outcomes.Step, words: Vocabulary) -> Self:
        group = step.group
        return cls(
            act=step.act,
            mode=group.mode,
            organs=_terms(group.terms, words),
            count=group.count,
            by=Parties.maybe(step.by, words),
        )


@strawberry.type(description="可能的一条路径 / One of the routes between which the document does not choose.")
class AlternativeRoute:
    steps: list[DecisionStep] = strawberry.field(description="Through whose hands it goes, in order.")


@strawberry.type(description="办理进度 / Where a running act stands.")
class StepProgress:
    step: int | None = strawberry.field(description="The step waited for, from 1; null when all are done.")
    waiting_for: list[Term] = strawberry.field(description="Whose hands are missing there.")
    may: list[outcomes.StepAct] = strawberry.field(description="What the actor may do in this act at all.")

    @classmethod
    def of(cls, body: bodies.Progress, words: Vocabulary) -> Self:
        return cls(step=body.step, waiting_for=_terms(body.waiting_for, words), may=list(body.may))


@strawberry.type(description="一期、一个对象的一项义务 / One duty in one period and for one object.")
class DutyOwed:
    rule: str = strawberry.field(description="The rule's id.")
    outcome: outcomes.Outcome = strawberry.field(description="Done, owed, violated, excused …")
    period: str | None = strawberry.field(description="The period's name: 2018q3; null: owed once.")
    since: date | None = strawberry.field(description="The period's first day.")
    last_day: date | None = strawberry.field(description="The last day in time; null where none is set.")
    object: str | None = strawberry.field(description="The object that it is owed for; null for none.")
    count: float = strawberry.field(description="How much was done.")
    at_least: float | None = strawberry.field(description="How much is owed at least.")
    at_most: float | None = strawberry.field(description="How much is allowed at most.")
    lacking: list[Term] = strawberry.field(description="What the records done lack.")

    @classmethod
    def of(cls, owed: bodies.Owed, words: Vocabulary) -> Self:
        return cls(
            rule=owed.rule,
            outcome=owed.outcome,
            period=owed.period,
            since=owed.since,
            last_day=owed.last_day,
            object=owed.object,
            count=float(owed.count),
            at_least=_maybe_number(owed.at_least),
            at_most=_maybe_number(owed.at_most),
            lacking=_terms(owed.lacking, words),
        )


@strawberry.type(description="某一结论的项数 / How many there are of an outcome.")
class OutcomeCount:
    outcome: outcomes.Outcome = strawberry.field(description="The outcome.")
    count: int = strawberry.field(description="How many.")


@strawberry.type(description="各期各对象的履行情况 / What is owed, period by period and object by object.")
class DutiesOwed:
    counts: list[OutcomeCount] = strawberry.field(description="How many there are of each outcome.")
    body: strawberry.Private[bodies.Duties]
    words: strawberry.Private[Vocabulary]

    @classmethod
    def of(cls, body: bodies.Duties, words: Vocabulary) -> Self:
        found = Counter(owed.outcome for owed in body.owed)
        counts = [OutcomeCount(outcome=outcome, count=count) for outcome, count in found.items()]
        return cls(counts=counts, body=body, words=words)

    @strawberry.field(
        description="逐项列出，按规则和时间 / Each of them, in the order of the rules and of time."
    )
    def owed(
        self,
        outcomes: Annotated[
            list[outcomes.Outcome] | None, strawberry.argument(description="Of these outcomes only.")
        ] = None,
        first: Annotated[int, strawberry.argument(description="How many at most, 1 to 1000.")] = 100,
        skip: Annotated[int, strawberry.argument(description="How many of them to leave out before.")] = 0,
    ) -> list[DutyOwed]:
        if not 1 <= first <= MOST_SHOWN or skip < 0:
            said = Sentence(f"first 应在 1 到 {MOST_SHOWN} 之间", f"first is 1 to {MOST_SHOWN}")
            raise PublicError(ErrorCode.BAD_USER_INPUT, detail=said)
        wanted = [one for one in self.body.owed if outcomes is None or one.outcome in outcomes]
        return [DutyOwed.of(one, self.words) for one in wanted[skip : skip + first]]


@strawberry.type(description="对一方的后果 / What follows for one subject.")
class ConsequenceResult:
    rule: str = strawberry.field(description="The rule's id.")
    who: Parties = strawberry.field(description="For whom.")
    liability: Term | None = strawberry.field(description="With which liability; null where none is named.")
    measures: Parties | None = strawberry.field(description="What follows; null: the deciding organ chooses.")
    by: Parties | None = strawberry.field(description="Who decides; null where the document does not say.")
    rectify: bool = strawberry.field(description="Whether it must be put right within a time limit.")
    rectify_days: float | None = strawberry.field(
        description="The time limit in calendar days; null where the document gives none."
    )
    escalates: str | None = strawberry.field(description="The milder rule that it goes beyond.")

    @classmethod
    def of(cls, result: bodies.Result, words: Vocabulary) -> Self:
        return cls(
            rule=result.rule,
            who=Parties.of(result.who, words),
            liability=Term.of(result.liability, words) if result.liability else None,
            measures=Parties.maybe(result.measures, words),
            by=Parties.maybe(result.by, words),
            rectify=result.rectify,
            rectify_days=_maybe_number(result.rectify_days),
            escalates=result.escalates,
        )


@strawberry.type(description="后果 / What follows. All results hold together.")
class ConsequencesFound:
    results: list[ConsequenceResult] = strawberry.field(description="For each subject what follows.")
    undecided: list[str] = strawberry.field(description="The rules that may add to them once more is known.")

    @classmethod
    def of(cls, body: bodies.Consequences, words: Vocabulary) -> Self:
        results = [ConsequenceResult.of(result, words) for result in body.results]
        return cls(results=results, undecided=list(body.undecided))


@strawberry.type(description="责任主体 / Who answers for a matter.")
class AnswerableSubject:
    rule: str = strawberry.field(description="The rule's id.")
    who: Parties = strawberry.field(description="Who answers.")
    liability: Term | None = strawberry.field(description="With which liability.")
    under: Parties | None = strawberry.field(description="Under whom.")
    supervises: Parties | None = strawberry.field(description="Over whom.")
    delegable: bool = strawberry.field(description="Whether another may do it for them; 亲自: no.")

    @classmethod
    def of(cls, subject: bodies.Subject, words: Vocabulary) -> Self:
        return cls(
            rule=subject.rule,
            who=Parties.of(subject.who, words),
            liability=Term.of(subject.liability, words) if subject.liability else None,
            under=Parties.maybe(subject.under, words),
            supervises=Parties.maybe(subject.supervises, words),
            delegable=subject.delegable,
        )


@strawberry.type(description="权限 / Who holds a power, and which powers the actor holds.")
class PowersHeld:
    holders: list[Parties] = strawberry.field(description="Who holds the power that was asked about.")
    may: list[Term] = strawberry.field(description="The powers of the actor.")

    @classmethod
    def of(cls, body: bodies.Powers, words: Vocabulary) -> Self:
        return cls(holders=[Parties.of(one, words) for one in body.holders], may=_terms(body.may, words))


@strawberry.type(description="数值 / A number, and whether it reached its target.")
class MeasuredNumber:
    value: float = strawberry.field(description="The number; of a rate, the part.")
    of_: float | None = strawberry.field(name="of", description="Of a rate, the whole: 1 of 20.")
    unit: Term | None = strawberry.field(description="Its unit.")
    reached: bool | None = strawberry.field(description="Whether the target is reached; null for none.")

    @classmethod
    def of(cls, body: bodies.Measured, words: Vocabulary) -> Self:
        return cls(
            value=float(body.value),
            of_=_maybe_number(body.of),
            unit=Term.of(body.unit, words) if body.unit else None,
            reached=body.reached,
        )


@strawberry.type(description="一条规定要求的数量 / How many one rule asks for, both ends included.")
class AskedCount:
    rule: str = strawberry.field(description="The rule's id.")
    at_least: float | None = strawberry.field(description="At least so many; null: that end is open.")
    at_most: float | None = strawberry.field(description="At most so many; null: that end is open.")

    @classmethod
    def of(cls, asked: bodies.Asked) -> Self:
        return cls(
            rule=asked.rule, at_least=_maybe_number(asked.at_least), at_most=_maybe_number(asked.at_most)
        )


@strawberry.type(description="配备 / How many of one kind another needs or has.")
class LineUpFound:
    who: Term = strawberry.field(description="What is counted.")
    to: Term = strawberry.field(description="To what it belongs.")
    asked: list[AskedCount] = strawberry.field(description="How many each rule asks for.")
    count: int | None = strawberry.field(description="How many were found, where it was judged.")

    @classmethod
    def of(cls, body: bodies.LineUp, words: Vocabulary) -> Self:
        return cls(
            who=Term.of(body.who, words),
            to=Term.of(body.to, words),
            asked=[AskedCount.of(one) for one in body.asked],
            count=body.count,
        )


@strawberry.type(description="列表所允许的词 / The words that a list allows.")
class AllowedWords:
    allowed: list[Term] = strawberry.field(
        description="The words of the list.", metadata={"cost": Cost(items=20)}
    )
    unlisted: list[str] = strawberry.field(description="Those asked about that it does not name.")
    closed: bool = strawberry.field(description="Whether no other word is allowed; 等: no.")

    @classmethod
    def of(cls, body: bodies.WordList, words: Vocabulary) -> Self:
        return cls(allowed=_terms(body.allowed, words), unlisted=list(body.unlisted), closed=body.closed)


@strawberry.type(description="有效期 / The days on which the document holds, both included.")
class ValidityPeriod:
    since: date = strawberry.field(description="Its first day.")
    until: date | None = strawberry.field(description="Its last day; null for none.")

    @classmethod
    def of(cls, body: bodies.Validity, words: Vocabulary) -> Self:
        return cls(since=body.since, until=body.until)


def _terms(listed: Collection[str], words: Vocabulary) -> list[Term]:
    return [Term.of(word, words) for word in listed]


def _maybe_number(number: int | Decimal | None) -> float | None:
    return float(number) if number is not None else None
