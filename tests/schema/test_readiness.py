"""How ready each county is, and the list of places that a province works with."""

from datetime import date
from typing import Any

import pytest

from tenants import people, scope, units
from tests.client import Client
from tests.conftest import Database
from tests.front_door import arrange, rows
from tests.onboarding import READY, onboard

PLACES = f"""
query ($filter: PlaceFilter, $first: Int! = 250, $after: String) {{
  places(filter: $filter, first: $first, after: $after) {{
    code name kind state profile {{ id version isInherited }} lastSignInAt {READY}
  }}
}}
"""


def listed(client: Client, login: str, **asked: Any) -> list[dict[str, Any]]:
    return list(client.ask(PLACES, asked, as_=login)["places"])


def codes(client: Client, login: str, **filter: Any) -> list[str]:
    return [place["code"] for place in listed(client, login, filter=filter)]


def parts(place: dict[str, Any]) -> dict[str, bool]:
    return {part["part"]: part["isMet"] for part in place["readiness"]["parts"]}


def county(client: Client, login: str, code: str) -> dict[str, Any]:
    (found,) = listed(client, login, filter={"code": code})
    return found


def test_the_demonstration_s_counties_are_as_ready_as_they_are(client: Client) -> None:
    here = county(client, "p41-admin", "410173000000")

    assert parts(here) == {
        "NODES": True,
        "PROFILE": True,
        "PARAMETERS": False,
        "ORGANS": True,
        "SIGN_IN": True,
    }
    assert here["readiness"]["share"] == 0.8
    assert here["lastSignInAt"] is not None


def test_an_organ_that_nobody_holds_is_named_until_somebody_does(
    client: Client, demo_database: Database
) -> None:
    rows(
        demo_database,
        "UPDATE posts SET ends_on = '2018-06-15' FROM units u"
        " WHERE u.id = posts.unit_id AND u.organ = 'organisation_personnel_bureau'",
    )
    before = county(client, "p41-admin", "410173000000")["readiness"]
    assert before["unheldOrgans"] == [{"id": "organisation_personnel_bureau"}]
    assert before["share"] == pytest.approx(0.6)

    async def appointed() -> None:
        unit = await units.of_organ("organisation_personnel_bureau", "410173000000")
        assert unit is not None
        person = await people.create(name="演示新负责人")
        await people.open_post(person.id, "unit_head", unit.code, date(2018, 6, 15), unit_id=unit.id)

    arrange(demo_database, "410173000000", appointed)
    after = county(client, "p41-admin", "410173000000")["readiness"]
    assert (after["unheldOrgans"], after["share"]) == ([], 0.8)


def test_a_head_of_another_unit_holds_no_organ(client: Client, demo_database: Database) -> None:
    rows(demo_database, "UPDATE units SET organ = NULL WHERE organ = 'organisation_personnel_bureau'")

    unheld = county(client, "p41-admin", "410173000000")["readiness"]["unheldOrgans"]

    assert unheld == [{"id": "organisation_personnel_bureau"}]


def test_a_province_s_list_says_how_far_each_county_is(client: Client) -> None:
    onboard(client, "p62-admin", "620102")

    found = {place["code"]: place for place in listed(client, "p62-admin")}

    assert list(found) == ["620000000000", "620102000000", "621121000000"]
    assert found["620000000000"]["readiness"] is None
    assert (found["620102000000"]["readiness"]["share"], found["620102000000"]["lastSignInAt"]) == (0.2, None)
    assert found["621121000000"]["profile"] == {"id": "TW", "version": 1, "isInherited": False}
    assert found["621121000000"]["lastSignInAt"] is not None


def test_a_list_can_be_narrowed(client: Client, demo_database: Database) -> None:
    onboard(client, "p62-admin", "620102")
    rows(demo_database, "UPDATE places SET state = 'suspended' WHERE code = '620102000000'")
    new, known = "620102000000", "621121000000"

    assert codes(client, "p62-admin", kind="COUNTY") == [new, known]
    assert codes(client, "p62-admin", kind="COUNTY", state="SUSPENDED") == [new]
    assert codes(client, "p62-admin", state="ACTIVE") == ["620000000000", known]
    assert codes(client, "p62-admin", name="通渭") == [known]
    assert codes(client, "p62-admin", name="%") == []
    assert codes(client, "p62-admin", code=known) == [known]
    assert codes(client, "p62-admin", readinessAtMost=0.2) == [new]
    assert codes(client, "p62-admin", readinessAtLeast=0.2) == [new, known]
    assert codes(client, "p62-admin", readinessAtLeast=0.21, readinessAtMost=0.9) == [known]
    assert codes(client, "p62-admin", code="410173000000") == []


def test_a_list_goes_on_after_a_code(client: Client) -> None:
    everything = [place["code"] for place in listed(client, "p44-admin")]
    assert len(everything) == 3

    first = listed(client, "p44-admin", first=2)
    rest = listed(client, "p44-admin", first=2, after=first[-1]["code"])

    assert [place["code"] for place in first + rest] == everything


@pytest.mark.parametrize("first", [0, -1, 251])
def test_a_list_has_an_end(client: Client, first: int) -> None:
    answer = client.post(PLACES, {"first": first}, as_="p44-admin")

    assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"


def test_the_old_argument_still_narrows(client: Client) -> None:
    found = client.ask('{ places(code: "440811000000") { name } }', as_="p44-admin")["places"]

    assert found == [{"name": "麻章区"}]


def test_nobody_sees_how_ready_a_county_elsewhere_is(client: Client, demo_database: Database) -> None:
    assert [p["code"] for p in listed(client, "hn-first-secretary")] == ["410173000000"]
    assert codes(client, "p44-admin", readinessAtLeast=0) == ["440811000000", "440825000000"]


def test_readiness_beside_other_fields_leaves_them_as_they_are(client: Client) -> None:
    """Reading the counties below is a scope within the scope, beside which the others' fields are read."""
    alone = client.ask(
        "{ auditEntries { totalCount } notices { totalCount } viewer { posts { id } } }", as_="p41-admin"
    )
    query = f"""
    {{ a: places {{ code {READY} }} viewer {{ posts {{ id }} place {{ {READY} }} }}
       b: places {{ lastSignInAt }} auditEntries {{ totalCount }} notices {{ totalCount }} }}
    """

    beside = client.ask(query, as_="p41-admin")

    assert [len(beside[name]) for name in ("a", "b")] == [2, 2]
    assert beside["viewer"]["posts"] == alone["viewer"]["posts"] != []
    assert (beside["auditEntries"], beside["notices"]) == (alone["auditEntries"], alone["notices"])


def test_a_hundred_counties_cost_as_many_statements_as_one(
    client: Client, demo_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    fetch = scope.fetch

    async def counted(sql: str, *values: Any) -> Any:
        asked.append(sql)
        return await fetch(sql, *values)

    monkeypatch.setattr(scope, "fetch", counted)
    listed(client, "p44-admin")
    for_two = len(asked)
    for code in ("440823", "440882", "440103"):
        onboard(client, "p44-admin", code, base="GD")
    asked.clear()

    assert len(listed(client, "p44-admin")) == 6
    assert len(asked) == for_two
