"""What is checked of each kind of rule: each fault is found, and its sound twin is not."""

import pytest

from policies.checks import check
from policies.problems import Severity
from policies.reading import read_profile

HEAD = """
id: X
title: 试行办法
issuers: 县委办公室
level: county
since: "2018-01-01"
reviewed_on: "2026-11-22"
"""
SOURCE = "clause: 一, quote: 示例"
HELPERS = f"{SOURCE}, kind: assignment, who: household_helper, to: household"
LEADERS = f"{SOURCE}, kind: assignment, who: responsibility_group_leader, to: responsibility_group"
RESULTS = "results: [{who: relevant_responsible_person, measures: admonishment_talk}]"
FOLLOWS = f"{SOURCE}, kind: consequence, {RESULTS}"
FLOW = f"{SOURCE}, kind: flow, act: leave"


def written(*rules: str, head: str = "") -> str:
    listed = [f"- {{id: X-{n}, {rule}}}\n" for n, rule in enumerate(rules, 1)]
    return f"{HEAD}{head}rules:\n{''.join(listed)}"


def found(*rules: str, head: str = "") -> list[tuple[str, str]]:
    problems = check(read_profile(written(*rules, head=head)))
    assert all(problem.zh and problem.en for problem in problems)
    return [(problem.code, problem.path) for problem in problems]


@pytest.mark.parametrize(
    ("fits", "nobody"),
    [
        ("candidate_rank: {at_least: deputy_section}", "candidate_rank: {more_than: division}"),
        (
            "any: [{candidate_role: first_secretary}, {candidate_role: unit_head}]",
            "all: [{candidate_role: first_secretary}, {not: {candidate_role: first_secretary}}]",
        ),
        (
            "all: [{candidate_role: first_secretary}, {candidate_role: unit_head}]",
            "all: [{candidate_role: first_secretary}, {not: {candidate_role: {in: [first_secretary]}}}]",
        ),
        (
            "candidate_rank: {at_least: deputy_section, at_most: section}",
            "candidate_rank: {at_least: section, at_most: deputy_section}",
        ),
    ],
)
def test_somebody_can_fill_a_seat(fits: str, nobody: str) -> None:
    assert found(f"{LEADERS}, eligible: {{{fits}}}") == []
    assert found(f"{LEADERS}, eligible: {{{nobody}}}") == [("unfillable_seat", "rules.X-1.eligible")]


@pytest.mark.parametrize(
    ("other", "contradicts"),
    [
        ("each_has: {at_most: 3}", False),
        ("each_has: {at_least: 2}", False),
        ("each_has: {at_least: 3}", True),
        ("each_has: {more_than: 2}", True),
        ("each_has: {equals: 1}", True),
        ("each_needs: {equals: 1}", False),
        ("each_has: {at_least: 3}, when: {candidate_role: section_cadre}", False),
        ("each_has: {at_least: 3}, excepts: X-1", False),
        ("each_has: {at_least: 3}, strength: encouraged", False),
        ('each_has: {at_least: 3}, since: "2018-07-01"', False),
    ],
)
def test_some_number_is_as_two_assignments_want_it(other: str, contradicts: bool) -> None:
    wanted = [("numbers_contradict", "rules.X-2.each_has")] if contradicts else []

    assert found(f"{HELPERS}, each_has: 2", f"{HELPERS}, {other}") == wanted


def test_a_number_between_two_rungs_that_has_no_consequence_is_a_question() -> None:
    first, third = (f"{FOLLOWS}, when: {{exposures: {bound}}}" for bound in ("1", "{at_least: 3}"))
    second = f"{FOLLOWS}, when: {{exposures: 2}}"

    assert found(first, second, third) == []
    assert found(first, third) == [("gap_in_bands", "rules.X-2.when.exposures")]
    (problem,) = check(read_profile(written(first, third)))
    assert problem.severity is Severity.QUESTION
    # Below the first rung nothing need follow; in another case it is another ladder.
    assert found(third) == []
    assert found(first, third.replace("when: {", "when: {scope: township, ")) == []


def test_duties_that_nobody_can_be_late_for_are_told_once() -> None:
    visits = f"{SOURCE}, kind: duty, who: unit_leader, does: village_visit"

    assert found(f"{visits}, per: year", f'{visits}, due: {{by: "2018-12-31"}}') == []
    assert found(visits, visits.replace("unit_leader", "unit_head")) == [("never_late", "rules")]
    assert found(f"{visits}, strength: encouraged") == []


@pytest.mark.parametrize(
    "source",
    ["clause: 一", "state: assumed, reading: A-12", "noted: {by: 甲, on: '2026-01-01', paper: 会议纪要}"],
)
def test_a_number_says_where_it_comes_from(source: str) -> None:
    rule = f"{HELPERS}, each_has: {{at_most: {{parameter: most}}}}"

    assert found(rule, head=f"settings: {{most: {{label: 户数, value: 2, {source}}}}}\n") == []
    assert found(rule, head="settings: {most: {label: 户数, value: 2}}\n") == [
        ("setting_without_source", "settings.most")
    ]


def test_an_approver_reaches_those_whose_matter_it_is() -> None:
    acting = "authorities: [{{organ: township_party_committee, role: township_party_secretary, reach: {}}}]\n"
    rule = f"{FLOW}, steps: [{{approve: township_party_committee}}]"

    for reach in ("subtree", "node", "tenant"):
        assert found(rule, head=acting.format(reach)) == []
    for reach in ("own", "assigned"):
        assert found(rule, head=acting.format(reach)) == [
            ("approver_out_of_reach", "authorities.township_party_committee")
        ]


@pytest.mark.parametrize(
    ("more", "problem"),
    [
        ("escalates: X-1", []),
        ("escalates: X-9", [("no_such_rule", "rules.X-2")]),
        ("escalates: X-2", [("circular", "rules.X-2")]),
        ("over: P-1", [("no_such_rule", "rules.X-2.over")]),
    ],
)
def test_an_escalation_leads_to_a_rule(more: str, problem: list[tuple[str, str]]) -> None:
    first, second = (f"{FOLLOWS}, when: {{exposures: {bound}}}" for bound in ("1", "{at_least: 2}"))

    assert [one for one in found(first, f"{second}, {more}") if one[0] != "linked_too_far"] == problem


def test_a_metric_is_not_made_from_itself() -> None:
    residence = f"{SOURCE}, kind: metric, name: residence_days, sum: {{village_days: 1, %s: 1}}"

    assert found(residence % "training_days") == []
    assert found(residence % "residence_days") == [("circular", "rules.X-1")]


def test_a_word_that_is_on_no_scale_is_told_and_stops_no_check() -> None:
    banded = f"{FLOW}, when: {{candidate_rank: {{at_least: %s}}}}, steps: [{{approve: township_mayor}}]"

    assert found(banded % "deputy_section") == []
    assert found(banded % "deputy_sectoin") == [("unknown_term", "rules.X-1.candidate_rank")]
