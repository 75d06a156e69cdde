"""A whole province onboarded by one job: every county under its law, the failing told, none in the way."""

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from strawberry.relay import to_base64

from policies.jurisdiction import Level
from tenants import profile_reviews, register, runner
from tests.client import Client
from tests.conftest import Database, serving
from tests.front_door import place_of, rows, said
from tests.onboarding import accept, everything, invite
from tests.schema.test_bases import publish
from tests.schema.test_onboarding import GD, REFERRED

GANSU = "620000000000"
ASK = """
mutation ($base: String, $codes: [String!], $admins: [AdminOfCountyInput!], $key: String) {
  countiesOnboard(baseProfile: $base, codes: $codes, admins: $admins, idempotencyKey: $key) {
    job { id kind state total } userErrors { code message path }
  }
}
"""
LOOK = """
query ($job: ID!) {
  countiesOnboarded(job: $job) {
    job { state done total failure { code } } new present failed { code name refusal message }
  }
}
"""
PATIENCE_SECONDS = 60


@pytest.fixture
def client(demo_database: Database) -> Iterator[Client]:
    """The application with its runner."""
    with serving(demo_database, jobs_at_once=2) as client:
        yield client


def ask(client: Client, login: str, **asked: Any) -> dict[str, Any]:
    return dict(client.ask(ASK, asked, as_=login)["countiesOnboard"])


def ended(client: Client, login: str, job: str) -> dict[str, Any]:
    """What the job has done, once it has ended."""
    latest = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < latest:
        found: dict[str, Any] = client.ask(LOOK, {"job": job}, as_=login)["countiesOnboarded"]
        if found["job"]["state"] not in ("QUEUED", "RUNNING"):
            return found
        time.sleep(0.05)
    raise AssertionError(found)


def done(client: Client, login: str, **asked: Any) -> dict[str, Any]:
    answer = ask(client, login, **asked)
    assert answer["userErrors"] == [], answer
    return ended(client, login, answer["job"]["id"])


def counties(province: str) -> list[str]:
    return [entry.code for entry in register.listed(Level.COUNTY, province)]


DECIDE = """
{ decide(question: {ask: ACT, about: "leave"},
         facts: {who: ["first_secretary"], leave_days: 4, written: true}) {
    outcome profile cites { clause origin } gaps { to }
} }
"""


def asked_in_each(client: Client, behind: Database, codes: list[str]) -> dict[str, Any]:
    """What each county's new administrator is answered, once he has come in."""
    found = {}
    for code in codes:
        login, place = f"{code[:6]}-admin", to_base64("Place", place_of(behind, code))
        invited = invite(client, f"p{code[:2]}-admin", place, login)
        assert accept(client, invited["invitation"]["token"], login) == "ALLOW"
        found[code] = client.ask(DECIDE, as_=login)["decide"]
    return found


def test_named_counties_are_onboarded_and_the_failing_one_is_told(
    client: Client, demo_database: Database
) -> None:
    admins = [
        {"code": "620102", "admin": {"name": "演示甲", "login": "lz-admin"}},
        {"code": "620103", "admin": {"name": "演示乙", "login": "tw-admin"}},
    ]

    found = done(client, "p62-admin", codes=["620102", "620103", "621121", "620104000000"], admins=admins)

    assert found["job"] == {"state": "DONE", "done": 4, "total": 4, "failure": None}
    assert found["new"] == ["620102000000", "620104000000"]
    assert found["present"] == ["621121000000"]
    assert found["failed"] == [
        {
            "code": "620103000000",
            "name": "七里河区",
            "refusal": "LOGIN_TAKEN",
            "message": "账号名“tw-admin”已有人使用，请另取一个",
        }
    ]
    logins = rows(demo_database, "SELECT login FROM accounts WHERE password_hash IS NULL ORDER BY login")
    assert [row["login"] for row in logins] == ["620104-admin", "lz-admin"]
    assert rows(demo_database, "SELECT 1 FROM invitations") == []


def test_a_failure_is_told_in_the_reader_s_language(client: Client, demo_database: Database) -> None:
    publish(demo_database, GD, "GD", "要从严管理→要从宽管理")
    job = ask(client, "p44-admin", base="GD", codes=["440823"])["job"]["id"]
    ended(client, "p44-admin", job)

    answer = client.post(LOOK, {"job": job}, as_="p44-admin", accept_language="en")

    [failed] = answer["data"]["countiesOnboarded"]["failed"]
    assert failed["refusal"] == "PROFILE_FAILS"
    assert failed["message"] == (
        "The profile “GD” fails its checks: the quotation does not stand in the stored text"
    )


def test_what_was_begun_is_taken_up_where_it_stopped(client: Client, demo_database: Database) -> None:
    first = done(client, "p62-admin", codes=["620102", "620103"])

    again = done(client, "p62-admin", codes=["620102", "620103", "620104"])

    assert first["new"] == again["present"] == ["620102000000", "620103000000"]
    assert again["new"] == ["620104000000"]


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ({"codes": ["620102", "440823"]}, ["codes"]),
        ({"codes": ["620199"]}, ["codes"]),
        ({"codes": ["620102"] * 301}, ["codes"]),
        (
            {"codes": ["620102"], "admins": [{"code": "620103", "admin": {"name": "x", "login": "x"}}]},
            ["admins"],
        ),
    ],
    ids=["外省", "名册没有", "太多", "管理员不在所列县"],
)
def test_what_cannot_be_asked_for_makes_no_job(
    client: Client, demo_database: Database, asked: dict[str, Any], path: list[str]
) -> None:
    before = everything(demo_database)

    answer = ask(client, "p62-admin", **asked)

    assert (said(answer), answer["userErrors"][0]["path"]) == ("INVALID", path)
    assert everything(demo_database) == before
    assert rows(demo_database, "SELECT 1 FROM jobs") == []


def test_only_a_province_asks_and_only_for_its_job_is_it_answered(client: Client) -> None:
    job = ask(client, "p62-admin", codes=["620102"], key="k")["job"]["id"]

    assert ask(client, "p62-admin", codes=["620102"], key="k")["job"]["id"] == job
    assert said(ask(client, "tw-admin", codes=["620102"])) == "FORBIDDEN"
    assert client.ask(LOOK, {"job": job}, as_="p44-admin")["countiesOnboarded"] is None
    assert ended(client, "p62-admin", job)["new"] == ["620102000000"]


def test_what_lies_elsewhere_is_refused_when_its_turn_comes(demo_database: Database) -> None:
    """Whatever was checked when the job was asked for: a job may run long after, and under other rights."""
    with serving(demo_database) as asking:
        job = ask(asking, "p62-admin", codes=["620102", "620103"])["job"]["id"]
    codes = '{"codes": ["440823000000", "620103000000"]}'
    rows(demo_database, "UPDATE jobs SET arguments = arguments || $1::text::jsonb", codes)

    with serving(demo_database, jobs_at_once=2) as client:
        found = ended(client, "p62-admin", job)

    assert [(one["code"], one["refusal"]) for one in found["failed"]] == [("440823000000", "INVALID")]
    assert found["new"] == ["620103000000"]
    assert rows(demo_database, "SELECT 1 FROM places WHERE code = '440823000000'") == []


def test_a_base_that_is_not_reviewed_in_time_fails_no_county(
    client: Client, demo_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(demo_database, GD, "GD")
    monkeypatch.setattr(runner, "PAUSE_AFTER_FAULT", timedelta())
    monkeypatch.setattr(runner, "MOST_RUNS", 1000)
    with monkeypatch.context() as hurried:
        hurried.setattr(profile_reviews, "MOST_SECONDS", 0)
        job = ask(client, "p44-admin", base="GD", codes=["440823", "440882"])["job"]["id"]
        time.sleep(1)
        meanwhile = client.ask(LOOK, {"job": job}, as_="p44-admin")["countiesOnboarded"]

    found = ended(client, "p44-admin", job)

    assert (meanwhile["new"], meanwhile["failed"]) == ([], [])
    assert (found["new"], found["failed"]) == (["440823000000", "440882000000"], [])


def test_all_of_a_province_without_a_document_is_unspecified(client: Client, demo_database: Database) -> None:
    found = done(client, "p62-admin")

    assert len(found["new"]) + len(found["present"]) == found["job"]["total"] == 88
    assert (found["present"], found["failed"]) == (["621121000000"], [])
    listed = client.ask("{ places(filter: {kind: COUNTY}) { code readiness { share } } }", as_="p62-admin")
    assert [place["code"] for place in listed["places"]] == counties(GANSU)
    assert {place["readiness"]["share"] for place in listed["places"]} == {0.2, 0.8}
    nodes = rows(demo_database, "SELECT count(*) AS n FROM divisions WHERE code LIKE '62%'")
    assert nodes[0]["n"] == 88 + len(list(register.listed(Level.TOWNSHIP, GANSU))) + 17_718


@pytest.mark.slow
@pytest.mark.parametrize(
    ("province", "base", "profile", "refers"),
    [(GD, "GD", "GD", [REFERRED]), (GANSU, None, None, [None])],
    ids=["广东各县", "甘肃各县"],
)
def test_every_county_of_a_province_is_answered_by_its_law(
    client: Client, demo_database: Database, province: str, base: str, profile: str, refers: list[str]
) -> None:
    found = done(client, f"p{province[:2]}-admin", base=base)

    answers = asked_in_each(client, demo_database, found["new"])

    # The others are the demonstration's, which have laws of their own.
    assert sorted(found["new"] + found["present"]) == counties(province)
    assert list(answers) == found["new"]
    for code, decision in answers.items():
        assert (decision["outcome"], decision["profile"]) == ("UNSPECIFIED", profile), code
        assert [gap["to"] for gap in decision["gaps"]] == refers, code
        assert {cite["origin"] for cite in decision["cites"]} <= {"INHERITED"}, code
