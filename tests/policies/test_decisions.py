"""Decisions are values: frozen, and the same after a time in storage as JSON."""

import dataclasses
import json
from datetime import date
from decimal import Decimal

import pytest

from policies.bodies import Alternatives, Asked, Filing, LineUp, Measured, Route, Validity
from policies.decisions import Assumption, Citation, Decision, Gap, Question, UsedFact, as_data, from_data
from policies.outcomes import Ask, Basis, GapState, Group, Mode, Origin, Outcome, Step, StepAct

STEPS = (
    Step(StepAct.PROPOSE, Group.of("township_party_committee")),
    Step(StepAct.APPROVE, Group(Mode.AT_LEAST, ("a", "b", "c"), 2), by=Group(Mode.ANY, ("d", "e"))),
)
FULL = Decision(
    outcome=Outcome.ROUTE,
    question=Question(Ask.ACT, "leave"),
    profile="X",
    version=3,
    on=date(2018, 6, 15),
    body=Route(STEPS),
    cites=(Citation("X-1", "一", "报批", "Y", 2, Basis.DOCUMENT, Origin.INHERITED),),
    warnings=("X-2",),
    facts=(
        UsedFact("leave_days", Decimal("2.5")),
        UsedFact("village_days", 3),
        UsedFact("written", True),
        UsedFact("who", ("first_secretary",)),
        UsedFact("exit_day", "2018-06-30"),
    ),
    missing=("has",),
    gaps=(Gap("leave", GapState.BY_REFERENCE, "某办法", "X-1", "请假"),),
    assumed=(Assumption("first_day", "生效日期", "2016-01-01", ("A-05",)),),
)
BODIES = [
    None,
    Route(STEPS),
    Filing(STEPS[:1]),
    Alternatives((Route(STEPS), Route(()))),
    LineUp("a", "b", (Asked("X-1", 1, None), Asked("X-2", None, 5)), 6),
    Measured(Decimal("5.5"), "day", True),
    Measured(0, None, None),
    Validity(date(2018, 1, 1), None),
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: getattr(body, "kind", "none"))
def test_a_decision_survives_storage_as_json(body):
    decision = dataclasses.replace(FULL, body=body)

    restored = from_data(json.loads(json.dumps(as_data(decision))))

    assert restored == decision
    assert type(restored.body) is type(body)


def test_a_used_fact_keeps_its_type_in_storage():
    restored = from_data(json.loads(json.dumps(as_data(FULL))))

    assert [type(fact.value) for fact in restored.facts] == [Decimal, int, bool, tuple, str]


def test_a_gap_stored_before_gaps_had_labels_comes_back_without():
    data = as_data(FULL)
    del data["gaps"][0]["label"]

    assert from_data(data).gaps == (Gap("leave", GapState.BY_REFERENCE, "某办法", "X-1"),)
    assert from_data(as_data(FULL)).gaps[0].label == "请假"


def test_a_decision_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        FULL.outcome = Outcome.ALLOW  # type: ignore[misc]

    assert FULL.outcome is Outcome.ROUTE


def test_a_word_outside_the_closed_lists_is_refused():
    assert from_data(as_data(FULL) | {"outcome": "deny"}).outcome is Outcome.DENY

    with pytest.raises(ValueError, match="outcome"):
        from_data(as_data(FULL) | {"outcome": "perhaps"})


def test_only_filing_submitting_and_sending_tell_without_asking():
    assert {act for act in StepAct if act.only_tells} == {StepAct.FILE, StepAct.SUBMIT, StepAct.SEND}
