"""What a place writes down of its units."""

from typing import Annotated

import strawberry
from strawberry import relay

from schema.fields import Info, command
from schema.nodes import row_id
from schema.people import Unit
from schema.texts import LONGEST_KEY, kept, named
from schema.user_errors import Payload
from tenants import unit_changes
from tenants.unit_changes import Description


@strawberry.input(description="单位的登记内容 / All that is said of a unit; what is left out is not said.")
class UnitInput:
    name: str = strawberry.field(description="Its name, at most 64 characters, once in the place.")
    code: str = strawberry.field(description="The 12-digit code of the division it sits in, or helps in.")
    organ: str | None = strawberry.field(
        default=None, description="Which organ of the documents it is: a term of ORGAN."
    )
    tier: str | None = strawberry.field(
        default=None, description="Its level: village, township, county, prefecture, province, nation."
    )
    origin: str | None = strawberry.field(
        default=None,
        description="Where from outside it comes (省直、市直、中央、珠三角): a term of ORGAN; left"
        " out for one of the place's own.",
    )
    deputy: relay.GlobalID | None = strawberry.field(
        default=None, description="The person named to stand in for its head."
    )
    office: relay.GlobalID | None = strawberry.field(
        default=None, description="The unit that does its daily work."
    )

    def said(self) -> Description:
        return Description(
            name=named(self.name, "name"),
            code=self.code,
            organ=self.organ,
            tier=self.tier,
            origin=self.origin,
            deputy_id=row_id(self.deputy, "Person", "deputy") if self.deputy is not None else None,
            office_id=row_id(self.office, "Unit", "office") if self.office is not None else None,
        )


@strawberry.type(description="登记单位的结果 / What registering a unit answers with.")
class UnitPayload(Payload):
    unit: Unit | None = strawberry.field(default=None, description="The unit, as it is now.")


Said = Annotated[UnitInput, strawberry.argument(description="All that is said of it.")]
Key = Annotated[
    str | None, strawberry.argument(description="Sent again with the same key, the command has one effect.")
]


@strawberry.type
class UnitMutation:
    @command(
        permission="unit.create",
        payload=UnitPayload,
        description="登记单位，含外来帮扶单位 / Register a unit, of the place or from outside.",
    )
    async def unit_create(self, info: Info, input: Said, idempotency_key: Key = None) -> UnitPayload:
        context, key = info.context, kept(idempotency_key, "idempotencyKey", LONGEST_KEY)
        row = await unit_changes.create(context.viewer, context.law, input.said(), key=key)
        return UnitPayload(unit=Unit.of(row))

    @command(
        permission="unit.update",
        payload=UnitPayload,
        description="修改单位的登记，整项重写 / Say everything of a unit anew.",
    )
    async def unit_update(
        self,
        info: Info,
        id: Annotated[relay.GlobalID, strawberry.argument(description="The unit.")],
        input: Said,
        expected_version: Annotated[
            int | None, strawberry.argument(description="The version the client has seen.")
        ] = None,
        idempotency_key: Key = None,
    ) -> UnitPayload:
        context = info.context
        row = await unit_changes.update(
            context.viewer,
            context.law,
            row_id(id, "Unit"),
            input.said(),
            expected_version=expected_version,
            key=kept(idempotency_key, "idempotencyKey", LONGEST_KEY),
        )
        return UnitPayload(unit=Unit.of(row))
