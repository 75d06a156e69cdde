"""Conditions read out: every one of the shipped documents, and one of each shape."""

import pytest

from policies.conditions import Bound, Condition
from policies.library import profile, shipped
from policies.phrases import limits, phrase

HN = profile("HN")


@pytest.mark.parametrize(
    ("written", "zh", "en"),
    [
        ({"leave_days": {"more_than": 3}}, "请假天数超过 3 天", "leave days more than 3 day"),
        (
            {"leave_days": {"more_than": 3, "at_most": 7}},
            "请假天数超过 3 天，且不超过 7 天",
            "leave days more than 3 day and at most 7 day",
        ),
        ({"written": True}, "有书面申请或书面备案：是", "written: yes"),
        (
            {"any": [{"leave_days": {"less_than": 1}}, {"leave_days": 2, "written": False}]},
            "请假天数不足 1 天，或（请假天数为 2 天，且有书面申请或书面备案：否）",
            "leave days less than 1 day or (leave days is 2 day and written: no)",
        ),
        (
            {"written": True, "any": [{"leave_days": 1}, {"leave_days": 2}]},
            "有书面申请或书面备案：是，且（请假天数为 1 天，或请假天数为 2 天）",
            "written: yes and (leave days is 1 day or leave days is 2 day)",
        ),
        (
            {"not": {"candidate_role": {"in": ["first_secretary", "township_cadre"]}}},
            "不是（人选的身份为第一书记或乡镇干部）",
            "not (candidate role is first secretary or township cadre)",
        ),
        ({"candidate_rank": {"at_least": "deputy_section"}}, "不低于副科", "at least"),
        (
            {"village_teams_absent": {"at_least": 3, "percent_of": "village_teams"}},
            "的 3%",
            "3 % of village teams",
        ),
    ],
)
def test_a_condition_is_read_out(written: dict[str, object], zh: str, en: str) -> None:
    condition = Condition.model_validate(written)

    said = phrase(condition, HN), phrase(condition, HN, "en")

    assert zh in said[0], said
    assert en in said[1], said


def test_a_bound_is_read_out_with_its_unit() -> None:
    bound = Bound.model_validate({"at_least": 2, "at_most": 5})

    assert limits(bound, HN, "person") == "不少于 2 人，且不超过 5 人"
    assert limits(bound, HN, None, "en") == "at least 2 and at most 5"


@pytest.mark.parametrize("id", shipped())
def test_every_condition_of_the_documents_has_a_sentence(id: str) -> None:
    law = profile(id)

    for rule in law.rules:
        if rule.when:
            said = phrase(rule.when, law)
            assert said
            assert "{" not in said
