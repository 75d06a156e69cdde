"""A word and a fact stand where one of their kind may stand."""

import pytest

from policies.checks import check, uses
from policies.problems import Severity
from policies.reading import read_profile
from tests.policies.sound import SOUND, found, with_rule


@pytest.mark.parametrize(
    ("_case", "meant", "misused", "path"),
    [
        ("责任类别", "kind: responsibility, who: unit_head, matter: village, liability: overall",
         "kind: responsibility, who: unit_head, matter: village, liability: removal", "liability"),
        ("权限", "kind: responsibility, who: unit_head, matter: village, grants: manage_group",
         "kind: responsibility, who: unit_head, matter: village, grants: leave", "grants"),
        ("领导", "kind: responsibility, who: unit_head, matter: village, under: county_government",
         "kind: responsibility, who: unit_head, matter: village, under: household_card", "under"),
        ("主体", "kind: text, who: dispatching_unit.unit_head", "kind: text, who: household_card", "who"),
        ("事项", "kind: text, act: outing", "kind: text, act: overall", "act"),
        ("所做的事", "kind: duty, who: unit_head, does: household_visit, per: year",
         "kind: duty, who: unit_head, does: removal, per: year", "does"),
        ("计数", "kind: duty, who: unit_head, does: household_visit, per: year, counted: person_visit",
         "kind: duty, who: unit_head, does: household_visit, per: year, counted: household_card", "counted"),
        ("内容", "kind: duty, who: unit_head, does: progress_report, per: year, contents: image",
         "kind: duty, who: unit_head, does: progress_report, per: year, contents: removal", "contents"),
        ("随任", "kind: assignment, who: unit_head, to: township, bears: linked_leader",
         "kind: assignment, who: unit_head, to: township, bears: village_team", "bears"),
        ("指派的一方", "kind: assignment, who: village_team, to: village, each_needs: 1",
         "kind: assignment, who: overall, to: village, each_needs: 1", "who"),
        ("措施",
         "kind: consequence, when: {situation: fraud}, results: [{who: unit_head, measures: removal}]",
         "kind: consequence, when: {situation: fraud}, results: [{who: unit_head, measures: overall}]",
         "results.measures"),
        ("列表", "kind: code_list, list: measure, codes: [removal]",
         "kind: code_list, list: removal, codes: [removal]", "list"),
        ("情形", "kind: text, when: {situation: fraud}",
         "kind: text, when: {situation: removal}", "situation"),
        ("人选", "kind: text, when: {candidate_role: {in: [unit_head]}}",
         "kind: text, when: {candidate_role: {in: [unit_head, county]}}", "candidate_role"),
    ],
)  # fmt: skip
def test_a_word_of_another_category_is_found_where_it_stands(_case, meant, misused, path):
    assert found(with_rule(meant)) == []
    assert found(with_rule(misused)) == [("misused_term", f"rules.NEW.{path}")]


def test_a_step_is_taken_by_somebody():
    signed = with_rule("kind: flow, act: outing, steps: [{sign: township_party_secretary}]")

    assert found(signed) == []
    assert found(signed.replace("sign: township_party_secretary", "sign: household_card")) == [
        ("misused_term", "rules.NEW.steps")
    ]


def test_rows_name_roles_and_a_wide_word_includes_its_like():
    def with_rows(rows: str) -> str:
        return SOUND.replace("\nrules:", f"\n{rows}\nrules:")

    acting = "authorities: [{organ: county_government, role: county_head, reach: tenant}]"
    wide = "terms: [{id: wide, label: 大类, category: role, includes: [county_head]}]"
    assert found(with_rows(acting)) == found(with_rows(wide)) == []
    assert found(with_rows(acting.replace("role: county_head", "role: village"))) == [
        ("misused_term", "authorities.county_government.role")
    ]
    assert found(with_rows(wide.replace("[county_head]", "[county]"))) == [
        ("misused_term", "terms.wide.includes")
    ]
    granted = "grants: [{role: village, permission: leave.read, reach: subtree}]"
    assert found(with_rows(granted)) == [("misused_term", "grants.village")]


def test_what_the_documents_do_besides_is_told_as_unusual():
    said = "kind: duty, who: unit_head, per: year, does: {}"
    visits, builds = (
        read_profile(with_rule(said.format(does))) for does in ("household_visit", "village_team")
    )

    assert check(visits) == check(builds) == tuple(uses.unusual(visits)) == ()
    assert [(one.code, one.path, one.severity) for one in uses.unusual(builds)] == [
        ("misused_term", "rules.NEW.does", Severity.NOTICE)
    ]


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ("kind: duty, who: unit_head, does: household_visit, due: {after: task_due_on, days: 3}", None),
        ("kind: duty, who: unit_head, does: household_visit, due: {after: leave_days, days: 3}", "due.after"),
        ("kind: duty, who: unit_head, does: household_visit, per: {until: task_due_on}", None),
        ("kind: duty, who: unit_head, does: household_visit, per: {until: leave_days}", "per.until"),
        ("kind: metric, name: data_errors, tally: data_checks", None),
        ("kind: metric, name: data_errors, tally: leave_days", "tally"),
        ("kind: metric, name: data_errors, run: leave_days", "run"),
        ("kind: metric, name: data_errors, sum: {leave_days: 1}, divided_by: village_days", None),
        ("kind: metric, name: data_errors, sum: {leave_days: 1}, divided_by: written", "divided_by"),
    ],
)
def test_a_fact_has_the_type_that_its_place_needs(rule, problem):
    assert found(with_rule(rule)) == ([("misused_fact", f"rules.NEW.{problem}")] if problem else [])


def test_any_activity_may_be_tallied_and_no_other_word():
    tally = "kind: metric, name: data_errors, tally: {}"

    assert found(with_rule(tally.format("household_visit"))) == []
    assert found(with_rule(tally.format("unit_head"))) == [("unknown_fact", "rules.NEW")]


def test_a_history_is_counted_and_not_compared():
    told = found(with_rule("kind: guard, act: outing, require: {done: household_visit}"))

    assert told == [("bound_misfits", "rules.NEW.done")]
