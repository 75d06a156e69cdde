"""Standing in a place without a session: for the runner, which works on behalf of who asked, and for the
operator at the machine, who acts as a named account."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NamedTuple
from uuid import UUID

from policies.reach import Viewer
from tenants import callers, places, profiles, scope
from tenants.profiles import LawInForce
from tenants.refusals import Refusal, RefusalCode


class Standing(NamedTuple):
    """Who acts, with the posts he holds at this moment, and the law that his place lives under today."""

    viewer: Viewer
    law: LawInForce


@asynccontextmanager
async def standing(
    account_id: UUID, place_id: UUID, *, writes: bool, even_suspended: bool = False
) -> AsyncIterator[Standing]:
    """One operation of the account in the place: one transaction in one scope.

    Raises FORBIDDEN if the account is disabled or has no person there, PLACE_SUSPENDED where it would write
    in a suspended place, unless what it writes there is a job's progress or end (`even_suspended`)."""
    async with scope.open(reads=[place_id], writes=place_id if writes else None, read_only=not writes):
        caller = await callers.caller_of(account_id, place_id)
        if caller is None:
            raise Refusal(RefusalCode.FORBIDDEN)
        if writes and not even_suspended:
            places.require_active(caller.place)
        yield Standing(caller.viewer, await profiles.law_in_force(caller.profile_id))
