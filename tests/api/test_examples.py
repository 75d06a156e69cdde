"""The examples: each is valid, says whom it is for, and is answered in the demonstration."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from graphql import (
    FieldNode,
    GraphQLObjectType,
    OperationDefinitionNode,
    TypeInfo,
    TypeInfoVisitor,
    Visitor,
    get_named_type,
    parse,
    validate,
    visit,
)

from schema.root import schema
from tests.client import Client
from tests.conftest import Database
from tests.examples import DOCUMENTS, FOLDER, GROUPS, TASKS, Asking, is_answered
from tests.schema.test_sign_in import invited

ASKED = [name for name, task in TASKS.items() if "for" in task]
# Root fields that no task of a user needs, each with the reason.
WITHOUT_EXAMPLE: dict[str, str] = {}


def operation(text: str) -> OperationDefinitionNode:
    (found,) = [d for d in parse(text).definitions if isinstance(d, OperationDefinitionNode)]
    return found


def root_fields() -> set[str]:
    roots = (schema._schema.query_type, schema._schema.mutation_type, schema._schema.subscription_type)
    return {name for root in roots if isinstance(root, GraphQLObjectType) for name in root.fields}


def asked_for(text: str) -> Iterator[str]:
    for selection in operation(text).selection_set.selections:
        assert isinstance(selection, FieldNode)
        yield selection.name.value


def test_every_document_has_an_entry_and_every_entry_a_document() -> None:
    assert sorted(ASKED) == sorted(DOCUMENTS)
    assert {TASKS[name]["for"] for name in ASKED} == set(GROUPS)
    assert {task.get("example", name) for name, task in TASKS.items()} == set(DOCUMENTS)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_example_is_valid_and_named_after_its_file(name: str) -> None:
    text = DOCUMENTS[name]

    assert validate(schema._schema, parse(text)) == []
    named = operation(text).name
    assert named is not None
    assert re.sub(r"(?<!^)(?=[A-Z])", "-", named.value).lower() == name


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_example_says_whom_it_is_for_and_what_it_wants(name: str) -> None:
    comment = "\n".join(line for line in DOCUMENTS[name].splitlines() if line.startswith("#"))
    wanted = [v.variable.name.value for v in operation(DOCUMENTS[name]).variable_definitions or ()]

    assert DOCUMENTS[name].startswith("#")
    assert re.search(r"[一-鿿]{2,}.*：", comment)
    assert "variables · 变量:" in comment
    assert [variable for variable in wanted if variable not in comment] == []


def without_id(text: str) -> list[str]:
    """The fields that bring an object with an id and do not ask for it: no client can keep such an object."""
    info = TypeInfo(schema._schema)
    found: list[str] = []

    class Objects(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            fields = getattr(get_named_type(info.get_type()), "fields", {})
            asked = node.selection_set.selections if node.selection_set else ()
            names = [part.name.value for part in asked if isinstance(part, FieldNode)]
            if "id" in fields and not fields["id"].deprecation_reason and "id" not in names:
                found.append(node.name.value)

    visit(parse(text), TypeInfoVisitor(info, Objects()))
    return found


@pytest.mark.parametrize("name", DOCUMENTS)
def test_an_example_asks_for_the_id_of_what_has_one(name: str) -> None:
    assert without_id(DOCUMENTS[name]) == []


def test_an_object_without_its_id_would_be_found() -> None:
    assert without_id("{ viewer { name place { name } } }") == ["place"]
    assert without_id("{ viewer { name place { id name } } }") == []


def test_every_root_field_has_an_example() -> None:
    shown = {field for text in DOCUMENTS.values() for field in asked_for(text)}

    assert root_fields() - shown == set(WITHOUT_EXAMPLE)


def test_the_table_for_readers_lists_every_example() -> None:
    table = (FOLDER / "README.md").read_text("utf-8")

    assert re.findall(r"\]\((\S+)\.graphql\) \|", table) == ASKED


@pytest.mark.parametrize("name", ASKED)
def test_an_example_is_answered(name: str, client: Client, demo_database: Database) -> None:
    given = {"invitation": invited(demo_database)} if name == "accept-invitation" else {}

    answer = Asking(client, given).do(name)

    assert is_answered(answer), answer


def test_a_retry_has_one_effect(client: Client) -> None:
    asking = Asking(client)

    assert asking.do("retry-safely") == asking.do("the-first-try")


@pytest.mark.parametrize(
    ("_case", "answer"),
    [
        ("错误", {"errors": [{}], "data": {"leaves": None}}),
        ("空", {"data": {"viewer": None}}),
        ("空列表", {"data": {"terms": []}}),
        ("空页", {"data": {"leaves": {"totalCount": 0, "nodes": []}}}),
        ("被拒绝", {"data": {"leaveSubmit": {"leave": None, "userErrors": [{"code": "DENIED"}]}}}),
        ("无结果", {"data": {"leaveSubmit": {"leave": None, "userErrors": []}}}),
    ],
)
def test_an_answer_that_says_nothing_would_be_found(_case: str, answer: Mapping[str, Any]) -> None:
    assert not is_answered(answer)
    assert is_answered({"data": {"sessionEnd": {"userErrors": []}}})
