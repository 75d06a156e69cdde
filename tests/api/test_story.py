"""The story of a leave, over HTTP and through everybody's hands: who signs it, and that nobody else can.

Whoever may not is refused and leaves no trace; beside him stands the one who may.
"""

from datetime import date
from typing import Any
from uuid import UUID

import pytest

from api import demo
from policies.access import authority
from tenants import people
from tests.api.signers import BOTH, EVERYBODY, HERE, only_these_may_sign
from tests.client import Client
from tests.conftest import Database
from tests.front_door import (
    DAY,
    SUBMIT,
    acts,
    arrange,
    opened,
    organs,
    person_of,
    post_of,
    record,
    rows,
    rules,
    said,
    sign,
    submit,
    told,
    why,
)

COUNTY = "410173000000"
TOWNSHIP = "410173113000"
VILLAGE = "410173113202"


def test_three_days_are_for_the_party_secretary_of_that_township_alone(
    client: Client, demo_database: Database
) -> None:
    answer = submit(client, "hn-first-secretary", "06-18", "06-20")
    request = answer["leave"]["request"]["id"]

    assert organs(answer) == [["township_party_committee"]]
    assert rules(answer) == ["HN-4.2-4", "HN-4.2-5"]
    assert [step["holders"] for step in answer["leave"]["request"]["steps"]] == [
        [{"name": "演示乡镇党委书记"}]
    ]
    only_these_may_sign(client, demo_database, request, ["hn-township-secretary"])

    signed = sign(client, "hn-township-secretary", request, remark="同意")

    assert said(signed) == "ALLOW"
    assert signed["request"]["state"] == "APPROVED"
    assert signed["request"]["steps"][0]["signature"] == {"person": {"name": "演示乡镇党委书记"}}
    assert len(acts(demo_database, "request.approve")) == 1


def test_a_refusal_to_sign_tells_only_what_one_may_see(client: Client) -> None:
    request = opened(client, "hn-first-secretary", "06-18", "06-20")

    seen = {
        login: said(sign(client, login, request)) for login in EVERYBODY if "township-secret" not in login
    }

    assert {login for login, code in seen.items() if code == "NOT_YOURS_TO_SIGN"} == {
        "hn-first-secretary",
        "hn-county-secretary",
        "hn-township-mayor",
        "hn-unit-head",
    }
    assert set(seen.values()) == {"NOT_YOURS_TO_SIGN", "NOT_FOUND"}
    assert why(sign(client, "hn-first-secretary", request)) == "该步骤不由您签署（任何人不得办理本人的事项）"
    assert why(sign(client, "hn-township-mayor", request)) == "该步骤不由您签署（您的职务不代表这一机关）"


@pytest.mark.parametrize("order", [BOTH, BOTH[::-1]], ids=["bureau first", "unit first"])
def test_four_days_take_the_bureau_and_the_dispatching_unit_in_either_order(
    client: Client, demo_database: Database, order: tuple[str, str]
) -> None:
    answer = submit(client, "hn-first-secretary", "06-18", "06-21")
    request = answer["leave"]["request"]["id"]
    first, second = order

    assert organs(answer) == [["organisation_personnel_bureau", "dispatching_unit"]]
    assert rules(answer) == ["HN-4.2-4", "HN-4.2-6"]
    only_these_may_sign(client, demo_database, request, BOTH)
    assert sign(client, first, request)["request"]["state"] == "OPEN"
    only_these_may_sign(client, demo_database, request, [second])
    assert said(sign(client, first, request)) == "ALREADY_SIGNED"
    assert sign(client, second, request)["request"]["state"] == "APPROVED"
    assert len(acts(demo_database, "request.approve")) == 2


def test_the_other_villages_leave_is_for_the_other_unit(client: Client, demo_database: Database) -> None:
    request = opened(client, "hn-other-first-secretary", "06-18", "06-21")

    only_these_may_sign(client, demo_database, request, ["hn-bureau-head", "hn-other-unit-head"], HERE)
    assert said(sign(client, "hn-other-unit-head", request)) == "ALLOW"


def test_five_days_of_the_village_party_secretary_open_nothing(
    client: Client, demo_database: Database
) -> None:
    before = record(demo_database)

    answer = submit(client, "hn-village-secretary", "06-18", "06-22")

    assert said(answer) == "UNSPECIFIED"
    assert answer["leave"] is None
    assert answer["decision"]["outcome"] == "UNSPECIFIED"
    assert answer["decision"]["gaps"] == [{"what": "leave", "state": "ABSENT", "to": None}]
    assert record(demo_database) == before
    assert said(submit(client, "hn-team-member", "06-18", "06-22")) == "ALLOW"


def test_tongwei_leaves_it_to_the_township_and_says_where_the_days_stand(
    client: Client, demo_database: Database
) -> None:
    answer = submit(client, "tw-first-secretary", "06-18", "06-21")

    assert organs(answer) == [["township_party_committee"]]
    assert rules(answer) == ["TW-4.2-5"]
    assert answer["decision"]["gaps"] == [
        {
            "what": "leave_bands",
            "state": "BY_REFERENCE",
            "to": "《通渭县驻村帮扶工作队和到村任职第一书记管理实施办法》",
        }
    ]
    among = [*(found.login for found in demo.sign_ins() if found.login.startswith("tw-")), *BOTH]
    request = answer["leave"]["request"]["id"]
    only_these_may_sign(client, demo_database, request, ["tw-township-secretary"], among)
    assert sign(client, "tw-township-secretary", request)["request"]["state"] == "APPROVED"


@pytest.mark.parametrize(
    ("county", "refers", "origin"),
    [
        ("sc", None, None),
        ("gd", "粤组通〔2016〕20号", "INHERITED"),
        ("mz", "粤组通〔2016〕20号", "INHERITED"),
    ],
)
def test_a_county_whose_document_is_silent_opens_nothing(
    client: Client, demo_database: Database, county: str, refers: str | None, origin: str | None
) -> None:
    before = record(demo_database)

    for days in (("06-18", "06-18"), ("06-18", "06-21")):
        answer = submit(client, f"{county}-first-secretary", *days)

        assert said(answer) == "UNSPECIFIED"
        assert [gap["to"] for gap in answer["decision"]["gaps"]] == [refers]
        assert (refers or "没有规定") in answer["userErrors"][0]["message"]
        assert {cite["origin"] for cite in answer["decision"]["cites"]} == ({origin} if origin else set())
    assert record(demo_database) == before


def test_the_refusal_is_told_in_the_language_asked_for(client: Client) -> None:
    asked = {"input": {"beginsOn": "2018-06-18", "endsOn": "2018-06-21"}}

    def message(**headers: str) -> tuple[str, str]:
        answer = client.post(SUBMIT, asked, as_="gd-first-secretary", **headers)
        (error,) = answer["data"]["leaveSubmit"]["userErrors"]
        return error["code"], error["message"]

    assert message() == ("UNSPECIFIED", "本地适用的文件没有规定，系统不代为决定，请查阅粤组通〔2016〕20号")
    assert message(accept_language="en-GB,zh;q=0.5") == (
        "UNSPECIFIED",
        "The document that applies here does not say, "
        "and zeren does not decide for it; see 粤组通〔2016〕20号",
    )


def test_his_own_leave_waits_for_another_holder(client: Client, demo_database: Database) -> None:
    village = open_post(demo_database, "hn-township-secretary", "first_secretary", VILLAGE)
    unnamed = submit(client, "hn-township-secretary", "06-18", "06-20")
    assert (said(unnamed), unnamed["userErrors"][0]["path"]) == ("INVALID", ["post"])
    asked = submit(client, "hn-township-secretary", "06-18", "06-20", post=str(village))["leave"]["request"]
    nobody: list[str] = []

    assert asked["steps"][0]["holders"] == []
    only_these_may_sign(client, demo_database, asked["id"], nobody, HERE)
    stand_in(demo_database, "hn-township-mayor", "hn-township-secretary")
    only_these_may_sign(client, demo_database, asked["id"], nobody, HERE)

    open_post(demo_database, "hn-team-member", "township_party_secretary", TOWNSHIP)

    only_these_may_sign(client, demo_database, asked["id"], ["hn-team-member"], HERE)
    assert sign(client, "hn-team-member", asked["id"])["request"]["state"] == "APPROVED"


def test_who_stands_in_signs_what_he_was_given_and_no_longer_than_his_post(
    client: Client, demo_database: Database
) -> None:
    stand_in(demo_database, "hn-township-mayor", "hn-township-secretary")
    asked = submit(client, "hn-first-secretary", "06-18", "06-20")["leave"]["request"]
    request, may = asked["id"], ["hn-township-mayor", "hn-township-secretary"]

    assert told(demo_database, "request_waits") == may
    assert sorted(holder["name"] for holder in asked["steps"][0]["holders"]) == [
        "演示乡镇党委书记",
        "演示乡镇长",
    ]
    only_these_may_sign(client, demo_database, request, may, HERE)
    rows(demo_database, "UPDATE posts SET ends_on = $1 WHERE acting_for_id IS NOT NULL", DAY)
    only_these_may_sign(client, demo_database, request, ["hn-township-secretary"], HERE)
    rows(demo_database, "UPDATE posts SET ends_on = NULL WHERE acting_for_id IS NOT NULL")

    assert sign(client, "hn-township-mayor", request)["request"]["state"] == "APPROVED"


def open_post(behind: Database, login: str, role: str, code: str, **more: Any) -> UUID:
    person = person_of(behind, login)

    async def opens() -> UUID:
        return (await people.open_post(person, role, code, date(2018, 1, 1), **more)).id

    return arrange(behind, COUNTY, opens)


def stand_in(behind: Database, login: str, principal: str) -> UUID:
    """An acting post of the township's Party secretary, for his committee's signatures only."""
    return open_post(
        behind,
        login,
        "township_party_secretary",
        TOWNSHIP,
        acting_for_id=post_of(behind, principal),
        limited_to=[authority("township_party_committee"), "request.read"],
    )
