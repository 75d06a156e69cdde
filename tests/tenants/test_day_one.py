"""What keeps the record movable to a sharded database: read from every statement that is sent.

Each names its place in every reference to a place's table, writes no `tenant_id`, locks only rows of its
place, and leaves times and ids to Python.
"""

import re
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

import tenants
from tenants import activities, clock, database, households, leave, outings, people, places, requests, walls
from tenants.requests import Verdict
from tests.conftest import Database
from tests.statements import heard
from tests.tenants.demonstration import (
    ask_leave,
    person_of,
    post_of,
    sign,
    sign_in,
    standing,
    withdraw,
)

NAMES_ITS_PLACE = r'"?tenant_id"?\s*(?:=\s*(?:ANY\s*\(\s*)?\$\d+|IN\s*\(\$\d+)'
VOLATILE = r"\b(NOW|GEN_RANDOM_UUID|CLOCK_TIMESTAMP|RANDOM)\s*\(|CURRENT_TIMESTAMP"


@pytest.fixture
async def place_tables(people_models: Database) -> list[str]:
    async with database.connected(people_models.app, pool_size=1) as context:
        return [walls.table_of(m) for m in database.models_of(context) if walls.is_place_table(m)]


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    return heard(monkeypatch)


def faults(sql: str, tables: list[str]) -> list[str]:
    """What would not run, or not run well, when the tables are spread by place."""
    text = " ".join(sql.split())
    upper = text.upper()
    return [what for what, holds in _signs(text, upper, tables).items() if holds]


def _signs(text: str, upper: str, tables: list[str]) -> dict[str, bool]:
    names = "|".join(tables)
    references = len(re.findall(rf'\b(?:FROM|JOIN|UPDATE)\s+"?(?:{names})\b', text))
    # One statement may hold several (tenants/inserts.py).
    inserted = re.findall(rf'\bINSERT INTO "?(?:{names})\b[^(]*\(([^)]*)\)', text)
    updates, _, rest = upper.partition(" SET ")
    written = rest.partition(" WHERE ")[0] if updates.startswith("UPDATE") else ""
    return {
        "a reference without its place": len(re.findall(NAMES_ITS_PLACE, text)) < references,
        "an UPDATE that writes tenant_id": "TENANT_ID" in written,
        "an UPDATE with a volatile function": bool(re.search(VOLATILE, written)),
        "an INSERT without its place": any("tenant_id" not in columns for columns in inserted),
        "a COPY": bool(re.search(r"\bCOPY\b", upper)),
        "two statements in one": ";" in text.rstrip("; "),
    }


TABLES = ["leaves", "posts"]
SAMPLES = [
    ('SELECT * FROM "leaves" WHERE "tenant_id"=$1', []),
    ("SELECT * FROM leaves WHERE tenant_id = ANY($1::uuid[]) AND id = $2 FOR UPDATE", []),
    ("SELECT * FROM leaves WHERE tenant_id IN ($1,$2)", []),
    ("SELECT * FROM places WHERE id = $1", []),
    ("SELECT * FROM leaves WHERE id = $1", ["a reference without its place"]),
    ("SELECT * FROM leaves WHERE id = $1 FOR UPDATE", ["a reference without its place"]),
    (
        "SELECT * FROM leaves l JOIN posts p USING (id) WHERE l.tenant_id = $1",
        ["a reference without its place"],
    ),
    (
        "SELECT * FROM leaves l JOIN posts p ON p.tenant_id = $1 WHERE l.tenant_id = $1",
        [],
    ),
    ("UPDATE leaves SET state = $1 WHERE tenant_id = $2", []),
    ("UPDATE leaves SET tenant_id = $1 WHERE tenant_id = $2", ["an UPDATE that writes tenant_id"]),
    ("UPDATE leaves SET at = now() WHERE tenant_id = $2", ["an UPDATE with a volatile function"]),
    ("DELETE FROM leaves WHERE id = $1", ["a reference without its place"]),
    ("INSERT INTO leaves (id, tenant_id) VALUES ($1, $2)", []),
    ("INSERT INTO leaves (id) VALUES ($1)", ["an INSERT without its place"]),
    ("WITH r AS (INSERT INTO leaves (tenant_id, id) SELECT $1, $2) SELECT 1", []),
    (
        "WITH r AS (INSERT INTO leaves (tenant_id, id) SELECT $1, $2),"
        " s AS (INSERT INTO posts (id) SELECT $3) SELECT 1",
        ["an INSERT without its place"],
    ),
    (
        "WITH o AS (SELECT o.* FROM posts o WHERE o.id = $2), r AS (INSERT INTO leaves (tenant_id, id)"
        " SELECT $1, o.id FROM o) SELECT 1",
        ["a reference without its place"],
    ),
    ("COPY places FROM STDIN", ["a COPY"]),
    ("SELECT 1; SELECT 2", ["two statements in one"]),
]


@pytest.mark.parametrize(("sql", "expected"), SAMPLES, ids=[sql for sql, _ in SAMPLES])
def test_a_fault_is_seen_where_there_is_one(sql: str, expected: list[str]) -> None:
    assert faults(sql, TABLES) == expected


async def everything_once() -> None:
    """The whole flow: ask, extend, visit, sign, reject, withdraw, return, file, read the queue, revoke."""
    claims = await sign_in("hn-first-secretary")
    asked = await ask_leave(claims, "14", "15", key="k", reason="家事")
    await ask_leave(claims, "14", "15", key="k", reason="家事")
    await sign("hn-township-secretary", asked.request.id, key="s")
    async with standing(claims) as caller:
        await leave.extend(caller.viewer, caller.law, asked.leave.id, leave.Extension(date(2018, 6, 17)))
    async with standing(claims) as caller:
        await leave.come_back(caller.viewer, caller.law, asked.leave.id, date(2018, 6, 15))
        leaves = await leave.Leave.filter(leave.visible(caller.viewer, caller.access).as_filter())
        assert len(leaves) == 2
    async with standing("hn-township-secretary") as caller:
        [household, *_] = await households.Household.all()
        visit = activities.Visit(household.id, datetime(2018, 6, 1, 9, tzinfo=clock.SHANGHAI))
        await activities.record_visit(caller.viewer, caller.law, visit, key="v")
    four = await ask_leave("hn-team-member", "18", "21")
    await sign("hn-bureau-head", four.request.id)
    await sign("hn-unit-head", four.request.id, Verdict.REJECT)
    last = await ask_leave("hn-team-member", "25", "25")
    await withdraw("hn-team-member", last.request.id)
    await file_an_outing()
    async with standing("hn-township-secretary") as caller:
        await (await requests.work_queue(caller.viewer, caller.access, 100)).rows()
        await people.visible_among([caller.viewer.person_id], caller.viewer, caller.access)
        assert await places.chain(caller.viewer.place_id)
    person, post = await person_of("hn-team-member"), await post_of("hn-team-member")
    async with standing("hn-admin"):
        assert await people.end_post(post.id, date(2018, 6, 16)) == 1
        person.rank = "section"
        await person.save()
        await person.refresh_from_db()


async def file_an_outing() -> None:
    async with standing("hn-other-first-secretary") as caller:
        departs = datetime(2018, 6, 18, 8, tzinfo=clock.SHANGHAI)
        filing = outings.Filing("project", "郑州", departs, departs.date() + timedelta(days=1))
        await outings.file(caller.viewer, caller.law, filing, key="o")


async def test_every_statement_of_the_flow_may_be_sharded(place_tables: list[str], sent: list[str]) -> None:
    await everything_once()

    assert {sql: found for sql in sent if (found := faults(sql, place_tables))} == {}
    touched = {table for table in place_tables if any(re.search(rf"\b{table}\b", sql) for sql in sent)}
    assert touched >= {"leaves", "requests", "steps", "signatures", "posts", "persons", "notices", "outings"}
    assert touched >= {"households", "activities", "audit_entries", "idempotency_keys"}
    assert sum(bool(re.search("FOR (NO KEY UPDATE|UPDATE|SHARE)", sql)) for sql in sent) > 5
    assert sum(sql.startswith("UPDATE") for sql in sent) > 10


def written_by_hand() -> list[tuple[str, str]]:
    """The SQL in the sources: every text in capitals that begins like a statement."""
    found = []
    for path in sorted(Path(str(tenants.__file__)).parent.glob("*.py")):
        if path.stem in ("walls", "wall_audit"):  # of the catalog, by the owner
            continue
        for text in re.findall(r'"""(.*?)"""|"((?:[^"\\]|\\.)*)"', path.read_text("utf-8"), re.DOTALL):
            sql = (text[0] or text[1]).strip()
            if re.match(r"(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|COPY) ?", sql) and "$" in sql:
                found.append((path.stem, sql))
    return found


def test_every_statement_written_by_hand_may_be_sharded() -> None:
    tables = sorted(_place_tables_by_source())
    written = written_by_hand()

    assert {sql: found for _, sql in written if (found := faults(sql, tables))} == {}
    assert len(written) >= 5
    assert {"caller_statements", "divisions", "places"} <= {module for module, _ in written}


def _place_tables_by_source() -> set[str]:
    found = set()
    for path in Path(str(tenants.__file__)).parent.glob("*.py"):
        text = path.read_text("utf-8")
        for body in re.findall(r"class \w+\(PlaceRow\):(.*?)\n\n\n", text, re.DOTALL):
            found |= set(re.findall(r'table = "(\w+)"', body))
    return found
