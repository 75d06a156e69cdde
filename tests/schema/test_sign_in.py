"""Signing in, and the invitation that comes before it: what failed is kept, and tells nothing."""

import asyncio
from datetime import timedelta
from typing import Any, Literal

import pytest

from api.demo import PASSWORD
from tenants import accounts, clock, people
from tests.client import Client
from tests.conftest import Database
from tests.front_door import DAY, arrange, rows, said
from tests.schema.sessions import ANSWER, HERE, LOGIN, SESSIONS, account, is_refused, open_session, with_token

ACCEPT = f"""
mutation ($token: String!, $password: String!) {{
  invitationAccept(token: $token, password: $password) {ANSWER}
}}
"""


def accept(client: Client, token: str, password: str) -> dict[str, Any]:
    return dict(client.ask(ACCEPT, {"token": token, "password": password})["invitationAccept"])


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


BROKEN = """
mutation ($login: String!, $password: String!, $asked: Boolean = true) {
  sessionOpen(login: $login, password: $password) {
    session { accessToken } userErrors { code @include(if: $asked) }
  }
}
"""


def test_a_failure_counts_whatever_became_of_its_answer(client: Client, demo_database: Database) -> None:
    variables = {"login": LOGIN, "password": "not the password", "asked": None}

    for failures in (1, 2, 3, 4):
        assert client.post(BROKEN, variables)["errors"]
        assert account(demo_database)["failures"] == failures
    assert said(open_session(client)) == "ALLOW"
    for _ in range(5):
        client.post(BROKEN, variables)

    assert said(open_session(client)) == "SIGN_IN_FAILED"


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


class Turns(asyncio.Semaphore):
    """Sign-ins waiting for their turn, counted."""

    taken = 0

    async def acquire(self) -> Literal[True]:
        self.taken += 1
        return await super().acquire()


TRIES = f'sessionOpen(login: "{LOGIN}", password: "x") {{ userErrors {{ code }} }}'
INNER = f"fragment b on Mutation {{ {TRIES} }}"


@pytest.mark.parametrize(
    ("document", "name", "turns"),
    [
        (f"mutation {{ {TRIES} }}", None, 1),
        (f"mutation {{ ...a }} fragment a on Mutation {{ ... {{ ...b }} }} {INNER}", None, 1),
        (f"mutation tries {{ {TRIES} }} query asks {{ __typename }}", "tries", 1),
        (f"mutation tries {{ {TRIES} }} query asks {{ __typename }}", "asks", 0),
        ("{ __typename } # sessionOpen", None, 0),
        ("{ sessionRefresh: __typename }", None, 0),
    ],
)
def test_only_who_tries_a_secret_waits_for_a_turn(
    client: Client, document: str, name: str | None, turns: int
) -> None:
    app: Any = client.http.app
    app.state.sign_ins = Turns(1)

    answer = client.http.post("/graphql", json={"query": document, "operationName": name}).json()

    assert "errors" not in answer
    assert app.state.sign_ins.taken == turns


@pytest.mark.parametrize("login", ["", "x" * 65, "ß" * 40, "x" * 100_000, "hn\0admin"])
def test_a_name_that_no_account_can_have_is_refused(client: Client, login: str) -> None:
    assert said(open_session(client, login)) in ("SIGN_IN_FAILED", "INVALID")


def invited(behind: Database, login: str = "hn-newcomer", *, belongs: bool = True) -> str:
    async def invites() -> str:
        newcomer = await accounts.create(login)
        if belongs:
            person = await people.create(name="演示新人", account_id=newcomer.id, is_demo=True)
            await people.open_post(person.id, "village_team_member", "410173113202", DAY)
        invited = await accounts.invite(newcomer.id)
        assert invited is not None, "he has no password yet"
        return invited.token

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
