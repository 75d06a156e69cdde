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
