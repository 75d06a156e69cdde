"""Writing down who is there: units, persons, posts. Nobody gives what he may not give."""

from typing import Any
from uuid import uuid4

import pytest

from tests.client import Client
from tests.conftest import Database
from tests.front_door import acts, person_of, post_of, record, rows, said
from tests.front_door import told as notices_of
from tests.onboarding import accept
from tests.schema.authorization_world import global_id
from tests.schema.registering import open_post, registered, told, unit

ADMIN, COUNTY, TOWNSHIP, VILLAGE = "hn-admin", "410173000000", "410173113000", "410173113202"
ELSEWHERE = "621121101000"
WRITTEN = ("persons", "posts", "units", "accounts", "invitations")


def path(answer: dict[str, Any]) -> list[str]:
    return list(answer["userErrors"][0]["path"])


def test_a_unit_says_where_it_stands_and_who_stands_in(client: Client, demo_database: Database) -> None:
    deputy = registered(client, ADMIN, "演示副职", rank="deputy_section")
    office = unit(client, ADMIN, "演示领导小组办公室", COUNTY)

    answer = told(
        client,
        ADMIN,
        "unitCreate",
        input={
            "name": "演示省直单位",
            "code": TOWNSHIP,
            "tier": "province",
            "origin": "province",
            "deputy": deputy,
            "office": office,
        },
    )

    assert said(answer) == "ALLOW"
    shown = answer["unit"]
    assert (shown["tier"], shown["origin"]) == ({"id": "province", "label": "省"},) * 2
    assert (shown["deputy"], shown["office"]) == ({"name": "演示副职"}, {"name": "演示领导小组办公室"})
    assert (shown["organ"], shown["code"], shown["version"]) == (None, TOWNSHIP, 1)
    assert acts(demo_database, "unit.create")[-1] == {
        "code": TOWNSHIP,
        "organ": None,
        "tier": "province",
        "origin": "province",
    }


@pytest.mark.parametrize(
    ("more", "code", "where"),
    [
        ({"name": " "}, "INVALID", ["name"]),
        ({"code": ELSEWHERE}, "INVALID", ["code"]),
        ({"code": "41"}, "INVALID", ["code"]),
        ({"organ": "village_cadre"}, "INVALID", ["organ"]),
        ({"origin": "nowhere"}, "INVALID", ["origin"]),
        ({"tier": "county_party_committee"}, "INVALID", ["tier"]),
        ({"name": "演示派出单位甲"}, "ALREADY_REGISTERED", ["name"]),
        ({"organ": "organisation_personnel_bureau"}, "ALREADY_REGISTERED", ["organ"]),
        ({"deputy": global_id("Person", uuid4())}, "NOT_FOUND", ["deputy"]),
        ({"office": global_id("Unit", uuid4())}, "NOT_FOUND", ["office"]),
    ],
)
def test_what_no_unit_can_be_is_refused(
    client: Client, demo_database: Database, more: dict[str, Any], code: str, where: list[str]
) -> None:
    before = record(demo_database, *WRITTEN)

    answer = told(client, ADMIN, "unitCreate", input={"name": "演示新单位", "code": COUNTY} | more)

    assert (said(answer), path(answer)) == (code, where)
    assert record(demo_database, *WRITTEN) == before
    assert said(told(client, ADMIN, "unitCreate", input={"name": "演示新单位", "code": COUNTY})) == "ALLOW"


def test_a_unit_is_said_anew_by_who_has_seen_it(client: Client, demo_database: Database) -> None:
    id = unit(client, ADMIN, "演示旧名单位", COUNTY, tier="county")
    anew = {"id": id, "input": {"name": "演示新名单位", "code": TOWNSHIP}}

    assert said(told(client, ADMIN, "unitUpdate", **anew, version=2)) == "CONFLICT"
    answer = told(client, ADMIN, "unitUpdate", **anew, version=1)
    assert said(answer) == "ALLOW"
    assert (answer["unit"]["name"], answer["unit"]["tier"], answer["unit"]["version"]) == (
        "演示新名单位",
        None,
        2,
    )
    itself = {"name": "演示新名单位", "code": TOWNSHIP, "office": id}
    before = record(demo_database, *WRITTEN)
    assert path(told(client, ADMIN, "unitUpdate", id=id, input=itself)) == ["office"]
    assert record(demo_database, *WRITTEN) == before


def test_a_person_is_registered_and_said_anew(client: Client, demo_database: Database) -> None:
    id = registered(client, ADMIN, "演示新同志", rank="section")

    assert said(told(client, ADMIN, "personUpdate", id=id, input={"name": "演示"}, version=7)) == "CONFLICT"
    answer = told(client, ADMIN, "personUpdate", id=id, input={"name": "演示更名"}, version=1)
    assert said(answer) == "ALLOW"
    assert (answer["person"]["name"], answer["person"]["rank"], answer["person"]["version"]) == (
        "演示更名",
        None,
        2,
    )
    before = record(demo_database, *WRITTEN)
    wrong = told(client, ADMIN, "personCreate", input={"name": "演示", "rank": "village_cadre"})
    assert (said(wrong), path(wrong)) == ("INVALID", ["rank"])
    assert record(demo_database, *WRITTEN) == before


def test_the_same_key_registers_once(client: Client, demo_database: Database) -> None:
    given = {"input": {"name": "演示重复提交"}, "key": "one"}

    first, again = (told(client, ADMIN, "personCreate", **given) for _ in range(2))

    assert first == again
    assert len(acts(demo_database, "person.create")) == 1


def test_a_post_opens_and_ends_and_its_holder_is_told(client: Client, demo_database: Database) -> None:
    holder = global_id("Person", person_of(demo_database, "hn-team-member"))
    where = unit(client, ADMIN, "演示镇帮扶办", TOWNSHIP)

    opened = open_post(
        client, ADMIN, holder, "township_mayor", TOWNSHIP, unit=where, sourceDocument="演示任字1号"
    )

    assert said(opened) == "ALLOW"
    post = opened["post"]
    assert (post["basis"], post["unit"], post["sourceDocument"]) == (
        "appointment",
        {"name": "演示镇帮扶办"},
        "演示任字1号",
    )
    assert (post["beginsOn"], post["endsOn"]) == ("2018-06-15", None)
    notices = "{ notices(first: 1) { nodes { kind message subject { id } } } }"
    (notice,) = client.ask(notices, as_="hn-team-member")["notices"]["nodes"]
    assert notice == {"kind": "post_opened", "message": "已登记您任“乡镇长”", "subject": {"id": holder}}
    assert (
        "leave.read"
        in client.ask("{ viewer { permissions } }", as_="hn-team-member")["viewer"]["permissions"]
    )

    ended = told(client, ADMIN, "postEnd", post=post["id"], on="2018-06-16")
    assert (said(ended), ended["post"]["endsOn"]) == ("ALLOW", "2018-06-16")
    assert notices_of(demo_database, "post_ended") == ["hn-team-member"]
    sooner = told(client, ADMIN, "postEnd", post=post["id"], on="2018-06-16")
    assert said(sooner) == "WRONG_STATE"
    assert [one["role"] for one in acts(demo_database, "post.open") + acts(demo_database, "post.end")] == [
        "township_mayor"
    ] * 2


@pytest.mark.parametrize(
    ("more", "code", "where"),
    [
        ({"role": "county_admin"}, "NOT_YOURS_TO_GIVE", ["role"]),
        ({"role": "auditor"}, "NOT_YOURS_TO_GIVE", ["role"]),
        ({"role": "province_admin"}, "NOT_YOURS_TO_GIVE", ["role"]),
        ({"role": "anyone"}, "INVALID", ["role"]),
        ({"role": "village_team"}, "INVALID", ["role"]),
        ({"code": ELSEWHERE}, "INVALID", ["code"]),
        ({"endsOn": "2018-06-15"}, "INVALID", ["endsOn"]),
        ({"unit": global_id("Unit", uuid4())}, "NOT_FOUND", ["unit"]),
        ({"person": global_id("Person", uuid4())}, "NOT_FOUND", ["person"]),
    ],
)
def test_a_post_that_is_not_to_be_is_refused(
    client: Client, demo_database: Database, more: dict[str, Any], code: str, where: list[str]
) -> None:
    asked = {"role": "village_cadre", "code": VILLAGE, "person": registered(client, ADMIN, "演示村干部")}
    before = record(demo_database, *WRITTEN)

    answer = open_post(client, ADMIN, **asked | more)

    assert (said(answer), path(answer)) == (code, where)
    assert record(demo_database, *WRITTEN) == before
    assert said(open_post(client, ADMIN, **asked)) == "ALLOW"
    again = open_post(client, ADMIN, **asked)
    assert (said(again), path(again)) == ("ALREADY_REGISTERED", ["person"])


def test_nobody_appoints_himself_or_ends_his_own_post(client: Client, demo_database: Database) -> None:
    me, another = (global_id("Person", person_of(demo_database, who)) for who in (ADMIN, "hn-checker"))
    before = record(demo_database, *WRITTEN)

    assert said(open_post(client, ADMIN, me, "village_cadre", VILLAGE)) == "FORBIDDEN"
    own = str(post_of(demo_database, ADMIN))
    assert said(told(client, ADMIN, "postEnd", post=own, on="2018-06-16")) == "FORBIDDEN"
    assert record(demo_database, *WRITTEN) == before
    assert said(open_post(client, ADMIN, another, "village_cadre", VILLAGE)) == "ALLOW"


def test_an_office_is_not_taken_either(client: Client, demo_database: Database) -> None:
    office = str(post_of(demo_database, "hn-auditor"))
    before = record(demo_database, *WRITTEN)

    answer = told(client, ADMIN, "postEnd", post=office, on="2018-06-16")

    assert said(answer) == "NOT_YOURS_TO_GIVE"
    assert (
        answer["userErrors"][0]["message"] == "“审计员”不由您任免：超出您任免的范围，或由上级邀请（平台默认）"
    )
    assert record(demo_database, *WRITTEN) == before


def test_a_post_of_a_seat_ends_with_the_seat(client: Client, demo_database: Database) -> None:
    post = post_of(demo_database, "hn-first-secretary")
    rows(demo_database, "UPDATE posts SET basis = 'team_seat' WHERE id = $1", post)
    before = record(demo_database, *WRITTEN)

    seat = told(client, ADMIN, "postEnd", post=str(post), on="2018-06-16")
    assert (said(seat), path(seat)) == ("INVALID", ["post"])
    assert record(demo_database, *WRITTEN) == before
    rows(demo_database, "UPDATE posts SET basis = 'appointment' WHERE id = $1", post)
    assert said(told(client, ADMIN, "postEnd", post=str(post), on="2018-06-16")) == "ALLOW"


@pytest.mark.parametrize("login", ["hn-county-secretary", "hn-township-secretary", "hn-auditor", "tw-admin"])
def test_who_may_not_register_is_told_so(client: Client, demo_database: Database, login: str) -> None:
    person = global_id("Person", person_of(demo_database, "hn-team-member"))
    post = str(post_of(demo_database, "hn-team-member"))
    before = record(demo_database, *WRITTEN)

    answers = [
        open_post(client, login, person, "village_cadre", VILLAGE),
        told(client, login, "postEnd", post=post, on="2018-06-16"),
        told(client, login, "personUpdate", id=person, input={"name": "演示"}),
        told(client, login, "personInvite", id=person, login="somebody"),
    ]

    expected = "NOT_FOUND" if login == "tw-admin" else "FORBIDDEN"
    assert [said(one) for one in answers] == [expected] * 4
    assert record(demo_database, *WRITTEN) == before


def test_lists_go_by_name(client: Client) -> None:
    for name in ("演示丙", "演示甲", "演示乙"):
        registered(client, ADMIN, name)
    persons = "query ($name: String) { persons(name: $name, first: 100) { totalCount nodes { name } } }"

    found = [node["name"] for node in client.ask(persons, as_=ADMIN)["persons"]["nodes"]]
    assert found == sorted(found)
    assert {"演示甲", "演示乙", "演示丙"} <= set(found)
    assert client.ask(persons, {"name": "演示乙"}, as_=ADMIN)["persons"] == {
        "totalCount": 1,
        "nodes": [{"name": "演示乙"}],
    }
    units = 'query { units(organ: "organisation_personnel_bureau") { nodes { organ { id } code } } }'
    assert client.ask(units, as_="hn-first-secretary")["units"]["nodes"] == [
        {"organ": {"id": "organisation_personnel_bureau"}, "code": COUNTY}
    ]


def test_a_person_is_invited_until_he_has_accepted(client: Client, demo_database: Database) -> None:
    id = registered(client, ADMIN, "演示新干部")
    open_post(client, ADMIN, id, "village_cadre", VILLAGE)
    before = record(demo_database, *WRITTEN)
    assert said(told(client, ADMIN, "personInvite", id=id, login="hn-auditor")) == "LOGIN_TAKEN"
    assert record(demo_database, *WRITTEN) == before

    lost = told(client, ADMIN, "personInvite", id=id, login="hn-new-cadre")["invitation"]["token"]
    found = told(client, ADMIN, "personInvite", id=id, login="hn-new-cadre")["invitation"]["token"]

    assert accept(client, lost, "hn-new-cadre") == "INVITATION_SPENT"
    assert accept(client, found, "hn-new-cadre") == "ALLOW"
    roles = client.ask("{ viewer { roles { id } } }", as_="hn-new-cadre")["viewer"]["roles"]
    assert roles == [{"id": "village_cadre"}]
    assert said(told(client, ADMIN, "personInvite", id=id, login="hn-new-cadre")) == "WRONG_STATE"
