"""A small profile in which nothing is wrong, and what the checks find when something is put into it."""

from policies.checks import check
from policies.reading import read_profile

TEXT = "三天以内的，报乡镇党委批准；三天以上的，报县委批准。应提出书面申请。"
SOUND = """
id: X
title: 试行办法
issuers: 县委办公室
level: county
since: "2018-01-01"
until: "2018-12-31"
reviewed_on: "2026-11-22"
rules:
- id: LOW
  clause: 一
  quote: 三天以内的，报乡镇党委批准
  kind: flow
  act: leave
  who: {each: [first_secretary, village_team_member]}
  when: {leave_days: {at_most: 3}}
  steps: [{approve: township_party_committee}]
- id: HIGH
  clause: 一
  quote: 三天以上的，报县委批准
  kind: flow
  act: leave
  who: {each: [first_secretary, village_team_member]}
  when: {leave_days: {more_than: 3}}
  steps: [{approve: county_party_committee}]
- id: WRITTEN
  clause: 一
  quote: 应提出书面申请
  kind: guard
  act: leave
  require: {written: true}
"""
ORGANS = {"township_party_committee", "county_party_committee"}


def found(text: str, *, document: str = TEXT, organs: set[str] = ORGANS) -> list[tuple[str, str]]:
    problems = check(read_profile(text), text=document, acted_for=organs)
    assert all(problem.zh and problem.en for problem in problems)
    return [(problem.code, problem.path) for problem in problems]


def with_rule(rule: str) -> str:
    return SOUND + f"- {{id: NEW, clause: 一, quote: 应提出书面申请, {rule}}}\n"
