"""What is hidden is not told by the way either: by no count, filter, order, spelling, page or error."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import uuid4

import pytest
from graphql import GraphQLObjectType

from policies.grants import platform
from tests.client import Client
from tests.conftest import UNLIMITED, Cluster, Database, serving
from tests.schema.authorization_probes import BUILT, NAMING, reached, trials_of, ways_in
from tests.schema.authorization_world import RELATIONS, TABLES, Planted, World, planted
from tests.schema.published import denial, publish

VIEWERS = [
    f"hn-{name}"
    for name in ("team-member", "township-secretary", "unit-head", "county-secretary", "admin", "auditor")
]
MEMBER, DENIED = VIEWERS[0], "hn-village-secretary"
Made = tuple[Client, World]


@pytest.fixture(scope="module")
def world(cluster: Cluster, shared_demo_database: Database) -> Iterator[Made]:
    with serving(shared_demo_database, **UNLIMITED) as client:
        yield client, planted(client, shared_demo_database, [*VIEWERS, DENIED])


def connections() -> list[str]:
    """The root fields that answer with pages."""
    query = BUILT.query_type
    assert isinstance(query, GraphQLObjectType)
    return [name for name, field in query.fields.items() if str(field.type).endswith("Connection!")]


# A line has no id but that of the rule that says it, or of the division that it is about.
LINES = {
    "dutyCatalogue": "id: rule { id }",
    "responsibilityMatrix": "id: rule { id }",
    "teamRequirements": "id: division { id } kind { id }",
}
# The published law of a place is the same for everybody in it, and so are its units.
THE_LAW_ITSELF = {"profileVersions", "rules", *LINES}
OF_EVERYBODY = THE_LAW_ITSELF | {"units"}


def page_of(client: Client, login: str, field: str, arguments: str = "(first: 100)") -> dict[str, Any]:
    """A page, each node with what tells it from the others."""
    told_by = LINES.get(field, "id")
    asked = f"{{ {field}{arguments} {{ totalCount nodes {{ {told_by} }} }} }}"
    found: dict[str, Any] = client.ask(asked, as_=login)[field]
    return found


@pytest.mark.parametrize("field", connections())
def test_a_count_counts_what_is_shown(world: Made, field: str) -> None:
    client, _ = world
    counts = set()
    for login in VIEWERS:
        page = page_of(client, login, field)
        assert page["totalCount"] == len(page["nodes"]) == len({str(node["id"]) for node in page["nodes"]})
        counts.add(page["totalCount"])

    assert len(counts) > 1 or field in OF_EVERYBODY, "everybody counts the same: this shows nothing"


@pytest.mark.parametrize(
    ("field", "type_name"), [("leaves", "LeaveState"), ("profileDrafts", "ProfileDraftState")]
)
def test_a_filter_parts_what_is_shown_and_finds_nothing_else(world: Made, field: str, type_name: str) -> None:
    client, _ = world
    states = list(BUILT.type_map[type_name].values)  # type: ignore[attr-defined]
    for login in VIEWERS:
        every = {node["id"] for node in page_of(client, login, field)["nodes"]}
        parts = [page_of(client, login, field, f"(first: 100, state: {state})") for state in states]

        found = [node["id"] for part in parts for node in part["nodes"]]
        assert sorted(found) == sorted(every)
        assert sum(part["totalCount"] for part in parts) == len(every)


def test_what_waits_is_as_much_as_is_shown(world: Made) -> None:
    client, _ = world
    asked = (
        "{ workQueue { id } notices(first: 100) { nodes { readAt } } viewer { waitingCount unreadCount } }"
    )
    for login in VIEWERS:
        answer = client.ask(asked, as_=login)
        unread = [notice for notice in answer["notices"]["nodes"] if notice["readAt"] is None]

        assert answer["viewer"] == {"waitingCount": len(answer["workQueue"]), "unreadCount": len(unread)}


def test_nothing_is_sorted_by_what_a_client_names() -> None:
    """An order by a hidden column would tell it by halving. A field that has one is listed here."""
    offered = [
        f"{name}.{field}({argument})"
        for name, found in BUILT.type_map.items()
        if isinstance(found, GraphQLObjectType)
        for field, described in found.fields.items()
        for argument in described.args
        if "order" in argument.lower() or "sort" in argument.lower()
    ]

    # By columns that everybody sees who sees the household.
    assert offered == ["Division.households(orderBy)", "Query.households(orderBy)"]


SPELLINGS = {
    "alias": "query ($id: ID!) { a: node(id: $id) { id } b: node(id: $id) { __typename id } }",
    "inline fragment": "query ($id: ID!) { node(id: $id) { ... on Leave { id reason person { name } } } }",
    "named fragment": "query ($id: ID!) { ...q } fragment q on Query { node(id: $id) { ...l } }"
    " fragment l on Leave { id reason request { id steps { holders { name } } } }",
    "directive": "query ($id: ID!) { node(id: $id) @include(if: true) { id ... @skip(if: false) { id } } }",
    "batch": "query ($id: ID!) { nodes(ids: [$id, $id]) { id } }",
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_of_a_question_shows_what_is_hidden(world: Made, spelling: str) -> None:
    client, made = world
    seen = made.seen_from(MEMBER)
    for relation, is_shown in (("self", True), ("village", False), ("other_province", False)):
        (leave, *_) = seen[relation].ids("Leave")

        answer = client.ask(SPELLINGS[spelling], {"id": leave}, as_=MEMBER)

        assert (leave in str(answer)) is is_shown, relation


def never_there() -> Planted:
    """Ids of every kind that no row has."""
    return Planted({kind: [uuid4()] for kind in TABLES}, free=("999999000000",))


@pytest.mark.parametrize("field", [field for field in NAMING if field != "Mutation.noticesRead"])
def test_a_command_answers_of_the_hidden_as_of_what_is_not(world: Made, field: str) -> None:
    """Word for word: of another village's row, of another province's, and of one that never was."""
    client, made = world
    seen = made.seen_from(MEMBER)
    relations = {name: never_there() for name in RELATIONS} | {
        name: seen[name] for name in ("sibling", "other_province")
    }

    answers = [client.post(trial.query, trial.variables, as_=MEMBER) for trial in trials_of(field, relations)]

    assert len(answers) >= 3 or field == "Mutation.countyOnboard"
    assert all("errors" not in answer for answer in answers)
    assert {str(answer) for answer in answers} == {str(answers[0])}


# The published law is read by everybody whom it binds, as are what was done, jobs and files: no document
# takes that away.
UNDENIED = {"profile.read", "audit.read", "job.read", "attachment.read"}
OF_THE_LAW = {
    "Query.decide",
    "Query.dutyCatalogue",
    "Query.needs",
    "Query.profile",
    "Query.profileCompare",
    "Query.profileVersions",
    "Query.responsibilityMatrix",
    "Query.rule",
    "Query.rules",
    "node.ProfileVersion",
}
OF_ONES_WORK = {"Query.jobs", "Query.countiesOnboarded", "node.Job", "node.Attachment"}


def test_a_denial_of_reading_hides_every_object_by_every_way(
    world: Made, shared_demo_database: Database
) -> None:
    """Also what is one's own, and by its id too. What is left: who and where one is, the words, and what no
    document denies."""
    client, made = world
    seen = made.seen_from(DENIED)
    assert {"node.Leave", "node.Notice", "Query.outings", "Person.posts"} <= shown(client, seen)
    reading = {g.permission for g in platform().grants if g.permission.endswith(".read")}

    deniable = sorted(reading - UNDENIED)
    denials = [denial("village_party_secretary", permission, "tenant") for permission in deniable]
    publish(shared_demo_database, grants=denials)

    left = {"Query.place", "Query.terms", "Query.viewer", "Query.node", "Query.nodes"}
    left.add("Query.teamRequirements")  # a list that is empty then: tests/schema/test_teams.py
    assert shown(client, seen) == left | OF_THE_LAW | OF_ONES_WORK


def shown(client: Client, relations: Mapping[str, Planted]) -> set[str]:
    """The ways that read on which he who is to be denied sees anything."""
    fields = [field for field in ways_in() if field.split(".")[0] not in ("Mutation", "Subscription")]
    trials = [trial for field in fields for trial in trials_of(field, relations)]
    answers = [(trial, client.post(trial.query, trial.variables, as_=DENIED)) for trial in trials]
    return {trial.field for trial, answer in answers if reached(trial, answer, relations, unread=0)}
