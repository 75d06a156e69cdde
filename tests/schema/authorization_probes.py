"""How each way into the schema is tried, made from the schema: documents about the rows of each relation.

A root field needs a line here only where its arguments say which row is meant.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from schema.limits import Limits
from schema.root import schema
from tests.schema.authorization_world import CODES_ABOVE, RELATIONS, TABLES, Planted

BUILT = schema._schema
NODES = [kind for kind in TABLES if kind != "Post"]
# What a command answers when the viewer may not: as if the row did not exist, or that it is not his.
REFUSED = {
    "FORBIDDEN",
    "NOT_FOUND",
    "NOT_YOUR_OWN",
    "NOT_YOURS_TO_GIVE",
    "NOT_YOURS_TO_SIGN",
    "YOUR_OWN_DRAFT",
}
# Fields that ask for more than the object they stand on, and the ways on which one comes to such objects.
_PERSONS = {"Person": "%s", "Leave": "person { %s }", "Request": "applicant { %s }"}
GUARDED = {
    "Person.posts": ("posts { id }", _PERSONS),
    "Person.rank": ("rank { id }", _PERSONS),
    "Place.readiness": ("readiness { __typename }", {"Place": "%s"}),
}
Variables = dict[str, Any]
Relations = Mapping[str, Planted]
Given = Callable[[Planted], list[Variables]]


@dataclass(frozen=True, slots=True)
class Trial:
    """One document, about the rows of one relation or, with None, of all."""

    field: str
    relation: str | None
    query: str
    variables: Variables


def _each(kind: str, **more: Any) -> Given:
    return lambda rows: [{"id": id, **more} for id in rows.ids(kind)]


def _first(kind: str, **more: Any) -> Given:
    return lambda rows: _each(kind, **more)(rows)[:1]


def _in_a_post(**more: Any) -> Given:
    return lambda rows: [{"input": {**more, "post": post}} for post in rows.ids("Post")]


def _place_below(**more: Any) -> Given:
    return lambda rows: [{"place": id, "reason": "演示", **more} for id in rows.ids("Place")]


def _of_draft(given: Callable[[str], Variables]) -> Given:
    return lambda rows: [given(id) for id in rows.ids("ProfileDraft")]


def _free_county(rows: Planted) -> list[Variables]:
    return [{"code": code, "admin": _ADMIN, "dryRun": dry} for code in rows.free for dry in (True, False)]


_ADMIN = {"name": "演示管理员", "login": "planted-admin"}
_OUTING = {"purpose": "coordination_meeting", "destination": "郑州市", "departsAt": "2018-06-16T08:00:00"}
_LENT = {"permissions": ["leave.read"], "beginsOn": "2018-06-15", "endsOn": "2018-06-20"}
_POST = {"role": "village_cadre", "code": "410173113202", "beginsOn": "2018-06-15"}


_OF_LEADER = {"kind": "LEADER_TOWNSHIP", "beginsOn": "2018-06-01", "division": "410173113000"}


def _team(leader: str) -> dict[str, Any]:
    """A group that one person leads, in the village."""
    seats = [{"role": "responsibility_group_leader", "person": leader}]
    of = {"kind": "responsibility_group", "division": "410173113202", "name": "演示", "seats": seats}
    return of | {"beginsOn": "2018-06-01", "justification": "演示"}


# The arguments that name the rows of a relation.
NAMING: dict[str, Given] = {
    "Mutation.countiesOnboard": lambda rows: [{"codes": [code]} for code in rows.free],
    "Mutation.countyAdminInvite": _place_below(admin=_ADMIN),
    "Mutation.countyOnboard": _free_county,
    "Mutation.jobCancel": _each("Job"),
    "Mutation.importStart": lambda rows: [
        {"input": {"noun": "HOUSEHOLDS", "file": id}} for id in rows.ids("Attachment")
    ],
    "Query.countiesOnboarded": lambda rows: [{"job": id} for id in rows.ids("Job")],
    "Query.importReport": lambda rows: [{"job": id} for id in rows.ids("Job")],
    "Mutation.leaveCancel": _first("Leave"),
    "Mutation.leaveExtend": _first("Leave", input={"until": "2018-07-20"}),
    "Mutation.leaveReturn": _first("Leave", on="2018-06-15"),
    "Mutation.leaveSubmit": _in_a_post(beginsOn="2018-08-01", endsOn="2018-08-02"),
    "Mutation.noticesRead": lambda rows: [{"ids": [id]} for id in rows.ids("Notice")],
    "Mutation.outingFile": _in_a_post(**_OUTING, returnsOn="2018-06-17"),
    "Mutation.personInvite": _each("Person", login="planted-person"),
    "Mutation.personUpdate": _each("Person", input={"name": "演示"}),
    "Mutation.placeResume": _place_below(),
    "Mutation.placeSuspend": _place_below(),
    "Mutation.postDelegate": lambda rows: [
        {"input": {"post": post, "person": rows.ids("Person")[0], **_LENT}} for post in rows.ids("Post")
    ],
    "Mutation.postRevoke": lambda rows: [{"post": post} for post in rows.ids("Post")],
    "Mutation.postEnd": lambda rows: [{"post": post, "on": "2018-06-15"} for post in rows.ids("Post")],
    "Mutation.postOpen": lambda rows: [{"input": {"person": id, **_POST}} for id in rows.ids("Person")],
    "Mutation.profileDraft": _of_draft(lambda id: {"input": {"text": "演示", "draft": id}}),
    "Mutation.profileDraftDrop": _of_draft(lambda id: {"draft": id}),
    "Mutation.profilePublish": _of_draft(lambda id: {"draft": id, "from": "2018-06-15"}),
    "Mutation.recordSubmit": _in_a_post(kind="monthly_bulletin", occurredOn="2018-06-01", text="演示"),
    "Mutation.requestReject": _each("Request", remark="不同意"),
    "Mutation.requestSign": _each("Request"),
    "Mutation.requestWithdraw": _each("Request"),
    "Mutation.teamCreate": lambda rows: [{"input": _team(id)} for id in rows.ids("Person")],
    "Mutation.pairingEnd": lambda rows: [{"id": id, "on": "2018-07-01"} for id in rows.ids("Pairing")],
    "Mutation.pairingOpen": lambda rows: [
        {"input": _OF_LEADER | {"person": id}} for id in rows.ids("Person")
    ],
    "Mutation.pairingReplace": lambda rows: [
        {"id": id, "on": "2018-07-01", "person": person}
        for id in rows.ids("Pairing")
        for person in rows.ids("Person")
    ],
    "Mutation.teamDissolve": lambda rows: [
        {"id": id, "on": "2018-07-01", "facts": {"campaign_over": True}} for id in rows.ids("Team")
    ],
    "Mutation.unitUpdate": _each("Unit", input={"name": "演示单位", "code": "410173000000"}),
    "Mutation.visitRecord": lambda rows: [
        {"input": {"household": id, "occurredAt": "2018-06-01T08:00:00"}} for id in rows.ids("Household")
    ],
    "Mutation.sessionSwitch": lambda rows: [{"post": post} for post in rows.ids("Post")],
}
# The arguments of those that name no row: they are asked about oneself.
PLAIN: dict[str, list[Variables]] = {
    "Query.decide": [{"question": {"ask": "ACT", "about": "leave"}}],
    "Query.householdCounts": [{"by": "STATE"}],
    "Query.divisions": [{"below": code} for code in CODES_ABOVE],
    "Query.needs": [{"question": {"ask": "ACT", "about": "leave"}}],
    "Query.profileCompare": [{"with": ["HN"]}],
    "Query.profileCheck": [{"text": "演示"}],
    "Query.rule": [{"id": "HN-4.2-6"}],
    "Query.terms": [{"category": "ORGAN"}],
    "Mutation.divisionAdd": [{"name": "演示农场", "parent": "410173000000", "level": "TOWNSHIP"}],
    "Mutation.divisionsExclude": [{"codes": ["410173108000"]}],
    "Mutation.divisionsTakeUp": [{"codes": ["410173108000"]}],
    "Mutation.importTemplate": [{"noun": "HOUSEHOLDS"}],
    "Mutation.invitationAccept": [{"token": "x", "password": "not a password of anybody"}],
    "Mutation.personCreate": [{"input": {"name": "演示"}}],
    "Mutation.unitCreate": [{"input": {"name": "演示单位", "code": "410173000000"}}],
    "Mutation.sessionOpen": [{"login": "nobody", "password": "x"}],
    "Mutation.sessionRefresh": [{"refreshToken": "x"}],
}
# What a field shows where its type says too little by itself. `done`: what tells that something was done.
SELECTED = {
    "Query.countySummaries": "{ place { id } }",
    "Query.dutyCatalogue": "{ totalCount }",
    "Query.teamRequirements": "{ nodes { standing } }",
    "Query.profile": "{ title }",
    "Query.responsibilityMatrix": "{ totalCount }",
    "Query.rules": "{ totalCount }",
    "Query.viewer": "{ person { id } }",
    "Query.countiesOnboarded": "{ job { id } }",
    "Mutation.countiesOnboard": "{ done: job { __typename } userErrors { code } }",
    "Mutation.countyOnboard": "{ done: report { __typename } userErrors { code } }",
    "Mutation.noticesRead": "{ unreadCount userErrors { code } }",
}


def ways_in(built: GraphQLSchema = BUILT) -> Iterator[str]:
    """Every root field, every type that `node` can answer with, and every guarded field."""
    for root in (built.query_type, built.mutation_type, built.subscription_type):
        if root is not None:
            yield from (f"{root.name}.{name}" for name in root.fields)
    node = built.type_map.get("Node")
    if isinstance(node, GraphQLInterfaceType):
        yield from (f"node.{found.name}" for found in built.get_implementations(node).objects)
    yield from GUARDED


def trials_of(field: str, relations: Relations) -> Iterator[Trial]:
    root, _, name = field.partition(".")
    if root == "node":
        yield _of_all(field, relations, [name])
    elif field == "Query.nodes":
        # Not more at once than may be asked for.
        yield from (_of_all(field, relations, NODES[half::2]) for half in (0, 1))
    elif field == "Query.node":
        for relation, rows in relations.items():
            yield from _one_by_one(field, relation, rows)
    elif field in GUARDED:
        yield from (_guarded(field, relation, rows) for relation, rows in relations.items())
    elif field in NAMING:
        for relation in RELATIONS:
            for variables in NAMING[field](relations[relation]):
                yield Trial(field, relation, _document(root, name, variables), variables)
    else:
        for variables in PLAIN.get(field, [{}]):
            about = "self" if root == "Mutation" else None
            yield Trial(field, about, _document(root, name, variables), variables)


def _of_all(field: str, relations: Relations, kinds: list[str]) -> Trial:
    ids = [id for rows in relations.values() for kind in kinds for id in rows.ids(kind)]
    return Trial(field, None, "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", {"ids": ids})


def _one_by_one(field: str, relation: str, rows: Planted) -> Iterator[Trial]:
    """As many at once as an operation may ask for."""
    every = [id for kind in NODES for id in rows.ids(kind)]
    for first in range(0, len(every), Limits().root_fields):
        ids = {f"n{n}": id for n, id in enumerate(every[first : first + Limits().root_fields])}
        declared = ", ".join(f"${alias}: ID!" for alias in ids)
        asked = " ".join(f"{alias}: node(id: ${alias}) {{ id }}" for alias in ids)
        yield Trial(field, relation, f"query ({declared}) {{ {asked} }}", ids)


def _guarded(field: str, relation: str, rows: Planted) -> Trial:
    asked, ways = GUARDED[field]
    parts = " ".join(f"... on {kind} {{ {way % f'found: {asked}'} }}" for kind, way in ways.items())
    ids = [id for kind in ways for id in rows.ids(kind)]
    return Trial(field, relation, f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ {parts} }} }}", {"ids": ids})


def _document(root: str, name: str, variables: Variables) -> str:
    root_type = BUILT.type_map[root]
    assert isinstance(root_type, GraphQLObjectType)
    field = root_type.fields[name]
    missing = [n for n, a in field.args.items() if is_required_argument(a) and n not in variables]
    assert not missing, f"{root}.{name} wants {missing}: a line in NAMING or PLAIN of {__name__}"
    declared = ", ".join(f"${n}: {field.args[n].type}" for n in variables)
    passed = ", ".join(f"{n}: ${n}" for n in variables)
    selection = SELECTED.get(f"{root}.{name}") or _selection(get_named_type(field.type))
    head = f"{root.lower()} ({declared})" if declared else root.lower()
    return f"{head} {{ {name}{f'({passed})' if passed else ''} {selection} }}"


def _selection(of: GraphQLNamedType) -> str:
    if is_leaf_type(of):
        return ""
    if "userErrors" in getattr(of, "fields", {}):
        return "{ userErrors { code } }"
    if "nodes" in getattr(of, "fields", {}):
        return "{ nodes { id } }"
    has_global_id = of.name == "Node" or BUILT.type_map["Node"] in getattr(of, "interfaces", ())
    return "{ id }" if has_global_id else "{ __typename }"


def reached(trial: Trial, answer: dict[str, Any], relations: Relations, unread: int) -> set[str]:
    """The relations of which the answer shows a row, or whose row the command was not refused.

    `unread`: how many notices the viewer has. To mark somebody else's is no error, and has no effect."""
    codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
    assert codes <= {"UNAUTHENTICATED"}, f"{trial.field} is asked in a wrong way: {answer}"
    found = (answer.get("data") or {}).get(trial.field.partition(".")[2])
    if trial.field in GUARDED:
        return {str(trial.relation)} if _stands(answer, "found") else set()
    if trial.field.startswith("Mutation."):
        return {str(trial.relation)} if found and _is_carried_out(found, unread) else set()
    if "{ id }" in trial.query:
        text = str(answer)
        return {name for name, rows in relations.items() if any(mark in text for mark in rows.marks)}
    return {"self"} if found else set()


def _is_carried_out(payload: dict[str, Any], unread: int) -> bool:
    codes = {error["code"] for error in payload["userErrors"]}
    has_effect = payload.get("done", True) and payload.get("unreadCount") != unread
    return codes.isdisjoint(REFUSED) and has_effect


def _stands(part: Any, key: str) -> bool:
    """Whether something stands under a key, anywhere in an answer."""
    if isinstance(part, dict):
        return bool(part.get(key)) or any(_stands(value, key) for value in part.values())
    return isinstance(part, list) and any(_stands(value, key) for value in part)
