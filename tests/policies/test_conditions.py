"""Kleene's table, bounds at their numbers, and what is named when something is unknown."""

from datetime import date
from decimal import Decimal

import pytest

from policies.circumstances import Circumstances, MistypedFact, UnknownFact, recorded
from policies.conditions import Bound, Condition, Finding, every, holds, some
from policies.settings import Setting
from policies.vocabulary import Fact, vocabulary

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
        pytest.param({"at_most": 3}, [0, 2.5, 3], [3.5, 4], id="3天（含）以内"),
        pytest.param({"more_than": 3}, [3.5, 4], [2.5, 3], id="3天（不含）以上"),
        pytest.param({"at_least": 3}, [3, 3.5], [2.5], id="3天以上，含3天"),
        pytest.param({"less_than": 3}, [0, 2.5], [3, 3.5], id="不足3天"),
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

    assert holds(either, given(written=True)) == Finding(True, used=frozenset({"written"}))
    assert holds(both, given(written=False)) == Finding(False, used=frozenset({"written"}))
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


def test_an_assumed_setting_is_used_and_named():
    assert holds(LIMITED, with_setting(value=4, state="assumed")).assumed == {"limit"}
    assert holds(LIMITED, with_setting(value=4)).assumed == frozenset()


def test_a_table_is_looked_up_and_never_guesses_the_nearest():
    assert holds(LIMITED, with_setting(by="year", values={"2018": 5})).truth is True
    assert holds(LIMITED, with_setting(by="year", values={"2017": 5})).open == {"limit"}
    assert holds(LIMITED, with_setting(by="candidate_rank", values={"section": 3})).truth is False
    assert holds(LIMITED, with_setting(by="team_kind", values={"village_team": 3})).missing == {"team_kind"}


def test_an_unknown_fact_is_refused_with_what_was_probably_meant():
    with pytest.raises(UnknownFact, match="did you mean 'leave_days'"):
        given(leave_day=3)

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
        {"exit_day": "15 June"},
        {"candidate_rank": "emperor"},
        {"team_kind": ["village_team", "township_team"]},
        {"who": 5},
        {"who": [5]},
    ],
    ids=str,
)
def test_a_fact_of_the_wrong_type_is_refused(facts):
    with pytest.raises(MistypedFact):
        given(**facts)


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
