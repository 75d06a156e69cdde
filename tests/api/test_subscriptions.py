"""A subscription is a query asked again: every item is an operation of its own, judged as things stand."""

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from typing import Any

import pytest
import strawberry
from strawberry.types import ExecutionResult

from api.operations import Asked, Operations
from schema.context import Context
from schema.documents import Documents
from schema.errors import ErrorCode, Language, PublicError
from schema.execution import ZerenSchema
from schema.fields import ANYBODY, SIGNED_IN, Info, read_field, subscription_field
from schema.operation import one_transaction
from tenants import accounts, people, scope
from tenants.secrets import Claims
from tests.conftest import Database
from tests.tenants.demonstration import SIGNER, sign_in

LOGIN = "hn-first-secretary"
_script: Iterator[Any] = iter(())


async def _next(info: Info) -> int:
    """The next line of the script: a number, a fault to raise, or seconds to dawdle; the last one ends it."""
    line = next(_script, None)
    if line is None:
        info.context.is_last = True
        return -1
    if isinstance(line, Exception):
        raise line
    if isinstance(line, float):
        await asyncio.sleep(line)
    return int(line)


@strawberry.type
class Query:
    @read_field(permission=ANYBODY, description="one")
    async def one(self) -> int:
        return 1


@strawberry.type
class Subscription:
    @subscription_field(permission=ANYBODY, description="open to anybody")
    async def numbers(self, info: Info) -> int:
        return await _next(info)

    @subscription_field(permission=SIGNED_IN, description="open to who is signed in")
    async def own(self, info: Info) -> str:
        return info.context.signed_in.person_name

    @subscription_field(permission="leave.submit", description="open to who may ask for leave")
    async def asking(self, info: Info) -> int | None:
        return await _next(info)


SCHEMA = ZerenSchema(Query, None, Subscription, documents=Documents(), around=one_transaction)
OPERATIONS = Operations(SCHEMA, deadline_seconds=0.5, interval_seconds=0.01, life_seconds=5)


class Watching:
    """What came, with the context of each; `after_first` happens between the first item and the next."""

    def __init__(self, *script: Any, claims: Claims | None = None, language: Language = Language.ZH) -> None:
        global _script
        _script = iter(script)
        self.claims, self.language = claims, language
        self.contexts: list[Context] = []
        self.results: list[ExecutionResult] = []

    def context(self) -> Context:
        return Context(SIGNER, self.language, self.claims)

    async def watch(self, query: str, after_first: Any = None, operations: Operations = OPERATIONS) -> None:
        async with aclosing(operations.answers(Asked(query), self.context)) as answers:
            async for context, result in answers:
                assert scope.in_force() is None
                self.contexts.append(context)
                self.results.append(result)
                if after_first is not None and len(self.results) == 1:
                    await after_first()

    def heard(self) -> list[Any]:
        return [
            _code(result) if result.errors else next(iter(result.data.values())) for result in self.results
        ]


def _code(result: ExecutionResult) -> str:
    (error,) = result.errors or []
    assert isinstance(error, PublicError)
    return error.code


async def test_what_stands_is_heard_at_once_and_then_what_changes(demo_models: Database) -> None:
    watching = Watching(1, 1, 2, 2, 2, 1, 3)

    await watching.watch("subscription { numbers }")

    assert watching.heard() == [1, 2, 1, 3, -1]


async def test_every_item_has_a_context_of_its_own(demo_models: Database) -> None:
    watching = Watching(1, 2)

    await watching.watch("subscription { numbers }")

    assert len({id(context.loaders) for context in watching.contexts}) == 3


async def test_a_query_is_answered_once(demo_models: Database) -> None:
    watching = Watching()

    await watching.watch("{ one }")

    assert watching.heard() == [1]


async def test_a_post_that_ended_ends_the_subscription(demo_models: Database) -> None:
    claims = await sign_in(LOGIN)
    watching = Watching(1, 2, 3, claims=claims)

    async def dismiss() -> None:
        async with scope.open(writes=claims.place_id):
            for post in await people.Post.all():
                await people.end_post(post.id, post.begins_on.replace(year=2016))

    await watching.watch("subscription { asking }", dismiss)

    assert watching.heard() == [1, "FORBIDDEN"]


async def test_a_post_that_stays_does_not(demo_models: Database) -> None:
    watching = Watching(1, 2, 3, claims=await sign_in(LOGIN))

    await watching.watch("subscription { asking }")

    assert watching.heard() == [1, 2, 3, -1]


async def test_a_session_that_ended_ends_the_subscription(demo_models: Database) -> None:
    claims = await sign_in(LOGIN)
    watching = Watching(claims=claims)

    async def sign_out() -> None:
        async with scope.open():
            await accounts.end_session(claims.session_id)

    await watching.watch("subscription { own }", sign_out)

    assert watching.heard() == ["演示第一书记", "UNAUTHENTICATED"]
    assert [context.session_ended for context in watching.contexts] == [False, True]


async def test_a_token_that_ran_out_ends_the_subscription_without_an_error(demo_models: Database) -> None:
    watching = Watching(claims=await sign_in(LOGIN))

    async def run_out() -> None:
        watching.claims = None

    await watching.watch("subscription { own }", run_out)

    assert watching.heard() == ["演示第一书记"]


@pytest.mark.parametrize("fault", [TimeoutError(), PublicError(ErrorCode.DATABASE_UNAVAILABLE), 0.9])
async def test_what_may_pass_is_passed_over_but_not_at_the_beginning(
    demo_models: Database, fault: Any
) -> None:
    later, at_once = Watching(1, fault, 2), None
    await later.watch("subscription { numbers }")
    assert later.heard() == [1, 2, -1]

    at_once = Watching(fault, 2)
    await at_once.watch("subscription { numbers }")
    assert at_once.heard() in (["TIMEOUT"], ["DATABASE_UNAVAILABLE"])


async def test_a_fault_is_masked_and_ends_the_subscription(demo_models: Database) -> None:
    watching = Watching(1, RuntimeError("a secret"), 2, language=Language.EN)

    await watching.watch("subscription { numbers }")

    assert watching.heard() == [1, "INTERNAL_SERVER_ERROR"]
    (error,) = watching.results[-1].errors or []
    assert error.message == "Internal error"
    assert set(error.extensions or {}) == {"code", "errorId"}


async def test_a_subscription_has_a_life(demo_models: Database) -> None:
    short = Operations(SCHEMA, deadline_seconds=0.5, interval_seconds=0.01, life_seconds=0.05)
    watching = Watching(*range(1000))

    await watching.watch("subscription { numbers }", operations=short)

    assert watching.heard()[0] == 0
    assert 1 < len(watching.results) <= 7


async def test_a_subscription_is_one_thing(demo_models: Database) -> None:
    watching = Watching(1, 2)

    await watching.watch("subscription { numbers again: numbers }")

    assert watching.heard() == ["GRAPHQL_VALIDATION_FAILED"]


async def test_many_watchers_take_turns_and_who_asks_now_does_not(demo_models: Database) -> None:
    """Both turns are taken by watchers that dawdle: a third waits, a first question does not."""
    operations = Operations(SCHEMA, deadline_seconds=2, interval_seconds=0.01, life_seconds=0.5)
    watching = Watching(*[0.2] * 50)
    async with asyncio.TaskGroup() as watchers:
        for _ in range(8):
            watchers.create_task(watching.watch("subscription { numbers }", operations=operations))
        await asyncio.sleep(0.3)
        assert operations.turns.locked()

        asked = await asyncio.wait_for(operations.answer(Asked("{ one }"), watching.context()), 0.15)

    assert asked.data == {"one": 1}
    assert not operations.turns.locked()
