"""What the database holds against what was promised: nothing acknowledged is lost, nothing is half there."""

from base64 import b64decode
from collections.abc import Iterator
from uuid import UUID

from tests.conftest import Database
from tests.endurance.writers import Remembered
from tests.front_door import rows

# Each counts rows that cannot be: one side of what a single transaction writes, without the other.
HALVES = {
    "leaves without a request": """
        SELECT l.id FROM leaves l WHERE NOT EXISTS (SELECT 1 FROM requests r
            WHERE r.tenant_id = l.tenant_id AND r.subject_id = l.id)""",
    "leaves without exactly one entry of the audit": """
        SELECT l.id FROM leaves l WHERE (SELECT count(*) FROM audit_entries a
            WHERE a.tenant_id = l.tenant_id AND a.subject_id = l.id AND a.act = 'leave.submit') <> 1""",
    "entries of the audit without a leave": """
        SELECT a.id FROM audit_entries a WHERE a.act = 'leave.submit' AND NOT EXISTS (SELECT 1 FROM leaves l
            WHERE l.tenant_id = a.tenant_id AND l.id = a.subject_id)""",
    "requests without a step": """
        SELECT r.id FROM requests r WHERE NOT EXISTS (SELECT 1 FROM steps s
            WHERE s.tenant_id = r.tenant_id AND s.request_id = r.id)""",
    "signatures without exactly one entry of the audit": """
        SELECT s.id FROM signatures s WHERE (SELECT count(*) FROM audit_entries a
            WHERE a.tenant_id = s.tenant_id AND a.subject_id = s.request_id AND a.act = 'request.approve'
              AND a.person_id = s.person_id) <> 1""",
    "signed steps without a signature": """
        SELECT t.id FROM steps t WHERE t.state = 'signed' AND NOT EXISTS (SELECT 1 FROM signatures s
            WHERE s.tenant_id = t.tenant_id AND s.step_id = t.id)""",
    "approved requests whose leave is not": """
        SELECT r.id FROM requests r JOIN leaves l ON l.tenant_id = r.tenant_id AND l.id = r.subject_id
        WHERE (r.state = 'approved') <> (l.state = 'approved')""",
}


def losses(behind: Database, remembered: Remembered) -> Iterator[str]:
    """Every acknowledged write that is not there."""
    leaves = {row["id"] for row in rows(behind, "SELECT id FROM leaves")}
    yield from (f"leave {id}" for id in remembered.leaves if _row(id) not in leaves)
    signed = {(row["request_id"], row["login"]) for row in rows(behind, _SIGNED)}
    for request, login in remembered.signatures:
        if (_row(request), login) not in signed:
            yield f"signature of {login} on {request}"


_SIGNED = """
SELECT s.request_id, a.login FROM signatures s
JOIN persons p ON p.tenant_id = s.tenant_id AND p.id = s.person_id JOIN accounts a ON a.id = p.account_id
"""


def halves(behind: Database) -> dict[str, int]:
    """How many rows of each impossible kind there are; empty when all is whole."""
    found = {said: len(rows(behind, sql)) for said, sql in HALVES.items()}
    return {said: number for said, number in found.items() if number}


def _row(global_id: str) -> UUID:
    return UUID(b64decode(global_id).decode().partition(":")[2])
