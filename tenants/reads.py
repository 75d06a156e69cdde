"""The one place that runs what schema/reads/ has compiled."""

from collections.abc import Sequence
from typing import Any

from tortoise.connection import get_connection

from tenants import scope
from tenants.conditions import Whose


async def value_of(sql: str, values: Sequence[Any], whose: Whose | None = Whose.ONE) -> Any:
    """The one value that a compiled statement answers with, in the scope in force.

    The statement names the place as `$1` in every reference to a place's table, and it is given here, from
    the scope: no statement brings a place of its own. `whose`: whether that is the one place of the scope or
    all of its places; None where the statement reads shared tables only. Raises ScopeError for a statement
    of one place in a scope of several."""
    connection: Any = get_connection(scope.CONNECTION)
    return await connection.fetch_value(sql, [*_said(whose), *values])


def _said(whose: Whose | None) -> list[Any]:
    """`$1`, where the statement names it."""
    places = scope.current().reads
    if whose is Whose.ONE and len(places) != 1:
        raise scope.ScopeError("a compiled statement reads one place")
    match whose:
        case Whose.ONE:
            return [places[0]]
        case Whose.SEVERAL:
            return [list(places)]
        case None:
            return []
