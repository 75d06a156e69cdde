"""Accounts, sessions and invitations: global, and reached only by this module.

An account signs in with a name and a password. A session stands in one place and gives short access tokens;
its refresh token is opaque and changes at every use. One that is not the current one any more shows that
somebody copied it, however often it was renewed since: the session ends.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from tortoise import fields

from tenants import clock, scope, secrets
from tenants.refusals import Flaw, Refusal, RefusalCode, invalid
from tenants.rows import GlobalRow, Walls
from tenants.secrets import Claims, Signer

FAILURES_BEFORE_LOCK = 5
LOCK = timedelta(minutes=15)
# A client that lost the answer sends the same refresh token again; this long it is a retry, not a theft.
RETRY_LEEWAY = timedelta(seconds=10)
INVITATION_LIFE = timedelta(days=7)
# One alphabet, and nothing that is not seen: two names that look alike are one name.
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@-]{0,63}")


class Account(GlobalRow):
    """`places`: the places where this account has a person; the first one is where a sign-in begins."""

    login = fields.CharField(64, unique=True)
    password_hash = fields.CharField(200, null=True)
    failures = fields.IntField(default=0)
    locked_until = fields.DatetimeField(null=True)
    disabled_at = fields.DatetimeField(null=True)
    places: list[str] = fields.JSONField(default=list)
    created_at = fields.DatetimeField()

    class Meta:
        table = "accounts"

    @property
    def place_ids(self) -> list[UUID]:
        return [UUID(place) for place in self.places]


class Session(GlobalRow):
    """`post_id`: the one post the session acts in; None for all posts that the person has in the place.
    `place_id`: where it stands now. `opened_in`: where somebody signed in; it never moves."""

    account_id = fields.UUIDField()
    place_id = fields.UUIDField()
    opened_in = fields.UUIDField()
    post_id = fields.UUIDField(null=True)
    refresh_fingerprint = fields.CharField(64)
    spent_fingerprint = fields.CharField(64, null=True)
    refreshed_at = fields.DatetimeField()
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "sessions"

    walls = Walls(
        indexes={"sessions_by_account": ("account_id",), "sign_ins_by_place": ("opened_in", "created_at")}
    )


class Invitation(GlobalRow):
    """One-time: whoever holds the token sets the password of the account."""

    account_id = fields.UUIDField()
    fingerprint = fields.CharField(64, unique=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    accepted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "invitations"


@dataclass(frozen=True, slots=True)
class Tokens:
    access: str
    refresh: str
    expires_at: datetime
    claims: Claims


# Two who ask for one name meet on it: the second waits for the first's commit and then gets no row.
_CREATE = """
INSERT INTO accounts (id, login, password_hash, failures, places, created_at)
VALUES ($1, $2, $3, 0, '[]', $4) ON CONFLICT (login) DO NOTHING
"""


async def create(
    login: str, *, password_hash: str | None = None, path: tuple[str, ...] = ("login",)
) -> Account:
    """A new account that belongs nowhere yet. Without a password it waits for its invitation.

    Raises LOGIN_TAKEN where there is one of that name, INVALID for one that is not plain. `path`: where the
    name stands in the input."""
    account_id, name = uuid4(), plain(login, path)
    if not await scope.execute(_CREATE, account_id, name, password_hash, clock.now()):
        raise Refusal(RefusalCode.LOGIN_TAKEN, path=path, given=name)
    return await Account.get(id=account_id)


def plain(login: str, path: tuple[str, ...]) -> str:
    """A new account's name as it is kept. Raises INVALID for one that could only look like another's."""
    name = _folded(unicodedata.normalize("NFKC", login))
    if not _LOGIN.fullmatch(name):
        raise invalid(Flaw.NOT_A_LOGIN, *path)
    return name


async def by_login(login: str) -> Account | None:
    return await Account.get_or_none(login=_folded(login))


async def belongs(account_id: UUID, place_id: UUID) -> None:
    """Remember that the account has a person in the place. Idempotent."""
    account = await Account.get(id=account_id)
    if str(place_id) not in account.places:
        account.places = [*account.places, str(place_id)]
        await account.save(update_fields=["places"])


async def check_password(login: str, password: str) -> Account | Refusal:
    """The account, or the refusal to answer with once the failure is counted (and committed)."""
    account = await Account.filter(login=_folded(login)).select_for_update().get_or_none()
    matches = await secrets.password_matches(password, account.password_hash if account else None)
    if account is None or account.disabled_at is not None:
        return Refusal(RefusalCode.SIGN_IN_FAILED)
    if account.locked_until is not None and account.locked_until > clock.now():
        # The same answer as for a wrong password: a lock that told them apart would help the guessing.
        return Refusal(RefusalCode.SIGN_IN_FAILED)
    if not matches:
        return await _count_failure(account)
    if account.failures:
        account.failures, account.locked_until = 0, None
        await account.save(update_fields=["failures", "locked_until"])
    return account


async def _count_failure(account: Account) -> Refusal:
    account.failures += 1
    if account.failures >= FAILURES_BEFORE_LOCK:
        account.failures, account.locked_until = 0, clock.now() + LOCK
    await account.save(update_fields=["failures", "locked_until"])
    return Refusal(RefusalCode.SIGN_IN_FAILED)


async def open_session(account: Account, place_id: UUID, signer: Signer) -> Tokens:
    session_id, now = uuid4(), clock.now()
    refresh = signer.refresh_secret(session_id)
    session = await Session.create(
        id=session_id,
        account_id=account.id,
        place_id=place_id,
        opened_in=place_id,
        refresh_fingerprint=secrets.fingerprint(refresh),
        refreshed_at=now,
        created_at=now,
        expires_at=now + secrets.REFRESH_TOKEN_LIFE,
    )
    return _tokens(session, refresh, signer)


async def refresh(token: str, signer: Signer) -> Tokens | Refusal:
    """New tokens for a refresh token; the old one is spent. One spent at any time, used again, ends the
    session: somebody has a copy. A guessed one does nothing."""
    session_id, secret = _split(token)
    session = await Session.filter(id=session_id).select_for_update().get_or_none() if session_id else None
    if session is None or session.ended_at or session.expires_at <= clock.now():
        return Refusal(RefusalCode.SESSION_ENDED)
    if not await Account.exists(id=session.account_id, disabled_at__isnull=True):
        return Refusal(RefusalCode.SESSION_ENDED)
    fingerprint = secrets.fingerprint(secret)
    if not _is_current(session, fingerprint):
        if signer.has_made(session.id, secret):
            await end_session(session.id)
        return Refusal(RefusalCode.SESSION_ENDED)
    return await _rotate(session, signer)


def _is_current(session: Session, fingerprint: str) -> bool:
    if secrets.same(session.refresh_fingerprint, fingerprint):
        return True
    is_a_retry = clock.now() - session.refreshed_at < RETRY_LEEWAY
    return is_a_retry and secrets.same(session.spent_fingerprint, fingerprint)


async def _rotate(session: Session, signer: Signer) -> Tokens:
    secret = signer.refresh_secret(session.id)
    session.spent_fingerprint, session.refresh_fingerprint = (
        session.refresh_fingerprint,
        secrets.fingerprint(secret),
    )
    session.refreshed_at = clock.now()
    await session.save(update_fields=["spent_fingerprint", "refresh_fingerprint", "refreshed_at"])
    return _tokens(session, secret, signer)


async def stand_in(session_id: UUID, place_id: UUID, post_id: UUID | None, signer: Signer) -> Tokens:
    """Move a session to a place, and to one post in it or all. Raises NOT_FOUND for a place where the
    account has no person. Access tokens made for another place stop working at once.
    """
    session = await Session.filter(id=session_id).select_for_update().get()
    if place_id not in await places_of(session.account_id):
        raise Refusal(RefusalCode.NOT_FOUND, path=("place",))
    session.place_id, session.post_id = place_id, post_id
    await session.save(update_fields=["place_id", "post_id"])
    return await _rotate(session, signer)


async def end_session(session_id: UUID) -> None:
    await Session.filter(id=session_id, ended_at__isnull=True).update(ended_at=clock.now())


async def end_all_sessions(account_id: UUID) -> int:
    return await Session.filter(account_id=account_id, ended_at__isnull=True).update(ended_at=clock.now())


@dataclass(frozen=True, slots=True)
class Invited:
    """The token is known here and nowhere else: what is stored is its fingerprint."""

    token: str
    expires_at: datetime


async def invite(account_id: UUID) -> Invited | None:
    """A one-time token with which the account's owner sets a password, for seven days. It takes the place of
    those given before. None where he has a password: whoever invites him could set another."""
    # Who invites and who accepts at once do it one after the other, and the account is locked first of all.
    account = await Account.filter(id=account_id).select_for_update(no_key=True).get()
    if account.password_hash is not None:
        return None
    token, now = secrets.new_secret(), clock.now()
    still_open = Invitation.filter(account_id=account_id, accepted_at__isnull=True, expires_at__gt=now)
    await still_open.update(expires_at=now)
    invitation = await Invitation.create(
        id=uuid4(),
        account_id=account_id,
        fingerprint=secrets.fingerprint(token),
        created_at=now,
        expires_at=now + INVITATION_LIFE,
    )
    return Invited(token, invitation.expires_at)


async def accept_invitation(token: str, password: str) -> Account:
    """Set the account's password. Raises INVITATION_SPENT for an unknown, used or expired token.

    It ends what rested on the old password: the account's sessions, its other invitations, and the lock for
    what others guessed."""
    account = await _invited(secrets.fingerprint(token))
    account.password_hash = await secrets.hash_password(_long_enough(password))
    account.failures, account.locked_until = 0, None
    await account.save(update_fields=["password_hash", "failures", "locked_until"])
    still_open = Invitation.filter(account_id=account.id, accepted_at__isnull=True)
    await still_open.update(accepted_at=clock.now())
    await end_all_sessions(account.id)
    return account


async def _invited(fingerprint: str) -> Account:
    """The account of an open invitation, locked as `invite` locks it: before any of its invitations."""
    given = Invitation.filter(fingerprint=fingerprint)
    known = await given.get_or_none()
    if known is None:
        raise Refusal(RefusalCode.INVITATION_SPENT)
    account = await Account.filter(id=known.account_id).select_for_update(no_key=True).get()
    # Only now is it sure: another may have been accepted, or given, while we waited.
    if not await given.filter(accepted_at__isnull=True, expires_at__gt=clock.now()).exists():
        raise Refusal(RefusalCode.INVITATION_SPENT)
    return account


_LAST_SIGN_INS = """
SELECT asked.place_id, found.created_at AS last FROM unnest($1::uuid[]) AS asked (place_id)
CROSS JOIN LATERAL (
    SELECT s.created_at FROM sessions s WHERE s.opened_in = asked.place_id ORDER BY s.created_at DESC LIMIT 1
) found
"""


async def last_sign_ins(place_ids: Collection[UUID]) -> dict[UUID, datetime]:
    """When somebody last signed in to each place; places where nobody ever did are left out."""
    return {row["place_id"]: row["last"] for row in await scope.fetch(_LAST_SIGN_INS, list(place_ids))}


async def places_of(account_id: UUID) -> Sequence[UUID]:
    account = await Account.get_or_none(id=account_id)
    return account.place_ids if account else []


def _tokens(session: Session, secret: str, signer: Signer) -> Tokens:
    claims = Claims(session.account_id, session.id, session.place_id)
    expires_at = clock.now() + secrets.ACCESS_TOKEN_LIFE
    return Tokens(signer.access_token(claims), f"{session.id}.{secret}", expires_at, claims)


def _split(token: str) -> tuple[UUID | None, str]:
    head, _, secret = token.partition(".")
    try:
        return UUID(head), secret
    except ValueError:
        return None, ""


def _folded(login: str) -> str:
    return login.strip().casefold()


def _long_enough(password: str) -> str:
    if len(password) < secrets.MINIMUM_PASSWORD_LENGTH:
        raise invalid(Flaw.TOO_SHORT, "password", least=secrets.MINIMUM_PASSWORD_LENGTH)
    return password
