"""Suspension: a province stops a place below it from writing, and lets it go on. Reading and export go on.

It is held where every command passes (`schema/fields.py: CommandGate`), where a place above acts in it
(`acting.py`), and where its jobs are run.
"""

from uuid import UUID

from policies.access import Access
from policies.reach import Viewer
from tenants import acting, places
from tenants.places import Place, PlaceState
from tenants.refusals import Refusal, RefusalCode


async def suspend(viewer: Viewer, access: Access, place_id: UUID, reason: str) -> Place:
    """Let nothing be written in a place below, from the next operation on. Sent again with the same reason,
    it writes nothing more. Raises WRONG_STATE where the place was suspended for another reason."""
    return await _change(viewer, access, place_id, PlaceState.SUSPENDED, reason)


async def resume(viewer: Viewer, access: Access, place_id: UUID, reason: str) -> Place:
    return await _change(viewer, access, place_id, PlaceState.ACTIVE, reason)


async def _change(viewer: Viewer, access: Access, place_id: UUID, state: PlaceState, reason: str) -> Place:
    place = await acting.place_below(viewer, access, "place.update", place_id)
    act = "place.suspend" if state is PlaceState.SUSPENDED else "place.resume"
    if place.state is state:
        if await acting.last_reason(place.id, act) == reason:
            return place  # sent again: a client that lost the answer
        raise Refusal(RefusalCode.WRONG_STATE, path=("place",))
    async with acting.acting_in(viewer, place.id, act, reason=reason, even_suspended=True, code=place.code):
        await places.set_state(place, state)
    return place
