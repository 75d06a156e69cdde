"""Teams: which must be, who may sit in them, whose consent they wait for, and what keeps them standing.

HN 2: 我区有10户以上贫困户的村全部成立脱贫责任组；由各乡镇党委提出意见，报区组织人事和社会保障局批准.
"""

from base64 import b64encode
from collections.abc import Sequence
from typing import Any

import pytest

from tests.client import Client
from tests.conftest import Database
from tests.front_door import acts, offered, person_of, record, reject, rows, said, sign, withdraw

VILLAGE, TOWNSHIP_OF_MZ = "410173113202", "440811100000"
FORMER, APPROVER = "hn-township-secretary", "hn-bureau-head"
LEADER, MEMBER = "responsibility_group_leader", "responsibility_group_member"
CREATE = """
mutation ($input: TeamCreateInput!) { teamCreate(input: $input) {
  team { id kind { id } state version division { code } request { id state }
    seats { role { id } person { name } } }
  decision { outcome cites { rule } steps { act organs { id } } }
  userErrors { code message path rule } } }
"""
DISSOLVE = """
mutation ($id: ID!, $on: Date!, $facts: JSON, $version: Int) {
  teamDissolve(id: $id, on: $on, facts: $facts, expectedVersion: $version) {
    team { id state endsOn } decision { outcome cites { rule } } userErrors { code message path rule } } }
"""
REQUIRED = """
query ($division: String, $missing: Boolean) {
  teamRequirements(division: $division, missing: $missing, first: 100) {
    totalCount nodes { kind { id } standing isMissing division { code }
      decision { outcome missing cites { rule clause } } } } }
"""
TEAMS = (
    "{ teams(first: 50) { totalCount nodes { id state kind { id } seats { role { id } person { name } } } } }"
)
POSTS = "SELECT role, code, basis, begins_on, ends_on FROM posts WHERE basis = 'team_seat' ORDER BY role"
# The demonstration has one poor household in the village, and one that is poor no longer.
_HOUSEHOLDS = """
INSERT INTO households (id, tenant_id, code, number, head_name, state, population, recorded_at, version)
SELECT gen_random_uuid(), p.id, $1, 'T' || i, '户主', 'registered', 1, now(), 1
FROM places p, generate_series(2, $2::int) i WHERE p.code = '410173000000'
"""


def poor(behind: Database, number: int) -> None:
    """Let so many poor households live in the village."""
    rows(behind, _HOUSEHOLDS, VILLAGE, number)


def seat(behind: Database, role: str, login: str, **facts: Any) -> dict[str, Any]:
    person = b64encode(f"Person:{person_of(behind, login)}".encode()).decode()
    return {"role": role, "person": person} | ({"facts": facts} if facts else {})


def line_up(behind: Database, *members: str, leaders: Sequence[str] = ("hn-first-secretary",)) -> list[Any]:
    return [seat(behind, LEADER, one) for one in leaders] + [seat(behind, MEMBER, one) for one in members]


def given(seats: list[Any], **more: Any) -> dict[str, Any]:
    return {
        "kind": "responsibility_group", "division": VILLAGE, "name": "演示责任组", "beginsOn": "2018-06-01",
        "seats": seats, "justification": "本村干部不足5人",
    } | more  # fmt: skip


def create(client: Client, seats: list[Any], login: str = FORMER, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.ask(CREATE, {"input": given(seats, **more)}, as_=login)["teamCreate"]
    return answer


def required(client: Client, login: str = FORMER, **given: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.ask(REQUIRED, given, as_=login)["teamRequirements"]["nodes"]
    return found


@pytest.mark.parametrize(("number", "wanted"), [(9, False), (10, True), (11, True)])
def test_a_village_of_ten_poor_households_must_have_a_group(
    client: Client, demo_database: Database, number: int, wanted: bool
) -> None:
    poor(demo_database, number)

    found = required(client, division=VILLAGE)

    assert [one["kind"]["id"] for one in found] == ["responsibility_group"] * wanted
    assert [(one["standing"], one["isMissing"]) for one in found] == [(0, True)] * wanted
    assert [one["decision"]["cites"] for one in found] == [[{"rule": "HN-2-1", "clause": "2"}]] * wanted


def test_what_stands_is_not_missing(client: Client, demo_database: Database) -> None:
    poor(demo_database, 10)
    team = created(client, demo_database)

    assert [one["standing"] for one in required(client, division=VILLAGE)] == [1]
    assert required(client, division=VILLAGE, missing=True) == []
    withdraw(client, FORMER, team["request"]["id"])
    assert [one["isMissing"] for one in required(client, division=VILLAGE, missing=True)] == [True]


def test_one_sees_what_is_wanted_within_one_s_reach(client: Client, demo_database: Database) -> None:
    poor(demo_database, 10)

    for login, seen in (("hn-county-secretary", 1), (FORMER, 1), ("hn-first-secretary", 1)):
        assert [one["kind"]["id"] for one in required(client, login)].count("responsibility_group") == seen
    assert required(client, "hn-other-township-secretary") == []
    assert client.post(REQUIRED, {}, as_="hn-unit-head")["data"]["teamRequirements"]["nodes"] == []


@pytest.mark.parametrize("login", ["hn-first-secretary", "hn-team-member", "hn-township-mayor"])
def test_who_may_lead_a_group(client: Client, demo_database: Database, login: str) -> None:
    """乡镇副科级以上（含副科级）干部或驻村干部."""
    answer = create(client, line_up(demo_database, "hn-village-secretary", leaders=[login]))

    assert said(answer) == "ALLOW", answer["userErrors"]


@pytest.mark.parametrize(
    "leaders",
    [["hn-village-secretary"], [], ["hn-first-secretary", "hn-township-mayor"]],
    ids=["a village secretary", "nobody", "two"],
)
def test_who_may_not_lead_a_group(client: Client, demo_database: Database, leaders: list[str]) -> None:
    before = record(demo_database, "teams", "seats", "posts")

    answer = create(client, line_up(demo_database, "hn-village-secretary", leaders=leaders))

    assert (said(answer), answer["userErrors"][0]["rule"]) == ("DENIED", "HN-2-5")
    assert record(demo_database, "teams", "seats", "posts") == before


def test_a_member_comes_from_those_whom_the_document_names(client: Client, demo_database: Database) -> None:
    """驻村工作队长 is named, a 驻村工作队员 is not."""
    before = record(demo_database, "teams", "seats", "posts")

    answer = create(client, line_up(demo_database, "hn-village-secretary", "hn-team-member"))

    (error,) = answer["userErrors"]
    assert (error["code"], error["path"], error["rule"]) == ("DENIED", ["seats", "2"], "HN-2-7")
    assert "驻村工作队长" in error["message"]
    assert record(demo_database, "teams", "seats", "posts") == before


def test_fewer_than_about_five_members_want_a_reason(client: Client, demo_database: Database) -> None:
    """成员原则上由5名左右干部组成."""
    members = line_up(demo_database, "hn-village-secretary", "hn-township-mayor")

    refused = create(client, members, justification=None)

    assert (said(refused), refused["userErrors"][0]["rule"]) == ("REASON_REQUIRED", "HN-2-6")
    assert said(create(client, members, justification="本村干部不足5人")) == "ALLOW"


def created(client: Client, behind: Database, **more: Any) -> dict[str, Any]:
    answer = create(client, line_up(behind, "hn-village-secretary"), **more)
    assert said(answer) == "ALLOW", answer["userErrors"]
    team: dict[str, Any] = answer["team"]
    return team


def test_the_bureau_approves_what_the_committee_proposes(client: Client, demo_database: Database) -> None:
    answer = create(client, line_up(demo_database, "hn-village-secretary"))
    team, request = answer["team"], answer["team"]["request"]["id"]

    assert answer["decision"]["cites"] == [{"rule": "HN-2-4"}]
    assert (team["state"], team["request"]["state"]) == ("PENDING", "OPEN")
    assert rows(demo_database, POSTS) == []
    for login in (FORMER, "hn-township-mayor", "hn-social-affairs-head"):
        assert said(sign(client, login, request)) in ("NOT_YOURS_TO_SIGN", "NOT_FOUND"), login
    assert offered(client, APPROVER, request)[0] == "ALLOW"

    assert said(sign(client, APPROVER, request)) == "ALLOW"

    opened = [tuple(row)[:3] for row in rows(demo_database, POSTS)]
    assert opened == [(LEADER, VILLAGE, "team_seat"), (MEMBER, VILLAGE, "team_seat")]
    assert [one["state"] for one in client.ask(TEAMS, as_=FORMER)["teams"]["nodes"]] == ["IN_PLACE"]
    assert len(acts(demo_database, "team.create")) == 1


@pytest.mark.parametrize("how", ["rejected", "withdrawn"])
def test_a_line_up_that_is_not_approved_opens_no_post(
    client: Client, demo_database: Database, how: str
) -> None:
    team = created(client, demo_database)
    request = team["request"]["id"]

    if how == "rejected":
        assert said(reject(client, APPROVER, request, "人选不合适")) == "ALLOW"
    else:
        assert said(withdraw(client, FORMER, request)) == "ALLOW"

    assert [one["state"] for one in client.ask(TEAMS, as_=FORMER)["teams"]["nodes"]] == [how.upper()]
    assert rows(demo_database, POSTS) == []
    created(client, demo_database)


def test_a_village_that_must_have_one_group_has_no_second(client: Client, demo_database: Database) -> None:
    poor(demo_database, 10)
    created(client, demo_database)

    answer = create(client, line_up(demo_database, "hn-village-secretary"))

    (error,) = answer["userErrors"]
    assert (error["code"], error["path"], error["rule"]) == ("DENIED", ["division"], "HN-2-1")


def test_during_the_campaign_no_group_is_dissolved(client: Client, demo_database: Database) -> None:
    """四（二）: 脱贫攻坚期内，脱贫攻坚责任组不撤销."""
    team = created(client, demo_database)
    sign(client, APPROVER, team["request"]["id"])
    ending = {"id": team["id"], "on": "2018-07-01"}
    before = record(demo_database, "teams", "seats", "posts")

    for facts, code in (({}, "INCOMPLETE"), ({"campaign_over": False}, "DENIED")):
        answer = client.ask(DISSOLVE, ending | {"facts": facts}, as_=FORMER)["teamDissolve"]
        assert said(answer) == code
        assert answer["decision"]["cites"] == [{"rule": "HN-4.2-2"}] * (code == "DENIED")
    assert record(demo_database, "teams", "seats", "posts") == before

    answer = client.ask(DISSOLVE, ending | {"facts": {"campaign_over": True}}, as_=FORMER)["teamDissolve"]
    assert (said(answer), answer["team"]["state"], answer["team"]["endsOn"]) == (
        "ALLOW",
        "DISSOLVED",
        "2018-07-01",
    )
    assert {str(row["ends_on"]) for row in rows(demo_database, POSTS)} == {"2018-07-01"}


def test_a_document_that_names_no_consent_puts_the_team_in_place(
    client: Client, demo_database: Database
) -> None:
    """GD 一: 可设组长、副组长各1名，原则上由镇党委书记担任组长, with no word of
    consent. 三（一）: 原则要求有固定工作人员."""
    who = "gd-township-secretary"
    seats = [seat(demo_database, "township_team_leader", who)]
    of_township = {"kind": "township_team", "division": "440825102000"}

    refused = create(client, seats, who, **of_township, justification=None)
    assert (said(refused), refused["userErrors"][0]["rule"]) == ("REASON_REQUIRED", "GD-3.1-4")
    assert rows(demo_database, POSTS) == []

    answer = create(client, seats, who, **of_township, justification="固定人员下月到位")
    assert said(answer) == "ALLOW", answer["userErrors"]
    assert (answer["team"]["state"], answer["decision"]["outcome"]) == ("IN_PLACE", "UNSPECIFIED")
    assert answer["team"]["request"] is None
    assert [row["role"] for row in rows(demo_database, POSTS)] == ["township_team_leader"]


def test_a_team_led_by_another_than_the_secretary_wants_a_reason(
    client: Client, demo_database: Database
) -> None:
    """GD 一: 原则上由镇党委书记担任组长; MZ 10: 镇党委书记任组长, without 原则上."""
    of = {"kind": "township_team", "division": "440825102000", "justification": None}
    seats = [seat(demo_database, "township_team_leader", "gd-township-mayor")]
    refused = create(client, seats, "gd-township-secretary", **of)
    assert (said(refused), refused["userErrors"][0]["rule"]) == ("REASON_REQUIRED", "GD-1-8")

    of["division"] = TOWNSHIP_OF_MZ
    seats = [seat(demo_database, "township_team_leader", "mz-township-mayor")]
    denied = create(client, seats, "mz-township-secretary", **of)
    assert (said(denied), denied["userErrors"][0]["rule"]) == ("DENIED", "MZ-10-3")
    seats = [seat(demo_database, "township_team_leader", "mz-township-secretary")]
    assert said(create(client, seats, "mz-township-secretary", **of)) != "DENIED"


def test_what_another_may_not_form_or_end_stays(client: Client, demo_database: Database) -> None:
    seats = line_up(demo_database, "hn-village-secretary")
    team = created(client, demo_database)
    before = record(demo_database, "teams", "seats", "posts")

    for login in ("hn-other-township-secretary", "tw-township-secretary"):
        assert said(create(client, seats, login)) in ("FORBIDDEN", "NOT_FOUND"), login
    refused = client.post(CREATE, {"input": given(seats)}, as_="hn-first-secretary")
    assert refused["data"]["teamCreate"]["userErrors"][0]["code"] == "FORBIDDEN"
    for login in ("hn-other-township-secretary", "tw-township-secretary"):
        answer = client.ask(DISSOLVE, {"id": team["id"], "on": "2018-07-01"}, as_=login)["teamDissolve"]
        assert said(answer) == "NOT_FOUND"
    assert record(demo_database, "teams", "seats", "posts") == before


def test_the_same_key_forms_one_team(client: Client, demo_database: Database) -> None:
    seats = line_up(demo_database, "hn-village-secretary")

    first, again = (create(client, seats, idempotencyKey="group-1") for _ in range(2))

    assert first["team"]["id"] == again["team"]["id"]
    assert client.ask(TEAMS, as_=FORMER)["teams"]["totalCount"] == 1
