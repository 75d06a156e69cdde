"""How long a posting lasts (SC 四（二）1), and other work during it (四（二）3)."""

from typing import Any

import pytest

from tests.client import Client
from tests.conftest import Database
from tests.front_door import acts, record, said
from tests.schema.registering import open_post, registered, told

ADMIN, VILLAGE, OTHER_VILLAGE = "sc-admin", "513221102200", "513221103200"
TENURE, OTHER_WORK = "SC-4.2.1-3", "SC-4.2.3-1"
WRITTEN = ("posts", "persons")
WHY = "因病不能驻村，县委组织部同意"


def posted(client: Client, role: str = "first_secretary", begins: str = "2016-06-15", **more: Any) -> str:
    """The post of a new person since a day."""
    person = registered(client, ADMIN, "演示驻村干部")
    answer = open_post(client, ADMIN, person, role, VILLAGE, beginsOn=begins, **more)
    assert said(answer) == "ALLOW", answer
    return str(answer["post"]["id"])


def end(client: Client, post: str, on: str, **more: Any) -> dict[str, Any]:
    return told(client, ADMIN, "postEnd", post=post, on=on, **more)


@pytest.mark.parametrize(
    ("_case", "role", "on", "answer"),
    [
        ("驻村满2年", "first_secretary", "2018-06-15", "ALLOW"),
        ("差一天满2年", "first_secretary", "2018-06-14", "DENIED"),
        ("队员，23个月", "village_team_member", "2018-05-15", "DENIED"),
        ("村干部不是派驻", "village_cadre", "2018-05-15", "ALLOW"),
    ],
)
def test_a_posting_lasts_two_years(
    client: Client, demo_database: Database, _case: str, role: str, on: str, answer: str
) -> None:
    post = posted(client, role)
    before = record(demo_database, *WRITTEN)

    found = end(client, post, on)

    assert said(found) == answer
    if answer == "DENIED":
        error = found["userErrors"][0]
        assert error["rule"] == TENURE
        assert error["message"] == "不符合文件规定：「每批次驻村工作时间不得少于2年」"
        assert record(demo_database, *WRITTEN) == before
        # A reason does not help against what must be.
        assert said(end(client, post, on, why=WHY)) == "DENIED"
    elif role == "first_secretary":
        assert acts(demo_database, "post.end")[-1]["rules"] == [TENURE]


def test_a_post_is_not_opened_to_end_too_early(client: Client, demo_database: Database) -> None:
    person = registered(client, ADMIN, "演示驻村干部")
    before = record(demo_database, *WRITTEN)
    asked = {"beginsOn": "2018-06-15"}

    early = open_post(client, ADMIN, person, "first_secretary", VILLAGE, **asked, endsOn="2020-06-14")
    assert (said(early), early["userErrors"][0]["rule"]) == ("DENIED", TENURE)
    assert record(demo_database, *WRITTEN) == before
    assert (
        said(open_post(client, ADMIN, person, "first_secretary", VILLAGE, **asked, endsOn="2020-06-15"))
        == "ALLOW"
    )


def test_other_work_during_a_posting_wants_a_reason(client: Client, demo_database: Database) -> None:
    person = registered(client, ADMIN, "演示驻村干部")
    assert said(open_post(client, ADMIN, person, "first_secretary", VILLAGE)) == "ALLOW"
    before = record(demo_database, *WRITTEN)

    silent = open_post(client, ADMIN, person, "village_cadre", OTHER_VILLAGE)
    assert said(silent) == "REASON_REQUIRED"
    error = silent["userErrors"][0]
    assert (error["path"], error["rule"]) == (["justification"], OTHER_WORK)
    assert record(demo_database, *WRITTEN) == before

    told_why = open_post(client, ADMIN, person, "village_cadre", OTHER_VILLAGE, justification=WHY)
    assert (said(told_why), told_why["post"]["justification"]) == ("ALLOW", WHY)
    assert told_why["decision"]["outcome"] == "WARN"
    assert acts(demo_database, "post.open")[-1]["rules"] == [OTHER_WORK]
    assert WHY not in str(acts(demo_database, "post.open"))


def test_more_in_the_same_village_is_no_other_work(client: Client) -> None:
    person = registered(client, ADMIN, "演示驻村干部")

    for role in ("village_team_member", "first_secretary"):
        assert said(open_post(client, ADMIN, person, role, VILLAGE)) == "ALLOW"


def test_who_is_not_posted_takes_other_work(client: Client) -> None:
    person = registered(client, ADMIN, "演示村干部")

    for code in (VILLAGE, OTHER_VILLAGE):
        assert said(open_post(client, ADMIN, person, "village_cadre", code)) == "ALLOW"


def test_a_county_whose_document_is_silent_ends_a_post_on_any_day(client: Client) -> None:
    person = registered(client, "hn-admin", "演示驻村干部")
    opened = open_post(client, "hn-admin", person, "first_secretary", "410173113202")
    assert opened["decision"]["outcome"] == "UNSPECIFIED"

    ended = told(client, "hn-admin", "postEnd", post=opened["post"]["id"], on="2018-06-16")

    assert (said(ended), ended["decision"]["outcome"]) == ("ALLOW", "UNSPECIFIED")
