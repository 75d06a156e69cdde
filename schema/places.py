"""Places: the counties, prefectures and provinces themselves."""

from collections.abc import Collection
from datetime import date
from typing import Annotated, Self
from uuid import UUID

import strawberry
from strawberry import relay

from schema.costs import Cost
from schema.enums import enum
from schema.fields import SIGNED_IN, Info, described, read_field
from schema.nodes import ReadableNode
from tenants import places, profiles
from tenants.places import Place as PlaceRow

enum(places.PlaceKind, name="PlaceKind", description="层级 / What kind of place.")
enum(places.PlaceState, name="PlaceState", description="状态 / Its state.")


@strawberry.type(description="当前适用的文件 / The published profile a place lives under.")
class ProfileSummary:
    id: str = strawberry.field(description="The profile's id.")
    title: str = strawberry.field(description="The document's title.")
    number: str | None = strawberry.field(description="The document's number, where it has one.")
    version: int = strawberry.field(description="The published version.")
    is_inherited: bool = strawberry.field(description="Whether it is the document of a place above.")
    effective_from: date = strawberry.field(description="The first day this version is asked for.")

    @classmethod
    async def of(cls, profile_id: UUID, place_id: UUID) -> Self | None:
        in_force = await profiles.law_in_force(profile_id)
        row = await profiles.version(profile_id)
        assert in_force.law is not None, "a published profile has a law"
        return cls(
            id=row.name,
            title=in_force.law.title,
            number=in_force.law.number,
            version=row.version,
            is_inherited=row.owner_id != place_id,
            effective_from=row.effective_from,
        )


@strawberry.type(description=described("一个地方：县区、市州或省 / One place.", "place.read"))
class Place(ReadableNode):
    row_id: relay.NodeID[UUID]
    code: str = strawberry.field(description="Its 12-digit division code.")
    name: str = strawberry.field(description="Its name.")
    kind: places.PlaceKind = strawberry.field(description="County, prefecture or province.")
    state: places.PlaceState = strawberry.field(description="Active or suspended.")
    law_day: date | None = strawberry.field(description="The fixed day of the law, in demo places only.")
    today: date = strawberry.field(description="The day for which questions are asked here.")
    note: str = strawberry.field(description="A remark on the place, such as that it is an assumption.")

    @classmethod
    def of(cls, row: PlaceRow) -> Self:
        return cls(
            row_id=row.id,
            code=row.code,
            name=row.name,
            kind=row.kind,
            state=row.state,
            law_day=row.law_day,
            today=row.today,
            note=row.note,
        )

    @strawberry.field(
        description="适用的文件 / The document it lives under on its day; null for none.",
        metadata={"cost": Cost(points=5)},
    )
    async def profile(self) -> ProfileSummary | None:
        profile_id = await profiles.in_force_for(self.row_id, self.today)
        return await ProfileSummary.of(profile_id, self.row_id) if profile_id else None

    @classmethod
    async def readable(cls, info: Info, ids: Collection[UUID]) -> dict[UUID, Self]:
        return {row.id: cls.of(row) for row in await visible_places(info) if row.id in ids}


async def visible_places(info: Info) -> list[PlaceRow]:
    """The viewer's own place, and those below it where his post reaches them."""
    return await places.within(info.context.access.reach(info.context.viewer, "place.read"))


@strawberry.type
class PlaceQuery:
    @read_field(
        permission="place.read",
        description="可见的地方 / The places the viewer may see: his own, and for a province those below it.",
        cost=Cost(items=100),
        closed=list,
    )
    async def places(
        self,
        info: Info,
        code: Annotated[str | None, strawberry.argument(description="Only the place with this code.")] = None,
    ) -> list[Place]:
        return [Place.of(row) for row in await visible_places(info) if code in (None, row.code)]

    @read_field(permission=SIGNED_IN, description="会话所在的地方 / The place the session stands in.")
    async def place(self, info: Info) -> Place | None:
        return Place.of(info.context.signed_in.place)
