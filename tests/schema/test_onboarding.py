"""Onboarding through the front door: what the preview says is what comes, once, or nothing comes."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from policies.jurisdiction import Level
from policies.library import profile
from tenants import register
from tests.client import Client
from tests.conftest import Database
from tests.front_door import acts, place_of, rows, said, why
from tests.onboarding import accept, everything, invite, onboard, suspend
from tests.schema.test_bases import publish
from tests.schema.test_invitations import place_id

GD, COUNTY = "440000000000", "440823"
REFERRED = "粤组通〔2016〕20号"


def test_a_preview_shows_everything_and_keeps_nothing(client: Client, demo_database: Database) -> None:
    before = everything(demo_database)

    answer = onboard(client, "p44-admin", COUNTY, base="GD", dry_run=True)

    report = answer["report"]
    townships = list(register.listed(Level.TOWNSHIP, "440823000000"))
    villages = list(register.listed(Level.VILLAGE, "440823000000"))
    assert (answer["userErrors"], answer["place"], answer["invitation"]) == ([], None, None)
    assert [t["code"] for t in report["townships"]] == [t.code for t in townships]
    assert sum(t["villages"] for t in report["townships"]) == report["villageCount"] == len(villages) == 353
    assert report["base"] == {"profile": "GD", "number": "粤扶办〔2016〕98号", "isInherited": True}
    assert [rule["rule"] for rule in report["rules"]] == [rule.id for rule in profile("GD").rules]
    left_open = [name for name, setting in profile("GD").settings.items() if not setting.is_given]
    assert [s["name"] for s in report["openSettings"] if not s["isAssumed"]] == left_open
    assert "township_team_size" in left_open
    assert report["readiness"]["share"] == 0.6
    assert everything(demo_database) == before


def test_what_comes_is_what_the_preview_said(client: Client, demo_database: Database) -> None:
    asked: dict[str, Any] = {
        "base": "GD",
        "exclude": ["440823102000"],
        "localNodes": [{"name": "演示国营农场", "parent": "440823000000", "level": "TOWNSHIP"}],
    }
    previewed = onboard(client, "p44-admin", COUNTY, dry_run=True, **asked)["report"]

    answer = onboard(client, "p44-admin", COUNTY, **asked)

    place = answer["place"]
    assert answer["userErrors"] == []
    assert answer["report"] == previewed
    assert answer["isNew"]
    assert (place["code"], place["kind"], place["lawDay"]) == ("440823000000", "COUNTY", "2018-06-15")
    assert place["profile"] == {"id": "GD", "isInherited": True, "version": 1}
    assert place["readiness"] == previewed["readiness"]
    assert previewed["excluded"] == [{"code": "440823102000", "level": "TOWNSHIP"}]
    assert [t["code"] for t in previewed["townships"] if t["isLocal"]] == ["440823900000"]
    parent = rows(demo_database, "SELECT parent_id, law_place_id FROM places WHERE code = '440823000000'")
    assert [tuple(row) for row in parent] == [(place_of(demo_database, GD),) * 2]


def test_without_a_base_every_question_is_unspecified(client: Client) -> None:
    answer = onboard(client, "p62-admin", "620102")

    assert {a["decision"]["outcome"] for a in answer["report"]["answers"]} == {"UNSPECIFIED"}
    assert (answer["place"]["profile"], answer["report"]["base"]) == (None, None)
    assert answer["report"]["readiness"]["share"] == 0.2


@pytest.mark.parametrize("code", ["440103", "445381000000", "441900", "442000"])
def test_a_county_under_the_province_s_opinion_is_told_where_it_refers(client: Client, code: str) -> None:
    report = onboard(client, "p44-admin", code, base="GD")["report"]

    leave = [a["decision"] for a in report["answers"] if a["probe"].startswith("leave")]
    assert len(leave) == 4
    assert {d["outcome"] for d in leave} == {"UNSPECIFIED"}
    assert {gap["to"] for d in leave for gap in d["gaps"]} == {REFERRED}
    assert {cite["origin"] for d in leave for cite in d["cites"]} == {"INHERITED"}
    assert {cite["clause"] for d in leave for cite in d["cites"]} == {"三（二）"}


@pytest.mark.parametrize("code", ["620102", "620201", "623027000000"])
def test_a_county_under_nothing_is_told_nothing(client: Client, code: str) -> None:
    report = onboard(client, "p62-admin", code)["report"]

    assert {a["decision"]["outcome"] for a in report["answers"]} == {"UNSPECIFIED"}
    assert {a["decision"]["profile"] for a in report["answers"]} == {None}


FARM = {"name": "演示国营农场", "parent": "440823000000", "level": "TOWNSHIP"}
FARMS = [{**FARM, "name": f"演示{number}场"} for number in range(51)]
NOBODY = {"name": "演示", "login": "nobody-yet"}
# 情形, 谁, 代码, 其他, 拒绝, 位置
REFUSED: list[tuple[str, str, str, dict[str, Any], str, list[str]]] = [
    ("名册没有的代码", "p44-admin", "440899", {}, "INVALID", ["code"]),
    ("不是县级代码", "p44-admin", "440823102000", {}, "INVALID", ["code"]),
    ("不是代码", "p44-admin", "遂溪县", {"admin": NOBODY}, "INVALID", ["code"]),
    ("零开头", "p44-admin", "040823", {}, "INVALID", ["code"]),
    ("太长", "p44-admin", "4" * 5000, {}, "INVALID", ["code"]),
    ("外省的代码", "p44-admin", "620102", {}, "INVALID", ["code"]),
    ("已开通的代码", "p44-admin", "440811", {}, "CODE_TAKEN", ["code"]),
    ("没有的档案", "p44-admin", COUNTY, {"base": "NONE"}, "INVALID", ["baseProfile"]),
    ("外省的档案", "p62-admin", "620102", {"base": "GD"}, "INVALID", ["baseProfile"]),
    ("邻县的档案", "p44-admin", COUNTY, {"base": "MZ"}, "INVALID", ["baseProfile"]),
    ("别县的乡镇", "p44-admin", COUNTY, {"exclude": ["440811100000"]}, "INVALID", ["exclude"]),
    ("县本身", "p44-admin", COUNTY, {"exclude": ["440823000000"]}, "INVALID", ["exclude"]),
    ("不是区划", "p44-admin", COUNTY, {"exclude": ["x"]}, "INVALID", ["exclude"]),
    ("新区划太多", "p44-admin", COUNTY, {"localNodes": FARMS}, "INVALID", ["localNodes"]),
    (
        "上级不在本县",
        "p44-admin",
        COUNTY,
        {"localNodes": [{"name": "演示农场", "parent": "440811000000", "level": "TOWNSHIP"}]},
        "NOT_FOUND",
        ["parent"],
    ),
    (
        "上级不是区划",
        "p44-admin",
        COUNTY,
        {"localNodes": [{"name": "演示农场", "parent": "演示" * 40, "level": "TOWNSHIP"}]},
        "NOT_FOUND",
        ["parent"],
    ),
    (
        "账号已有人用",
        "p44-admin",
        COUNTY,
        {"admin": {**NOBODY, "login": "HN-admin "}},
        "LOGIN_TAKEN",
        ["admin", "login"],
    ),
    (
        "账号全角",
        "p44-admin",
        COUNTY,
        {"admin": {**NOBODY, "login": "\uff48n-admin"}},
        "LOGIN_TAKEN",
        ["admin", "login"],
    ),
    (
        "账号形似",
        "p44-admin",
        COUNTY,
        {"admin": {**NOBODY, "login": "hn-\u0430dmin"}},
        "INVALID",
        ["admin", "login"],
    ),
    (
        "姓名倒写",
        "p44-admin",
        COUNTY,
        {"admin": {**NOBODY, "name": "\u202e演示"}},
        "INVALID",
        ["admin", "name"],
    ),
    (
        "区划名有零宽字符",
        "p44-admin",
        COUNTY,
        {"localNodes": [{"name": "演示\u200b农场", "parent": "440823000000", "level": "TOWNSHIP"}]},
        "INVALID",
        ["localNodes"],
    ),
    ("账号为空", "p44-admin", COUNTY, {"admin": {**NOBODY, "login": " "}}, "INVALID", ["admin", "login"]),
    ("姓名为空", "p44-admin", COUNTY, {"admin": {**NOBODY, "name": ""}}, "INVALID", ["admin", "name"]),
    ("县级管理员", "mz-admin", COUNTY, {}, "FORBIDDEN", []),
    ("省级审计员", "p44-auditor", COUNTY, {}, "FORBIDDEN", []),
]


def test_fifty_nodes_that_no_register_lists_are_onboarded(client: Client) -> None:
    answer = onboard(client, "p44-admin", COUNTY, dry_run=True, localNodes=FARMS[:50])

    assert said(answer) == "ALLOW"


@pytest.mark.parametrize("dry_run", [True, False], ids=["试算", "办理"])
def test_what_cannot_be_is_refused_and_nothing_is_created(
    client: Client, demo_database: Database, dry_run: bool
) -> None:
    before = everything(demo_database)

    for case, login, code, more, refusal, path in REFUSED:
        answer = onboard(client, login, code, dry_run=dry_run, **more)

        assert said(answer) == refusal, (case, answer)
        assert answer["userErrors"][0]["path"] == path, case
        assert (answer["place"], answer["report"], answer["invitation"]) == (None, None, None)
    assert everything(demo_database) == before
    assert said(onboard(client, "p44-admin", COUNTY, base="GD", dry_run=dry_run)) == "ALLOW"


def test_each_refusal_says_what_is_the_matter(client: Client) -> None:
    told = [why(onboard(client, who, code, **more)) for _, who, code, more, *_ in REFUSED[:10]]

    assert told[0] == "填写有误：2023-06-30 的名册里没有县级区划 440899000000"
    assert told[5] == "填写有误：620102000000 不在本地的辖区内"
    assert told[6] == "区划代码 440811000000 已经开通，不能用其他内容再开通一次"
    assert told[8] == "填写有误：“GD”不是上级的文件，只能采用上级省、市州已发布的档案"


def test_the_administrator_comes_in_by_his_invitation(client: Client) -> None:
    answer = onboard(client, "p44-admin", COUNTY, base="GD")

    assert accept(client, answer["invitation"]["token"], "c440823-admin") == "ALLOW"

    viewer = client.ask(
        "{ viewer { place { code readiness { share } lastSignInAt } permissions } }", as_="c440823-admin"
    )["viewer"]
    assert viewer["place"]["code"] == "440823000000"
    assert {"post.create", "division.update"} <= {*viewer["permissions"]}
    assert viewer["place"]["readiness"]["share"] == 0.8
    assert viewer["place"]["lastSignInAt"] is not None
    assert accept(client, answer["invitation"]["token"], "other") == "INVITATION_SPENT"


def test_the_same_again_has_one_effect_and_a_new_invitation(client: Client, demo_database: Database) -> None:
    first = onboard(client, "p44-admin", COUNTY, base="GD")

    second = onboard(client, "p44-admin", "440823000000", base="GD")

    assert (second["isNew"], second["place"]["id"]) == (False, first["place"]["id"])
    assert len(rows(demo_database, "SELECT 1 FROM places WHERE code = '440823000000'")) == 1
    assert accept(client, first["invitation"]["token"], "c440823-admin") == "INVITATION_SPENT"
    assert accept(client, second["invitation"]["token"], "c440823-admin") == "ALLOW"
    third = onboard(client, "p44-admin", COUNTY, base="GD")
    assert (said(third), third["isNew"], third["invitation"]) == ("ALLOW", False, None)


@pytest.mark.parametrize(
    "more",
    [
        {"base": None},
        {"admin": {"name": "演示", "login": "somebody-else"}},
        {"admin": {**NOBODY, "login": "p44-admin"}},
        {"exclude": []},
        {"exclude": ["440823103000"]},
        {"localNodes": []},
        {"localNodes": [{**FARM, "name": "演示另一农场"}]},
    ],
    ids=["没有上级文件", "另一个管理员", "省级管理员自己", "全部区划", "另排除", "没有农场", "另一农场"],
)
def test_anything_else_on_a_taken_code_is_refused(
    client: Client, demo_database: Database, more: dict[str, Any]
) -> None:
    asked: dict[str, Any] = {"base": "GD", "exclude": ["440823102000"], "localNodes": [FARM]}
    onboard(client, "p44-admin", COUNTY, **asked)
    before = everything(demo_database)

    assert said(onboard(client, "p44-admin", COUNTY, **{**asked, **more})) == "CODE_TAKEN"
    assert everything(demo_database) == before
    assert said(onboard(client, "p44-admin", COUNTY, **asked)) == "ALLOW"


def test_a_key_has_one_effect_and_one_content(client: Client, demo_database: Database) -> None:
    first = onboard(client, "p44-admin", COUNTY, base="GD", key="k")

    again = onboard(client, "p44-admin", COUNTY, base="GD", key="k")
    other = onboard(client, "p44-admin", "440825", base="GD", key="k")

    assert (again["isNew"], again["place"]["id"]) == (False, first["place"]["id"])
    assert said(other) == "IDEMPOTENCY_KEY_REUSED"
    assert len(rows(demo_database, "SELECT 1 FROM idempotency_keys WHERE act = 'county.onboard'")) == 1


def test_a_key_sent_again_writes_nothing_and_voids_no_invitation(
    client: Client, demo_database: Database
) -> None:
    first = onboard(client, "p44-admin", COUNTY, base="GD", key="k")
    before = everything(demo_database)

    again = onboard(client, "p44-admin", COUNTY, base="GD", key="k")

    assert (said(again), again["place"], again["report"]) == ("ALLOW", first["place"], first["report"])
    assert (again["isNew"], again["invitation"]) == (False, None)
    assert everything(demo_database) == before
    assert accept(client, first["invitation"]["token"], "c440823-admin") == "ALLOW"
    publish(demo_database, "440823000000", "OWN")
    assert said(suspend(client, "p44-admin", first["place"]["id"])) == "ALLOW"
    later = onboard(client, "p44-admin", COUNTY, base="GD", key="k")
    assert (said(later), later["place"]["state"]) == ("ALLOW", "SUSPENDED")


def test_several_at_once_make_one_county(client: Client, demo_database: Database) -> None:
    with ThreadPoolExecutor(6) as at_once:
        answers = list(at_once.map(lambda _: onboard(client, "p44-admin", COUNTY, base="GD"), range(6)))

    assert {said(answer) for answer in answers} == {"ALLOW"}
    assert sorted(answer["isNew"] for answer in answers) == [False] * 5 + [True]
    assert len({answer["place"]["id"] for answer in answers}) == 1
    still_good = rows(demo_database, "SELECT 1 FROM invitations WHERE expires_at > now()")
    assert len(still_good) == 1


def test_one_login_at_once_for_two_counties_makes_one(client: Client, demo_database: Database) -> None:
    with ThreadPoolExecutor(2) as at_once:
        answers = list(
            at_once.map(lambda code: onboard(client, "p44-admin", code, admin=NOBODY), [COUNTY, "440882"])
        )

    assert sorted(said(answer) for answer in answers) == ["ALLOW", "LOGIN_TAKEN"]
    assert (
        len(rows(demo_database, "SELECT 1 FROM places WHERE code IN ('440823000000', '440882000000')")) == 1
    )


def test_both_places_keep_who_did_it(client: Client, demo_database: Database) -> None:
    answer = onboard(client, "p44-admin", COUNTY, base="GD", exclude=["440823102000"])

    kept = acts(demo_database, "county.onboard")
    done = {"code": "440823000000", "base": "GD", "excluded": ["440823102000"], "local": []}
    assert kept == [
        {**done, "acted_from": GD},
        done,
    ]
    [there, here] = rows(
        demo_database,
        "SELECT tenant_id, person_id FROM audit_entries WHERE act = 'county.onboard' ORDER BY recorded_at",
    )
    assert there["person_id"] == here["person_id"]
    assert here["tenant_id"] == place_of(demo_database, GD)
    assert answer["place"]["id"]


def test_the_county_s_auditors_see_what_the_province_did(client: Client) -> None:
    invite(client, "p44-admin", place_id(client, "mz-admin"), "newcomer", reason="原管理员调离")
    query = (
        "{ actsAs { nodes { act placeName personName reason } totalCount } auditEntries { nodes { act } } }"
    )

    seen = client.ask(query, as_="mz-auditor")

    assert seen["actsAs"] == {
        "nodes": [
            {
                "act": "county_admin.invite",
                "placeName": "广东省",
                "personName": "演示省级管理员",
                "reason": "原管理员调离",
            }
        ],
        "totalCount": 1,
    }
    assert seen["auditEntries"]["nodes"] == [{"act": "county_admin.invite"}]
    assert client.ask("{ actsAs { totalCount } }", as_="mz-admin")["actsAs"] == {"totalCount": 0}
    assert client.ask("{ actsAs { totalCount } }", as_="tw-auditor")["actsAs"] == {"totalCount": 0}


def sent(client: Client, login: str, text: str) -> str:
    """The id of a file that was sent."""
    answer = client.http.post(
        "/files?name=list.csv",
        content=text.encode(),
        headers={"content-type": "text/csv", "authorization": f"Bearer {client.token(login)}"},
    )
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def test_a_newer_list_is_compared_by_name(client: Client, demo_database: Database) -> None:
    townships = list(register.listed(Level.TOWNSHIP, "440823000000"))
    kept = [f"{entry.code},{entry.name}" for entry in townships[2:]]
    rows_ = ["code,name", f"440823198000,{townships[0].name}", "440823199000,演示新镇", *kept]
    file = sent(client, "p44-admin", "\n".join(rows_))
    before = everything(demo_database)

    report = onboard(client, "p44-admin", COUNTY, dry_run=True, newer=file)["report"]

    assert {(d["change"], d["name"], d["code"], d["newerCode"]) for d in report["differences"]} == {
        ("RECODED", townships[0].name, townships[0].code, "440823198000"),
        ("MISSING", townships[1].name, townships[1].code, None),
        ("ADDED", "演示新镇", None, "440823199000"),
    }
    assert onboard(client, "p44-admin", COUNTY, dry_run=True)["report"]["differences"] is None
    assert everything(demo_database) == before


def test_a_list_that_cannot_be_used_onboards_nothing(client: Client, demo_database: Database) -> None:
    elsewhere = sent(client, "p44-admin", "440811100,麻章镇\n")
    unreadable = sent(client, "p44-admin", "440823100,某镇\n某镇\n")
    of_others = sent(client, "p62-admin", "440823100,某镇\n")
    before = everything(demo_database)

    answers = [
        onboard(client, "p44-admin", COUNTY, newer=file) for file in (elsewhere, unreadable, of_others)
    ]

    assert [said(answer) for answer in answers] == ["INVALID", "INVALID", "NOT_FOUND"]
    assert why(answers[0]) == "填写有误：名单里没有 440823000000 的乡镇和村"
    assert why(answers[1]) == "填写有误：第 2 行不是“代码,名称[,层级]”"
    assert everything(demo_database) == before
