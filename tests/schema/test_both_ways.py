"""Whatever is asked, the compiled way and the ordinary one answer the same, as everybody who may ask.

The questions are made up from the schema as it is; what they name exists, so that they find something. How
many is said by ZEREN_READS_QUESTIONS.
"""

import json
import os
from base64 import urlsafe_b64encode
from collections import Counter
from collections.abc import Iterator
from typing import Any
from uuid import UUID

import pytest
from graphql import GraphQLSchema, build_schema
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes
from hypothesis_graphql import queries as made_up_queries

from schema.context import Context
from schema.reads.finishing import computed
from schema.root import schema
from tests.client import Client
from tests.conftest import Database
from tests.schema.both_ways import VIEWERS, both, differences, registered, told
from tests.schema.register_world import HERE, TOWNSHIP
from tests.schema.selections import answerable

QUESTIONS = int(os.environ.get("ZEREN_READS_QUESTIONS", "120"))
# The root fields that read rows. The others compute, and have nothing to compile.
READS = (
    "actsAs", "auditEntries", "countySummaries", "divisions", "householdCounts", "households",
    "jobs", "leaves", "node", "nodes", "notices", "outings", "pairings", "persons", "profileDrafts",
    "profileVersions", "records", "teams", "units", "viewer", "workQueue",
)  # fmt: skip


@pytest.fixture(scope="module")
def world(shared_demo_database: Database) -> Iterator[Client]:
    with registered(shared_demo_database) as client:
        yield client


@pytest.fixture(scope="module")
def ids(world: Client) -> dict[str, list[str]]:
    """The global ids that each county's people may name, and cursors of their lists."""
    text = """{ households(first: 9) { nodes { id members { id } pairings { nodes { id person { id } } }
      visits { nodes { id } } division { id } } }
      leaves { nodes { id request { id } } } outings { nodes { id } } }"""
    papers = """{ jobs(first: 9) { nodes { id attachment { id } } } actsAs { nodes { id } }
      profileDrafts { nodes { id } } profileVersions { nodes { id } } }"""
    handed_in = "{ records(first: 9) { nodes { id attachments { id } } } }"
    found: dict[str, list[str]] = {}
    for county in ("hn", "tw"):
        asked = (
            (text, "county-secretary"),
            (handed_in, "county-secretary"),
            (papers, "auditor"),
            (papers, "admin"),
        )
        answers = [world.ask(question, as_=f"{county}-{who}") for question, who in asked]
        found[county] = sorted(set(_ids_in(answers)))
    return found


def _ids_in(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for key, part in value.items():
            if key == "id":
                yield part
            else:
                yield from _ids_in(part)
    elif isinstance(value, list):
        for part in value:
            yield from _ids_in(part)


def _values(value: Any) -> Iterator[Any]:
    """Everything that an answer says, but for what it calls nothing."""
    if isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _values(part)
    else:
        yield value


def schema_of_reads() -> GraphQLSchema:
    """The schema with no other root fields than those that read."""
    known: GraphQLSchema = build_schema(schema.as_str())
    assert known.query_type is not None, "a schema that can be asked"
    known.query_type.fields = {name: known.query_type.fields[name] for name in READS}
    return known


SCALARS = {
    "Date": st.sampled_from(["2018-06-15", "2014-02-01"]).map(nodes.String),
    "DateTime": st.just("2018-06-15T08:00:00+08:00").map(nodes.String),
    "Decimal": st.just("1.5").map(nodes.String),
    "JSON": st.just("{}").map(nodes.String),
}


@pytest.mark.parametrize("who", VIEWERS)
def test_made_up_questions_are_answered_alike(
    world: Client, ids: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    own, foreign = ("tw", "hn") if who.startswith("tw") else ("hn", "tw")
    asked = found = 0
    wanted = max(1, QUESTIONS // len(VIEWERS))

    @seed(len(READS) + VIEWERS.index(who))
    @settings(
        max_examples=wanted,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(text=made_up_queries(schema_of_reads(), custom_scalars=SCALARS), choice=st.integers(0, 10**6))
    def ask(text: str, choice: int) -> None:
        nonlocal asked, found
        question = answerable(text, choice, [*ids[own], *ids[foreign][:2]], (HERE, TOWNSHIP))
        compiled, ordinary = both(world, monkeypatch, question, None, who)
        assert list(differences(told(compiled), told(ordinary))) == [], question
        assert "INTERNAL_SERVER_ERROR" not in told(compiled)[1], question
        shown = set(_ids_in(compiled.get("data")))
        assert not shown & set(ids[foreign]), question
        asked, found = asked + 1, found + any(_values(compiled.get("data")))

    ask()
    assert asked >= wanted
    # A province is shown little of what these fields read.
    assert found > 0 or who.startswith("p"), "questions that find nothing say nothing"


EVERYTHING = """
query ($code: String!, $few: Int!, $all: Boolean!, $none: Boolean!, $after: String) {
  here: households(filter: {division: $code}, first: $few, after: $after) {
    totalCount
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor __typename }
    edges { cursor node { ...Told } }
    again: nodes { number ...Told @include(if: $all) head: headName @skip(if: $none) }
  }
  counts: householdCounts(by: STATE, filter: {division: $code}) { value count __typename }
  causes: householdCounts(by: MAIN_CAUSE) { value many: count }
  leaves(first: 2) { nodes { days state
    person { name rank { label } posts { role { id label } division { name } } }
    request { state steps { organ { label } state unit { name } signature { verdict person { name } } }
      decision { outcome } viewerCan { sign { allowed code message } }
      subject { id ... on Leave { days person { rank { label } } } } } } }
}
fragment Told on Household {
  id number headName state population income registeredOn exitedOn address version recordedAt
  mainCause { id label labelEn __typename } division { code parent { name parent { name level } } }
  members { id name relation bornOn idNumberMask }
  pairings(first: 1) { totalCount pageInfo { hasNextPage endCursor } nodes { kind beginsOn endsOn
    person { id name pairless: isDemo } household { number } } }
  visits(first: 2) { edges { cursor node { occurredAt note kind { label } person { name } } } }
}
"""


@pytest.mark.parametrize("who", VIEWERS)
def test_everything_at_once_is_answered_alike(
    world: Client, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    given = {"code": HERE, "few": 7, "all": True, "none": False, "after": None}
    compiled, ordinary = both(world, monkeypatch, EVERYTHING, given, who)

    assert list(differences(told(compiled), told(ordinary))) == []
    assert compiled["data"] is not None


PAPERS = """
query { jobs(first: 30) { totalCount nodes { id state outcome label failure { code } askedBy { name }
    attachment { id name mediaType size digest url recordedAt owner { name posts { role { id } } } } } }
  actsAs(first: 2) { pageInfo { endCursor } nodes { id act placeName personName reason recordedAt } }
  drafts: profileDrafts(first: 9) { totalCount edges { cursor node { ...Draft } } }
  short: profileDrafts(state: PUBLISHED) { nodes { name editedBy { name } } }
  versions: profileVersions(first: 2) { totalCount pageInfo { hasNextPage endCursor } nodes { ...Version } }
  above: profileVersions(code: "410000000000") { nodes { ...Version } } }
fragment Draft on ProfileDraft { id name documentTitle documentNumber documentText state follows recordedAt
  changedAt version text editedBy { id name } profile { ...Version } }
fragment Version on ProfileVersion { id name version digest effectiveFrom publishedAt isOwn text
  draftedBy { name } publishedBy { name } parent { name version } document { title number digest text } }
"""


@pytest.mark.parametrize("who", VIEWERS)
def test_papers_are_answered_alike(world: Client, monkeypatch: pytest.MonkeyPatch, who: str) -> None:
    compiled, ordinary = both(world, monkeypatch, PAPERS, None, who)

    assert list(differences(told(compiled), told(ordinary))) == []
    assert compiled["data"] is not None


@pytest.mark.parametrize("text_of_cursor", ["H\0", "H\ud800"], ids=["NUL", "half"])
@pytest.mark.parametrize("compiles", [True, False])
def test_a_cursor_that_no_row_can_have_is_refused(
    world: Client, monkeypatch: pytest.MonkeyPatch, compiles: bool, text_of_cursor: str
) -> None:
    monkeypatch.setattr(Context, "compiles", compiles)
    cursor = urlsafe_b64encode(json.dumps([text_of_cursor, str(UUID(int=1))]).encode()).decode()
    text = "query ($after: String) { households(orderBy: NUMBER, after: $after) { nodes { id } } }"
    answer = world.post(text, {"after": cursor}, as_="hn-county-secretary")

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


SUBJECTS_TOLD = """
query ($bare: Boolean!) {
  workQueue(first: 2) { subject { ...Said } steps { organ { label } holders { name } } }
  notices(first: 30) { nodes { id subjectKind subject { __typename id ...Said @skip(if: $bare) } } }
  leaves(first: 3) { nodes { request { subjectKind subject { ...Said id } } } }
  outings(first: 3) { nodes { request { subject { id ... on Outing { destination } } } } } }
fragment Said on Node { id ... on Leave { days leave: state person { name rank { label } }
    asked: request { state } }
  ... on Outing { destination purpose { label } } ... on Job { label job: state } ... on Place { name today }
  ... on Request { request: state viewerCan { sign { code } } subject { id ... on Leave { days } } }
  ... on ProfileDraft { draft: name editedBy { name } } ... on ProfileVersion { name isOwn } }
"""


@pytest.mark.parametrize("bare", [True, False])
@pytest.mark.parametrize("who", [*VIEWERS, "hn-bureau-head"])
def test_subjects_of_several_types_are_answered_alike(
    world: Client, monkeypatch: pytest.MonkeyPatch, who: str, bare: bool
) -> None:
    compiled, ordinary = both(world, monkeypatch, SUBJECTS_TOLD, {"bare": bare}, who)

    assert list(differences(told(compiled), told(ordinary))) == []
    assert compiled["data"] is not None


def test_subjects_are_compiled(world: Client) -> None:
    before = Counter(computed)
    answer = world.ask(SUBJECTS_TOLD, {"bare": True}, as_="hn-bureau-head")

    kinds = {one["subject"]["__typename"] for one in answer["notices"]["nodes"] if one["subject"]}
    assert kinds, "somebody was told of something"
    assert {name for name in computed - before if name.endswith(".subject")} == set()


@pytest.mark.parametrize("order", ["DIVISION", "NUMBER", "RECORDED_AT"])
def test_paging_through_meets_every_household_once_in_its_order(
    world: Client, monkeypatch: pytest.MonkeyPatch, order: str
) -> None:
    text = """query ($after: String, $order: HouseholdOrder!) {
      households(first: 7, after: $after, orderBy: $order) {
        nodes { number } pageInfo { hasNextPage endCursor } totalCount } }"""
    seen: list[list[str]] = []
    for compiles in (True, False):
        monkeypatch.setattr(Context, "compiles", compiles)
        numbers, after, more = [], None, True
        while more:
            page = world.ask(text, {"after": after, "order": order}, as_="hn-county-secretary")["households"]
            numbers += [node["number"] for node in page["nodes"]]
            after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
        assert len(numbers) == len(set(numbers)) == page["totalCount"]
        seen.append(numbers)

    assert seen[0] == seen[1]


def test_variables_that_change_the_statement_change_the_answer(
    world: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kept statement must not answer for other variables than its own."""
    for shown in (True, False, True):
        for few in (1, 3):
            given = {"code": HERE, "few": few, "all": shown, "none": not shown, "after": None}
            compiled, ordinary = both(world, monkeypatch, EVERYTHING, given, "hn-county-secretary")
            assert list(differences(told(compiled), told(ordinary))) == []
            nodes_ = compiled["data"]["here"]["again"]
            assert len(nodes_) == few
            assert ("id" in nodes_[0]) is shown
            assert ("head" in nodes_[0]) is shown


def test_viewers_share_a_statement_and_not_its_values(world: Client) -> None:
    """The same document, asked by two who reach different villages."""
    text = "{ households(first: 100) { nodes { number division { code } } totalCount } }"
    mine = world.ask(text, as_="hn-first-secretary")["households"]
    others = world.ask(text, as_="hn-other-first-secretary")["households"]

    assert {node["division"]["code"] for node in mine["nodes"]}.isdisjoint(
        {node["division"]["code"] for node in others["nodes"]}
    )


def test_what_only_python_computes_is_counted(world: Client) -> None:
    before = computed["Request.viewerCan"]
    world.ask(
        "{ leaves(first: 1) { nodes { request { viewerCan { sign { allowed code } } } } } }",
        as_="hn-first-secretary",
    )

    assert computed["Request.viewerCan"] == before + 1


def test_whether_the_viewer_may_is_compiled(world: Client) -> None:
    before = computed["Request.viewerCan"]
    text = """{ leaves(first: 9) { nodes { request {
      viewerCan { __typename sign { allowed __typename may: allowed } withdraw { allowed } } } } } }"""
    nodes = world.ask(text, as_="hn-first-secretary")["leaves"]["nodes"]

    assert {node["request"]["viewerCan"]["withdraw"]["allowed"] for node in nodes} == {True}
    assert {str(node["request"]["viewerCan"]["sign"]) for node in nodes} == {
        "{'allowed': False, '__typename': 'Ability', 'may': False}"
    }
    assert computed["Request.viewerCan"] == before
