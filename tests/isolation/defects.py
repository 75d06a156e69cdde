"""Faults that a hand could make tomorrow, switched on for one test: the fuzz must find each of them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from policies.reach import Field, Term
from schema import context, operation
from schema.loaders import loader
from tenants import approvals, database, people, reach, rows, scope
from tenants.pages import Listing, Page
from tests.isolation.world import World

Defect = Callable[[pytest.MonkeyPatch, World], None]


def no_wall_stands(patch: pytest.MonkeyPatch, world: World) -> None:
    """The manager filters nothing; the test connects as the superuser, whom row-level security lets by. The
    server would not start so: the audit of the walls is silenced, too."""

    async def silenced(*_: Any) -> list[str]:
        return []

    patch.setattr(database, "audit", silenced)
    _let_terms_name_no_place(patch)
    patch.setattr(rows.ScopedManager, "get_queryset", lambda manager: QuerySet(manager._model))


def a_scope_over_every_place(patch: pytest.MonkeyPatch, world: World) -> None:
    _opened_over(patch, lambda reads: [side.place_id for side in world.sides])
    _let_terms_name_no_place(patch)


def lists_that_come_back_empty(patch: pytest.MonkeyPatch, world: World) -> None:
    """Nothing leaks where nothing is shown: only an oracle that misses one's own rows can see it."""

    async def empty(*_: Any) -> Page[Any]:
        return Page([], False)

    async def zero(*_: Any) -> int:
        return 0

    patch.setattr(Listing, "page", empty)
    patch.setattr(Listing, "count", zero)


def one_in_seven_from_elsewhere(patch: pytest.MonkeyPatch, world: World) -> None:
    """A loader that now and then looks in the other county."""

    async def astray(ids: Any) -> Any:
        found = await people.by_ids(ids)
        here = scope.current().reads[0]
        elsewhere = next(side.place_id for side in world.sides if side.place_id != here)
        for id in [id for id in found if id.int % 7 == 0]:
            async with scope.open(reads=[elsewhere]):
                found[id] = await people.Person.all().first()
        return found

    original = context.Context.__post_init__

    def with_a_loader_astray(made: context.Context) -> None:
        original(made)
        made.loaders.person_by_id = loader(astray)()

    patch.setattr(context.Context, "__post_init__", with_a_loader_astray)


def loaders_that_are_kept(patch: pytest.MonkeyPatch, world: World) -> None:
    """Readable persons remembered from one operation to the next, whoever asked."""
    known: dict[UUID, Any] = {}
    original = people.visible_among

    async def remembered(ids: Any, viewer: Any, access: Any) -> Any:
        known.update(await original(ids, viewer, access))
        return {id: known[id] for id in ids if id in known}

    patch.setattr(people, "visible_among", remembered)


def rights_unasked_below_the_county(patch: pytest.MonkeyPatch, world: World) -> None:
    """`node` shows every leave of the county to everybody in it."""

    async def all_of_them(viewer: Any, access: Any, kind: Any, ids: Any) -> Any:
        return await kind.filter(id__in=list(ids))

    patch.setattr(approvals, "readable_subjects", all_of_them)


def one_write_in_five_elsewhere(patch: pytest.MonkeyPatch, world: World) -> None:
    """The scope of some commands writes the other county."""
    original = scope.open
    turns = iter(range(1_000_000))

    @asynccontextmanager
    async def astray(*, reads: Any = (), writes: UUID | None = None, **more: Any) -> AsyncIterator[Any]:
        async with original(reads=reads, writes=writes, **more) as opened:
            if writes is not None and next(turns) % 5 == 0:
                other = next(s.place_id for s in world.sides if s.place_id != writes)
                async with original(writes=other):
                    await people.Person.all().limit(1).update(rank="astray")
            yield opened

    patch.setattr(operation.scope, "open", astray)


def _let_terms_name_no_place(patch: pytest.MonkeyPatch) -> None:
    """Beside the two walls each reach says its place itself; as long as it does, it alone leaks nothing."""
    original = reach._term_filter

    def without_place(term: Term, columns: reach.Columns) -> Q | None:
        if term.field is Field.PLACE:
            return Q(id__isnull=False)
        return original(replace(term, place_id=None), columns)

    patch.setattr(reach, "_term_filter", without_place)


def _opened_over(patch: pytest.MonkeyPatch, places: Callable[[Any], Any]) -> None:
    original = scope.open

    def everywhere(*, reads: Any = (), writes: UUID | None = None, **more: Any) -> Any:
        return original(reads=places(reads) if reads else (), writes=writes, **more)

    patch.setattr(operation.scope, "open", everywhere)


DEFECTS: dict[str, Defect] = {
    defect.__name__: defect
    for defect in (
        no_wall_stands,
        a_scope_over_every_place,
        lists_that_come_back_empty,
        one_in_seven_from_elsewhere,
        loaders_that_are_kept,
        rights_unasked_below_the_county,
        one_write_in_five_elsewhere,
    )
}
