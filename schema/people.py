"""People, posts and units: who holds which role, where, until when."""

from datetime import date
from typing import TYPE_CHECKING, Annotated, ClassVar, Self
from uuid import UUID

import strawberry
from strawberry import relay

from policies.access import Access
from policies.reach import Viewer
from schema.connections import PAGE, After, Connection, First
from schema.divisions import Division
from schema.fields import Info, described, read_field
from schema.nodes import MappedNode
from schema.reads.asked import page
from schema.reads.declared import Many, Mapped, One, Pages, Word, read
from schema.reads.related import Row, one, pages
from schema.terms import Term
from schema.texts import sought
from tenants import pairings, people, units
from tenants.conditions import Condition
from tenants.units import Unit as UnitRow

if TYPE_CHECKING:
    from schema.pairings import Pairing


@strawberry.type(description=described("单位 / An organ or department that acts here.", "unit.read"))
class Unit(Row, MappedNode):
    model: ClassVar = UnitRow
    row_id: relay.NodeID[UUID]
    name: str = strawberry.field(description="Its name.")
    organ: Term | None = strawberry.field(description="Which organ of the documents it is; null for none.")
    code: str = strawberry.field(description="The division it sits in, or helps in.")
    tier: Term | None = strawberry.field(description="Its level among organs, such as county.")
    origin: Term | None = strawberry.field(
        description="Where from outside it comes, such as province; null for one of the place's own."
    )
    version: int = strawberry.field(description="Counts its changes; pass it as expectedVersion.")

    division: Division | None = one("所在区划 / The division it sits in.", One("code", to="code"))
    deputy: Annotated["Person", strawberry.lazy("schema.people")] | None = one(
        "指定的代管副职 / Who is named to stand in for its head.", One("deputy_id")
    )
    office: "Unit | None" = one(
        "办事机构 / The unit that does its daily work, if one may read it.",
        One("office_id", visible=units.visible),
    )

    @classmethod
    def maybe(cls, row: UnitRow | None) -> Self | None:
        return cls.of(row) if row is not None else None

    @classmethod
    def visible(cls, viewer: Viewer, access: Access) -> Condition:
        return units.visible(viewer, access)


@strawberry.type(description=described("任职 / One post of a person.", "post.read"))
class Post(Mapped):
    model: ClassVar = people.Post
    id: strawberry.ID = strawberry.field(description="The post's id, to be named in commands.")
    role: Term = strawberry.field(description="The role that comes with it.")
    code: str = strawberry.field(description="The division it is held for.")
    begins_on: date = strawberry.field(description="Its first day.")
    ends_on: date | None = strawberry.field(description="The first day that no longer counts.")
    is_acting: bool = strawberry.field(description="Whether it stands in for another post.")
    limited_to: list[str] | None = strawberry.field(
        description="The permissions that an acting post carries; null for any other."
    )
    basis: str = strawberry.field(description="What opened it.")
    source_document: str | None = strawberry.field(description="The paper it rests on.")
    justification: str | None = strawberry.field(description="Why it was opened against an 原则上 rule.")
    end_justification: str | None = strawberry.field(description="Why it was ended against such a rule.")
    unit_id: strawberry.Private[UUID | None]

    @classmethod
    def of(cls, row: people.Post) -> Self:
        return cls(
            id=strawberry.ID(str(row.id)),
            role=Term.of(row.role),
            code=row.code,
            begins_on=row.begins_on,
            ends_on=row.ends_on,
            is_acting=row.acting_for_id is not None,
            limited_to=row.limited_to,
            basis=row.basis,
            source_document=row.source_document,
            justification=row.justification,
            end_justification=row.end_justification,
            unit_id=row.unit_id,
        )

    @strawberry.field(
        description="所在区划 / The division it is held for.", metadata=read(One("code", to="code"))
    )
    async def division(self, info: Info) -> Division | None:
        return Division.maybe(await info.context.loaders.division_by_code.load(self.code))

    @strawberry.field(
        description="所在或派出单位 / The unit it comes from or heads.", metadata=read(One("unit_id"))
    )
    async def unit(self, info: Info) -> Unit | None:
        if self.unit_id is None:
            return None
        return Unit.maybe(await info.context.loaders.unit_by_id.load(self.unit_id))


@strawberry.type(description=described("人员 / A person of this place.", "person.read"))
class Person(Row, MappedNode):
    model: ClassVar = people.Person
    row_id: relay.NodeID[UUID]
    name: str = strawberry.field(description="The person's name.")
    is_demo: bool = strawberry.field(description="A made-up person of the demonstration.")
    version: int = strawberry.field(description="Counts its changes; pass it as expectedVersion.")
    row: strawberry.Private[people.Person]

    pairings: Connection[Annotated["Pairing", strawberry.lazy("schema.pairings")]] = pages(
        "结对帮扶，新的在前 / Whom he helps, as far as one may read it, newest first.",
        Pages("person_id", visible=pairings.visible),
    )

    @classmethod
    async def load(cls, info: Info, person_id: UUID) -> Self:
        return cls.of(await info.context.loaders.person_by_id.load(person_id))

    @strawberry.field(
        description="职级 / The rank; null unless one may read the person himself.",
        metadata=read(Word("rank", when=people.visible)),
    )
    async def rank(self, info: Info) -> Term | None:
        readable = await info.context.readable_person.load(self.row_id)
        return Term.maybe(self.row.rank) if readable else None

    @strawberry.field(
        description="任职 / Those of his posts that one may read, ended ones too; none if he is hidden.",
        metadata=read(
            Many("person_id", people.BY_BEGINNING, visible=people.posts_visible, when=people.visible)
        ),
    )
    async def posts(self, info: Info) -> list[Post]:
        context = info.context
        if not await context.readable_person.load(self.row_id):
            return []
        rows: list[people.Post] = await context.loaders.posts_of_person.load(self.row_id)
        return [Post.of(row) for row in rows if people.may_read_post(context.viewer, context.access, row)]

    @classmethod
    def visible(cls, viewer: Viewer, access: Access) -> Condition:
        return people.visible(viewer, access)


NAMED = "Only those of exactly this name."


@strawberry.type
class PeopleQuery:
    @read_field(
        permission="person.read",
        description="可见的人员，按姓名 / The persons the viewer may read, by name.",
        closed=Connection.empty,
    )
    async def persons(
        self,
        info: Info,
        name: Annotated[str | None, strawberry.argument(description=NAMED)] = None,
        first: First = PAGE,
        after: After = None,
    ) -> Connection[Person]:
        wanted = sought(name) if name is not None else None
        rows = people.listed(info.context.viewer, info.context.access, wanted)
        found: Connection[Person] = page(rows, first, after)
        return found

    @read_field(
        permission="unit.read",
        description="本地的单位，含外来帮扶单位 / The units of the place, by name.",
        closed=Connection.empty,
    )
    async def units(
        self,
        info: Info,
        organ: Annotated[
            str | None, strawberry.argument(description="Only those that are this organ: a term's id.")
        ] = None,
        name: Annotated[str | None, strawberry.argument(description=NAMED)] = None,
        first: First = PAGE,
        after: After = None,
    ) -> Connection[Unit]:
        wanted = [sought(text) if text is not None else None for text in (organ, name)]
        rows = units.listed(info.context.viewer, info.context.access, *wanted)
        found: Connection[Unit] = page(rows, first, after)
        return found
