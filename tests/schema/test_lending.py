"""Lending a post (代理) through the front door: to whom, for what, for how long, and back again."""

from typing import Any

import pytest

from policies.access import authority
from tests.client import Client
from tests.conftest import Database
from tests.front_door import acts, opened, person_of, post_of, queue, record, rows, said, sign
from tests.front_door import told as notices_of
from tests.schema.authorization_world import global_id

PRINCIPAL, DEPUTY, ADMIN = "hn-township-secretary", "hn-village-secretary", "hn-admin"
SIGNING = [authority("township_party_committee"), "request.read"]
ANSWER = (
    "post { id isActing basis limitedTo beginsOn endsOn } person { name } userErrors { code message path }"
)
GIVE = f"mutation ($input: PostDelegateInput!) {{ postDelegate(input: $input) {{ {ANSWER} }} }}"
REVOKE = f"mutation ($post: ID!) {{ postRevoke(post: $post) {{ {ANSWER} }} }}"


def give(client: Client, behind: Database, login: str = PRINCIPAL, **more: Any) -> dict[str, Any]:
    asked = {
        "post": str(post_of(behind, login)),
        "person": global_id("Person", person_of(behind, DEPUTY)),
        "permissions": SIGNING,
        "beginsOn": "2018-06-15",
        "endsOn": "2018-06-30",
    }
    return dict(client.ask(GIVE, {"input": asked | more}, as_=login)["postDelegate"])


def revoke(client: Client, post: str, login: str) -> dict[str, Any]:
    return dict(client.ask(REVOKE, {"post": post}, as_=login)["postRevoke"])


def test_who_stands_in_signs_until_it_is_revoked(client: Client, demo_database: Database) -> None:
    given = give(client, demo_database)

    assert said(given) == "ALLOW"
    assert (given["post"]["isActing"], given["post"]["basis"]) == (True, "delegation")
    assert given["post"]["limitedTo"] == sorted(SIGNING)
    assert notices_of(demo_database, "delegation_given") == [DEPUTY]
    first, second = (
        opened(client, "hn-first-secretary", begins, ends)
        for begins, ends in (("06-18", "06-19"), ("07-02", "07-03"))
    )
    assert said(sign(client, DEPUTY, first)) == "ALLOW"

    revoked = revoke(client, given["post"]["id"], PRINCIPAL)
    assert (said(revoked), revoked["post"]["limitedTo"]) == ("ALLOW", [])
    assert said(sign(client, DEPUTY, second)) != "ALLOW"
    assert queue(client, DEPUTY) == []
    assert notices_of(demo_database, "delegation_ended") == [DEPUTY]
    assert said(revoke(client, given["post"]["id"], PRINCIPAL)) == "WRONG_STATE"
    assert [len(acts(demo_database, act)) for act in ("post.delegate", "post.revoke")] == [1, 1]


@pytest.mark.parametrize(
    ("more", "code", "where"),
    [
        ({"permissions": []}, "INVALID", ["permissions"]),
        ({"permissions": ["audit.read"]}, "INVALID", ["permissions"]),
        ({"permissions": ["leave.submit"]}, "INVALID", ["permissions"]),
        ({"permissions": ["post.delegate"]}, "INVALID", ["permissions"]),
        ({"beginsOn": "2018-06-14"}, "INVALID", ["beginsOn"]),
        ({"endsOn": "2018-06-15"}, "INVALID", ["endsOn"]),
    ],
)
def test_what_is_not_to_be_lent(
    client: Client, demo_database: Database, more: dict[str, Any], code: str, where: list[str]
) -> None:
    before = record(demo_database, "posts")

    answer = give(client, demo_database, **more)

    assert (said(answer), answer["userErrors"][0]["path"]) == (code, where)
    assert record(demo_database, "posts") == before
    assert said(give(client, demo_database)) == "ALLOW"


def test_no_longer_than_one_holds_the_post(client: Client, demo_database: Database) -> None:
    rows(
        demo_database,
        "UPDATE posts SET ends_on = '2018-06-20' WHERE id = $1",
        post_of(demo_database, PRINCIPAL),
    )

    assert give(client, demo_database)["userErrors"][0]["path"] == ["endsOn"]
    assert said(give(client, demo_database, endsOn="2018-06-20")) == "ALLOW"


def test_one_lends_one_s_own_post_to_another(client: Client, demo_database: Database) -> None:
    before = record(demo_database, "posts")
    others = {"post": str(post_of(demo_database, "hn-township-mayor"))}
    himself = {"person": global_id("Person", person_of(demo_database, PRINCIPAL))}
    unseen = {"person": global_id("Person", person_of(demo_database, "hn-county-secretary"))}

    paths = [give(client, demo_database, **one)["userErrors"][0]["path"] for one in (others, himself, unseen)]

    assert paths == [["post"], ["actingFor"], ["person"]]
    assert record(demo_database, "posts") == before


def test_nobody_lends_what_was_lent_to_him(client: Client, demo_database: Database) -> None:
    acting = give(client, demo_database)["post"]["id"]
    before = record(demo_database, "posts")

    again = give(client, demo_database, DEPUTY, post=acting)

    assert (said(again), again["userErrors"][0]["path"]) == ("NOT_FOUND", ["post"])
    assert record(demo_database, "posts") == before


def test_an_office_is_not_lent(client: Client, demo_database: Database) -> None:
    before = record(demo_database, "posts")

    answer = give(client, demo_database, ADMIN, permissions=["profile.publish"])

    assert (said(answer), answer["userErrors"][0]["path"]) == ("INVALID", ["permissions"])
    assert record(demo_database, "posts") == before


@pytest.mark.parametrize(
    ("login", "answer"),
    [(PRINCIPAL, "ALLOW"), (ADMIN, "ALLOW"), (DEPUTY, "NOT_FOUND"), ("hn-township-mayor", "NOT_FOUND")],
)
def test_who_may_revoke(client: Client, demo_database: Database, login: str, answer: str) -> None:
    acting = give(client, demo_database)["post"]["id"]
    before = record(demo_database, "posts")

    assert said(revoke(client, acting, login)) == answer
    assert (record(demo_database, "posts") == before) is (answer != "ALLOW")
