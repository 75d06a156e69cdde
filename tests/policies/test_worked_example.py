"""The worked example of docs/profiles.md: shapes that no shipped document has, by configuration alone."""

from pathlib import Path

import pytest

from policies.cases import differences, filled, read_cases
from policies.mutation import mutants, survives
from policies.publication import review
from policies.questions import decide
from policies.reading import read_profile

FOLDER = Path(__file__).parents[2] / "docs" / "worked_example"
DOCUMENT = (FOLDER / "document.txt").read_text("utf-8")
PROFILE = read_profile((FOLDER / "profile.yaml").read_text("utf-8"))
CASES = read_cases((FOLDER / "cases.yaml").read_text("utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.case)
def test_the_example_answers_as_its_document_says(case):
    decision = decide(filled(PROFILE, case), case.question, case.facts, case.on)

    assert differences(case, decision) == ()


def test_the_example_may_be_published():
    found = review(PROFILE, document=DOCUMENT, parent=None, home=None)

    assert found.errors == ()
    assert [problem.code for problem in found.problems] == ["setting_open", "gap_stated"]


def test_a_quotation_that_is_not_in_the_example_would_be_found():
    found = review(PROFILE, document=DOCUMENT.replace("每两周", "每月"), parent=None, home=None)

    assert [problem.path for problem in found.errors] == ["rules.EXAMPLE-3.quote"]


def test_every_rule_of_the_example_is_held_by_a_case():
    left = [one for one in mutants(PROFILE) if survives(one, CASES, lambda own: own)]

    assert [(one.id, one.change) for one in left] == []
