"""What stands in the way of publishing is told at once, for the place; and looking for it costs little."""

import random
import time
from copy import deepcopy
from decimal import Decimal
from typing import Any

import pytest

from policies import library, strict_yaml
from policies.checks.quotes import stands_in
from policies.problems import MOST_PROBLEMS, ProfileError, Severity
from policies.profile import Profile
from policies.publication import Home, review
from policies.reading import LONGEST_PROFILE, profile_from_data, read_profile

HOME = Home("123456000000", "county")
DOCUMENT = "三天以内的，报乡镇党委批准；三天以上的，报县委批准。"
SOUND = """
id: X
title: 试行办法
issuers: 县委办公室
division: "123456000000"
level: county
since: "2018-01-01"
reviewed_on: "2026-11-22"
settings:
  first: {label: 首日, value: "2018-01-01", clause: 一}
rules:
- id: LOW
  clause: 一
  quote: 三天以内的，报乡镇党委批准
  kind: flow
  act: leave
  when: {leave_days: {at_most: 3}}
  steps: [{approve: township_party_committee}]
- id: HIGH
  clause: 一
  quote: 三天以上的，报县委批准
  kind: flow
  act: leave
  when: {leave_days: {more_than: 3}}
  steps: [{approve: county_party_committee}]
"""
PARENT = """
id: P
title: 上级意见
issuers: 省委组织部
level: province
since: "2016-01-01"
reviewed_on: "2026-11-22"
rules:
- {id: P-1, clause: 一, quote: 报政府, kind: flow, act: outing, steps: [{file: township_government}]}
"""
PINNED = 'parent: {id: P, version: 1}\nsince: "2018'


def found(
    text: str, *, document: str | None = DOCUMENT, parent: str | None = None, home: Home = HOME
) -> list[tuple[str, str]]:
    above = read_profile(parent) if parent else None
    problems = review(read_profile(text), document=document, parent=above, home=home).problems
    assert all(problem.zh and problem.en for problem in problems)
    return [(problem.code, problem.path) for problem in problems]


def test_a_sound_profile_may_be_published():
    reviewed = review(read_profile(SOUND), document=DOCUMENT, parent=None, home=HOME)

    assert (reviewed.problems, reviewed.may_be_published) == ((), True)
    assert reviewed.law is reviewed.own


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        pytest.param("报乡镇党委", "报乡镇政府", ("quote_not_found", "rules.LOW.quote"), id="引文不在原文"),
        pytest.param("123456", "123457", ("division_differs", "division"), id="别处的文件"),
        pytest.param("level: county", "level: prefecture", ("level_differs", "level"), id="层级不符"),
        pytest.param(
            "approve: county_party_committee",
            "approve: county_principal",
            None,
            id="平台已写明谁代表",
        ),
        pytest.param(
            "approve: county_party_committee",
            "approve: health_department",
            ("organ_without_authority", "rules.HIGH.steps"),
            id="没有人代表",
        ),
        pytest.param(
            "clause: 一\n  quote: 三天以上的，报县委批准",
            "basis: platform",
            ("basis_not_yours", "rules.HIGH.basis"),
            id="自称平台默认",
        ),
        pytest.param(
            "rules:",
            "grants: [{role: county_admin, permission: leave.read, reach: tenant}]\nrules:",
            ("role_reserved", "grants.0"),
            id="授予平台岗位",
        ),
        pytest.param(
            "rules:",
            "grants: [{role: county_head, permission: profile.publish, reach: tenant}]\nrules:",
            ("not_grantable", "grants.0"),
            id="发布权不由文件授予",
        ),
        pytest.param(
            "rules:",
            "grants: [{role: first_secretary, permission: leave.read, reach: tenant}]\nrules:",
            ("above_ceiling", "grants.0"),
            id="超出上限",
        ),
        pytest.param(
            "rules:",
            "grants: [{role: frist_secretary, permission: leave.read, reach: subtree}]\nrules:",
            ("unknown_term", "grants.frist_secretary"),
            id="授予的职务写错",
        ),
        pytest.param(
            "rules:",
            "authorities: [{organ: county_party_committee, role: auditor, reach: tenant}]\nrules:",
            ("role_reserved", "authorities.0"),
            id="平台岗位不代表机关",
        ),
        pytest.param(
            'since: "2018-01-01"', PINNED + '-01-01"', ("parent_not_published", "parent"), id="上级没有发布"
        ),
        pytest.param(
            'since: "2018-01-01"',
            "since: {parameter: first}\nuntil: {parameter: last}",
            ("no_such_setting", "until"),
            id="末日的参数不存在",
        ),
    ],
)
def test_one_fault_is_found_where_it_stands(old: str, new: str, problem: tuple[str, str] | None):
    assert old in SOUND

    assert found(SOUND.replace(old, new, 1)) == ([problem] if problem else [])


def test_a_first_day_from_a_setting_is_a_day():
    dated = SOUND.replace('since: "2018-01-01"', "since: {parameter: first}")

    assert found(dated) == []
    assert ("not_a_day", "settings.first") in found(dated.replace('value: "2018-01-01"', "value: 年初"))


@pytest.mark.parametrize("document", [None, "", " \n"])
def test_without_its_document_nothing_is_published(document: str | None):
    assert ("no_document", "") in found(SOUND, document=document)


def test_a_copied_file_is_found_by_its_code_and_by_every_quotation():
    text = library.document_text("TW.txt")
    copied = review(library.own_profile("MZ"), document=text, parent=library.own_profile("GD"), home=HOME)

    codes = [problem.code for problem in copied.problems if problem.severity is Severity.ERROR]
    quoted = [rule.quote for rule in library.own_profile("MZ").rules]
    assert codes.count("division_differs") == 1
    assert codes.count("quote_not_found") == sum(not stands_in(quote, text) for quote in quoted) > 100


def test_a_child_is_checked_together_with_its_parent():
    child = SOUND.replace('since: "2018', PINNED, 1)

    assert found(child, parent=PARENT) == []
    assert found(child.replace("id: LOW", "id: P-1"), parent=PARENT) == [("rule_id_taken", "rules.P-1")]
    assert found(child, parent=PARENT.replace("id: P\n", "id: Q\n")) == [("not_the_parent", "parent")]


def test_an_inherited_route_too_wants_somebody_who_may_act():
    child = SOUND.replace('since: "2018', PINNED, 1)
    by_another = PARENT.replace("{file: township_government}", "{sign: health_department}")

    assert found(child, parent=by_another) == [("organ_without_authority", "rules.P-1.steps")]
    named = "authorities: [{organ: health_department, role: unit_head, reach: unit}]\nrules:"
    assert found(child.replace("rules:", named), parent=by_another) == []


def test_what_cannot_be_joined_is_not_said_to_lack_its_parents_words():
    child = SOUND.replace('since: "2018', PINNED, 1).replace(
        "quote: 三天以上", "excepts: P-1\n  quote: 三天以上"
    )

    assert found(child) == [("parent_not_published", "parent")]
    assert found(child.replace("P-1", "P-2"), parent=PARENT) == [("no_such_rule", "rules.HIGH")]


def test_open_and_assumed_settings_are_questions_and_do_not_stand_in_the_way():
    size, term = "{label: 人数, state: delegated, to: 各县}", "{label: 期, value: 3, state: assumed}"
    added = f"settings:\n  size: {size}\n  term: {term}\n"
    reviewed = review(
        read_profile(SOUND.replace("settings:\n", added)), document=DOCUMENT, parent=None, home=HOME
    )

    assert [(one.code, one.path, one.severity) for one in reviewed.problems] == [
        ("setting_open", "settings.size", Severity.QUESTION),
        ("setting_assumed", "settings.term", Severity.QUESTION),
    ]
    assert reviewed.may_be_published


@pytest.mark.parametrize("id", library.shipped())
def test_the_shipped_profiles_may_be_published(id: str):
    own = library.own_profile(id)
    parent = library.own_profile(own.parent.id) if own.parent else None
    home = Home(own.division or HOME.code, own.level)

    reviewed = review(own, document=library.document_text(own.text or ""), parent=parent, home=home)

    assert reviewed.may_be_published, reviewed.problems
    assert reviewed.law is not None
    assert reviewed.law.digest == library.profile(id).digest


def with_rules(*rules: str) -> str:
    return SOUND.partition("rules:")[0] + "rules:\n" + "".join(f"- {{{rule}}}\n" for rule in rules)


QUOTED = "clause: 一, quote: 报县委批准"
MANY = {
    "没有的词": (f"id: R{i}, {QUOTED}, kind: text, who: nobodyknows{i}" for i in range(1500)),
    "没有的引文": (f"id: R{i}, clause: 一, quote: 没有这句{i}, kind: text" for i in range(1500)),
    "没有的项": (f"id: R{i}, {QUOTED}, kind: text, nott: x" for i in range(1500)),
    "每条各有起日": (
        f'id: R{i}, {QUOTED}, kind: flow, act: leave, since: "2018-{i % 12 + 1:02}-{i % 28 + 1:02}",'
        f" when: {{leave_days: {{in: [1, 2, 3, {i + 4}]}}}}, steps: [{{sign: county_head}}]"
        for i in range(600)
    ),
    "互为例外": (
        f"id: R{i}, {QUOTED}, kind: guard, act: leave, require: {{written: true}},"
        f" excepts: [{', '.join(f'R{j}' for j in range(max(0, i - 10), i))}]"
        for i in range(600)
    ),
    "一条接一条": (
        f"id: R{i}, {QUOTED}, kind: flow, act: leave, after: R{i - 1}, steps: [{{sign: county_head}}]"
        for i in range(900)
    ),
}


@pytest.mark.parametrize("rules", MANY.values(), ids=list(MANY))
def test_a_long_file_is_judged_in_seconds_and_told_in_few_words(rules: Any):
    """Four times what any takes on a quiet machine; without their limits some of these take minutes."""
    text = with_rules(*rules)[:LONGEST_PROFILE]
    text = text[: text.rindex("\n") + 1]
    before = time.process_time()

    try:
        problems = review(read_profile(text), document=DOCUMENT * 500, parent=None, home=HOME).problems
    except ProfileError as error:
        problems = error.problems

    assert time.process_time() - before < 8
    assert 0 < len(problems) <= MOST_PROBLEMS + 1


def test_a_file_that_is_too_long_is_not_read():
    padded = SOUND + "#" * (LONGEST_PROFILE - len(SOUND))
    assert read_profile(padded).id == "X"

    with pytest.raises(ProfileError) as refused:
        read_profile(padded + "#")

    assert [problem.code for problem in refused.value.problems] == ["too_long"]


@pytest.mark.parametrize(
    ("_case", "old", "new"),
    [
        ("代码没有引号", 'division: "123456000000"', "division: 123456000000"),
        ("数字太长", "at_most: 3}", f"at_most: {'9' * 5000}}}"),
        ("历法的尽头", 'since: "2018-01-01"', 'since: "9999-12-31"'),
        ("历法的开头", 'since: "2018-01-01"', 'since: "0001-01-01"'),
        ("嵌套很深", "{leave_days: {at_most: 3}}", "{not: " * 40 + "{written: true}" + "}" * 40),
        ("名称太长", "id: X", f"id: {'X' * 65}"),
        ("标题太长", "title: 试行办法", f"title: {'长' * 201}"),
    ],
)
def test_what_a_program_would_stumble_over_is_told_in_words(_case: str, old: str, new: str):
    assert old in SOUND

    try:
        problems = review(
            read_profile(SOUND.replace(old, new)), document=DOCUMENT, parent=None, home=HOME
        ).problems
    except ProfileError as error:
        problems = error.problems

    assert all(problem.zh and len(problem.zh) < 400 for problem in problems)
    assert problems or _case.startswith("历法")


# Words and numbers in the wrong places: what a hand that slips may write.
SLIPS: list[Any] = [
    *(None, True, 0, -1, 3, 10**17, Decimal("0.5"), 621121000000, [], {}, ["x"], {"x": "y"}),
    *("", "x", "2018-06-15", "9999-12-31", "2018-02-30", "a.b.c", "leave", "first_secretary", "leave_days"),
    *({"parameter": "x"}, {"all": ["a", "b"]}, {"at_least": 3}, {"in": [1, 2]}, {"not": {"written": True}}),
]
KEYS = [
    "when",
    "who",
    "excepts",
    "over",
    "since",
    "until",
    "gaps",
    "by",
    "values",
    "steps",
    "parent",
    "state",
]


def slipped(data: Any, chance: random.Random) -> None:
    """Deletes, replaces or adds one thing somewhere in the data."""
    at = chance.choice([one for one in parts(data) if one])
    key = chance.choice(list(at)) if isinstance(at, dict) else chance.randrange(len(at))
    what = chance.random()
    if what < 0.2:
        del at[key]
    elif what < 0.9 or not isinstance(at, dict):
        at[key] = deepcopy(chance.choice(SLIPS))
    else:
        at[chance.choice(KEYS)] = deepcopy(chance.choice(SLIPS))


def parts(data: Any) -> list[Any]:
    below = data.values() if isinstance(data, dict) else data if isinstance(data, list) else ()
    return [*([data] if isinstance(data, dict | list) else []), *(p for one in below for p in parts(one))]


@pytest.mark.parametrize("seed", range(2))
def test_a_slip_of_the_pen_is_told_and_never_stumbled_over(seed: int):
    chance, told = random.Random(seed), 0  # noqa: S311 - the slips are the same in every run
    parents: dict[str, Profile] = {"MZ": library.own_profile("GD")}
    for _ in range(60):
        id = chance.choice(library.shipped())
        data = strict_yaml.load(library.profile_text(id))
        for _ in range(chance.choice([1, 1, 2, 3])):
            slipped(data, chance)
        try:
            own = profile_from_data(data)
            problems = review(own, document=DOCUMENT, parent=parents.get(id), home=HOME).problems
        except ProfileError as error:
            problems = error.problems
        told += len(problems)
    assert told > 60


def test_a_word_that_is_unusual_in_its_place_is_told_and_stands_in_no_way():
    duty = "- {id: NEW, clause: 一, quote: 三天以内的, kind: duty, who: unit_head, per: year, does: %s}\n"

    assert found(SOUND + duty % "household_visit") == []
    assert found(SOUND + duty % "village_team") == [("misused_term", "rules.NEW.does")]
    unusual = review(read_profile(SOUND + duty % "village_team"), document=DOCUMENT, parent=None, home=HOME)
    assert unusual.may_be_published
