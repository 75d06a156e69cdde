"""The demonstration with a register of households in two counties, and requests on their way in both."""

import asyncio
from datetime import date
from typing import Any

import asyncpg

from tenants import clock, county_summaries
from tests.client import Client
from tests.conftest import Database

HERE, THERE = "410173000000", "621121000000"
TOWNSHIP = "410173113000"
MOST = 60

# The same each time, in the villages where people of the demonstration have posts; one in three has nobody
# who helps it.
_HOUSEHOLDS = """
INSERT INTO households (id, tenant_id, code, number, head_name, state, main_cause, population, income,
                        address, registered_on, exited_on, recorded_at, version)
SELECT gen_random_uuid(), p.id, v.codes[1 + i % cardinality(v.codes)], 'H' || lpad(i::text, 5, '0'),
       CASE WHEN i % 5 = 0 THEN '户主"' || i || E'\\ \n' ELSE '户主' || i END,
       (ARRAY['registered', 'exited', 'relapsed', 'candidate'])[1 + i % 4],
       CASE WHEN i % 3 > 0 THEN 'poverty_cause' END, 1 + i % 6, CASE WHEN i % 4 > 0 THEN 2300.5 + i END,
       CASE WHEN i % 2 = 0 THEN '某组' || i || '号' END, DATE '2014-01-01' + i,
       CASE WHEN i % 4 = 1 THEN DATE '2016-01-01' + i END,
       TIMESTAMPTZ '2018-01-01 00:00+08' + i * INTERVAL '90 s', 1
FROM places p, generate_series(1, $2) i, LATERAL (
  SELECT array_agg(DISTINCT d.code ORDER BY d.code) AS codes FROM divisions d
  JOIN posts o ON o.tenant_id = d.tenant_id AND o.code = d.code
  WHERE d.tenant_id = p.id AND d.level = 'village') v
WHERE p.code = $1
"""
_MEMBERS = """
INSERT INTO members (id, tenant_id, household_id, name, relation, born_on, id_number_mask, recorded_at)
SELECT gen_random_uuid(), h.tenant_id, h.id, h.head_name || k, CASE k WHEN 1 THEN 'head' ELSE 'child' END,
       CASE WHEN k > 1 THEN DATE '1990-01-01' + k END, CASE WHEN k = 1 THEN '4101************12' END,
       h.recorded_at + k * INTERVAL '1 s'
FROM households h JOIN places p ON p.id = h.tenant_id, generate_series(1, 3) k
WHERE p.code = $1 AND h.number LIKE 'H%' AND k <= h.population
"""
_PAIRINGS = """
INSERT INTO pairings (id, tenant_id, kind, code, household_id, person_id, begins_on, ends_on, recorded_at)
SELECT gen_random_uuid(), h.tenant_id, 'cadre_household', h.code, h.id, who.ids[1 + n % cardinality(who.ids)],
       DATE '2016-01-01', CASE WHEN k = 2 THEN DATE '2017-01-01' END, h.recorded_at + k * INTERVAL '1 ms'
FROM (SELECT *, row_number() OVER (ORDER BY number) AS n FROM households WHERE number LIKE 'H%') h
JOIN places p ON p.id = h.tenant_id, generate_series(1, 2) k,
     LATERAL (SELECT array_agg(id ORDER BY id) AS ids FROM persons WHERE tenant_id = p.id) who
WHERE p.code = $1 AND n % 3 > 0
"""
_VISITS = """
INSERT INTO activities (id, tenant_id, kind, person_id, code, household_id, occurred_at, note, recorded_at)
SELECT gen_random_uuid(), r.tenant_id, CASE k WHEN 4 THEN 'village_visit' ELSE 'household_visit' END,
       r.person_id, r.code, r.household_id, r.recorded_at + k * INTERVAL '1 day',
       CASE WHEN k > 1 THEN '走访' || k END, r.recorded_at + k * INTERVAL '2 days'
FROM pairings r JOIN places p ON p.id = r.tenant_id, generate_series(1, 4) k
WHERE p.code = $1 AND r.recorded_at < '2020-01-01'
"""

# A file of every person, read by turns with one permission and another, and the job that made it.
_FILES = """
INSERT INTO attachments (id, tenant_id, owner_id, code, permission, name, media_type, size, digest,
                         storage_key, recorded_at)
SELECT gen_random_uuid(), n.tenant_id, n.id, p.code, (ARRAY['attachment.read', 'audit.read'])[1 + i % 2],
       '附件' || i || '.csv', 'text/csv', 3000 + i, repeat('0', 64), 'made-up/' || n.id || '/' || i,
       TIMESTAMPTZ '2018-05-01 00:00+08' + i * INTERVAL '1 s'
FROM persons n JOIN places p ON p.id = n.tenant_id, generate_series(1, 2) i WHERE p.code = $1
"""
_JOBS = """
INSERT INTO jobs (id, tenant_id, kind, asked_by, account_id, post_ids, arguments, state, is_cancelling, done,
                  total, stage, outcome, attachment_id, failure_params, recorded_at, ended_at, runs)
SELECT gen_random_uuid(), a.tenant_id, 'audit.export', a.owner_id, gen_random_uuid(), '[]', '{}', 'done',
       false, 9, 9, '', '{"rows": 9}', a.id, '{}', a.recorded_at, a.recorded_at, 1
FROM attachments a JOIN places p ON p.id = a.tenant_id WHERE p.code = $1 AND a.storage_key LIKE 'made-up/%'
"""
_ACTS = """
INSERT INTO acts_as (id, tenant_id, place_id, place_name, person_id, person_name, act, reason, recorded_at)
SELECT gen_random_uuid(), p.id, p.id, '某省', gen_random_uuid(), '某人', 'place.suspend',
       CASE WHEN i > 1 THEN '核查' || i END, TIMESTAMPTZ '2018-05-01 00:00+08' + i * INTERVAL '1 h'
FROM places p, generate_series(1, 3) i WHERE p.code = $1
"""
_DRAFTS = """
INSERT INTO profile_drafts (id, tenant_id, name, text, document_title, document_text, drafted_by, edited_by,
                            follows, state, profile_id, recorded_at, changed_at, version)
SELECT gen_random_uuid(), p.id, 'HN-' || i, '草案"' || i || E'\\ \n', '办法' || i,
       CASE WHEN i > 1 THEN '全文' END, who.ids[1], to_jsonb(who.ids[1:i]), i - 1,
       CASE WHEN v.profile_id IS NULL THEN 'open' ELSE 'published' END, v.profile_id,
       TIMESTAMPTZ '2018-05-01 00:00+08' + i * INTERVAL '1 h', TIMESTAMPTZ '2018-05-02 00:00+08', i
FROM places p, generate_series(1, 3) i,
     LATERAL (SELECT array_agg(id ORDER BY name DESC, id) AS ids FROM persons WHERE tenant_id = p.id) who,
     LATERAL (SELECT max(id::text)::uuid AS profile_id FROM profiles
              WHERE i = 3 AND owner_id IN (p.id, p.law_place_id)) v
WHERE p.code = $1
"""


# A record of every person who has a post, and the file that came with it.
_RECORDS = """
INSERT INTO records (id, tenant_id, kind, person_id, post_id, code, text, contents, occurred_on, recorded_at)
SELECT gen_random_uuid(), o.tenant_id, 'progress_report', o.person_id, o.id, o.code, '情况"' || E'\\ \n',
       '["image", "text"]', DATE '2018-05-01', TIMESTAMPTZ '2018-05-02 00:00+08'
FROM posts o JOIN places p ON p.id = o.tenant_id WHERE p.code = $1
"""
_FILES_OF_RECORDS = """
INSERT INTO attachments (id, tenant_id, owner_id, code, permission, name, media_type, size, digest,
                         storage_key, subject_kind, subject_id, recorded_at)
SELECT gen_random_uuid(), r.tenant_id, r.person_id, r.code, 'record.read', '现场.png', 'image/png', 99,
       repeat('0', 64), 'handed-in/' || r.id, 'record', r.id, r.recorded_at
FROM records r JOIN places p ON p.id = r.tenant_id WHERE p.code = $1
"""


def plant_papers(database: Database, *codes: str) -> None:
    """Files with the jobs that made them, what a place above did, and drafts of profiles."""
    asyncio.run(_run(database, codes, (_FILES, _JOBS, _ACTS, _DRAFTS, _RECORDS, _FILES_OF_RECORDS)))


async def _run(database: Database, codes: tuple[str, ...], statements: tuple[str, ...]) -> None:
    connection: Any = await asyncpg.connect(**database.superuser.as_arguments())
    try:
        for code in codes:
            for statement in statements:
                await connection.execute(statement, code)
    finally:
        await connection.close()


def plant_register(database: Database, *codes: str, most: int = MOST) -> None:
    asyncio.run(_planted(database, codes, most))


async def _planted(database: Database, codes: tuple[str, ...], most: int) -> None:
    connection: Any = await asyncpg.connect(**database.superuser.as_arguments())
    try:
        for code in codes:
            await connection.execute(_HOUSEHOLDS, code, most)
            for statement in (_MEMBERS, _PAIRINGS, _VISITS):
                await connection.execute(statement, code)
            place = await connection.fetchval("SELECT id FROM places WHERE code = $1", code)
            await connection.execute(county_summaries.COUNT, place, clock.now())
    finally:
        await connection.close()


ASK = """
mutation ($b: Date!, $e: Date!, $reason: String) {
  leaveSubmit(input: {beginsOn: $b, endsOn: $e, reason: $reason}) {
    leave { request { id } } userErrors { code }
  }
}
"""
SIGN = 'mutation ($id: ID!) { requestSign(id: $id, remark: "同意") { userErrors { code } } }'
OUTING = """
mutation { outingFile(input: {purpose: "coordination_meeting", destination: "县城", returnsOn: "2018-06-16",
  departsAt: "2018-06-16T08:00:00+08:00"}) { userErrors { code } } }
"""


def plant_requests(client: Client) -> None:
    """Leaves that wait, that are half signed, and an outing, in two counties."""
    for county, signer in (("hn", "hn-bureau-head"), ("tw", "tw-township-secretary")):
        for day in (1, 9, 17):
            begins, ends = date(2018, 7, day), date(2018, 7, day + (day + 1) % 5)
            asked = {"b": f"{begins}", "e": f"{ends}", "reason": "看病" if day > 1 else None}
            answer = client.ask(ASK, asked, as_=f"{county}-first-secretary")["leaveSubmit"]
            if answer["leave"] and day > 1:
                client.ask(SIGN, {"id": answer["leave"]["request"]["id"]}, as_=signer)
        client.post(OUTING, as_=f"{county}-first-secretary")
