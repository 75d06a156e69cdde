"""A walk over the built schema: every way in names its permission, and everything says what it is."""

from base64 import b64encode
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
import strawberry
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
    is_required_input_field,
)

from policies.grants import platform
from schema.execution import ZerenSchema
from schema.fields import ACTS_FOR_ORGAN, ANYBODY, SIGNED_IN, Gate, read_field
from schema.root import schema
from tests.client import Client

ROOTS = ("Query", "Mutation", "Subscription")
MUTATIONS = {
    "visitRecord": "activity.create",
    "auditExport": "audit.read",
    "countiesOnboard": "place.create",
    "countyAdminInvite": "place.create",
    "countyOnboard": "place.create",
    "divisionAdd": "division.create",
    "divisionsExclude": "division.update",
    "divisionsTakeUp": "division.create",
    "householdsExport": "household.read",
    "importStart": "attachment.create",
    "importTemplate": "attachment.create",
    "invitationAccept": ANYBODY,
    "jobCancel": "job.update",
    "leaveCancel": "leave.update",
    "leaveExtend": "leave.update",
    "leaveReturn": "leave.update",
    "leaveSubmit": "leave.submit",
    "noticesRead": "notice.read",
    "outingFile": "leave.file",
    "personCreate": "person.create",
    "personInvite": "account.create",
    "personUpdate": "person.update",
    "placeResume": "place.update",
    "placeSuspend": "place.update",
    "postDelegate": "post.delegate",
    "postEnd": "post.end",
    "postOpen": "post.create",
    "postRevoke": "post.delegate",
    "profileDraft": "profile.create",
    "profileDraftDrop": "profile.create",
    "profilePublish": "profile.publish",
    "recordSubmit": "record.create",
    "requestReject": ACTS_FOR_ORGAN,
    "requestSign": ACTS_FOR_ORGAN,
    "requestWithdraw": "request.update",
    "pairingEnd": "pairing.end",
    "pairingOpen": "pairing.create",
    "pairingReplace": "pairing.end",
    "teamCreate": "team.create",
    "teamDissolve": "team.end",
    "sessionEnd": SIGNED_IN,
    "sessionOpen": ANYBODY,
    "sessionRefresh": ANYBODY,
    "sessionSwitch": SIGNED_IN,
    "unitCreate": "unit.create",
    "unitUpdate": "unit.update",
}
SUBSCRIPTIONS = {"jobProgress": "job.read", "workQueueChanged": SIGNED_IN}


def root_fields(built: ZerenSchema) -> Iterator[tuple[str, Any]]:
    """Every root field under its name in the schema."""
    for root in ROOTS:
        definition: Any = built.get_type_by_name(root)
        if definition is not None:
            for field in definition.fields:
                yield built.config.name_converter.from_field(field), field


def without_permission(built: ZerenSchema) -> list[str]:
    """The fields that name no permission, or whose gate does not ask for the one they name."""
    return [
        name
        for name, field in root_fields(built)
        if not (permission := field.metadata.get("permission"))
        or [e.permission for e in field.extensions if isinstance(e, Gate)] != [permission]
    ]


def test_every_way_in_names_its_permission() -> None:
    assert without_permission(schema) == []


def test_a_field_without_permission_is_found() -> None:
    @strawberry.type
    class Query:
        @read_field(permission="leave.read", description="guarded")
        async def guarded(self) -> int | None:
            return 1

        @strawberry.field(description="planted")
        async def unguarded(self) -> int:
            return 1

        @strawberry.field(description="planted", metadata={"permission": "leave.read"})
        async def only_said(self) -> int:
            return 1

    assert without_permission(ZerenSchema(Query)) == ["unguarded", "onlySaid"]


def test_every_permission_is_one_that_somebody_can_have() -> None:
    granted = {grant.permission for grant in platform().grants}

    named = {field.metadata["permission"] for _, field in root_fields(schema)}

    assert named - {ANYBODY, SIGNED_IN, ACTS_FOR_ORGAN} <= granted


def test_the_mutations_are_these_and_no_others() -> None:
    definition: Any = schema.get_type_by_name("Mutation")

    found = {
        schema.config.name_converter.from_field(field): field.metadata["permission"]
        for field in definition.fields
    }

    assert found == MUTATIONS


def test_the_subscriptions_are_these_and_no_others() -> None:
    definition: Any = schema.get_type_by_name("Subscription")

    found = {
        schema.config.name_converter.from_field(field): field.metadata["permission"]
        for field in definition.fields
    }

    assert found == SUBSCRIPTIONS


def test_each_field_says_its_permission_in_its_description() -> None:
    missing = [
        name
        for name, field in root_fields(schema)
        if f"permission: {field.metadata['permission']}" not in (field.description or "")
    ]

    assert missing == []


def named_types() -> list[GraphQLNamedType]:
    return [found for name, found in schema._schema.type_map.items() if not name.startswith("__")]


def undescribed(found: GraphQLNamedType) -> Iterator[str]:
    """The type, and what in it has no description."""
    if not found.description:
        yield found.name
    if isinstance(found, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in found.fields.items():
            if not field.description:
                yield f"{found.name}.{name}"
            arguments: dict[str, GraphQLArgument] = field.args
            yield from (f"{found.name}.{name}({a})" for a, arg in arguments.items() if not arg.description)
    if isinstance(found, GraphQLInputObjectType):
        yield from (f"{found.name}.{name}" for name, field in found.fields.items() if not field.description)
    if isinstance(found, GraphQLEnumType):
        yield from (f"{found.name}.{name}" for name, value in found.values.items() if not value.description)


def test_everything_in_the_schema_says_what_it_is() -> None:
    assert [where for found in named_types() for where in undescribed(found)] == []


def test_what_says_nothing_is_found() -> None:
    @strawberry.type
    class Query:
        @strawberry.field
        async def silent(self, argument: int = 1) -> int:
            return argument

    bare = ZerenSchema(Query)._schema.type_map["Query"]

    assert list(undescribed(bare)) == ["Query", "Query.silent", "Query.silent(argument)"]


def given(wanted: GraphQLType) -> Any:
    """A value that a required argument takes."""
    if isinstance(wanted, GraphQLNonNull):
        return given(wanted.of_type)
    if isinstance(wanted, GraphQLList):
        return [given(wanted.of_type)]
    if isinstance(wanted, GraphQLEnumType):
        return next(iter(wanted.values))
    if isinstance(wanted, GraphQLInputObjectType):
        required = {n: f for n, f in wanted.fields.items() if is_required_input_field(f)}
        return {name: given(field.type) for name, field in required.items()}
    assert isinstance(wanted, GraphQLNamedType)
    return VALUES[wanted.name]


VALUES = {
    "Boolean": True,
    "Date": "2018-06-18",
    "DateTime": "2018-06-18T08:00:00+08:00",
    "ID": b64encode(f"Leave:{uuid4()}".encode()).decode(),
    # Any word will do, but a question is about a known one.
    "String": "leave",
}


def asking(root: str, name: str) -> tuple[str, dict[str, Any]]:
    """A document that asks for one root field and nothing more, with its variables."""
    root_type = schema._schema.type_map[root]
    assert isinstance(root_type, GraphQLObjectType)
    field = root_type.fields[name]
    required = {n: a for n, a in field.args.items() if is_required_argument(a)}
    declared = ", ".join(f"${n}: {a.type}" for n, a in required.items())
    passed = ", ".join(f"{n}: ${n}" for n in required)
    selection = "" if is_leaf_type(get_named_type(field.type)) else "{ __typename }"
    head = f"{root.lower()} ({declared})" if declared else root.lower()
    text = f"{head} {{ {name}{f'({passed})' if passed else ''} {selection} }}"
    return text, {name: given(argument.type) for name, argument in required.items()}


def asked(client: Client, root: str, name: str, as_: str | None = None) -> dict[str, Any]:
    """The answer to a root field alone, the first one where it is a subscription."""
    text, variables = asking(root, name)
    return (client.watch if root == "Subscription" else client.post)(text, variables, as_=as_)


GUARDED = [
    (root, name)
    for root in ROOTS
    for name, field in root_fields(schema)
    if field.metadata["permission"] != ANYBODY and name in schema._schema.type_map[root].fields  # type: ignore[attr-defined]
]


@pytest.mark.parametrize(("root", "name"), GUARDED)
def test_nobody_passes_without_signing_in(reading_client: Client, root: str, name: str) -> None:
    answer = asked(reading_client, root, name)

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["UNAUTHENTICATED"]
    assert not (answer.get("data") or {}).get(name)


# Without those that would end the token that the others share; tests/schema/test_sessions.py has them.
ASKED_TOGETHER = [(root, name) for root, name in GUARDED if name not in ("sessionEnd", "sessionSwitch")]


@pytest.mark.parametrize(("root", "name"), ASKED_TOGETHER)
def test_signed_in_the_same_question_is_answered(reading_client: Client, root: str, name: str) -> None:
    answer = asked(reading_client, root, name, as_="sc-team-member")

    assert "errors" not in answer, answer


def test_what_is_open_to_anybody_needs_no_sign_in(reading_client: Client) -> None:
    everybody = {name for name, field in root_fields(schema) if field.metadata["permission"] == ANYBODY}

    assert everybody == {"terms", "sessionOpen", "sessionRefresh", "invitationAccept"}
    assert reading_client.ask("{ terms(category: ORGAN) { id label labelEn } }")["terms"]


@pytest.mark.parametrize(
    ("_case", "query", "empty", "who", "has"),
    [
        ("操作记录归审计员", "{ auditEntries { totalCount } }", {"totalCount": 0}, "hn-admin", "hn-auditor"),
        ("待办归审批人", "{ workQueue { id } }", [], "hn-first-secretary", "hn-unit-head"),
    ],
)
def test_without_the_permission_a_list_is_empty(
    reading_client: Client, _case: str, query: str, empty: object, who: str, has: str
) -> None:
    (answer,) = reading_client.ask(query, as_=who).values()

    assert answer == empty
    assert "errors" not in reading_client.post(query, as_=has)
