"""Signing in, renewing, standing elsewhere, signing out: what ends, ends at once; what failed, is kept."""

from base64 import b64encode, urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest

from api.demo import PASSWORD
from tenants import accounts, clock, people
from tenants.secrets import Claims, Signer
from tests.client import Client
from tests.conftest import KEY, Database
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

HERE, THERE = "410173000000", "621121000000"
LOGIN = "hn-first-secretary"
ANSWER = "{ session { accessToken refreshToken expiresAt } userErrors { code message path } }"
OPEN = f"""
mutation ($login: String!, $password: String!) {{ sessionOpen(login: $login, password: $password) {ANSWER} }}
"""
REFRESH = f"mutation ($token: String!) {{ sessionRefresh(refreshToken: $token) {ANSWER} }}"
SWITCH = f"mutation ($place: ID, $post: ID) {{ sessionSwitch(place: $place, post: $post) {ANSWER} }}"
END = "mutation { sessionEnd { userErrors { code } } }"
ACCEPT = f"""
mutation ($token: String!, $password: String!) {{
  invitationAccept(token: $token, password: $password) {ANSWER}
}}
"""
SESSIONS = "SELECT * FROM sessions ORDER BY created_at DESC"
VIEWER = """
{ viewer { name place { id name } posts { id role { id } } heldPosts { id } places { name } permissions } }
"""


def open_session(client: Client, login: str = LOGIN, password: str = PASSWORD) -> dict[str, Any]:
    return dict(client.ask(OPEN, {"login": login, "password": password})["sessionOpen"])


def refresh(client: Client, token: str) -> dict[str, Any]:
    return dict(client.ask(REFRESH, {"token": token})["sessionRefresh"])


def accept(client: Client, token: str, password: str) -> dict[str, Any]:
    return dict(client.ask(ACCEPT, {"token": token, "password": password})["invitationAccept"])


def switch(client: Client, login: str, **where: str | None) -> dict[str, Any]:
    """Moves the session of a login, and keeps its new access token for what it asks next."""
    answer: dict[str, Any] = client.ask(SWITCH, where, as_=login)["sessionSwitch"]
    if answer["session"]:
        client.tokens[login] = answer["session"]["accessToken"]
    return answer


def with_token(client: Client, token: str, query: str = VIEWER) -> dict[str, Any]:
    return client.post(query, authorization=f"Bearer {token}")


def is_refused(answer: dict[str, Any]) -> bool:
    codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
    assert codes in ([], ["UNAUTHENTICATED"])
    return bool(codes)


def account(behind: Database, login: str = LOGIN) -> dict[str, Any]:
    (row,) = rows(behind, "SELECT * FROM accounts WHERE login = $1", login)
    return dict(row)


def test_a_session_begins_in_the_persons_place_with_all_his_posts(client: Client) -> None:
    answer = open_session(client, " HN-First-Secretary ")

    assert said(answer) == "ALLOW"
    viewer = with_token(client, answer["session"]["accessToken"])["data"]["viewer"]
    assert viewer["name"] == "演示第一书记"
    assert [post["role"]["id"] for post in viewer["posts"]] == ["first_secretary"]
    assert [place["name"] for place in viewer["places"]] == [viewer["place"]["name"]]


def test_an_unknown_name_answers_like_a_wrong_password(client: Client, demo_database: Database) -> None:
    before = rows(demo_database, SESSIONS)

    wrong = open_session(client, password="not the password")
    unknown = open_session(client, "nobody-at-all")

    assert said(wrong) == "SIGN_IN_FAILED"
    assert wrong == unknown
    assert rows(demo_database, SESSIONS) == before
    assert said(open_session(client)) == "ALLOW"
    assert len(rows(demo_database, SESSIONS)) == len(before) + 1


def test_five_wrong_passwords_lock_the_account_for_a_while(client: Client, demo_database: Database) -> None:
    for failures in (1, 2, 3, 4):
        assert said(open_session(client, password="not the password")) == "SIGN_IN_FAILED"
        assert account(demo_database)["failures"] == failures
    assert account(demo_database)["locked_until"] is None

    assert said(open_session(client, password="not the password")) == "SIGN_IN_FAILED"

    locked = open_session(client)
    assert (said(locked), locked["session"]) == ("SIGN_IN_FAILED", None)
    assert "锁定 15 分钟" in locked["userErrors"][0]["message"]
    until = account(demo_database)["locked_until"]
    assert timedelta(minutes=14) < until - clock.now() <= timedelta(minutes=15)
    assert said(open_session(client, "hn-team-member")) == "ALLOW"
    rows(demo_database, "UPDATE accounts SET locked_until = now() - interval '1 second'")
    assert said(open_session(client)) == "ALLOW"


def test_a_locked_account_does_not_tell_a_right_password_from_a_wrong_one(client: Client) -> None:
    for _ in range(5):
        open_session(client, password="not the password")

    assert open_session(client) == open_session(client, password="not the password")


def test_a_right_password_forgets_the_failures_before_it(client: Client, demo_database: Database) -> None:
    for _ in range(4):
        open_session(client, password="not the password")

    assert said(open_session(client)) == "ALLOW"

    assert account(demo_database)["failures"] == 0


def test_one_document_tries_one_password(client: Client) -> None:
    tries = " ".join(
        f't{n}: sessionOpen(login: "{LOGIN}", password: "{n}") {{ userErrors {{ code }} }}' for n in range(3)
    )

    answer = client.post(f"mutation {{ {tries} }}")

    assert {error["extensions"]["code"] for error in answer["errors"]} == {
        "MUTATION_NOT_SINGLE",
        "SIGN_IN_REPEATED",
    }


@pytest.mark.parametrize("login", ["", "x" * 65, "ß" * 40, "x" * 100_000, "hn\0admin"])
def test_a_name_that_no_account_can_have_is_refused(client: Client, login: str) -> None:
    assert said(open_session(client, login)) in ("SIGN_IN_FAILED", "INVALID")


def test_a_refresh_token_is_good_once(
    client: Client, demo_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = open_session(client)["session"]
    second = refresh(client, first["refreshToken"])["session"]
    assert second["refreshToken"] != first["refreshToken"]
    assert not is_refused(with_token(client, second["accessToken"]))
    monkeypatch.setattr(accounts, "RETRY_LEEWAY", timedelta(0))

    stolen = refresh(client, first["refreshToken"])

    assert (said(stolen), stolen["session"]) == ("SESSION_ENDED", None)
    assert is_refused(with_token(client, second["accessToken"]))
    assert said(refresh(client, second["refreshToken"])) == "SESSION_ENDED"
    assert rows(demo_database, SESSIONS)[0]["ended_at"] is not None


def test_a_client_that_lost_the_answer_may_ask_again_at_once(client: Client) -> None:
    first = open_session(client)["session"]
    refresh(client, first["refreshToken"])

    again = refresh(client, first["refreshToken"])

    assert said(again) == "ALLOW"
    assert said(refresh(client, again["session"]["refreshToken"])) == "ALLOW"


def test_a_guessed_refresh_token_neither_renews_nor_ends_a_session(
    client: Client, demo_database: Database
) -> None:
    real = open_session(client)["session"]
    session_id, _, secret = real["refreshToken"].partition(".")

    for token in (f"{session_id}.{'x' * len(secret)}", f"{uuid4()}.{secret}", secret, "", "a.b"):
        assert said(refresh(client, token)) == "SESSION_ENDED", token

    assert not is_refused(with_token(client, real["accessToken"]))
    assert said(refresh(client, real["refreshToken"])) == "ALLOW"


def test_a_session_is_not_renewed_for_ever(client: Client, demo_database: Database) -> None:
    tokens = open_session(client)["session"]
    assert not is_refused(with_token(client, tokens["accessToken"]))

    rows(demo_database, "UPDATE sessions SET expires_at = now()")

    assert is_refused(with_token(client, tokens["accessToken"]))
    assert said(refresh(client, tokens["refreshToken"])) == "SESSION_ENDED"


def test_signing_out_ends_both_tokens_and_no_other_session(client: Client) -> None:
    here, elsewhere = open_session(client)["session"], open_session(client)["session"]

    ended = with_token(client, here["accessToken"], END)

    assert ended == {"data": {"sessionEnd": {"userErrors": []}}}
    assert is_refused(with_token(client, here["accessToken"]))
    assert said(refresh(client, here["refreshToken"])) == "SESSION_ENDED"
    assert not is_refused(with_token(client, elsewhere["accessToken"]))


def claims(behind: Database) -> Claims:
    session = rows(behind, SESSIONS)[0]
    return Claims(session["account_id"], session["id"], session["place_id"])


def test_an_access_token_lives_fifteen_minutes(client: Client, demo_database: Database) -> None:
    open_session(client)
    own = claims(demo_database)

    def issued(minutes: int) -> str:
        return Signer(KEY).access_token(own, clock.now() - timedelta(minutes=minutes))

    assert not is_refused(with_token(client, issued(14)))
    assert is_refused(with_token(client, issued(15)))


def forged(token: str) -> dict[str, str]:
    """Tokens that are nearly the one we gave."""
    head, body, signature = token.split(".")
    said_in = orjson.loads(urlsafe_b64decode(body + "=="))

    def part(value: object) -> str:
        return urlsafe_b64encode(orjson.dumps(value)).rstrip(b"=").decode()

    own = Claims(UUID(said_in["sub"]), UUID(said_in["sid"]), UUID(said_in["place"]))
    return {
        "another body": f"{head}.{part({**said_in, 'sub': str(uuid4())})}.{signature}",
        "a later end": f"{head}.{part({**said_in, 'exp': said_in['exp'] + 9999})}.{signature}",
        "no signature": f"{head}.{body}.",
        "no algorithm": f"{part({'alg': 'none', 'typ': 'JWT'})}.{body}.",
        "another key": Signer(b"another key, and 32 bytes or more of it").access_token(own),
        "half a token": f"{head}.{body}",
        "no token": "",
        "noise": "x.y.z",
        "not even text": "%00",
    }


def test_a_token_that_is_not_ours_is_nobodys(client: Client) -> None:
    token = open_session(client)["session"]["accessToken"]

    assert not is_refused(with_token(client, token))
    for case, other in forged(token).items():
        assert is_refused(with_token(client, other)), case


def test_a_well_signed_token_for_another_session_place_or_account_is_nobodys(
    client: Client, demo_database: Database
) -> None:
    open_session(client)
    own, there = claims(demo_database), place_of(demo_database, THERE)
    stranger = account(demo_database, "hn-team-member")["id"]
    signer = Signer(KEY)

    assert not is_refused(with_token(client, signer.access_token(own)))
    for other in (
        Claims(own.account_id, uuid4(), own.place_id),
        Claims(own.account_id, own.session_id, there),
        Claims(stranger, own.session_id, own.place_id),
    ):
        assert is_refused(with_token(client, signer.access_token(other))), other


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


def invited(behind: Database, login: str = "hn-newcomer", *, belongs: bool = True) -> str:
    async def invites() -> str:
        newcomer = await accounts.create(login)
        if belongs:
            person = await people.create(name="演示新人", account_id=newcomer.id, is_demo=True)
            await people.open_post(person.id, "village_team_member", "410173113202", DAY)
        return await accounts.invite(newcomer.id)

    return arrange(behind, HERE, invites)


def test_an_invitation_is_accepted_once(client: Client, demo_database: Database) -> None:
    token = invited(demo_database)
    assert said(open_session(client, "hn-newcomer", "")) == "SIGN_IN_FAILED"

    short = accept(client, token, "too short")
    assert (said(short), short["userErrors"][0]["path"]) == ("INVALID", ["password"])
    accepted = accept(client, token, "a password of his own")
    again = accept(client, token, "a password of another")

    assert not is_refused(with_token(client, accepted["session"]["accessToken"]))
    assert (said(again), again["session"]) == ("INVITATION_SPENT", None)
    assert said(open_session(client, "hn-newcomer", "a password of his own")) == "ALLOW"
    assert said(open_session(client, "hn-newcomer", "a password of another")) == "SIGN_IN_FAILED"


def test_an_invitation_that_is_unknown_or_late_or_leads_nowhere_opens_nothing(
    client: Client, demo_database: Database
) -> None:
    late, homeless = invited(demo_database), invited(demo_database, "homeless", belongs=False)
    rows(
        demo_database,
        "UPDATE invitations SET expires_at = now() WHERE account_id = $1",
        account(demo_database, "hn-newcomer")["id"],
    )

    for token in (late, homeless, "unknown", ""):
        answer = accept(client, token, "a password of his own")
        assert (said(answer), answer["session"]) == ("INVITATION_SPENT", None)

    assert account(demo_database, "homeless")["password_hash"] is None
    rows(demo_database, "UPDATE invitations SET expires_at = now() + interval '1 day'")
    assert said(accept(client, late, "a password of his own")) == "ALLOW"


def test_nothing_secret_is_kept_in_the_clear(client: Client, demo_database: Database) -> None:
    token, tokens = invited(demo_database), open_session(client)["session"]

    kept = " ".join(
        row["row"]
        for table in ("accounts", "sessions", "invitations")
        for row in rows(demo_database, f"SELECT t::text AS row FROM {table} t")
    )

    assert LOGIN in kept
    for secret in (PASSWORD, token, tokens["accessToken"], tokens["refreshToken"].partition(".")[2]):
        assert secret not in kept
