"""How several rules make one answer: order, strength, exceptions, chains, and what is withheld."""

from datetime import date

import pytest

from policies import library
from policies.bodies import Alternatives, Route, Validity
from policies.decisions import Gap, Question
from policies.mistakes import Mistake, MistypedFact, UnknownFact, UnknownSubject, UnknownWord
from policies.outcomes import Ask, GapState, Outcome
from policies.questions import decide, needs, undocumented
from policies.reading import read_profile

ON = date(2018, 6, 15)
LEAVE = Question(Ask.ACT, "leave")
HEAD = """
id: X
title: 试行办法
issuers: 县委办公室
level: county
since: "2018-01-01"
until: "2018-12-31"
reviewed_on: "2026-11-22"
settings: {limit: {label: 界线, state: manual, to: 若干天}}
rules:
"""
TOWNSHIP = (
    "- {id: T, clause: 一, quote: 报乡镇, kind: flow, act: leave,"
    " steps: [{approve: township_party_committee}]}\n"
)
WRITTEN = "- {id: W, clause: 二, quote: 应书面, kind: guard, act: leave, require: {written: true}}\n"
FORBIDDEN = (
    "- {id: F, clause: 三, quote: 不得连休, kind: guard, act: leave, strength: must_not,"
    " forbid: {leave_days: {more_than: 10}}}\n"
)
IN_PRINCIPLE = WRITTEN.replace("kind:", "strength: in_principle, kind:").replace("id: W", "id: P")


def ask(rules: str, facts: dict, question: Question = LEAVE, on: date = ON):
    return decide(read_profile(HEAD + rules), question, facts, on)


def cited(decision) -> list[str]:
    return [citation.rule for citation in decision.cites]


def test_a_guard_that_denies_comes_before_what_is_not_known():
    decision = ask(TOWNSHIP + WRITTEN + FORBIDDEN, {"leave_days": 11})

    assert decision.outcome is Outcome.DENY
    assert cited(decision) == ["F"]
    assert decision.missing == ()


def test_an_unknown_guard_comes_before_the_flow():
    decision = ask(TOWNSHIP + WRITTEN + FORBIDDEN, {"leave_days": 3})

    assert decision.outcome is Outcome.INCOMPLETE
    assert decision.missing == ("written",)
    assert decision.body is None


def test_every_guard_that_is_broken_is_cited():
    assert cited(ask(TOWNSHIP + WRITTEN + FORBIDDEN, {"leave_days": 11, "written": False})) == ["W", "F"]


def test_a_kept_guard_is_cited_with_the_route():
    assert cited(ask(TOWNSHIP + WRITTEN, {"written": True})) == ["T", "W"]


def test_an_act_without_flows_is_allowed_when_its_guards_are_kept():
    decision = ask(WRITTEN, {"written": True})

    assert decision.outcome is Outcome.ALLOW
    assert cited(decision) == ["W"]


def test_an_act_without_flows_of_whose_guards_none_speaks_is_allowed():
    narrow = WRITTEN.replace("require:", "who: first_secretary, require:")

    assert ask(narrow, {"who": ["village_cadre"]}).outcome is Outcome.ALLOW
    assert ask(narrow, {"who": ["first_secretary"], "written": False}).outcome is Outcome.DENY


def test_a_broken_in_principle_guard_warns():
    decision = ask(IN_PRINCIPLE, {"written": False})

    assert (decision.outcome, decision.warnings) == (Outcome.WARN, ("P",))
    assert ask(IN_PRINCIPLE, {"written": True}).outcome is Outcome.ALLOW


def test_a_warning_does_not_hide_the_route():
    decision = ask(TOWNSHIP + IN_PRINCIPLE, {"written": False})

    assert (decision.outcome, decision.warnings) == (Outcome.ROUTE, ("P",))
    assert len(decision.steps) == 1


def test_an_in_principle_guard_that_is_unknown_withholds():
    assert ask(TOWNSHIP + IN_PRINCIPLE, {}).missing == ("written",)


def test_two_routes_that_differ_are_ambiguous():
    decision = ask(TOWNSHIP + TOWNSHIP.replace("id: T", "id: U").replace("party_committee", "government"), {})

    assert decision.outcome is Outcome.AMBIGUOUS
    assert isinstance(decision.body, Alternatives)
    assert cited(decision) == ["T", "U"]


def test_two_routes_that_agree_are_one():
    decision = ask(TOWNSHIP + TOWNSHIP.replace("id: T", "id: U"), {})

    assert decision.outcome is Outcome.ROUTE
    assert len(decision.steps) == 1
    assert cited(decision) == ["T", "U"]


def test_flows_joined_by_after_are_one_chain():
    decision = ask(
        TOWNSHIP.replace("id: T", "id: U, after: T").replace("party_committee", "government") + TOWNSHIP, {}
    )

    assert isinstance(decision.body, Route)
    assert [step.group.terms for step in decision.steps] == [
        ("township_party_committee",),
        ("township_government",),
    ]


def test_a_rule_that_excepts_another_silences_it_only_where_it_speaks():
    special = (
        "- {id: S, clause: 四, quote: 书记报县委, kind: flow, act: leave, excepts: T,"
        " who: township_party_secretary, steps: [{approve: county_party_committee}]}\n"
    )

    assert cited(ask(TOWNSHIP + special, {"who": ["township_party_secretary"]})) == ["S"]
    assert cited(ask(TOWNSHIP + special, {"who": ["township_mayor"]})) == ["T"]


def test_an_exception_that_is_undecided_leaves_the_rule_undecided():
    excepted = (
        TOWNSHIP
        + "- {id: S, clause: 四, quote: 病假除外, kind: text, excepts: T, when: {campaign_over: true}}\n"
    )

    assert ask(excepted, {}).missing == ("campaign_over",)
    assert ask(excepted, {"campaign_over": False}).outcome is Outcome.ROUTE
    assert ask(excepted, {"campaign_over": True}).outcome is Outcome.UNSPECIFIED


def test_an_unclear_gap_makes_a_route_ambiguous():
    unclear = TOWNSHIP.replace("steps:", "gaps: [{what: leave, state: unclear}], steps:")

    assert ask(unclear, {}).outcome is Outcome.AMBIGUOUS


def test_an_open_number_is_unspecified_and_says_where_it_stands():
    banded = TOWNSHIP.replace("steps:", "when: {leave_days: {at_most: {parameter: limit}}}, steps:")

    decision = ask(banded, {"leave_days": 3})

    assert decision.outcome is Outcome.UNSPECIFIED
    assert [(gap.what, gap.state, gap.to) for gap in decision.gaps] == [("limit", GapState.MANUAL, "若干天")]
    assert cited(decision) == ["T"]


def test_a_missing_fact_is_asked_before_an_open_number_is_told():
    banded = TOWNSHIP.replace("steps:", "when: {leave_days: {at_most: {parameter: limit}}}, steps:")

    assert ask(banded, {}).missing == ("leave_days",)


@pytest.mark.parametrize(
    ("on", "outcome"),
    [
        (date(2017, 12, 31), Outcome.NOT_IN_FORCE),
        (date(2018, 1, 1), Outcome.ROUTE),
        (date(2018, 12, 31), Outcome.ROUTE),
        (date(2019, 1, 1), Outcome.NOT_IN_FORCE),
    ],
)
def test_the_document_holds_from_its_first_to_its_last_day(on, outcome):
    assert ask(TOWNSHIP, {}, on=on).outcome is outcome


def test_a_document_that_is_not_in_force_says_when_it_is():
    decision = ask(TOWNSHIP, {}, on=date(2019, 1, 1))

    assert decision.body == Validity(date(2018, 1, 1), date(2018, 12, 31))


def test_a_rule_has_days_of_its_own():
    summer = TOWNSHIP.replace("steps:", 'since: "2018-06-01", until: "2018-08-31", steps:')

    assert ask(summer, {}, on=date(2018, 5, 31)).outcome is Outcome.NOT_IN_FORCE
    assert ask(summer, {}, on=date(2018, 6, 1)).outcome is Outcome.ROUTE
    assert ask(summer + WRITTEN, {"written": True}, on=date(2018, 9, 1)).outcome is Outcome.UNSPECIFIED


def test_silence_is_an_answer_with_a_gap():
    for question, label in (
        (LEAVE, "请假"),
        (Question(Ask.NEEDED, "village_team>village"), "驻村工作队>村"),
        (Question(Ask.MEASURE, "residence_days"), "在岗天数"),
    ):
        decision = ask("- {id: N, clause: 一, quote: 加强领导, kind: text}\n", {}, question)

        assert decision.outcome is Outcome.UNSPECIFIED
        gap = Gap(question.about, GapState.ABSENT, label=label)
        assert decision.gaps == (gap,)
        assert undocumented(question, {}, ON).gaps == (gap,)


def test_a_gap_is_named_by_its_setting_or_its_word_or_else_by_its_code():
    leaving = (
        "- {id: G, clause: 一, quote: 另行规定, kind: flow, act: leave, gaps: ["
        "{what: leave, state: delegated}, {what: limit, state: manual}, {what: bands, state: absent}]}\n"
    )

    gaps = ask(leaving, {}).gaps

    assert [(gap.what, gap.label) for gap in gaps] == [
        ("leave", "请假"),
        ("limit", "界线"),
        ("bands", "bands"),
    ]
    assert [gap.rule for gap in gaps] == ["G"] * 3


def test_a_number_that_nobody_set_is_a_gap_under_its_name():
    open_band = TOWNSHIP.replace("steps:", "when: {leave_days: {at_most: {parameter: limit}}}, steps:")

    assert ask(open_band, {"leave_days": 1}).gaps == (Gap("limit", GapState.MANUAL, "若干天", label="界线"),)


def test_only_the_facts_that_were_weighed_are_recorded():
    decision = ask(TOWNSHIP + WRITTEN, {"written": True, "leave_days": 3, "team_kind": "village_team"})

    assert [fact.name for fact in decision.facts] == ["written"]


def test_a_line_up_is_asked_for_one_side_at_a_time():
    pair = Question(Ask.ASSIGNED, "county_leader>township")
    profile = library.profile("SC")

    assert decide(profile, pair, {}, ON).missing == ("has", "needs")
    assert decide(profile, pair, {"needs": 1}, ON).outcome is Outcome.MET
    with pytest.raises(MistypedFact, match="one at a time"):
        decide(profile, pair, {"has": 1, "needs": 1}, ON)


def test_a_line_up_is_asked_about_a_pair():
    for about in ("township", ">township", "county_leader>", "county_leader>township>", ""):
        for asked in (Ask.NEEDED, Ask.ASSIGNED):
            with pytest.raises(UnknownSubject, match="pair who>to"):
                decide(library.profile("SC"), Question(asked, about), {}, ON)
    pair = Question(Ask.NEEDED, "county_leader>township")
    assert decide(library.profile("SC"), pair, {}, ON).outcome is Outcome.REQUIRED


@pytest.mark.parametrize(
    ("ask", "about", "hint"),
    [
        (Ask.ACT, "leav", "是不是 leave（请假）？"),
        (Ask.ACT, "请假", "是不是 leave（请假）？"),
        (Ask.ACT, "first_secretary", "没有"),
        (Ask.ACT, "", "没有"),
        (
            Ask.NEEDED,
            "village_teem>village",
            '没有 "village_teem" 这个词，是不是 village_team（驻村工作队）？',
        ),
        (Ask.NEEDED, "village_team>村", '没有 "村" 这个词，是不是 village（村）？'),
        (Ask.ASSIGNED, "no_such_thing>village", '没有 "no_such_thing" 这个词'),
        (Ask.MEASURE, "leave", "没有"),
        (Ask.MEASURE, "residence", "是不是 residence_days（在岗天数）？"),
        (Ask.MEASURE, "在岗天数", "是不是 residence_days（在岗天数）？"),
    ],
)
def test_what_no_document_can_speak_of_is_the_askers_fault(ask, about, hint):
    question = Question(ask, about)
    for refused in (
        lambda: decide(library.profile("HN"), question, {}, ON),
        lambda: needs(library.profile("HN"), question),
        lambda: needs(None, question),
        lambda: undocumented(question, {}, ON),
    ):
        with pytest.raises(UnknownSubject) as mistake:
            refused()
        assert hint in mistake.value.zh


def test_what_a_document_could_speak_of_and_does_not_is_silence():
    for question in (
        Question(Ask.ACT, "team_dissolution"),
        Question(Ask.NEEDED, "first_secretary>village"),
        Question(Ask.ASSIGNED, "helping_unit.unit_head>village"),
        Question(Ask.MEASURE, "residence_days"),
    ):
        assert decide(library.profile("SC"), question, {}, ON).outcome is Outcome.UNSPECIFIED
        assert undocumented(question, {}, ON).outcome is Outcome.UNSPECIFIED
        assert needs(None, question).facts == ()


def test_a_known_role_of_which_the_document_does_not_speak_is_silence():
    facts = {"who": ["village_party_secretary"], "leave_days": 4, "written": True}

    assert decide(library.profile("HN"), LEAVE, facts, ON).outcome is Outcome.UNSPECIFIED
    with pytest.raises(UnknownWord, match="did you mean village_party_secretary"):
        decide(library.profile("HN"), LEAVE, facts | {"who": ["vilage_party_secretary"]}, ON)


def test_where_no_document_holds_a_fact_that_cannot_be_meant_is_refused_too():
    assert undocumented(LEAVE, {"leave_days": 1}, ON).outcome is Outcome.UNSPECIFIED
    for facts in ({"leave_day": 1}, {"leave_days": 0}, {"who": ["team_member"]}):
        with pytest.raises(Mistake):
            undocumented(LEAVE, facts, ON)


def test_a_document_may_have_a_metric_of_its_own():
    own = "- {id: M, clause: 五, quote: 天数, kind: metric, name: own_days, sum: {village_days: 1}}\n"

    assert ask(own, {"village_days": 3}, Question(Ask.MEASURE, "own_days")).body.value == 3
    with pytest.raises(UnknownSubject, match="did you mean own_days"):
        ask(own, {}, Question(Ask.MEASURE, "own_day"))
    with pytest.raises(UnknownSubject, match="known are own_days"):
        ask(own, {}, Question(Ask.MEASURE, "rate"))


def test_a_number_is_held_against_its_target():
    rising = (
        "- {id: M, clause: 五, quote: 天数, kind: metric, name: d,"
        " sum: {village_days: 1, leave_days: -1}, target: {more_than: 0}}\n"
    )
    question = Question(Ask.MEASURE, "d")

    def measured(**facts):
        body = ask(rising, facts, question).body
        return body.value, body.reached

    assert measured(village_days=3, leave_days=2) == (1, True)
    assert measured(village_days=2, leave_days=2) == (0, False)


def test_needs_lists_what_the_document_may_want_and_marks_what_belongs_to_the_question():
    wanted = needs(library.profile("HN"), LEAVE)

    assert [(fact.name, fact.required) for fact in wanted.facts] == [
        ("who", True),
        ("written", False),
        ("leave_days", False),
    ]
    assert [str(fact.step) for fact in wanted.facts] == ["None", "None", "0.5"]
    assert needs(library.profile("SC"), LEAVE).names == frozenset()
    assert needs(library.profile("HN"), Question(Ask.MEASURE, "residence_days")).names == {
        "village_days",
        "project_outing_days",
        "training_days",
        "study_tour_days",
    }
    assert needs(library.profile("HN"), Question(Ask.ASSIGNED, "responsibility_group>village")).names == {
        "needs",
        "village_poor_households",
    }


def test_everything_that_is_missing_was_announced_by_needs():
    for id in library.shipped():
        for act in ("leave", "outing"):
            question = Question(Ask.ACT, act)

            decision = decide(library.profile(id), question, {}, ON)

            assert set(decision.missing) <= needs(library.profile(id), question).names


def test_a_fact_that_nobody_knows_is_a_fault_of_the_caller():
    with pytest.raises(UnknownFact, match="did you mean written"):
        decide(library.profile("HN"), LEAVE, {"writen": True}, ON)
