"""Every text that the schema takes is asked with what no row can hold; the answer is never a fault."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from graphql import (
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from schema.root import schema
from tests.client import Client
from tests.schema.test_permissions import given

WORDS = {"NUL": "有\0空", "长": "x" * 100_000, "半个": "\ud800"}
SOMEBODY = ("hn-first-secretary", "hn-admin", "hn-auditor", "hn-unit-head", "p41-admin")
TEXTS = ("String", "ID")


def spoiled(wanted: GraphQLType, word: str) -> Iterator[Any]:
    """What the type takes, with the word in one place after another."""
    if isinstance(wanted, GraphQLNonNull):
        yield from spoiled(wanted.of_type, word)
    elif isinstance(wanted, GraphQLList):
        yield from ([one] for one in spoiled(wanted.of_type, word))
    elif isinstance(wanted, GraphQLInputObjectType):
        for name, field in wanted.fields.items():
            yield from ({**given(wanted), name: one} for one in spoiled(field.type, word))
    elif isinstance(wanted, GraphQLNamedType) and wanted.name in TEXTS:
        yield word


def asking_with(root: str, word: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """For each text that a root field takes: the field's name, a document and its variables."""
    root_type = schema._schema.type_map[root]
    assert isinstance(root_type, GraphQLObjectType)
    for name, field in root_type.fields.items():
        leaf = is_leaf_type(get_named_type(field.type))
        for spoilt, argument in field.args.items():
            arguments = {n: a for n, a in field.args.items() if is_required_argument(a) or n == spoilt}
            declared = ", ".join(f"${n}: {a.type}" for n, a in arguments.items())
            passed = ", ".join(f"{n}: ${n}" for n in arguments)
            text = f"{root.lower()} ({declared}) {{ {name}({passed}) {'' if leaf else '{ __typename }'} }}"
            required = {n: given(a.type) for n, a in arguments.items() if n != spoilt}
            for value in spoiled(argument.type, word):
                yield name, text, {**required, spoilt: value}


def faults(client: Client, root: str, word: str) -> list[str]:
    """The fields that answered somebody with a fault, and how."""
    found = []
    for name, text, variables in asking_with(root, word):
        # Not as the client writes it: half a character has no UTF-8.
        body = json.dumps({"query": text, "variables": variables})
        for login in SOMEBODY:
            headers = {"authorization": f"Bearer {client.token(login)}", "content-type": "application/json"}
            answer = client.http.post("/graphql", content=body, headers=headers).json()
            codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
            assert "CONTENT_TOO_LARGE" not in codes, "the text was not read"
            if "INTERNAL_SERVER_ERROR" in codes:
                found.append(f"{name} {json.dumps(variables)[:80]} {login}")
    return found


@pytest.mark.parametrize("word", WORDS.values(), ids=WORDS)
@pytest.mark.parametrize("root", ["Query", "Mutation"])
def test_no_text_is_answered_with_a_fault(client: Client, root: str, word: str) -> None:
    assert faults(client, root, word) == []


def test_a_command_says_which_text_is_not_kept(client: Client) -> None:
    asked = """mutation ($name: String!) {
      countyOnboard(code: "410173000000", dryRun: true, admin: {name: "演示管理员", login: "c-admin"},
        localNodes: [{level: VILLAGE, name: $name, parent: "410173001000"}]) { userErrors { code path } }
    }"""

    refused = client.ask(asked, {"name": "有\0空"}, as_="p41-admin")["countyOnboard"]["userErrors"]
    other = client.ask(asked, {"name": "有空"}, as_="p41-admin")["countyOnboard"]["userErrors"]

    assert refused == [{"code": "INVALID", "path": ["localNodes", "name"]}]
    assert refused != other


def test_a_text_within_a_document_is_no_other(client: Client) -> None:
    answer = client.post(r'{ jobs(filter: {kind: "\u0000"}) { totalCount } }', as_="hn-admin")

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]
    assert client.ask(r'{ jobs(filter: {kind: "\u0020"}) { totalCount } }', as_="hn-admin")
