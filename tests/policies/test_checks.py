"""Each check finds its fault, and stays silent on the same profile without it."""

import pytest

from policies import library
from policies.checks import check, links
from policies.problems import Severity
from policies.reading import read_profile
from tests.policies.sound import ORGANS, SOUND, found, with_rule


def test_a_sound_profile_has_no_problem():
    assert found(SOUND) == []


@pytest.mark.parametrize("id", library.shipped())
def test_the_shipped_profiles_have_no_problem(id):
    profile = library.profile(id)

    found = check(profile, text=library.document_text(profile.text))
    assert {(problem.code, problem.severity) for problem in found} == {("never_late", Severity.NOTICE)}


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param(
            "quote: 三天以内", "quote: 四天以内", ("quote_not_found", "rules.LOW.quote"), id="引文改一字"
        ),
        pytest.param(
            "act: leave\n  require",
            "act: leeve\n  require",
            ("unknown_term", "rules.WRITTEN"),
            id="不认识的事项",
        ),
        pytest.param(
            "[{approve: county_party",
            "[{approve: country_party",
            ("unknown_term", "rules.HIGH"),
            id="不认识的机关",
        ),
        pytest.param(
            "require: {written:", "require: {writen:", ("unknown_fact", "rules.WRITTEN"), id="不认识的事实"
        ),
        pytest.param(
            "require: {written: true}",
            "require: {written: {at_least: true}}",
            ("bound_misfits", "rules.WRITTEN.written"),
            id="真假没有大小",
        ),
        pytest.param(
            "{written: true}", "{written: 是}", ("bound_misfits", "rules.WRITTEN.written"), id="真假不是词"
        ),
        pytest.param(
            "{written: true}",
            "{candidate_rank: {at_least: sectoin}}",
            ("unknown_term", "rules.WRITTEN.candidate_rank"),
            id="不在职级里",
        ),
        pytest.param("more_than: 3", "more_than: 4", ("gap_in_bands", "acts.leave"), id="3天半没有规定"),
        pytest.param("more_than: 3", "more_than: 2", ("two_routes", "rules.HIGH"), id="2天半有两条路"),
        pytest.param("more_than: 3", "at_least: 3", ("two_routes", "rules.HIGH"), id="正好3天有两条路"),
        pytest.param(
            "more_than: 3",
            "more_than: {parameter: limit}",
            ("no_such_setting", "rules.HIGH"),
            id="没有这个参数",
        ),
        pytest.param(
            "kind: guard",
            'until: "2019-01-01"\n  kind: guard',
            ("dates_outside_validity", "rules.WRITTEN"),
            id="超出有效期",
        ),
        pytest.param(
            "kind: guard",
            'since: "2018-06-02"\n  until: "2018-06-01"\n  kind: guard',
            ("dates_outside_validity", "rules.WRITTEN"),
            id="止早于起",
        ),
        pytest.param(
            'until: "2018-12-31"', 'until: "2017-12-31"', ("dates_reversed", "until"), id="失效早于生效"
        ),
        pytest.param(
            'since: "2018-01-01"', "since: {parameter: first}", ("no_first_day", "since"), id="没有生效日期"
        ),
        pytest.param(
            "kind: guard", "excepts: LOWER\n  kind: guard", ("no_such_rule", "rules.WRITTEN"), id="例外无此条"
        ),
        pytest.param(
            "quote: 三天以上",
            "after: LOVE\n  quote: 三天以上",
            ("no_such_rule", "rules.HIGH"),
            id="之后无此条",
        ),
        pytest.param(
            "quote: 三天以上",
            "after: WRITTEN\n  quote: 三天以上",
            ("link_misfits", "rules.HIGH.after"),
            id="之后不是流程",
        ),
        pytest.param(
            "kind: guard",
            "over: P-1\n  kind: guard",
            ("no_such_rule", "rules.WRITTEN.over"),
            id="没有上级可取代",
        ),
    ],
)
def test_one_fault_is_found_where_it_stands(old, new, problem):
    assert SOUND.count(old) == 1

    assert problem in found(SOUND.replace(old, new))


def test_what_was_probably_meant_is_hinted():
    problems = check(read_profile(SOUND.replace("{written: true}", "{writen: true}")))

    assert [problem.hint for problem in problems] == ["是不是想写 written？"]


def test_an_organ_for_which_nobody_may_act_is_found():
    assert found(SOUND, organs={"township_party_committee"}) == [
        ("organ_without_authority", "rules.HIGH.steps")
    ]


def test_a_person_in_a_flow_needs_nobody_to_act_for_him():
    signed = with_rule("kind: flow, act: outing, steps: [{sign: township_party_secretary}]")

    assert found(signed) == []


def test_a_relation_in_a_flow_is_an_organ_too():
    by_unit = with_rule("kind: flow, act: outing, steps: [{approve: dispatching_unit}]")

    assert found(by_unit) == [("organ_without_authority", "rules.NEW.steps")]
    assert found(by_unit, organs=ORGANS | {"dispatching_unit"}) == []


def test_bands_meet_on_the_step_of_the_fact():
    assert found(SOUND.replace("more_than: 3", "at_least: 3.5")) == []
    assert found(SOUND.replace("more_than: 3", "at_least: 4")) == [("gap_in_bands", "acts.leave")]


def test_a_gap_is_a_question_and_an_overlap_an_error():
    gap = check(read_profile(SOUND.replace("more_than: 3", "more_than: 4")))
    overlap = check(read_profile(SOUND.replace("more_than: 3", "more_than: 2")))

    assert [(problem.severity, "3.5" in problem.zh) for problem in gap] == [(Severity.QUESTION, True)]
    assert [(problem.severity, "2.5" in problem.zh) for problem in overlap] == [(Severity.ERROR, True)]


def test_bands_of_different_people_neither_overlap_nor_leave_a_gap():
    apart = SOUND.replace("more_than: 3", "more_than: 0").replace(
        "who: {each: [first_secretary, village_team_member]}\n  when: {leave_days: {more_than",
        "who: village_committee_director\n  when: {leave_days: {more_than",
    )

    assert ("two_routes", "rules.HIGH") not in found(apart)


def test_bands_are_tried_although_a_word_is_unknown():
    apart = "kind: flow, act: leave, who: {who}, steps: [{{approve: township_party_committee}}]"

    assert ("unknown_term", "rules.NEW") in found(with_rule(apart.format(who="nobody_knows")))
    assert ("unknown_term", "rules.NEW") not in found(with_rule(apart.format(who="township_mayor")))


def test_an_umbrella_overlaps_with_what_it_includes():
    wide = with_rule(
        "kind: flow, act: leave, who: village_stationed_cadre, steps: [{approve: county_government}]"
    )

    assert ("two_routes", "rules.NEW") in found(wide, organs=ORGANS | {"county_government"})


def test_routes_that_follow_one_another_in_time_do_not_overlap():
    spring = SOUND.replace("quote: 三天以内", 'until: "2018-06-30"\n  quote: 三天以内')
    summer = with_rule(
        'kind: flow, act: leave, since: "2018-07-01", who: {each: [first_secretary, village_team_member]},'
        " when: {leave_days: {at_most: 3}}, steps: [{approve: county_party_committee}]"
    )

    assert found(summer.replace(SOUND, spring)) == []
    assert ("two_routes", "rules.NEW") in found(summer.replace(SOUND, spring.replace("06-30", "07-01")))


def test_a_route_joined_by_after_or_excepted_does_not_overlap():
    joined = with_rule(
        "kind: flow, act: leave, after: HIGH, when: {leave_days: {more_than: 3}},"
        " steps: [{file: county_party_committee}]"
    )
    excepted = with_rule(
        "kind: flow, act: leave, who: first_secretary, excepts: [LOW, HIGH],"
        " steps: [{sign: county_party_committee}]"
    )

    assert found(joined) == []
    assert found(excepted) == []
    assert found(excepted.replace("excepts: [LOW, HIGH]", "excepts: LOW")) == [("two_routes", "rules.NEW")]


def test_links_that_run_in_a_circle_are_found():
    circle = SOUND.replace("quote: 三天以内", "after: HIGH\n  quote: 三天以内").replace(
        "quote: 三天以上", "after: LOW\n  quote: 三天以上"
    )

    assert found(circle) == [("circular", "rules.LOW"), ("circular", "rules.HIGH")]
    assert found(SOUND.replace("quote: 三天以上", "after: LOW\n  quote: 三天以上")) == []


def sanction(id: str, more: str = "") -> str:
    results = "results: [{who: unit_head, measures: accountability_interview}]"
    when = "when: {situation: fraud}"
    return f"- {{id: {id}, clause: 一, quote: 应提出书面申请, kind: consequence, {when}, {results}{more}}}\n"


def test_a_rung_goes_beyond_a_rung_that_is_there_and_ends():
    milder = sanction("MILD")

    assert found(SOUND + milder + sanction("HARD", ", escalates: MILD")) == []
    assert found(SOUND + sanction("HARD", ", escalates: MILD")) == [("no_such_rule", "rules.HARD")]
    assert found(SOUND + sanction("HARD", ", escalates: LOW")) == [("link_misfits", "rules.HARD.escalates")]
    circle = SOUND + sanction("MILD", ", escalates: HARD") + sanction("HARD", ", escalates: MILD")
    assert found(circle) == [("circular", "rules.MILD"), ("circular", "rules.HARD")]


TERMS = "\nterms: [{id: one, label: 甲, category: metric}, {id: two, label: 乙, category: metric}]\nrules:"


def metric(id: str, name: str, made_from: str, more: str = "") -> str:
    total = f"kind: metric, name: {name}, sum: {{{made_from}: 1}}{more}"
    return f"- {{id: {id}, clause: 一, quote: 应提出书面申请, {total}}}\n"


def test_a_number_that_is_made_from_itself_is_found():
    named = SOUND.replace("\nrules:", TERMS)
    ends, circle = metric("TWO", "two", "village_days"), metric("TWO", "two", "one")

    assert found(named + metric("ONE", "one", "two") + ends) == []
    assert found(named + metric("ONE", "one", "two") + circle) == [
        ("circular", "rules.ONE"),
        ("circular", "rules.TWO"),
    ]


def test_a_number_that_is_made_from_its_own_exception_is_found():
    named = SOUND.replace("\nrules:", TERMS) + metric("ONE", "one", "village_days")
    excepting = "kind: text, act: leave, excepts: ONE, when: {{{}: {{at_least: 3}}}}"
    weighing = with_rule(excepting.format("one")).removeprefix(SOUND)

    assert found(named + weighing) == [("circular", "rules.ONE"), ("circular", "rules.NEW")]
    assert found(named + weighing.replace("one: {at", "leave_days: {at")) == []


def test_links_that_nobody_could_follow_in_time_are_found():
    def linked(link: str, length: int) -> str:
        guard = "- {{id: G{0}, clause: 一, quote: 应提出书面申请, kind: flow, act: outing, {1}}}\n"
        told = "steps: [{file: township_party_committee}]"
        rules = (
            guard.format(i, f"{link}: G{i + 1}, {told}" if i + 1 < length else told) for i in range(length)
        )
        return SOUND + "".join(rules)

    assert found(linked("after", links.MOST_IN_A_CHAIN)) == []
    assert [code for code, _ in found(linked("after", links.MOST_IN_A_CHAIN + 1))] == ["linked_too_far"]
    assert [code for code, _ in found(linked("excepts", links.MOST_IN_A_CHAIN + 1))] == ["linked_too_far"]


def test_exceptions_of_exceptions_without_end_are_found():
    def excepting(rules: int, each: int) -> str:
        guard = "- {{id: G{0}, clause: 一, quote: 应提出书面申请, kind: guard, act: outing, {1} {2}}}\n"
        lines = []
        for i in range(rules):
            above = [f"G{j}" for j in range(max(0, i - each), i)]
            lines.append(guard.format(i, f"excepts: [{', '.join(above)}],", "require: {written: true}"))
        return SOUND + "".join(lines)

    assert found(excepting(6, 5)) == []
    assert [code for code, _ in found(excepting(8, 7))] == ["linked_too_far"]


@pytest.mark.parametrize(
    ("setting", "problem"),
    [
        ("{label: 界线, clause: 一, value: 3}", None),
        ("{label: 界线, clause: 一, by: year, values: {'2018': 3}}", None),
        ("{label: 界线, clause: 一, value: 三天}", ("bound_misfits", "rules.WRITTEN.leave_days")),
        (
            "{label: 界线, clause: 一, by: year, values: {'2018': 三天}}",
            ("bound_misfits", "rules.WRITTEN.leave_days"),
        ),
        ("{label: 界线, clause: 一, by: weather, values: {rain: 3}}", ("unknown_fact", "settings.limit.by")),
    ],
    ids=["数", "逐年的数", "不是数", "逐年的不是数", "按没有的事实查"],
)
def test_a_setting_fits_the_fact_that_it_limits(setting, problem):
    text = SOUND.replace("rules:", f"settings:\n  limit: {setting}\nrules:")
    text = text.replace("{written: true}", "{leave_days: {at_most: {parameter: limit}}}")

    assert found(text) == ([problem] if problem else [])


def test_a_share_and_a_sum_are_of_numbers():
    share = "kind: guard, act: outing, require: {{training_days: {{at_least: 5, percent_of: {}}}}}"
    total = "kind: metric, name: residence_days, sum: {{training_days: 1, {}: 1}}"

    assert found(with_rule(share.format("village_days"))) == []
    assert found(with_rule(share.format("written"))) == [("bound_misfits", "rules.NEW.training_days")]
    assert found(with_rule(total.format("village_days"))) == []
    assert ("bound_misfits", "rules.NEW.sum") in found(with_rule(total.format("written")))
    assert ("bound_misfits", "rules.NEW") in found(
        with_rule(total.format("village_days") + ", target: {at_least: 很多}")
    )


def test_numbers_of_different_units_are_not_added():
    mixed = "kind: metric, name: residence_days, sum: {village_days: 1, village_poor_households: 1}"

    assert found(with_rule(mixed)) == [("units_differ", "rules.NEW.sum")]
    assert found(with_rule(mixed.replace("village_poor_households", "training_days"))) == []


def test_a_number_is_computed_in_one_way_only():
    metric = "kind: metric, name: residence_days, sum: {village_days: 1}"
    twice = with_rule(metric) + with_rule(metric).removeprefix(SOUND).replace("NEW", "AGAIN")

    assert [code for code, _ in found(twice)] == ["metric_named_twice"] * 2
    assert found(with_rule(metric)) == []


def test_too_many_conditions_are_admitted_not_passed_over():
    facts = [
        "village_days",
        "training_days",
        "study_tour_days",
        "project_outing_days",
        "leave_days",
        "has",
        "needs",
    ]
    bounds = ", ".join(f"{fact}: {{in: [10, 20, 30]}}" for fact in facts)

    problems = check(
        read_profile(
            with_rule(f"kind: flow, act: outing, when: {{{bounds}}}, steps: [{{file: township_government}}]")
        )
    )

    assert [(problem.code, problem.severity) for problem in problems] == [
        ("bands_not_examined", Severity.NOTICE)
    ]
