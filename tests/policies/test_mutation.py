"""The mutation run notices what the cases do not: seen on a profile whose cases are known to be thin."""

import pytest

from policies.cases import read_cases
from policies.mutation import mutants, survives
from policies.problems import ProfileError
from policies.reading import read_profile

HEAD = """
id: X
title: 试行办法
issuers: [试行机关]
level: county
since: "2018-01-01"
reviewed_on: "2026-11-26"
"""
LEAVE = """
settings:
  longest: {label: 最长天数, value: 30, noted: {by: 演示, on: "2018-01-02", paper: 会议纪要}}
rules:
- {id: X-1, clause: 一, quote: 请假, kind: flow, act: leave, when: {leave_days: {at_most: 3}},
   steps: [{approve: township_party_committee}]}
- {id: X-1b, clause: 一, quote: 请假, kind: guard, act: leave,
   forbid: {leave_days: {more_than: {parameter: longest}}}}
- {id: X-2, clause: 二, quote: 走访, kind: duty, who: unit_leader, does: village_visit, per: quarter,
   count: {at_least: 2}}
"""
CASE = """
- case: 请假{days}天
  profile: X
  ask: {{act: leave}}
  on: "2018-06-15"
  facts: {{leave_days: {days}, who: [first_secretary]}}
  expect: {{outcome: {outcome}}}
  cites: [{cites}]
"""


def surviving(cases, ids=None, profile=None):
    profile = profile or read_profile(HEAD + LEAVE)
    return [one for one in mutants(profile, ids) if survives(one, cases, lambda own: own)]


def cases(*asked):
    return read_cases("".join(CASE.format(days=days, outcome=o, cites=cites) for days, o, cites in asked))


INSIDE, OUTSIDE = (3, "route", "X-1, X-1b"), (3.5, "unspecified", "")
LONG, TOO_LONG = (30, "unspecified", ""), (30.5, "deny", "X-1b")


def test_what_no_case_asks_survives_whatever_is_done_to_it():
    changes = {one.change for one in surviving([])}

    assert "deleted" in changes
    assert {"X-1: when.bounds.leave_days.at_most 3 → 4", "X-2: per quarter → month"} & changes
    assert "longest 30 → 31" in changes


def test_a_number_dies_only_where_both_sides_of_it_are_asked():
    one_side = surviving(cases(INSIDE), ["X-1"])
    both_sides = surviving(cases(INSIDE, OUTSIDE, LONG, TOO_LONG), ["X-1"])

    assert [one.change for one in one_side if "at_most" in one.change]
    assert [one.change for one in both_sides] == []


def test_a_rule_that_is_asked_does_not_shelter_another():
    left = surviving(cases(INSIDE, OUTSIDE, LONG, TOO_LONG))

    assert {one.id for one in left} == {"X-2"}


def test_a_text_dies_with_the_first_day_of_its_document():
    text = "rules:\n- {id: X-9, clause: 九, quote: 自发布之日起施行, kind: text, act: leave}\n"
    profile = read_profile(HEAD + text)
    asked = """
- {case: 前一天, profile: X, ask: {act: leave}, on: "2017-12-31", expect: {outcome: not_in_force}}
- {case: 当天, profile: X, ask: {act: leave}, on: "2018-01-01", expect: {outcome: unspecified}}
"""

    assert len(surviving([], ["X-9"], profile)) == 2
    assert surviving(read_cases(asked), ["X-9"], profile) == []


@pytest.mark.parametrize("case", cases(INSIDE, OUTSIDE, LONG, TOO_LONG), ids=lambda case: case.case)
def test_the_cases_are_right_to_begin_with(case):
    from policies.cases import differences
    from policies.questions import decide

    decision = decide(read_profile(HEAD + LEAVE), case.question, case.facts, case.on)

    assert differences(case, decision) == ()


def test_what_could_never_be_published_needs_no_case():
    def refused(own):
        raise ProfileError([])

    profile = read_profile(HEAD + LEAVE)

    assert not any(survives(one, [], refused) for one in mutants(profile))
    assert any(survives(one, [], lambda own: own) for one in mutants(profile))
