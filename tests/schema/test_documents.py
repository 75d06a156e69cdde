from dataclasses import dataclass
from time import thread_time

import pytest
import strawberry
from strawberry.types import ExecutionResult

from schema.documents import Documents
from schema.errors import Language
from schema.execution import ZerenSchema
from schema.limits import Limits

ROOM = 14_000  # for two of the small documents below, not for three


@strawberry.type
class Household:
    name: str

    @strawberry.field
    def neighbour(self) -> "Household":
        return Household(name="邻居")


@strawberry.type
class Query:
    @strawberry.field
    def household(self, code: str = "001") -> Household:
        return Household(name=f"第{code}户")


@dataclass
class Asking:
    language: Language = Language.ZH


@pytest.fixture
def documents() -> Documents:
    return Documents(Limits(), memory=ROOM)


async def run(documents: Documents, text: str, asking: object = None) -> ExecutionResult:
    return await ZerenSchema(Query, documents=documents).execute(text, context_value=asking)


def codes(result: ExecutionResult) -> list[object]:
    return [(error.extensions or {}).get("code") for error in result.errors or []]


async def test_a_document_is_read_once(documents: Documents) -> None:
    for _ in range(50):
        result = await run(documents, "{household{name}}")

    assert result.data == {"household": {"name": "第001户"}}
    assert (documents.hits, documents.misses) == (49, 1)


async def test_one_document_serves_other_variables(documents: Documents) -> None:
    schema = ZerenSchema(Query, documents=documents)
    text = "query($code: String!){household(code: $code){name}}"

    first = await schema.execute(text, {"code": "007"})
    second = await schema.execute(text, {"code": "008"})

    assert (first.data, second.data) == (
        {"household": {"name": "第007户"}},
        {"household": {"name": "第008户"}},
    )
    assert documents.hits == 1


async def test_the_oldest_document_makes_room(documents: Documents) -> None:
    one, two, three = "{household{name}}", "query Two{household{name}}", "query Three{household{name}}"

    for text in (one, two, one, three, two, one):
        await run(documents, text)

    assert (documents.hits, documents.misses) == (1, 5)


async def test_what_is_trusted_is_never_pushed_out(documents: Documents) -> None:
    schema = ZerenSchema(Query, documents=documents)
    trusted, wrong = "query Trusted{household{name}}", "query Wrong{nothing}"
    assert documents.trust(schema._schema, trusted).errors == ()
    assert documents.trust(schema._schema, wrong).errors

    for number in range(5):
        await schema.execute(f"query N{number}{{household{{name}}}}")
    result = await schema.execute(trusted)

    assert result.data == {"household": {"name": "第001户"}}
    assert (documents.hits, documents.misses) == (1, 5)
    assert codes(await schema.execute(wrong)) == ["GRAPHQL_VALIDATION_FAILED"]
    assert (documents.hits, documents.misses) == (1, 6)


async def test_what_is_trusted_takes_no_room_of_the_others(documents: Documents) -> None:
    schema = ZerenSchema(Query, documents=documents)
    for number in range(5):
        documents.trust(schema._schema, f"query T{number}{{household{{name}}}}")

    for text in ("{household{name}}", "query Two{household{name}}") * 2:
        await schema.execute(text)

    assert (documents.hits, documents.misses) == (2, 2)


async def test_a_text_that_takes_all_the_room_is_read_but_not_kept(documents: Documents) -> None:
    long = "{household{name}}" + " " * ROOM

    first, second = await run(documents, long), await run(documents, long)

    assert first.data == second.data == {"household": {"name": "第001户"}}
    assert (documents.hits, documents.misses) == (0, 2)


async def test_a_refused_document_is_not_kept(documents: Documents) -> None:
    await run(documents, "{household{name}}")
    for n in range(10):
        await run(documents, f"{{unknown{n}}}")
    await run(documents, "{household{name}}")

    assert documents.hits == 1


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{household{name}", "GRAPHQL_PARSE_FAILED"),
        ("{house}", "GRAPHQL_VALIDATION_FAILED"),
        ("{household{name}} " + "fragment F on T {a} " * 2, "GRAPHQL_VALIDATION_FAILED"),
        ("{" + "a " * 1001 + "}", "TOO_MANY_TOKENS"),
        ("#\n" * 1001 + "{a}", "TOO_MANY_TOKENS"),
        ("{household(code: " + "[" * 300 + "]" * 300 + "){name}}", "QUERY_TOO_DEEP"),
        ("{household" + "{neighbour" * 12 + "{name}" + "}" * 12 + "}", "QUERY_TOO_DEEP"),
    ],
)
async def test_a_bad_document_is_refused_with_its_code(documents: Documents, text: str, code: str) -> None:
    result = await run(documents, text)

    assert result.data is None
    assert codes(result) == [code]


async def test_a_rich_document_within_the_limits_passes(documents: Documents) -> None:
    rich = " ".join(f"h{n}: household @skip(if: false) {{name neighbour {{name}}}}" for n in range(20))

    result = await run(documents, "{" + rich + "}")

    assert result.errors is None


async def test_validation_suggests_nothing(documents: Documents) -> None:
    result = await run(documents, '{household(cod: "1"){nam}}')

    assert len(result.errors or []) == 2
    assert not [error.message for error in result.errors or [] if "Did you mean" in error.message]


async def test_validation_stops_after_twenty_errors(documents: Documents) -> None:
    wrong = " ".join(f"w{n}" for n in range(100))

    result = await run(documents, "{household{" + wrong + "}}")

    assert len(result.errors or []) == 21


async def test_refusals_come_in_the_language_of_the_context(documents: Documents) -> None:
    result = await run(documents, "{" + "a " * 1001 + "}", Asking(language=Language.EN))

    assert [error.message for error in result.errors or []] == [
        "The document is too long: at most 1000 tokens"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "{household{" + "name " * 900 + "}}",
        "{" + "household{name} " * 200 + "}",
        "{household{" + "...{name neighbour{name}} " * 90 + "}}",
        "{household" + "{neighbour" * 10 + "{" + "name " * 300 + "}" * 11 + "}",
    ],
)
async def test_a_document_made_to_be_slow_is_answered_quickly(text: str) -> None:
    took = []
    for _ in range(3):
        began = thread_time()
        result = await run(Documents(Limits(), memory=ROOM), text)
        took.append(thread_time() - began)

    assert set(codes(result)) <= {"TOO_MANY_REPEATS", "TOO_MANY_FIELDS", "TOO_MANY_ROOT_FIELDS"}
    assert codes(result)
    assert min(took) < 0.25
