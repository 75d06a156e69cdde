"""A request once it is open: who hears of it, how it ends early, and what a repeated command does."""

from tests.api.signers import BOTH, EVERYBODY, HERE
from tests.client import Client
from tests.conftest import Database
from tests.front_door import (
    NOTICES,
    offered,
    opened,
    queue,
    record,
    reject,
    rows,
    said,
    sign,
    submit,
    told,
    why,
    withdraw,
)


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
