"""The matrix of responsibilities: who answers for which matter, with which liability, and who holds those
posts for a village, a township or the county today."""

from typing import Annotated, Self

import strawberry

from policies.answers import responsibilities as law_of_responsibility
from policies.kinds.responsibility import Responsibility
from schema.connections import PAGE, After, Connection, First
from schema.costs import Cost
from schema.decision_bodies import Parties
from schema.fields import Info, read_field
from schema.people import Person, Post
from schema.rules import Rule
from schema.terms import Term
from schema.texts import division_code, sought
from tenants import responsibilities
from tenants.people import Post as PostRow
from tenants.responsibilities import Holders

# Of the helpers of a village a line names so many.
MOST_NAMED_HERE = 50


@strawberry.type(description="现任人员 / Somebody who holds such a post today.")
class ResponsibilityHolder:
    post: Post = strawberry.field(description="The post.")
    row: strawberry.Private[PostRow]

    @classmethod
    def of(cls, row: PostRow) -> Self:
        return cls(post=Post.of(row), row=row)

    @strawberry.field(description="The person who holds it.")
    async def person(self, info: Info) -> Person:
        return await Person.load(info, self.row.person_id)


@strawberry.type(description="责任主体及其现任人员 / One subject, and who it is today.")
class ResponsibilitySubject:
    term: Term = strawberry.field(description="The role or organ, as the document names it.")
    holders: list[ResponsibilityHolder] = strawberry.field(
        description="Those who hold its posts for the division, at most 50, as far as one may read them.",
        metadata={"cost": Cost(items=3)},
    )
    hidden: int = strawberry.field(description="How many more there are that one may not read.")

    @classmethod
    def of(cls, term: Term, held: Holders) -> Self:
        holders = [ResponsibilityHolder.of(row) for row in held.posts[:MOST_NAMED_HERE]]
        return cls(term=term, holders=holders, hidden=held.hidden)


@strawberry.type(description="责任矩阵的一行 / One line: a matter, a liability, and who bears it.")
class ResponsibilityLine:
    rule: Rule = strawberry.field(description="The rule that says it, with clause and quotation.")
    matter: Term = strawberry.field(description="What is answered for.")
    liability: Term | None = strawberry.field(description="With which liability.")
    who: Parties = strawberry.field(description="Who answers, and whether each or together.")
    subjects: list[ResponsibilitySubject] = strawberry.field(description="Each of them, and who it is today.")
    under: Parties | None = strawberry.field(description="Under whom.")
    supervises: Parties | None = strawberry.field(description="Over whom.")
    grants: list[Term] = strawberry.field(description="What it lets them do.")
    delegable: bool = strawberry.field(description="Whether another may do it for them; 亲自: no.")

    @classmethod
    def of(cls, line: Responsibility, rule: Rule, held: dict[str, Holders]) -> Self:
        words = rule.law.vocabulary
        return cls(
            rule=rule,
            matter=Term.of(line.matter, words),
            liability=Term.of(line.liability, words) if line.liability else None,
            who=Parties.of(line.who, words),
            subjects=[ResponsibilitySubject.of(Term.of(term, words), held[term]) for term in line.who.terms],
            under=Parties.maybe(line.under, words),
            supervises=Parties.maybe(line.supervises, words),
            grants=[Term.of(word, words) for word in line.grants],
            delegable=line.delegable,
        )


@strawberry.type
class ResponsibilityQuery:
    @read_field(
        permission="profile.read",
        description="责任矩阵：某村、某乡镇或全县由谁负责，今天是谁 / Who answers for a division, and who"
        " that is today, as far as the viewer may read the posts.",
        closed=Connection.empty,
        cost=Cost(points=40),
    )
    async def responsibility_matrix(
        self,
        info: Info,
        division: Annotated[
            str | None,
            strawberry.argument(description="The division's 12-digit code; the whole place when left out."),
        ] = None,
        matter: Annotated[
            str | None, strawberry.argument(description="Only about this matter: `terms` of MATTER.")
        ] = None,
        first: First = PAGE,
        after: After = None,
    ) -> Connection[ResponsibilityLine]:  # type: ignore[type-var]
        viewer, in_force = info.context.viewer, info.context.law
        code = division_code(division) if division is not None else viewer.place_code
        node = await info.context.loaders.division_by_code.load(code)
        if in_force.law is None or node is None:
            return Connection.empty()
        about = sought(matter) if matter is not None else None
        law, words = in_force.law, in_force.law.vocabulary
        lines = [
            line
            for line in law_of_responsibility.standing(law, node.level, viewer.day)
            if about in (None, line.matter)
        ]
        terms = dict.fromkeys(term for line in lines for term in line.who.terms)
        held = await responsibilities.holders_of(
            viewer, info.context.access, words, list(terms), code, viewer.day
        )
        return Connection.of_list(
            lines,
            lambda line: line.id,
            lambda line: ResponsibilityLine.of(line, Rule.of(line, in_force, viewer.place_id), dict(held)),
            first,
            after,
        )
