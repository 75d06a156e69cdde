"""A county from nothing to its first approved leave, by GraphQL alone: onboarded, its document published, its
units, persons and posts written down, its people invited."""

from typing import Any

from tests.client import Client
from tests.front_door import said, sign, submit
from tests.onboarding import READY, accept, invite, onboard
from tests.schema.drafting import drafted, publish, trial
from tests.schema.registering import open_post, registered, told, unit

COUNTY = "410105000000"
ADMIN, CHECKER = "c410105-admin", "c410105-checker"
NODES = "query ($below: String) { divisions(below: $below) { code } }"


def readiness(client: Client) -> dict[str, Any]:
    found = client.ask(f"{{ place {{ {READY} }} }}", as_=ADMIN)["place"]["readiness"]
    return dict(found)


def met(client: Client) -> set[str]:
    return {part["part"] for part in readiness(client)["parts"] if part["isMet"]}


def first_below(client: Client, code: str) -> str:
    return str(client.ask(NODES, {"below": code}, as_=ADMIN)["divisions"][0]["code"])


def appointed(client: Client, login: str, name: str, role: str, code: str, **more: Any) -> None:
    """A new person in a post, who has signed in."""
    person = registered(client, ADMIN, name)
    assert said(open_post(client, ADMIN, person, role, code, **more)) == "ALLOW"
    invited = told(client, ADMIN, "personInvite", id=person, login=login)
    assert accept(client, invited["invitation"]["token"], login) == "ALLOW"


def administered(client: Client) -> None:
    """The county with two administrators and a document of its own."""
    done = onboard(client, "p41-admin", COUNTY)
    assert accept(client, done["invitation"]["token"], ADMIN) == "ALLOW"
    second = invite(client, "p41-admin", done["place"]["id"], CHECKER)
    assert accept(client, second["invitation"]["token"], CHECKER) == "ALLOW"
    document = {name: text.replace("410199000000", COUNTY) for name, text in trial().items()}
    assert said(publish(client, CHECKER, drafted(client, ADMIN, document), "2018-03-01")) == "ALLOW"


def test_a_new_county_is_made_workable_by_graphql_alone(client: Client) -> None:
    administered(client)
    unheld = {organ["id"] for organ in readiness(client)["unheldOrgans"]}
    assert unheld == {
        "county_organisation_department",
        "county_party_committee",
        "township_party_committee",
    }
    assert "ORGANS" not in met(client)

    township = first_below(client, COUNTY)
    village = first_below(client, township)
    organ = {"organ": "county_organisation_department", "tier": "county"}
    bureau = unit(client, ADMIN, "演示县委组织部", COUNTY, **organ)
    appointed(client, "c-head", "演示部长", "unit_head", COUNTY, unit=bureau)
    appointed(client, "c-county", "演示县委书记", "county_party_secretary", COUNTY)
    appointed(client, "c-township", "演示乡镇书记", "township_party_secretary", township)
    appointed(client, "c-first", "演示第一书记", "first_secretary", village, beginsOn="2018-03-01")

    assert readiness(client)["unheldOrgans"] == []
    assert {"NODES", "PROFILE", "ORGANS", "SIGN_IN"} <= met(client)

    asked = submit(client, "c-first", "08-01", "08-08")
    assert said(asked) == "ALLOW"
    request = asked["leave"]["request"]["id"]
    assert said(sign(client, "c-township", request)) == "NOT_YOURS_TO_SIGN"
    assert sign(client, "c-head", request)["request"]["state"] == "OPEN"
    assert sign(client, "c-county", request)["request"]["state"] == "APPROVED"
