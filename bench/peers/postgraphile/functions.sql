-- What PostGraphile asks of the database beyond its tables: its own way to count, to know the viewer and to
-- write. Plain functions that the planner inlines; they run as the caller, behind the same walls.

CREATE TYPE household_count AS (value text, count integer);

CREATE FUNCTION household_counts() RETURNS SETOF household_count LANGUAGE sql STABLE AS $$
    SELECT state::text, count(*)::integer FROM households GROUP BY state ORDER BY state
$$;

CREATE FUNCTION viewer() RETURNS persons LANGUAGE sql STABLE AS $$
    SELECT * FROM persons WHERE account_id = NULLIF(current_setting('app.account', true), '')::uuid
$$;

CREATE FUNCTION visit_record(household uuid, occurred_at timestamptz) RETURNS activities LANGUAGE sql AS $$
    INSERT INTO activities (id, tenant_id, kind, person_id, code, household_id, occurred_at, recorded_at)
    SELECT gen_random_uuid(), h.tenant_id, 'household_visit', w.id, h.code, h.id, $2, now()
    FROM households h, persons w
    WHERE h.id = $1 AND w.account_id = NULLIF(current_setting('app.account', true), '')::uuid
    RETURNING *
$$;
