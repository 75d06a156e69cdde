"""What the GraphQL library says is told in Chinese, and never tells a name that was not asked for."""

import re
from collections.abc import AsyncGenerator
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

import pytest
import strawberry
from graphql import ASTValidationRule, parse, specified_rules, validate
from strawberry import relay
from strawberry.schema.config import StrawberryConfig

from schema import library
from schema.documents import Documents
from schema.errors import Language
from schema.execution import ZerenSchema
from schema.limits import Limits
from schema.scalars import SCALARS
from tests.sentences import prose, unreadable
from tests.timing import quickest


@strawberry.enum
class Colour(Enum):
    BROWN = "brown"
    BLACK = "black"


@strawberry.input
class GoatInput:
    name: str
    colour: Colour = Colour.BROWN
    born_on: date | None = None


@strawberry.input(one_of=True)
class Which:
    name: strawberry.Maybe[str]
    number: strawberry.Maybe[int]


@strawberry.type
class Goat:
    name: str = "山羊"

    @strawberry.field
    def mother(self) -> "Goat":
        return Goat()

    @strawberry.field
    def horns(self, longer_than: int = 0) -> int:
        return longer_than


@strawberry.type
class Query:
    @strawberry.field
    def goat(self, input: GoatInput | None = None) -> Goat:
        return Goat()

    @strawberry.field
    def find(self, which: Which) -> Goat:
        return Goat()

    @strawberry.field
    def born(self, on: date, colour: Colour | None = None) -> str:
        return str(on)

    @strawberry.field
    def at(self, moment: datetime) -> str:
        return str(moment)

    @strawberry.field
    def by_id(self, id: relay.GlobalID) -> str:
        return str(id)

    @strawberry.field
    def weighed(self, kilos: float, exactly: Decimal | None = None, by: UUID | None = None) -> str:
        return "40"

    @strawberry.field
    def named(self, names: list[str], loudly: bool = False, id: strawberry.ID | None = None) -> str:
        return "".join(names)


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def goats(self) -> AsyncGenerator[Goat, None]:
        yield Goat()

    @strawberry.subscription
    async def more(self) -> AsyncGenerator[Goat, None]:
        yield Goat()


SCHEMA = ZerenSchema(
    Query,
    subscription=Subscription,
    documents=Documents(Limits()),
    config=StrawberryConfig(scalar_map=SCALARS),
)

DOCUMENTS = [
    "{",
    "{goat{name}",
    "{goat{name}} }",
    "query Goat($n) {goat{name}}",
    "query ($n: Int = $m) {goat{name}}",
    "{goat(input: {name: 'x'}){name}}",
    '{goat(input: {name: "x',
    '{goat(input: {name: "\\x"}){name}}',
    '{goat(input: {name: "\\u12"}){name}}',
    "{goat{name .. name}}",
    "{goat{name ? name}}",
    "{goat{horns(longerThan: .5)}}",
    "{goat{horns(longerThan: 01)}}",
    "{goat{horns(longerThan: -)}}",
    "{goat{name\x07}}",
    '"a description" {goat{name}}',
    "{goat{name}} type Goat {name: String}",
    "{sheep}",
    "{goat{nme}}",
    "{goat(inputs: 1){name}}",
    "{goat{name @loudly}}",
    "{goat{name @skip(iff: true)}}",
    "{goat{name @skip}}",
    "{goat{name @skip(if: true) @skip(if: true)}}",
    "query @skip(if: true) {goat{name}}",
    "{goat{x: name y: horns} goat{x: horns y: name}}",
    "{goat{"
    + " ".join(f"x{n}: name" for n in range(12))
    + "} goat{"
    + " ".join(f"x{n}: horns" for n in range(12))
    + "}}",
    "{goat{...F}}",
    "{goat{name}} fragment F on Goat {name}",
    "{goat{...F}} fragment F on Sheep {name}",
    "{goat{...F}} fragment F on Colour {name}",
    "{goat{... on Int {name}}}",
    "{goat{...F}} fragment F on Query {goat{name}}",
    "{goat{... on Query {goat{name}}}}",
    "{goat{...F}} fragment F on Goat {...F}",
    "{goat{...F}} fragment F on Goat {...G} fragment G on Goat {...F}",
    "{goat{...F}} fragment F on Goat {name} fragment F on Goat {name}",
    "{goat}",
    "{goat{mother}}",
    "{goat{name{first}}}",
    "{goat{name name: horns}}",
    "{goat{horns horns(longerThan: 1)}}",
    '{a: goat{name} a: born(on: "2018-06-15")}',
    "{goat{mother{name}} goat{mother{name: horns}}}",
    "{goat{name}} query B {goat{name}}",
    "query A {goat{name}} query A {goat{name}}",
    "query ($n: Int, $n: Int) {goat{horns(longerThan: $n)}}",
    "query ($n: Goat) {goat{name}}",
    "query ($n: Sheep) {goat{name}}",
    "query ($n: Int) {goat{name}}",
    "query A($n: Int) {goat{name}}",
    "{goat{horns(longerThan: $n)}}",
    "query A {goat{horns(longerThan: $n)}}",
    "query ($n: String) {goat{horns(longerThan: $n)}}",
    "{goat{horns(longerThan: 1, longerThan: 2)}}",
    '{goat(input: {name: "x", name: "y"}){name}}',
    "{goat(input: {}){name}}",
    '{goat(input: {name: "x", nam: "y"}){name}}',
    "{goat(input: 5){name}}",
    "{goat(input: {name: 5}){name}}",
    "{goat(input: {name: null}){name}}",
    '{goat(input: {name: "x", colour: BROW}){name}}',
    '{goat(input: {name: "x", colour: "BROWN"}){name}}',
    "{born}",
    '{born(on: "yesterday")}',
    "{born(on: 5)}",
    '{born(on: "1800-01-01")}',
    '{at(moment: "noon")}',
    '{goat{horns(longerThan: "long")}}',
    "{goat{horns(longerThan: 99999999999)}}",
    '{weighed(kilos: "heavy")}',
    '{weighed(kilos: 1, exactly: "heavy")}',
    '{weighed(kilos: 1, by: "hand")}',
    '{named(names: "x", loudly: "yes")}',
    '{named(names: ["x"], id: 1.5)}',
    "{find(which: {}){name}}",
    '{find(which: {name: "x", number: 1}){name}}',
    "{find(which: {name: null}){name}}",
    "query ($n: String) {find(which: {name: $n}){name}}",
    "subscription {goats{name} more{name}}",
    "subscription S {goats{name} more{name}}",
    "subscription {__typename}",
    "subscription S {__typename}",
    "mutation {feed}",
    "{" + " ".join(f"w{n}" for n in range(40)) + "}",
]
VARIABLES: list[tuple[str, dict[str, Any]]] = [
    ("query ($n: Int!) {goat{horns(longerThan: $n)}}", {}),
    ("query ($n: Int!) {goat{horns(longerThan: $n)}}", {"n": None}),
    ("query ($n: Int!) {goat{horns(longerThan: $n)}}", {"n": "long"}),
    ("query ($n: Int!) {goat{horns(longerThan: $n)}}", {"n": 2**40}),
    ("query ($n: Int = 3) {goat{horns(longerThan: $n)}}", {"n": None}),
    ("query ($f: Float!) {weighed(kilos: $f)}", {"f": "heavy"}),
    ("query ($s: [String!]!) {named(names: $s)}", {"s": [1]}),
    ("query ($b: Boolean!) {named(names: [], loudly: $b)}", {"b": "yes"}),
    ("query ($i: ID!) {named(names: [], id: $i)}", {"i": [1]}),
    ("query ($d: Date!) {born(on: $d)}", {"d": "yesterday"}),
    ("query ($d: Date!) {born(on: $d)}", {"d": 5}),
    ("query ($d: Date!) {born(on: $d)}", {"d": "2018-02-30"}),
    ("query ($d: Date!) {born(on: $d)}", {"d": "2100-01-01"}),
    ("query ($t: DateTime!) {at(moment: $t)}", {"t": "noon"}),
    ("query ($x: Decimal) {weighed(kilos: 1, exactly: $x)}", {"x": "heavy"}),
    ("query ($x: UUID) {weighed(kilos: 1, by: $x)}", {"x": "hand"}),
    ('query ($c: Colour) {born(on: "2018-06-15", colour: $c)}', {"c": "BROW"}),
    ('query ($c: Colour) {born(on: "2018-06-15", colour: $c)}', {"c": 5}),
    ("query ($g: GoatInput) {goat(input: $g){name}}", {"g": 5}),
    ("query ($g: GoatInput) {goat(input: $g){name}}", {"g": {}}),
    ("query ($g: GoatInput) {goat(input: $g){name}}", {"g": {"name": "x", "nam": "y"}}),
    ("query ($g: GoatInput) {goat(input: $g){name}}", {"g": {"name": "x", "colour": "BROW"}}),
    ("query ($g: GoatInput) {goat(input: $g){name}}", {"g": {"name": "x", "bornOn": "yesterday"}}),
    ("query ($w: Which!) {find(which: $w){name}}", {"w": {}}),
    ("query ($w: Which!) {find(which: $w){name}}", {"w": {"name": "x", "number": 1}}),
    ("query ($w: Which!) {find(which: $w){name}}", {"w": {"name": None}}),
    ("query ($n: String!) {find(which: {name: $n}){name}}", {}),
    ("query ($i: ID!) {byId(id: $i)}", {"i": "no such id"}),
    ("query ($s: [String!]!) {named(names: $s)}", {"s": [1] * 60}),
]


async def messages(text: str, variables: dict[str, Any], language: Language) -> list[str]:
    result = await SCHEMA.execute(text, variables, context_value={"language": language.value})
    return [error.message for error in result.errors or []]


@pytest.mark.parametrize(("text", "variables"), [*((text, {}) for text in DOCUMENTS), *VARIABLES], ids=str)
async def test_a_mistake_is_told_in_chinese_or_in_english(text: str, variables: dict[str, Any]) -> None:
    chinese = await messages(text, variables, Language.ZH)
    english = await messages(text, variables, Language.EN)

    assert chinese
    assert [prose(message) for message in chinese] == [None] * len(chinese)
    assert len(english) == len(chinese)
    for zh, en in zip(chinese, english, strict=True):
        assert (zh.partition("：")[2] or zh) != (en.partition(": ")[2] or en)
        assert not re.search(r"did you mean|是不是", zh + en, re.IGNORECASE)


@pytest.mark.parametrize("digits", [30, 6000])
async def test_a_number_is_too_large_however_long_it_is(digits: int) -> None:
    """Python reads no number of more than 4300 digits, and says so in its own words."""
    text = "{goat{horns(longerThan: %s)}}" % ("9" * digits)

    (english,) = await messages(text, {}, Language.EN)
    (chinese,) = await messages(text, {}, Language.ZH)

    assert ": Int cannot represent non 32-bit signed integer value: 999" in english
    assert "：整数太大或太小，收到 999" in chinese
    assert max(len(english), len(chinese)) < 600


def test_what_a_chinese_reader_stumbles_over_is_found() -> None:
    english = "查询语句不符合接口定义：Cannot query field 'nme' on type 'Goat'."
    code = "该申请已办结，状态为 in_progress"
    fine = "没有“a_b”这个词，可用：请假（leave_days）"

    assert unreadable({"errors": [{"message": english}, {"message": "类型 Goat 没有字段 nme"}]}) == [english]
    answer = {"data": {"a": [{"userErrors": [{"message": code}, {"message": fine}]}]}}
    assert unreadable(answer) == [code]


def broken_by(text: str) -> set[type[ASTValidationRule]]:
    try:
        document = parse(text)
    except Exception:
        return set()
    return {rule for rule in specified_rules if validate(SCHEMA._schema, document, [rule])}


# Incremental delivery is off, so that no directive is there that these rules could be about; our own limit
# on the depth of introspection comes first.
IDLE = {
    "DeferStreamDirectiveLabel",
    "DeferStreamDirectiveOnRootField",
    "DeferStreamDirectiveOnValidOperationsRule",
    "StreamDirectiveOnListField",
    "MaxIntrospectionDepthRule",
}


def test_every_rule_of_validation_has_its_mistake_here() -> None:
    broken = {rule for text in DOCUMENTS for rule in broken_by(text)}

    assert {rule.__name__ for rule in set(specified_rules) - broken} == IDLE


@pytest.mark.parametrize(
    ("text", "zh"),
    [
        ("{goat{nme}}", "查询语句不符合接口定义：类型 Goat 没有字段 nme"),
        ("{goat", "查询语句有语法错误：语句没有写完，此处应为 Name"),
        ("{born}", "查询语句不符合接口定义：缺少必填参数 Query.born(on:)，类型 Date!"),
        ('{born(on: "yesterday")}', "查询语句不符合接口定义：不是日期，应如 2018-06-15：“yesterday”"),
    ],
)
async def test_a_sentence_says_what_to_change(text: str, zh: str) -> None:
    assert [message[: len(zh)] for message in await messages(text, {}, Language.ZH)] == [zh]


async def test_a_variable_is_named_with_the_place_in_it() -> None:
    text = "query ($g: GoatInput) {goat(input: $g){name}}"

    said = await messages(text, {"g": {"name": "x", "bornOn": "2100-01-01"}}, Language.ZH)

    assert said == ["输入有误：变量 $g 的 .bornOn 有误：年份应在 1950 到 2099 之间"]


def test_what_the_table_does_not_have_is_told_as_it_stands() -> None:
    assert library.chinese("The goat is out.") == "The goat is out."


def test_a_long_echo_is_cut() -> None:
    said = library.chinese("Int cannot represent non-integer value: " + "x" * 100_000)

    assert said.startswith("应是整数，收到 xxx")
    assert len(said) < 600


ODD = [
    "Expected " + ", found " * 60 + "!",
    "Variable '" * 50,
    "'" * 500,
    "Fields 'a' conflict because " * 900,
]


@pytest.mark.parametrize("said", ODD, ids=lambda said: said[:12])
def test_an_odd_message_is_read_at_once(said: str) -> None:
    assert quickest(lambda: library.chinese(said)) < 0.1
