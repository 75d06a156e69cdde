"""Administrators are invited, again or beside one another; the last invitation holds, and only from above."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.client import Client
from tests.conftest import Database
from tests.front_door import acts, held, rows, said
from tests.onboarding import accept, everything, invite, onboard

COUNTY, GD = "440823", "440000000000"


def test_an_administrator_is_invited_anew_or_beside(client: Client, demo_database: Database) -> None:
    first = onboard(client, "p44-admin", COUNTY, base="GD")
    place = first["place"]["id"]

    renewed = invite(client, "p44-admin", place, "C440823-admin")
    second = invite(client, "p44-admin", place, "c440823-deputy")

    assert accept(client, first["invitation"]["token"], "x") == "INVITATION_SPENT"
    assert accept(client, renewed["invitation"]["token"], "c440823-admin") == "ALLOW"
    assert accept(client, second["invitation"]["token"], "c440823-deputy") == "ALLOW"
    reasons = rows(demo_database, "SELECT act, person_name, reason FROM acts_as ORDER BY recorded_at")
    assert [tuple(row) for row in reasons] == [
        ("county.onboard", "演示省级管理员", None),
        ("county_admin.invite", "演示省级管理员", "补充一名管理员"),
        ("county_admin.invite", "演示省级管理员", "补充一名管理员"),
    ]
    assert "补充" not in str(acts(demo_database, "county_admin.invite"))


@pytest.mark.parametrize("is_the_act_again", [False, True], ids=["邀请", "重新开通"])
def test_an_invitation_accepted_meanwhile_is_the_last(
    client: Client, demo_database: Database, is_the_act_again: bool
) -> None:
    place = onboard(client, "p44-admin", COUNTY, base="GD")["place"]["id"]

    def ask() -> dict[str, Any]:
        if is_the_act_again:
            return onboard(client, "p44-admin", COUNTY, base="GD")
        return invite(client, "p44-admin", place, "c440823-admin")

    setting = "UPDATE accounts SET password_hash = 'his own' WHERE login = 'c440823-admin' RETURNING id"
    with ThreadPoolExecutor(1) as meanwhile:
        with held(demo_database, setting, then="COMMIT"):
            asked = meanwhile.submit(ask)
            time.sleep(0.5)
        answer = asked.result()

    assert (said(answer), answer["invitation"]) == ("ALLOW" if is_the_act_again else "LOGIN_TAKEN", None)


def place_id(client: Client, login: str) -> str:
    return str(client.ask("{ place { id } }", as_=login)["place"]["id"])


def test_nobody_is_invited_where_the_province_does_not_reach(client: Client, demo_database: Database) -> None:
    here, there = place_id(client, "mz-admin"), place_id(client, "tw-admin")
    own = place_id(client, "p44-admin")
    before = everything(demo_database)

    assert said(invite(client, "p44-admin", there, "newcomer")) == "NOT_FOUND"
    assert said(invite(client, "p44-admin", own, "newcomer")) == "NOT_FOUND"
    assert said(invite(client, "p44-admin", here, "mz-admin")) == "LOGIN_TAKEN"
    assert said(invite(client, "p44-admin", here, "tw-admin")) == "LOGIN_TAKEN"
    assert said(invite(client, "p44-admin", here, "newcomer", reason=" ")) == "INVALID"
    assert said(invite(client, "mz-admin", here, "newcomer")) == "FORBIDDEN"
    assert everything(demo_database) == before
    assert said(invite(client, "p44-admin", here, "newcomer")) == "ALLOW"
