"""A child's rules and its parent's: what is replaced, inherited, refused, and what stays loud."""

from datetime import date

import pytest

from policies import library
from policies.bodies import Alternatives
from policies.decisions import Question
from policies.lineage import merge
from policies.outcomes import Ask, GapState, Origin, Outcome
from policies.problems import ProfileError
from policies.questions import decide
from policies.reading import read_profile

ON = date(2018, 6, 15)
LEAVE = Question(Ask.ACT, "leave")
PARENT = """
id: P
title: 省里的意见
issuers: 省委组织部
level: province
since: "2016-01-01"
until: "2020-12-31"
reviewed_on: "2026-11-22"
settings:
  size: {label: 人数, state: delegated, to: 各县}
  limit: {label: 界线, value: 3}
rules:
- {id: P-1, clause: 一, quote: 报党委, kind: flow, act: leave, steps: [{approve: township_party_committee}]}
- {id: P-2, clause: 二, quote: 应书面, kind: guard, act: leave, require: {written: true}}
- id: P-3
  clause: 三
  quote: 人数由各县确定
  kind: assignment
  who: township_team_member
  to: township_team
  each_needs: {equals: {parameter: size}}
"""
# A parent that lets the child decide otherwise.
WEAK = PARENT.replace("id: P-1,", "id: P-1, strength: in_principle,")
CHILD = """
id: C
title: 县里的办法
issuers: 县委办公室
level: county
parent: {id: P, version: 1}
since: "2017-01-01"
reviewed_on: "2026-11-22"
"""
COUNTY_ROUTE = """
rules:
- {id: C-1, clause: 一, quote: 报政府批准, kind: flow, act: leave, steps: [{approve: township_government}]}
"""


def merged(child: str, parent: str = PARENT):
    return merge(read_profile(child), read_profile(parent))


def refused(child: str, parent: str = PARENT) -> list[str]:
    with pytest.raises(ProfileError) as error:
        merged(child, parent)
    return [problem.code for problem in error.value.problems]


def test_what_the_child_leaves_standing_is_inherited_with_its_own_citation():
    decision = decide(merged(CHILD), LEAVE, {"written": True}, ON)

    assert decision.outcome is Outcome.ROUTE
    assert decision.profile == "C"
    assert [(cite.rule, cite.profile, cite.origin) for cite in decision.cites] == [
        ("P-1", "P", Origin.INHERITED),
        ("P-2", "P", Origin.INHERITED),
    ]


def test_a_rule_marked_over_replaces_the_parents_and_nothing_else():
    profile = merged(CHILD + COUNTY_ROUTE.replace("kind:", "over: P-1, kind:"), WEAK)

    decision = decide(profile, LEAVE, {"written": True}, ON)

    assert [rule.id for rule in profile.rules] == ["C-1", "P-2", "P-3"]
    assert [(cite.rule, cite.origin) for cite in decision.cites] == [
        ("C-1", Origin.OWN),
        ("P-2", Origin.INHERITED),
    ]


def test_a_route_that_forgets_to_say_over_stays_loud():
    decision = decide(merged(CHILD + COUNTY_ROUTE), LEAVE, {"written": True}, ON)

    assert decision.outcome is Outcome.AMBIGUOUS
    assert isinstance(decision.body, Alternatives)
    assert len(decision.body.routes) == 2
    assert [cite.rule for cite in decision.cites] == ["C-1", "P-1", "P-2"]


def test_an_inherited_guard_still_binds():
    own_route = merged(CHILD + COUNTY_ROUTE.replace("kind:", "over: P-1, kind:"), WEAK)

    assert decide(own_route, LEAVE, {"written": False}, ON).outcome is Outcome.DENY


def test_an_inherited_rule_ends_with_its_document():
    inherited, after = merged(CHILD), date(2021, 1, 1)

    assert decide(inherited, LEAVE, {"written": True}, date(2020, 12, 31)).outcome is Outcome.ROUTE
    assert decide(inherited, LEAVE, {"written": True}, after).outcome is Outcome.NOT_IN_FORCE


def test_a_child_fills_what_the_parent_left_open():
    pair = Question(Ask.ASSIGNED, "township_team_member>township_team")
    filled = merged(CHILD + "settings: {size: {label: 人数, value: 7}}")

    left_open = decide(merged(CHILD), pair, {"needs": 7}, ON)
    assert (left_open.outcome, left_open.gaps[0].state) == (Outcome.UNSPECIFIED, GapState.DELEGATED)
    assert decide(filled, pair, {"needs": 7}, ON).outcome is Outcome.MET
    assert decide(filled, pair, {"needs": 8}, ON).outcome is Outcome.VIOLATED


def test_a_child_may_not_change_what_the_parent_gave():
    assert refused(CHILD + "settings: {limit: {label: 界线, value: 5}}") == ["setting_already_given"]


def test_a_child_is_joined_only_to_the_version_that_it_pins():
    assert refused(CHILD, PARENT + "version: 2") == ["not_the_parent"]
    assert refused(CHILD, PARENT.replace("id: P\n", "id: Q\n")) == ["not_the_parent"]
    assert refused(CHILD.replace("parent: {id: P, version: 1}", "")) == ["not_the_parent"]
    assert merged(CHILD.replace("version: 1", "version: 2"), PARENT + "version: 2").id == "C"


def test_a_replaced_rule_must_be_one_of_the_parents():
    assert refused(CHILD + COUNTY_ROUTE.replace("kind:", "over: P-9, kind:")) == ["no_such_rule"]


def test_a_child_cannot_take_the_id_of_a_parents_rule():
    assert refused(CHILD + COUNTY_ROUTE.replace("C-1", "P-1")) == ["rule_id_taken"]


def test_a_child_cannot_except_a_must_of_its_parent():
    excepting = CHILD + COUNTY_ROUTE.replace("kind:", "excepts: P-1, kind:")

    assert refused(excepting) == ["excepts_parents_must"]
    assert decide(merged(excepting, WEAK), LEAVE, {"written": True}, ON).outcome is Outcome.ROUTE


def test_the_shipped_child_carries_its_parents_rules_and_their_assumed_day():
    own, whole = library.own_profile("MZ"), library.profile("MZ")

    assert [rule.id for rule in whole.rules[: len(own.rules)]] == [rule.id for rule in own.rules]
    assert "GD-3.2-1" in {rule.id for rule in whole.rules}
    assert "GD-1-8" not in {rule.id for rule in whole.rules}
    assert whole.digest != own.digest
    assert whole.first_day == own.first_day


def test_a_grandparents_rule_is_cited_from_the_grandparent():
    middle = read_profile(CHILD.replace("level: county", "level: prefecture"))
    lower = read_profile(
        CHILD.replace("id: C\n", "id: D\n").replace("id: P,", "id: C,")
        + COUNTY_ROUTE.replace("kind:", "over: P-1, kind:")
    )

    whole = merge(lower, merge(middle, read_profile(WEAK)))

    decision = decide(whole, LEAVE, {"written": True}, ON)
    assert [(cite.rule, cite.profile) for cite in decision.cites] == [("C-1", "D"), ("P-2", "P")]


def test_an_inherited_rule_knows_its_new_days_whatever_was_asked_of_it_before() -> None:
    parent = read_profile(
        PARENT.replace('since: "2016-01-01"', "since: {parameter: first}").replace(
            "settings:", "settings:\n  first: {label: 生效日期, value: '2016-01-01', state: assumed}"
        )
    )
    assert parent.rule("P-1").days_by_setting == ()
    child = read_profile(CHILD)

    inherited = merge(child, parent).rule("P-1")

    assert [day.parameter for day in inherited.days_by_setting] == ["first"]
