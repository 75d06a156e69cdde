"""Who asks: the caller behind a token, with the posts he holds at this moment.

He is read in the operation's own transaction: what was committed before it began is always seen. Whoever has
asked before is not read again but insisted on: BEGIN carries a call that fails where anything about him has
changed (`INSIST`), and then he is read anew. So a token that is used often costs no statement of its own.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from policies.reach import Post as HeldPost
from policies.reach import PostRef, Viewer
from tenants import clock, scope
from tenants.caller_statements import BY_ACCOUNT, INSIST_NAME, OF_SESSION
from tenants.places import Place
from tenants.secrets import Claims

# The digest of a viewer whose place lives under no document: every question there answers unspecified.
NO_DOCUMENT = ""


@dataclass(frozen=True, slots=True)
class Caller:
    """The caller of one operation: who, where, under which profile version (its row id, or None)."""

    viewer: Viewer
    person_name: str
    place: Place
    profile_id: UUID | None


@dataclass(frozen=True, slots=True)
class SignedIn(Caller):
    session_id: UUID


_SIGNED_IN = f"SELECT seen.*, md5(seen::text) AS likeness FROM ({OF_SESSION}) seen"


@dataclass(frozen=True, slots=True)
class _Known:
    """`day`: the one on which he was read, for posts begin and end. `told`: what is insisted on, but for the
    moment: the ids of a verified token and the fingerprint that the database gave, no client's text."""

    caller: SignedIn
    day: date
    told: tuple[str, str]

    @classmethod
    def of(cls, caller: SignedIn, claims: Claims, day: date, likeness: str) -> "_Known":
        place, session, account = (str(UUID(str(one))) for one in _said(claims))
        before = f"SELECT {INSIST_NAME}('{place}', '{day}', '{session}', '{account}', '"
        return cls(caller, day, (before, f"', '{likeness}')"))

    @property
    def premise(self) -> str:
        before, after = self.told
        return f"{before}{clock.now()}{after}"


MOST_KNOWN = 4096
# By everything that a token says: another place or account in it is another caller.
_known: OrderedDict[tuple[UUID, UUID, UUID], _Known] = OrderedDict()


def _said(claims: Claims) -> tuple[UUID, UUID, UUID]:
    return claims.place_id, claims.session_id, claims.account_id


Met = Callable[[SignedIn | None], Awaitable[None]]


async def _met(caller: SignedIn | None) -> None:
    """Nobody wants to be told."""


def standing(
    claims: Claims, *, writes: bool, met: Met = _met
) -> AbstractAsyncContextManager[SignedIn | None]:
    """The scope of the place where a session stands, and who stands behind its token in it; None if the
    session has ended, moved or lost its person. What does not write, writes nothing. `met`: is told of him
    within the scope, before anything else is done there."""
    return _Standing(claims, writes, met)


class _Standing(AbstractAsyncContextManager[SignedIn | None]):
    """Written out, for every operation goes through it."""

    __slots__ = ("_claims", "_met", "_scope", "_writes")

    def __init__(self, claims: Claims, writes: bool, met: Met) -> None:
        self._claims, self._writes, self._met = claims, writes, met

    async def __aenter__(self) -> SignedIn | None:
        caller = await self._insisted_on()
        if caller is None:
            await self._begin()
        try:
            caller = caller or await sign_in_of(self._claims)
            await self._met(caller)
        except BaseException as fault:
            await self._scope.__aexit__(type(fault), fault, fault.__traceback__)
            raise
        return caller

    async def _insisted_on(self) -> SignedIn | None:
        known = _known.get(_said(self._claims))
        if known is None or known.day != clock.today(None):
            return None
        try:
            await self._begin(known.premise)
        except scope.PremiseFailed:
            _known.pop(_said(self._claims), None)
            return None
        return known.caller

    async def _begin(self, premise: str = "") -> None:
        place, writes = self._claims.place_id, self._writes
        self._scope = scope.open(
            reads=(place,), writes=place if writes else None, read_only=not writes, premise=premise
        )
        await self._scope.__aenter__()

    async def __aexit__(self, *fault: Any) -> None:
        await self._scope.__aexit__(*fault)


async def sign_in_of(claims: Claims) -> SignedIn | None:
    """Who stands behind an access token now, in the scope in force, which reads its place."""
    today, now = clock.today(None), clock.now()
    rows = await scope.fetch(_SIGNED_IN, claims.place_id, today, claims.session_id, claims.account_id, now)
    if not rows:
        return None
    caller = SignedIn(*_caller(rows[0]), claims.session_id)
    _keep(claims, _Known.of(caller, claims, today, rows[0]["likeness"]))
    return caller


def _keep(claims: Claims, known: _Known) -> None:
    _known[_said(claims)] = known
    if len(_known) > MOST_KNOWN:
        _known.popitem(last=False)


async def caller_of(account_id: UUID, place_id: UUID) -> Caller | None:
    """An account without a session, in all its posts in the place; None if it has no person there or is
    disabled."""
    rows = await scope.fetch(BY_ACCOUNT, place_id, clock.today(None), account_id)
    return Caller(*_caller(rows[0])) if rows else None


_PLACE = ("id", "code", "name", "kind", "parent_id", "state", "law_place_id", "law_day", "note", "created_at")


def _caller(row: dict[str, Any]) -> tuple[Viewer, str, Place, UUID | None]:
    place = Place._init_from_db(**{column: row[column] for column in _PLACE})
    who = (row["account_id"], row["person_id"], place.id, place.code, place.kind.value)
    viewer = _viewer(
        who, row["posts"], tuple(row["stands_in_for"] or ()), place.today, row["digest"] or NO_DOCUMENT
    )
    return viewer, row["person_name"], place, row["profile_id"]


@lru_cache(maxsize=4096)
def _viewer(
    who: tuple[UUID, UUID, UUID, str, str],
    posts: str | None,
    stands_in_for: tuple[UUID, ...],
    day: date,
    digest: str,
) -> Viewer:
    """The same object for as long as nothing of him changes: much is remembered of it."""
    account_id, person_id, place_id, place_code, place_kind = who
    return Viewer(
        account_id=account_id,
        person_id=person_id,
        place_id=place_id,
        place_code=place_code,
        place_kind=place_kind,
        posts=tuple(_held(post, place_id) for post in orjson.loads(posts or "[]")),
        stands_in_for=frozenset(stands_in_for),
        day=day,
        digest=digest,
    )


def _held(post: dict[str, Any], place_id: UUID) -> HeldPost:
    return HeldPost(
        id=UUID(post["id"]),
        role=post["role"],
        place_id=place_id,
        code=post["code"],
        unit_id=UUID(post["unit_id"]) if post["unit_id"] else None,
        begins=date.fromisoformat(post["begins_on"]),
        ends=date.fromisoformat(post["ends_on"]) if post["ends_on"] else None,
        acting_for=PostRef(UUID(post["acting_for_id"]), UUID(post["principal_id"]))
        if post["acting_for_id"]
        else None,
        only=frozenset(post["limited_to"]) if post["limited_to"] is not None else None,
    )
