"""What an operation costs is known before it begins, and never depends on how it is written down."""

from itertools import count
from typing import Any

import pytest
import strawberry
from graphql import (
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    get_introspection_query,
    is_leaf_type,
    parse,
)
from strawberry import relay
from strawberry.types import ExecutionResult

from bench.documents import QUERY
from schema.connections import LONGEST_PAGE
from schema.costs import LONGEST_LIST, SATURATED, Cost, Price
from schema.documents import Documents
from schema.execution import ZerenSchema
from schema.limits import Limits
from schema.nodes import MOST_IDS
from schema.places import MOST_PLACES
from schema.root import schema as zeren
from tests.timing import quickest


@strawberry.type
class Goat:
    name: str

    @strawberry.field
    def mother(self) -> "Goat":
        return self

    @strawberry.field
    def kids(self) -> list["Goat"]:
        return []

    @strawberry.field(metadata={"cost": Cost(items=2)})
    def horns(self) -> list["Goat"]:
        return []

    @strawberry.field
    def names(self) -> list[str]:
        return []

    @strawberry.field(metadata={"cost": Cost(points=7)})
    def weight(self) -> int:
        return 40


@strawberry.type
class GoatEdge:
    cursor: str
    node: Goat


@strawberry.type
class GoatConnection:
    nodes: list[Goat]
    edges: list[GoatEdge]

    @strawberry.field(metadata={"cost": Cost(points=10)})
    def total_count(self) -> int:
        return 0


@strawberry.type
class Query:
    @strawberry.field
    def goat(self) -> Goat:
        return Goat(name="山羊")

    @strawberry.field
    def goats(self, first: int = 20) -> GoatConnection:
        return GoatConnection(nodes=[], edges=[])

    @strawberry.field
    def herd(self, first: int = 20) -> list[Goat]:
        return []

    @strawberry.field
    def picked(self, ids: list[relay.GlobalID]) -> list[Goat]:
        return []

    @strawberry.field(metadata={"cost": Cost(points=30)})
    def weighing(self) -> Goat:
        return Goat(name="山羊")


SCHEMA = ZerenSchema(Query)


def cost(text: str, name: str | None = None, **variables: Any) -> int:
    return Price(SCHEMA._schema, parse(text)).of(name, variables)


@pytest.mark.parametrize(
    ("_case", "text", "points"),
    [
        ("至少一点", "{__typename}", 1),
        ("一个对象一点", "{goat{name}}", 1),
        ("对象里的对象", "{goat{name mother{mother{name}}}}", 3),
        ("值的列表不花点数", "{goat{names}}", 1),
        ("没有写明长度的列表按五个", "{goat{kids{name}}}", 6),
        ("字段声明的长度", "{goat{horns{name}}}", 3),
        ("列表里的列表相乘", "{goat{kids{horns{name}}}}", 1 + 5 * (1 + 2)),
        ("字段声明的点数", "{goat{weight} weighing{name}}", 1 + 7 + 30 + 1),
        ("列表里的贵字段也相乘", "{goat{kids{weight}}}", 1 + 5 * (1 + 7)),
        ("分页默认二十", "{goats{nodes{name}}}", 1 + 20),
        ("分页按 first", "{goats(first: 3){nodes{name}}}", 1 + 3),
        ("边和节点各算一遍", "{goats(first: 3){nodes{name} edges{cursor node{name}}}}", 1 + 3 + 3 * 2),
        ("总数不随页长", "{goats(first: 3){totalCount}}", 1 + 10),
        ("页里的列表相乘", "{goats(first: 3){nodes{kids{name}}}}", 1 + 3 * (1 + 5)),
        ("带 first 的列表", "{herd(first: 4){name mother{name}}}", 4 * 2),
        ("按编号取的列表", '{picked(ids: ["a", "b"]){name}}', 2),
        ("再长的数字也有定价", "{picked(ids: " + "9" * 6000 + "){name}}", 1000),
        ("空的编号列表", "{picked(ids: []){name} goat{name}}", 1),
        ("内联片段不加价", "{goat{...{...on Goat{mother{name}}}}}", 2),
        ("同一字段写两遍算两遍", "{goat{name} goat{name}}", 2),
        ("不要的不算", "{goat{name mother @skip(if: true){name}} herd @include(if: false){name}}", 1),
        ("要的照算", "{goat{mother @skip(if: false){name}} herd(first: 2) @include(if: true){name}}", 4),
        ("不要的片段不算", "{goat{...F @skip(if: true)}} fragment F on Goat{mother{name}}", 1),
        (
            "片段在哪里展开就在哪里算",
            "{goat{...F} herd(first: 3){...F}} fragment F on Goat{mother{name}}",
            2 + 6,
        ),
        ("分页上的片段按那一页算", "{goats(first: 3){...P}} fragment P on GoatConnection{nodes{name}}", 4),
        (
            "同一片段两种页长",
            "{a:goats(first: 3){...P} b:goats(first: 50){...P}} fragment P on GoatConnection{...Q totalCount}"
            " fragment Q on GoatConnection{nodes{...F} edges{node{name}}} fragment F on Goat{kids{name}}",
            (1 + 10 + 3 * (6 + 2)) + (1 + 10 + 50 * (6 + 2)),
        ),
        ("整份接口定义有定价", get_introspection_query(), 500),
        ("一个类型的定义", '{__type(name: "Goat"){fields{name}}}', 10),
    ],
)
def test_an_operation_has_a_price(_case: str, text: str, points: int) -> None:
    assert cost(text) == points


NODES = "query($n: Int = 50, $s: Boolean = false){goats(first: $n){nodes @skip(if: $s){name}}}"


def test_variables_set_the_price() -> None:
    price = Price(SCHEMA._schema, parse(NODES))

    assert [price.of(None, {"n": n}) for n in (1, 20, 100)] == [2, 21, 101]
    assert [price.of(None, given) for given in ({}, None, {"n": 3, "s": True})] == [51, 51, 1]
    assert price.of(None, {"n": None}) == 1 + 20
    assert [price.of(None, {"n": n}) for n in (100, 20, 1)] == [101, 21, 2]


def test_ids_in_a_variable_are_counted() -> None:
    text = "query($ids: [ID!]!){picked(ids: $ids){name}}"

    assert [cost(text, ids=["a"] * n) for n in (0, 1, 100, 5000)] == [1, 1, 100, 1000]


@pytest.mark.parametrize("given", [1001, 2**31, 1e300, float("inf"), float("nan"), "many", {}, None])
def test_what_is_no_length_is_never_cheaper_than_the_default(given: object) -> None:
    """The operation refuses such a value later; it must not have been let in for less."""
    assert cost(NODES, n=given) in (1 + 20, 1 + 1000)


@pytest.mark.parametrize("given", [-1, -(2**40), float("-inf"), 0, 0.5])
def test_nothing_is_asked_for_less_than_nothing(given: float) -> None:
    assert cost(NODES, n=given) == 1


def test_the_default_of_another_operation_makes_nothing_cheaper() -> None:
    text = (
        "query Dear($n: Int = 100){goats(first: $n){nodes{name}}}"
        " query Cheap($n: Int = 1){goats(first: $n){nodes{name}}}"
    )

    assert (cost(text, "Dear"), cost(text, "Cheap")) == (101, 2)


def bomb(levels: int) -> str:
    """Fragments that each spread the next one twice: 2**levels objects."""
    chain = [f"fragment f{n} on Goat{{...f{n + 1} ...f{n + 1}}}" for n in range(levels)]
    return " ".join(
        ["query($s: Boolean){goat{...f0}}", *chain, f"fragment f{levels} on Goat{{mother{{name}}}}"]
    )


def test_a_small_bomb_is_counted_to_the_point() -> None:
    assert cost(bomb(10)) == 1 + 2**10


@pytest.mark.parametrize("levels", [24, 30, 150])
def test_a_bomb_costs_milliseconds_to_price(levels: int) -> None:
    """The best of five: what a busy machine adds is not ours, what doubles with each level is."""
    document = parse(bomb(levels))

    assert Price(SCHEMA._schema, document).of(None, {}) == SATURATED
    assert quickest(lambda: Price(SCHEMA._schema, document).of(None, {})) < 0.02


def test_the_price_is_remembered_by_what_it_hangs_on() -> None:
    document = parse(QUERY)
    price, others = Price(zeren._schema, document), count()
    first = price.of(None, {})

    anew = quickest(lambda: Price(zeren._schema, document).of(None, {}))
    again = quickest(lambda: price.of(None, {"other": next(others)}), times=20)

    assert price.of(None, {"other": 1}) == first
    assert again < anew / 5


async def run(text: str, limit: int = 5000, **variables: Any) -> ExecutionResult:
    schema = ZerenSchema(Query, documents=Documents(Limits(cost=limit)))
    return await schema.execute(text, variables)


async def test_what_costs_too_much_is_not_begun() -> None:
    cheap = await run("{goats(first: 99){nodes{name}}}", limit=100)
    dear = await run("{goats(first: 100){nodes{name}}}", limit=100)

    assert cheap.data == {"goats": {"nodes": []}}
    assert dear.data is None
    (error,) = dear.errors or []
    assert error.extensions == {"code": "QUERY_TOO_COSTLY", "limit": 100, "found": 101}
    assert error.message == "查询的花费太高：101 点，最多 100 点；请减少每页条数或嵌套的列表"


async def test_one_document_is_dear_or_cheap_by_its_variables() -> None:
    codes = [
        [(error.extensions or {})["code"] for error in (await run(NODES, limit=50, n=n)).errors or []]
        for n in (10, 60, 10)
    ]

    assert codes == [[], ["QUERY_TOO_COSTLY"], []]


def test_a_page_of_a_hundred_with_all_its_signers_is_affordable() -> None:
    price = Price(zeren._schema, parse(QUERY.replace("first: 20", "first: 100")))

    assert price.of(None, {}) <= Limits().cost


@pytest.mark.parametrize(
    ("asked", "texts"),
    [
        ("profileDrafts", "text documentText"),
        ("profileVersions", "text document { text }"),
        ("profileDrafts", "profile { text document { text } }"),
    ],
)
def test_whole_documents_are_asked_for_by_the_page_and_not_by_the_hundred(asked: str, texts: str) -> None:
    def price(first: int) -> int:
        document = parse(f"{{ {asked}(first: {first}) {{ nodes {{ {texts} }} }} }}")
        return Price(zeren._schema, document).of(None, {})

    assert price(20) <= Limits().cost < price(100)


def test_no_list_is_longer_than_is_counted() -> None:
    assert max(LONGEST_PAGE, MOST_PLACES, MOST_IDS) <= LONGEST_LIST


def of_unknown_length(root: GraphQLObjectType) -> list[str]:
    """Lists of objects at the root of which neither an argument nor a declaration says how long they are."""
    return [
        name
        for name, field in root.fields.items()
        if isinstance(
            kind := field.type.of_type if isinstance(field.type, GraphQLNonNull) else field.type, GraphQLList
        )
        and not is_leaf_type(kind.of_type)
        and not {"first", "ids"} & set(field.args)
        and field.extensions["strawberry-definition"].metadata.get("cost", Cost()) == Cost()
    ]


def test_every_list_at_the_root_says_how_long_it_is() -> None:
    query = zeren._schema.query_type
    assert query is not None

    assert of_unknown_length(query) == []


def test_a_list_that_does_not_say_is_found() -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        def endless(self) -> list[Goat]:
            return []

    query = ZerenSchema(Query)._schema.query_type
    assert query is not None
    assert of_unknown_length(query) == ["endless"]
