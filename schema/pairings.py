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
from schema.reads.declared import One
from schema.reads.related import Row, one
from tenants import households, pairings
from tenants.conditions import Condition
from tenants.pairings import Pairing as PairingRow

if TYPE_CHECKING:
    from schema.households import Household

enum(pairings.PairingKind, name="PairingKind", description="结对类型 / Who helps whom.")


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
