"""What could tell of another place's rows without showing them: keys, links, errors, statistics."""

from datetime import date
from uuid import UUID, uuid4

import asyncpg
import pytest
from tortoise.exceptions import BaseORMException, IntegrityError, OperationalError

from tenants import scope
from tenants.people import Person, Post
from tenants.units import Unit
from tests.conftest import Database
from tests.tenants.probes import PROBES, Probe
from tests.tenants.two_places import County

Two = tuple[County, County]


async def create(county: County, **details: object) -> Unit:
    async with scope.open(writes=county.id):
        return await Unit.create(**{"name": "新单位", "code": county.code, **details})


async def test_an_id_of_another_place_tells_nothing(counties: Two) -> None:
    """Not even by a duplicate key: a key carries its place."""
    here, there = counties
    await create(here, id=there.spare.id)

    async with scope.open(reads=[there.id]):
        assert (await Unit.get(id=there.spare.id)).name == "同名单位"
    with pytest.raises(IntegrityError, match="duplicate key"):
        await create(here, id=there.spare.id, name="又一单位")


async def test_what_exists_elsewhere_is_no_duplicate(counties: Two) -> None:
    here, there = counties
    await create(there, name="只在那边", organ="finance_bureau")
    await create(here, name="只在那边", organ="finance_bureau")

    with pytest.raises(IntegrityError, match="duplicate key"):
        await create(here, name="只在那边")


async def link(here: County, person_id: UUID) -> Post:
    async with scope.open(writes=here.id):
        post = {"role": "unit_head", "code": here.code, "begins_on": date(2018, 1, 1)}
        return await Post.create(person_id=person_id, **post)


async def error_of_linking(here: County, person_id: UUID) -> str:
    with pytest.raises(IntegrityError) as refused:
        await link(here, person_id)
    return f"{refused.value}".replace(str(person_id), "…")


async def test_a_link_to_a_row_elsewhere_fails_like_one_to_nothing(counties: Two) -> None:
    here, there = counties

    elsewhere = await error_of_linking(here, there.person.id)
    assert elsewhere == await error_of_linking(here, uuid4())
    assert "posts_person_id_in_place" in elsewhere
    assert (await link(here, here.person.id)).person_id == here.person.id


async def error_of(probe: Probe, here: County, there: County) -> str:
    try:
        async with scope.open(writes=here.id):
            await probe(here, there)
            raise _Undo
    except _Undo:
        return ""
    except (scope.ScopeError, BaseORMException, asyncpg.PostgresError) as error:
        return f"{error} {error.__cause__}"


class _Undo(Exception):
    pass


async def test_no_error_of_a_probe_quotes_the_other_place(counties: Two) -> None:
    here, there = counties
    said = {name: await error_of(probe, here, there) for name, probe in PROBES.items()}

    canaries = (there.unit.name, str(there.unit.id), str(there.post.id))
    assert [name for name, words in said.items() if any(canary in words for canary in canaries)] == []
    assert sum(bool(words) for words in said.values()) > 20
    assert await error_of(_quoting, here, there) == ""
    assert here.unit.name in await error_of(_quoting, here, here)


async def _quoting(here: County, there: County) -> object:
    """A fault that quotes the row it meets."""
    return await scope.fetch("SELECT name::integer FROM units WHERE id = $1", there.unit.id)


async def test_the_statistics_of_the_database_are_closed(counties: Two, models: Database) -> None:
    """They quote the commonest values of a column, whoever's they are."""
    owner = await asyncpg.connect(**models.superuser.as_arguments())
    await owner.execute("ANALYZE units")
    stated = "SELECT count(*) AS n FROM pg_stats WHERE tablename = 'units'"
    open_to_the_owner = await owner.fetchval(stated)
    await owner.close()

    async with scope.open(reads=[counties[0].id]):
        assert [row["n"] for row in await scope.fetch(stated)] == [0]
    with pytest.raises(OperationalError, match="permission denied for table pg_statistic"):
        async with scope.open(reads=[counties[0].id]):
            await scope.fetch("SELECT count(*) FROM pg_statistic")
    assert open_to_the_owner > 0


async def test_what_is_referred_to_is_not_deleted(counties: Two) -> None:
    """Nothing is deleted along with anything else, so nothing across places either."""
    here = counties[0]
    with pytest.raises(IntegrityError, match="posts_person_id_in_place"):
        async with scope.open(writes=here.id):
            await Person.filter(id=here.person.id).delete()

    async with scope.open(writes=here.id):
        assert await Post.filter(id=here.post.id).delete() == 1
        assert await Person.filter(id=here.person.id).delete() == 1
