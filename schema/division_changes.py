"""What a county changes in its own tree."""

from typing import Annotated

import strawberry

from policies.jurisdiction import Level
from schema.divisions import Division
from schema.fields import Info, command
from schema.texts import few, named
from schema.user_errors import Payload
from tenants import division_changes


@strawberry.type(description="区划调整的结果 / What changing the tree answers with.")
class DivisionsPayload(Payload):
    divisions: list[Division] | None = strawberry.field(
        default=None, description="The nodes named, as they are now."
    )


@strawberry.type(description="新增区划的结果 / What adding a node answers with.")
class DivisionPayload(Payload):
    division: Division | None = strawberry.field(default=None, description="The node.")


MOST_CODES = 100
Codes = Annotated[list[str], strawberry.argument(description="Their 12-digit codes, at most 100.")]


@strawberry.type
class DivisionMutation:
    @command(
        permission="division.update",
        payload=DivisionsPayload,
        description="排除不归本地管的区划，连同其下各级 / Let nodes that another place governs end today.",
    )
    async def divisions_exclude(self, info: Info, codes: Codes) -> DivisionsPayload:
        viewer, access = info.context.viewer, info.context.access
        ended = await division_changes.leave_out(viewer, access, few(codes, "codes", MOST_CODES))
        return DivisionsPayload(divisions=[Division.of(row) for row in ended])

    @command(
        permission="division.create",
        payload=DivisionsPayload,
        description="补入名册中没有采用的区划，连同其下 / Take up nodes of the register that are left out.",
    )
    async def divisions_take_up(self, info: Info, codes: Codes) -> DivisionsPayload:
        viewer, access = info.context.viewer, info.context.access
        taken = await division_changes.take_up(viewer, access, few(codes, "codes", MOST_CODES))
        return DivisionsPayload(divisions=[Division.of(row) for row in taken])

    @command(
        permission="division.create",
        payload=DivisionPayload,
        description="新增名册没有的区划，如农场 / Add a node that no register lists, such as a state farm.",
    )
    async def division_add(
        self,
        info: Info,
        name: Annotated[str, strawberry.argument(description="Its name, at most 64 characters.")],
        parent: Annotated[str, strawberry.argument(description="The 12-digit code of the node above it.")],
        level: Annotated[Level, strawberry.argument(description="Township or village.")],
    ) -> DivisionPayload:
        viewer, access = info.context.viewer, info.context.access
        added = await division_changes.add(viewer, access, named(name, "name"), parent, Level(level))
        return DivisionPayload(division=Division.of(added))
