"""Where a scope reaches: its tasks and nobody else, and never the consumer of a generator."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from uuid import UUID

import pytest
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from tortoise.transactions import in_transaction

from tenants import database, scope
from tenants.scope import NoScope, ScopeError
from tenants.transactions import Timeouts
from tenants.units import Unit
from tests.conftest import Database
from tests.tenants.settings import settings_in_force
from tests.tenants.two_places import County, found

Two = tuple[County, County]


async def test_gathered_tasks_keep_the_scope(counties: Two) -> None:
    async def count() -> int:
        return await Unit.all().count()

    async def in_place(county: County) -> list[int]:
        async with scope.open(reads=[county.id]):
            return await asyncio.gather(*(count() for _ in range(8)))

    assert await asyncio.gather(*(in_place(county) for county in counties)) == [[2] * 8] * 2


async def test_a_task_that_outlives_its_operation_reads_nothing(counties: Two) -> None:
    closed = asyncio.Event()

    async def late() -> object:
        await closed.wait()
        return await Unit.all()

    async def late_by_hand() -> object:
        await closed.wait()
        return await scope.fetch("SELECT * FROM units")

    async with scope.open(reads=[counties[0].id]):
        tasks = [asyncio.create_task(late()), asyncio.create_task(late_by_hand())]
        await asyncio.sleep(0)
    closed.set()

    for task in tasks:
        with pytest.raises(scope.NoScope, match="has ended"):
            await task


async def test_a_task_begun_before_the_scope_sees_none(counties: Two) -> None:
    opened, seen = asyncio.Event(), asyncio.Event()

    async def early() -> scope.Scope | None:
        await opened.wait()
        found = scope.in_force()
        seen.set()
        return found

    task = asyncio.create_task(early())
    async with scope.open(reads=[counties[0].id]) as here:
        opened.set()
        await seen.wait()
        assert await task is None
        assert await asyncio.create_task(early()) == here


async def test_another_thread_has_no_scope(counties: Two) -> None:
    async with scope.open(reads=[counties[0].id]) as here:
        assert await asyncio.get_running_loop().run_in_executor(None, scope.in_force) is None
        assert await asyncio.to_thread(scope.in_force) == here


async def test_a_task_begun_before_the_operation_opens_its_own_scope(counties: Two) -> None:
    here, there = counties
    opened = asyncio.Event()

    async def worker() -> set[UUID]:
        await opened.wait()
        async with scope.open(reads=[there.id]):
            return {unit.tenant_id for unit in await Unit.all()}

    task = asyncio.create_task(worker())
    async with scope.open(reads=[here.id]):
        opened.set()
        assert await task == {there.id}
        assert {unit.tenant_id for unit in await Unit.all()} == {here.id}


async def test_who_stands_beside_an_inner_scope_waits_for_it(counties: Two) -> None:
    here, there = counties
    inside, seen = asyncio.Event(), asyncio.Event()

    async def inner() -> int:
        async with scope.open(reads=[there.id]):
            inside.set()
            await asyncio.sleep(0.05)
            assert not seen.is_set()
            return len(await scope.fetch("SELECT id FROM units WHERE tenant_id = $1", there.id))

    async def beside(place: UUID) -> int:
        await inside.wait()
        found = len(await scope.fetch("SELECT id FROM units WHERE tenant_id = $1", place))
        seen.set()
        return found

    async with scope.open(reads=[here.id]):
        assert await asyncio.gather(inner(), beside(here.id), beside(there.id)) == [2, 2, 0]


async def test_inner_scopes_side_by_side_take_turns(counties: Two) -> None:
    async def of(county: County) -> set[UUID]:
        async with scope.open(reads=[county.id]):
            await asyncio.sleep(0)
            return {unit.tenant_id for unit in await Unit.all()}

    async with scope.open(reads=[counties[0].id]):
        found = await asyncio.gather(*(of(county) for county in counties * 4))

        assert found == [{county.id} for county in counties * 4]
        assert await settings_in_force() == (str(counties[0].id), "")


async def test_a_task_that_outlives_its_inner_scope_is_refused(counties: Two) -> None:
    closed = asyncio.Event()

    async def late() -> object:
        await closed.wait()
        return await Unit.all()

    async with scope.open(reads=[counties[0].id]):
        async with scope.open(reads=[counties[1].id]):
            task = asyncio.create_task(late())
            await asyncio.sleep(0)
        closed.set()
        with pytest.raises(NoScope, match="has closed"):
            await task
        assert len(await Unit.all()) == 2


async def test_gathered_savepoints_take_turns(counties: Two) -> None:
    """Each of them opens a savepoint, and none is undone with another."""
    here = counties[0]

    async def create(name: str) -> str:
        return (await Unit.get_or_create(name=name, defaults={"code": here.code}))[0].name

    async def create_and_fail(name: str) -> None:
        async with in_transaction(scope.CONNECTION):
            await create(name)
            raise ValueError(name)

    async with scope.open(writes=here.id):
        kept = [create(f"留{n}") for n in range(4)]
        undone = [create_and_fail(f"撤{n}") for n in range(4)]
        ended = await asyncio.gather(*kept, *undone, Unit.all().count(), return_exceptions=True)
        assert ended[:4] == [f"留{n}" for n in range(4)]
        assert {type(end) for end in ended[4:8]} == {ValueError}
    async with scope.open(reads=[here.id]):
        names = await Unit.all().values_list("name", flat=True)
        assert sorted(name for name in names if name[0] in "留撤") == [f"留{n}" for n in range(4)]


async def test_a_savepoint_that_fails_closes_those_that_its_tasks_left_open(counties: Two) -> None:
    here = counties[0]
    failed = asyncio.Event()

    async def slow() -> None:
        async with in_transaction(scope.CONNECTION):
            await Unit.create(name="迟", code=here.code)
            await failed.wait()

    async def fail() -> None:
        async with in_transaction(scope.CONNECTION):
            await Unit.create(name="先", code=here.code)
            tasks.append(asyncio.create_task(slow()))
            await asyncio.sleep(0.05)
            raise ValueError("first")

    tasks: list[asyncio.Task[None]] = []
    async with scope.open(writes=here.id):
        with pytest.raises(ValueError, match="first"):
            await fail()
        failed.set()
        with pytest.raises(NoScope, match="closed"):
            await tasks[0]
        await Unit.create(name="后", code=here.code)
    async with scope.open(reads=[here.id]):
        assert await Unit.filter(name__in=["先", "迟", "后"]).values_list("name", flat=True) == ["后"]


async def test_another_thread_is_refused_the_operation_s_connection(counties: Two) -> None:
    """The driver would not survive it: it is not made for two threads."""

    def ask() -> object:
        return asyncio.run(scope.fetch("SELECT * FROM units"))

    async with scope.open(reads=[counties[0].id]):
        with pytest.raises(ScopeError, match="in the thread that began it"):
            await asyncio.to_thread(ask)
        with pytest.raises(NoScope):
            await asyncio.get_running_loop().run_in_executor(None, ask)
        assert len(await scope.fetch("SELECT * FROM units")) == 2


async def _holding(place: UUID) -> AsyncIterator[set[UUID]]:
    """What no generator may do: it yields while its scope is open."""
    async with scope.open(reads=[place]):
        yield {unit.tenant_id for unit in await Unit.all()}


async def _item_by_item(place: UUID, events: asyncio.Queue[str]) -> AsyncIterator[tuple[str, set[UUID]]]:
    """As a subscription does it: waits without a scope, opens one for each item, yields outside of it."""
    while True:
        event = await events.get()
        async with scope.open(reads=[place], read_only=True):
            seen = {unit.tenant_id for unit in await Unit.all()}
        yield event, seen


async def test_a_generator_that_yields_inside_a_scope_leaks_it(counties: Two) -> None:
    """Why there is a rule: the consumer stands in a scope that it never opened."""
    holding = _holding(counties[0].id)
    assert await anext(holding) == {counties[0].id}

    assert scope.in_force() is not None
    with suppress(StopAsyncIteration):
        await anext(holding)
    assert scope.in_force() is None


async def test_a_subscription_leaks_no_scope_and_holds_no_connection(empty_database: Database) -> None:
    """Two places listen over one connection: nobody keeps it between two items."""
    async with database.connected(empty_database.app, pool_size=1, timeouts=Timeouts(acquire_seconds=1)):
        here, there = await found("990101000000", "甲"), await found("990102000000", "乙")
        queues: Sequence[asyncio.Queue[str]] = (asyncio.Queue(), asyncio.Queue())
        streams = [
            _item_by_item(county.id, queue) for county, queue in zip((here, there), queues, strict=True)
        ]

        for n in range(3):
            waiting = [asyncio.ensure_future(anext(stream)) for stream in streams]
            await asyncio.sleep(0)
            for queue in queues:
                queue.put_nowait(f"{n}")
            assert await asyncio.gather(*waiting) == [(f"{n}", {here.id}), (f"{n}", {there.id})]
            assert scope.in_force() is None
        for stream in streams:
            await stream.aclose()  # type: ignore[attr-defined]


async def test_what_runs_after_the_response_has_no_scope_of_it(models: Database) -> None:
    here = await found("990101000000", "甲")
    told: list[object] = []

    async def after() -> None:
        try:
            told.append(await Unit.all())
        except NoScope as refused:
            told.append(type(refused))
        async with scope.open(reads=[here.id]):
            told.append(await Unit.all().count())

    async def answer(request: Request) -> PlainTextResponse:
        async with scope.open(reads=[here.id]):
            count = await Unit.all().count()
        return PlainTextResponse(f"{count}", background=BackgroundTask(after))

    app = Starlette(routes=[Route("/", answer)])
    messages: list[dict[str, object]] = []

    async def receive() -> dict[str, object]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: dict[str, object]) -> None:
        messages.append(message)

    await app({"type": "http", "method": "GET", "path": "/", "headers": []}, receive, send)  # type: ignore[arg-type]

    assert messages[-1]["body"] == b"2"
    assert told == [NoScope, 2]
