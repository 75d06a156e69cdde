"""Acting in a place below: what holds however a command came there."""

import pytest

from tenants import acting, places, scope
from tenants.acting import ActAs
from tenants.places import PlaceState
from tenants.refusals import Refusal, RefusalCode
from tests.conftest import Database
from tests.tenants.demonstration import standing

COUNTY = "410173000000"


async def test_nobody_acts_in_a_suspended_place_but_by_name(demo_models: Database) -> None:
    async with standing("p41-admin") as caller:
        there = await places.by_code(COUNTY)
        assert there is not None
        async with acting.acting_in(caller.viewer, there.id, "test.act"):
            await places.set_state(there, PlaceState.SUSPENDED)

        with pytest.raises(Refusal) as refused:
            async with acting.acting_in(caller.viewer, there.id, "test.act"):
                pytest.fail("a suspended place is written")
        async with acting.acting_in(caller.viewer, there.id, "test.resume", even_suspended=True):
            pass

        async with scope.open(reads=[there.id]):
            kept = await ActAs.all().order_by("recorded_at").values_list("act", flat=True)
    assert refused.value.code is RefusalCode.PLACE_SUSPENDED
    assert kept == ["test.act", "test.resume"]
