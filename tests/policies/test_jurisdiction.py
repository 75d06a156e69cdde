"""Division codes: the half-open range of a subtree, and ancestors by level."""

import pytest

from policies.jurisdiction import Level, MalformedCode, ancestor, contains, lineage, subtree


@pytest.mark.parametrize(
    ("code", "upper"),
    [
        pytest.param("440000000000", "450000000000", id="省"),
        pytest.param("440800000000", "440900000000", id="地市"),
        pytest.param("440811000000", "440812000000", id="县区"),
        pytest.param("440811003000", "440811004000", id="乡镇"),
        pytest.param("440811003201", "440811003202", id="村"),
        pytest.param("449900000000", "450000000000", id="末位进到省"),
        pytest.param("440811999000", "440812000000", id="末位进到县"),
        pytest.param("440811003999", "440811004000", id="末位进到乡镇"),
        pytest.param("990000000000", ":", id="没有更大的省"),
    ],
)
def test_the_range_begins_at_the_code_and_ends_before_its_next_sibling(code, upper):
    assert subtree(code) == (code, upper)


def test_the_range_holds_the_whole_subtree_and_nothing_beside_it():
    county = "440811000000"

    assert contains(county, county)
    assert contains(county, "440811001000")
    assert contains(county, "440811999999")
    assert not contains(county, "440810999999")
    assert not contains(county, "440812000000")
    assert not contains(county, "440800000000")


def test_the_last_range_holds_the_last_code():
    assert contains("990000000000", "999999999999")
    assert not contains("980000000000", "990000000000")


@pytest.mark.parametrize(
    ("level", "code"),
    [
        ("province", "440000000000"),
        ("prefecture", "440800000000"),
        ("county", "440811000000"),
        ("township", "440811003000"),
        (Level.VILLAGE, "440811003201"),
    ],
)
def test_each_ancestor_of_a_village(level, code):
    assert ancestor("440811003201", level) == code


def test_a_township_directly_under_a_prefecture_keeps_its_zeros():
    assert ancestor("441900003000", "county") == "441900000000"
    assert subtree("441900003000") == ("441900003000", "441900004000")


def test_a_county_has_no_township_above_it():
    with pytest.raises(ValueError, match="lies above the level township"):
        ancestor("440811000000", "township")


def test_a_lineage_begins_with_the_province_and_ends_with_the_code():
    assert lineage("440811003201") == (
        "440000000000",
        "440800000000",
        "440811000000",
        "440811003000",
        "440811003201",
    )
    assert lineage("440000000000") == ("440000000000",)
    assert lineage("441900003000") == ("440000000000", "441900000000", "441900003000")


def test_a_level_that_is_none_is_refused():
    with pytest.raises(ValueError, match="hamlet"):
        ancestor("440811003201", "hamlet")


@pytest.mark.parametrize(
    "code",
    [
        "",
        "440811",
        "44081100300",
        "4408110030001",
        "44081100300a",
        "４４０８１１００３０００",
        "000000000000",
        "040000000000",
        " 440811003000",
    ],
)
def test_a_malformed_code_is_refused(code):
    with pytest.raises(MalformedCode):
        subtree(code)
    with pytest.raises(MalformedCode):
        ancestor(code, "county")
    with pytest.raises(MalformedCode):
        contains("440811000000", code)
