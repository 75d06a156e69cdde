"""What a newer version of the parent changes, rule by rule, and the file that adopts it."""

import pytest

from policies import library
from policies.lineage import merge
from policies.profile import Profile
from policies.proposal import Difference, moved, rule_changes, setting_changes
from policies.reading import read_profile

PARENT = """
id: P
title: 示例意见
issuers: 省
level: province
since: "2018-01-01"
reviewed_on: "2026-01-01"
settings:
  size: {label: 人数, state: delegated, to: 各县}
  share: {label: 比例, value: 3}
rules:
- {id: P-1, clause: 一, quote: 每村一队, kind: assignment, who: village_team, to: village,
   each_needs: {equals: 1}}
- {id: P-2, clause: 二, quote: 每人两户, kind: assignment, who: household_helper, to: household,
   each_has: {at_most: 2}}
- {id: P-3, clause: 三, quote: 说明, kind: text}
"""
CHILD = """# 县里的文件
id: C
title: 示例办法
issuers: 县
level: county
parent: {id: P, version: 1}  # 钉住第1版
since: "2018-01-01"
reviewed_on: "2026-01-01"
rules:
- {id: C-1, over: P-2, clause: 一, quote: 每人一户, kind: assignment, who: household_helper, to: household,
   each_has: {at_most: 1}}
"""
PINNED = read_profile(PARENT)


def newer(*changes: tuple[str, str]) -> Profile:
    text = PARENT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return read_profile(text).model_copy(update={"version": 2})


def found(*changes: tuple[str, str]) -> list[tuple[str, str | None, str | None, str | None]]:
    """Each change: its kind, and the ids before, after, and of the rule that stands in its place."""
    child = merge(read_profile(CHILD), PINNED)
    return [
        (
            change.difference,
            *(rule.id if rule else None for rule in (change.before, change.after, change.replaced_by)),
        )
        for change in rule_changes(child, PINNED, newer(*changes))
    ]


def test_the_same_rules_are_no_change() -> None:
    assert found() == []


def test_a_rule_that_says_something_else_is_a_change() -> None:
    assert found(("each_needs: {equals: 1}", "each_needs: {equals: 2}")) == [
        (Difference.CHANGED, "P-1", "P-1", None)
    ]


def test_a_rule_that_the_child_has_replaced_names_the_child_s() -> None:
    assert found(("each_has: {at_most: 2}", "each_has: {at_most: 3}")) == [
        (Difference.CHANGED, "P-2", "P-2", "C-1")
    ]


def test_what_is_new_stands_in_its_place_and_what_is_gone_comes_last() -> None:
    changes = ("- {id: P-1,", "- {id: P-0, clause: 〇, quote: 总则, kind: text}\n- {id: P-1x,")

    assert found(changes) == [
        (Difference.ADDED, None, "P-0", None),
        (Difference.ADDED, None, "P-1x", None),
        (Difference.REMOVED, "P-1", None, None),
    ]


def test_settings_are_compared_by_themselves() -> None:
    after = newer(
        ("share: {label: 比例, value: 3}", "share: {label: 比例, value: 5}\n  days: {label: 天数, value: 2}")
    )

    assert [(one.name, one.difference) for one in setting_changes(PINNED, after)] == [
        ("share", Difference.CHANGED),
        ("days", Difference.ADDED),
    ]
    assert list(setting_changes(PINNED, PINNED)) == []


def test_the_moved_file_pins_the_newer_version_and_is_otherwise_untouched() -> None:
    text = moved(CHILD, 12)

    assert text == CHILD.replace("version: 1}", "version: 12}")
    assert read_profile(text).parent.version == 12


@pytest.mark.parametrize(
    "written",
    [
        "parent:\n  id: P\n  version: 1\n",
        'parent: {"version": 1, "id": P}\n',
        "parent: {id: P, version: 1 }\n",
    ],
)
def test_the_pin_is_found_however_it_is_written(written: str) -> None:
    text = CHILD.replace("parent: {id: P, version: 1}  # 钉住第1版\n", written)

    assert merge(read_profile(moved(text, 2)), newer()).parent.version == 2


def test_a_file_without_a_parent_has_no_pin_to_move() -> None:
    with pytest.raises(KeyError):
        moved(PARENT, 2)


def test_the_shipped_county_s_file_keeps_its_comments() -> None:
    text = library.profile_text("MZ")

    assert moved(text, 2) == text.replace("parent: {id: GD, version: 1}", "parent: {id: GD, version: 2}")
