"""Chance rows in the database, alike in nothing: what a viewer reaches of them, told four ways."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from policies.access import Access, Rows, Target, Viewer
from policies.reach import Field
from tenants import people, reach, scope
from tenants.conditions import Condition, Writing
from tests.conftest import Database
from tests.policies.access_chance import (
    PERMISSIONS,
    PLACES,
    SEED,
    chance_rules,
    chance_target,
    chance_viewer,
    written_rules,
)
from tests.policies.access_world import id_of

# No table of a place lets everything be missing, and none has helpers yet: the test's posts do.
COLUMNS = {
    Field.OWNER: "person_id",
    Field.UNIT: "unit_id",
    Field.CODE: "code",
    Field.ASSIGNEE: "acting_for_id",
}
WIDENED = """
ALTER TABLE posts ALTER person_id DROP NOT NULL, ALTER code DROP NOT NULL,
  DROP CONSTRAINT posts_acting_is_limited;
ALTER TABLE posts DISABLE TRIGGER ALL;
"""
INSERT = """
INSERT INTO posts (id, tenant_id, person_id, role, code, unit_id, acting_for_id, begins_on, basis)
VALUES ($1, $2, $3, 'unit_head', $4, $5, $6, '2015-01-01', 'appointment')
"""
ALL_PLACES = [id_of(place) for place in PLACES]
Planted = dict[UUID, Target]
Rendered = Callable[[Rows, reach.Columns], Condition]


async def planted(behind: Database, how_many: int) -> Planted:
    """Rows of three places, by id."""
    chance = Random(SEED)  # noqa: S311 - the same each time
    found = {uuid4(): chance_target(chance, most_assignees=1) for _ in range(how_many)}
    superuser = await asyncpg.connect(**behind.superuser.as_arguments())
    try:
        await superuser.execute(WIDENED)
        await superuser.executemany(INSERT, [_values(row_id, row) for row_id, row in found.items()])
    finally:
        await superuser.close()
    return found


def _values(row_id: UUID, row: Target) -> tuple[Any, ...]:
    helper = next(iter(row.assignee_ids), None)
    return (row_id, row.place_id, row.owner_id, row.code, row.unit_id, helper)


@dataclass(frozen=True, slots=True)
class Case:
    """One viewer and permission under some rules."""

    access: Access
    who: Viewer
    permission: str

    def __str__(self) -> str:
        return f"seed {SEED}: {self.permission} {self.who} by {self.access.reach(self.who, self.permission)}"

    def by_casbin(self, rows: Planted) -> set[UUID]:
        return {i for i, row in rows.items() if self.access.explain(self.who, row, self.permission).allowed}

    def by_table(self, rows: Planted) -> set[UUID]:
        return {i for i, row in rows.items() if self.access.can(self.who, row, self.permission)}

    async def by_filter(self, rendered: Rendered = reach.condition) -> set[UUID]:
        wanted = rendered(self.access.reach(self.who, self.permission), COLUMNS).as_filter()
        found: Sequence[Any] = await people.Post.filter(wanted).values_list("id", flat=True)
        return set(found)

    async def by_sql(self, rendered: Rendered = reach.condition) -> set[UUID]:
        wanted = rendered(self.access.reach(self.who, self.permission), COLUMNS)
        condition, values = as_sql(wanted)
        read = list(scope.current().reads)
        sql = f"SELECT p.id FROM posts p WHERE p.tenant_id = ANY($1) AND {condition}"
        return {row["id"] for row in await scope.fetch(sql, read, *values)}


def as_sql(condition: Condition, row: str = "p") -> tuple[str, list[Any]]:
    """The condition on the row of that alias, its values numbered from 2 on."""
    values: list[Any] = []

    def bind(value: Any) -> str:
        values.append(value)
        return f"${len(values) + 1}"

    return condition.as_sql(row, Writing(bind)), values


def cases(how_many: int) -> list[Case]:
    """Half of them under the written rules, half each under rules of its own."""
    chance = Random(SEED)  # noqa: S311 - the same each time
    rules = [written_rules() if n % 2 else chance_rules(chance) for n in range(how_many)]
    return [Case(access, chance_viewer(chance), chance.choice(PERMISSIONS)) for access in rules]
