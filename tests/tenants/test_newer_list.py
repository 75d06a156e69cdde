"""What a newer list says differently: joined by county and name, never by code alone."""

from time import process_time

import pytest

from policies.jurisdiction import Level
from tenants import register
from tenants.refusals import Flaw, Refusal
from tenants.register import Entry, newer_list
from tenants.register.newer_list import Change, Difference, differences

COUNTY = "990101000000"
OURS = (
    Entry(COUNTY, "丙县", Level.COUNTY, None),
    Entry("990101100000", "丁镇", Level.TOWNSHIP, COUNTY),
    Entry("990101101000", "戊乡", Level.TOWNSHIP, COUNTY),
    Entry("990101100200", "东村", Level.VILLAGE, "990101100000"),
    Entry("990101100201", "西村", Level.VILLAGE, "990101100000"),
    Entry("990101101200", "东村", Level.VILLAGE, "990101101000"),
)


def found(text: str) -> list[tuple[Change, str, str | None, str | None]]:
    told = differences(OURS, newer_list.read(text, COUNTY), COUNTY)
    return [(one.change, one.name, one.code, one.newer_code) for one in told]


def test_the_same_list_differs_in_nothing() -> None:
    same = "\n".join(f"{entry.code},{entry.name}" for entry in OURS)

    assert found(same) == []
    assert found(f"code,name\r\n{same}\r\n") == []


def test_what_is_new_gone_or_recoded_is_told_by_name() -> None:
    text = "990101,丙县\n990101101,丁镇\n990101102,己镇\n"

    assert found(text) == [
        (Change.RECODED, "丁镇", "990101100000", "990101101000"),
        (Change.ADDED, "己镇", None, "990101102000"),
        (Change.MISSING, "戊乡", "990101101000", None),
    ]


def test_a_code_that_means_another_place_joins_nothing() -> None:
    """两份名单用同一个代码指两个不同的乡。"""
    swapped = "990101100,戊乡\n990101101,丁镇\n"

    assert {(change, name) for change, name, *_ in found(swapped)} == {
        (Change.RECODED, "丁镇"),
        (Change.RECODED, "戊乡"),
    }


def test_villages_of_one_name_are_told_apart_by_their_townships() -> None:
    text = "990101100,丁镇\n990101101,戊乡\n990101100200,东村\n990101100201,西村\n990101101999,东村\n"

    assert found(text) == [(Change.RECODED, "东村", "990101101200", "990101101999")]


def test_a_level_that_the_list_has_not_is_not_compared() -> None:
    assert found("990101100,丁镇\n990101101,戊乡\n") == []


def test_a_level_that_is_written_counts_more_than_zeros() -> None:
    (entry,) = newer_list.read("990101100000,丁镇社区,village\n", COUNTY)

    assert entry == Entry("990101100000", "丁镇社区", Level.VILLAGE, "990101100000")


def test_other_counties_of_the_list_are_left_aside() -> None:
    text = "990102100,庚镇\n990101100,丁镇\n990101101,戊乡\n"

    assert found(text) == []
    with pytest.raises(Refusal) as refused:
        differences(OURS, newer_list.read("990102100,庚镇\n", COUNTY), COUNTY)
    assert refused.value.params["flaw"] is Flaw.WITHOUT_COUNTY


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("990101100,丁镇\n丁镇\n", 2),
        ("990101100,\n", 1),
        ("code,name\nx,丁镇\n", 2),
        ("990101100,丁镇,town\n", 1),
        ("990101100,丁镇,township,more\n", 1),
        ("9901011,丁镇\n" + "\0", 2),
        (f"990101100,丁镇\n990101101,{'戊' * 131_073}\n", 2),
    ],
)
def test_a_line_that_says_nothing_is_named(text: str, line: int) -> None:
    with pytest.raises(Refusal) as refused:
        newer_list.read(text, COUNTY)

    assert (refused.value.params["flaw"], refused.value.params["line"]) == (Flaw.UNREADABLE_LINE, line)


@pytest.mark.parametrize(
    ("row", "most"),
    [
        ("44,a\n", newer_list.MOST_ROWS),
        ("990102100,庚镇\n", newer_list.MOST_ROWS),
        ("990101100,丁镇\n", newer_list.MOST_OF_COUNTY),
    ],
    ids=["省", "外县", "本县"],
)
def test_a_long_list_is_read_to_its_limit_and_no_further(row: str, most: int) -> None:
    """A million rows are given; some ten times what it takes."""
    before = process_time()
    with pytest.raises(Refusal) as refused:
        newer_list.read(row * 1_000_000, COUNTY)

    assert process_time() - before < 2
    assert refused.value.params["flaw"] is Flaw.TOO_MANY
    assert len(newer_list.read(row * most, COUNTY)) == (most if "990101" in row else 0)


def test_a_real_county_against_itself_differs_in_nothing() -> None:
    county = "440823000000"
    ours = [e for level in newer_list.BELOW_COUNTY for e in register.listed(level, county)]
    text = "\n".join(f"{entry.code},{entry.name},{entry.level}" for entry in ours)

    assert differences(ours, newer_list.read(text, county), county) == ()
    recoded = differences(ours, newer_list.read(text.replace(ours[0].code[:9], "440823099"), county), county)
    of_township = [e for e in ours if e.code.startswith(ours[0].code[:9])]
    assert {one.change for one in recoded} == {Change.RECODED}
    assert {one.code for one in recoded} == {entry.code for entry in of_township}
    assert recoded[0] == Difference(
        Change.RECODED, Level.TOWNSHIP, ours[0].name, ours[0].code, "440823099000"
    )
