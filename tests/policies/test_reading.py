"""A profile is read strictly, and everything that is wrong is told at once."""

from datetime import date

import pytest

from policies import library
from policies.problems import ProfileError
from policies.reading import read_profile

HEAD = """
id: X
title: 试行办法
issuers: [县委办公室]
level: county
since: "2018-01-01"
reviewed_on: "2026-11-22"
"""
RULE = """
rules:
- id: X-1
  clause: 一
  quote: 报乡镇党委批准
  kind: flow
  act: leave
  steps:
  - approve: township_party_committee
"""


def problems_of(text: str) -> dict[str, str]:
    """Where and what: the path and the code of each problem."""
    with pytest.raises(ProfileError) as refused:
        read_profile(text)
    assert all(problem.zh and problem.en for problem in refused.value.problems)
    return {problem.path: problem.code for problem in refused.value.problems}


def test_the_text_from_which_the_refusals_start_is_read():
    profile = read_profile(HEAD + RULE)

    assert profile.first_day == date(2018, 1, 1)
    assert profile.rule("X-1").clause == "一"


@pytest.mark.parametrize(
    ("text", "path", "code"),
    [
        pytest.param(HEAD + "titel: 又名", "titel", "unknown_key", id="没有这一项"),
        pytest.param(HEAD.replace("title: 试行办法", ""), "title", "missing_key", id="缺少一项"),
        pytest.param(HEAD + "title: 又名", "line 8", "repeated_key", id="同一项写了两次"),
        pytest.param(HEAD.replace("county", "hamlet"), "level", "unknown_word", id="不在可用的词里"),
        pytest.param(HEAD.replace("2018-01-01", "2018-02-30"), "since", "not_sayable", id="没有这一天"),
        pytest.param(HEAD + "division: '440811'", "division", "not_sayable", id="区划代码不是12位"),
        pytest.param(HEAD + "inherited: []", "inherited", "unknown_key", id="继承不能手写"),
        pytest.param(HEAD + "version: '2'", "version", "wrong_type", id="版本不是数"),
        pytest.param(HEAD + "note: [", "line 8", "not_yaml", id="不是YAML"),
        pytest.param("- 一", "", "not_a_profile", id="不是一份规则表"),
        pytest.param(HEAD + "note: &x 一\nnumber: *x", "line 9", "not_yaml", id="别名"),
        pytest.param(HEAD + RULE.replace("flow", "stream"), "rules.X-1", "unknown_kind", id="没有这种规则"),
        pytest.param(HEAD + RULE.replace("kind: flow", ""), "rules.X-1", "unknown_kind", id="没写规则类型"),
        pytest.param(HEAD + RULE + "  whn: {}", "rules.X-1.whn", "unknown_key", id="规则里没有这一项"),
        pytest.param(HEAD + RULE + "  when: {}", "rules.X-1.when", "not_sayable", id="空条件"),
        pytest.param(
            HEAD + RULE + "  when: {leave_days: {}}", "rules.X-1.when.leave_days", "not_sayable", id="空界限"
        ),
        pytest.param(
            HEAD + RULE + "  when: {leave_days: [1, 3]}",
            "rules.X-1.when.leave_days",
            "wrong_type",
            id="光秃的列表",
        ),
        pytest.param(HEAD + RULE + "  who: [a, b]", "rules.X-1.who", "not_sayable", id="没说都要还是任一"),
        pytest.param(HEAD + RULE + "  who: {all: [a]}", "rules.X-1.who", "not_sayable", id="一个人不成组"),
        pytest.param(HEAD + RULE + "  who: {all: [a, a]}", "rules.X-1.who", "not_sayable", id="一人列两次"),
        pytest.param(
            HEAD + RULE + "  who: {none: [a, b]}", "rules.X-1.who", "not_sayable", id="没有这种合议"
        ),
        pytest.param(HEAD + RULE + "  - bless: x", "rules.X-1.steps.1", "not_sayable", id="没有这种步骤"),
        pytest.param(
            HEAD + RULE + "  - {sign: x, approve: y}", "rules.X-1.steps.1", "not_sayable", id="一步两件事"
        ),
        pytest.param(
            HEAD + RULE.replace("quote: 报乡镇党委批准", ""), "rules.X-1", "not_sayable", id="没有引文"
        ),
        pytest.param(HEAD + RULE + "  basis: county_note", "rules.X-1", "not_sayable", id="说明没有来源"),
        pytest.param(HEAD + RULE + RULE.removeprefix("\nrules:"), "", "not_sayable", id="编号重复"),
        pytest.param(HEAD + RULE.partition("  steps:")[0], "rules.X-1", "not_sayable", id="流程没有去处"),
        pytest.param(HEAD + "settings: {a: {label: 甲}}", "settings.a", "not_sayable", id="空缺没说原因"),
        pytest.param(
            HEAD + "settings: {a: {label: 甲, value: 1, state: manual}}",
            "settings.a",
            "not_sayable",
            id="有值又空缺",
        ),
        pytest.param(
            HEAD + "settings: {a: {label: 甲, values: {x: 1}}}",
            "settings.a",
            "not_sayable",
            id="表没说按什么查",
        ),
    ],
)
def test_what_is_not_strict_is_refused_where_it_stands(text, path, code):
    assert problems_of(text) == {path: code}


GUARD = """
rules:
- {id: X-1, clause: 一, quote: 应书面, kind: guard, act: leave, require: {written: true}}
"""


@pytest.mark.parametrize(
    ("added", "why"),
    [
        (", forbid: {written: false}", "exactly one of"),
        (", strength: may", "must, must_not or in_principle"),
    ],
)
def test_a_guard_says_one_thing_and_says_it_firmly(added, why):
    with pytest.raises(ProfileError, match=why):
        read_profile(HEAD + GUARD.replace("true}}", "true}" + added + "}"))

    assert read_profile(HEAD + GUARD).rule("X-1").quote == "应书面"


def test_an_assignment_asks_for_something():
    bare = "rules:\n- {id: X-1, clause: 一, quote: 一村一队, kind: assignment, who: village_team, to: village"

    with pytest.raises(ProfileError, match="asks for a number"):
        read_profile(HEAD + bare + "}")

    assert read_profile(HEAD + bare + ", each_needs: {equals: 1}}").rule("X-1").quote == "一村一队"


def test_all_problems_are_told_at_once():
    text = HEAD.replace("county", "hamlet") + "titel: 又名\n" + RULE + "  whn: {}\n  act: outing"
    told = problems_of(text.replace("\n  act: outing", "\n  strength: firm"))

    assert told == {
        "level": "unknown_word",
        "titel": "unknown_key",
        "rules.X-1.whn": "unknown_key",
        "rules.X-1.strength": "unknown_word",
    }


def test_a_misspelt_key_is_told_with_what_was_probably_meant():
    with pytest.raises(ProfileError) as refused:
        read_profile(HEAD + "titel: 又名")

    assert [problem.hint for problem in refused.value.problems] == ["是不是想写 title？"]


def test_on_is_a_word_and_a_day_is_a_day():
    noted = RULE.replace("clause: 一\n  quote: 报乡镇党委批准", "basis: county_note") + (
        "  noted: {by: 县委办公室, on: 2018-03-01, paper: 会议纪要}\n"
    )

    rule = read_profile(HEAD + noted).rule("X-1")

    assert rule.noted is not None
    assert rule.noted.on == date(2018, 3, 1)


def test_yes_and_no_stay_words():
    assert read_profile(HEAD + "note: no").note == "no"


def test_the_digest_is_of_the_content_and_not_of_its_spelling():
    plain = read_profile(HEAD + RULE)
    respelt = read_profile(
        "# 同一份\n" + HEAD.replace("[县委办公室]", "县委办公室") + "number: null\n" + RULE
    )
    other = read_profile(HEAD + RULE.replace("township_party_committee", "township_government"))

    assert respelt.digest == plain.digest
    assert plain.model_copy(update={"version": 2}).digest == plain.digest
    assert other.digest != plain.digest


def test_a_copy_with_other_rules_has_another_digest_and_other_words():
    profile = library.profile("HN")
    assert profile.vocabulary.label("leave") == "请假"

    fewer = profile.model_copy(update={"rules": profile.rules[1:]})

    assert fewer.digest != profile.digest
    assert fewer.vocabulary is not profile.vocabulary


@pytest.mark.parametrize("id", library.shipped())
def test_every_shipped_profile_is_read(id):
    profile = library.own_profile(id)

    assert profile.id == id
    assert profile.reviewed_on == date(2026, 11, 26)


def test_the_first_days_are_those_of_the_documents_and_say_when_they_are_assumed():
    first = {id: library.own_profile(id).first_day.isoformat() for id in library.shipped()}
    assumed = {id for id in library.shipped() if library.own_profile(id).settings.get("first_day")}

    assert first == {
        "HN": "2017-05-09",
        "GD": "2016-01-01",
        "SC": "2015-01-01",
        "TW": "2018-05-17",
        "MZ": "2017-08-07",
    }
    assert assumed == {"GD", "SC"}
    assert library.own_profile("SC").last_day == date(2020, 12, 31)
