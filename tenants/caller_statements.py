"""What is asked of the database about a caller: who stands behind a session or an account, with his posts and
the law of his place; and the function that insists on nothing having changed."""

from tenants import scope

# The place's own highest version that is effective on the day, or that of the place above under which it
# lives; no row where there is none. For a statement that calls the place `pl` and has the day in `today`: a
# session is read with its law at once.
LAW_IN_FORCE = """
    SELECT pr.id, pr.digest FROM profiles pr
    WHERE pr.owner_id IN (pl.id, pl.law_place_id) AND pr.effective_from <= today.day
    ORDER BY pr.owner_id = pl.id DESC, pr.version DESC LIMIT 1
"""
_CALLER = """
SELECT a.id AS account_id, pl.id, pl.code, pl.name, pl.kind, pl.parent_id, pl.state, pl.law_place_id,
       pl.law_day, pl.note, pl.created_at, pe.id AS person_id, pe.name AS person_name,
       law.id AS profile_id, law.digest, held.posts, held.stands_in_for
FROM {found}
JOIN places pl ON pl.id = $1
CROSS JOIN LATERAL (SELECT coalesce(pl.law_day, $2::date) AS day) today
JOIN persons pe ON pe.tenant_id = $1 AND pe.account_id = a.id
LEFT JOIN LATERAL ({law}) law ON true
LEFT JOIN LATERAL (
    SELECT json_agg(json_build_object(
        'id', po.id, 'role', po.role, 'code', po.code, 'unit_id', po.unit_id, 'begins_on', po.begins_on,
        'ends_on', po.ends_on, 'limited_to', po.limited_to, 'acting_for_id', po.acting_for_id,
        'principal_id', principal.person_id) ORDER BY po.begins_on, po.id) FILTER (WHERE {in_use}) AS posts,
        array_agg(principal.person_id) FILTER (WHERE principal.id IS NOT NULL) AS stands_in_for
    FROM posts po
    LEFT JOIN posts principal ON principal.tenant_id = $1 AND principal.id = po.acting_for_id
    WHERE po.tenant_id = $1 AND po.person_id = pe.id
      AND po.begins_on <= today.day AND (po.ends_on IS NULL OR po.ends_on > today.day)
      AND (po.acting_for_id IS NULL OR (principal.begins_on <= today.day
           AND (principal.ends_on IS NULL OR principal.ends_on > today.day)
           AND principal.acting_for_id IS NULL))
) held ON true
WHERE a.disabled_at IS NULL AND {holds}
"""
OF_SESSION = _CALLER.format(
    law=LAW_IN_FORCE,
    found="sessions s JOIN accounts a ON a.id = s.account_id",
    in_use="(s.post_id IS NULL OR po.id = s.post_id)",
    holds="s.id = $3 AND s.place_id = $1 AND s.account_id = $4 AND s.ended_at IS NULL AND s.expires_at > $5",
)
BY_ACCOUNT = _CALLER.format(law=LAW_IN_FORCE, found="accounts a", in_use="true", holds="a.id = $3")

# A function, not a statement: PostgreSQL keeps the plan of its inside for the connection, and it travels in
# the same message as BEGIN. It has its caller's rights, so the walls stand in it as everywhere.
INSIST_NAME = "insist_on_caller"
INSIST_ARGUMENTS = "uuid, date, uuid, uuid, timestamptz, text"
INSIST = f"""
BEGIN
    IF (SELECT md5(seen::text) FROM ({OF_SESSION}) seen) IS DISTINCT FROM $6 THEN
        RAISE EXCEPTION 'another caller' USING ERRCODE = '{scope.PREMISE_FAILED}';
    END IF;
END
"""
