"""Passwords and tokens: how they are made, checked and kept. Nothing secret is stored in the clear."""

import asyncio
import hashlib
import hmac
import secrets
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey
from joserfc.jwt import JWTClaimsRegistry

from tenants import clock

ACCESS_TOKEN_LIFE = timedelta(minutes=15)
REFRESH_TOKEN_LIFE = timedelta(days=14)
ISSUER = "zeren"
MINIMUM_PASSWORD_LENGTH = 10
MOST_KNOWN_TOKENS = 10_000

# 19 MiB, two passes, one lane: OWASP's first choice. About 50 ms, so it runs in a thread, two at a time.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_two_at_a_time = ThreadPoolExecutor(2, thread_name_prefix="argon2")
# Checked when no such account exists, so that the answer takes as long as for one that does.
_HASH_OF_NOBODY = _hasher.hash(secrets.token_urlsafe(16))


async def hash_password(password: str) -> str:
    return await asyncio.get_running_loop().run_in_executor(_two_at_a_time, _hasher.hash, password)


async def password_matches(password: str, password_hash: str | None) -> bool:
    """Always costs one verification, with or without an account."""
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(_two_at_a_time, _verify, password, password_hash)


def _verify(password: str, password_hash: str | None) -> bool:
    try:
        _hasher.verify(password_hash or _HASH_OF_NOBODY, password)
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


def new_secret() -> str:
    """An opaque token of 256 random bits."""
    return secrets.token_urlsafe(32)


def fingerprint(secret: str) -> str:
    """What is stored of an opaque token: random enough that one SHA-256 suffices."""
    return hashlib.sha256(secret.encode()).hexdigest()


def same(fingerprint_a: str | None, fingerprint_b: str) -> bool:
    return fingerprint_a is not None and hmac.compare_digest(fingerprint_a, fingerprint_b)


@dataclass(frozen=True, slots=True)
class Claims:
    """What an access token says. `place_id` is where the session stood when the token was made."""

    account_id: UUID
    session_id: UUID
    place_id: UUID


class Signer:
    """Signs and reads access tokens with the installation's key (at least 32 bytes)."""

    def __init__(self, key: bytes) -> None:
        if len(key) < 32:
            raise ValueError("the signing key needs at least 32 bytes")
        self._key = OctKey.import_key(key)
        self._marking_key = hashlib.sha256(b"refresh secrets " + key).digest()
        self._registry = JWTClaimsRegistry(
            iss={"essential": True, "value": ISSUER}, exp={"essential": True}, sub={"essential": True}
        )
        # Tokens that were found to be ours, until when: a client sends the same one for minutes.
        self._known: OrderedDict[str, tuple[Claims, float]] = OrderedDict()

    def refresh_secret(self, session_id: UUID) -> str:
        """A secret that renews the session; its mark shows that it was ours when it has long been spent."""
        secret = new_secret()
        return f"{secret}.{self._mark(session_id, secret)}"

    def has_made(self, session_id: UUID, secret: str) -> bool:
        """Whether it is or was a secret of the session: nobody can guess one."""
        made, _, mark = secret.partition(".")
        return hmac.compare_digest(self._mark(session_id, made).encode(), mark.encode())

    def _mark(self, session_id: UUID, secret: str) -> str:
        said = f"{session_id}.{secret}".encode()
        return hmac.new(self._marking_key, said, hashlib.sha256).hexdigest()[:32]

    def access_token(self, claims: Claims, issued_at: datetime | None = None) -> str:
        at = issued_at or clock.now()
        body = {
            "iss": ISSUER,
            "sub": str(claims.account_id),
            "sid": str(claims.session_id),
            "place": str(claims.place_id),
            "iat": int(at.timestamp()),
            "exp": int((at + ACCESS_TOKEN_LIFE).timestamp()),
        }
        return jwt.encode({"alg": "HS256"}, body, self._key)

    def read(self, token: str) -> Claims | None:
        """The claims of a token that is ours and not expired; None for anything else."""
        if known := self._known.get(token):
            claims, ends_at = known
            return claims if clock.now().timestamp() < ends_at else None
        try:
            body = jwt.decode(token, self._key, algorithms=["HS256"]).claims
            self._registry.validate(body)
            claims = Claims(UUID(body["sub"]), UUID(body["sid"]), UUID(body["place"]))
        except (JoseError, ValueError, KeyError, TypeError, AttributeError):
            return None
        self._keep(token, claims, float(body["exp"]))
        return claims

    def _keep(self, token: str, claims: Claims, ends_at: float) -> None:
        self._known[token] = (claims, ends_at)
        if len(self._known) > MOST_KNOWN_TOKENS:
            self._known.popitem(last=False)
