"""Signing out, standing elsewhere, acting in one post: what ends, ends at once."""

from base64 import b64encode
from typing import Any
from uuid import UUID, uuid4

from tenants import people
from tests.client import Client
from tests.conftest import Database
from tests.front_door import (
    DAY,
    arrange,
    opened,
    person_of,
    place_of,
    post_of,
    queue,
    record,
    rows,
    said,
    sign,
    submit,
)
from tests.schema.sessions import (
    ANSWER,
    HERE,
    LOGIN,
    SESSIONS,
    THERE,
    VIEWER,
    account,
    is_refused,
    open_session,
    refresh,
    with_token,
)

SWITCH = f"mutation ($place: ID, $post: ID) {{ sessionSwitch(place: $place, post: $post) {ANSWER} }}"
END = "mutation { sessionEnd { userErrors { code } } }"


def switch(client: Client, login: str, **where: str | None) -> dict[str, Any]:
    """Moves the session of a login, and keeps its new access token for what it asks next."""
    answer: dict[str, Any] = client.ask(SWITCH, where, as_=login)["sessionSwitch"]
    if answer["session"]:
        client.tokens[login] = answer["session"]["accessToken"]
    return answer


def test_signing_out_ends_both_tokens_and_no_other_session(client: Client) -> None:
    here, elsewhere = open_session(client)["session"], open_session(client)["session"]

    ended = with_token(client, here["accessToken"], END)

    assert (ended["data"], "errors" in ended) == ({"sessionEnd": {"userErrors": []}}, False)
    assert is_refused(with_token(client, here["accessToken"]))
    assert said(refresh(client, here["refreshToken"])) == "SESSION_ENDED"
    assert not is_refused(with_token(client, elsewhere["accessToken"]))


BROKEN = """
mutation ($token: String!, $asked: Boolean = true) {
  sessionRefresh(refreshToken: $token) { userErrors { code @include(if: $asked) } }
}
"""


def test_a_spent_token_ends_the_session_whatever_became_of_its_answer(
    client: Client, demo_database: Database
) -> None:
    first = open_session(client)["session"]
    second = refresh(client, first["refreshToken"])["session"]
    rows(demo_database, "UPDATE sessions SET refreshed_at = refreshed_at - interval '1 minute'")
    assert not is_refused(with_token(client, second["accessToken"]))

    assert client.post(BROKEN, {"token": first["refreshToken"], "asked": None})["errors"]

    assert is_refused(with_token(client, second["accessToken"]))


def test_a_disabled_account_is_out_with_its_next_request(client: Client, demo_database: Database) -> None:
    tokens = open_session(client)["session"]
    assert not is_refused(with_token(client, tokens["accessToken"]))

    rows(demo_database, "UPDATE accounts SET disabled_at = now() WHERE login = $1", LOGIN)

    assert is_refused(with_token(client, tokens["accessToken"]))
    assert said(open_session(client)) == "SIGN_IN_FAILED"


def second_post(behind: Database, login: str) -> str:
    person = person_of(behind, login)

    async def opens() -> people.Post:
        return await people.open_post(person, "first_secretary", "410173113202", DAY)

    return str(arrange(behind, HERE, opens).id)


def test_acting_in_one_post_narrows_what_one_may_and_all_posts_give_it_back(
    client: Client, demo_database: Database
) -> None:
    login = "hn-township-secretary"
    village = second_post(demo_database, login)
    request = opened(client, LOGIN, "06-18", "06-20")
    whole = client.ask(VIEWER, as_=login)["viewer"]
    assert (len(whole["posts"]), queue(client, login)) == (2, [request])

    switch(client, login, post=village)

    narrow = client.ask(VIEWER, as_=login)["viewer"]
    assert [post["id"] for post in narrow["posts"]] == [village]
    assert len(narrow["heldPosts"]) == 2
    assert set(narrow["permissions"]) < set(whole["permissions"])
    assert queue(client, login) == []
    assert said(sign(client, login, request)) == "NOT_FOUND"
    switch(client, login, post=None)
    assert client.ask(VIEWER, as_=login)["viewer"] == whole
    assert said(sign(client, login, request)) == "ALLOW"


def test_nobody_acts_in_a_post_that_is_not_his_or_has_ended(client: Client, demo_database: Database) -> None:
    login = "hn-township-secretary"
    mine, theirs = second_post(demo_database, login), str(post_of(demo_database, "hn-township-mayor"))
    foreign = str(post_of(demo_database, "tw-township-secretary"))
    ended = UUID(second_post(demo_database, login))
    rows(
        demo_database,
        "UPDATE posts SET begins_on = $2, ends_on = $3 WHERE id = $1",
        ended,
        DAY.replace(day=1),
        DAY,
    )
    client.token(login)
    before = rows(demo_database, SESSIONS)

    for post in (theirs, foreign, str(ended), str(uuid4()), "1", ""):
        answer = switch(client, login, post=post)
        assert (said(answer), answer["userErrors"][0]["path"]) == ("NOT_FOUND", ["post"]), post
    assert rows(demo_database, SESSIONS) == before

    assert said(switch(client, login, post=mine)) == "ALLOW"


def global_id(behind: Database, code: str) -> str:
    return b64encode(f"Place:{place_of(behind, code)}".encode()).decode()


def test_nobody_stands_where_he_has_no_person(client: Client, demo_database: Database) -> None:
    client.token(LOGIN)
    before = rows(demo_database, SESSIONS)
    nowhere = b64encode(f"Place:{uuid4()}".encode()).decode()
    no_place = b64encode(f"Leave:{place_of(demo_database, HERE)}".encode()).decode()

    for place in (global_id(demo_database, THERE), nowhere, no_place):
        answer = switch(client, LOGIN, place=place)
        assert (said(answer), answer["userErrors"][0]["path"]) == ("NOT_FOUND", ["place"]), place

    assert rows(demo_database, SESSIONS) == before
    assert said(switch(client, LOGIN, place=global_id(demo_database, HERE))) == "ALLOW"


def also_there(behind: Database, login: str) -> None:
    """A person of the other county with the same account, who heads a township's Party committee."""
    owner = account(behind, login)["id"]

    async def settles() -> None:
        person = await people.create(name="演示两地任职", account_id=owner, is_demo=True)
        await people.open_post(person.id, "township_party_secretary", "621121101000", DAY)

    arrange(behind, THERE, settles)


def test_moving_to_another_place_leaves_this_one_at_once(client: Client, demo_database: Database) -> None:
    also_there(demo_database, LOGIN)
    before = client.token(LOGIN)
    here = client.ask(VIEWER, as_=LOGIN)["viewer"]
    assert [place["name"] for place in here["places"]] == ["郑州航空港经济综合实验区", "通渭县"]
    theirs = opened(client, "tw-first-secretary", "06-18", "06-20")
    assert said(sign(client, LOGIN, theirs)) == "NOT_FOUND"

    switch(client, LOGIN, place=global_id(demo_database, THERE))

    assert is_refused(with_token(client, before))
    there = client.ask(VIEWER, as_=LOGIN)["viewer"]
    assert (there["name"], there["place"]["name"]) == ("演示两地任职", "通渭县")
    assert [post["role"]["id"] for post in there["posts"]] == ["township_party_secretary"]
    assert said(sign(client, LOGIN, theirs)) == "ALLOW"
    assert said(submit(client, LOGIN, "06-18", "06-20")) == "UNSPECIFIED"
    switch(client, LOGIN, place=global_id(demo_database, HERE))
    assert client.ask(VIEWER, as_=LOGIN)["viewer"] == here
    assert said(submit(client, LOGIN, "06-18", "06-20")) == "ALLOW"


def test_a_post_of_the_place_left_behind_is_not_named_on_the_way(
    client: Client, demo_database: Database
) -> None:
    also_there(demo_database, LOGIN)
    (post,) = rows(
        demo_database, "SELECT id FROM posts WHERE role = 'township_party_secretary' AND begins_on = $1", DAY
    )

    both = switch(client, LOGIN, place=global_id(demo_database, THERE), post=str(post["id"]))

    assert (said(both), both["userErrors"][0]["path"]) == ("NOT_FOUND", ["post"])
    switch(client, LOGIN, place=global_id(demo_database, THERE))
    assert said(switch(client, LOGIN, post=str(post["id"]))) == "ALLOW"


def test_a_post_that_has_ended_is_gone_with_the_very_next_request(
    client: Client, demo_database: Database
) -> None:
    request = opened(client, LOGIN, "06-18", "06-20")
    assert queue(client, "hn-township-secretary") == [request]
    before = record(demo_database)

    for login in ("hn-township-secretary", "hn-team-member"):
        client.token(login)
        rows(
            demo_database,
            "UPDATE posts SET ends_on = $1 WHERE person_id = $2",
            DAY,
            person_of(demo_database, login),
        )

    assert queue(client, "hn-township-secretary") == []
    assert said(sign(client, "hn-township-secretary", request)) in ("NOT_FOUND", "FORBIDDEN")
    assert said(submit(client, "hn-team-member", "06-18", "06-20")) == "FORBIDDEN"
    assert client.ask(VIEWER, as_="hn-team-member")["viewer"]["permissions"] == []
    assert record(demo_database) == before
    rows(demo_database, "UPDATE posts SET ends_on = NULL WHERE ends_on = $1", DAY)
    assert said(sign(client, "hn-township-secretary", request)) == "ALLOW"
