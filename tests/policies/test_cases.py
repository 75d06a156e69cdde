"""The decision cases of tests/cases, and what must hold for all of them."""

import itertools
from dataclasses import replace
from pathlib import Path

import pytest

from policies import library
from policies.bodies import LineUp
from policies.cases import Case, asked_profile, differences, read_cases, run
from policies.decisions import as_data, from_data
from policies.outcomes import WITHHELD
from policies.questions import decide

FOLDER = Path(__file__).parents[1] / "cases"
CASES = [case for file in sorted(FOLDER.glob("*.yaml")) for case in read_cases(file.read_text("utf-8"))]


def name(case: Case) -> str:
    return f"{case.profile} {case.case}"


@pytest.mark.parametrize("case", CASES, ids=name)
def test_the_document_answers_as_it_says(case: Case):
    assert run(case) == ()


SEEDS = {0: 11, 1: 10, 2: 11, 3: 11, 4: 11}


def test_every_seed_case_is_there():
    wanted = {f"S{document}.{place}" for document, count in SEEDS.items() for place in range(1, count + 1)}

    assert wanted | {"SX.1", "SX.2", "SX.3"} <= {case.seed for case in CASES}
    assert len(wanted) + 3 == 57
    assert {case.profile for case in CASES if case.seed == "SX.1"} == set(library.shipped())


def test_a_case_is_told_by_its_name():
    names = [name(case) for case in CASES]

    assert sorted({one for one in names if names.count(one) > 1}) == []


@pytest.mark.parametrize("case", CASES, ids=name)
def test_no_missing_fact_turns_one_answer_into_another(case: Case):
    """Drop every set of one to three facts: the answer stays or is withheld."""
    profile = asked_profile(case)
    whole = decide(profile, case.question, case.facts, case.on)

    for fewer in _with_facts_dropped(case):
        partial = decide(profile, case.question, fewer, case.on)

        if partial.outcome not in WITHHELD:
            assert is_as_much_or_less(partial, whole), fewer


def is_as_much_or_less(partial, whole):
    """The same answer; or some of what follows, with the rules that may add to it named."""
    if partial.body and partial.body.kind == "consequences" and partial.body.undecided:
        return set(partial.body.results) <= set(whole.body.results) and partial.missing
    return (partial.outcome, _uncounted(partial.body)) == (whole.outcome, _uncounted(whole.body))


def _uncounted(body):
    """What a rule asks for is the same whether or not somebody said how many there are."""
    return replace(body, count=None) if isinstance(body, LineUp) else body


def _with_facts_dropped(case: Case):
    for count in (1, 2, 3):
        for dropped in itertools.combinations(case.facts, count):
            yield {name: value for name, value in case.facts.items() if name not in dropped}


@pytest.mark.parametrize("case", CASES, ids=name)
def test_a_decision_comes_back_from_storage_unchanged(case: Case):
    decision = decide(asked_profile(case), case.question, case.facts, case.on)

    assert from_data(as_data(decision)) == decision


def test_a_wrong_expectation_is_told_in_a_sentence():
    case = next(case for case in CASES if case.seed == "S0.4")
    decision = decide(asked_profile(case), case.question, case.facts | {"leave_days": 4}, case.on)

    told = differences(case, decision)

    assert len(told) == 2
    assert told[0].startswith(f"{case.case}：步骤应为")
    assert told[1].startswith(f"{case.case}：依据应为")


def test_the_changed_version_is_another_profile():
    changed = next(case for case in CASES if case.changed)

    assert asked_profile(changed).digest != library.profile(changed.profile).digest
