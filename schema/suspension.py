"""Suspension: a province stops a place below it from writing, and lets it go on."""

import strawberry

from schema.acting import PlaceBelow, Reason
from schema.fields import Info, command
from schema.nodes import row_id
from schema.places import Place
from schema.texts import filled
from schema.user_errors import Payload
from tenants import suspension


@strawberry.type(description="暂停或恢复的结果 / What suspending or resuming a place answers with.")
class PlaceStatePayload(Payload):
    place: Place | None = strawberry.field(default=None, description="The place, in its new state.")


@strawberry.type
class SuspensionMutation:
    @command(
        permission="place.update",
        payload=PlaceStatePayload,
        description="暂停一个地方：可看可导出，不可办理 / Suspend a place below: it is read, not written.",
    )
    async def place_suspend(self, info: Info, place: PlaceBelow, reason: Reason) -> PlaceStatePayload:
        viewer, access = info.context.viewer, info.context.access
        row = await suspension.suspend(
            viewer, access, row_id(place, "Place", "place"), filled(reason, "reason")
        )
        return PlaceStatePayload(place=Place.of(row))

    @command(
        permission="place.update",
        payload=PlaceStatePayload,
        description="恢复已暂停的地方 / Resume a suspended place below.",
    )
    async def place_resume(self, info: Info, place: PlaceBelow, reason: Reason) -> PlaceStatePayload:
        viewer, access = info.context.viewer, info.context.access
        row = await suspension.resume(
            viewer, access, row_id(place, "Place", "place"), filled(reason, "reason")
        )
        return PlaceStatePayload(place=Place.of(row))
