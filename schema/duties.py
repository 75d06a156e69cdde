"""The catalogue of duties: who owes which deed, how often, by when, as the place's law says it."""

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

import strawberry

from policies.answers import duties
from policies.kinds.duty import Duty, Until
from policies.phrases import limits
from policies.settings import Parameter
from schema.connections import PAGE, After, Connection, First
from schema.costs import Cost
from schema.decision_bodies import Parties, ValidityPeriod
from schema.enums import enum
from schema.errors import Language
from schema.fields import Info, read_field
from schema.rules import On, Rule, law_then
from schema.terms import Term
from schema.texts import sought


class DutyPeriod(StrEnum):
    DAY = "day"
    WEEK = "week"
    TWO_WEEKS = "two_weeks"
    MONTH = "month"
    QUARTER = "quarter"
    HALF_YEAR = "half_year"
    YEAR = "year"
    TWO_YEARS = "two_years"
    TENURE = "tenure"
    ROTATION = "rotation"
    UNTIL = "until"
    OPEN = "open"


enum(DutyPeriod, name="DutyPeriod", description="周期 / In which period a duty is owed again.")


@strawberry.type(description="义务要求的数量 / How much is owed.")
class DutyCount:
    at_least: int | None = strawberry.field(description="At least so much; null: open or not asked.")
    at_most: int | None = strawberry.field(description="At most so much; null: open or not asked.")
    sentence: str = strawberry.field(description="As a sentence, in the language asked for.")


@strawberry.type(description="一项义务 / One duty, as the law says it.")
class DutyRule:
    rule: Rule = strawberry.field(description="The rule that says it: its words, strength, gaps, settings.")
    who: Parties = strawberry.field(description="Who owes it.")
    does: Parties = strawberry.field(description="The activities or records; of any, each counts.")
    counted: Term = strawberry.field(description="In which unit it is counted.")
    for_each: Term | None = strawberry.field(description="For each of which it is owed by itself.")
    per: DutyPeriod | None = strawberry.field(description="In which period; null where it is owed once.")
    until: str | None = strawberry.field(description="UNTIL: the fact that gives the day.")
    after: str | None = strawberry.field(description="The fact from whose day the time limit runs.")
    contents: list[Term] = strawberry.field(description="What must be in the record.")
    to: Parties | None = strawberry.field(description="Who gets it.")
    excused_by: Term | None = strawberry.field(description="What excuses from it while it lasts.")
    duty: strawberry.Private[Duty]
    on: strawberry.Private[date]

    @classmethod
    def of(cls, duty: Duty, rule: Rule, on: date) -> Self:
        words = rule.law.vocabulary
        return cls(
            rule=rule,
            who=Parties.of(duty.who, words),
            does=Parties.of(duty.does, words),
            counted=Term.of(duty.counted, words),
            for_each=Term.of(duty.for_each, words) if duty.for_each else None,
            per=_period(duty),
            until=duty.per.until if isinstance(duty.per, Until) else None,
            after=duty.due.after if duty.due else None,
            contents=[Term.of(word, words) for word in duty.contents],
            to=Parties.maybe(duty.to, words),
            excused_by=Term.of(duty.excused_by, words) if duty.excused_by else None,
            duty=duty,
            on=on,
        )

    @strawberry.field(description="How much is owed in each period and for each object.")
    def count(self, info: Info) -> DutyCount:
        law, lang = self.rule.law, info.context.language
        known = law.circumstances({}, self.on)
        is_open = not all(known.knows(name) for name in self.duty.count.parameters)
        at_least, at_most = (None, None) if is_open else self.duty.count.whole_numbers(known)
        said = limits(self.duty.count, law, self.duty.counted, "en" if lang is Language.EN else "zh")
        return DutyCount(at_least=at_least, at_most=at_most, sentence=said)

    @strawberry.field(
        description="The period in which the day asked for lies; null for none of the calendar."
    )
    def period(self) -> ValidityPeriod | None:
        period, _ = duties.dated(self.rule.law, self.duty, self.on)
        return ValidityPeriod(since=period.first, until=period.last) if period else None

    @strawberry.field(
        description="截止日 / The last day in time for that period; null where none is set, or where it hangs"
        " on an event or an open number."
    )
    def due_on(self) -> date | None:
        _, due = duties.dated(self.rule.law, self.duty, self.on)
        return due


def _period(duty: Duty) -> DutyPeriod | None:
    if isinstance(duty.per, Until):
        return DutyPeriod.UNTIL
    if isinstance(duty.per, Parameter):
        return DutyPeriod.OPEN
    return DutyPeriod(duty.per) if duty.per else None


@strawberry.type
class DutyQuery:
    @read_field(
        permission="profile.read",
        description="义务清单：本人的，或某一身份、全部的 / The duties of the viewer, of a role, or of all.",
        closed=Connection.empty,
        cost=Cost(points=20),
    )
    async def duty_catalogue(
        self,
        info: Info,
        who: Annotated[
            str | None,
            strawberry.argument(
                description="Of this role or organ; when left out, of the viewer's roles and the organs that"
                " he acts for."
            ),
        ] = None,
        everybody: Annotated[
            bool, strawberry.argument(description="All of them, whoever owes them.")
        ] = False,
        on: On = None,
        first: First = PAGE,
        after: After = None,
    ) -> Connection[DutyRule]:  # type: ignore[type-var]
        in_force, viewer = await law_then(info, on), info.context.viewer
        day = on or viewer.day
        if (law := in_force.law) is None:
            return Connection.empty()
        owing = law.vocabulary.widen([sought(who)] if who is not None else _own(info))
        owed = [one for one in duties.in_force(law, day) if everybody or owing.intersection(one.who.terms)]
        return Connection.of_list(
            owed,
            lambda duty: duty.id,
            lambda duty: DutyRule.of(duty, Rule.of(duty, in_force, viewer.place_id), day),
            first,
            after,
        )


def _own(info: Info) -> list[str]:
    """The viewer's roles today, and the organs for which he may act."""
    viewer = info.context.viewer
    roles = [post.role for post in viewer.standing_posts()]
    return [*roles, *info.context.access.organs_of(viewer)]
