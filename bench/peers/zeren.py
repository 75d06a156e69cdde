"""zeren, started as its own command line starts it."""

import sys

from bench.peers import queries
from bench.peers.peer import PROJECT, Peer, Start
from bench.peers.world import KEY, POOL_SIZE, World

# One caller asks more in a second than any person may: nobody is measured against a limit.
UNLIMITED = dict.fromkeys(("ACCOUNT_RATE", "PLACE_RATE", "ADDRESS_RATE"), "off")


def start(world: World, port: int) -> Start:
    settings = {
        "PORT": str(port),
        "SECRET_KEY": KEY,
        "DATA_DIR": str(world.folder / "zeren"),
        "JOBS_AT_ONCE": "0",
        "POOL_SIZE": str(POOL_SIZE),
        **UNLIMITED,
    }
    environment = {f"ZEREN_{name}": value for name, value in settings.items()}
    command = [sys.executable, "-c", "from api.command import app; app()", "serve"]
    return Start(command, {**environment, "DATABASE_URL": world.database_url, "PYTHONPATH": str(PROJECT)})


ZEREN = Peer("zeren", queries.ZEREN, start)
