"""What every operation pays before it begins: its points, to the buckets of whoever asks.

Somebody signed in pays from his account's bucket and from his place's, by the claims of his token and before
any work of the database; anybody else from that of his address. Who tries a secret pays one try more, by
address and by login. State is this process's own.
"""

import time
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from ipaddress import IPv6Address, ip_address
from math import ceil
from typing import Protocol
from uuid import UUID

from schema.buckets import Buckets, Rate
from schema.errors import ErrorCode, PublicError
from schema.texts import LONGEST_LOGIN

# Refusing a document costs milliseconds of the one event loop.
REFUSED_DOCUMENT = 50


class Payer(StrEnum):
    """Whose bucket it is. One name of the table of rates."""

    ACCOUNT = "ACCOUNT"
    PLACE = "PLACE"
    ADDRESS = "ADDRESS"
    SIGN_IN = "SIGN_IN"
    LOGIN = "LOGIN"


class Claimed(Protocol):
    """What a verified token says."""

    @property
    def account_id(self) -> UUID: ...
    @property
    def place_id(self) -> UUID: ...


class Asker(Protocol):
    """The context of one operation, as far as it pays."""

    @property
    def claims(self) -> Claimed | None: ...
    @property
    def address(self) -> str: ...


@dataclass(frozen=True, slots=True)
class _Due:
    whose: Hashable
    points: int
    buckets: Buckets
    payer: Payer


@dataclass(frozen=True, slots=True)
class Throttle:
    """The state of the bucket that the caller calls his own."""

    most: float
    left: float
    per_second: float

    def as_data(self) -> dict[str, int | float]:
        return {
            "maximumAvailable": self.most,
            "currentlyAvailable": int(self.left),
            "restoreRate": self.per_second,
        }


class Ledger:
    """The buckets of one process. A payer without a rate is not limited."""

    def __init__(
        self, rates: Mapping[Payer, Rate | None], clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._buckets = {payer: Buckets(rate) for payer, rate in rates.items() if rate is not None}
        self._clock = clock

    def admit(self, asker: Asker) -> None:
        """Raises RATE_LIMITED where nothing is left at all; asked before a document is even read."""
        _insist(self._dues(asker, 1), self._clock())

    def charge(self, asker: Asker, points: int, login: str | None = None) -> Throttle | None:
        """Takes the points of one operation before it begins, all or none. Raises RATE_LIMITED.

        `login`: the name under which the operation tries a secret, empty where it tries one without a name.
        Answers the state of the caller's own bucket, if there is a rate for it."""
        now = self._clock()
        dues = self._dues(asker, points, login)
        _insist(dues, now)
        states = {due.payer: _taken(due, now) for due in dues}
        return states.get(Payer.ADDRESS if asker.claims is None else Payer.ACCOUNT)

    def punish(self, asker: Asker, points: int) -> None:
        """Takes what there is of the points, for work that is done already."""
        for due in self._dues(asker, points):
            _taken(due, self._clock())

    def _dues(self, asker: Asker, points: int, login: str | None = None) -> list[_Due]:
        whose: dict[Payer, Hashable] = {Payer.ADDRESS: _party(asker.address)}
        if asker.claims is not None:
            whose = {Payer.ACCOUNT: asker.claims.account_id, Payer.PLACE: asker.claims.place_id}
        tries: dict[Payer, Hashable] = {}
        if login is not None:
            tries[Payer.SIGN_IN] = _party(asker.address)
        if login:
            tries[Payer.LOGIN] = login.strip().casefold()[:LONGEST_LOGIN]
        return [*self._of(whose, points), *self._of(tries, 1)]

    def _of(self, whose: Mapping[Payer, Hashable], points: int) -> Iterable[_Due]:
        for payer, who in whose.items():
            if payer in self._buckets:
                yield _Due(who, points, self._buckets[payer], payer)


def _insist(dues: Iterable[_Due], now: float) -> None:
    waits = [(due.buckets.wait(due.whose, due.points, now), due.payer) for due in dues]
    seconds, payer = max(waits, default=(0.0, Payer.ACCOUNT))
    if seconds > 0:
        wait = ceil(seconds)
        details = {"retryAfterSeconds": wait, "exhausted": payer.value}
        raise PublicError(ErrorCode.RATE_LIMITED, details=details, seconds=wait)


def _taken(due: _Due, now: float) -> Throttle:
    left = due.buckets.take(due.whose, due.points, now)
    return Throttle(due.buckets.rate.most, left, due.buckets.rate.per_second)


@lru_cache(maxsize=4096)
def _party(address: str) -> str:
    """An address as one party: in IPv6, one party has a whole /64."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if isinstance(found, IPv6Address):
        return str(found.ipv4_mapped or found.packed[:8].hex())
    return str(found)
