"""Pairings as they come, change hands and end, as the documents let them.

SC 三（一）: 1名县级领导联系1个乡镇; SC 三（三）: 县级领导干部每人帮扶不超过3户，科级干部每人帮扶2-3户;
GD 三（三）: 不脱贫、不脱钩.
"""

import asyncio
from base64 import b64decode
from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from tenants import people
from tests.client import Client
from tests.conftest import Database
from tests.front_door import acts, arrange, person_of, record, rows, said
from tests.schema.authorization_world import global_id

SC, GD = "513221000000", "440825000000"
SECRETARY, GD_SECRETARY = "sc-township-secretary", "gd-township-secretary"
HELPER = "sc-township-mayor"  # who helps nobody yet
ANSWER = """{
  pairing { id kind beginsOn endsOn person { name } household { number } division { code } }
  decision { outcome cites { rule } } userErrors { code message path rule } }"""
OPEN = f"mutation ($input: PairingOpenInput!) {{ pairingOpen(input: $input) {ANSWER} }}"
END = f"mutation ($id: ID!, $on: Date!) {{ pairingEnd(id: $id, on: $on) {ANSWER} }}"
REPLACE = f"""
mutation ($id: ID!, $person: ID!, $on: Date!) {{ pairingReplace(id: $id, person: $person, on: $on) {ANSWER} }}
"""
_HOUSEHOLDS = """
INSERT INTO households (id, tenant_id, code, number, head_name, state, population, recorded_at, version)
SELECT gen_random_uuid(), p.id, $2, 'P' || i, '户主', 'registered', 1, now(), 1
FROM places p, generate_series(1, 6) i WHERE p.code = $1
"""
_VILLAGE = """
SELECT min(o.code) AS code FROM posts o JOIN places p ON p.id = o.tenant_id
WHERE p.code = $1 AND role = 'first_secretary'
"""
_OTHERS = """
SELECT ends_on FROM pairings
WHERE id <> $1 AND household_id = (SELECT household_id FROM pairings WHERE id = $1)
"""
_NUMBERED = """
SELECT h.id FROM households h JOIN places p ON p.id = h.tenant_id WHERE p.code = $1 AND number LIKE 'P%'
ORDER BY number
"""


def households(behind: Database, county: str = SC) -> list[str]:
    """Six poor households of a village that nobody helps."""
    (found,) = rows(behind, _VILLAGE, county)
    rows(behind, _HOUSEHOLDS, county, found["code"])
    return [global_id("Household", row["id"]) for row in rows(behind, _NUMBERED, county)]


def with_role(behind: Database, login: str, role: str, county: str = SC) -> str:
    """Somebody of the demonstration, who from now on is one of these cadres, too."""
    holder = person_of(behind, login)

    async def opens() -> UUID:
        own = await people.Post.filter(person_id=holder).order_by("begins_on").first()
        assert own is not None, login
        return (await people.open_post(holder, role, own.code, date(2015, 1, 1), unit_id=own.unit_id)).id

    arrange(behind, county, opens)
    return global_id("Person", holder)


def pair(client: Client, login: str, household: str, person: str, **more: Any) -> dict[str, Any]:
    given = {"kind": "CADRE_HOUSEHOLD", "beginsOn": "2018-06-01", "household": household, "person": person}
    answer: dict[str, Any] = client.ask(OPEN, {"input": given | more}, as_=login)["pairingOpen"]
    return answer


def state(behind: Database) -> Any:
    return record(behind, "pairings", "posts", "households", "county_summaries")


@pytest.mark.parametrize(
    ("role", "most", "rule"),
    [("county_leader", 3, "SC-3.3-5"), ("section_cadre", 3, "SC-3.3-6")],
)
def test_a_helper_takes_as_many_as_his_rank_may(
    client: Client, demo_database: Database, role: str, most: int, rule: str
) -> None:
    homes = households(demo_database)
    helper = with_role(demo_database, HELPER, role)

    for home in homes[:most]:
        assert said(pair(client, SECRETARY, home, helper)) == "ALLOW"
    before = state(demo_database)
    refused = pair(client, SECRETARY, homes[most], helper)

    assert (said(refused), refused["userErrors"][0]["rule"]) == ("DENIED", rule)
    assert state(demo_database) == before
    assert len(acts(demo_database, "pairing.create")) == most


def test_two_who_pair_at_once_do_not_pass_the_bound(client: Client, demo_database: Database) -> None:
    homes = households(demo_database)
    helper = with_role(demo_database, HELPER, "county_leader")
    for home in homes[:2]:
        assert said(pair(client, SECRETARY, home, helper)) == "ALLOW"

    async def at_once() -> Sequence[dict[str, Any]]:
        tries = (asyncio.to_thread(pair, client, SECRETARY, home, helper) for home in homes[2:])
        return await asyncio.gather(*tries)

    told = [said(answer) for answer in asyncio.run(at_once())]

    assert sorted(told) == ["ALLOW", "DENIED", "DENIED", "DENIED"]


def test_who_is_none_of_those_that_help_does_not(client: Client, demo_database: Database) -> None:
    """由省、州、县帮扶部门的干部和乡镇、村、组干部及当地有帮扶能力的党员负责帮扶."""
    home = households(demo_database)[0]
    helper = with_role(demo_database, HELPER, "party_member")
    before = state(demo_database)

    asked = pair(client, SECRETARY, home, helper)
    denied = pair(client, SECRETARY, home, helper, facts={"candidate_able_to_help": False})

    assert (said(asked), said(denied)) == ("INCOMPLETE", "DENIED")
    assert denied["userErrors"][0]["rule"] == "SC-3.3-4"
    assert state(demo_database) == before
    assert said(pair(client, SECRETARY, home, helper, facts={"candidate_able_to_help": True})) == "ALLOW"


def test_a_document_without_bounds_lets_anybody_help(client: Client, demo_database: Database) -> None:
    home = households(demo_database, "410173000000")[0]
    helper = global_id("Person", person_of(demo_database, "hn-first-secretary"))

    answer = pair(client, "hn-township-secretary", home, helper)

    assert said(answer) == "ALLOW"
    assert answer["decision"]["outcome"] == "UNSPECIFIED"


def test_a_household_that_is_still_poor_keeps_its_helper(client: Client, demo_database: Database) -> None:
    home = households(demo_database, GD)[0]
    logins = ("gd-team-member", "gd-first-secretary")
    first, second = (global_id("Person", person_of(demo_database, login)) for login in logins)
    paired = pair(client, GD_SECRETARY, home, first)["pairing"]["id"]
    ending = {"id": paired, "on": "2018-07-01"}
    before = state(demo_database)

    refused = client.ask(END, ending, as_=GD_SECRETARY)["pairingEnd"]
    assert (said(refused), refused["userErrors"][0]["rule"]) == ("DENIED", "GD-3.3-4")
    assert state(demo_database) == before

    replaced = client.ask(REPLACE, ending | {"person": second}, as_=GD_SECRETARY)["pairingReplace"]
    assert said(replaced) == "ALLOW", replaced["userErrors"]
    assert replaced["pairing"]["beginsOn"] == "2018-07-01"
    held = rows(demo_database, _OTHERS, _id(replaced["pairing"]["id"]))
    assert [str(row["ends_on"]) for row in held] == ["2018-07-01"]
    assert said(client.ask(END, ending, as_=GD_SECRETARY)["pairingEnd"]) == "WRONG_STATE"

    rows(demo_database, "UPDATE households SET state = 'exited' WHERE number = 'P1'")
    ended = client.ask(END, {"id": replaced["pairing"]["id"], "on": "2018-08-01"}, as_=GD_SECRETARY)[
        "pairingEnd"
    ]
    assert (said(ended), ended["pairing"]["endsOn"]) == ("ALLOW", "2018-08-01")


def _id(global_: str) -> UUID:
    return UUID(b64decode(global_).decode().partition(":")[2])


def test_a_leader_of_a_township_bears_its_role_as_long(client: Client, demo_database: Database) -> None:
    """SC 三（一）: 实行1名县级领导联系1个乡镇; the post of 县级联系领导 comes and goes with the pairing."""
    leader = with_role(demo_database, "sc-contact-leader", "county_leader")
    given = {
        "kind": "LEADER_TOWNSHIP",
        "beginsOn": "2018-06-01",
        "division": "513221103000",
        "person": leader,
    }
    borne = "SELECT role, code, ends_on FROM posts WHERE basis LIKE 'pairing:%'"

    answer = client.ask(OPEN, {"input": given}, as_="sc-county-secretary")["pairingOpen"]
    assert said(answer) == "ALLOW", answer["userErrors"]
    assert [tuple(row) for row in rows(demo_database, borne)] == [
        ("county_contact_leader", "513221103000", None)
    ]

    second = client.ask(OPEN, {"input": given | {"division": "513221105000"}}, as_="sc-county-secretary")[
        "pairingOpen"
    ]
    assert (said(second), second["userErrors"][0]["rule"]) == ("DENIED", "SC-3.1-1")

    ending = {"id": answer["pairing"]["id"], "on": "2018-07-01"}
    assert said(client.ask(END, ending, as_="sc-county-secretary")["pairingEnd"]) == "ALLOW"
    assert [str(row["ends_on"]) for row in rows(demo_database, borne)] == ["2018-07-01"]


def test_nobody_pairs_beyond_his_reach(client: Client, demo_database: Database) -> None:
    home = households(demo_database)[0]
    helper = with_role(demo_database, HELPER, "county_leader")
    made = pair(client, SECRETARY, home, helper)
    before = state(demo_database)

    for login in ("sc-other-township-secretary", "hn-township-secretary"):
        assert said(pair(client, login, home, helper)) == "NOT_FOUND", login
        ending = {"id": made["pairing"]["id"], "on": "2018-07-01"}
        assert said(client.ask(END, ending, as_=login)["pairingEnd"]) == "NOT_FOUND", login
    assert said(client.ask(END, ending, as_="sc-first-secretary")["pairingEnd"]) == "FORBIDDEN"
    assert state(demo_database) == before


def test_the_same_key_pairs_once(client: Client, demo_database: Database) -> None:
    home = households(demo_database)[0]
    helper = with_role(demo_database, HELPER, "county_leader")

    first, again = (pair(client, SECRETARY, home, helper, idempotencyKey="pair-1") for _ in range(2))

    assert first["pairing"] == again["pairing"]
    assert len(acts(demo_database, "pairing.create")) == 1
