"""Data loaders live as long as one operation: what one county was answered is never another's answer."""

from functools import cached_property
from uuid import UUID, uuid4

from schema.context import Context
from schema.loaders import Loaders
from tenants import scope
from tenants.secrets import Signer
from tenants.units import Unit
from tests.conftest import KEY, Database
from tests.tenants.two_places import County, found


async def two_of_one_id() -> tuple[County, County, UUID]:
    """Two counties with a unit of the same id: a key carries its place, so there may be two."""
    here, there = await found("990101000000", "甲"), await found("990102000000", "乙")
    unit = uuid4()
    for county, name in ((here, "甲的单位"), (there, "乙的单位")):
        async with scope.open(writes=county.id):
            await Unit.create(id=unit, name=name, code=county.code)
    return here, there, unit


async def name_of(loaders: Loaders, county: County, unit: UUID) -> str:
    async with scope.open(reads=[county.id]):
        name: str = (await loaders.unit_by_id.load(unit)).name
        return name


async def test_a_loader_answers_in_the_place_of_its_operation(models: Database) -> None:
    here, there, unit = await two_of_one_id()

    assert await name_of(Loaders(), here, unit) == "甲的单位"
    assert await name_of(Loaders(), there, unit) == "乙的单位"


async def test_a_loader_that_were_shared_would_answer_for_the_wrong_county(models: Database) -> None:
    """Why they are not."""
    here, there, unit = await two_of_one_id()
    shared = Loaders()

    assert await name_of(shared, here, unit) == "甲的单位"
    assert await name_of(shared, there, unit) == "甲的单位"


def test_every_operation_has_loaders_of_its_own() -> None:
    first, second = Context(Signer(KEY)), Context(Signer(KEY))

    assert first.readable_person is not second.readable_person
    names = [name for name, one in vars(Loaders).items() if isinstance(one, cached_property)]
    assert [n for n in names if getattr(first.loaders, n) is getattr(second.loaders, n)] == []
    assert len(names) > 4
