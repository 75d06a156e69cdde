"""Passwords and tokens: only ours are read, nothing secret is kept in the clear."""

import base64
import json
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import OctKey

from tenants import secrets
from tenants.secrets import Claims, Signer

KEY = b"k" * 32
CLAIMS = Claims(uuid4(), uuid4(), uuid4())


async def test_a_password_matches_its_own_hash_only() -> None:
    kept = await secrets.hash_password("correct horse")

    assert kept.startswith("$argon2id$")
    assert "correct horse" not in kept
    assert await secrets.password_matches("correct horse", kept)
    assert not await secrets.password_matches("wrong horse", kept)


@pytest.mark.parametrize("kept", [None, "", "not a hash"])
async def test_no_password_matches_no_hash(kept: str | None) -> None:
    assert not await secrets.password_matches("", kept)


async def test_the_same_password_is_hashed_differently_each_time() -> None:
    assert await secrets.hash_password("correct horse") != await secrets.hash_password("correct horse")


def test_secrets_are_long_and_never_alike() -> None:
    made = {secrets.new_secret() for _ in range(100)}

    assert len(made) == 100
    assert {len(secret) for secret in made} == {43}


def test_a_fingerprint_is_compared_with_what_was_kept() -> None:
    kept = secrets.fingerprint("a")

    assert secrets.same(kept, secrets.fingerprint("a"))
    assert not secrets.same(kept, secrets.fingerprint("b"))
    assert not secrets.same(None, kept)


def test_a_token_says_what_was_signed() -> None:
    assert Signer(KEY).read(Signer(KEY).access_token(CLAIMS)) == CLAIMS


def test_a_token_ends_after_its_life() -> None:
    life, now = secrets.ACCESS_TOKEN_LIFE, datetime.now(UTC)

    assert Signer(KEY).read(Signer(KEY).access_token(CLAIMS, now - life + timedelta(seconds=30))) == CLAIMS
    assert Signer(KEY).read(Signer(KEY).access_token(CLAIMS, now - life - timedelta(seconds=5))) is None


def _token(header: dict[str, str], **changes: object) -> str:
    now = int(datetime.now(UTC).timestamp())
    body = {"iss": secrets.ISSUER, "sub": str(CLAIMS.account_id), "sid": str(CLAIMS.session_id)}
    body |= {"place": str(CLAIMS.place_id), "iat": now, "exp": now + 60} | changes  # type: ignore[operator]
    kept = {name: value for name, value in body.items() if value is not None}
    return jwt.encode(header, kept, OctKey.import_key(KEY), algorithms=[header["alg"]])


def _part(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


FORGED = {
    "another key": Signer(b"x" * 32).access_token(CLAIMS),
    "another issuer": _token({"alg": "HS256"}, iss="other"),
    "another algorithm": _token({"alg": "HS512"}),
    "no algorithm": f"{_part({'alg': 'none'})}.{_part({'iss': 'zeren', 'exp': 9_999_999_999})}.",
    "no end": _token({"alg": "HS256"}, exp=None),
    "no session": _token({"alg": "HS256"}, sid=None),
    "a session that is no id": _token({"alg": "HS256"}, sid="1"),
    "a subject that is a number": _token({"alg": "HS256"}, sub=1),
    "changed by one letter": Signer(KEY).access_token(CLAIMS)[:-2] + "AA",
    "empty": "",
    "not a token": "a.b",
    "中文": "令牌",
}


@pytest.mark.parametrize("token", FORGED.values(), ids=FORGED.keys())
def test_a_token_that_is_not_ours_says_nothing(token: str) -> None:
    assert Signer(KEY).read(token) is None
    assert Signer(KEY).read(_token({"alg": "HS256"})) == CLAIMS


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 32 bytes"):
        Signer(b"k" * 31)
