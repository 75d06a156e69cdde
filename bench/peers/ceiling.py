"""The ceiling as a peer: nothing that speaks HTTP from Python and reads PostgreSQL will be much faster."""

import sys

from bench.peers import queries
from bench.peers.peer import PROJECT, Peer, Start
from bench.peers.world import KEY, POOL_SIZE, World


def start(world: World, port: int) -> Start:
    served = ["bench.peers.ceiling_app:app", "--port", str(port), "--log-level", "warning"]
    return Start(
        [sys.executable, "-m", "uvicorn", *served],
        {
            "DATABASE_URL": world.database_url,
            "KEY": KEY,
            "POOL_SIZE": str(POOL_SIZE),
            "PYTHONPATH": str(PROJECT),
        },
    )


_ANSWERED = (*queries.COMPARED, "deep")
CEILING = Peer("ceiling", {name: queries.ZEREN[name] for name in _ANSWERED}, start)
