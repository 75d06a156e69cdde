"""An id tells nothing: of another county, of nothing, of another type, malformed, it is answered the same.

The walk over the schema finds every way in by an id, also inside inputs; a new one is asked by itself."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLObjectType,
    GraphQLType,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
    is_required_argument,
)

from schema.root import schema
from tests.client import Client
from tests.conftest import Cluster, Database, serving
from tests.front_door import file_outing, opened, person_of, place_of, record, rows, sign
from tests.schema.drafting import DRAFT, five_days
from tests.schema.test_permissions import given

GRAPHQL = schema._schema
HERE, THERE = "410173000000", "621121000000"
# Who is asked as; the first whose permission lets the id be judged at all.
LOGINS = ("hn-first-secretary", "hn-township-secretary", "hn-admin", "p41-admin")
OWNED = {
    "Activity": "activities",
    "Household": "households",
    "Member": "members",
    "Pairing": "pairings",
    "AuditEntry": "audit_entries",
    "Division": "divisions",
    "Job": "jobs",
    "Leave": "leaves",
    "Notice": "notices",
    "Outing": "outings",
    "Person": "persons",
    "ProfileDraft": "profile_drafts",
    "Record": "records",
    "Request": "requests",
    "Team": "teams",
    "Unit": "units",
}
# What an administrator does with the posts of others.
OF_OTHERS = {"postEnd": "another person's post"}
Way = tuple[str, str, tuple[str, ...]]


def id_places(kind: GraphQLType, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """Where an id may stand in a value of the type."""
    named = get_named_type(kind)
    if named.name == "ID":
        yield path
    if isinstance(named, GraphQLInputObjectType) and len(path) < 5:
        fields: dict[str, GraphQLInputField] = named.fields
        for name, field in fields.items():
            yield from id_places(field.type, (*path, name))


def ways_in() -> Iterator[Way]:
    for root in (GRAPHQL.query_type, GRAPHQL.mutation_type, GRAPHQL.subscription_type):
        assert isinstance(root, GraphQLObjectType)
        for name, field in root.fields.items():
            arguments: dict[str, GraphQLArgument] = field.args
            for argument, definition in arguments.items():
                for path in id_places(definition.type, (argument,)):
                    yield root.name, name, path


WAYS = list(ways_in())


def with_id(kind: GraphQLType, value: Any, path: tuple[str, ...], id: str) -> Any:
    """The value with the id at its place."""
    if is_list_type(get_nullable_type(kind)):
        item = get_nullable_type(kind).of_type  # type: ignore[union-attr]
        return [with_id(item, None, path, id)]
    if not path:
        return id
    named: Any = get_named_type(kind)
    inner = value if value is not None else given(named)
    return {**inner, path[0]: with_id(named.fields[path[0]].type, inner.get(path[0]), path[1:], id)}


# Where any word will not do, for the id would not be looked at.
WORDS = {
    "code": HERE,
    "person": b64encode(f"Person:{uuid4()}".encode()).decode(),
    "role": "village_cadre",
    "purpose": "coordination_meeting",
    "kind": "monthly_bulletin",
    "occurredOn": "2018-06-01",
    "text": "not a profile",
    "occurredAt": "2018-06-01T08:00:00+08:00",
}


def global_id(kind: str, row: object) -> str:
    return b64encode(f"{kind}:{row}".encode()).decode()


# What one command wants otherwise.
OF_COMMANDS: dict[str, dict[str, Any]] = {
    "pairingReplace": {"person": global_id("Person", uuid4()), "on": "2018-07-01"},
    "pairingOpen": {
        "kind": "LEADER_TOWNSHIP",
        "division": "410173113000",
        "beginsOn": "2018-06-01",
    },
    "teamCreate": {
        "kind": "responsibility_group",
        "division": "410173113202",
        "beginsOn": "2018-06-01",
    },
}


def question(way: Way, id: str) -> tuple[str, dict[str, Any]]:
    root_name, name, (argument, *path) = way
    root: Any = GRAPHQL.type_map[root_name]
    field = root.fields[name]
    arguments = {n: a for n, a in field.args.items() if is_required_argument(a) or n == argument}
    values = {n: given(a.type) for n, a in arguments.items()}
    values |= {n: right for n, right in OF_COMMANDS.get(name, {}).items() if n in values}
    values[argument] = with_id(field.args[argument].type, values[argument], tuple(path), id)
    for value in filter(lambda one: isinstance(one, dict), values.values()):
        words, others = WORDS | OF_COMMANDS.get(name, {}), value.keys() - set(path[-1:])
        value.update({word: right for word, right in words.items() if word in others})
    declared = ", ".join(f"${n}: {a.type}" for n, a in arguments.items())
    passed = ", ".join(f"{n}: ${n}" for n in arguments)
    fields = getattr(get_named_type(field.type), "fields", {})
    selected = "{ userErrors { code message path rule } }" if "userErrors" in fields else "{ __typename }"
    below = "" if is_leaf_type(get_named_type(field.type)) else selected
    return f"{root_name.lower()} ({declared}) {{ {name}({passed}) {below} }}", values


def answer(client: Client, way: Way, id: str, login: str) -> dict[str, Any]:
    """The whole answer, but for what was paid for it."""
    text, variables = question(way, id)
    ask = client.watch if way[0] == "Subscription" else client.post
    body = ask(text, variables, as_=login)
    body.pop("extensions", None)
    return body


def is_judged(body: dict[str, Any], name: str) -> bool:
    """Whether the answer is about the id: not a missing permission, nor some other value."""
    if "errors" in body:
        return [error["extensions"]["code"] for error in body["errors"]] == ["NOT_FOUND"]
    found = body["data"][name]
    if isinstance(found, dict) and "userErrors" in found:
        return [error["code"] for error in found["userErrors"]] in ([], ["NOT_FOUND"])
    return found in (None, [None])


@pytest.fixture(scope="module")
def lived_in(cluster: Cluster, demonstrated: str, shared_demo_database: Database) -> Iterator[Client]:
    """Two counties that have rows of every kind; the commands of this module are all refused."""
    with serving(shared_demo_database) as client:
        for county in ("hn", "tw"):
            request = opened(client, f"{county}-first-secretary", "06-18", "06-20")
            sign(client, f"{county}-township-secretary", request)
            opened(client, f"{county}-other-first-secretary", "06-18", "06-20")
        file_outing(client, "tw-first-secretary", "06-16T08:00:00")
        for admin in ("hn-admin", "tw-admin"):
            drafted = client.ask(DRAFT, {"input": five_days()}, as_=admin)["profileDraft"]
            assert drafted["draft"], drafted
        yield client


@pytest.fixture(scope="module")
def hidden(lived_in: Client, shared_demo_database: Database) -> dict[str, str]:
    """Ids that nobody of the first county may hear of, by what they are."""
    there, found = place_of(shared_demo_database, THERE), {"another county's Place": ""}
    for kind, table in OWNED.items():
        sql = f"SELECT id FROM {table} WHERE tenant_id = $1 ORDER BY id LIMIT 1"
        for row in rows(shared_demo_database, sql, there):
            found[f"another county's {kind}"] = global_id(kind, row["id"])
    found["another county's Place"] = global_id("Place", there)
    every_kind = [one.name for one in GRAPHQL.get_implementations(GRAPHQL.type_map["Node"]).objects]  # type: ignore[arg-type]
    for kind in every_kind:
        found[f"no {kind}"] = global_id(kind, uuid4())
        found[f"a malformed {kind}"] = global_id(kind, "1")
    found["a type there is not"] = global_id("Nonsense", uuid4())
    found["one's own person under another type's name"] = global_id(
        "Household", person_of(shared_demo_database, "hn-first-secretary")
    )
    return found


@pytest.fixture(scope="module")
def hidden_plain(lived_in: Client, shared_demo_database: Database) -> dict[str, str]:
    """The same for ids that are not global: those of posts."""
    sql = "SELECT id FROM {} WHERE tenant_id = $1 ORDER BY id LIMIT 1"
    there = place_of(shared_demo_database, THERE)
    (post,) = rows(shared_demo_database, sql.format("posts"), there)
    (person,) = rows(shared_demo_database, sql.format("persons"), place_of(shared_demo_database, HERE))
    (other,) = rows(
        shared_demo_database,
        "SELECT id FROM posts WHERE person_id = $1",
        person_of(shared_demo_database, "hn-other-first-secretary"),
    )
    return {
        "another county's post": str(post["id"]),
        "another person's post": str(other["id"]),
        "no post": str(uuid4()),
        "one's own county's person": str(person["id"]),
        "a malformed post": "1",
        "nothing": "",
        "a post's global id": global_id("Post", post["id"]),
    }


def test_the_ways_in_are_found() -> None:
    assert ("Query", "node", ("id",)) in WAYS
    assert ("Mutation", "leaveSubmit", ("input", "post")) in WAYS
    assert len(WAYS) >= 20


@pytest.mark.parametrize("way", WAYS, ids=lambda way: ".".join((way[1], *way[2])))
def test_an_id_of_another_county_answers_like_one_of_nothing(
    lived_in: Client,
    shared_demo_database: Database,
    hidden: dict[str, str],
    hidden_plain: dict[str, str],
    way: Way,
) -> None:
    before = record(shared_demo_database)
    ids = hidden_plain if way[2][-1] == "post" else hidden
    nothing = next(id for name, id in ids.items() if name.startswith("no "))
    login = next((one for one in LOGINS if is_judged(answer(lived_in, way, nothing, one), way[1])), None)
    assert login is not None, [answer(lived_in, way, nothing, one) for one in LOGINS]

    expected = answer(lived_in, way, nothing, login)
    asked = {name: id for name, id in ids.items() if name != OF_OTHERS.get(way[1])}
    otherwise = {name: answer(lived_in, way, id, login) for name, id in asked.items()}

    assert {name: told for name, told in otherwise.items() if told != expected} == {}
    assert record(shared_demo_database) == before


@pytest.mark.parametrize("way", [way for way in WAYS if way[2][-1] != "post"], ids=lambda way: way[1])
def test_what_is_no_global_id_is_told_by_its_form_alone(lived_in: Client, way: Way) -> None:
    codes = [
        [error["extensions"]["code"] for error in answer(lived_in, way, text, "hn-admin").get("errors", ())]
        for text in ("garbage", "", "TGVhdmU=", "' OR 1=1")
    ]

    assert codes == [["BAD_USER_INPUT"]] * 4


@pytest.mark.parametrize(
    ("way", "login", "kind"),
    [
        (("Query", "node", ("id",)), "hn-first-secretary", "Leave"),
        (("Query", "nodes", ("ids",)), "hn-first-secretary", "Request"),
        (("Mutation", "requestWithdraw", ("id",)), "hn-first-secretary", "Request"),
        (("Mutation", "leaveReturn", ("id",)), "hn-first-secretary", "Leave"),
        (("Mutation", "profilePublish", ("draft",)), "hn-admin", "ProfileDraft"),
        (("Mutation", "sessionSwitch", ("post",)), "hn-township-secretary", "post"),
        (("Mutation", "leaveSubmit", ("input", "post")), "hn-township-secretary", "post"),
    ],
    ids=lambda one: one[1] if isinstance(one, tuple) else one,
)
def test_an_id_of_ones_own_is_answered_otherwise(
    lived_in: Client, shared_demo_database: Database, way: Way, login: str, kind: str
) -> None:
    owner = {"Request": "applicant_id", "ProfileDraft": "drafted_by"}.get(kind, "person_id")
    table = OWNED.get(kind, "posts")
    person = person_of(shared_demo_database, login)
    (own, *_) = rows(shared_demo_database, f"SELECT id FROM {table} WHERE {owner} = $1 ORDER BY id", person)
    id, nothing = (str(row) if kind == "post" else global_id(kind, row) for row in (own["id"], uuid4()))

    assert answer(lived_in, way, id, login) != answer(lived_in, way, nothing, login)
