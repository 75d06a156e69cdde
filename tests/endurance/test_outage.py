"""PostgreSQL is stopped at once and started again while eight people write to a server that stays up.

One round belongs to every test run; `make endurance` does ten (ZEREN_OUTAGE_ROUNDS).
"""

import asyncio
import os
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from shutil import rmtree

import httpx2
import pytest

from api.embedded.server import EmbeddedServer
from tenants import database as databases
from tenants.database import Credentials
from tests import conftest
from tests.api.running import Running, ask, running
from tests.conftest import Cluster, Database
from tests.endurance.ledger import halves, losses
from tests.endurance.writers import Writers

ROUNDS = int(os.environ.get("ZEREN_OUTAGE_ROUNDS", "1"))
SERVING_AGAIN_SECONDS = 10
LEAST_ACKNOWLEDGED = 10


@pytest.fixture
def own_server() -> Iterator[EmbeddedServer]:
    """A PostgreSQL of its own, with every safety on: the run's other tests keep theirs."""
    root = Path(tempfile.mkdtemp(prefix="zeren-outage-"))
    root.chmod(0o755)
    server = EmbeddedServer(root / "pg" / "data")
    server.start()
    try:
        yield server
    finally:
        server.stop()
        rmtree(root, ignore_errors=True)


@pytest.fixture
def own_database(own_server: EmbeddedServer) -> tuple[Database, dict[str, str]]:
    """The demonstration in it, and a token of everybody."""
    logins = asyncio.run(own_server.ensure_roles_and_database())
    superuser = Credentials(**own_server.credentials("postgres", logins.app["database"]))
    cluster = Cluster(superuser, Credentials(**logins.owner), Credentials(**logins.app))
    asyncio.run(databases.migrate(cluster.owner, cluster.app.user))
    claims = asyncio.run(conftest.demonstrate(cluster.app))
    return Database(superuser, cluster.owner, cluster.app), conftest.tokens(claims)


def is_ready(served: Running) -> bool:
    return httpx2.get(f"{served.url}/ready", timeout=SERVING_AGAIN_SECONDS).status_code == 200


def serving_again(served: Running) -> float:
    """Seconds until somebody is answered; the server has not been touched."""
    began = time.monotonic()
    while time.monotonic() - began < SERVING_AGAIN_SECONDS:
        answer = ask(served.asking("hn-first-secretary"), "{ viewer { name } }")
        if "errors" not in answer:
            return time.monotonic() - began
        time.sleep(0.05)
    raise AssertionError("not serving again in time")


def test_a_stopped_database_costs_no_acknowledged_write(
    own_server: EmbeddedServer, own_database: tuple[Database, dict[str, str]]
) -> None:
    behind, tokens = own_database
    chance = Random(ROUNDS)  # noqa: S311 - when to stop it is no secret
    all_acknowledged, served_after = 0, []
    with running(behind, tokens) as served:
        for _ in range(ROUNDS):
            with Writers(served.url, served.tokens) as writers:
                writers.wait_for(LEAST_ACKNOWLEDGED)
                time.sleep(chance.uniform(0, 1))
                own_server._pg_ctl("stop", "--mode=immediate")
                assert not is_ready(served)
                time.sleep(0.5)
                own_server.start()
                served_after.append(serving_again(served))
                assert is_ready(served)
                time.sleep(0.5)

            remembered = writers.remembered
            assert list(losses(behind, remembered)) == []
            assert halves(behind) == {}
            assert remembered.odd == []
            assert remembered.told["DATABASE_UNAVAILABLE"] > 0
            all_acknowledged += remembered.acknowledged
    print(
        f"{ROUNDS} outages, {all_acknowledged} acknowledged, serving after {max(served_after):.1f} s at most"
    )
