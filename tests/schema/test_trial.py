"""A county from zero: a made-up document goes in through the front door, and leave is asked under it."""

import asyncio
from datetime import date
from uuid import UUID, uuid4

import pytest

from tenants import accounts, database, people, places, scope, units
from tenants.places import PlaceKind
from tenants.secrets import Signer
from tests.client import Client
from tests.conftest import KEY, Database
from tests.front_door import organs, place_of, rules, said, sign, submit
from tests.schema.drafting import check, drafted, publish, trial, versions

PROVINCE, COUNTY = "410000000000", "410199000000"
LAW_DAY, BEGINS = date(2018, 6, 15), date(2018, 1, 1)
PEOPLE = {
    "trial-admin": ("county_admin", COUNTY),
    "trial-checker": ("county_admin", COUNTY),
    "trial-first-secretary": ("first_secretary", "410199001201"),
    "trial-township-secretary": ("township_party_secretary", "410199001000"),
    "trial-organisation-head": ("unit_head", COUNTY),
    "trial-county-secretary": ("county_party_secretary", COUNTY),
}


@pytest.fixture
def county(client: Client, demo_database: Database) -> Client:
    """The made-up county with its people, below a province of the demonstration and without any document."""
    province = place_of(demo_database, PROVINCE)

    async def founded() -> dict[str, str]:
        place_id = uuid4()
        async with database.connected(demo_database.app, pool_size=2), scope.open(writes=province):
            await places.found(
                place_id,
                code=COUNTY,
                name="试行县（虚构）",
                kind=PlaceKind.COUNTY,
                parent_id=province,
                law_day=LAW_DAY,
            )
            async with scope.open(writes=place_id):
                unit = await units.create(
                    name="试行县委组织部（虚构）", organ="county_organisation_department", code=COUNTY
                )
                return {login: await settled(login, unit.id) for login in PEOPLE}

    client.tokens |= asyncio.run(founded())
    return client


async def settled(login: str, unit_id: UUID) -> str:
    """The access token of somebody who now holds his post in the county."""
    role, code = PEOPLE[login]
    account = await accounts.create(login)
    person = await people.create(name=f"演示{login}", account_id=account.id, is_demo=True)
    await people.open_post(person.id, role, code, BEGINS, unit_id=unit_id if role == "unit_head" else None)
    account = await accounts.Account.get(id=account.id)
    return (await accounts.open_session(account, account.place_ids[0], Signer(KEY))).access


def test_without_a_document_the_county_answers_unspecified(county: Client) -> None:
    assert said(submit(county, "trial-first-secretary", "06-18", "06-20")) == "UNSPECIFIED"
    assert versions(county, "trial-first-secretary") == []


def test_the_document_goes_in_and_leave_is_asked_under_its_own_clauses(county: Client) -> None:
    content = trial()
    found = check(county, "trial-admin", content["text"], content["documentText"])
    assert [one["code"] for one in found["problems"]] == ["setting_open", "gap_stated"]
    assert (found["outline"]["firstDay"], found["outline"]["lastDay"]) == ("2018-03-01", "2020-12-31")

    # The first document of a place that had none may speak from its own first day on.
    published = publish(county, "trial-checker", drafted(county, "trial-admin", content), "2018-03-01")

    assert (said(published), published["profile"]["version"]) == ("ALLOW", 1)
    for begins, ends, wanted, rule in (
        ("06-18", "06-19", [["township_party_committee"]], "TRIAL-3a"),
        ("07-02", "07-08", [["county_organisation_department"]], "TRIAL-3b"),
        ("08-01", "08-08", [["county_organisation_department"], ["county_party_committee"]], "TRIAL-3c"),
    ):
        answer = submit(county, "trial-first-secretary", begins, ends)
        assert said(answer) == "ALLOW"
        assert organs(answer) == wanted
        assert rules(answer) == ["TRIAL-2", rule]
        assert {cite["profile"] for cite in answer["decision"]["cites"]} == {"TRIAL"}
    request = answer["leave"]["request"]["id"]
    assert said(sign(county, "trial-township-secretary", request)) == "NOT_YOURS_TO_SIGN"
    assert sign(county, "trial-organisation-head", request)["request"]["state"] == "OPEN"
    assert sign(county, "trial-county-secretary", request)["request"]["state"] == "APPROVED"
