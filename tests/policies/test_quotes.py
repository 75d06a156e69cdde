"""Every quotation of the document stands in the stored text, and a changed one does not."""

import pytest

from policies import library
from policies.checks.quotes import folded, stands_in

QUOTED = [
    (library.own_profile(id).text, rule) for id in library.shipped() for rule in library.own_profile(id).rules
]


@pytest.mark.parametrize(("text", "rule"), QUOTED, ids=[rule.id for _, rule in QUOTED])
def test_the_quotation_stands_in_the_text(text, rule):
    assert stands_in(rule.quote, library.document_text(text))


@pytest.mark.parametrize(("text", "rule"), QUOTED, ids=[rule.id for _, rule in QUOTED])
def test_a_quotation_with_one_character_changed_does_not(text, rule):
    middle = len(rule.quote) // 2

    for place in (0, middle, len(rule.quote) - 1):
        changed = rule.quote[:place] + "龘" + rule.quote[place + 1 :]

        assert not stands_in(changed, library.document_text(text)), changed


def test_a_number_of_days_cannot_be_changed():
    text = library.document_text("HN.txt")

    assert stands_in("3天（含）以内的，报乡镇党委批准", text)
    assert not stands_in("5天（含）以内的，报乡镇党委批准", text)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("（粤组通〔2016〕20号）", "(粤组通[2016]20号)", id="括号的形状"),
        pytest.param("走“两不愁”", '走"两不愁"', id="引号"),
        pytest.param("第３条，报 乡镇\n党委", "第3条,报乡镇党委", id="全角、空格、换行"),
    ],
)
def test_what_a_printer_changes_is_folded(one, other):
    assert folded(one) == folded(other)


def test_book_title_marks_are_not_folded_away():
    assert folded("《办法》") != folded("办法")


def test_an_empty_quotation_stands_nowhere():
    assert not stands_in(" ", "报乡镇党委批准")
