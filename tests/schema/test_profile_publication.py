"""Publishing: by a second person, from a day on, with nothing in the way; the next question is under it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from policies import library
from tenants import people
from tests.client import Client
from tests.conftest import Database
from tests.front_door import (
    acts,
    arrange,
    held,
    organs,
    person_of,
    place_of,
    post_of,
    record,
    rows,
    said,
    sign,
    submit,
    told,
    why,
)
from tests.schema.drafting import check, draft, drafted, five_days, publish, shipped, versions
from tests.schema.sessions import ANSWER

COUNTY, PROVINCE_BELOW = "410173000000", "440811000000"
WAITING = (
    "SELECT pid FROM pg_stat_activity WHERE usename = $1 AND datname = current_database()"
    " AND wait_event_type = 'Lock'"
)
SWITCH = f"mutation ($post: ID) {{ sessionSwitch(post: $post) {ANSWER} }}"
TODAY, TOMORROW = "2018-06-15", "2018-06-16"
DECIDE = """
query ($on: Date) { decide(question: {ask: ACT, about: "leave"}, on: $on,
  facts: {who: ["first_secretary"], leave_days: 4, written: true}) { outcome version profile } }
"""


def decided(client: Client, login: str, on: str | None = None) -> tuple[str, str, int]:
    answer = client.ask(DECIDE, {"on": on}, as_=login)["decide"]
    return answer["outcome"], answer["profile"], answer["version"]


def test_one_drafts_another_publishes_and_the_next_request_is_judged_by_it(
    client: Client, demo_database: Database
) -> None:
    before = submit(client, "hn-first-secretary", "06-18", "06-21")
    assert organs(before) == [["organisation_personnel_bureau", "dispatching_unit"]]

    answer = publish(client, "hn-checker", drafted(client, "hn-admin", five_days()))

    assert said(answer) == "ALLOW"
    published = answer["profile"]
    assert (published["name"], published["version"], published["effectiveFrom"]) == ("HN", 2, TODAY)
    assert published["draftedBy"] == {"name": "演示管理员"}
    assert published["publishedBy"] == {"name": "演示复核管理员"}
    after = submit(client, "hn-team-member", "06-18", "06-21")
    assert organs(after) == [["township_party_committee"]]
    assert after["leave"]["request"]["profileVersion"] == 2
    request = before["leave"]["request"]["id"]
    assert said(sign(client, "hn-township-secretary", request)) == "NOT_YOURS_TO_SIGN"
    half = sign(client, "hn-bureau-head", request)["request"]
    assert (half["state"], half["profileVersion"]) == ("OPEN", 1)
    assert sign(client, "hn-unit-head", request)["request"]["state"] == "APPROVED"
    assert told(demo_database, "profile_published") == ["hn-admin"]
    (entry,) = acts(demo_database, "profile.publish")
    assert (entry["profile"], entry["profile_version"], entry["digest"]) == ("HN", 2, published["digest"])
    assert (entry["effective_from"], len(entry["document"])) == (TODAY, 64)


def test_the_digest_that_was_checked_is_the_one_that_is_published(client: Client) -> None:
    content = five_days()
    outline = check(client, "hn-admin", content["text"], content["documentText"])["outline"]

    published = publish(client, "hn-checker", drafted(client, "hn-admin", content))["profile"]

    assert published["digest"] == outline["digest"]


def test_nobody_publishes_what_he_has_written_at(client: Client, demo_database: Database) -> None:
    own = drafted(client, "hn-admin", five_days())
    changed = drafted(client, "hn-admin", shipped())
    draft(client, "hn-checker", five_days(), draft=changed)
    before = record(demo_database)

    for login, one in (("hn-admin", own), ("hn-admin", changed), ("hn-checker", changed)):
        answer = publish(client, login, one)
        assert said(answer) == "YOUR_OWN_DRAFT"
        assert answer["userErrors"][0]["path"] == ["draft"]
    assert record(demo_database) == before
    assert said(publish(client, "hn-checker", own)) == "ALLOW"


def test_who_stands_in_for_the_drafter_does_not_check_his_draft(
    client: Client, demo_database: Database
) -> None:
    """Not even by an office of his own, nor in a session that acts in that office alone."""
    one, drafter = drafted(client, "hn-admin", five_days()), post_of(demo_database, "hn-admin")
    checker, own = person_of(demo_database, "hn-checker"), post_of(demo_database, "hn-checker")

    async def stands_in() -> None:
        seat = await people.Post.get(id=drafter)
        more = {"acting_for_id": seat.id, "limited_to": ["profile.publish"]}
        await people.open_post(checker, seat.role, seat.code, date(2018, 1, 1), **more)

    arrange(demo_database, COUNTY, stands_in)
    before = record(demo_database)

    assert said(publish(client, "hn-checker", one)) == "YOUR_OWN_DRAFT"
    assert record(demo_database) == before
    moved = client.ask(SWITCH, {"post": str(own)}, as_="hn-checker")["sessionSwitch"]
    client.tokens["hn-checker"] = moved["session"]["accessToken"]
    assert said(publish(client, "hn-checker", one)) == "YOUR_OWN_DRAFT"
    rows(demo_database, "UPDATE posts SET ends_on = '2018-06-15' WHERE acting_for_id IS NOT NULL")
    assert said(publish(client, "hn-checker", one)) == "ALLOW"


@pytest.mark.parametrize(
    ("_case", "old", "new", "problem"),
    [
        ("引文改一字", "quote: 外出前要", "quote: 外出后要", "quote_not_found"),
        ("别处的区划", "division: null", 'division: "410174000000"', "division_differs"),
        ("没有上级", "number: null", "number: null\nparent: {id: GD, version: 1}", "parent_not_published"),
        (
            "没有人代表",
            "file: township_party_committee",
            "sign: health_department",
            "organ_without_authority",
        ),
        ("两条路", "more_than: 5", "at_least: 5", "two_routes"),
        (
            "超出上限",
            "rules:",
            "grants: [{role: county_head, permission: profile.publish, reach: tenant}]\nrules:",
            "not_grantable",
        ),
    ],
)
def test_while_an_error_stands_nothing_is_published(
    client: Client, demo_database: Database, _case: str, old: str, new: str, problem: str
) -> None:
    content = five_days()
    assert old in content["text"]
    written = draft(client, "hn-admin", {**content, "text": content["text"].replace(old, new)})["draft"]
    before = record(demo_database)

    answer = publish(client, "hn-checker", written["id"])

    assert (said(answer), answer["profile"]) == ("PROFILE_FAILS", None)
    assert {one["severity"] for one in answer["problems"]} == {"ERROR"}
    assert problem in [one["code"] for one in answer["problems"]]
    assert str(why(answer)).startswith("档案“HN”没有通过检查：")
    assert record(demo_database) == before
    draft(client, "hn-admin", content, draft=written["id"])
    assert said(publish(client, "hn-checker", written["id"])) == "ALLOW"


def test_without_the_document_nothing_is_published(client: Client, demo_database: Database) -> None:
    written = draft(client, "hn-admin", {"text": five_days()["text"]})["draft"]

    answer = publish(client, "hn-checker", written["id"])

    assert [one["code"] for one in answer["problems"]] == ["no_document"]


@pytest.mark.parametrize(
    ("on", "sentence"),
    [
        ("2017-05-08", "填写有误：文件自 2017-05-09 起生效，不能从其前起用"),
        ("2017-05-09", "填写有误：不能早于本地今天（2018-06-15）：以往的答复不变"),
        ("2018-06-14", "填写有误：不能早于本地今天（2018-06-15）：以往的答复不变"),
    ],
)
def test_the_past_is_answered_as_it_was(
    client: Client, demo_database: Database, on: str, sentence: str
) -> None:
    one, before = drafted(client, "hn-admin", five_days()), record(demo_database)

    answer = publish(client, "hn-checker", one, on)

    assert (said(answer), why(answer)) == ("INVALID", sentence)
    assert answer["userErrors"][0]["path"] == ["from"]
    assert record(demo_database) == before
    assert said(publish(client, "hn-checker", one, TODAY)) == "ALLOW"
    assert decided(client, "hn-first-secretary", "2018-06-14")[2] == 1


def test_no_version_begins_after_its_document_has_ended(client: Client, demo_database: Database) -> None:
    ended = five_days()
    ended["text"] = ended["text"].replace("until: null", 'until: "2018-12-31"')
    one, before = drafted(client, "hn-admin", ended), record(demo_database)

    assert said(publish(client, "hn-checker", one, "2019-01-01")) == "INVALID"

    assert record(demo_database) == before
    assert said(publish(client, "hn-checker", one, "2018-12-31")) == "ALLOW"


def test_a_version_for_a_later_day_does_not_speak_before(client: Client) -> None:
    publish(client, "hn-checker", drafted(client, "hn-admin", five_days()), TOMORROW)

    assert decided(client, "hn-first-secretary") == ("ROUTE", "HN", 1)
    assert decided(client, "hn-first-secretary", TOMORROW) == ("ROUTE", "HN", 2)
    answer = submit(client, "hn-first-secretary", "06-18", "06-21")
    assert organs(answer) == [["organisation_personnel_bureau", "dispatching_unit"]]


def test_going_back_is_publishing_the_older_text_again(client: Client) -> None:
    publish(client, "hn-checker", drafted(client, "hn-admin", five_days()))
    first = versions(client, "hn-admin")[-1]

    back = publish(client, "hn-admin", drafted(client, "hn-checker", {**shipped(), "text": first["text"]}))

    assert (back["profile"]["version"], back["profile"]["digest"]) == (3, first["digest"])
    answer = submit(client, "hn-first-secretary", "06-18", "06-21")
    assert answer["decision"]["version"] == 3
    assert organs(answer) == [["organisation_personnel_bureau", "dispatching_unit"]]


def test_a_draft_that_has_not_seen_the_last_version_is_not_published(
    client: Client, demo_database: Database
) -> None:
    one, other = drafted(client, "hn-admin", five_days()), drafted(client, "hn-admin", shipped())
    assert said(publish(client, "hn-checker", one)) == "ALLOW"
    before = record(demo_database)

    answer = publish(client, "hn-checker", other)

    assert said(answer) == "CONFLICT"
    assert record(demo_database) == before
    draft(client, "hn-admin", shipped(), draft=other)
    assert publish(client, "hn-checker", other)["profile"]["version"] == 3


def test_a_draft_becomes_one_version(client: Client, demo_database: Database) -> None:
    one = drafted(client, "hn-admin", five_days())
    first = publish(client, "hn-checker", one, version=1, key="p")
    before = record(demo_database)

    again = publish(client, "hn-checker", one, version=1, key="p")

    assert again == first
    assert said(publish(client, "hn-checker", one, version=1)) == "CONFLICT"
    assert said(publish(client, "hn-checker", one)) == "CONFLICT"
    assert record(demo_database) == before


@pytest.mark.parametrize("apart", [True, False], ids=["两份草案", "同一草案"])
def test_of_two_who_publish_at_once_one_does(client: Client, demo_database: Database, apart: bool) -> None:
    ids = [drafted(client, "hn-admin", one) for one in (five_days(), shipped())]

    with held(demo_database, f"SELECT id FROM places WHERE code = '{COUNTY}' FOR UPDATE"):
        threads = ThreadPoolExecutor(2)
        both = ids if apart else ids[:1] * 2
        asked = []
        for waiting, one in enumerate(both, 1):  # a place's drafts are reviewed one after the other
            asked.append(threads.submit(publish, client, "hn-checker", one))
            while len(rows(demo_database, WAITING, demo_database.app.user)) < waiting:
                assert not any(one.done() for one in asked)
    answers = [one.result() for one in asked]

    assert sorted(said(answer) for answer in answers) == ["ALLOW", "CONFLICT"]
    county = place_of(demo_database, COUNTY)
    found = rows(demo_database, "SELECT version FROM profiles WHERE owner_id = $1 ORDER BY version", county)
    assert [row["version"] for row in found] == [1, 2]


def test_who_has_lost_his_post_publishes_nothing(client: Client, demo_database: Database) -> None:
    one = drafted(client, "hn-admin", five_days())
    post = post_of(demo_database, "hn-checker")
    arrange(demo_database, COUNTY, lambda: people.end_post(post, date(2018, 6, 15)))
    before = record(demo_database)

    assert said(publish(client, "hn-checker", one)) == "FORBIDDEN"

    assert record(demo_database) == before


def test_who_loses_his_post_while_he_publishes_publishes_nothing(
    client: Client, demo_database: Database
) -> None:
    one, before = drafted(client, "hn-admin", five_days()), record(demo_database)
    post = post_of(demo_database, "hn-checker")
    ends = f"UPDATE posts SET ends_on = '2018-06-15' WHERE id = '{post}' RETURNING id"

    with held(demo_database, ends, then="COMMIT"):
        asked = ThreadPoolExecutor(1).submit(publish, client, "hn-checker", one)
        while not rows(demo_database, WAITING, demo_database.app.user):
            assert not asked.done()

    assert said(asked.result()) == "FORBIDDEN"
    assert record(demo_database) == before


def test_a_profile_cannot_give_away_the_right_to_publish(client: Client, demo_database: Database) -> None:
    """Nor take it away: what a document denies, it denies to its own roles."""
    content = five_days()
    content["text"] = content["text"].replace(
        "rules:",
        "grants: [{role: county_party_secretary, permission: profile.publish, reach: tenant}]\nrules:",
    )
    written = draft(client, "hn-admin", content)

    assert "not_grantable" in [one["code"] for one in written["review"]["problems"]]
    assert said(publish(client, "hn-county-secretary", written["draft"]["id"])) == "FORBIDDEN"


def test_what_is_published_is_read_by_everybody_of_the_place(client: Client) -> None:
    content = {**five_days(), "documentTitle": "修订通知（虚构）", "documentNumber": "虚构1号"}
    publish(client, "hn-checker", drafted(client, "hn-admin", content))

    second, first = versions(client, "hn-village-secretary")

    assert (second["version"], second["text"], second["isOwn"]) == (2, content["text"], True)
    assert second["document"] == {
        "title": "修订通知（虚构）",
        "number": "虚构1号",
        "digest": second["document"]["digest"],
        "text": content["documentText"],
    }
    assert first["document"]["title"] == library.own_profile("HN").title
    assert first["text"] == library.profile_text("HN")


def test_the_versions_of_the_place_above_are_read_below_and_not_beside(
    client: Client, demo_database: Database
) -> None:
    (above,) = versions(client, "gd-first-secretary", "440000000000")

    assert (above["name"], above["isOwn"], above["draftedBy"]) == ("GD", False, None)
    assert versions(client, "gd-first-secretary") == []
    assert versions(client, "gd-first-secretary", "no code at all") == []
    assert [one["parent"] for one in versions(client, "mz-first-secretary")] == [{"name": "GD", "version": 1}]
    node = "query ($id: ID!) { node(id: $id) { id } }"
    assert client.ask(node, {"id": above["id"]}, as_="mz-auditor")["node"] == {"id": above["id"]}
    for login in ("hn-admin", "tw-first-secretary", "p41-admin"):
        assert versions(client, login, "440000000000") == []
        assert client.ask(node, {"id": above["id"]}, as_=login)["node"] is None
    (own,) = versions(client, "mz-first-secretary")
    assert client.ask(node, {"id": own["id"]}, as_="gd-admin")["node"] is None


def cited(client: Client, login: str) -> list[dict[str, object]]:
    query = """{ decide(question: {ask: ACT, about: "leave"}, facts: {who: ["first_secretary"]}) {
      cites { profile version } } }"""
    return list(client.ask(query, as_=login)["decide"]["cites"])


def test_a_province_publishes_its_own_and_a_child_keeps_what_it_pins(client: Client) -> None:
    second = {
        "text": library.profile_text("GD").replace("id: GD-3.2-2", "id: GD-3.2-2x"),
        "documentText": library.document_text("GD.txt"),
    }

    answer = publish(client, "p44-checker", drafted(client, "p44-admin", second), confirming=["first_day"])

    assert (said(answer), answer["profile"]["version"]) == ("ALLOW", 2)
    assert decided(client, "gd-first-secretary")[1:] == ("GD", 2)
    assert decided(client, "mz-first-secretary")[1:] == ("MZ", 1)
    assert cited(client, "mz-first-secretary") == [{"profile": "GD", "version": 1}]
    pinned = library.profile_text("MZ").replace("version: 1", "version: 2")
    child = {"text": pinned, "documentText": library.document_text("MZ.txt")}
    assert said(publish(client, "mz-checker", drafted(client, "mz-admin", child))) == "ALLOW"
    assert cited(client, "mz-first-secretary") == [{"profile": "GD", "version": 2}]


def test_a_file_of_the_next_county_is_not_law_here(client: Client, demo_database: Database) -> None:
    theirs = {"text": library.profile_text("MZ"), "documentText": library.document_text("TW.txt")}
    written = draft(client, "gd-admin", theirs)["draft"]
    before = record(demo_database)

    answer = publish(client, "gd-checker", written["id"])

    codes = {one["code"] for one in answer["problems"]}
    assert {"division_differs", "quote_not_found"} <= codes
    assert record(demo_database) == before
    assert decided(client, "gd-first-secretary")[:2] == ("UNSPECIFIED", "GD")


def test_a_county_under_its_province_goes_over_to_its_own_on_the_day(client: Client) -> None:
    own = {
        "text": 'id: OWN\ntitle: 试行\nissuers: 办公室\nlevel: county\nsince: "2018-01-01"\n'
        'reviewed_on: "2018-06-01"\nrules:\n- {id: OWN-1, clause: 一, quote: 请假报乡镇党委批准, kind: flow,'
        " act: leave, steps: [{approve: township_party_committee}]}\n",
        "documentText": "（虚构）请假报乡镇党委批准。",
    }
    one = drafted(client, "gd-admin", own)

    assert said(publish(client, "gd-checker", one, "2018-06-14")) == "INVALID"
    assert said(publish(client, "gd-checker", one, TOMORROW)) == "ALLOW"

    assert decided(client, "gd-first-secretary") == ("UNSPECIFIED", "GD", 1)
    assert decided(client, "gd-first-secretary", TOMORROW) == ("ROUTE", "OWN", 1)
