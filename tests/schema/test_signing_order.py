"""Three signatures, one after the other: no turn is taken early, and none twice."""

from typing import Any

from policies import library, strict_yaml
from tenants import people
from tests.client import Client
from tests.conftest import Database
from tests.front_door import DAY, arrange, opened, person_of, record, rows, said, sign
from tests.schema.published import COUNTY, PROFILE, publish

APPLICANT = "hn-first-secretary"
IN_ORDER = ["hn-township-secretary", "hn-township-mayor", "hn-county-secretary"]
ORGANS = ["township_party_committee", "township_government", "county_party_committee"]
STEPS = """
query ($id: ID!) { node(id: $id) { ... on Request { state steps { state signature { person { name } } } } } }
"""


def three_in_order(behind: Database) -> None:
    """The county's document, with three organs after one another where it names one."""
    rules = strict_yaml.load(library.profile_text(PROFILE))["rules"]
    steps = [{"approve": organ} for organ in ORGANS]
    publish(behind, rules=[r | {"steps": steps} if r["id"] == "HN-4.2-5" else r for r in rules])


def states(client: Client, request: str) -> list[Any]:
    node = client.ask(STEPS, {"id": request}, as_=APPLICANT)["node"]
    return [node["state"], *(step["state"] for step in node["steps"])]


def test_each_signs_in_his_turn_and_nobody_before_it(client: Client, demo_database: Database) -> None:
    three_in_order(demo_database)
    request = opened(client, APPLICANT, "06-18", "06-19")
    assert states(client, request) == ["OPEN", "OPEN", "WAITING", "WAITING"]

    for turn, login in enumerate(IN_ORDER):
        before = record(demo_database)
        others = [other for other in IN_ORDER if other != login]
        assert [said(sign(client, other, request)) for other in others] == ["NOT_YOURS_TO_SIGN"] * 2
        assert record(demo_database) == before

        assert said(sign(client, login, request)) == "ALLOW"
        signed, waiting = ["SIGNED"] * (turn + 1), ["OPEN", "WAITING"][: 2 - turn]
        state = "APPROVED" if turn == 2 else "OPEN"
        assert states(client, request) == [state, *signed, *waiting]


def test_who_holds_two_turns_signs_twice_and_never_both_at_once(
    client: Client, demo_database: Database
) -> None:
    three_in_order(demo_database)
    both = person_of(demo_database, IN_ORDER[0])

    async def opens() -> people.Post:
        return await people.open_post(both, "township_mayor", "410173113000", DAY)

    arrange(demo_database, COUNTY, opens)
    request = opened(client, APPLICANT, "06-18", "06-19")

    assert said(sign(client, IN_ORDER[0], request)) == "ALLOW"
    assert states(client, request) == ["OPEN", "SIGNED", "OPEN", "WAITING"]
    assert said(sign(client, IN_ORDER[0], request)) == "ALLOW"
    assert states(client, request) == ["OPEN", "SIGNED", "SIGNED", "OPEN"]
    assert said(sign(client, IN_ORDER[0], request)) == "NOT_YOURS_TO_SIGN"
    assert len(rows(demo_database, "SELECT id FROM signatures")) == 2
