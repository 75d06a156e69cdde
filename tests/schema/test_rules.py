"""The place's law as GraphQL shows it: the document, its settings, its rules by filter and by page."""

from collections.abc import Iterator
from typing import Any

import pytest

from policies.kinds.rule import Strength
from policies.library import profile
from policies.profile import Profile
from policies.reading import _KINDS
from schema.profile_contents import RuleKind
from tests.client import Client
from tests.conftest import UNLIMITED, Database, serving

HN, MZ = "hn-team-member", "mz-team-member"
PAGE = """query ($filter: RuleFilter, $first: Int!, $after: String, $on: Date) {
  rules(filter: $filter, first: $first, after: $after, on: $on) {
    totalCount pageInfo { hasNextPage endCursor } nodes { id kind clause citation { origin profile } } } }"""


@pytest.fixture(scope="module")
def reading_client(shared_demo_database: Database) -> Iterator[Client]:
    with serving(shared_demo_database, **UNLIMITED) as client:
        yield client


def chosen(client: Client, as_: str = HN, on: str | None = None, **wanted: Any) -> list[str]:
    """The ids of the rules that a filter lets through, over all pages."""
    found: list[str] = []
    after, more = None, True
    while more:
        variables = {"filter": wanted, "first": 100, "after": after, "on": on}
        page = client.ask(PAGE, variables, as_=as_)["rules"]
        found += [rule["id"] for rule in page["nodes"]]
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]
    return found


def ids(law: Profile, fits: Any) -> list[str]:
    return [rule.id for rule in law.rules if fits(rule)]


def test_the_kinds_are_those_of_the_language() -> None:
    assert {kind.value for kind in RuleKind} == set(_KINDS)


def test_the_rules_stand_in_the_order_of_the_document_and_no_page_loses_one(reading_client: Client) -> None:
    law = profile("HN")

    assert chosen(reading_client) == [rule.id for rule in law.rules]
    first = reading_client.ask(PAGE, {"first": 7}, as_=HN)["rules"]
    second = reading_client.ask(PAGE, {"first": 7, "after": first["pageInfo"]["endCursor"]}, as_=HN)["rules"]
    assert [r["id"] for r in first["nodes"] + second["nodes"]] == [rule.id for rule in law.rules[:14]]
    assert first["totalCount"] == len(law.rules)


def test_the_mark_says_what_a_rule_is_to_the_law_from_above(reading_client: Client) -> None:
    asked = """{ tighter: rule(id: "MZ-10-3") { mark over } above: rule(id: "GD-1-1") { mark over }
      own: rule(id: "MZ-27.6-1") { mark over } }"""

    marks = {name: rule["mark"] for name, rule in reading_client.ask(asked, as_=MZ).items()}

    assert marks == {"tighter": "TIGHTENED", "above": "INHERITED", "own": "LOCAL"}
    assert "MZ-10-3" in chosen(reading_client, MZ, mark=["TIGHTENED"])
    assert chosen(reading_client, MZ, mark=["LOOSENED"]) == []
    assert {id[:2] for id in chosen(reading_client, MZ, mark=["INHERITED"])} == {"GD"}
    assert chosen(reading_client, HN, mark=["LOCAL"]) == chosen(reading_client, HN)


def test_the_last_page_ends(reading_client: Client) -> None:
    page = reading_client.ask(PAGE, {"filter": {"clause": "四（二）"}, "first": 100}, as_=HN)["rules"]

    assert not page["pageInfo"]["hasNextPage"]
    assert page["nodes"]


@pytest.mark.parametrize(
    ("wanted", "fits"),
    [
        ({"kind": ["FLOW"]}, lambda rule: rule.kind == "flow"),
        ({"kind": ["FLOW", "GUARD"]}, lambda rule: rule.kind in ("flow", "guard")),
        ({"strength": ["IN_PRINCIPLE"]}, lambda rule: rule.strength is Strength.IN_PRINCIPLE),
        ({"clause": "四（二）"}, lambda rule: rule.clause.startswith("四（二）")),
        ({"about": "leave"}, lambda rule: "leave" in rule.subjects()),
        ({"about": "no such thing"}, lambda _: False),
        ({"text": "报区组织人事"}, lambda rule: "报区组织人事" in rule.quote),
        ({"text": "报区 组织\n人事"}, lambda rule: "报区组织人事" in rule.quote),
        ({"assumed": True}, lambda rule: any(s.is_assumed for s in named(rule))),
        ({"hasGap": True}, lambda rule: rule.gaps or any(not s.is_given for s in named(rule))),
        ({"hasGap": False, "kind": ["TEXT"]}, lambda rule: rule.kind == "text" and not rule.gaps),
        ({"origin": "OWN"}, lambda _: True),
        ({"origin": "INHERITED"}, lambda _: False),
    ],
)
def test_a_filter_lets_through_what_it_names(reading_client: Client, wanted: Any, fits: Any) -> None:
    assert chosen(reading_client, **wanted) == ids(profile("HN"), fits)


def named(rule: Any) -> list[Any]:
    settings = profile("HN").settings
    return [settings[name] for name in rule.parameters() if name in settings]


def test_a_role_finds_the_rules_about_it_and_about_whom_it_is_one_of(reading_client: Client) -> None:
    found = chosen(reading_client, who="village_team_captain")

    words = profile("HN").vocabulary.widen(["village_team_captain"])
    assert found == ids(profile("HN"), lambda rule: rule.who and words & set(rule.who.terms))
    assert "village_stationed_cadre" in words


def test_what_a_county_inherits_is_cited_from_above(reading_client: Client) -> None:
    law = profile("MZ")
    above = {id for one in law.inherited for id in one.rules}

    assert set(chosen(reading_client, MZ, origin="INHERITED")) == above
    assert set(chosen(reading_client, MZ, origin="OWN")) == {rule.id for rule in law.rules} - above
    assert chosen(reading_client, "gd-team-member", origin="OWN") == []


@pytest.mark.parametrize("wanted", [{"text": "字" * 65}, {"who": "x" * 1000}])
def test_a_text_that_is_too_long_is_refused(reading_client: Client, wanted: Any) -> None:
    answer = reading_client.post(PAGE, {"filter": wanted, "first": 1}, as_=HN)

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


@pytest.mark.parametrize("after", ["x", "", "SE4tOTk5", "é"])
def test_a_cursor_of_nothing_is_refused(reading_client: Client, after: str) -> None:
    answer = reading_client.post(PAGE, {"first": 1, "after": after}, as_=HN)

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


ONE = """query ($id: String!, $on: Date) { rule(id: $id, on: $on) { id kind clause quote strength basis
  who { mode terms { id label } } when { data sentence zh facts } subjects asData excepts exceptedBy
  settings { name status } gaps { what } readings over after escalates since until noted { by }
  citation { rule profile version origin basis } } }"""


def test_one_rule_is_shown_whole(reading_client: Client) -> None:
    rule = reading_client.ask(ONE, {"id": "HN-4.2-6"}, as_=HN)["rule"]

    assert (rule["kind"], rule["clause"], rule["strength"]) == ("FLOW", "四（二）", "MUST")
    assert rule["when"]["sentence"] == "请假天数超过 3 天"
    assert rule["when"]["data"] == {"leave_days": {"more_than": 3}}
    assert rule["asData"]["steps"] == [
        {"approve": {"all": ["organisation_personnel_bureau", "dispatching_unit"]}}
    ]
    assert rule["citation"]["origin"] == "OWN"
    assert rule["subjects"] == ["leave"]


def test_a_sentence_is_told_in_the_language_asked_for(reading_client: Client) -> None:
    answer = reading_client.post(ONE, {"id": "HN-4.2-6"}, as_=HN, accept_language="en")

    when = answer["data"]["rule"]["when"]
    assert (when["sentence"], when["zh"]) == ("leave days more than 3 day", "请假天数超过 3 天")


def test_every_rule_can_be_shown(reading_client: Client) -> None:
    fields = ONE[ONE.index("{ id") + 1 : ONE.rindex("} }")]
    text = f"query ($after: String) {{ rules(first: 50, after: $after) {{ nodes {{ {fields} }}"
    text += " pageInfo { hasNextPage endCursor } } }"
    shown, after, more = 0, None, True
    while more:
        page = reading_client.ask(text, {"after": after}, as_=MZ)["rules"]
        shown += len(page["nodes"])
        after, more = page["pageInfo"]["endCursor"], page["pageInfo"]["hasNextPage"]

    assert shown == len(profile("MZ").rules)


def test_a_rule_of_another_county_is_none(reading_client: Client) -> None:
    assert reading_client.ask(ONE, {"id": "TW-5.1-3"}, as_=HN)["rule"] is None
    assert reading_client.ask(ONE, {"id": "TW-5.1-3"}, as_="tw-team-member")["rule"] is not None


LAW = """query ($on: Date, $status: SettingStatus) { profile(on: $on) { profile title version digest issuers
  implements addressees level isInherited validity { since until } parent { name version } note
  ruleCounts { kind own inherited } gaps { what rule state }
  settings(status: $status) { name label status state to value readings rules noted { paper } } } }"""


@pytest.mark.parametrize("id", ["GD", "HN", "MZ", "SC", "TW"])
def test_the_law_of_the_place_is_shown_as_it_stands(reading_client: Client, id: str) -> None:
    law = profile(id)

    shown = reading_client.ask(LAW, {}, as_=f"{id.lower()}-team-member")["profile"]

    assert (shown["profile"], shown["title"]) == (law.id, law.title)
    assert shown["issuers"] == list(law.issuers)
    assert sum(one["own"] + one["inherited"] for one in shown["ruleCounts"]) == len(law.rules)
    assert [one["name"] for one in shown["settings"]] == list(law.settings)
    assert len(shown["gaps"]) == sum(len(rule.gaps) for rule in law.rules)
    assert shown["validity"]["since"] == str(law.first_day)
    assert (shown["parent"] or {}).get("name") == (law.parent.id if law.parent else None)


@pytest.mark.parametrize(
    ("status", "fits"),
    [
        ("OPEN", lambda setting: not setting.is_given),
        ("ASSUMED", lambda setting: setting.is_assumed),
        ("FILLED", lambda setting: setting.noted),
        ("GIVEN", lambda setting: setting.is_given and not setting.is_assumed and not setting.noted),
    ],
)
def test_settings_are_told_apart_by_where_their_value_comes_from(
    reading_client: Client, status: str, fits: Any
) -> None:
    shown = reading_client.ask(LAW, {"status": status}, as_="mz-team-member")["profile"]

    wanted = [name for name, setting in profile("MZ").settings.items() if fits(setting)]
    assert [one["name"] for one in shown["settings"]] == wanted


def test_a_day_before_the_first_version_has_no_law(reading_client: Client) -> None:
    assert reading_client.ask(LAW, {"on": "1999-01-01"}, as_=HN)["profile"] is None
    assert chosen(reading_client, on="1999-01-01") == []
    assert reading_client.ask(ONE, {"id": "HN-4.2-6", "on": "1999-01-01"}, as_=HN)["rule"] is None


def test_a_place_without_a_document_has_no_law(reading_client: Client) -> None:
    assert reading_client.ask(LAW, {}, as_="p51-admin")["profile"] is None
    assert chosen(reading_client, "p51-admin") == []
