"""Ways to another place's rows past the ORM: statements that nobody but `tenants` may write, and connections
that nobody may ask. Only the database stands against these."""

from io import BytesIO
from uuid import uuid4

import asyncpg
from pypika_tortoise import Table
from tortoise.connection import get_connection
from tortoise.expressions import RawSQL
from tortoise.query_api import execute_pypika

from tenants import scope
from tenants.people import Person
from tenants.units import Unit
from tests.tenants.probes_that_read import seen
from tests.tenants.two_places import County

BY_ID = "SELECT name FROM units WHERE id = $1"


async def raw(here: County, there: County) -> bool:
    return seen(await Unit.raw(f"SELECT * FROM units WHERE id = '{there.spare.id}'"), there)


async def a_raw_subselect(here: County, there: County) -> bool:
    other = RawSQL(f"(SELECT name FROM units WHERE id = '{there.spare.id}')")
    names = await Unit.annotate(other=other).values_list("other", flat=True)
    return there.spare.name in names


async def sql_that_reads(here: County, there: County) -> bool:
    return bool(await scope.fetch(BY_ID, there.spare.id))


async def sql_that_updates(here: County, there: County) -> None:
    await scope.execute("UPDATE units SET name = 'changed' WHERE id = $1", there.spare.id)


async def sql_that_copies_into_the_own_row(here: County, there: County) -> bool:
    copy = "UPDATE persons SET rank = (SELECT id::text FROM units WHERE id = $1) WHERE id = $2"
    await scope.execute(copy, there.spare.id, here.person.id)
    return (await Person.get(id=here.person.id)).rank == str(there.spare.id)


async def sql_that_deletes(here: County, there: County) -> None:
    await scope.execute("DELETE FROM units WHERE id = $1", there.spare.id)


async def sql_that_inserts(here: County, there: County) -> None:
    insert = "INSERT INTO units (id, tenant_id, name, code, version) VALUES ($1, $2, 'planted', $3, 1)"
    await scope.execute(insert, uuid4(), there.id, there.code)


async def the_connection_itself(here: County, there: County) -> bool:
    return bool((await get_connection(scope.CONNECTION).execute_query(BY_ID, [there.spare.id]))[1])


async def a_script(here: County, there: County) -> None:
    await scope.execute_script(f"UPDATE units SET name = 'changed' WHERE id = '{there.spare.id}'")


async def a_built_query(here: County, there: County) -> bool:
    units = Table("units")
    query = get_connection(scope.CONNECTION).query_class.from_(units).select(units.id)
    rows = (await execute_pypika(query)).rows
    return there.spare.id in {row["id"] for row in rows}


async def many_at_once(here: County, there: County) -> None:
    connection = get_connection(scope.CONNECTION)
    await connection.execute_many("UPDATE units SET name = 'changed' WHERE id = $1", [[there.spare.id]])


async def sql_that_locks(here: County, there: County) -> bool:
    return bool(await scope.fetch(f"{BY_ID} FOR UPDATE", there.spare.id))


async def sql_that_counts_all(here: County, there: County) -> bool:
    counted = "SELECT count(*) FILTER (WHERE id = $1) AS n FROM units"
    return (await scope.fetch(counted, there.spare.id))[0]["n"] == 1


async def sql_that_fails_on_what_is_there(here: County, there: County) -> bool:
    """An error that only a row of theirs can raise tells that there is one."""
    query = "SELECT 1 / (CASE WHEN id = $1 THEN 0 ELSE 1 END) FROM units"
    try:
        await scope.fetch(query, there.spare.id)
    except asyncpg.DivisionByZeroError:
        return True
    except Exception as error:
        return isinstance(error.__cause__, asyncpg.DivisionByZeroError)
    return False


async def sql_that_copies_out(here: County, there: County) -> bool:
    connection = get_connection(scope.CONNECTION)._connection
    copied = BytesIO()
    await connection.copy_from_query("SELECT id FROM units", output=copied)
    return str(there.spare.id).encode() in copied.getvalue()


async def sql_that_switches_the_wall_off(here: County, there: County) -> bool:
    await scope.execute_script("SET LOCAL row_security = off")
    return bool(await scope.fetch(BY_ID, there.spare.id))


async def sql_that_truncates(here: County, there: County) -> None:
    await scope.execute_script("TRUNCATE units CASCADE")


async def the_pool(here: County, there: County) -> bool:
    """The ORM's client outside of the transaction."""
    pool = get_connection(scope.CONNECTION)._parent
    return bool(await Unit.filter(id=there.spare.id).using_db(pool))


async def a_write_by_the_pool(here: County, there: County) -> None:
    pool = get_connection(scope.CONNECTION)._parent
    await Unit.filter(id=there.spare.id).using_db(pool).update(name="changed")


async def another_connection(here: County, there: County) -> bool:
    """The driver's pool itself: a connection in which no scope was ever set."""
    pool: asyncpg.Pool = get_connection(scope.CONNECTION)._parent._pool
    async with pool.acquire(timeout=3) as connection:
        return bool(await connection.fetch(BY_ID, there.spare.id))
