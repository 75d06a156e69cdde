"""The two tokens of a session: renewing it, how long it lasts, and tokens that are not ours."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from uuid import UUID, uuid4

import orjson
import pytest

from tenants import accounts, clock
from tenants.secrets import Claims, Signer
from tests.client import Client
from tests.conftest import KEY, Database
from tests.front_door import place_of, rows, said
from tests.schema.sessions import SESSIONS, THERE, account, is_refused, open_session, refresh, with_token


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
