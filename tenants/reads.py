"""The one place that runs what schema/reads/ has compiled."""

from collections.abc import Sequence
from typing import Any

from tortoise.connection import get_connection

from tenants import scope


async def value_of(sql: str, values: Sequence[Any]) -> Any:
    """The one value that a compiled statement answers with, in the scope in force.

    The statement names the place as `$1` in every reference to a place's table, and it is given here, from
    the scope: no statement brings a place of its own. Raises ScopeError in a scope of several places."""
    places = scope.current().reads
    if len(places) != 1:
        raise scope.ScopeError("a compiled statement reads one place")
    connection: Any = get_connection(scope.CONNECTION)
    return await connection.fetch_value(sql, [places[0], *values])
