"""What a child may do to its parent's rule: tighten it always, loosen it only where the parent lets it."""

import pytest

from policies import library
from policies.lineage import Mark, mark_of, merge
from policies.problems import ProfileError
from policies.reading import read_profile

HEAD = """
id: {id}
title: 办法
issuers: 机关
level: {level}
since: "2018-01-01"
reviewed_on: "2026-11-26"
{parent}
settings: {settings}
rules:
- {{id: {id}-1, clause: 一, quote: 一句话, {rule}}}
"""
HELPERS = "kind: assignment, who: household_helper, to: household"
AT_MOST_3 = f"{HELPERS}, each_has: {{at_most: 3}}"


def profile(id, rule, *, settings="{}", child=False):
    parent = "parent: {id: P, version: 1}" if child else ""
    level = "county" if child else "province"
    over = ", over: P-1" if child else ""
    text = HEAD.format(id=id, level=level, parent=parent, settings=settings, rule=rule + over)
    return read_profile(text)


def joined(parent_rule, child_rule, **given):
    parent = profile("P", parent_rule, **given)
    law = merge(profile("C", child_rule, child=True), parent)
    return mark_of(law.rule("C-1"), law)


@pytest.mark.parametrize(
    ("parent", "child"),
    [
        (AT_MOST_3, AT_MOST_3),
        (AT_MOST_3, f"{HELPERS}, each_has: {{at_most: 2}}"),
        (AT_MOST_3, f"{HELPERS}, each_has: {{less_than: 3}}"),
        (f"{HELPERS}, each_has: {{at_least: 1}}", f"{HELPERS}, each_has: {{at_least: 1, at_most: 3}}"),
        (
            f"{HELPERS}, strength: in_principle, each_has: {{at_most: 3}}",
            AT_MOST_3,
        ),
        (
            f"{HELPERS}, each_has: {{at_most: 3}}, when: {{written: true}}",
            AT_MOST_3,
        ),
    ],
)
def test_as_strong_and_within_the_limits_is_tightened(parent, child):
    assert joined(parent, child) is Mark.TIGHTENED


@pytest.mark.parametrize(
    ("parent", "child"),
    [
        (AT_MOST_3, f"{HELPERS}, each_has: {{at_most: 4}}"),
        (f"{HELPERS}, each_has: {{less_than: 3}}", AT_MOST_3),
        (f"{HELPERS}, each_has: {{at_least: 1, at_most: 3}}", AT_MOST_3),
        (
            AT_MOST_3,
            f"{HELPERS}, strength: in_principle, each_has: {{at_most: 3}}",
        ),
        (
            AT_MOST_3,
            f"{HELPERS}, each_has: {{at_most: 3}}, when: {{written: true}}",
        ),
        (AT_MOST_3, "kind: text"),
    ],
)
def test_looser_than_a_must_is_refused_with_both_clauses(parent, child):
    with pytest.raises(ProfileError) as refused:
        joined(parent, child)

    (problem,) = refused.value.problems
    assert (problem.code, problem.path) == ("loosens_parents_must", "rules.C-1.over")
    assert "一句话" in problem.zh


@pytest.mark.parametrize("strength", ["in_principle", "may", "encouraged"])
def test_what_the_parent_does_not_insist_on_may_be_loosened(strength):
    parent = f"{HELPERS}, strength: {strength}, each_has: {{at_most: 3}}"

    assert joined(parent, f"{HELPERS}, strength: may, each_has: {{at_most: 9}}") is Mark.LOOSENED


def test_what_the_parent_delegates_may_be_decided_otherwise():
    size = "{size: {label: 人数, state: delegated, to: 各县}}"
    parent = f"{HELPERS}, each_has: {{at_most: {{parameter: size}}}}"

    assert joined(parent, f"{HELPERS}, each_has: {{at_most: 9}}", settings=size) is Mark.LOOSENED


def test_a_party_secretary_as_leader_is_tightened_over_the_opinion_from_above():
    law = library.profile("MZ")
    found = {rule.id: mark_of(rule, law) for rule in law.rules}

    assert found["MZ-10-3"] is Mark.TIGHTENED
    assert found["GD-1-1"] is Mark.INHERITED
    assert found["MZ-27.6-1"] is Mark.LOCAL
    assert Mark.LOOSENED not in found.values()
