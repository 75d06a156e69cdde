"""What a county's document may grant: too much is refused before anybody works under it."""

from datetime import date
from uuid import UUID

import pytest

from policies.access import AccessError
from tenants import people
from tests.client import Client
from tests.conftest import Database
from tests.front_door import arrange, opened, person_of, record, rows, said, sign
from tests.schema.published import COUNTY, denial, grant, publish, text_with

PERMISSIONS = "{ viewer { permissions } }"
TOWNSHIP = "410173113000"
OFFICES = ("anyone", "county_admin", "auditor", "province_admin")


def codes(behind: Database, **parts: object) -> list[str]:
    before = record(behind)
    with pytest.raises(AccessError) as refused:
        publish(behind, **parts)
    assert record(behind) == before
    return [problem.code for problem in refused.value.problems]


@pytest.mark.parametrize("office", OFFICES)
def test_no_document_grants_anything_to_an_office(demo_database: Database, office: str) -> None:
    assert codes(demo_database, grants=[grant(office, "leave.read", "tenant")]) == ["role_reserved"]
    assert publish(demo_database, grants=[grant("county_head", "leave.read", "tenant")])


@pytest.mark.parametrize("office", OFFICES[1:])
def test_no_document_denies_anything_to_an_office(demo_database: Database, office: str) -> None:
    assert codes(demo_database, grants=[denial(office, "leave.read", "tenant")]) == ["role_reserved"]
    assert publish(demo_database, grants=[denial("anyone", "leave.read", "tenant")])


@pytest.mark.parametrize("permission", ["post.create", "post.end", "person.create", "account.create"])
def test_no_document_lets_a_role_appoint(demo_database: Database, permission: str) -> None:
    """So nobody is made an administrator or auditor but by a platform row."""
    appoints = [grant("county_party_secretary", permission, "tenant")]

    assert codes(demo_database, grants=appoints) == ["not_grantable"]


@pytest.mark.parametrize("name", OFFICES)
def test_no_document_has_a_role_by_the_name_of_an_office(demo_database: Database, name: str) -> None:
    assert set(codes(demo_database, terms=[role(name)])) == {"role_reserved"}
    assert publish(demo_database, terms=[role("boat_keeper")])


@pytest.mark.parametrize("name", ["county_admin", "auditor", "province_admin"])
def test_no_role_of_a_document_stands_above_an_office(demo_database: Database, name: str) -> None:
    assert "role_reserved" in codes(demo_database, terms=[role("bosses", includes=[name])])


def test_a_role_that_includes_anyone_reaches_nobody_else(client: Client, demo_database: Database) -> None:
    """*anyone* is no word of the vocabulary: what includes it has nobody below it."""
    bosses = role("bosses", includes=["anyone"])
    publish(demo_database, terms=[bosses], grants=[grant("bosses", "project.read", "subtree")])

    for login in ("hn-village-secretary", "hn-county-secretary", "hn-admin"):
        permissions = client.ask(PERMISSIONS, as_=login)["viewer"]["permissions"]
        assert "project.read" not in permissions


def role(name: str, **more: object) -> dict[str, object]:
    return {"id": name, "label": "自设", "category": "role", **more}


def test_no_document_takes_a_denial_of_the_platform_away(client: Client, demo_database: Database) -> None:
    """An allowance beside a denial changes nothing: nobody acts for an organ on his own case."""
    organ = {"organ": "township_party_committee", "role": "township_party_secretary"}
    publish(demo_database, authorities=[organ | {"reach": "subtree"}, organ | {"reach": "own"}])
    both = further_post(demo_database, "hn-first-secretary", "township_party_secretary", TOWNSHIP)

    mine = opened(client, "hn-first-secretary", "06-18", "06-19", post=own_post(demo_database, but=both))
    theirs = opened(client, "hn-team-member", "06-18", "06-19")

    assert said(sign(client, "hn-first-secretary", mine)) == "NOT_YOURS_TO_SIGN"
    assert said(sign(client, "hn-first-secretary", theirs)) == "ALLOW"


def further_post(behind: Database, login: str, role: str, code: str) -> UUID:
    holder = person_of(behind, login)

    async def opens() -> UUID:
        return (await people.open_post(holder, role, code, date(2018, 1, 1))).id

    return arrange(behind, COUNTY, opens)


def own_post(behind: Database, but: UUID) -> str:
    sql = "SELECT id FROM posts WHERE person_id = $1 AND id <> $2"
    (row,) = rows(behind, sql, person_of(behind, "hn-first-secretary"), but)
    return str(row["id"])


def test_the_grants_of_a_version_count_from_the_next_request(client: Client, demo_database: Database) -> None:
    who = "hn-village-secretary"
    before = client.ask(PERMISSIONS, as_=who)["viewer"]["permissions"]

    publish(demo_database, grants=[grant("village_party_secretary", "household.read", "subtree")])
    assert set(client.ask(PERMISSIONS, as_=who)["viewer"]["permissions"]) == {*before, "household.read"}

    publish(demo_database)
    assert client.ask(PERMISSIONS, as_=who)["viewer"]["permissions"] == before


def plant_version(behind: Database, text: str) -> None:
    """A version that was published under older, weaker checks: put there past the operation."""
    rows(
        behind,
        "INSERT INTO profiles (id, owner_id, name, version, digest, text, effective_from, drafted_by,"
        " published_by, published_at)"
        " SELECT gen_random_uuid(), p.owner_id, p.name, 99, 'planted', $2, p.effective_from, p.drafted_by,"
        " p.published_by, now() FROM profiles p JOIN places l ON l.id = p.owner_id WHERE l.code = $1",
        COUNTY,
        text,
    )


WIDE = [grant("village_team_member", "leave.read", "tenant")]


def test_a_version_whose_grants_fail_the_checks_gives_nothing_to_anybody(
    client: Client, demo_database: Database
) -> None:
    """It refuses, it never falls back to allowing; other counties are served."""
    asks = "{ viewer { name } leaves { totalCount } }"
    assert "errors" not in client.post(asks, as_="hn-team-member")

    plant_version(demo_database, text_with(grants=WIDE))

    answer = client.post(asks, as_="hn-team-member")
    assert answer.get("data") is None
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["INTERNAL_SERVER_ERROR"]
    assert "errors" not in client.post(asks, as_="tw-team-member")


def test_going_back_to_an_older_version_is_checked_again(client: Client, demo_database: Database) -> None:
    """What was published under weaker checks is no precedent."""
    plant_version(demo_database, text_with(grants=WIDE))

    assert codes(demo_database, grants=WIDE) == ["above_ceiling"]
    publish(demo_database)
    assert client.ask(PERMISSIONS, as_="hn-team-member")["viewer"]["permissions"]
