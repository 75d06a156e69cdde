"""Profiles side by side: the same question to each, silence where a document knows no word."""

from datetime import date

import pytest

from policies.comparison import Inquest, compare, open_settings, subjects, usual
from policies.decisions import Question
from policies.library import profile, shipped
from policies.mistakes import UnknownSubject
from policies.outcomes import Ask, GapState, Outcome
from policies.questions import decide
from policies.reading import read_profile

DAY = date(2018, 6, 15)
ALL = [profile(id) for id in shipped()]
OWN_WORDS = """
id: X
title: 示例意见
issuers: 示例县
level: county
since: "2018-01-01"
reviewed_on: "2026-11-22"
terms:
- {id: river_patrol, label: 巡河, category: act}
facts:
  river_length: {label: 河长, type: number, unit: day, step: 1}
settings:
  far: {label: 远, state: manual}
  near: {label: 近, value: 3, state: assumed, reading: [A-01]}
  given: {label: 定, value: 3, clause: 一}
rules:
- id: X-1
  clause: 一
  quote: 巡河报党委
  kind: flow
  act: river_patrol
  when: {river_length: {at_most: 3}}
  steps: [{approve: township_party_committee}]
"""


def test_each_answer_is_the_profiles_own() -> None:
    rows = compare(ALL, usual(), DAY)

    assert [row.asked.probe.id for row in rows if row.asked.probe] == [u.probe.id for u in usual() if u.probe]
    for row in rows:
        alone = [decide(one, row.asked.question, row.asked.facts, DAY) for one in ALL]
        assert list(row.decisions) == alone


def test_a_row_says_whether_the_answers_part() -> None:
    (hainan, opinion) = profile("HN"), profile("GD")
    four_days = next(one for one in usual() if one.probe and one.probe.id == "leave_4_days")

    assert compare([hainan, opinion], [four_days], DAY)[0].differs
    assert not compare([hainan, hainan], [four_days], DAY)[0].differs


def test_a_word_of_one_document_alone_is_silence_in_the_other() -> None:
    own = read_profile(OWN_WORDS)
    asked = Inquest(Question(Ask.ACT, "river_patrol"), {"river_length": 2})

    (row,) = compare([own, profile("HN")], [asked], DAY)

    assert [one.outcome for one in row.decisions] == [Outcome.ROUTE, Outcome.UNSPECIFIED]
    (gap,) = row.decisions[1].gaps
    assert (gap.what, gap.state) == ("river_patrol", GapState.ABSENT)


def test_a_question_that_no_document_can_be_asked_is_the_askers_fault() -> None:
    asked = Inquest(Question(Ask.ACT, "river_patrol"), {})

    with pytest.raises(UnknownSubject):
        compare([profile("HN"), profile("GD")], [asked], DAY)


def test_a_subject_shows_who_speaks_of_it() -> None:
    own, other = read_profile(OWN_WORDS), profile("HN")

    found = {one.about: one for one in subjects([own, other])}

    assert found["river_patrol"].label == "巡河"
    assert [len(rules) for rules in found["river_patrol"].rules] == [1, 0]
    assert found["river_patrol"].differs
    assert [bool(rules) for rules in found["leave"].rules] == [False, True]
    assert found.keys() >= {about for rule in other.rules if rule.kind != "text" for about in rule.subjects()}


def test_open_settings_are_those_without_a_settled_value() -> None:
    assert set(open_settings(read_profile(OWN_WORDS))) == {"far", "near"}
