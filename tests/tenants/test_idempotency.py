"""A command sent again has one effect."""

import asyncio
from uuid import UUID, uuid4

import pytest

from tenants import idempotency, scope
from tenants.idempotency import IdempotencyKey
from tenants.refusals import Refusal, RefusalCode
from tenants.secrets import Claims
from tenants.units import Unit
from tests.conftest import Database
from tests.tenants.demonstration import sign_in, standing

ACT = "unit.create"


async def create(login: str | Claims, name: str, key: str | None, act: str = ACT) -> UUID:
    """A command as operations are written: claim, do, settle."""
    async with standing(login) as caller:
        earlier = await idempotency.claim(caller.viewer, act, key, {"name": name})
        if earlier is not None:
            return earlier
        unit = await Unit.create(name=f"{name} {uuid4()}", code="410173000000")
        await idempotency.settle(caller.viewer, act, key, unit.id)
        return unit.id


async def effects(claims: Claims) -> int:
    async with scope.open(reads=[claims.place_id]):
        return await Unit.filter(name__startswith="新").count()


async def test_ten_copies_at_once_have_one_effect(people_models: Database) -> None:
    claims = await sign_in("hn-admin")

    answers = await asyncio.gather(*(create(claims, "新单位", "k") for _ in range(10)))

    assert len(set(answers)) == 1
    assert await effects(claims) == 1


async def test_ten_keys_have_ten_effects(people_models: Database) -> None:
    claims = await sign_in("hn-admin")

    answers = await asyncio.gather(*(create(claims, "新单位", f"k{n}") for n in range(10)))

    assert len(set(answers)) == await effects(claims) == 10


async def test_without_a_key_every_copy_counts(people_models: Database) -> None:
    claims = await sign_in("hn-admin")

    assert await create(claims, "新单位", None) != await create(claims, "新单位", None)
    assert await effects(claims) == 2


async def test_a_key_with_another_payload_is_refused(people_models: Database) -> None:
    claims = await sign_in("hn-admin")
    first = await create(claims, "新单位", "k")

    with pytest.raises(Refusal) as refused:
        await create(claims, "新单位乙", "k")

    assert (refused.value.code, refused.value.path) == (
        RefusalCode.IDEMPOTENCY_KEY_REUSED,
        ("idempotencyKey",),
    )
    assert await effects(claims) == 1
    assert await create(claims, "新单位", "k") == first


async def test_a_key_belongs_to_one_person_one_act_and_one_place(people_models: Database) -> None:
    callers = [("hn-admin", ACT), ("hn-admin", "unit.update"), ("hn-auditor", ACT), ("tw-admin", ACT)]

    made = [await create(login, "新单位", "k", act) for login, act in callers]

    assert len(set(made)) == 4


async def test_a_command_that_failed_has_claimed_nothing(people_models: Database) -> None:
    claims = await sign_in("hn-admin")

    async def fail() -> None:
        async with standing(claims) as caller:
            assert await idempotency.claim(caller.viewer, ACT, "k", {"name": "新单位"}) is None
            raise ValueError("refused")

    with pytest.raises(ValueError, match="refused"):
        await fail()

    async with scope.open(reads=[claims.place_id]):
        assert await IdempotencyKey.all().count() == 0
    await create(claims, "新单位", "k")
    assert await effects(claims) == 1
