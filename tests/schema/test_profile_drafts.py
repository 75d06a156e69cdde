"""Drafting: what is written is kept, sound or not; everything wrong is told; it is changed in the open."""

import re
from collections import Counter
from typing import Any

import pytest

from policies.library import profile
from tenants import profile_reviews, reads
from tests.client import Client
from tests.conftest import Database
from tests.front_door import acts, record, rows, said, told
from tests.schema.drafting import check, draft, drafted, drop, five_days, publish, shipped

BROKEN = "id: X\n  title: ["
DRAFTS = """
query ($state: ProfileDraftState) {
  profileDrafts(state: $state) { totalCount nodes { id text documentText state version } }
}
"""
NODE = "query ($id: ID!) { node(id: $id) { id ... on ProfileDraft { text state } } }"


def listed(client: Client, login: str, state: str | None = None) -> list[dict[str, Any]]:
    return list(client.ask(DRAFTS, {"state": state}, as_=login)["profileDrafts"]["nodes"])


@pytest.mark.parametrize("kind", ["profileDrafts", "profileVersions"])
def test_a_list_reads_the_texts_where_they_are_asked_for(
    client: Client, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    drafted(client, "hn-admin", five_days())
    statements, stock = list[str](), reads.value_of

    async def heard(sql: str, *given: Any) -> Any:
        statements.append(sql)
        return await stock(sql, *given)

    def reads_texts(asked: str) -> bool:
        statements.clear()
        (answer,) = client.ask(f"{{ {kind} {{ nodes {{ {asked} }} }} }}", as_="hn-admin").values()
        assert len(answer["nodes"]) == 1
        [sql] = statements
        return re.search(r"\.(document_)?text\b", sql) is not None

    monkeypatch.setattr(reads, "value_of", heard)
    assert kind == "profileVersions" or not reads_texts("id editedBy { name }")
    assert not reads_texts("id name version")
    assert reads_texts("id text")


def test_a_sound_draft_is_kept_and_those_who_may_publish_are_told(
    client: Client, demo_database: Database
) -> None:
    content = five_days()

    answer = draft(client, "hn-admin", content, documentTitle="修订通知", documentNumber="号")

    assert said(answer) == "ALLOW"
    assert answer["review"] == {"mayBePublished": True, "problems": questions(answer)}
    assert (answer["draft"]["name"], answer["draft"]["state"], answer["draft"]["follows"]) == (
        "HN",
        "OPEN",
        1,
    )
    assert answer["draft"]["editedBy"] == [{"name": "演示管理员"}]
    (kept,) = listed(client, "hn-checker")
    assert (kept["text"], kept["documentText"]) == (content["text"], content["documentText"])
    assert told(demo_database, "profile_waits") == ["hn-checker"]
    (entry,) = acts(demo_database, "profile.draft")
    assert (entry["version"], entry["may_be_published"], len(entry["digest"])) == (1, True, 64)


def questions(answer: dict[str, Any]) -> list[dict[str, str]]:
    """The problems of an answer, none of which is an error."""
    problems: list[dict[str, str]] = answer["review"]["problems"]
    assert {problem["severity"] for problem in problems} <= {"QUESTION", "NOTICE"}
    return problems


@pytest.mark.parametrize(
    "text", [BROKEN, "", "- 一\r\n- 二", "# 只有注释", five_days()["text"] + "\ntitel: 又"]
)
def test_what_cannot_be_published_is_kept_as_it_was_written(
    client: Client, demo_database: Database, text: str
) -> None:
    answer = draft(client, "hn-admin", {"text": text})

    assert said(answer) == "ALLOW"
    assert not answer["review"]["mayBePublished"]
    assert [one["text"] for one in listed(client, "hn-admin")] == [text]
    assert told(demo_database, "profile_waits") == []


def test_what_is_not_reviewed_in_time_is_kept_and_not_published(
    client: Client, demo_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = five_days()
    with monkeypatch.context() as hurried:
        hurried.setattr(profile_reviews, "MOST_SECONDS", 0)
        kept = draft(client, "hn-admin", content)
        refused = publish(client, "hn-checker", kept["draft"]["id"])

    assert kept["review"]["problems"] == [{"code": "not_reviewed", "path": "", "severity": "ERROR"}]
    assert [one["text"] for one in listed(client, "hn-admin")] == [content["text"]]
    assert (said(refused), refused["profile"]) == ("PROFILE_FAILS", None)
    assert told(demo_database, "profile_waits") == []
    assert said(publish(client, "hn-checker", kept["draft"]["id"])) == "ALLOW"


def test_a_draft_is_changed_in_place_and_each_editor_is_named(
    client: Client, demo_database: Database
) -> None:
    first = draft(client, "hn-admin", {"text": BROKEN})["draft"]

    second = draft(client, "hn-checker", five_days(), draft=first["id"], expectedVersion=1)["draft"]

    assert (second["id"], second["version"], second["name"]) == (first["id"], 2, "HN")
    assert second["editedBy"] == [{"name": "演示管理员"}, {"name": "演示复核管理员"}]
    assert len(listed(client, "hn-admin")) == 1
    # Both have written at it: there is nobody left to be told.
    assert told(demo_database, "profile_waits") == []


def test_a_change_that_was_not_seen_is_not_written_over(client: Client, demo_database: Database) -> None:
    first = draft(client, "hn-admin", shipped())["draft"]
    draft(client, "hn-checker", five_days(), draft=first["id"], expectedVersion=1)
    before = record(demo_database)

    answer = draft(client, "hn-admin", shipped(), draft=first["id"], expectedVersion=1)

    assert (said(answer), answer["draft"], answer["review"]) == ("CONFLICT", None, None)
    assert record(demo_database) == before
    assert said(draft(client, "hn-admin", shipped(), draft=first["id"], expectedVersion=2)) == "ALLOW"


def test_saved_again_with_its_key_it_is_one_draft(client: Client, demo_database: Database) -> None:
    first = draft(client, "hn-admin", five_days(), idempotencyKey="k")
    before = record(demo_database)

    again = draft(client, "hn-admin", five_days(), idempotencyKey="k")

    assert (again["draft"], again["review"]) == (first["draft"], first["review"])
    assert record(demo_database) == before
    assert said(draft(client, "hn-admin", shipped(), idempotencyKey="k")) == "IDEMPOTENCY_KEY_REUSED"


def test_the_checkers_are_told_once(client: Client, demo_database: Database) -> None:
    first = draft(client, "hn-admin", {"text": BROKEN})["draft"]
    assert told(demo_database, "profile_waits") == []

    for version in (1, 2, 3):
        draft(client, "hn-admin", five_days(), draft=first["id"], expectedVersion=version)

    assert told(demo_database, "profile_waits") == ["hn-checker"]
    notices = "{ notices { nodes { kind message subject { id __typename } } } }"
    (notice,) = client.ask(notices, as_="hn-checker")["notices"]["nodes"]
    assert notice["subject"] == {"id": first["id"], "__typename": "ProfileDraft"}
    assert notice["message"] == "一份责任制档案草案已可发布，待您复核"


def test_a_dropped_draft_is_read_and_never_changed(client: Client, demo_database: Database) -> None:
    kept, given_up = drafted(client, "hn-admin", shipped()), drafted(client, "hn-admin", five_days())

    assert drop(client, "hn-checker", given_up, version=1)["draft"]["state"] == "DROPPED"

    before = record(demo_database)
    for answer in (
        draft(client, "hn-admin", shipped(), draft=given_up),
        drop(client, "hn-admin", given_up),
        publish(client, "hn-checker", given_up),
    ):
        assert said(answer) == "CONFLICT"
    assert record(demo_database) == before
    assert [one["id"] for one in listed(client, "hn-admin", "OPEN")] == [kept]
    assert [one["id"] for one in listed(client, "hn-admin", "DROPPED")] == [given_up]
    assert told(demo_database, "profile_dropped") == ["hn-admin"]
    assert said(draft(client, "hn-admin", shipped(), draft=kept)) == "ALLOW"


@pytest.mark.parametrize(
    ("field", "value", "most"),
    [
        ("text", "长" * 120_001, 120_000),
        ("documentTitle", "长" * 201, 200),
        ("documentNumber", "长" * 65, 64),
        ("text", "含\0", None),
    ],
)
def test_what_cannot_be_kept_is_refused(
    client: Client, demo_database: Database, field: str, value: str, most: int | None
) -> None:
    before = record(demo_database)

    with_body_limit = {"text": "id: X", field: value}
    if len(value.encode()) > 200_000:
        answer = client.post(
            "mutation ($input: ProfileDraftInput!) { profileDraft(input: $input) { "
            "userErrors { code path } } }",
            {"input": with_body_limit},
            as_="hn-admin",
        )
        assert answer["errors"][0]["extensions"]["code"] == "CONTENT_TOO_LARGE"
    else:
        refused = draft(client, "hn-admin", with_body_limit)
        assert (said(refused), refused["userErrors"][0]["path"]) == ("INVALID", [field])
    assert record(demo_database) == before
    if most:
        assert said(draft(client, "hn-admin", {"text": "id: X", field: "x" * most})) == "ALLOW"


@pytest.mark.parametrize("login", ["hn-county-secretary", "hn-auditor", "hn-first-secretary", "p41-auditor"])
def test_only_administrators_draft_and_see_drafts(
    client: Client, demo_database: Database, login: str
) -> None:
    one = drafted(client, "hn-admin", five_days())
    before = record(demo_database)

    assert said(draft(client, login, shipped())) == "FORBIDDEN"
    assert said(drop(client, login, one)) == "FORBIDDEN"
    assert said(publish(client, login, one)) == "FORBIDDEN"
    assert listed(client, login) == []
    assert client.ask(NODE, {"id": one}, as_=login)["node"] is None
    assert client.ask('{ profileCheck(text: "") { mayBePublished } }', as_=login)["profileCheck"] is None
    assert record(demo_database) == before
    assert client.ask(NODE, {"id": one}, as_="hn-checker")["node"]["state"] == "OPEN"


@pytest.mark.parametrize("login", ["tw-admin", "p41-admin", "p62-admin", "mz-checker"])
def test_a_draft_of_one_place_is_nothing_in_another(
    client: Client, demo_database: Database, login: str
) -> None:
    one = drafted(client, "hn-admin", five_days())
    before = record(demo_database)

    for answer in (
        draft(client, login, shipped(), draft=one),
        drop(client, login, one),
        publish(client, login, one),
    ):
        assert said(answer) == "NOT_FOUND"
        assert answer["userErrors"][0]["path"] == ["draft"]
    assert client.ask(NODE, {"id": one}, as_=login)["node"] is None
    assert listed(client, login) == []
    assert record(demo_database) == before


def test_a_check_tells_everything_and_stores_nothing(client: Client, demo_database: Database) -> None:
    content, before = five_days(), record(demo_database)
    wrong = (
        content["text"].replace("act: outing", "act: outign").replace("5天（含）以内的，报", "5天以内，报")
    )

    found = check(client, "hn-admin", wrong, content["documentText"])

    errors = [(one["code"], one["path"]) for one in found["problems"] if one["severity"] == "ERROR"]
    assert ("unknown_term", "rules.HN-4.2-8") in errors
    assert ("quote_not_found", "rules.HN-4.2-5.quote") in errors
    assert not found["mayBePublished"]
    assert all(one["message"] == one["zh"] and one["en"] for one in found["problems"])
    assert record(demo_database) == before
    assert check(client, "hn-admin", **{"text": content["text"], "document": content["documentText"]})[
        "mayBePublished"
    ]


def test_a_check_says_in_short_what_the_text_says(client: Client) -> None:
    outline = check(client, "hn-admin", five_days()["text"], five_days()["documentText"])["outline"]

    assert (outline["name"], outline["number"], outline["firstDay"]) == ("HN", None, "2017-05-09")
    counts = Counter(rule.kind for rule in profile("HN").rules)
    assert outline["rules"] == [
        {"kind": kind, "own": own, "inherited": 0} for kind, own in sorted(counts.items())
    ]
    stated = [name for name, setting in profile("HN").settings.items() if setting.state]
    assert [setting["name"] for setting in outline["openSettings"]] == stated
    assert {
        "name": "group_size_tolerance",
        "label": "5名左右",
        "state": "MANUAL",
        "to": "左右",
        "value": None,
        "readings": ["A-02"],
    } in outline["openSettings"]
    assert "A-06" in outline["readings"]
    assert len(outline["digest"]) == 64
    assert check(client, "hn-admin", BROKEN)["outline"] is None


def test_a_check_speaks_the_language_that_is_asked_for(client: Client) -> None:
    query = '{ profileCheck(text: "- x") { problems { message zh en } } }'

    answer = client.post(query, as_="hn-admin", accept_language="en")

    (problem,) = answer["data"]["profileCheck"]["problems"]
    assert problem["message"] == problem["en"] == "the text is not a mapping"


def test_a_draft_holds_no_more_than_its_place(client: Client, demo_database: Database) -> None:
    drafted(client, "hn-admin", five_days())

    (row,) = rows(
        demo_database,
        "SELECT p.code FROM profile_drafts d JOIN places p ON p.id = d.tenant_id",
    )
    assert row["code"] == "410173000000"
