"""YAML that means what it seems to mean, and nothing else."""

from decimal import Decimal

import pytest
import yaml

from policies.strict_yaml import MOST_LEVELS, load


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("on", "on"),
        ("no", "no"),
        ("Yes", "Yes"),
        ("true", True),
        ("false", False),
        ("2018-06-15", "2018-06-15"),
        ("12:30", "12:30"),
        ("010", "010"),
        ("0", 0),
        ("-3", -3),
        ("2.5", Decimal("2.5")),
        ("0.1", Decimal("0.1")),
        (".inf", ".inf"),
        ("1e3", "1e3"),
        ("9" * 19, "9" * 19),
        ("0." + "1" * 19, "0." + "1" * 19),
        ("null", None),
        ('"3"', "3"),
    ],
)
def test_a_word_is_read_as_it_is_written(written, read):
    value = load(f"key: {written}")["key"]

    assert value == read
    assert type(value) is type(read)


def test_the_key_on_stays_a_word():
    assert load("on: 1") == {"on": 1}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("a: 1\na: 2", "repeated key a"),
        ("a: {b: 1, b: 2}", "repeated key b"),
        ("a: &x [1]\nb: *x", "alias"),
        ("? [a, b]\n: 1", "a key is one word"),
        ("a: [1", "expected"),
        ("a: !!python/object:os.system x", "could not determine a constructor"),
        ("[" * 5000, "nested too deeply"),
        ("[" * (MOST_LEVELS + 1) + "]" * (MOST_LEVELS + 1), "nested too deeply"),
    ],
    ids=["顶层重复", "内层重复", "别名", "键不是词", "没写完", "对象", "嵌套很深", "嵌套多一层"],
)
def test_what_says_something_other_than_it_seems_is_refused(text, why):
    with pytest.raises(yaml.YAMLError, match=why):
        load(text)


def test_the_same_key_may_stand_in_two_mappings():
    assert load("a: {x: 1}\nb: {x: 2}") == {"a": {"x": 1}, "b": {"x": 2}}


def test_as_many_levels_as_are_allowed_are_read():
    assert load("[" * MOST_LEVELS + "]" * MOST_LEVELS)
