"""Every way to another place's rows that the ORM and SQL offer, as a table.

A probe stands in `here` and reaches for a row of `there`. It answers whether it saw the row; what it wrote
shows in the rows themselves. Called with the same place twice it is its own positive twin. hole_list.yaml
says which hole each of them tries.
"""

from collections.abc import Awaitable, Callable
from inspect import iscoroutinefunction
from types import ModuleType
from uuid import UUID

from tenants import scope
from tests.tenants import probes_in_sql, probes_that_read, probes_that_write
from tests.tenants.two_places import County

Probe = Callable[[County, County], Awaitable[object]]


def _of(module: ModuleType) -> dict[str, Probe]:
    found = {name: probe for name, probe in vars(module).items() if iscoroutinefunction(probe)}
    return {name: probe for name, probe in found.items() if probe.__module__ == module.__name__}


PROBES = _of(probes_that_read) | _of(probes_that_write) | _of(probes_in_sql)


async def everything_of(place: UUID) -> list[object]:
    """All that the place holds, as the database would give it to a scope over it."""
    [row] = await scope.fetch(_EVERYTHING, place)
    return [row["units"], row["posts"], row["persons"], row["places"]]


_EVERYTHING = """
SELECT (SELECT jsonb_agg(to_jsonb(t) ORDER BY id)::text FROM units t WHERE tenant_id = $1) AS units,
       (SELECT jsonb_agg(to_jsonb(t) ORDER BY id)::text FROM posts t WHERE tenant_id = $1) AS posts,
       (SELECT jsonb_agg(to_jsonb(t) ORDER BY id)::text FROM persons t WHERE tenant_id = $1) AS persons,
       (SELECT to_jsonb(t)::text FROM places t WHERE id = $1) AS places
"""
