"""A node that ends, and what is to rest on it, at once: one of the two waits and is told."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date

import pytest

from policies.jurisdiction import Level
from tenants import division_changes, people, units
from tenants.divisions import Division
from tenants.people import Post
from tenants.refusals import Refusal, RefusalCode
from tests.conftest import Database
from tests.tenants.demonstration import Caller, standing

COUNTY = "621121000000"
DAY = date(2018, 6, 15)
Act = Callable[[Caller, str], Awaitable[object]]


async def a_post(caller: Caller, code: str) -> None:
    person = await people.create(name="演示新人")
    await people.open_post(person.id, "township_mayor", code, DAY)


async def a_unit(caller: Caller, code: str) -> None:
    await units.create(name="演示新单位", organ=None, code=code)


async def excluded(caller: Caller, code: str) -> None:
    await division_changes.leave_out(caller.viewer, caller.access, [code])


async def a_free_township() -> str:
    async with standing("tw-admin"):
        held = {post.code[:9] for post in await Post.all()}
        nodes = await Division.filter(parent_code=COUNTY).order_by("code")
    return next(node.code for node in nodes if node.code[:9] not in held)


async def at_once(first: Act, second: Act) -> RefusalCode | None:
    """What the second is told that comes while the first is not yet committed."""
    code, begun = await a_free_township(), asyncio.Event()

    async def follow() -> None:
        await begun.wait()
        async with standing("tw-admin") as caller:
            await second(caller, code)

    following = asyncio.create_task(follow())
    async with standing("tw-admin") as caller:
        await first(caller, code)
        begun.set()
        await asyncio.sleep(0.3)
    try:
        await following
    except Refusal as refusal:
        return refusal.code
    return None


@pytest.mark.parametrize("rests", [a_post, a_unit])
async def test_what_comes_to_rest_on_a_node_keeps_it(demo_models: Database, rests: Act) -> None:
    assert await at_once(rests, excluded) is RefusalCode.IN_USE


@pytest.mark.parametrize("rests", [a_post, a_unit])
async def test_nothing_comes_to_rest_on_a_node_that_ends(demo_models: Database, rests: Act) -> None:
    assert await at_once(excluded, rests) is RefusalCode.NOT_FOUND


async def test_a_node_that_is_added_meanwhile_ends_with_the_one_above(demo_models: Database) -> None:
    async def added(caller: Caller, code: str) -> None:
        await division_changes.add(caller.viewer, caller.access, "演示一队", code, Level.VILLAGE)

    assert await at_once(added, excluded) is None

    async with standing("tw-admin"):
        assert (await Division.get(name="演示一队")).ends_on == DAY


async def test_a_post_may_end_with_its_node(demo_models: Database) -> None:
    code = await a_free_township()
    async with standing("tw-admin") as caller:
        await excluded(caller, code)
        person = await people.create(name="演示新人")

        earlier = await people.open_post(person.id, "township_mayor", code, date(2018, 1, 1), ends_on=DAY)

    assert earlier.ends_on == DAY
