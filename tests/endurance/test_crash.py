"""The server is killed (-9) while eight people write. What it acknowledged is there, and whole, afterwards.

One round belongs to every test run; `make endurance` does twenty (ZEREN_CRASH_ROUNDS).
"""

import os
import signal
import time
from random import Random

from tests import conftest
from tests.api.running import running
from tests.conftest import Database
from tests.endurance.ledger import halves, losses
from tests.endurance.writers import Remembered, Writers
from tests.front_door import rows

ROUNDS = int(os.environ.get("ZEREN_CRASH_ROUNDS", "1"))
LEAST_ACKNOWLEDGED = 10
# A planted half, which must be seen.
HALF = (
    "DELETE FROM audit_entries WHERE id = (SELECT id FROM audit_entries WHERE act = 'leave.submit' LIMIT 1)"
)


def killed_at_work(database: Database, seconds: float) -> tuple[Remembered, float]:
    """What was acknowledged until the kill, and how long after it a new server serves."""
    with running(database, conftest.tokens()) as served:
        with Writers(served.url, served.tokens) as writers:
            writers.wait_for(LEAST_ACKNOWLEDGED)
            time.sleep(seconds)
            os.kill(served.pid, signal.SIGKILL)
            # An answer that was on its way may still arrive; then nobody answers any more.
            time.sleep(0.1)
    began = time.monotonic()
    with running(database, conftest.tokens()):
        return writers.remembered, time.monotonic() - began


def test_a_killed_server_has_lost_nothing_it_acknowledged(demo_database: Database) -> None:
    chance = Random(ROUNDS)  # noqa: S311 - when to kill is no secret
    all_acknowledged, served_after = 0, []
    for _ in range(ROUNDS):
        remembered, seconds = killed_at_work(demo_database, chance.uniform(0, 1))

        assert list(losses(demo_database, remembered)) == []
        assert halves(demo_database) == {}
        assert remembered.odd == []
        all_acknowledged += remembered.acknowledged
        served_after.append(seconds)
    print(f"{ROUNDS} kills, {all_acknowledged} acknowledged, serving after {max(served_after):.1f} s at most")

    rows(demo_database, HALF)
    assert halves(demo_database) == {"leaves without exactly one entry of the audit": 1}
