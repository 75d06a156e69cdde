"""The days of a leave: how they count and add up, one day more, coming back; and outings."""

from typing import Any

import pytest

from tests.api.signers import HERE
from tests.client import Client
from tests.conftest import Database
from tests.front_door import (
    EXTEND,
    RETURN,
    acts,
    file_outing,
    opened,
    organs,
    queue,
    record,
    reject,
    rows,
    rules,
    said,
    sign,
    submit,
    told,
    withdraw,
)


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


def test_a_rejected_leave_no_longer_adds_up(client: Client) -> None:
    request = opened(client, "hn-first-secretary", "06-18", "06-20")
    reject(client, "hn-township-secretary", request, "改日再请")

    again = submit(client, "hn-first-secretary", "06-21", "06-21")

    assert again["leave"]["daysJudged"] == "1.0"


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


GIVE_UP = "mutation ($id: ID!) { leaveCancel(id: $id) { leave { state } userErrors { code message path } } }"


def test_a_leave_that_was_extended_is_not_given_up_before_its_extension(
    client: Client, demo_database: Database
) -> None:
    """The extension was judged by the sum of both; alone it would be a leave that nobody has judged."""
    login = "hn-first-secretary"
    first = submit(client, login, "06-18", "06-19")["leave"]
    sign(client, "hn-township-secretary", first["request"]["id"])
    extended = client.ask(EXTEND, {"id": first["id"], "input": {"until": "2018-06-22"}}, as_=login)
    before = record(demo_database)

    refused = client.ask(GIVE_UP, {"id": first["id"]}, as_=login)["leaveCancel"]

    assert (said(refused), refused["userErrors"][0]["path"]) == ("INVALID", ["id"])
    assert "请先撤回或取消续假" in refused["userErrors"][0]["message"]
    assert record(demo_database) == before
    withdraw(client, login, extended["leaveExtend"]["leave"]["request"]["id"])
    given_up = client.ask(GIVE_UP, {"id": first["id"]}, as_=login)["leaveCancel"]
    assert given_up == {"leave": {"state": "WITHDRAWN"}, "userErrors": []}


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
