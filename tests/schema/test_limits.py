from dataclasses import replace

import pytest
from graphql import GraphQLError, get_introspection_query, parse

from schema.errors import ErrorCode
from schema.limits import Limits, check
from tests.timing import quickest

LIMITS = Limits(sign_in_fields=frozenset({"sessionOpen", "invitationAccept"}))


def codes(text: str, limits: Limits = LIMITS) -> list[str]:
    return sorted(code(error) for error in check(parse(text), limits))


def code(error: GraphQLError) -> str:
    assert error.extensions is not None
    return str(error.extensions["code"])


def nested(depth: int) -> str:
    return "{a" * depth + "}" * depth


def bomb(levels: int, leaf: str = "a") -> str:
    """Fragments that each spread the next one twice."""
    chain = [f"fragment f{n} on T {{...f{n + 1} ...f{n + 1}}}" for n in range(levels)]
    return " ".join(["{...f0}", *chain, f"fragment f{levels} on T {{{leaf}}}"])


@pytest.mark.parametrize(
    ("_case", "text", "expected"),
    [
        ("十二层，可以", nested(12), []),
        ("十三层，太深", nested(13), ["QUERY_TOO_DEEP"]),
        (
            "片段里的层数也算",
            "{a{a{a{a{a{a{a{...F}}}}}}}} fragment F on T {a{a{a{a{a{a}}}}}}",
            ["QUERY_TOO_DEEP"],
        ),
        ("片段到十二层为止，可以", "{a{a{a{a{a{a{...F}}}}}}} fragment F on T {a{a{a{a{a{a}}}}}}", []),
        ("内联片段不加层", "{a{" + "...{" * 20 + "a" + "}" * 20 + "}}", []),
        (
            "五百个字段，可以",
            "{a{" + " ".join(f"f{n}" for n in range(499)) + "}}",
            [],
        ),
        (
            "五百零一个字段，太多",
            "{a{" + " ".join(f"f{n}" for n in range(500)) + "}}",
            ["TOO_MANY_FIELDS"],
        ),
        ("二十个顶层字段，可以", "{" + " ".join(f"f{n}" for n in range(20)) + "}", []),
        (
            "二十一个顶层字段，太多",
            "{" + " ".join(f"f{n}" for n in range(21)) + "}",
            ["TOO_MANY_ROOT_FIELDS"],
        ),
        (
            "展开后的顶层字段也算",
            "{...F ...F} fragment F on Query {" + " ".join(f"f{n}" for n in range(11)) + "}",
            ["TOO_MANY_ROOT_FIELDS"],
        ),
        (
            "不在顶层展开的片段可以更宽",
            "{a{...F}} fragment F on T {" + " ".join(f"f{n}" for n in range(30)) + "}",
            [],
        ),
        ("三十个别名，可以", "{a{" + " ".join(f"x{n}:a" for n in range(30)) + "}}", []),
        (
            "三十一个别名，太多",
            "{a{" + " ".join(f"x{n}:a" for n in range(31)) + "}}",
            ["TOO_MANY_ALIASES"],
        ),
        ("五十个指令，可以", "{a " + "@skip(if: false) " * 50 + "}", []),
        ("五十一个指令，太多", "{a " + "@skip(if: false) " * 51 + "}", ["TOO_MANY_DIRECTIVES"]),
        ("同名十次，可以", "{a{" + "b " * 10 + "}}", []),
        ("同名十一次，太多", "{a{" + "b " * 11 + "}}", ["TOO_MANY_REPEATS"]),
        ("没有用到的片段也算", "{a} fragment F on T {" + "b " * 11 + "}", ["TOO_MANY_REPEATS"]),
    ],
)
def test_a_document_may_ask_for_so_much_and_no_more(_case: str, text: str, expected: list[str]) -> None:
    assert codes(text) == expected


@pytest.mark.parametrize(
    ("_case", "text", "expected"),
    [
        ("一个变更", "mutation {a}", []),
        ("一个变更和类型名", "mutation {__typename a}", []),
        ("两个变更", "mutation {a b}", ["MUTATION_NOT_SINGLE"]),
        ("同一变更用两个别名", "mutation {x:a y:a}", ["MUTATION_NOT_SINGLE"]),
        ("片段里的第二个变更", "mutation {a ...F} fragment F on Mutation {b}", ["MUTATION_NOT_SINGLE"]),
        ("内联片段里的第二个变更", "mutation {a ...{b}}", ["MUTATION_NOT_SINGLE"]),
        ("两个操作各一个变更", "mutation A {a} mutation B {b}", []),
        ("查询可以有两个顶层字段", "{a b}", []),
    ],
)
def test_a_mutation_has_one_root_field(_case: str, text: str, expected: list[str]) -> None:
    assert codes(text) == expected


@pytest.mark.parametrize(
    ("_case", "text", "expected"),
    [
        ("登录一次", "mutation {sessionOpen}", []),
        (
            "两个操作各登录一次",
            "mutation A {sessionOpen} mutation B {invitationAccept}",
            ["SIGN_IN_REPEATED"],
        ),
        ("不在顶层的同名字段不是登录", "{a{sessionOpen} b{sessionOpen}}", []),
        (
            "用别名登录两次",
            "mutation {x:sessionOpen y:sessionOpen}",
            ["MUTATION_NOT_SINGLE", "SIGN_IN_REPEATED"],
        ),
    ],
)
def test_a_document_tries_one_secret(_case: str, text: str, expected: list[str]) -> None:
    assert codes(text) == expected


@pytest.mark.parametrize("levels", [24, 30, 150])
def test_a_fragment_bomb_costs_little_more_than_reading_it(levels: int) -> None:
    """The best of five: what a busy machine adds is not the limiter's, what doubles with each level is."""
    text = bomb(levels)
    document = parse(text)

    reading = quickest(lambda: parse(text))
    judging = quickest(lambda: check(document, LIMITS))

    assert "TOO_MANY_FIELDS" in [code(error) for error in check(document, LIMITS)]
    assert judging < 10 * reading


def test_a_bomb_of_spreads_without_fields_is_refused() -> None:
    assert codes(bomb(24, leaf="...missing")) == ["TOO_MANY_FIELDS"]


def test_fragments_that_do_not_multiply_pass() -> None:
    chain = " ".join(f"fragment f{n} on T {{...f{n + 1}}}" for n in range(100))

    assert codes("{...f0} " + chain + " fragment f100 on T {a}") == []


@pytest.mark.parametrize(
    "text",
    [
        "{...A} fragment A on T {...A}",
        "{...A} fragment A on T {...B} fragment B on T {a ...A}",
        "{a} fragment A on T {b {...B}} fragment B on T {...A}",
    ],
)
def test_fragments_in_a_circle_are_refused(text: str) -> None:
    (error,) = check(parse(text), LIMITS)

    assert code(error) == ErrorCode.GRAPHQL_VALIDATION_FAILED
    assert "不能在自身之中展开" in error.message


def test_two_fragments_of_one_name_are_refused() -> None:
    (error,) = check(parse("{...A} fragment A on T {a} fragment A on T {b}"), LIMITS)

    assert code(error) == ErrorCode.GRAPHQL_VALIDATION_FAILED


def test_the_introspection_query_passes() -> None:
    everything = get_introspection_query(
        specified_by_url=True,
        directive_is_repeatable=True,
        schema_description=True,
        input_value_deprecation=True,
    )

    assert codes(everything) == []


def test_introspection_has_a_depth_of_its_own() -> None:
    types = "{__schema{types" + "{ofType" * 19 + "}" * 19 + "}}"

    assert codes(types) == ["INTROSPECTION_TOO_DEEP"]
    assert codes(types, replace(LIMITS, introspection_depth=21)) == []


def test_a_name_from_introspection_does_not_hide_depth_beside_it() -> None:
    assert codes("{__schema{types{name}} " + nested(13)[1:]) == ["QUERY_TOO_DEEP"]


def test_every_broken_limit_is_named_once() -> None:
    assert codes(
        bomb(24) + nested(13).replace("{a", "query Q {a", 1).replace("{...f0}", "query P {...f0}")
    ) == [
        "QUERY_TOO_DEEP",
        "TOO_MANY_FIELDS",
        "TOO_MANY_ROOT_FIELDS",
    ]


def test_a_refusal_says_the_limit_in_chinese() -> None:
    (error,) = check(parse(nested(13)), LIMITS)

    assert error.message == "查询嵌套太深，最多 12 层"
