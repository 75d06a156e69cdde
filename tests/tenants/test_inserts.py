"""Rows that come into being together, all of them or none."""

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from tortoise.exceptions import IntegrityError
from tortoise.models import Model

from tenants import scope
from tenants.audit import AuditEntry
from tenants.conditions import Compared
from tenants.idempotency import UNIQUE, IdempotencyKey
from tenants.inserts import New, Of, Once, together
from tenants.units import Unit
from tests.isolation.world import place_models
from tests.tenants.two_places import County

NOW = datetime(2018, 6, 15, 8, tzinfo=UTC)
Two = tuple[County, County]


def entry(subject: UUID) -> New[AuditEntry]:
    return New.of(
        AuditEntry,
        recorded_at=NOW,
        account_id=uuid4(),
        person_id=uuid4(),
        act="unit.create",
        subject_kind="unit",
        subject_id=subject,
        details={"名称": "扶贫办", "number": 1},
    )


def key(text: str) -> Once:
    row = New.of(
        IdempotencyKey,
        person_id=UUID(int=1),
        act="unit.create",
        key=text,
        payload_digest="x",
        recorded_at=NOW,
    )
    return Once(row, UNIQUE)


def about(unit: New[Unit]) -> Of:
    return Of(Unit, Compared("id", "=", unit.id), {"code": "code"})


async def numbers() -> tuple[int, int, int]:
    return await Unit.all().count(), await AuditEntry.all().count(), await IdempotencyKey.all().count()


async def test_rows_of_several_tables_come_into_being_together(counties: Two) -> None:
    here = counties[0]
    unit = New.of(Unit, name="扶贫办", code=here.code)
    async with scope.open(writes=here.id):
        before = await numbers()
        assert await together(unit, entry(unit.id), once=key("a"))
        assert await numbers() == tuple(number + 1 for number in before)

        found = await Unit.get(id=unit.id)
        told = await AuditEntry.get(subject_id=unit.id)
    assert (found.name, found.code, found.tenant_id) == ("扶贫办", here.code, here.id)
    assert (told.details, told.recorded_at) == ({"名称": "扶贫办", "number": 1}, NOW)


async def test_what_was_claimed_before_keeps_all_of_them_away(counties: Two) -> None:
    here = counties[0]
    async with scope.open(writes=here.id):
        assert await together(New.of(Unit, name="a", code=here.code), once=key("a"))
        before = await numbers()
        second = New.of(Unit, name="b", code=here.code)
        assert not await together(second, entry(second.id), once=key("a"))
        assert await numbers() == before
        assert await together(second, entry(second.id), once=key("b"))


async def test_what_they_are_about_must_be_there_and_gives_its_columns(counties: Two) -> None:
    here, there = counties
    async with scope.open(writes=here.id):
        one = New.of(Unit, name="one", code=here.code)
        await together(one)
        other = New.of(Unit, name="other")
        assert await together(other, entry(other.id), of=about(one), once=key("a"))
        assert other.row().code == here.code
        assert (await Unit.get(id=other.id)).code == here.code
        before = await numbers()
    async with scope.open(writes=there.id):
        elsewhere = await numbers()
        stranger = New.of(Unit, name="of the other county")
        assert not await together(stranger, entry(stranger.id), of=about(one), once=key("a"))
        assert await numbers() == elsewhere
    async with scope.open(reads=[here.id]):
        assert await numbers() == before


async def test_the_place_is_the_scope_s_and_nobody_else_says_it(counties: Two) -> None:
    here, there = counties
    async with scope.open(writes=here.id):
        named = New.of(Unit, name="x", code=here.code, tenant_id=there.id)
        assert await together(named)
        assert (await Unit.get(id=named.id)).tenant_id == named.row().tenant_id == here.id
    async with scope.open(reads=[here.id]):
        with pytest.raises(scope.ReadOnlyScope):
            await together(New.of(Unit, name="y", code=here.code))


async def test_a_row_that_the_database_refuses_takes_the_others_along(counties: Two) -> None:
    here = counties[0]
    unit = New.of(Unit, name="x", code=here.code)
    async with scope.open(writes=here.id):
        await together(unit)
    with pytest.raises(IntegrityError):
        async with scope.open(writes=here.id):
            await together(entry(unit.id), New.of(Unit, id=unit.id, name="again", code=here.code))
    async with scope.open(reads=[here.id]):
        assert not await AuditEntry.filter(subject_id=unit.id).exists()


async def test_two_at_once_with_one_key_have_one_effect(counties: Two) -> None:
    here = counties[0]

    async def one(name: str) -> bool:
        async with scope.open(writes=here.id):
            return await together(New.of(Unit, name=name, code=here.code), once=key("at once"))

    assert sorted(await asyncio.gather(*(one(name) for name in "abcd"))) == [False, False, False, True]
    async with scope.open(reads=[here.id]):
        assert await Unit.filter(name__in=list("abcd")).count() == 1


@pytest.mark.parametrize("model", place_models(), ids=lambda model: model.__name__)
def test_a_field_is_named_as_its_column(model: type[Model]) -> None:
    assert all(name == column for name, column in model._meta.fields_db_projection.items())
