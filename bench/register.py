"""A register of households to read from: the demonstration's first county, filled by plain SQL."""

import asyncpg

from tenants import clock, county_summaries
from tenants.database import Credentials

COUNTY, TOWNSHIP = "410173000000", "410173113000"
HOUSEHOLDS = 6_000

_HOUSEHOLDS = """
INSERT INTO households (id, tenant_id, code, number, head_name, state, population, income, address,
                        registered_on, recorded_at, version)
SELECT gen_random_uuid(), p.id, v.codes[1 + i % cardinality(v.codes)], 'H' || lpad(i::text, 7, '0'),
       '户主' || i,
       (ARRAY['registered', 'exited', 'relapsed'])[1 + i % 3], 1 + i % 6, 3000 + i, i || '号',
       DATE '2014-01-01' + i % 1000, TIMESTAMPTZ '2018-01-01' + i * INTERVAL '1 min', 1
FROM places p, generate_series(1, $2) i, LATERAL (
  SELECT array_agg(code ORDER BY code) AS codes FROM divisions WHERE tenant_id = p.id AND level = 'village') v
WHERE p.code = $1
"""
_PAIRINGS = """
INSERT INTO pairings (id, tenant_id, kind, code, household_id, person_id, begins_on, recorded_at)
SELECT gen_random_uuid(), h.tenant_id, 'cadre_household', h.code, h.id, w.ids[1 + h.n % cardinality(w.ids)],
       DATE '2016-01-01', h.recorded_at
FROM (SELECT *, row_number() OVER (ORDER BY number) AS n FROM households WHERE number LIKE 'H%') h, LATERAL (
  SELECT array_agg(id ORDER BY id) AS ids FROM persons WHERE tenant_id = h.tenant_id) w
"""
_VISITS = """
INSERT INTO activities (id, tenant_id, kind, person_id, code, household_id, occurred_at, note, recorded_at)
SELECT gen_random_uuid(), r.tenant_id, 'household_visit', r.person_id, r.code, r.household_id,
       r.recorded_at + k * INTERVAL '1 day', '走访' || k, r.recorded_at + k * INTERVAL '1 day'
FROM pairings r, generate_series(1, 3) k
"""


async def fill(superuser: Credentials) -> None:
    connection = await asyncpg.connect(**superuser.as_arguments())
    try:
        await connection.execute(_HOUSEHOLDS, COUNTY, HOUSEHOLDS)
        await connection.execute(_PAIRINGS)
        await connection.execute(_VISITS)
        place = await connection.fetchval("SELECT id FROM places WHERE code = $1", COUNTY)
        await connection.execute(county_summaries.COUNT, place, clock.now())
        await connection.execute("ANALYZE")
    finally:
        await connection.close()
