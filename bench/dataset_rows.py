"""The statements that make the rows of one place of the data set. `$1` is always the place.

An id is the digest of the place, the table and a number: the same in each run, and known without asking.
"""

from hashlib import md5
from uuid import UUID

# The first persons of a place, by their number.
COUNTY_SECRETARY, TOWNSHIP_SECRETARY = 1, 2


def account_id(place: UUID, number: int) -> UUID:
    return UUID(md5(f"{place} account {number}".encode(), usedforsecurity=False).hexdigest())


def _id(table: str, number: str = "n") -> str:
    return f"md5($1::uuid || ' {table} ' || {number})::uuid"


PLACE = """
INSERT INTO places (id, code, name, kind, state, law_place_id, note, created_at)
VALUES ($1, $2, $3, 'county', 'active', $4, '', TIMESTAMPTZ '2018-01-01')
"""
DIVISIONS = f"""
INSERT INTO divisions (id, tenant_id, code, official_code, name, level, parent_code, attributes)
SELECT {_id("division", "code")}, $1, code, code, name, level, parent_code, '{{}}'
FROM unnest($2::text[], $3::text[], $4::text[], $5::text[]) AS node (code, name, level, parent_code)
"""
ACCOUNTS = f"""
INSERT INTO accounts (id, login, failures, places, created_at)
SELECT {_id("account")}, 'bench-' || $2::int || '-' || n, 0, jsonb_build_array($1::uuid),
       TIMESTAMPTZ '2018-01-01'
FROM generate_series(1, $3::int) n
"""
PERSONS = f"""
INSERT INTO persons (id, tenant_id, name, account_id, is_demo, version)
SELECT {_id("person")}, $1, '干部' || n, {_id("account")}, true, 1 FROM generate_series(1, $2::int) n
"""
# The county's secretary, the first township's, and cadres of its villages, one after the other.
POSTS = f"""
INSERT INTO posts (id, tenant_id, person_id, role, code, begins_on, basis)
SELECT {_id("post")}, $1, {_id("person")},
       CASE n WHEN {COUNTY_SECRETARY} THEN 'county_party_secretary'
              WHEN {TOWNSHIP_SECRETARY} THEN 'township_party_secretary' ELSE 'village_cadre' END,
       CASE n WHEN {COUNTY_SECRETARY} THEN $3 WHEN {TOWNSHIP_SECRETARY} THEN ($4::text[])[1]
              ELSE ($5::text[])[1 + n % cardinality($5)] END,
       DATE '2018-01-01', 'appointment'
FROM generate_series(1, $2::int) n
"""
# Of 100 households 55 are registered, 40 have left and 5 came back; neighbours by number live apart.
HOUSEHOLDS = f"""
INSERT INTO households (id, tenant_id, code, number, head_name, state, population, income, address,
                        registered_on, exited_on, recorded_at, version)
SELECT {_id("household")}, $1, ($3::text[])[1 + n % cardinality($3)], lpad(n::text, 8, '0'), '户主' || n,
       state, 1 + n % 5, 2000 + n % 4000, n % 300 || '号', entered,
       CASE state WHEN 'exited' THEN entered + 1000 END, TIMESTAMPTZ '2018-01-01' + n * INTERVAL '1 s', 1
FROM generate_series(1, $2::int) n
CROSS JOIN LATERAL (SELECT DATE '2014-01-01' + n % 365 AS entered, CASE
    WHEN n * 7 % 100 < 55 THEN 'registered' WHEN n * 7 % 100 < 95 THEN 'exited' ELSE 'relapsed'
END AS state) said
"""
MEMBERS = f"""
INSERT INTO members (id, tenant_id, household_id, name, relation, born_on, id_number_mask, recorded_at)
SELECT {_id("member", "h.number || '-' || k")}, $1, h.id, CASE k WHEN 1 THEN h.head_name ELSE '家人' || k END,
       CASE k WHEN 1 THEN 'head' ELSE 'other' END, DATE '1960-01-01' + 700 * k, NULL, h.recorded_at
FROM households h, generate_series(1, least(h.population, $2::int)) k WHERE h.tenant_id = $1
"""
PAIRINGS = f"""
INSERT INTO pairings (id, tenant_id, kind, code, household_id, person_id, begins_on, recorded_at)
SELECT {_id("pairing")}, $1, 'cadre_household', h.code, h.id, {_id("person", "(1 + n % $2::int)")},
       DATE '2018-02-01', h.recorded_at
FROM households h CROSS JOIN LATERAL (SELECT h.number::int AS n) counted WHERE h.tenant_id = $1
"""
VISITS = f"""
INSERT INTO activities (id, tenant_id, kind, person_id, code, household_id, occurred_at, note, recorded_at)
SELECT {_id("visit", "p.household_id || '-' || k")}, $1, 'household_visit', p.person_id, p.code,
       p.household_id, p.recorded_at + k * INTERVAL '1 month', '走访' || k,
       p.recorded_at + k * INTERVAL '1 month'
FROM pairings p, generate_series(1, $2::int) k WHERE p.tenant_id = $1
"""
SOME_HOUSEHOLDS = """
SELECT id, code FROM households WHERE tenant_id = $1 AND code >= $2 AND code < $3 ORDER BY id LIMIT $4
"""
