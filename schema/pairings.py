"""Pairings: who helps whom."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, ClassVar
from uuid import UUID

import strawberry
from strawberry import relay

from policies.access import Access
from policies.reach import Viewer
from schema.divisions import Division
from schema.enums import enum
from schema.fields import described
from schema.nodes import MappedNode
from schema.people import Person, Unit
from schema.reads.declared import Asked, One
from schema.reads.related import Row, one
from tenants import households, pairings
from tenants.conditions import Condition
from tenants.pairings import Pairing as PairingRow

if TYPE_CHECKING:
    from schema.households import Household

enum(pairings.PairingKind, name="PairingKind", description="结对类型 / Who helps whom.")


@strawberry.input(description="筛选结对 / Which pairings; what is left out does not matter.")
class PairingFilter:
    in_force_on: date | None = strawberry.field(
        default=None, description="有效 / In force on this day: begun, and not ended."
    )
    kind: pairings.PairingKind | None = strawberry.field(default=None, description="Of this kind.")


WhichPairings = Annotated[PairingFilter | None, strawberry.argument(description="Which of them.")]


def pairings_asked(filter: PairingFilter | None = None) -> Asked:
    wanted = filter or PairingFilter()
    return Asked(pairings.wanted(in_force_on=wanted.in_force_on, kind=wanted.kind))


@strawberry.type(description=described("结对帮扶 / Who helps whom, from when to when.", "pairing.read"))
class Pairing(Row, MappedNode):
    model: ClassVar = PairingRow
    row_id: relay.NodeID[UUID]
    kind: pairings.PairingKind = strawberry.field(description="Who helps whom.")
    begins_on: date = strawberry.field(description="Its first day.")
    ends_on: date | None = strawberry.field(description="The first day that no longer counts.")
    recorded_at: datetime = strawberry.field(description="When it was recorded.")
    person: Person | None = one("帮扶人 / Who helps.", One("person_id"))
    unit: Unit | None = one("帮扶单位 / The unit that helps.", One("unit_id"))
    division: Division | None = one("所在区划 / Where the help goes.", One("code", to="code"))
    household: Annotated["Household", strawberry.lazy("schema.households")] | None = one(
        "所帮扶的户 / The household, if one may read it.", One("household_id", visible=households.visible)
    )

    @classmethod
    def visible(cls, viewer: Viewer, access: Access) -> Condition:
        return pairings.visible(viewer, access)
