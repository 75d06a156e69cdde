"""The story of a leave, over HTTP and through everybody's hands: who may act, and that nobody else can.

Whoever may not is refused and leaves no trace; beside him stands the one who may.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from api import demo
from policies.access import authority
from tenants import people
from tests.client import Client
from tests.conftest import Database
from tests.front_door import (
    DAY,
    EXTEND,
    NOTICES,
    RETURN,
    SUBMIT,
    acts,
    arrange,
    file_outing,
    offered,
    opened,
    organs,
    person_of,
    post_of,
    queue,
    record,
    reject,
    rows,
    rules,
    said,
    sign,
    submit,
    told,
    why,
    withdraw,
)

COUNTY = "410173000000"
TOWNSHIP = "410173113000"
VILLAGE = "410173113202"
HERE = [found.login for found in demo.sign_ins() if found.login.startswith("hn-")]
ELSEWHERE = ["p41-admin", "p41-auditor", "tw-township-secretary", "tw-bureau-head", "mz-unit-head"]
EVERYBODY = HERE + ELSEWHERE
BOTH = ("hn-bureau-head", "hn-unit-head")


def only_these_may_sign(
    client: Client, behind: Database, request: str, these: Sequence[str], among: Sequence[str] = EVERYBODY
) -> None:
    """Each of the others is told beforehand what he then hears, and nothing changes by his asking."""
    assert {login for login in among if offered(client, login, request)[0] == "ALLOW"} == set(these)
    assert {login for login in among if request in queue(client, login)} == set(these)
    before = record(behind)
    for login in [login for login in among if login not in these]:
        foretold = offered(client, login, request)
        answer = sign(client, login, request)
        assert answer["request"] is None, login
        assert (said(answer), why(answer)) == foretold, login
        assert said(answer) in ("NOT_FOUND", "NOT_YOURS_TO_SIGN", "ALREADY_SIGNED"), login
    assert record(behind) == before


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


@pytest.mark.parametrize(
    ("_case", "days", "noon", "judged", "wanted"),
    [
        ("半天", ("06-18", "06-18"), {"endsAtNoon": True}, "0.5", 1),
        ("三天整", ("06-18", "06-20"), {}, "3.0", 1),
        ("三天半，从中午起", ("06-18", "06-21"), {"beginsAtNoon": True}, "3.5", 2),
        ("三天半，到中午止", ("06-18", "06-21"), {"endsAtNoon": True}, "3.5", 2),
        ("两头半天，合三天", ("06-18", "06-21"), {"beginsAtNoon": True, "endsAtNoon": True}, "3.0", 1),
        ("四天", ("06-18", "06-21"), {}, "4.0", 2),
    ],
)
def test_half_days_count_at_the_bound(
    client: Client,
    _case: str,
    days: tuple[str, str],
    noon: dict[str, bool],
    judged: str,
    wanted: int,
) -> None:
    answer = submit(client, "hn-team-member", *days, **noon)

    assert (answer["leave"]["days"], answer["leave"]["daysJudged"]) == (judged, judged)
    assert len(answer["leave"]["request"]["steps"]) == wanted


def test_notices_go_to_exactly_those_who_may_act_and_to_the_applicant_at_the_end(
    client: Client, demo_database: Database
) -> None:
    request = opened(client, "hn-first-secretary", "06-18", "06-21", reason="住院治疗")

    assert told(demo_database, "request_waits") == sorted(BOTH)
    heard = client.ask(NOTICES, as_="hn-unit-head")
    assert heard["notices"]["nodes"] == [
        {
            "kind": "request_waits",
            "subjectKind": "request",
            "organ": {"id": "dispatching_unit"},
        }
    ]
    assert heard["viewer"]["unreadCount"] == 1
    assert client.ask(NOTICES, as_="hn-other-unit-head")["notices"]["totalCount"] == 0
    assert told(demo_database, "leave_approved") == []
    for login in BOTH:
        sign(client, login, request)
    assert told(demo_database, "leave_approved") == ["hn-first-secretary"]


def test_the_reason_of_a_leave_stands_in_no_notice_and_no_audit_entry(
    client: Client, demo_database: Database
) -> None:
    opened(client, "hn-first-secretary", "06-18", "06-21", reason="住院治疗")

    written = {
        table: rows(demo_database, f"SELECT t::text AS row FROM {table} t")
        for table in ("leaves", "notices", "audit_entries", "requests", "steps")
    }

    assert ["住院治疗" in row["row"] for row in written.pop("leaves")] == [True]
    assert all(found for found in written.values())
    assert not any("住院治疗" in row["row"] for found in written.values() for row in found)


def test_a_rejection_wants_a_remark_and_ends_the_request(client: Client, demo_database: Database) -> None:
    request = opened(client, "hn-first-secretary", "06-18", "06-21")
    before = record(demo_database)

    blank = reject(client, "hn-bureau-head", request, "  ")

    assert (said(blank), blank["userErrors"][0]["path"]) == ("REASON_REQUIRED", ["remark"])
    assert record(demo_database) == before
    rejected = reject(client, "hn-bureau-head", request, "村里正值验收")
    assert rejected["request"]["state"] == "REJECTED"
    assert {s["organ"]["id"]: s["state"] for s in rejected["request"]["steps"]} == {
        "organisation_personnel_bureau": "REJECTED",
        "dispatching_unit": "PASSED",
    }
    assert told(demo_database, "leave_rejected") == ["hn-first-secretary"]
    after = record(demo_database)
    assert said(sign(client, "hn-unit-head", request)) == "ALREADY_DECIDED"
    assert offered(client, "hn-unit-head", request)[0] == "ALREADY_DECIDED"
    assert record(demo_database) == after


def test_a_rejected_leave_no_longer_adds_up(client: Client) -> None:
    request = opened(client, "hn-first-secretary", "06-18", "06-20")
    reject(client, "hn-township-secretary", request, "改日再请")

    again = submit(client, "hn-first-secretary", "06-21", "06-21")

    assert again["leave"]["daysJudged"] == "1.0"


def test_only_the_applicant_withdraws_and_then_nobody_signs(client: Client, demo_database: Database) -> None:
    request = opened(client, "hn-first-secretary", "06-18", "06-21")
    before = record(demo_database)

    for login in [login for login in EVERYBODY if login != "hn-first-secretary"]:
        foretold = offered(client, login, request, "withdraw")
        answer = withdraw(client, login, request)
        assert (said(answer), why(answer)) == foretold, login
        assert said(answer) in ("NOT_YOUR_OWN", "NOT_FOUND"), login
    assert record(demo_database) == before

    withdrawn = withdraw(client, "hn-first-secretary", request)

    assert withdrawn["request"]["state"] == "WITHDRAWN"
    assert told(demo_database, "request_withdrawn") == sorted(BOTH)
    assert {login for login in HERE if queue(client, login)} == set()
    assert said(sign(client, "hn-unit-head", request)) == "ALREADY_DECIDED"
    assert said(withdraw(client, "hn-first-secretary", request)) == "ALREADY_DECIDED"


def test_a_long_absence_cannot_be_split(client: Client) -> None:
    first = submit(client, "hn-first-secretary", "06-18", "06-19")
    beside = submit(client, "hn-first-secretary", "06-20", "06-21")
    apart = submit(client, "hn-first-secretary", "06-25", "06-26")

    assert [a["leave"]["daysJudged"] for a in (first, beside, apart)] == ["2.0", "4.0", "2.0"]
    assert [len(a["leave"]["request"]["steps"]) for a in (first, beside, apart)] == [1, 2, 1]


def extend(client: Client, login: str, leave: str, until: str) -> dict[str, Any]:
    asked = {"id": leave, "input": {"until": f"2018-{until}"}}
    return dict(client.ask(EXTEND, asked, as_=login)["leaveExtend"])


def test_one_day_more_is_judged_with_the_three_before_it(client: Client, demo_database: Database) -> None:
    three = submit(client, "hn-first-secretary", "06-18", "06-20")["leave"]
    sign(client, "hn-township-secretary", three["request"]["id"])
    before = record(demo_database)

    assert said(extend(client, "hn-team-member", three["id"], "06-21")) == "NOT_FOUND"
    assert record(demo_database) == before
    more = extend(client, "hn-first-secretary", three["id"], "06-21")

    assert (more["leave"]["days"], more["leave"]["daysJudged"]) == ("1.0", "4.0")
    assert organs(more) == [["organisation_personnel_bureau", "dispatching_unit"]]
    assert more["leave"]["extends"] == {"id": three["id"]}
    assert [row["state"] for row in rows(demo_database, "SELECT state FROM leaves ORDER BY days")] == [
        "pending",
        "approved",
    ]
    assert [entry["profile_version"] for entry in acts(demo_database, "leave.extend")] == [1]


def come_back(client: Client, login: str, leave: str, on: str, version: int | None = None) -> dict[str, Any]:
    asked = {"id": leave, "on": f"2018-{on}", "version": version}
    return dict(client.ask(RETURN, asked, as_=login)["leaveReturn"])


def test_coming_back_ends_an_approved_leave_that_has_begun(client: Client, demo_database: Database) -> None:
    leave = submit(client, "hn-first-secretary", "06-13", "06-15")["leave"]

    assert said(come_back(client, "hn-first-secretary", leave["id"], "06-15")) == "WRONG_STATE"
    sign(client, "hn-township-secretary", leave["request"]["id"])
    before = record(demo_database)
    too_early = come_back(client, "hn-first-secretary", leave["id"], "06-12")
    too_late = come_back(client, "hn-first-secretary", leave["id"], "06-17")
    assert [said(too_early), said(too_late)] == ["INVALID", "INVALID"]
    assert said(come_back(client, "hn-township-secretary", leave["id"], "06-15")) == "NOT_FOUND"
    assert said(come_back(client, "hn-first-secretary", leave["id"], "06-15", version=9)) == "CONFLICT"
    assert record(demo_database) == before

    back = come_back(client, "hn-first-secretary", leave["id"], "06-15", version=2)["leave"]

    assert (back["state"], back["returnedOn"], back["version"]) == ("RETURNED", "2018-06-15", 3)
    assert told(demo_database, "leave_returned") == ["hn-township-secretary"]
    assert acts(demo_database, "leave.return") == [{"on": "2018-06-15"}]


def test_an_early_return_shortens_what_adds_up(client: Client) -> None:
    leave = submit(client, "hn-first-secretary", "06-13", "06-15")["leave"]
    sign(client, "hn-township-secretary", leave["request"]["id"])
    come_back(client, "hn-first-secretary", leave["id"], "06-14")

    again = submit(client, "hn-first-secretary", "06-14", "06-15")

    assert again["leave"]["daysJudged"] == "3.0"


def test_an_outing_is_filed_before_departure_and_asks_nobody(client: Client, demo_database: Database) -> None:
    before = record(demo_database)

    late = file_outing(client, "hn-first-secretary", "06-14T08:00:00")

    assert said(late) == "DENIED"
    assert late["userErrors"][0]["rule"] == "HN-4.2-8b"
    assert "外出前要向乡镇党委书面备案" in late["userErrors"][0]["message"]
    assert record(demo_database) == before
    filed = file_outing(client, "hn-first-secretary", "06-16T08:00:00")
    assert filed["decision"]["outcome"] == "FILE"
    assert rules(filed) == ["HN-4.2-7b", "HN-4.2-8", "HN-4.2-8b"]
    request = filed["outing"]["request"]
    assert (request["state"], request["steps"]) == ("APPROVED", [])
    assert {login for login in HERE if queue(client, login)} == set()
    assert told(demo_database, "request_told") == ["hn-township-secretary"]
    seen = "{ outings { nodes { destination } } }"
    assert client.ask(seen, as_="hn-township-secretary")["outings"]["nodes"] == [{"destination": "郑州市"}]
    assert client.ask(seen, as_="hn-other-township-secretary")["outings"]["nodes"] == []


def test_an_outing_that_ends_before_it_begins_is_refused(client: Client, demo_database: Database) -> None:
    before = record(demo_database)

    answer = file_outing(client, "hn-first-secretary", "06-18T08:00:00", "06-17")

    assert (said(answer), answer["userErrors"][0]["path"]) == ("INVALID", ["returnsOn"])
    assert record(demo_database) == before


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


def test_a_signature_rests_on_the_version_that_was_seen(client: Client, demo_database: Database) -> None:
    request = opened(client, "hn-first-secretary", "06-18", "06-21")
    seen = sign(client, "hn-bureau-head", request)["request"]["version"]
    before = record(demo_database)

    late = sign(client, "hn-unit-head", request, version=seen - 1)

    assert (said(late), late["userErrors"][0]["path"]) == ("CONFLICT", ["expectedVersion"])
    assert record(demo_database) == before
    assert said(sign(client, "hn-unit-head", request, version=seen)) == "ALLOW"


def test_a_repeated_command_has_one_effect(client: Client, demo_database: Database) -> None:
    first = submit(client, "hn-first-secretary", "06-18", "06-21", idempotencyKey="once")
    after = record(demo_database)

    again = submit(client, "hn-first-secretary", "06-18", "06-21", idempotencyKey="once")
    other = submit(client, "hn-first-secretary", "06-18", "06-22", idempotencyKey="once")

    assert again == first
    assert (said(other), other["userErrors"][0]["path"]) == ("IDEMPOTENCY_KEY_REUSED", ["idempotencyKey"])
    assert record(demo_database) == after
    theirs = submit(client, "hn-team-member", "06-18", "06-22", idempotencyKey="once")
    assert said(theirs) == "ALLOW"
    assert theirs["leave"]["id"] != first["leave"]["id"]


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


def test_a_name_is_shown_with_a_request_but_not_the_rest_of_the_person(client: Client) -> None:
    """The bureau's head signs for a first secretary whom he may not read; the township's secretary may."""
    opened(client, "hn-first-secretary", "06-18", "06-21")
    opened(client, "hn-team-member", "06-18", "06-20")
    query = "{ workQueue { applicant { name rank { id } posts { role { id } } } } }"

    [by_signing] = client.ask(query, as_="hn-bureau-head")["workQueue"]
    [by_reach] = client.ask(query, as_="hn-township-secretary")["workQueue"]

    assert by_signing["applicant"] == {"name": "演示第一书记", "rank": None, "posts": []}
    assert by_reach["applicant"]["rank"] == {"id": "section_member"}
    assert by_reach["applicant"]["posts"] == [{"role": {"id": "village_team_member"}}]
