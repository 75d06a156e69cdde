"""The demonstration's people at work: signed in and standing in their place, as the door lets them in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from policies.access import Access
from policies.reach import Viewer
from tenants import accounts, approvals, callers, leave, profiles, scope
from tenants.accounts import Account
from tenants.leave import Draft, Submitted
from tenants.people import Person, Post
from tenants.profiles import LawInForce
from tenants.requests import Request, RequestState, Verdict
from tenants.secrets import Claims, Signer
from tests.conftest import KEY

SIGNER = Signer(KEY)


@dataclass(frozen=True, slots=True)
class Caller:
    viewer: Viewer
    law: LawInForce

    @property
    def access(self) -> Access:
        return self.law.access


async def sign_in(login: str) -> Claims:
    async with scope.open():
        account = await Account.get(login=login)
        return (await accounts.open_session(account, account.place_ids[0], SIGNER)).claims


@asynccontextmanager
async def standing(login: str | Claims) -> AsyncIterator[Caller]:
    """One operation of a demo person: one transaction that reads and writes his place."""
    claims = login if isinstance(login, Claims) else await sign_in(login)
    async with scope.open(writes=claims.place_id):
        signed_in = await callers.sign_in_of(claims)
        assert signed_in is not None, f"{login} is not signed in"
        yield Caller(signed_in.viewer, await profiles.law_in_force(signed_in.profile_id))


def draft(begins: str, ends: str, **details: object) -> Draft:
    """Days of June 2018 as `18` or `18.5` (from noon, until noon)."""
    first, last = Decimal(begins), Decimal(ends)
    return Draft(
        date(2018, 6, int(first)),
        date(2018, 6, int(last)),
        begins_at_noon=first % 1 > 0,
        ends_at_noon=last % 1 > 0,
        **details,  # type: ignore[arg-type]
    )


async def ask_leave(login: str | Claims, begins: str, ends: str, **details: object) -> Submitted:
    key = details.pop("key", None)
    async with standing(login) as caller:
        return await leave.submit(caller.viewer, caller.law, draft(begins, ends, **details), key=key)  # type: ignore[arg-type]


async def sign(
    login: str | Claims, request: UUID, verdict: Verdict = Verdict.APPROVE, **details: object
) -> Request:
    if verdict is Verdict.REJECT:
        details.setdefault("remark", "不同意")
    async with standing(login) as caller:
        return await approvals.sign(caller.viewer, caller.access, request, verdict=verdict, **details)  # type: ignore[arg-type]


async def withdraw(login: str, request: UUID) -> Request:
    async with standing(login) as caller:
        return await approvals.withdraw(caller.viewer, caller.access, request)


async def approved_leave(login: str, begins: str, ends: str) -> Submitted:
    """Three days at most: the township's committee approves them alone."""
    asked = await ask_leave(login, begins, ends)
    signed = await sign("hn-township-secretary", asked.request.id)
    assert signed.state is RequestState.APPROVED
    return asked


async def person_of(login: str) -> Person:
    async with standing(login) as caller:
        return await Person.get(id=caller.viewer.person_id)


async def post_of(login: str) -> Post:
    async with standing(login) as caller:
        [held] = caller.viewer.posts
        return await Post.get(id=held.id)
