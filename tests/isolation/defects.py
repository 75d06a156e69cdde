"""Faults that a hand could make tomorrow, switched on for one test: the fuzz must find each of them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from tortoise.queryset import QuerySet

from policies.reach import Field, Term
from schema import context, operation
from schema.reads import related
from schema.reads.asked import ByIds
from tenants import approvals, database, people, reach, rows, scope
from tenants.conditions import EVERYTHING, Condition
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

    patch.setattr(context.Context, "compiles", False)
    patch.setattr(Listing, "page", empty)
    patch.setattr(Listing, "count", zero)


def persons_from_elsewhere(patch: pytest.MonkeyPatch, world: World) -> None:
    """A loader of relations that takes persons for those of the other county."""
    original = related._rows

    async def astray(way: Any, kind: Any, values: Any, who: Any) -> Any:
        found = dict(await original(way, kind, values, who))
        here = scope.current().reads[0]
        other = next(side for side in world.sides if side.place_id != here)
        for id in [id for id in found if kind.model is people.Person]:
            found[id] = [people.Person(id=id, tenant_id=other.place_id, name=f"{other.canary}0123abcd")]
        return found

    patch.setattr(context.Context, "compiles", False)
    patch.setattr(related, "_rows", astray)


def rows_that_are_kept(patch: pytest.MonkeyPatch, world: World) -> None:
    """Objects remembered from one operation to the next, whoever asked."""
    known: dict[str, Any] = {}
    original = ByIds.ordinary

    async def remembered(asked: Any, kind: Any) -> Any:
        known.update(await original(asked, kind))
        wanted = [str(id) for id in asked.listing.which.parts[0].values]
        return {id: known[id] for id in wanted if id in known}

    patch.setattr(context.Context, "compiles", False)
    patch.setattr(ByIds, "ordinary", remembered)


def rights_unasked_below_the_county(patch: pytest.MonkeyPatch, world: World) -> None:
    """`node` shows every leave of the county to everybody in it."""

    patch.setattr(approvals, "leaves_visible", lambda *_: EVERYTHING)


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
    original = reach._said

    def without_place(term: Term, columns: reach.Columns) -> Condition | None:
        if term.field is Field.PLACE:
            return EVERYTHING
        return original(replace(term, place_id=None), columns)

    patch.setattr(reach, "_said", without_place)


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
        persons_from_elsewhere,
        rows_that_are_kept,
        rights_unasked_below_the_county,
        one_write_in_five_elsewhere,
    )
}
