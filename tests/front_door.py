"""What the tests ask at the front door, and how they look behind it."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import orjson

from tenants import database, scope
from tests.client import Client
from tests.conftest import Database

T = TypeVar("T")
DAY = date(2018, 6, 15)  # the law day of every place of the demonstration

REQUEST = """
fragment asked on Request {
  id state version profileVersion applicant { name }
  steps { id ordinal organ { id } needed state unit { name } holders { name } signature { person { name } } }
}
"""
LEAVE = (
    """
fragment taken on Leave { id days daysJudged state version returnedOn request { ...asked } }
"""
    + REQUEST
)
ANSWER = """
  decision {
    outcome version steps { act mode organs { id } }
    cites { rule clause quote profile origin } gaps { what state to }
  }
  userErrors { code message path rule }
"""
SUBMIT = f"""
mutation ($input: LeaveSubmitInput!) {{ leaveSubmit(input: $input) {{ leave {{ ...taken }} {ANSWER} }} }}
{LEAVE}
"""
EXTEND = f"""
mutation ($id: ID!, $input: LeaveExtendInput!) {{
  leaveExtend(id: $id, input: $input) {{ leave {{ ...taken extends {{ id }} }} {ANSWER} }}
}}
{LEAVE}
"""
RETURN = f"""
mutation ($id: ID!, $on: Date!, $version: Int) {{
  leaveReturn(id: $id, on: $on, expectedVersion: $version) {{ leave {{ ...taken }} {ANSWER} }}
}}
{LEAVE}
"""
FILE = f"""
mutation ($input: OutingFileInput!) {{
  outingFile(input: $input) {{ outing {{ id request {{ ...asked }} }} {ANSWER} }}
}}
{REQUEST}
"""
SIGN = f"""
mutation ($id: ID!, $remark: String, $version: Int, $key: String) {{
  requestSign(id: $id, remark: $remark, expectedVersion: $version, idempotencyKey: $key) {{
    request {{ ...asked }} {ANSWER}
  }}
}}
{REQUEST}
"""
REJECT = f"""
mutation ($id: ID!, $remark: String!) {{
  requestReject(id: $id, remark: $remark) {{ request {{ ...asked }} {ANSWER} }}
}}
{REQUEST}
"""
WITHDRAW = f"""
mutation ($id: ID!) {{ requestWithdraw(id: $id) {{ request {{ ...asked }} {ANSWER} }} }}
{REQUEST}
"""
ABILITIES = """
query ($id: ID!) {
  node(id: $id) {
    ... on Request {
      viewerCan { sign { allowed code message } withdraw { allowed code message } }
      whether: viewerCan { sign { allowed } withdraw { allowed } }
    }
  }
}
"""
NODE = "query ($id: ID!) { node(id: $id) { id __typename } }"
QUEUE = "{ workQueue { id } viewer { waitingCount } }"
NOTICES = "{ notices { nodes { kind subjectKind organ { id } } totalCount } viewer { unreadCount } }"


def submit(client: Client, login: str, begins: str, ends: str, **more: Any) -> dict[str, Any]:
    """What the answer to asking for leave says; days are written `06-18`, in the year of the law day."""
    asked = {"beginsOn": f"2018-{begins}", "endsOn": f"2018-{ends}", **more}
    answer: dict[str, Any] = client.ask(SUBMIT, {"input": asked}, as_=login)["leaveSubmit"]
    return answer


def opened(client: Client, login: str, begins: str, ends: str, **more: Any) -> str:
    """The id of the request that a leave has opened."""
    answer = submit(client, login, begins, ends, **more)
    assert answer["userErrors"] == [], answer
    return str(answer["leave"]["request"]["id"])


def sign(client: Client, login: str, request: str, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.ask(SIGN, {"id": request, **more}, as_=login)["requestSign"]
    return answer


def reject(client: Client, login: str, request: str, remark: str) -> dict[str, Any]:
    answer = client.ask(REJECT, {"id": request, "remark": remark}, as_=login)
    return dict(answer["requestReject"])


def withdraw(client: Client, login: str, request: str) -> dict[str, Any]:
    return dict(client.ask(WITHDRAW, {"id": request}, as_=login)["requestWithdraw"])


def file_outing(client: Client, login: str, departs: str, returns: str = "06-20") -> dict[str, Any]:
    """The answer to filing an outing to a coordination meeting."""
    asked = {
        "purpose": "coordination_meeting",
        "destination": "郑州市",
        "departsAt": f"2018-{departs}",
        "returnsOn": f"2018-{returns}",
    }
    return dict(client.ask(FILE, {"input": asked}, as_=login)["outingFile"])


def said(answer: dict[str, Any]) -> str:
    """The code that a command was refused with; ALLOW if it was carried out."""
    codes = [error["code"] for error in answer["userErrors"]]
    assert len(codes) <= 1
    return codes[0] if codes else "ALLOW"


def why(answer: dict[str, Any]) -> str | None:
    """The sentence of a refusal."""
    return answer["userErrors"][0]["message"] if answer["userErrors"] else None


def offered(client: Client, login: str, request: str, what: str = "sign") -> tuple[str, str | None]:
    """What the request says beforehand that a command will answer; NOT_FOUND where it shows nothing."""
    node = client.ask(ABILITIES, {"id": request}, as_=login)["node"]
    if node is None:
        return "NOT_FOUND", "找不到，或您无权查看"
    ability = node["viewerCan"][what]
    assert ability["allowed"] is (ability["code"] == "ALLOW")
    # Whether, which the database tells, and why not, which Python does.
    assert node["whether"][what]["allowed"] is ability["allowed"], ability
    return ability["code"], ability["message"]


def queue(client: Client, login: str) -> list[str]:
    answer = client.ask(QUEUE, as_=login)
    ids = [row["id"] for row in answer["workQueue"]]
    assert answer["viewer"]["waitingCount"] == len(ids)
    return ids


def organs(answer: dict[str, Any]) -> list[list[str]]:
    """The organs of each step of a decision."""
    return [[organ["id"] for organ in step["organs"]] for step in answer["decision"]["steps"]]


def rules(answer: dict[str, Any]) -> list[str]:
    return sorted(cite["rule"] for cite in answer["decision"]["cites"])


# What a command could have written.
_RECORD = (
    "attachments",
    "audit_entries",
    "idempotency_keys",
    "jobs",
    "leaves",
    "notices",
    "outings",
    "profile_drafts",
    "profiles",
    "records",
    "requests",
    "signatures",
    "source_documents",
    "steps",
)


def record(behind: Database, *more: str) -> dict[str, tuple[int, str]]:
    """Every row of the record, told by number and by fingerprint: equal only if nothing has changed.
    `more`: further tables."""
    parts = [
        f"SELECT '{table}' AS name, count(*) AS rows, md5(string_agg(t::text, '|' ORDER BY t.id)) AS content"
        f" FROM {table} t"
        for table in (*_RECORD, *more)
    ]
    return {row["name"]: (row["rows"], row["content"]) for row in rows(behind, " UNION ALL ".join(parts))}


def rows(behind: Database, sql: str, *values: Any) -> Sequence[asyncpg.Record]:
    """Rows as the superuser sees them, of all places."""

    async def fetched() -> Sequence[asyncpg.Record]:
        connection = await asyncpg.connect(**behind.superuser.as_arguments())
        try:
            found: Sequence[asyncpg.Record] = await connection.fetch(sql, *values)
            return found
        finally:
            await connection.close()

    return asyncio.run(fetched())


def told(behind: Database, kind: str) -> list[str]:
    """The logins of those who got notices of a kind."""
    found = rows(
        behind,
        "SELECT a.login FROM notices n JOIN persons p ON p.id = n.person_id"
        " JOIN accounts a ON a.id = p.account_id WHERE n.kind = $1 ORDER BY a.login",
        kind,
    )
    return [row["login"] for row in found]


def acts(behind: Database, act: str) -> list[dict[str, Any]]:
    """The details of the audit entries of an act, oldest first."""
    found = rows(behind, "SELECT details FROM audit_entries WHERE act = $1 ORDER BY recorded_at", act)
    return [orjson.loads(row["details"]) for row in found]


def person_of(behind: Database, login: str) -> UUID:
    sql = "SELECT p.id FROM persons p JOIN accounts a ON a.id = p.account_id WHERE a.login = $1"
    (row,) = rows(behind, sql, login)
    found: UUID = row["id"]
    return found


def place_of(behind: Database, code: str) -> UUID:
    (row,) = rows(behind, "SELECT id FROM places WHERE code = $1", code)
    found: UUID = row["id"]
    return found


def post_of(behind: Database, login: str) -> UUID:
    """The first post of a person."""
    sql = "SELECT id FROM posts WHERE person_id = $1 ORDER BY begins_on LIMIT 1"
    (row,) = rows(behind, sql, person_of(behind, login))
    found: UUID = row["id"]
    return found


def arrange(behind: Database, code: str, act: Callable[[], Awaitable[T]]) -> T:
    """Does something in a place as its administrators would, by a script beside the running server."""
    place = place_of(behind, code)

    async def done() -> T:
        async with database.connected(behind.app, pool_size=2), scope.open(writes=place):
            return await act()

    return asyncio.run(done())


@contextmanager
def held(behind: Database, sql: str, then: str = "ROLLBACK") -> Iterator[None]:
    """Keeps the rows of a statement locked while the block runs, as another writer would."""
    loop = asyncio.new_event_loop()
    connection = loop.run_until_complete(asyncpg.connect(**behind.superuser.as_arguments()))
    try:
        loop.run_until_complete(connection.execute("BEGIN"))
        assert loop.run_until_complete(connection.fetch(sql))
        yield
        loop.run_until_complete(connection.execute(then))
    finally:
        loop.run_until_complete(connection.close())
        loop.close()
