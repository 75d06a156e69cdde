"""The whole authorization matrix: authorization.yaml lists who reaches what; everything else is refused.

Reads are reached where the answer shows a row, commands where they are not refused. A command that may be
carried out is rolled back; one that is refused is asked as it is, and must leave the record alone.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

import pytest
import strawberry

from api import demo
from policies import library, strict_yaml
from policies.grants import platform
from schema.execution import Running, ZerenSchema
from tenants import approvals, leave, requests
from tenants.conditions import EVERYTHING, NONE
from tests.client import Client
from tests.conftest import UNLIMITED, Cluster, Database, serving
from tests.front_door import record
from tests.schema.authorization_probes import Trial, reached, trials_of, ways_in
from tests.schema.authorization_world import RELATIONS, Planted, World, planted

SAID = strict_yaml.load(Path(__file__).with_name("authorization.yaml").read_text(encoding="utf-8"))
VIEWERS: dict[str, str | None] = SAID["viewers"]
GROUPS: dict[str, list[str]] = SAID["groups"]
ALLOW = {field: lines for fields, lines in SAID["allow"].items() for field in fields.split()}
TRIED = [field for field in ways_in() if field in ALLOW]
# What a command may write besides the record.
FURTHER = (
    "profile_drafts",
    "accounts",
    "activities",
    "acts_as",
    "county_summaries",
    "divisions",
    "invitations",
    "persons",
    "places",
    "posts",
    "units",
)
Reached = dict[str, set[str]]
Made = tuple[Client, World]


@pytest.fixture(scope="module")
def world(cluster: Cluster, shared_demo_database: Database) -> Iterator[Made]:
    with serving(shared_demo_database, **UNLIMITED) as client:
        yield client, planted(client, shared_demo_database, [login for login in VIEWERS.values() if login])


def listed(viewer: str) -> Reached:
    """What the file lets a viewer reach, by field."""
    found: Reached = defaultdict(set)
    for field, lines in ALLOW.items():
        for names, relations in lines.items():
            if any(viewer in GROUPS.get(name, [name]) for name in names.split()):
                found[field] |= set(relations)
    return found


class Trier:
    """One viewer at the door, with the rows that lie in each relation to him."""

    def __init__(self, client: Client, login: str | None, relations: Mapping[str, Planted]) -> None:
        self.client, self.login, self.relations = client, login, relations
        viewer = client.post("{ viewer { unreadCount } }", as_=login)["data"]["viewer"]
        self.unread: int = viewer["unreadCount"] if viewer else 0

    def try_all(self, fields: Iterable[str], expected: Reached) -> Reached:
        found: Reached = defaultdict(set)
        for field in fields:
            for trial in trials_of(field, self.relations):
                found[field] |= self.reached(trial, undone=trial.relation in expected[field])
        return found

    def reached(self, trial: Trial, *, undone: bool) -> set[str]:
        with pytest.MonkeyPatch.context() as patch:
            if undone:
                patch.setattr(Running, "has_errors", property(lambda _: True, lambda *_: None))
            answer = self.client.post(trial.query, trial.variables, as_=self.login)
        return reached(trial, answer, self.relations, self.unread)


def trier(world: Made, viewer: str) -> Trier:
    client, rows = world
    return Trier(client, VIEWERS[viewer], rows.seen_from(VIEWERS[viewer]))


@pytest.mark.parametrize("viewer", VIEWERS)
def test_exactly_what_is_listed_is_reached(world: Made, shared_demo_database: Database, viewer: str) -> None:
    expected, before = listed(viewer), record(shared_demo_database, *FURTHER)

    found = trier(world, viewer).try_all(TRIED, expected)

    assert differences(expected, found) == []
    assert record(shared_demo_database, *FURTHER) == before


def differences(expected: Reached, found: Reached) -> list[str]:
    fields = sorted({*expected, *found})
    more = [(field, found[field] - expected[field], "is reached and not listed") for field in fields]
    less = [(field, expected[field] - found[field], "is listed and not reached") for field in fields]
    return [f"{field} {relation} {how}" for field, of, how in more + less for relation in sorted(of)]


@pytest.mark.parametrize("viewer", VIEWERS)
def test_a_file_is_sent_to_whom_its_object_is_shown(world: Made, viewer: str) -> None:
    """`GET /files/<id>` is a way in, too. The planted files have no bytes: who may have them is told so."""
    one, found = trier(world, viewer), set()
    headers = {"authorization": f"Bearer {one.client.token(one.login)}"} if one.login else {}
    for relation, rows in one.relations.items():
        for id in rows.by_kind.get("Attachment", []):
            (error,) = one.client.http.get(f"/files/{id}", headers=headers).json()["errors"]
            assert error["extensions"]["code"] in {"FILE_LOST", "NOT_FOUND", "UNAUTHENTICATED"}
            found |= {relation} if error["extensions"]["code"] == "FILE_LOST" else set()

    assert found == listed(viewer)["node.Attachment"]


def test_every_way_in_is_listed() -> None:
    """A new root field, type with a global id or guarded field: say in authorization.yaml who reaches what of
    it, and in authorization_probes.py (NAMING, PLAIN) how its arguments name a row."""
    assert unlisted(ways_in()) == []
    assert sorted({*ALLOW, *SAID["elsewhere"]} - set(ways_in())) == []


def unlisted(ways: Iterable[str]) -> list[str]:
    return [field for field in ways if field not in ALLOW and field not in SAID["elsewhere"]]


def test_a_field_without_its_lines_is_found() -> None:
    @strawberry.type
    class Query:
        @strawberry.field(description="listed")
        async def leaves(self) -> int:
            return 1

        @strawberry.field(description="planted")
        async def planted(self) -> int:
            return 1

    assert unlisted(ways_in(ZerenSchema(Query)._schema)) == ["Query.planted"]


def test_every_role_of_the_demonstration_is_a_viewer() -> None:
    """Every role that is granted anything; who has only what everybody has is one of those below."""
    roles = {sign_in.login: sign_in.role for sign_in in demo.sign_ins()}
    tried = {roles[login] for login in VIEWERS.values() if login}
    granted = {grant.role for grant in platform().grants}
    granted |= {grant.role for name in library.shipped() for grant in library.profile(name).grants}

    assert set(roles.values()) & granted - tried == set()
    assert tried - granted == {"first_secretary", "village_team_member", "village_party_secretary"}
    assert {name for names in GROUPS.values() for name in names} <= set(VIEWERS)


def test_what_is_held_elsewhere_is_held_by_a_test_that_exists() -> None:
    for held_by in SAID["elsewhere"].values():
        path, _, test = held_by.partition("::")
        assert f"def {test}(" in (Path(__file__).parents[2] / path).read_text(encoding="utf-8"), held_by


# What is wrong → in whose matrix and at which field it is noticed; what is put in whose place; what is said.
PLANTED: dict[str, tuple[str, str, object, str, object, str]] = {
    "谁的请假都看得到": (
        "village_team_member",
        "Query.leaves",
        leave,
        "visible",
        lambda *_: EVERYTHING,
        "Query.leaves sibling is reached and not listed",
    ),
    "谁的申请都打得开": (
        "village_team_member",
        "node.Request",
        requests,
        "visible",
        lambda *_: EVERYTHING,
        "node.Request township is reached and not listed",
    ),
    "谁的申请都撤得回": (
        "township_mayor",
        "Mutation.requestWithdraw",
        approvals,
        "why_not_withdraw",
        lambda *_: None,
        "Mutation.requestWithdraw village is reached and not listed",
    ),
    "本乡镇的请假也看不到": (
        "township_mayor",
        "Query.leaves",
        leave,
        "visible",
        lambda *_: NONE,
        "Query.leaves township is listed and not reached",
    ),
}


@pytest.mark.parametrize("name", PLANTED)
def test_a_permission_that_is_wider_or_narrower_is_noticed(
    world: Made, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    viewer, field, module, operation, wrong, noticed = PLANTED[name]
    one, expected = trier(world, viewer), {field: listed(viewer)[field]}
    all_undone = {field: set(RELATIONS)}
    assert differences(expected, one.try_all([field], all_undone)) == []

    monkeypatch.setattr(module, operation, wrong)

    assert noticed in differences(expected, one.try_all([field], all_undone))
