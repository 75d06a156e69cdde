"""What one reads is asked row by row: of the object, of what hangs below it, and by every way to it."""

from base64 import b64encode
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from tenants import people
from tests.client import Client
from tests.conftest import Database
from tests.front_door import DAY, arrange, opened, person_of, post_of, rows
from tests.schema.published import COUNTY, denial, grant, publish

SECRETARY, APPLICANT = "hn-township-secretary", "hn-first-secretary"
TOWNSHIP, OTHER_TOWNSHIP = "410173113000", "410173116000"
PERSON = "query ($id: ID!) { node(id: $id) { ... on Person { rank { id } posts { id code } } } }"
LEAVES = "{ leaves { nodes { id request { id steps { id } } } } }"
NODE = "query ($id: ID!) { node(id: $id) { id } }"


def global_id(kind: str, row: UUID) -> str:
    return b64encode(f"{kind}:{row}".encode()).decode()


def person(client: Client, behind: Database, who: str, of: str) -> Any:
    return client.ask(PERSON, {"id": global_id("Person", person_of(behind, of))}, as_=who)["node"]


def further_post(behind: Database, login: str, role: str, code: str) -> str:
    holder = person_of(behind, login)

    async def opens() -> people.Post:
        return await people.open_post(holder, role, code, date(2018, 1, 1))

    return str(arrange(behind, COUNTY, opens).id)


def end_post(behind: Database, post: UUID | str) -> None:
    rows(behind, "UPDATE posts SET ends_on = $2 WHERE id = $1", post, DAY)


def test_a_secretary_reads_those_posts_of_a_person_that_lie_in_his_township(
    client: Client, demo_database: Database
) -> None:
    here = str(post_of(demo_database, APPLICANT))
    there = further_post(demo_database, APPLICANT, "village_team_member", "410173116201")

    def seen(who: str) -> list[str]:
        return [post["id"] for post in person(client, demo_database, who, APPLICANT)["posts"]]

    assert seen(SECRETARY) == [here]
    assert seen("hn-other-township-secretary") == [there]
    assert sorted(seen("hn-county-secretary")) == sorted(seen(APPLICANT)) == sorted([here, there])


def test_who_has_left_the_township_is_read_there_no_more(client: Client, demo_database: Database) -> None:
    further_post(demo_database, APPLICANT, "village_team_member", "410173116201")
    assert person(client, demo_database, SECRETARY, APPLICANT) is not None

    end_post(demo_database, post_of(demo_database, APPLICANT))

    assert person(client, demo_database, SECRETARY, APPLICANT) is None
    assert person(client, demo_database, "hn-other-township-secretary", APPLICANT) is not None


def test_posts_ask_for_their_own_permission(client: Client, demo_database: Database) -> None:
    assert person(client, demo_database, SECRETARY, APPLICANT)["posts"] != []

    publish(demo_database, grants=[denial("township_party_secretary", "post.read", "tenant")])

    found = person(client, demo_database, SECRETARY, APPLICANT)
    assert found == {"rank": {"id": "deputy_section"}, "posts": []}
    assert person(client, demo_database, "hn-township-mayor", APPLICANT)["posts"] != []


def test_the_request_of_a_leave_asks_for_its_own_permission(client: Client, demo_database: Database) -> None:
    opened(client, APPLICANT, "06-18", "06-21")
    mayor = "hn-township-mayor"
    assert client.ask(LEAVES, as_=mayor)["leaves"]["nodes"][0]["request"] is not None

    publish(demo_database, grants=[denial("township_mayor", "request.read", "tenant")])

    (leave,) = client.ask(LEAVES, as_=mayor)["leaves"]["nodes"]
    assert leave["request"] is None
    (own,) = client.ask(LEAVES, as_=APPLICANT)["leaves"]["nodes"]
    assert (own["id"], len(own["request"]["steps"])) == (leave["id"], 2)


def test_leave_that_is_granted_alone_brings_no_request_along(client: Client, demo_database: Database) -> None:
    opened(client, APPLICANT, "06-18", "06-21")
    member = "hn-village-secretary"
    assert client.ask(LEAVES, as_=member)["leaves"]["nodes"] == []

    publish(demo_database, grants=[grant("village_party_secretary", "leave.read", "subtree")])

    assert [leave["request"] for leave in client.ask(LEAVES, as_=member)["leaves"]["nodes"]] == [None]


OF_COUNTY = {"Division": "divisions WHERE code = $1", "Unit": "units WHERE code = $1"}


@pytest.mark.parametrize(("kind", "permission"), [("Division", "division.read"), ("Unit", "unit.read")])
def test_a_denial_of_one_node_hides_what_lies_there_and_nothing_else(
    client: Client, demo_database: Database, kind: str, permission: str
) -> None:
    """A clerk of the county is kept from what lies at the county's own node."""
    (row, *_) = rows(demo_database, f"SELECT id FROM {OF_COUNTY[kind]} ORDER BY id", COUNTY)
    id = {"id": global_id(kind, row["id"])}
    assert client.ask(NODE, id, as_="hn-unit-head")["node"] is not None

    publish(demo_database, grants=[denial("unit_head", permission, "node")])

    assert client.ask(NODE, id, as_="hn-unit-head")["node"] is None
    assert client.ask(NODE, id, as_="hn-county-secretary")["node"] is not None


def test_a_denied_subtree_is_missing_from_the_list(client: Client, demo_database: Database) -> None:
    below = "query ($code: String) { divisions(below: $code) { code } }"
    assert client.ask(below, {"code": TOWNSHIP}, as_=SECRETARY)["divisions"] != []

    publish(demo_database, grants=[denial("township_party_secretary", "division.read", "subtree")])

    assert client.ask(below, {"code": TOWNSHIP}, as_=SECRETARY)["divisions"] == []
    found = client.ask(below, {"code": COUNTY}, as_=SECRETARY)["divisions"]
    assert OTHER_TOWNSHIP in {node["code"] for node in found}
    assert TOWNSHIP not in {node["code"] for node in found}


PAGE = "query ($after: String) { leaves(first: 1, after: $after) { nodes { id } pageInfo { endCursor } } }"


def test_a_post_that_ends_between_two_pages_shows_no_second_one(
    client: Client, demo_database: Database
) -> None:
    for login, day in ((APPLICANT, 18), ("hn-team-member", 19), (APPLICANT, 20)):
        opened(client, login, f"06-{day}", f"06-{day}")
    first = client.ask(PAGE, as_=SECRETARY)["leaves"]
    after = {"after": first["pageInfo"]["endCursor"]}
    assert len(client.ask(PAGE, after, as_=SECRETARY)["leaves"]["nodes"]) == 1

    end_post(demo_database, post_of(demo_database, SECRETARY))

    assert client.ask(PAGE, after, as_=SECRETARY)["leaves"]["nodes"] == []
