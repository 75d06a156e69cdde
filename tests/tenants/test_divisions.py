"""A place's own nodes: adopted from the register, or local with a code from the reserved part."""

from collections import Counter
from uuid import UUID, uuid4

import pytest

from policies.jurisdiction import Level, subtree
from tenants import divisions, places, register, scope
from tenants.divisions import Division
from tenants.places import PlaceKind
from tenants.refusals import Refusal, RefusalCode
from tests.conftest import Database
from tests.tenants.two_places import County

BELOW = (Level.COUNTY, Level.TOWNSHIP, Level.VILLAGE)


async def adopted(code: str, excluding: tuple[str, ...] = ()) -> tuple[UUID, int]:
    """A new place that takes the county's nodes; the demonstration's own place has the code itself."""
    place = uuid4()
    async with scope.open(writes=place):
        own_code = str(990_000_000_000 + place.int % 1_000_000_000)
        await places.found(place, code=own_code, name="新县", kind=PlaceKind.COUNTY, parent_id=None)
        return place, await divisions.adopt(code, excluding=excluding)


async def counts_of(place: UUID) -> Counter[Level]:
    async with scope.open(reads=[place]):
        return Counter(node.level for node in await Division.all())


async def beneath(code: str) -> list[Division]:
    """The node with this code and all beneath it."""
    lower, upper = subtree(code)
    return await Division.filter(code__gte=lower, code__lt=upper).order_by("code")


def listed(code: str, digits: int) -> Counter[Level]:
    """What the register's files list, counted by leading digits."""
    return Counter(
        level for level in BELOW for e in register.listed(level) if e.code.startswith(code[:digits])
    )


# 代码, 前几位相同, 乡镇数, 村数
COUNTIES = [
    ("通渭县", "621121000000", 6),
    ("麻章区", "440811000000", 6),
    ("东莞市不设县，以市代县", "441900000000", 4),
]


async def test_a_county_adopts_what_the_register_lists_and_only_once(demo_models: Database) -> None:
    for _, code, digits in COUNTIES:
        expected = listed(code, digits)

        place, new = await adopted(code)

        assert await counts_of(place) == expected
        assert new == expected.total()
        assert expected[Level.COUNTY] == 1
        assert expected[Level.TOWNSHIP] > 5
        assert expected[Level.VILLAGE] > 50
        async with scope.open(writes=place):
            assert await divisions.adopt(code) == 0
            [root] = await Division.filter(parent_code__isnull=True)
        assert (root.code, root.level) == (code, Level.COUNTY)


async def test_an_excluded_township_stays_out_with_its_villages(demo_models: Database) -> None:
    township = "621121101000"
    everything, (place, new) = listed("621121000000", 6), await adopted("621121000000", (township,))
    left_out = listed(township, 9)

    assert left_out[Level.VILLAGE] > 5
    assert await counts_of(place) == everything - left_out
    assert new == everything.total() - left_out.total()
    async with scope.open(reads=[place]):
        assert await beneath(township) == []
        assert len(await beneath("621121102000")) == listed("621121102000", 9).total()


def test_no_county_of_the_register_lists_a_node_twice() -> None:
    """金门县 stands in it as its own township and village, too."""
    counties = [county.code for county in register.listed(Level.COUNTY)]
    twice = [
        code for code in counties if max(Counter(e.code for e in divisions.published(code)).values()) > 1
    ]

    assert twice == []
    assert [entry.code for entry in divisions.published("350527000000")] == ["350527000000"]


async def test_a_code_that_no_register_lists_is_refused(demo_models: Database) -> None:
    with pytest.raises(Refusal) as refused:
        await adopted("629999000000")

    assert (refused.value.code, refused.value.params) == (RefusalCode.NOT_FOUND, {"given": "629999000000"})


async def root_of(county: County) -> Division:
    async with scope.open(writes=county.id):
        return await Division.create(code=county.code, name="县", level=Level.COUNTY)


async def add_local(county: County, name: str, level: Level = Level.TOWNSHIP) -> Division:
    async with scope.open(writes=county.id):
        return await divisions.add_local(name, county.code, level)


async def test_a_local_node_takes_the_first_free_code_of_the_reserved_part(
    counties: tuple[County, County],
) -> None:
    here = counties[0]
    await root_of(here)

    made = [await add_local(here, name) for name in ("甲农场", "乙农场", "甲农场")]

    assert [node.code for node in made] == ["990101900000", "990101901000", "990101900000"]
    assert [node.official_code for node in made] == [None] * 3
    async with scope.open(reads=[here.id]):
        below = await Division.filter(parent_code=here.code).order_by("code")
        assert [node.name for node in below] == ["甲农场", "乙农场"]


async def test_a_local_node_may_lie_below_a_local_node(counties: tuple[County, County]) -> None:
    here = counties[0]
    await root_of(here)
    farm = await add_local(here, "甲农场")
    async with scope.open(writes=here.id):
        team = await divisions.add_local("一队", farm.code, Level.VILLAGE)

        assert team.code == "990101900900"
        assert [node.code for node in await beneath(farm.code)] == [farm.code, team.code]


async def test_a_hundred_local_nodes_are_all_there_is_room_for(counties: tuple[County, County]) -> None:
    here = counties[0]
    await root_of(here)
    taken = [f"{here.code[:6]}{number}000" for number in range(900, 999)]
    async with scope.open(writes=here.id):
        await Division.bulk_create(
            Division(code=code, name=code, level=Level.TOWNSHIP, parent_code=here.code) for code in taken
        )
    assert (await add_local(here, "最后一个")).code == "990101999000"

    with pytest.raises(Refusal) as refused:
        await add_local(here, "再一个")
    assert (refused.value.code, refused.value.path) == (RefusalCode.INVALID, ("level",))


BAD_PARENTS = [("上级没有", "990101101000", Level.VILLAGE), ("隔级", "990101000000", Level.VILLAGE)]


@pytest.mark.parametrize(("parent", "level"), [b[1:] for b in BAD_PARENTS], ids=[b[0] for b in BAD_PARENTS])
async def test_a_local_node_lies_directly_below_a_node_of_the_place(
    counties: tuple[County, County], parent: str, level: Level
) -> None:
    here = counties[0]
    await root_of(here)

    with pytest.raises(Refusal):
        async with scope.open(writes=here.id):
            await divisions.add_local("农场", parent, level)
    async with scope.open(reads=[here.id]):
        assert await Division.all().count() == 1


async def test_the_same_code_may_stand_in_two_places(counties: tuple[County, County]) -> None:
    for county in counties:
        async with scope.open(writes=county.id):
            await Division.create(code="990101000000", name="县", level=Level.COUNTY)

            assert [node.tenant_id for node in await beneath("990101000000")] == [county.id]
