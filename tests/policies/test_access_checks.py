from collections.abc import Iterable

import pytest

from policies.access import AccessError, Act, Authority, Grant, Reach, compile_access
from policies.grants import platform
from policies.vocabulary import Category, vocabulary
from policies.vocabulary import Term as Word


def _codes(*grants: Grant, terms: Iterable[Word] = ()) -> list[str]:
    with pytest.raises(AccessError) as refused:
        compile_access("refused", grants, (), terms=terms)
    return [problem.code for problem in refused.value.problems]


@pytest.mark.parametrize(
    ("_case", "grant", "code"),
    [
        ("通配对象", Grant("township_mayor", "*.read", "subtree"), "noun_malformed"),
        ("通配动作", Grant("township_mayor", "household.*", "subtree"), "act_unknown"),
        ("通配角色", Grant("*", "household.read", "subtree"), "role_malformed"),
        ("空角色", Grant("", "household.read", "subtree"), "role_malformed"),
        ("空白角色", Grant(" ", "household.read", "subtree"), "role_malformed"),
        ("像代码的动作", Grant("township_mayor", "household.read' or True", "subtree"), "act_unknown"),
        ("没有动作", Grant("township_mayor", "household", "subtree"), "noun_malformed"),
        ("没有的范围", Grant("township_mayor", "household.read", "everything"), "reach_unknown"),
        ("大写的效果", Grant("township_mayor", "household.read", "subtree", "Deny"), "effect_unknown"),
        ("带空格的效果", Grant("township_mayor", "household.read", "subtree", " deny"), "effect_unknown"),
        ("超出上限", Grant("township_mayor", "household.read", "tenant"), "above_ceiling"),
        ("单位角色要整片", Grant("unit_head", "household.read", "subtree"), "above_ceiling"),
        ("不由文件授予", Grant("township_mayor", "post.create", "subtree"), "not_grantable"),
        ("谁也不得改审计", Grant("county_head", "audit.update", "tenant"), "not_grantable"),
        ("给所有人", Grant("anyone", "household.read", "subtree"), "role_reserved"),
        ("给县管理员", Grant("county_admin", "household.read", "subtree"), "role_reserved"),
        ("谁也发布不了", Grant("anyone", "profile.publish", "tenant", "deny"), "not_deniable"),
        ("管理员起草不了", Grant("county_admin", "profile.create", "own", "deny"), "not_deniable"),
        ("县审计员看不到审计", Grant("auditor", "audit.read", "tenant", "deny"), "role_reserved"),
        ("省管理员开不了户", Grant("province_admin", "place.create", "any", "deny"), "role_reserved"),
        ("谁也看不到审计", Grant("anyone", "audit.read", "tenant", "deny"), "not_deniable"),
        ("兼任的审计员", Grant("first_secretary", "audit.read", "own", "deny"), "not_deniable"),
        ("任务看不到", Grant("anyone", "job.read", "own", "deny"), "not_deniable"),
        ("附件看不到", Grant("anyone", "attachment.read", "own", "deny"), "not_deniable"),
        ("包含的角色超限", Grant("county_leader", "household.read", "any"), "above_ceiling"),
    ],
)
def test_a_grant_is_refused(_case: str, grant: Grant, code: str) -> None:
    assert code in _codes(grant)


@pytest.mark.parametrize(
    "grant",
    [
        Grant("township_mayor", "household.read", "subtree"),
        Grant("township_mayor", "household.read", "node"),
        Grant("township_mayor", "household.read", "own"),
        Grant("unit_head", "household.read", "unit"),
        Grant("county_head", "household.read", "tenant"),
        Grant("county_head", "household.read", "unit"),
        Grant("anyone", "household.read", "tenant", "deny"),
    ],
)
def test_a_grant_at_or_under_the_ceiling_and_a_denial_are_accepted(grant: Grant) -> None:
    assert compile_access("ok", [grant], ()).digest == "ok"


def test_all_problems_come_at_once_each_with_its_path() -> None:
    grants = [
        Grant("township_mayor", "household.read", "tenant"),
        Grant("township_mayor", "household.read", "subtree"),
        Grant("township_mayor", "household.read", "subtree"),
    ]
    with pytest.raises(AccessError) as refused:
        compile_access(
            "many", grants, [Authority("a organ", "", "wide")], organs=["nobody", "county_government"]
        )

    assert [(p.path, p.code) for p in refused.value.problems] == [
        ("authorities.nobody", "organ_without_authority"),
        ("platform.own_case.0", "noun_malformed"),
        ("authorities.0", "role_malformed"),
        ("authorities.0", "noun_malformed"),
        ("authorities.0", "reach_unknown"),
        ("grants.0", "above_ceiling"),
        ("grants.2", "row_repeated"),
    ]
    assert all(p.zh and p.en for p in refused.value.problems)


def test_a_word_for_roles_may_not_lift_one_of_them_above_its_ceiling() -> None:
    word = Word(id="all_heads", label="各路负责人", category=Category.ROLE, includes=("unit_head",))

    assert _codes(Grant("all_heads", "household.read", "subtree"), terms=[word]) == ["above_ceiling"]
    assert compile_access("ok", [Grant("all_heads", "household.read", "unit")], (), terms=[word])


def test_a_profile_declares_no_role_by_the_name_of_an_office() -> None:
    word = Word(id="anyone", label="任何人", category=Category.ROLE)

    assert _codes(terms=[word]) == ["role_reserved"]


def test_a_word_that_includes_an_office_is_refused() -> None:
    word = Word(id="bosses", label="头头", category=Category.ROLE, includes=("county_admin",))

    assert _codes(terms=[word, Word(id="county_admin", label="县管理员", category=Category.ROLE)]) == [
        "role_reserved",
        "role_reserved",
    ]


def test_every_word_of_the_platform_is_in_the_glossary_and_every_authority_has_a_reason() -> None:
    law, words = platform(), vocabulary()
    named = {g.role for g in law.grants} | {a.role for a in law.authorities} | law.classes.keys()

    assert sorted(named - law.offices.keys() - {t.id for t in words.terms(Category.ROLE)}) == []
    assert sorted(a.organ for a in law.authorities if a.organ not in words.words) == []
    assert all(a.reason for a in law.authorities)


def test_the_platform_reaches_beyond_a_place_only_for_a_province_and_in_denials() -> None:
    beyond = [(g.role, g.permission, g.effect) for g in platform().grants if g.reach == Reach.ANY]

    assert beyond == [
        ("anyone", "audit.update", "deny"),
        ("anyone", "audit.delete", "deny"),
        ("province_admin", "place.read", "allow"),
        ("province_admin", "place.create", "allow"),
        ("province_admin", "place.update", "allow"),
        ("province_admin", "summary.read", "allow"),
    ]


def test_acts_are_a_closed_list() -> None:
    assert {"read", "act_for", "approve"} <= set(Act)
    assert "*" not in set(Act)
