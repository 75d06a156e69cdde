"""Objects by their global id, and lists by the page: what is hidden answers as if it did not exist."""

from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from graphql import GraphQLObjectType, get_named_type

from schema.root import schema
from tests.client import Client
from tests.conftest import Cluster, Database, serving
from tests.front_door import (
    NODE,
    file_outing,
    opened,
    person_of,
    place_of,
    rows,
    said,
    sign,
    withdraw,
)

NOWHERE = UUID(int=1)
KINDS = ("AuditEntry", "Division", "Leave", "Notice", "Outing", "Person", "Place", "Request", "Unit")
TABLES = {
    "AuditEntry": "audit_entries",
    "Division": "divisions",
    "Leave": "leaves",
    "Notice": "notices",
    "Outing": "outings",
    "Person": "persons",
    "Request": "requests",
    "Unit": "units",
}
COUNTIES = {"hn": "410173000000", "tw": "621121000000"}
PAGE = """
query ($first: Int!, $after: String) {
  leaves(first: $first, after: $after) {
    totalCount nodes { id } edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor }
  }
}
"""
MANY = 25


# They belong to a version of the law, and are told by its profile, its version and the rule's id.
LINES_OF_THE_LAW = {"DutyRule", "ResponsibilityLine", "Rule", "TeamRequirement"}


def test_what_a_list_pages_through_is_a_node_or_a_line_of_the_law() -> None:
    types = schema._schema.type_map
    edges = [found for name, found in types.items() if name.endswith("Edge")]
    paged = {
        get_named_type(edge.fields["node"].type) for edge in edges if isinstance(edge, GraphQLObjectType)
    }
    without = {kind.name for kind in paged if types["Node"] not in getattr(kind, "interfaces", ())}

    assert without == LINES_OF_THE_LAW
    assert len(paged) > 8


def global_id(kind: str, row: UUID | str) -> str:
    return b64encode(f"{kind}:{row}".encode()).decode()


@pytest.fixture(scope="module")
def lived_in(cluster: Cluster, shared_demo_database: Database) -> Iterator[Client]:
    """Two counties where leaves were taken and outings filed; the tests of this module only read."""
    with serving(shared_demo_database) as client:
        for county in COUNTIES:
            request = opened(client, f"{county}-first-secretary", "06-18", "06-20")
            sign(client, f"{county}-township-secretary", request)
            opened(client, f"{county}-other-first-secretary", "06-18", "06-20")
        assert said(file_outing(client, "hn-first-secretary", "06-16T08:00:00")) == "ALLOW"
        assert said(file_outing(client, "hn-other-first-secretary", "06-16T08:00:00")) == "ALLOW"
        for _ in range(MANY):
            request = opened(client, "hn-team-member", "07-02", "07-02")
            assert said(withdraw(client, "hn-team-member", request)) == "ALLOW"
        yield client


def of_person(behind: Database, kind: str, login: str) -> str:
    """The global id of the newest row of a kind that belongs to a person."""
    owner = "applicant_id" if kind == "Request" else "person_id"
    sql = f"SELECT id FROM {TABLES[kind]} WHERE {owner} = $1 ORDER BY recorded_at DESC LIMIT 1"
    (row,) = rows(behind, sql, person_of(behind, login))
    return global_id(kind, row["id"])


def first_of_county(behind: Database, kind: str, county: str) -> str:
    """The global id of some row of a county."""
    sql = f"SELECT id FROM {TABLES[kind]} WHERE tenant_id = $1 ORDER BY id LIMIT 1"
    (row,) = rows(behind, sql, place_of(behind, COUNTIES[county]))
    return global_id(kind, row["id"])


def node(client: Client, login: str, id: str) -> dict[str, Any] | None:
    found: dict[str, Any] | None = client.ask(NODE, {"id": id}, as_=login)["node"]
    return found


@pytest.mark.parametrize("kind", ["Leave", "Notice", "Outing", "Person", "Request"])
def test_ones_own_is_seen_and_anothers_is_not(
    lived_in: Client, shared_demo_database: Database, kind: str
) -> None:
    def of(login: str) -> str:
        if kind == "Person":
            return global_id(kind, person_of(shared_demo_database, login))
        return of_person(shared_demo_database, kind, login)

    own = of("hn-first-secretary")
    # The other one's notices are those of his township's secretary: nobody has told him anything yet.
    other = of("hn-other-township-secretary" if kind == "Notice" else "hn-other-first-secretary")

    assert node(lived_in, "hn-first-secretary", own) == {"id": own, "__typename": kind}
    assert node(lived_in, "hn-first-secretary", other) is None


@pytest.mark.parametrize("kind", ["Division", "Unit"])
def test_what_everybody_in_the_county_may_see(
    lived_in: Client, shared_demo_database: Database, kind: str
) -> None:
    here = first_of_county(shared_demo_database, kind, "hn")

    assert node(lived_in, "hn-village-secretary", here) == {"id": here, "__typename": kind}
    assert node(lived_in, "tw-village-secretary", here) is None


def test_the_audit_is_for_the_auditor_of_the_county(lived_in: Client, shared_demo_database: Database) -> None:
    entry = first_of_county(shared_demo_database, "AuditEntry", "hn")

    assert node(lived_in, "hn-auditor", entry) == {"id": entry, "__typename": "AuditEntry"}
    for login in ("hn-admin", "hn-first-secretary", "tw-auditor", "p41-auditor"):
        assert node(lived_in, login, entry) is None, login


def test_a_place_is_seen_from_within_and_from_above(lived_in: Client, shared_demo_database: Database) -> None:
    county = global_id("Place", place_of(shared_demo_database, COUNTIES["hn"]))

    assert node(lived_in, "hn-village-secretary", county) == {"id": county, "__typename": "Place"}
    assert node(lived_in, "p41-admin", county) == {"id": county, "__typename": "Place"}
    for login in ("tw-village-secretary", "p62-admin", "p41-auditor"):
        assert node(lived_in, login, county) is None, login


def test_a_request_is_seen_by_those_who_sign_it(lived_in: Client, shared_demo_database: Database) -> None:
    request = of_person(shared_demo_database, "Request", "hn-other-first-secretary")
    leave = of_person(shared_demo_database, "Leave", "hn-other-first-secretary")

    for login in ("hn-other-first-secretary", "hn-other-township-secretary", "hn-other-unit-head"):
        assert node(lived_in, login, request) is not None, login
        assert node(lived_in, login, leave) is not None, login
    for login in ("hn-township-secretary", "hn-unit-head", "hn-bureau-head", "hn-team-member"):
        assert node(lived_in, login, request) is None, login
        assert node(lived_in, login, leave) is None, login


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_of_another_county_is_seen_by_anybody_here(
    lived_in: Client, shared_demo_database: Database, kind: str
) -> None:
    if kind == "Place":
        theirs = global_id(kind, place_of(shared_demo_database, COUNTIES["hn"]))
    else:
        theirs = first_of_county(shared_demo_database, kind, "hn")

    logins = ("first-secretary", "township-secretary", "county-secretary", "admin", "auditor", "unit-head")

    assert [node(lived_in, f"tw-{login}", theirs) for login in logins] == [None] * len(logins)


def swapped(id: str) -> Iterator[str]:
    """The same row under every other type's name."""
    row = b64decode(id).decode().partition(":")[2]
    own = b64decode(id).decode().partition(":")[0]
    yield from (global_id(kind, row) for kind in KINDS if kind != own)


def test_an_id_under_another_types_name_is_nothing(lived_in: Client, shared_demo_database: Database) -> None:
    leave = of_person(shared_demo_database, "Leave", "hn-first-secretary")

    assert node(lived_in, "hn-first-secretary", leave) is not None
    for id in swapped(leave):
        assert node(lived_in, "hn-first-secretary", id) is None, b64decode(id)


@pytest.mark.parametrize("kind", [*KINDS, "Post", "Query", "Node", "Term", "Outcome", "Nonsense", ""])
@pytest.mark.parametrize("row", [str(NOWHERE), "", "1", "x" * 1000, "' OR 1=1"])
def test_what_does_not_exist_answers_like_what_is_hidden(lived_in: Client, kind: str, row: str) -> None:
    assert node(lived_in, "hn-first-secretary", global_id(kind, row)) is None


@pytest.mark.parametrize("text", ["", "garbage", "%%%", "长"])
def test_what_is_no_global_id_at_all_is_bad_input(lived_in: Client, text: str) -> None:
    answer = lived_in.post(NODE, {"id": text}, as_="hn-first-secretary")

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


def test_nodes_keep_the_order_of_their_ids(lived_in: Client, shared_demo_database: Database) -> None:
    own = of_person(shared_demo_database, "Leave", "hn-first-secretary")
    request = of_person(shared_demo_database, "Request", "hn-first-secretary")
    hidden = of_person(shared_demo_database, "Leave", "hn-other-first-secretary")
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"

    ids = [request, hidden, own, global_id("Leave", NOWHERE), global_id("Nonsense", "1"), own]

    found = lived_in.ask(query, {"ids": ids}, as_="hn-first-secretary")["nodes"]
    assert found == [{"id": request}, None, {"id": own}, None, None, {"id": own}]
    many = lived_in.post(query, {"ids": [own] * 101}, as_="hn-first-secretary")
    assert many["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT"
    assert len(lived_in.ask(query, {"ids": [own] * 100}, as_="hn-first-secretary")["nodes"]) == 100


@pytest.mark.parametrize("command", ["requestSign", "requestWithdraw", "leaveReturn", "leaveExtend"])
def test_commands_take_hidden_ids_for_nothing(
    lived_in: Client, shared_demo_database: Database, command: str
) -> None:
    kind = "Request" if command.startswith("request") else "Leave"
    more = {"leaveReturn": ', on: "2018-06-15"', "leaveExtend": ', input: {until: "2018-06-21"}'}
    ids = [
        of_person(shared_demo_database, kind, "hn-other-first-secretary"),
        first_of_county(shared_demo_database, kind, "tw"),
        global_id(kind, NOWHERE),
        global_id(kind, "1"),
        global_id("Nonsense", NOWHERE),
    ]
    mutation = f"""mutation ($id: ID!) {{
      {command}(id: $id{more.get(command, "")}) {{ userErrors {{ code path }} }}
    }}"""

    told = [lived_in.ask(mutation, {"id": id}, as_="hn-first-secretary")[command] for id in ids]

    assert told == [{"userErrors": [{"code": "NOT_FOUND", "path": ["id"]}]}] * len(ids)


def pages(client: Client, login: str, first: int) -> Iterator[dict[str, Any]]:
    after = None
    while True:
        page = client.ask(PAGE, {"first": first, "after": after}, as_=login)["leaves"]
        yield page
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


@pytest.mark.parametrize("first", [1, 7, 24, 25, 100])
def test_paging_meets_every_leave_once(lived_in: Client, first: int) -> None:
    found = list(pages(lived_in, "hn-team-member", first))

    ids = [one["id"] for page in found for one in page["nodes"]]
    assert len(ids) == len(set(ids)) == MANY
    assert {page["totalCount"] for page in found} == {MANY}
    assert [len(page["nodes"]) for page in found] == sizes(first)
    assert [page["pageInfo"]["hasPreviousPage"] for page in found] == [False] + [True] * (len(found) - 1)


def sizes(first: int) -> list[int]:
    whole, rest = divmod(MANY, first)
    return [first] * whole + ([rest] if rest else [])


def test_the_newest_leave_comes_first(lived_in: Client, shared_demo_database: Database) -> None:
    (page,) = pages(lived_in, "hn-team-member", 100)

    assert page["nodes"][0]["id"] == of_person(shared_demo_database, "Leave", "hn-team-member")
    assert page["nodes"] == [edge["node"] for edge in page["edges"]]
    cursors = [page["pageInfo"]["startCursor"], page["pageInfo"]["endCursor"]]
    assert cursors == [page["edges"][0]["cursor"], page["edges"][-1]["cursor"]]


@pytest.mark.parametrize("first", [0, 101, -1, 2**31 - 1])
def test_a_page_has_one_to_a_hundred(lived_in: Client, first: int) -> None:
    answer = lived_in.post(PAGE, {"first": first}, as_="hn-team-member")

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize(
    "cursor",
    [
        "garbage",
        "长",
        urlsafe_b64encode(f"2018-06-15T08:00:00 {NOWHERE}".encode()).decode(),
        urlsafe_b64encode(f"0001-01-01T00:00:00+14:00 {NOWHERE}".encode()).decode(),
        urlsafe_b64encode(f"9999-12-31T23:59:59-14:00 {NOWHERE}".encode()).decode(),
        urlsafe_b64encode(b"2018-06-15T08:00:00+08:00 1").decode(),
        urlsafe_b64encode(b"\xff\xfe").decode(),
    ],
)
def test_a_cursor_that_nobody_gave_is_bad_input(lived_in: Client, cursor: str) -> None:
    answer = lived_in.post(PAGE, {"first": 5, "after": cursor}, as_="hn-team-member")

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


def test_a_cursor_of_another_county_opens_nothing(lived_in: Client) -> None:
    theirs = lived_in.ask(PAGE, {"first": 1}, as_="hn-county-secretary")["leaves"]
    cursor = theirs["pageInfo"]["startCursor"]
    here = {one["id"] for page in pages(lived_in, "tw-county-secretary", 100) for one in page["nodes"]}

    replayed = lived_in.ask(PAGE, {"first": 100, "after": cursor}, as_="tw-county-secretary")["leaves"]

    assert {one["id"] for one in replayed["nodes"]} <= here
    assert replayed["totalCount"] == len(here) == 2
    assert theirs["totalCount"] == MANY + 2


def test_a_list_has_what_node_shows_and_no_more(lived_in: Client, shared_demo_database: Database) -> None:
    found = rows(shared_demo_database, "SELECT id FROM leaves ORDER BY id")
    every = [global_id("Leave", row["id"]) for row in found]

    for login in ("hn-team-member", "hn-township-secretary", "hn-county-secretary", "tw-unit-head"):
        listed = {one["id"] for page in pages(lived_in, login, 100) for one in page["nodes"]}
        shown = {id for id in every if node(lived_in, login, id)}
        assert listed == shown, login


def test_leave_given_back_is_found_by_its_state(lived_in: Client) -> None:
    query = "query ($state: LeaveState!) { leaves(state: $state) { totalCount nodes { state } } }"

    withdrawn = lived_in.ask(query, {"state": "WITHDRAWN"}, as_="hn-county-secretary")["leaves"]
    approved = lived_in.ask(query, {"state": "APPROVED"}, as_="hn-county-secretary")["leaves"]

    assert (withdrawn["totalCount"], len(withdrawn["nodes"])) == (MANY, 20)
    assert approved == {"totalCount": 1, "nodes": [{"state": "APPROVED"}]}
