"""What runs beside a field that fails: neither given up, nor still running when the operation has ended."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
import strawberry

from schema.execution import ZerenSchema

told: list[str] = []


async def _slow(name: str) -> str:
    try:
        await asyncio.sleep(0.05)
    except asyncio.CancelledError:
        told.append(f"{name} given up")
        raise
    told.append(f"{name} answered")
    return name


@strawberry.type
class Group:
    @strawberry.field
    async def fails(self) -> str:
        await asyncio.sleep(0)
        raise ValueError("failed")

    @strawberry.field
    def fails_at_once(self) -> str:
        raise ValueError("failed at once")

    @strawberry.field
    async def slow(self) -> str:
        return await _slow("slow")


@strawberry.type
class Query:
    @strawberry.field
    def group(self) -> Group | None:
        return Group()

    @strawberry.field
    def groups(self) -> list[Group] | None:
        return [Group(), Group()]

    @strawberry.field
    def certain(self) -> Group:
        return Group()

    @strawberry.field
    async def beside(self) -> str:
        return await _slow("beside")


schema = ZerenSchema(query=Query)


@pytest.fixture(autouse=True)
def nothing_told() -> Iterator[None]:
    told.clear()
    yield
    told.clear()


@pytest.mark.parametrize("fault", ["fails", "failsAtOnce"])
async def test_the_fields_beside_a_fault_are_settled(fault: str) -> None:
    answer = await schema.execute(f"{{ group {{ slow {fault} }} beside }}")

    assert answer.data == {"group": None, "beside": "beside"}
    assert told == ["slow answered", "beside answered"]


@pytest.mark.parametrize("fault", ["fails", "failsAtOnce"])
async def test_the_items_beside_a_fault_are_settled(fault: str) -> None:
    answer = await schema.execute(f"{{ groups {{ slow {fault} }} beside }}")

    assert answer.data == {"groups": None, "beside": "beside"}
    assert set(told) == {"slow answered", "beside answered"}


@pytest.mark.parametrize("fault", ["fails", "failsAtOnce"])
async def test_a_fault_that_takes_everything_leaves_nothing_running(fault: str) -> None:
    answer = await schema.execute(f"{{ beside certain {{ {fault} }} }}")

    assert answer.data is None
    assert told == ["beside answered"]


async def test_an_operation_that_is_given_up_gives_up_all_its_fields() -> None:
    asked: Any = schema.execute("{ group { slow } beside }")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(asked, 0.01)

    assert set(told) == {"slow given up", "beside given up"}
