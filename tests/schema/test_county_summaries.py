"""What a province is told of its counties: each that it reaches and no other, as it is now."""

from typing import Any
from uuid import uuid4

import pytest

from tenants import accounts, households, people, places, scope
from tenants.households import HouseholdState, Named, Relation
from tenants.places import PlaceKind
from tenants.secrets import Signer
from tests.client import Client
from tests.conftest import KEY, Database
from tests.front_door import arrange, place_of, rows
from tests.onboarding import onboard, suspend
from tests.schema.register_world import HERE, THERE, plant_register

# As the bench asks it.
PROVINCE = "query Province { countySummaries { place { name } households population } }"
EVERYTHING = """
query ($first: Int! = 250, $after: String) { countySummaries(first: $first, after: $after) {
  households population candidates registered exited relapsed pairedHouseholds countedAt __typename
  place { id code name kind state lawDay today note lastSignInAt profile { title } readiness { share } }
} }
"""
COUNTIES = {"p41": [HERE], "p44": ["440811000000", "440825000000"], "p51": ["513221000000"], "p62": [THERE]}


def told(client: Client, login: str, **asked: Any) -> list[dict[str, Any]]:
    return list(client.ask(EVERYTHING, asked, as_=login)["countySummaries"])


def codes(client: Client, login: str, **asked: Any) -> list[str]:
    return [summary["place"]["code"] for summary in told(client, login, **asked)]


# Who is shown which.


@pytest.mark.parametrize("province", COUNTIES)
def test_a_province_sees_its_own_counties_and_no_other(client: Client, province: str) -> None:
    assert codes(client, f"{province}-admin") == COUNTIES[province]


def test_a_province_is_told_what_the_register_holds(client: Client, demo_database: Database) -> None:
    plant_register(demo_database, HERE)

    [summary] = client.ask(PROVINCE, as_="p41-admin")["countySummaries"]

    [held] = rows(
        demo_database,
        "SELECT count(*) AS households, sum(population) AS population FROM households WHERE tenant_id = $1",
        place_of(demo_database, HERE),
    )
    assert summary == {"place": {"name": "郑州航空港经济综合实验区"}, **held}
    assert summary["households"] > 60


def test_a_household_entered_is_told_at_once(client: Client, demo_database: Database) -> None:
    before = {province: told(client, f"{province}-admin") for province in COUNTIES}
    members = [Named("演示户主", Relation.HEAD), Named("演示子女", Relation.CHILD)]

    arrange(
        demo_database,
        HERE,
        lambda: households.enter(
            code="410173113202", number="新", state=HouseholdState.RELAPSED, members=members
        ),
    )

    [old], [new] = before["p41"], told(client, "p41-admin")
    assert {name for name in new if new[name] != old[name]} == {
        "households", "population", "relapsed", "countedAt",
    }  # fmt: skip
    assert (new["relapsed"], new["population"]) == (old["relapsed"] + 1, old["population"] + 2)
    assert {p: told(client, f"{p}-admin") for p in ("p44", "p62")} == {p: before[p] for p in ("p44", "p62")}


@pytest.mark.parametrize("login", ["p41-auditor", "hn-county-secretary", "hn-admin", "hn-auditor"])
def test_who_may_not_read_summaries_is_told_of_none(client: Client, login: str) -> None:
    assert told(client, login) == []
    assert "summary.read" not in permissions(client, login)
    assert "summary.read" in permissions(client, "p41-admin")


def permissions(client: Client, login: str) -> list[str]:
    return list(client.ask("{ viewer { permissions } }", as_=login)["viewer"]["permissions"])


def test_who_has_not_signed_in_is_told_so(client: Client) -> None:
    answer = client.post(PROVINCE)

    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


def test_a_county_just_onboarded_has_nothing_yet_and_is_in_the_list(client: Client) -> None:
    onboard(client, "p62-admin", "620102", dry_run=True)
    assert codes(client, "p62-admin") == [THERE]

    onboard(client, "p62-admin", "620102")

    new, known = told(client, "p62-admin")
    assert (new["place"]["code"], new["households"], new["population"]) == ("620102000000", 0, 0)
    assert known["households"] > 0


def test_a_prefecture_sees_the_counties_below_it(client: Client, demo_database: Database) -> None:
    onboard(client, "p44-admin", "440103", base="GD")
    assert codes(client, "p44-admin") == ["440103000000", *COUNTIES["p44"]]

    async def founded() -> str:
        place_id, code = uuid4(), "440800000000"
        parent = scope.writer()
        await places.found(place_id, code=code, name="演示市", kind=PlaceKind.PREFECTURE, parent_id=parent)
        async with scope.open(writes=place_id):
            place = await places.by_id(place_id)
            assert place is not None
            account = await accounts.create("zj-admin")
            person = await people.create(name="演示市级管理员", account_id=account.id)
            await people.open_post(person.id, "province_admin", code, place.today)
        return (await accounts.open_session(account, place_id, Signer(KEY))).access

    client.tokens["zj-admin"] = arrange(demo_database, "440000000000", founded)

    assert codes(client, "zj-admin") == COUNTIES["p44"]


def test_a_suspended_county_is_still_told_of(client: Client) -> None:
    [county] = told(client, "p41-admin")
    suspend(client, "p41-admin", county["place"]["id"])

    [still] = told(client, "p41-admin")
    assert still == {**county, "place": {**county["place"], "state": "SUSPENDED"}}


# The list.


def test_a_list_goes_on_after_a_code(client: Client) -> None:
    first, second = COUNTIES["p44"]

    assert codes(client, "p44-admin", first=1) == [first]
    assert codes(client, "p44-admin", first=1, after=first) == [second]
    assert codes(client, "p44-admin", after=second) == []


@pytest.mark.parametrize("asked", [{"first": 0}, {"first": 251}, {"after": "44"}], ids=str)
def test_a_list_has_bounds(client: Client, asked: dict[str, Any]) -> None:
    answer = client.post(EVERYTHING, asked, as_="p44-admin")

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_a_list_costs_as_many_points_as_it_may_be_long(client: Client) -> None:
    def cost(**asked: Any) -> int:
        answer = client.post(EVERYTHING, asked, as_="p44-admin")
        return int(answer["extensions"]["cost"]["requestedQueryCost"])

    assert cost() == cost(first=250) == 250 * cost(first=1)
