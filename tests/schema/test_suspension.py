"""A suspended place is read as before and written by nobody, from the very next operation on."""

from typing import Any

import pytest

from schema.root import schema
from tests.client import Client
from tests.conftest import Database
from tests.front_door import acts, place_of, record, rows, said, submit, told, why
from tests.onboarding import everything, invite, resume, suspend
from tests.schema.sessions import OPEN, with_token
from tests.schema.test_jobs import CANCEL
from tests.schema.test_permissions import GUARDED, asking

HERE = "hn-first-secretary"


def own_place(client: Client, login: str) -> str:
    return str(client.ask("{ place { id } }", as_=login)["place"]["id"])


def test_a_suspended_place_is_read_and_not_written(client: Client, demo_database: Database) -> None:
    place = own_place(client, HERE)
    assert said(submit(client, HERE, "06-18", "06-18")) == "ALLOW"

    assert suspend(client, "p41-admin", place)["place"] == {"state": "SUSPENDED"}
    before = record(demo_database)
    refused = submit(client, HERE, "06-20", "06-20")

    assert said(refused) == "PLACE_SUSPENDED"
    assert why(refused) == "本地已暂停使用，可以查看和导出，不能办理"
    assert record(demo_database) == before
    seen = client.ask("{ viewer { place { state } } leaves { totalCount } place { state } }", as_=HERE)
    assert seen["viewer"]["place"]["state"] == seen["place"]["state"] == "SUSPENDED"
    assert seen["leaves"]["totalCount"] == 1

    assert resume(client, "p41-admin", place)["place"] == {"state": "ACTIVE"}
    assert said(submit(client, HERE, "06-20", "06-20")) == "ALLOW"


def goes_on(name: str) -> bool:
    """Whether a mutation says of itself that suspension does not stop it."""
    definition: Any = schema.get_type_by_name("Mutation")
    fields = {schema.config.name_converter.from_field(field): field for field in definition.fields}
    return bool(fields[name].metadata["even_suspended"])


COMMANDS = [name for root, name in GUARDED if root == "Mutation"]


def test_only_exporting_and_moving_or_ending_a_session_go_on() -> None:
    exporting, sessions = {"auditExport", "householdsExport", "jobCancel"}, {"sessionEnd", "sessionSwitch"}
    assert {name for name in COMMANDS if goes_on(name)} == exporting | sessions


def test_an_export_is_begun_and_stopped_in_a_suspended_place(client: Client) -> None:
    suspend(client, "p41-admin", own_place(client, HERE))

    job = client.ask("mutation { auditExport { job { id } } }", as_="hn-auditor")["auditExport"]["job"]
    stopped = client.ask(CANCEL, {"id": job["id"]}, as_="hn-auditor")["jobCancel"]

    assert (said(stopped), stopped["job"]) == ("ALLOW", {"state": "CANCELLED", "isCancelling": True})


def test_every_other_command_is_refused(client: Client, demo_database: Database) -> None:
    """Asked by everybody in turn, so that for each command somebody gets past its permission."""
    everybody = [
        row["login"] for row in rows(demo_database, "SELECT login FROM accounts WHERE login LIKE 'hn-%'")
    ]
    rows(demo_database, "UPDATE places SET state = 'suspended' WHERE code LIKE '41%'")
    everybody += ["p41-admin"]
    before = everything(demo_database) | record(demo_database)

    for name in COMMANDS:
        if goes_on(name):
            continue
        text, variables = asking("Mutation", name)
        text = text.replace("{ __typename }", "{ userErrors { code } }")
        told = {client.ask(text, variables, as_=login)[name]["userErrors"][0]["code"] for login in everybody}
        assert "PLACE_SUSPENDED" in told, name
        assert told <= {"PLACE_SUSPENDED", "FORBIDDEN"}, name
    assert everything(demo_database) | record(demo_database) == before


def test_one_signs_in_and_out_where_the_place_is_suspended(client: Client) -> None:
    suspend(client, "p41-admin", own_place(client, HERE))

    session = client.ask(OPEN, {"login": HERE, "password": "zeren-demo-2018"})["sessionOpen"]["session"]
    switched = with_token(
        client, session["accessToken"], "mutation { sessionSwitch { session { accessToken } } }"
    )
    token = switched["data"]["sessionSwitch"]["session"]["accessToken"]
    ended = with_token(client, token, "mutation { sessionEnd { userErrors { code } } }")

    assert ended["data"]["sessionEnd"]["userErrors"] == []


def test_the_province_acts_in_no_suspended_place_but_to_resume_it(
    client: Client, demo_database: Database
) -> None:
    place = own_place(client, HERE)
    suspend(client, "p41-admin", place, reason="整改")
    before = everything(demo_database)

    assert said(invite(client, "p41-admin", place, "newcomer")) == "PLACE_SUSPENDED"
    assert said(suspend(client, "p41-admin", place)) == "WRONG_STATE"
    assert everything(demo_database) == before
    assert said(resume(client, "p41-admin", place, reason="整改完成")) == "ALLOW"
    kept = rows(demo_database, "SELECT tenant_id, act, reason FROM acts_as ORDER BY recorded_at")
    there = place_of(demo_database, "410173000000")
    assert [tuple(row) for row in kept] == [
        (there, "place.suspend", "整改"),
        (there, "place.resume", "整改完成"),
    ]


def test_a_suspension_sent_again_is_answered_and_written_once(
    client: Client, demo_database: Database
) -> None:
    place = own_place(client, HERE)
    first = suspend(client, "p41-admin", place, reason="整改")
    before = everything(demo_database)

    assert suspend(client, "p41-admin", place, reason="整改") == first
    assert everything(demo_database) == before
    assert said(suspend(client, "p41-admin", place, reason="另一理由")) == "WRONG_STATE"
    assert said(resume(client, "p41-admin", place)) == "ALLOW"
    assert said(resume(client, "p41-admin", place)) == "ALLOW"
    assert len(acts(demo_database, "place.resume")) == 2


def test_both_places_keep_a_suspension(client: Client, demo_database: Database) -> None:
    suspend(client, "p41-admin", own_place(client, HERE))

    kept = rows(
        demo_database,
        "SELECT p.code, e.details::text AS details FROM audit_entries e JOIN places p ON p.id = e.tenant_id"
        " WHERE e.act = 'place.suspend' ORDER BY p.code DESC",
    )
    assert [row["code"] for row in kept] == ["410173000000", "410000000000"]
    assert "演示暂停" not in kept[0]["details"]


@pytest.mark.parametrize(
    ("login", "whose", "code"),
    [
        ("p62-admin", HERE, "NOT_FOUND"),
        ("p41-admin", "p41-admin", "NOT_FOUND"),
        ("p41-auditor", HERE, "FORBIDDEN"),
        ("hn-admin", HERE, "FORBIDDEN"),
    ],
    ids=["外省", "自己", "审计员", "县级管理员"],
)
def test_only_the_province_above_suspends(
    client: Client, demo_database: Database, login: str, whose: str, code: str
) -> None:
    place = own_place(client, whose)
    before = everything(demo_database)

    assert said(suspend(client, login, place)) == code
    assert said(resume(client, login, place)) == code
    assert everything(demo_database) == before


def test_a_reason_is_asked_for(client: Client, demo_database: Database) -> None:
    place = own_place(client, HERE)
    before = everything(demo_database)

    assert said(suspend(client, "p41-admin", place, reason=" ")) == "INVALID"
    assert said(suspend(client, "p41-admin", place, reason="x" * 501)) == "INVALID"
    assert everything(demo_database) == before


def test_the_county_s_administrators_are_told_what_a_place_above_did(
    client: Client, demo_database: Database
) -> None:
    place = own_place(client, HERE)
    suspend(client, "p41-admin", place)
    resume(client, "p41-admin", place)
    invite(client, "p41-admin", place, "added-admin")

    seen = client.ask("{ notices { nodes { kind message subject { id } } } }", as_="hn-admin")["notices"][
        "nodes"
    ]

    assert [notice["kind"] for notice in seen] == ["county_admin_invite", "place_resume", "place_suspend"]
    assert seen[0]["message"] == "上级为本地邀请了一名管理员"
    assert {notice["subject"]["id"] for notice in seen} == {place}
    assert told(demo_database, "place_suspend") == ["hn-admin", "hn-checker"]
    assert client.ask("{ viewer { unreadCount } }", as_=HERE)["viewer"]["unreadCount"] == 0
