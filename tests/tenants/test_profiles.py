"""Which law a place lives under on which day, and what a version inherits."""

from datetime import date
from uuid import UUID, uuid4

import pytest

from policies import library
from policies.decisions import Question
from policies.outcomes import Ask, Origin, Outcome
from tenants import decisions, places, profiles, scope
from tenants.places import Place, PlaceKind
from tenants.refusals import Refusal, RefusalCode
from tests.conftest import Database
from tests.tenants.demonstration import standing

MAKER, CHECKER = uuid4(), uuid4()
DAY, NEXT_DAY = date(2018, 6, 15), date(2018, 6, 16)
LEAVE = Question(Ask.ACT, "leave")
HEAD = """
id: {id}
title: 试行办法
issuers: 办公室
level: {level}
since: "2018-01-01"
reviewed_on: "2026-11-22"
"""
PROVINCE = HEAD.format(id="P", level="province") + (
    "rules:\n- {id: P-1, clause: 一, quote: 报, kind: guard, act: leave, require: {written: true}}\n"
)
PREFECTURE = HEAD.format(id="Q", level="prefecture") + (
    "parent: {id: P, version: 1}\nrules:\n- {id: Q-1, clause: 一, quote: 报, kind: flow, act: outing,"
    " steps: [{file: township_party_committee}]}\n"
)
COUNTY = HEAD.format(id="C", level="county") + (
    "parent: {id: Q, version: 1}\nrules:\n- {id: C-1, clause: 一, quote: 报, kind: flow, act: leave,"
    " steps: [{approve: township_party_committee}]}\n"
)


async def found(code: str, kind: PlaceKind, parent_id: UUID | None = None) -> UUID:
    place_id = uuid4()
    async with scope.open(writes=place_id):
        await places.found(place_id, code=code, name=code, kind=kind, parent_id=parent_id)
    return place_id


async def publish(place_id: UUID, text: str, on: date = DAY, follows: int | None = None) -> UUID:
    async with scope.open(writes=place_id):
        row = await profiles.publish(
            text, effective_from=on, drafted_by=MAKER, published_by=CHECKER, follows=follows
        )
    return row.id


@pytest.fixture
async def tree(models: Database) -> dict[str, UUID]:
    province = await found("990000000000", PlaceKind.PROVINCE)
    prefecture = await found("990100000000", PlaceKind.PREFECTURE, province)
    county = await found("990101000000", PlaceKind.COUNTY, prefecture)
    return {"province": province, "prefecture": prefecture, "county": county}


async def test_a_version_inherits_to_the_top(tree: dict[str, UUID]) -> None:
    for kind, text in (("province", PROVINCE), ("prefecture", PREFECTURE), ("county", COUNTY)):
        await publish(tree[kind], text)

    async with scope.open(reads=[tree["county"]]):
        law = (await profiles.law_on(tree["county"], DAY)).law

    assert law is not None
    assert [rule.id for rule in law.rules] == ["C-1", "Q-1", "P-1"]
    assert [(law.cite(rule).profile, law.cite(rule).origin) for rule in law.rules] == [
        ("C", Origin.OWN),
        ("Q", Origin.INHERITED),
        ("P", Origin.INHERITED),
    ]


async def test_a_version_pins_only_what_a_place_above_has_published(tree: dict[str, UUID]) -> None:
    await publish(tree["province"], PROVINCE)

    for kind, text in (("county", COUNTY), ("prefecture", PREFECTURE.replace("version: 1", "version: 2"))):
        with pytest.raises(Refusal) as refused:
            await publish(tree[kind], text)
        assert (refused.value.code, refused.value.path) == (RefusalCode.NOT_FOUND, ("parent",))

    async with scope.open():
        assert await profiles.Profile.all().count() == 1
    await publish(tree["prefecture"], PREFECTURE)
    await publish(tree["county"], COUNTY)


async def test_of_two_versions_by_one_name_the_nearest_place_is_meant(tree: dict[str, UUID]) -> None:
    await publish(tree["province"], PROVINCE)
    nearest = await publish(tree["prefecture"], PROVINCE.replace("level: province", "level: prefecture"))

    await publish(tree["county"], COUNTY.replace("id: Q,", "id: P,"))

    async with scope.open():
        own = await profiles.Profile.get(owner_id=tree["county"])
    assert own.parent_id == nearest


async def test_a_new_version_of_the_parent_leaves_the_child_as_it_is(tree: dict[str, UUID]) -> None:
    await publish(tree["province"], PROVINCE)
    await publish(tree["county"], COUNTY.replace("id: Q,", "id: P,"))
    second = PROVINCE.replace("id: P-1", "id: P-9")

    await publish(tree["province"], second)

    async with scope.open(reads=[tree["county"]]):
        law = (await profiles.law_on(tree["county"], DAY)).law
    assert law is not None
    assert [rule.id for rule in law.rules] == ["C-1", "P-1"]
    await publish(tree["county"], COUNTY.replace("id: Q, version: 1", "id: P, version: 2"))
    async with scope.open(reads=[tree["county"]]):
        law = (await profiles.law_on(tree["county"], DAY)).law
    assert law is not None
    assert [rule.id for rule in law.rules] == ["C-1", "P-9"]


async def test_the_law_of_the_place_above_holds_until_the_own_is_in_force(people_models: Database) -> None:
    async with scope.open():
        above = await profiles.Profile.get(name="GD")
        county = await Place.get(law_place_id=above.owner_id)
    own = await publish(county.id, HEAD.format(id="Y", level="county"), on=NEXT_DAY)

    async with standing("gd-first-secretary") as caller:
        assert caller.law.profile_id == above.id
        assert await profiles.in_force_for(county.id, DAY) == above.id
        assert await profiles.in_force_for(county.id, NEXT_DAY) == own
        facts = {"who": ("first_secretary",), "leave_days": 4, "written": True}
        answer = decisions.ask(caller.viewer, caller.law, LEAVE, facts, DAY)
        assert (answer.outcome, answer.profile) == (Outcome.UNSPECIFIED, "GD")
    second = await publish(above.owner_id, library.profile_text("GD"))
    async with standing("gd-first-secretary") as caller:
        assert caller.law.profile_id == second
        assert await profiles.in_force_for(county.id, NEXT_DAY) == own
    async with scope.open(writes=county.id):
        county.law_day = NEXT_DAY
        await county.save(update_fields=["law_day"])
    async with standing("gd-first-secretary") as caller:
        assert (caller.law.profile_id, caller.law.owner_id) == (own, county.id)
        assert caller.viewer.digest != library.profile("GD").digest


async def test_before_the_first_version_no_document_is_in_force(people_models: Database) -> None:
    """For a session as for every other question; the day the document names itself does not matter."""
    async with scope.open():
        above = await profiles.Profile.get(name="GD")
        county = await Place.get(law_place_id=above.owner_id)
    async with scope.open(writes=county.id):
        county.law_place_id = None
        await county.save(update_fields=["law_place_id"])
    own = await publish(county.id, HEAD.format(id="Y", level="county"), on=NEXT_DAY)

    async with standing("gd-first-secretary") as caller:
        assert caller.law.profile_id is None
        assert await profiles.in_force_for(county.id, DAY) is None
        assert (await profiles.laws_on({county.id: NEXT_DAY}))[county.id].profile_id == own
        assert (await profiles.laws_on({county.id: DAY}))[county.id].law is None
        assert (await profiles.law_or_its_beginning(county.id, DAY)).law is None
        before_it_begins = await profiles.law_or_its_beginning(county.id, date(2017, 12, 31))
        assert before_it_begins.profile_id == own
    async with scope.open(writes=county.id):
        county.law_day = NEXT_DAY
        await county.save(update_fields=["law_day"])
    async with standing("gd-first-secretary") as caller:
        assert caller.law.profile_id == own


async def test_who_has_not_seen_the_last_version_does_not_follow_it(tree: dict[str, UUID]) -> None:
    first = HEAD.format(id="C", level="county")
    await publish(tree["county"], first, follows=0)

    with pytest.raises(Refusal) as refused:
        await publish(tree["county"], first, follows=0)

    assert refused.value.code is RefusalCode.CONFLICT
    await publish(tree["county"], first, follows=1)
    async with scope.open():
        assert await profiles.last_version(tree["county"]) == 2
        assert await profiles.last_version(tree["province"]) == 0
