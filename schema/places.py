"""Places: the counties, prefectures and provinces themselves."""

from dataclasses import replace
from datetime import date, datetime
from typing import Annotated, ClassVar, Self
from uuid import UUID

import strawberry
from strawberry import relay

from policies.access import Access
from policies.jurisdiction import Level
from policies.profile import Profile as Law
from policies.reach import Viewer
from schema.costs import Cost
from schema.decision_bodies import ValidityPeriod
from schema.decisions import Gap
from schema.enums import enum
from schema.errors import ErrorCode, PublicError, Sentence
from schema.fields import SIGNED_IN, Info, described, read_field
from schema.nodes import MappedNode
from schema.profile_contents import ProfilePin, ProfileSetting, RuleCount, SettingStatus, settings_of
from schema.readiness import Readiness
from schema.reads.related import Row
from schema.texts import division_code, sought
from tenants import places
from tenants.conditions import Condition
from tenants.places import ANY_PLACE, Wanted
from tenants.places import Place as PlaceRow
from tenants.profiles import LawInForce

# A province has at most about two hundred places below it.
MOST_PLACES = 250

enum(places.PlaceKind, name="PlaceKind", description="层级 / What kind of place.")
enum(places.PlaceState, name="PlaceState", description="状态 / Its state.")


@strawberry.type(description="当前适用的文件 / The published profile a place lives under.")
class ProfileSummary:
    profile: str = strawberry.field(description="The profile's id, as decisions cite it.")
    id: str = strawberry.field(
        description="The profile's id.",
        # Clients keep objects by their `id`; this one is the same for every version and place.
        deprecation_reason="Use `profile`: this does not identify the summary.",
    )
    title: str = strawberry.field(description="The document's title.")
    number: str | None = strawberry.field(description="The document's number, where it has one.")
    version: int = strawberry.field(description="The published version.")
    is_inherited: bool = strawberry.field(description="Whether it is the document of a place above.")
    effective_from: date = strawberry.field(description="The first day this version is asked for.")
    level: Level = strawberry.field(description="The level of the place that issued it.")
    issuers: list[str] = strawberry.field(description="发文机关 / Who issued it.")
    implements: list[str] = strawberry.field(description="The documents from above that it carries out.")
    addressees: list[str] = strawberry.field(description="To whom it is addressed.")
    digest: str = strawberry.field(description="SHA-256 of what it says, what it inherits included.")
    validity: ValidityPeriod | None = strawberry.field(
        description="The days on which the document holds; null while its first day is open."
    )
    parent: ProfilePin | None = strawberry.field(description="The version above that it pins.")
    note: str = strawberry.field(description="A remark on the document.")
    law: strawberry.Private[Law]

    @strawberry.field(
        description="各类规则的条数 / How many rules of each kind.", metadata={"cost": Cost(items=9)}
    )
    def rule_counts(self) -> list[RuleCount]:
        return RuleCount.of(self.law)

    @strawberry.field(
        description="参数；未定的即开通问卷 / The settings; what a new county is asked are those that"
        " are open.",
        metadata={"cost": Cost(items=50)},
    )
    def settings(
        self,
        status: Annotated[
            SettingStatus | None, strawberry.argument(description="Of this status only.")
        ] = None,
    ) -> list[ProfileSetting]:
        return list(settings_of(self.law, status))

    @strawberry.field(
        description="文件没有给出的内容 / What its rules leave open that is no number.",
        metadata={"cost": Cost(items=50)},
    )
    def gaps(self) -> list[Gap]:
        words = self.law.vocabulary
        return [Gap.of(gap, words) for rule in self.law.rules for gap in rule.open_points]

    @classmethod
    def maybe(cls, in_force: LawInForce, place_id: UUID) -> Self | None:
        """None where no document applies."""
        law = in_force.law
        if law is None or in_force.version is None or in_force.effective_from is None:
            return None
        return cls(
            profile=law.id,
            id=law.id,
            title=law.title,
            number=law.number,
            version=in_force.version,
            is_inherited=in_force.owner_id != place_id,
            effective_from=in_force.effective_from,
            level=law.level,
            issuers=list(law.issuers),
            implements=list(law.implements),
            addressees=list(law.addressees),
            digest=law.digest,
            validity=_validity(law),
            parent=ProfilePin.pinned_by(law),
            note=law.note,
            law=law,
        )


def _validity(law: Law) -> ValidityPeriod | None:
    first = law.day(law.since)
    return ValidityPeriod(since=first, until=law.last_day) if first is not None else None


@strawberry.type(description=described("一个地方：县区、市州或省 / One place.", "place.read"))
class Place(Row, MappedNode):
    model: ClassVar = PlaceRow
    row_id: relay.NodeID[UUID]
    code: str = strawberry.field(description="Its 12-digit division code.")
    name: str = strawberry.field(description="Its name.")
    kind: places.PlaceKind = strawberry.field(description="County, prefecture or province.")
    state: places.PlaceState = strawberry.field(description="Active or suspended.")
    law_day: date | None = strawberry.field(description="The fixed day of the law, in demo places only.")
    note: str = strawberry.field(description="A remark on the place, such as that it is an assumption.")

    @strawberry.field(description="The day for which questions are asked here.")
    def today(self) -> date:
        today: date = self.row.today
        return today

    @strawberry.field(description="适用的文件 / The document it lives under on its day; null for none.")
    async def profile(self, info: Info) -> ProfileSummary | None:
        law: LawInForce = await info.context.loaders.law_of_place.load((self.row_id, self.row.today))
        return ProfileSummary.maybe(law, self.row_id)

    @strawberry.field(description="开通进度 / How far a county is on its way to work; null for others.")
    async def readiness(self, info: Info) -> Readiness | None:
        return Readiness.maybe(await info.context.readiness_of_place.load(self.row_id))

    @strawberry.field(description="最近登录 / When somebody last signed in to the county; null for never.")
    async def last_sign_in_at(self, info: Info) -> datetime | None:
        found = await info.context.readiness_of_place.load(self.row_id)
        return found.last_sign_in if found is not None else None

    @classmethod
    def visible(cls, viewer: Viewer, access: Access) -> Condition:
        return places.visible(viewer, access)


def places_at_most(first: int) -> int:
    """Raises BAD_USER_INPUT for a number of places that no list has."""
    if not 1 <= first <= MOST_PLACES:
        said = Sentence(f"first 应在 1 到 {MOST_PLACES} 之间", f"first is 1 to {MOST_PLACES}")
        raise PublicError(ErrorCode.BAD_USER_INPUT, detail=said)
    return first


async def visible_places(info: Info, wanted: Wanted = ANY_PLACE) -> list[PlaceRow]:
    """The viewer's own place, and those below it where his post reaches them."""
    return await places.within(info.context.access.reach(info.context.viewer, "place.read"), wanted)


@strawberry.input(description="筛选地方 / Which places; what is left out does not matter.")
class PlaceFilter:
    state: places.PlaceState | None = strawberry.field(default=None, description="Active or suspended.")
    kind: places.PlaceKind | None = strawberry.field(
        default=None, description="County, prefecture or province."
    )
    code: str | None = strawberry.field(default=None, description="The place with this 12-digit code.")
    name: str | None = strawberry.field(default=None, description="A part of the name.")
    readiness_at_least: float | None = strawberry.field(
        default=None, description="Counties whose readiness is no less, 0 to 1."
    )
    readiness_at_most: float | None = strawberry.field(
        default=None, description="Counties whose readiness is no more, 0 to 1."
    )

    @property
    def wanted(self) -> Wanted:
        """Raises BAD_USER_INPUT for a code or a part of a name that no place can have."""
        code = division_code(self.code) if self.code is not None else None
        name = sought(self.name) if self.name is not None else None
        return Wanted(state=self.state, kind=self.kind, code=code, name=name)

    @property
    def bounds_readiness(self) -> bool:
        return self.readiness_at_least is not None or self.readiness_at_most is not None

    async def ready(self, info: Info, rows: list[PlaceRow]) -> list[PlaceRow]:
        """Those whose readiness lies within the bounds."""
        if not self.bounds_readiness:
            return rows
        least, most = self.readiness_at_least or 0.0, self.readiness_at_most
        found = await info.context.readiness_of_place.load_many([row.id for row in rows])
        return [
            row
            for row, ready in zip(rows, found, strict=True)
            if ready is not None and least <= ready.share and (most is None or ready.share <= most)
        ]


@strawberry.type
class PlaceQuery:
    @read_field(
        permission="place.read",
        description="可见的地方 / The places the viewer may see: his own, and for a province those below it.",
        closed=list,
    )
    async def places(
        self,
        info: Info,
        code: Annotated[
            str | None,
            strawberry.argument(
                description="Only the place with this code.", deprecation_reason="Use filter: {code}."
            ),
        ] = None,
        filter: Annotated[PlaceFilter | None, strawberry.argument(description="Which of them.")] = None,
        first: Annotated[int, strawberry.argument(description="How many at most, 1 to 250.")] = 100,
        after: Annotated[
            str | None, strawberry.argument(description="The code after which the list goes on.")
        ] = None,
    ) -> list[Place]:
        most, asked = places_at_most(first), filter or PlaceFilter()
        beyond = division_code(after) if after is not None else None
        rows = await visible_places(info, replace(asked.wanted, after=beyond))
        if code is not None:
            rows = [row for row in rows if row.code == code]
        return [Place.of(row) for row in (await asked.ready(info, rows))[:most]]

    @read_field(permission=SIGNED_IN, description="会话所在的地方 / The place the session stands in.")
    async def place(self, info: Info) -> Place | None:
        return Place.of(info.context.signed_in.place)
