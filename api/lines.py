"""Open lines: sockets and event streams stay open for minutes, so only so many are held."""

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from starlette.requests import HTTPConnection

from schema.errors import ErrorCode, PublicError


@dataclass(frozen=True, slots=True)
class Lines:
    """How many lines may be open at once: altogether, from one address, and by one account."""

    altogether: int = 300
    per_address: int = 200
    per_account: int = 10
    _open: Counter[Hashable] = field(default_factory=Counter)

    @contextmanager
    def from_(self, address: str) -> Iterator[None]:
        """Holds a line for the block. Raises PublicError where there is none left."""
        with self._held("altogether", self.altogether), self._held(("address", address), self.per_address):
            yield

    @contextmanager
    def of_account(self, account: Hashable) -> Iterator[None]:
        with self._held(("account", account), self.per_account):
            yield

    @contextmanager
    def _held(self, whose: Hashable, most: int) -> Iterator[None]:
        if self._open[whose] >= most:
            raise PublicError(ErrorCode.TOO_MANY_LINES, limit=most)
        self._open[whose] += 1
        try:
            yield
        finally:
            self._open[whose] -= 1
            if not self._open[whose]:
                del self._open[whose]


def address_of(connection: HTTPConnection) -> str:
    """Where a connection comes from; one without an address comes from the same nowhere as all such."""
    return connection.client.host if connection.client else ""
