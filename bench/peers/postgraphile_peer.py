"""PostGraphile 5, on the Node that a package brings."""

import asyncio
from pathlib import Path
from shutil import copy
from urllib.parse import quote

import asyncpg

from bench.peers import toolbox
from bench.peers.peer import Peer, Start
from bench.peers.world import KEY, POOL_SIZE, World

HERE = Path(__file__).parent / "postgraphile"

_PAIRINGS = """pairings: pairingsByTenantIdAndHouseholdId(
    first: 10, orderBy: [RECORDED_AT_DESC, ROW_ID_DESC])"""
LIST = f"""
query List($low: String!, $high: String!) {{
  households(filter: {{code: {{greaterThanOrEqualTo: $low, lessThan: $high}}}}, first: 50,
             orderBy: [CODE_ASC, NUMBER_ASC, ROW_ID_ASC]) {{
  nodes {{ id: rowId number headName state population income registeredOn address division {{ name }}
    {_PAIRINGS} {{ nodes {{ person: tenantPerson {{ id: rowId name }} }} }} }}
  pageInfo {{ hasNextPage endCursor }} }} }}
"""
DETAIL = f"""
query Detail($row: UUID!, $place: UUID!) {{ node: household(tenantId: $place, rowId: $row) {{
  id: rowId number headName state population income registeredOn address
  division {{ code name parent {{ name }} }}
  {_PAIRINGS} {{ nodes {{ beginsOn person: tenantPerson {{ name }} }} }}
  visits: activitiesByTenantIdAndHouseholdId(
      first: 5, condition: {{kind: "household_visit"}}, orderBy: [OCCURRED_AT_DESC, ROW_ID_DESC]) {{
    nodes {{ occurredAt note person: tenantPerson {{ name }} }} }} }} }}
"""
TINY = """
query Tiny { viewer { name
  posts: postsByTenantIdAndPersonId(orderBy: [BEGINS_ON_ASC, ROW_ID_ASC]) { nodes { role } } } }
"""
COUNT = "query Count { householdCounts { nodes { value count } } }"
GROUPED = COUNT.replace("Count", "Grouped", 1)
WRITE = """
mutation Write($row: UUID!, $at: Datetime!) {
  visitRecord(input: {household: $row, occurredAt: $at}) { visit: result { id: rowId } } }
"""


def start(world: World, port: int) -> Start:
    node, folder = toolbox.node_with("postgraphile")
    asyncio.run(_add_functions(world))
    # Beside its modules, where Node looks for them.
    server = copy(HERE / "server.mjs", folder)
    environment = {
        "DATABASE_URL": _url(world),
        "KEY": KEY,
        "POOL_SIZE": str(POOL_SIZE),
        "PORT": str(port),
        "NODE_ENV": "production",
        "GRAPHILE_ENV": "production",
    }
    return Start([str(node), str(server)], environment)


def _url(world: World) -> str:
    """The same database as node-postgres writes it: the socket's folder as a parameter."""
    app = world.app
    return (
        f"postgres://{app.user}:{quote(app.password)}@/{app.database}?host={quote(app.host)}&port={app.port}"
    )


async def _add_functions(world: World) -> None:
    connection = await asyncpg.connect(**world.owner.as_arguments())
    try:
        await connection.execute((HERE / "functions.sql").read_text("utf-8"))
    finally:
        await connection.close()


QUERIES = {"list": LIST, "detail": DETAIL, "tiny": TINY, "count": COUNT, "grouped": GROUPED, "write": WRITE}
POSTGRAPHILE = Peer("postgraphile", QUERIES, start)
