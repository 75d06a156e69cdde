"""Kleene's table, bounds at their numbers, and what is named when something is unknown."""

from datetime import date
from decimal import Decimal

import pytest

from policies.circumstances import Circumstances, recorded
from policies.conditions import Bound, Condition, holds
from policies.findings import Finding, every, some
from policies.mistakes import Mistake, MistypedFact, UnknownFact, UnknownWord
from policies.settings import Setting
from policies.vocabulary import Fact, Term, vocabulary

ON = date(2018, 6, 15)
WORDS = vocabulary().with_own(
    (),
    {
        "teams": Fact(label="工作队数", type="number", step=1),
        "absent": Fact(label="未驻村队数", type="number", step=1),
        "exit_day": Fact(label="计划脱贫日", type="day"),
    },
)


def given(**facts) -> Circumstances:
    return Circumstances(recorded(facts, WORDS), {}, WORDS, ON)


def condition(**written) -> Condition:
    return Condition.model_validate(written)


TRUE, FALSE, UNKNOWN = Finding(True), Finding(False), Finding(None)
PAIRS = [
    (TRUE, TRUE, True, True),
    (TRUE, FALSE, False, True),
    (TRUE, UNKNOWN, None, True),
    (FALSE, FALSE, False, False),
    (FALSE, UNKNOWN, False, None),
    (UNKNOWN, UNKNOWN, None, None),
]


@pytest.mark.parametrize(("one", "other", "both", "either"), PAIRS)
def test_false_beats_unknown_and_unknown_beats_true(one, other, both, either):
    assert every([one, other]).truth is both
    assert every([other, one]).truth is both
    assert some([one, other]).truth is either
    assert some([other, one]).truth is either


@pytest.mark.parametrize(("one", "turned"), [(TRUE, False), (FALSE, True), (UNKNOWN, None)])
def test_the_opposite_of_unknown_is_unknown(one, turned):
    assert (~one).truth is turned


def test_nothing_to_hold_holds_and_nothing_to_choose_from_does_not():
    assert every([]).truth is True
    assert some([]).truth is False


@pytest.mark.parametrize(
    ("bound", "kept", "broken"),
    [
        pytest.param({"at_most": 3}, [0.5, 2.5, 3], [3.5, 4], id="3天（含）以内"),
        pytest.param({"more_than": 3}, [3.5, 4], [2.5, 3], id="3天（不含）以上"),
        pytest.param({"at_least": 3}, [3, 3.5], [2.5], id="3天以上，含3天"),
        pytest.param({"less_than": 3}, [0.5, 2.5], [3, 3.5], id="不足3天"),
        pytest.param({"equals": 3}, [3, 3.0, Decimal("3.0")], [2.5, 3.5], id="正好3天"),
        pytest.param({"in": [1, 3]}, [1, 3], [2], id="1天或3天"),
        pytest.param({"at_least": 2, "at_most": 3}, [2, 2.5, 3], [1.5, 3.5], id="2至3天"),
    ],
)
def test_a_bound_holds_up_to_its_number_and_not_beyond(bound, kept, broken):
    days = condition(leave_days=bound)

    assert [holds(days, given(leave_days=value)).truth for value in kept] == [True] * len(kept)
    assert [holds(days, given(leave_days=value)).truth for value in broken] == [False] * len(broken)


@pytest.mark.parametrize(
    ("absent", "teams", "reached"),
    [(1, 34, False), (1, 33, True), (3, 100, True), (29, 1000, False), (0, 0, False)],
)
def test_a_percentage_is_compared_in_whole_numbers(absent, teams, reached):
    share = condition(absent={"at_least": 3, "percent_of": "teams"})

    assert holds(share, given(absent=absent, teams=teams)).truth is reached


def test_a_percentage_wants_both_numbers():
    share = condition(absent={"at_least": 3, "percent_of": "teams"})

    assert holds(share, given(absent=1)).missing == {"teams"}
    assert holds(share, given()).missing == {"absent", "teams"}


def test_a_narrower_word_falls_under_the_wider_one_and_not_the_other_way():
    stationed = condition(candidate_role="village_stationed_cadre")
    first = condition(candidate_role="first_secretary")

    assert holds(stationed, given(candidate_role="first_secretary")).truth is True
    assert holds(first, given(candidate_role="village_stationed_cadre")).truth is False


def test_of_several_words_one_is_enough():
    helper = condition(candidate_role={"in": ["household_helper", "village_cadre"]})

    assert holds(helper, given(candidate_role=["party_member", "household_helper"])).truth is True
    assert holds(helper, given(candidate_role=["party_member"])).truth is False


def test_ranks_are_compared_on_their_scale():
    deputy_section_or_above = condition(candidate_rank={"at_least": "deputy_section"})

    assert holds(deputy_section_or_above, given(candidate_rank="sub_section")).truth is False
    assert holds(deputy_section_or_above, given(candidate_rank="deputy_section")).truth is True
    assert holds(deputy_section_or_above, given(candidate_rank="section")).truth is True


def test_days_are_compared_as_days():
    by_may_10 = condition(exit_day={"at_most": "2017-05-10"})

    assert holds(by_may_10, given(exit_day=date(2017, 5, 10))).truth is True
    assert holds(by_may_10, given(exit_day="2017-05-11")).truth is False


def test_what_decides_hides_what_is_missing_beside_it():
    either = condition(any=[{"written": True}, {"leave_days": {"at_most": 3}}])
    both = condition(written=True, leave_days={"at_most": 3})

    assert holds(either, given(written=True)) == Finding(True)
    assert holds(both, given(written=False)) == Finding(False)
    assert holds(either, given(written=False)).missing == {"leave_days"}
    assert holds(both, given(written=True)).missing == {"leave_days"}


def test_a_negation_of_the_unknown_stays_unknown():
    not_written = condition(**{"not": {"written": True}})

    assert holds(not_written, given(written=False)).truth is True
    assert holds(not_written, given(written=True)).truth is False
    assert holds(not_written, given()) == Finding(None, missing=frozenset({"written"}))


def with_setting(**setting) -> Circumstances:
    days = {"leave_days": 4, "candidate_rank": "section"}
    return Circumstances(recorded(days, WORDS), {"limit": Setting(label="界线", **setting)}, WORDS, ON)


LIMITED = condition(leave_days={"at_most": {"parameter": "limit"}})


def test_a_number_may_stand_in_a_setting():
    assert holds(LIMITED, with_setting(value=4)).truth is True
    assert holds(LIMITED, with_setting(value=3)).truth is False


def test_an_open_setting_makes_it_unknown_and_is_named():
    assert holds(LIMITED, with_setting(state="manual")).open == {"limit"}
    assert holds(LIMITED, Circumstances({"leave_days": 4}, {}, WORDS, ON)).open == {"limit"}


def test_a_table_is_looked_up_and_never_guesses_the_nearest():
    assert holds(LIMITED, with_setting(by="year", values={"2018": 5})).truth is True
    assert holds(LIMITED, with_setting(by="year", values={"2017": 5})).open == {"limit"}
    assert holds(LIMITED, with_setting(by="candidate_rank", values={"section": 3})).truth is False
    assert holds(LIMITED, with_setting(by="team_kind", values={"village_team": 3})).missing == {"team_kind"}


def test_an_unknown_fact_is_refused_with_what_was_probably_meant():
    with pytest.raises(UnknownFact, match="did you mean leave_days"):
        given(leave_day=3)
    with pytest.raises(UnknownFact, match="did you mean leave_days"):
        given(请假天数=3)

    assert given(leave_days=3).facts == {"leave_days": 3}


@pytest.mark.parametrize(
    "facts",
    [
        {"written": 1},
        {"written": "true"},
        {"leave_days": "3"},
        {"leave_days": True},
        {"leave_days": 2.25},
        {"leave_days": -1},
        {"leave_days": float("nan")},
        {"leave_days": 2**53 + 1},
        {"exit_day": "15 June"},
        {"exit_day": "20180615"},
        {"exit_day": 20180615},
        {"team_kind": ["village_team", "township_team"]},
        {"who": 5},
        {"who": [5]},
        {"who": {}},
        {"who": {"first_secretary": 1}},
    ],
    ids=str,
)
def test_a_fact_of_the_wrong_type_is_refused(facts):
    with pytest.raises(MistypedFact):
        given(**facts)


def test_facts_of_the_right_type_are_kept_in_one_form():
    facts = given(written=True, leave_days=3.0, exit_day=date(2018, 6, 15), team_kind=["village_team"])

    assert facts.facts == {
        "written": True,
        "leave_days": 3,
        "exit_day": "2018-06-15",
        "team_kind": "village_team",
    }
    assert given(who="first_secretary").facts == given(who=["first_secretary"]).facts


@pytest.mark.parametrize(
    ("days", "zh", "en"),
    [
        (-1, "不能是负数：最少 0.5 天，最小单位 0.5 天，收到 -1", "cannot be negative: at least 0.5 day"),
        (0, "最少 0.5 天，最小单位 0.5 天，收到 0", "is at least 0.5 day, in steps of 0.5 day (given 0)"),
        (Decimal("1e-400"), "最少 0.5 天", "is at least 0.5 day"),
        (2.55, "最小单位是 0.5 天，收到 2.55", "is counted in steps of 0.5 day (given 2.55)"),
        (Decimal("1e300"), "最大 9007199254740992", "is at most 9007199254740992"),
    ],
)
def test_a_number_that_cannot_be_counted_is_refused_with_unit_and_step(days, zh, en):
    with pytest.raises(MistypedFact) as refused:
        given(leave_days=days)

    assert f"leave_days（请假天数）{zh}" in refused.value.zh
    assert f"leave_days {en}" in refused.value.en


def test_what_can_be_counted_is_kept_down_to_the_least():
    assert given(leave_days=0.5).facts == {"leave_days": Decimal("0.5")}
    assert given(village_days=0, teams=2**53).facts == {"village_days": 0, "teams": 2**53}


@pytest.mark.parametrize(
    ("facts", "meant"),
    [
        ({"who": ["team_member"]}, "village_team_member（驻村工作队员）"),
        ({"who": "第一书记"}, "first_secretary（第一书记）"),
        ({"who": ["驻村工作队成员"]}, "village_team_member（驻村工作队员）"),
        ({"who": ["first_secretary", "first secretary"]}, "first_secretary（第一书记）"),
        ({"team_kind": "village_teem"}, "village_team（驻村工作队）"),
        ({"candidate_rank": "副科级"}, "deputy_section（副科级）"),
        ({"candidate_unit_level": "县"}, "county（县）"),
    ],
    ids=str,
)
def test_a_word_that_nobody_knows_is_refused_with_the_one_that_was_meant(facts, meant):
    with pytest.raises(UnknownWord) as refused:
        given(**facts)

    assert f"是不是 {meant}？" in refused.value.zh
    assert f"did you mean {meant.partition('（')[0]}?" in refused.value.en


@pytest.mark.parametrize("facts", [{"who": ["no_such_role"]}, {"who": [""]}, {"team_kind": "?"}], ids=str)
def test_a_word_like_no_other_is_refused_without_a_guess(facts):
    with pytest.raises(UnknownWord) as refused:
        given(**facts)

    assert "是不是" not in refused.value.zh


def test_a_word_off_the_scale_is_refused_with_the_whole_scale():
    with pytest.raises(UnknownWord, match="known are general, clerk") as refused:
        given(candidate_rank="first_secretary")

    assert "general（一般人员）、clerk（办事员）" in refused.value.zh
    assert given(candidate_rank="clerk").facts == {"candidate_rank": "clerk"}


def test_a_word_that_a_profile_adds_is_known_to_it():
    own = WORDS.with_own([Term(id="farm_director", label="农场场长", category="role")], {})

    assert recorded({"who": ["farm_director"]}, own) == {"who": ("farm_director",)}
    with pytest.raises(UnknownWord):
        given(who=["farm_director"])


def test_a_long_or_deep_value_is_echoed_in_part():
    nested: list = []
    for _ in range(5000):
        nested = [nested]
    for value in ("x" * 10_000, ["x" * 10_000, 1], nested):
        with pytest.raises(Mistake) as refused:
            given(written=value)

        assert "…" in refused.value.zh
        assert len(refused.value.zh) < 110
        assert len(refused.value.en) < 110


def test_a_short_value_is_echoed_whole_as_json():
    with pytest.raises(MistypedFact) as refused:
        given(written={"书面": True, "天数": [1, None]})

    assert refused.value.zh.endswith('应是 true 或 false，收到 {"书面": true, "天数": [1, null]}')
    assert refused.value.en.endswith('is true or false (given {"书面": true, "天数": [1, null]})')


def test_a_fact_that_is_not_given_is_not_kept():
    assert given(written=None, who=[], leave_days=2.5).facts == {"leave_days": Decimal("2.5")}


@pytest.mark.parametrize(
    "written", [{}, {"at_least": None}, [1, 2], {"between": [1, 2]}, {"in": []}], ids=str
)
def test_a_bound_that_limits_nothing_is_refused(written):
    with pytest.raises(ValueError, match="Bound"):
        Bound.model_validate(written)


def test_an_empty_condition_is_refused():
    with pytest.raises(ValueError, match="asks something"):
        Condition.model_validate({})


def test_only_facts_and_joints_stand_in_a_condition():
    with pytest.raises(ValueError, match="Extra inputs"):
        Condition.model_validate({"bounds": {"written": True}})

    assert condition(written=True).facts() == {"written"}
