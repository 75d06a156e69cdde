"""Acting as a named account: the operator at the machine runs a command as somebody, with the rights that
person has today, and the audit names that person."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Annotated, TypeVar
from uuid import UUID

import typer

from api.installation import Installation, attached
from api.settings import BadSettings, Settings
from tenants import accounts, database, places, scope
from tenants.standing import Standing, standing

T = TypeVar("T")

As = Annotated[str, typer.Option("--as", help="以此账号办理 / The account to act as; the audit names it.")]
At = Annotated[
    str | None,
    typer.Option("--place", help="地方代码 / The place's code; the account's first when left out."),
]


class Actor:
    """An account in one place, for as many operations as a command needs."""

    def __init__(self, account_id: UUID, place_id: UUID) -> None:
        self._account_id = account_id
        self._place_id = place_id

    @asynccontextmanager
    async def standing(
        self, *, writes: bool = False, even_suspended: bool = False
    ) -> AsyncIterator[Standing]:
        """One operation: one transaction, with posts and law as they are now."""
        account, place = self._account_id, self._place_id
        async with standing(account, place, writes=writes, even_suspended=even_suspended) as stand:
            yield stand


def acting(settings: Settings, login: str, place: str | None, act: Callable[[Actor], Awaitable[T]]) -> T:
    """Do something as an account, beside a serving process or without one. Raises BadSettings for an account
    or a place that is not there, and the refusals of what is done."""
    with attached(settings) as installation:
        return asyncio.run(_acting(installation, login, place, act))


async def _acting(
    installation: Installation, login: str, place: str | None, act: Callable[[Actor], Awaitable[T]]
) -> T:
    async with database.connected(installation.app, pool_size=2):
        return await act(await _actor(login, place))


async def _actor(login: str, place: str | None) -> Actor:
    async with scope.open():
        account = await accounts.by_login(login)
        if account is None:
            raise BadSettings(f"--as: 没有账号 {login} / there is no account {login}")
        for found in account.place_ids:
            at = await places.by_id(found)
            if at is not None and place in (None, at.code):
                return Actor(account.id, at.id)
    raise BadSettings(f"--place: {login} 不属于该地方 / {login} does not belong there")
