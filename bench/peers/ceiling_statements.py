"""The statements of the ceiling: each builds its whole answer as text, the cheapest way PostgreSQL has.

`$1` is the place, as the walls say it too; what follows is the query's own.
"""


def _said(column: str) -> str:
    """A column as JSON; NULL as null, which would otherwise swallow the whole text."""
    return f"coalesce(to_json({column})::text, 'null')"


def _coded(text: str) -> str:
    """An opaque text. PostgreSQL breaks the lines of a long one."""
    return f"""'"' || translate(encode(convert_to({text}, 'UTF8'), 'base64'), chr(10), '') || '"'"""


def _id(kind: str, column: str) -> str:
    return _coded(f"'{kind}:' || {column}")


def _object(**values: str) -> str:
    """An object of texts, each of which is JSON already."""
    members = [f"""'"{name}":' || {value}""" for name, value in values.items()]
    return " || ".join(["'{'", " || ',' || ".join(members), "'}'"])


def _one(value: str, rows: str) -> str:
    return f"(SELECT {value} FROM {rows})"


def _list(value: str, rows: str, order: str) -> str:
    return _one(f"'[' || coalesce(string_agg({value}, ',' ORDER BY {order}), '') || ']'", rows)


def _nodes(value: str, rows: str, order: str) -> str:
    return _object(nodes=_list(value, rows, order))


_HOUSEHOLD = {
    "id": _id("Household", "h.id"),
    "number": _said("h.number"),
    "headName": _said("h.head_name"),
    "state": """'"' || upper(h.state) || '"'""",
    "population": "h.population",
    "income": _said("h.income::text"),
    "registeredOn": _said("h.registered_on"),
    "address": _said("h.address"),
}
_VILLAGE = "divisions v WHERE v.tenant_id = $1 AND v.code = h.code"
_TOWNSHIP = "divisions t WHERE t.tenant_id = $1 AND t.code = v.parent_code"
_PERSON = "persons w WHERE w.tenant_id = $1 AND w.id = p.person_id"
_NAME = _one(_object(name=_said("w.name")), _PERSON)
_NEWEST = "p.recorded_at DESC, p.id DESC"


def _pairings(value: str, most: int) -> str:
    mine = "p.tenant_id = $1 AND p.household_id = h.id"
    return _nodes(
        value, f"(SELECT * FROM pairings p WHERE {mine} ORDER BY {_NEWEST} LIMIT {most}) p", _NEWEST
    )


_PERSON_OF_LIST = _one(_object(id=_id("Person", "w.id"), name=_said("w.name")), _PERSON)
_OF_LIST = _object(
    **_HOUSEHOLD,
    division=_one(_object(name=_said("v.name")), _VILLAGE),
    pairings=_pairings(_object(person=_PERSON_OF_LIST), 10),
)
_CURSOR = _coded("max(ARRAY[h.code, h.number, h.id::text])::text")
_PAGE_INFO = _object(
    hasNextPage="(SELECT (count(*) > 50)::text FROM found)",
    endCursor=f"(SELECT coalesce({_CURSOR}, 'null') FROM page h)",
)
_HOUSEHOLDS = _object(nodes=_list(_OF_LIST, "page h", "h.nth"), pageInfo=_PAGE_INFO)
LIST = f"""
WITH found AS (
    SELECT *, row_number() OVER (ORDER BY code, number, id) AS nth FROM households
    WHERE tenant_id = $1 AND code >= $2 AND code < $3 ORDER BY code, number, id LIMIT 51
), page AS (SELECT * FROM found WHERE nth <= 50)
SELECT {_object(data=_object(households=_HOUSEHOLDS))}
"""

_LATEST = "p.occurred_at DESC, p.id DESC"
_VISITS = f"""(SELECT * FROM activities p WHERE p.tenant_id = $1 AND p.household_id = h.id
    AND p.kind = 'household_visit' ORDER BY {_LATEST} LIMIT 5) p"""
_VISIT = _object(occurredAt=_said("p.occurred_at"), note=_said("p.note"), person=_NAME)
_VILLAGE_OF_DETAIL = _object(
    code=_said("v.code"), name=_said("v.name"), parent=_one(_object(name=_said("t.name")), _TOWNSHIP)
)
_OF_DETAIL = _object(
    **_HOUSEHOLD,
    division=_one(_VILLAGE_OF_DETAIL, _VILLAGE),
    pairings=_pairings(_object(beginsOn=_said("p.begins_on"), person=_NAME), 10),
    visits=_nodes(_VISIT, _VISITS, _LATEST),
)
DETAIL = f"""
SELECT {_object(data=_object(node=_OF_DETAIL))} FROM households h WHERE h.tenant_id = $1 AND h.id = $2
"""

_POSTS = """posts o WHERE o.tenant_id = $1 AND o.person_id = w.id AND o.begins_on <= current_date
    AND (o.ends_on IS NULL OR o.ends_on > current_date)"""
_ROLE = _object(role=_object(id=_said("o.role")))
_VIEWER = _object(name=_said("w.name"), posts=_list(_ROLE, _POSTS, "o.begins_on, o.id"))
TINY = f"""
SELECT {_object(data=_object(viewer=_VIEWER))} FROM persons w WHERE w.tenant_id = $1 AND w.account_id = $2
"""

_STATES = "(SELECT state, count(*) AS number FROM households WHERE tenant_id = $1 GROUP BY state) s"
_COUNTS = _list(_object(value=_said("s.state"), count="s.number"), _STATES, "s.state")
COUNT = f"SELECT {_object(data=_object(householdCounts=_COUNTS))}"

_RECORDED = _object(visit=_object(id=_id("Activity", "activities.id")), userErrors="'[]'")
WRITE = f"""
INSERT INTO activities (id, tenant_id, kind, person_id, code, household_id, occurred_at, recorded_at)
SELECT gen_random_uuid(), $1, 'household_visit', w.id, h.code, h.id, $3, now()
FROM households h, persons w
WHERE h.tenant_id = $1 AND h.id = $2 AND w.tenant_id = $1 AND w.account_id = $4
RETURNING {_object(data=_object(visitRecord=_RECORDED))}
"""

_NEWEST_OF_HELPER = "q.recorded_at DESC, q.id DESC"
_OF_HELPER = f"""(SELECT * FROM pairings q WHERE q.tenant_id = $1 AND q.person_id = w.id
    ORDER BY {_NEWEST_OF_HELPER} LIMIT 3) q"""
_HELPED = "households g WHERE g.tenant_id = $1 AND g.id = q.household_id"
_HELP = _object(household=_one(_object(number=_said("g.number")), _HELPED))
_HELPER = _object(name=_said("w.name"), pairings=_nodes(_HELP, _OF_HELPER, _NEWEST_OF_HELPER))
_IN_VILLAGE = """(SELECT * FROM households h WHERE h.tenant_id = $1 AND h.code = d.code
    ORDER BY h.number, h.id LIMIT 3) h"""
_IN_DEEP = _object(number=_said("h.number"), pairings=_pairings(_object(person=_one(_HELPER, _PERSON)), 3))
_VILLAGES = "divisions d WHERE d.tenant_id = $1 AND d.parent_code = $2"
_DIVISION = _object(code=_said("d.code"), households=_nodes(_IN_DEEP, _IN_VILLAGE, "h.number, h.id"))
DEEP = f"SELECT {_object(data=_object(divisions=_list(_DIVISION, _VILLAGES, 'd.code')))}"
