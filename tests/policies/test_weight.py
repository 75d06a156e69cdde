"""A profile that would keep everybody waiting for its answers is not published."""

import time
from datetime import date

import pytest

from policies.checks.weight import MOST_RULES, MOST_WEIGHT
from policies.decisions import Question
from policies.outcomes import Ask
from policies.problems import Problem
from policies.publication import Home, review
from policies.questions import decide
from policies.reading import read_profile

HEAD = """
id: X
title: 试行办法
issuers: 县委办公室
division: "123456000000"
level: county
since: "2018-01-01"
reviewed_on: "2026-11-22"
rules:
"""
GUARD = "kind: guard, act: leave"
WRITTEN = f"{GUARD}, require: {{written: true}}"  # the rule, its condition, and what that compares with: 3
HEAVIEST = MOST_WEIGHT // 3
DEEP = "{not: " * 26 + "{written: true}" + "}" * 26


def with_rules(*rules: str) -> str:
    return HEAD + "".join(f"- {{id: R{n}, clause: 一, quote: 句, {rule}}}\n" for n, rule in enumerate(rules))


def errors_of(text: str) -> list[tuple[str, str]]:
    home = Home("123456000000", "county")
    found: tuple[Problem, ...] = review(read_profile(text), document="句", parent=None, home=home).errors
    assert all(problem.zh and problem.en and problem.hint for problem in found)
    return [(problem.code, problem.path) for problem in found]


@pytest.mark.parametrize(
    ("rule", "most"),
    [
        pytest.param(WRITTEN, HEAVIEST, id="条数"),
        pytest.param(f"{GUARD}, require: {{any: [{', '.join(['{written: true}'] * 40)}]}}", 4, id="条件"),
        pytest.param(f"{GUARD}, forbid: {DEEP}", 13, id="层层否定"),
        pytest.param(f"{GUARD}, forbid: {{leave_days: {{in: {[*range(97)]}}}}}", 4, id="要比的数"),
        pytest.param("kind: text, act: leave, when: {written: true}", HEAVIEST, id="旁注"),
        pytest.param(
            "kind: assignment, who: first_secretary, to: household, each_has: {at_least: 1}", 200, id="配备"
        ),
    ],
)
def test_only_so_much_is_judged_for_one_question(rule: str, most: int):
    assert errors_of(with_rules(*[rule] * most)) == []
    assert errors_of(with_rules(*[rule] * (most + 1))) == [("too_much_to_judge", f"rules.R{most}")]


def test_what_is_asked_apart_is_weighed_apart():
    assert errors_of(with_rules(*[WRITTEN] * HEAVIEST, WRITTEN.replace("leave", "outing"))) == []


def test_an_exception_is_weighed_with_every_rule_that_it_excepts():
    excepted = ", ".join(f"R{n}" for n in range(10))
    exceptions = [f"kind: text, when: {{written: true}}, excepts: [{excepted}]"] * 13

    assert errors_of(with_rules(*[WRITTEN] * 9, "kind: text", *exceptions)) == []
    assert errors_of(with_rules(*[WRITTEN] * 10, *exceptions)) == [("too_much_to_judge", "rules.R9")]


def test_a_profile_has_only_so_many_rules():
    assert errors_of(with_rules(*["kind: text"] * MOST_RULES)) == []
    assert errors_of(with_rules(*["kind: text"] * (MOST_RULES + 1))) == [("too_many_rules", "rules")]


def test_the_heaviest_profile_is_answered_for_without_keeping_anybody_waiting():
    """Five times what it takes on a quiet machine."""
    profile = read_profile(with_rules(*[WRITTEN] * HEAVIEST))
    before = time.process_time()

    for _ in range(20):
        decide(profile, Question(Ask.ACT, "leave"), {"written": True}, date(2018, 6, 15))

    assert time.process_time() - before < 1
