"""The rows a viewer reaches: the filter, the SQL and the terms themselves say the same of every row."""

import random
from itertools import combinations
from uuid import UUID, uuid4

from policies.jurisdiction import subtree
from policies.reach import Field, Rows, Target, Term
from tenants import people, reach, scope
from tenants.outings import Outing
from tenants.people import Person
from tenants.units import Unit
from tests.tenants.two_places import County

COLUMNS = {Field.OWNER: "person_id", Field.UNIT: "unit_id", Field.CODE: "code"}
CODES = ["990101000000", "990101101000", "990101101201", "990101102000", "990101102201", "990101199999"]
MANY = """
INSERT INTO posts (id, tenant_id, person_id, role, code, unit_id, begins_on, basis)
SELECT id, $2::uuid, person_id, 'unit_head', code, unit_id, '2015-01-01', 'appointment'
FROM unnest($1::uuid[], $3::uuid[], $4::text[], $5::uuid[]) AS row (id, person_id, code, unit_id)
"""


async def two_thousand_posts(county: County) -> list[Target]:
    random.seed(7)
    async with scope.open(writes=county.id):
        owners = [(await people.create(name=f"人{n}")).id for n in range(6)]
        unit_ids = [(await Unit.create(name=f"单位{n}", code=county.code)).id for n in range(4)]
        targets = [
            Target(county.id, random.choice(CODES), random.choice([None, *unit_ids]), random.choice(owners))  # noqa: S311
            for _ in range(2_000)
        ]
        await scope.execute(
            MANY,
            [uuid4() for _ in targets],
            county.id,
            [t.owner_id for t in targets],
            [t.code for t in targets],
            [t.unit_id for t in targets],
        )
    return targets


def terms_over(county: County, targets: list[Target]) -> list[Term]:
    place = county.id
    owners = sorted({t.owner_id for t in targets if t.owner_id})[:2]
    units = sorted({t.unit_id for t in targets if t.unit_id})[:2]
    return [
        *(Term(Field.OWNER, place, value=owner) for owner in owners),
        *(Term(Field.UNIT, place, value=unit) for unit in units),
        Term(Field.CODE, place, value=CODES[1]),
        Term(Field.CODE, place, span=subtree(CODES[1])),
        Term(Field.CODE, place, span=subtree(CODES[0])),
        Term(Field.PLACE, place, value=place),
        Term(Field.ASSIGNEE, place, value=owners[0]),
    ]


def choices_of(terms: list[Term]) -> list[Rows]:
    allows = [(), *((term,) for term in terms), *combinations(terms, 2)]
    denies = [(), *((term,) for term in terms[::3])]
    return [Rows(allow, deny) for allow in allows for deny in denies]


def key_of(row: object) -> tuple[str, UUID | None, UUID]:
    return (row.code, row.unit_id, row.person_id)  # type: ignore[attr-defined]


async def by_filter(rows: Rows) -> int:
    return await people.Post.filter(reach.as_filter(rows, COLUMNS), basis="appointment").count()


async def by_sql(rows: Rows, county: County) -> int:
    condition, values = reach.as_sql(rows, COLUMNS, first=2)
    [row] = await scope.fetch(
        f"SELECT count(*) AS n FROM posts WHERE tenant_id = $1 AND {condition}", county.id, *values
    )
    return int(row["n"])


async def test_filter_sql_and_terms_agree_on_every_choice(counties: tuple[County, County]) -> None:
    here = counties[0]
    targets = await two_thousand_posts(here)
    targets.append(Target(here.id, here.code, here.unit.id, here.person.id))
    choices = choices_of(terms_over(here, targets))

    async with scope.open(reads=[here.id]):
        for rows in choices:
            expected = sum(rows.hold(target) for target in targets)
            assert (await by_filter(rows), await by_sql(rows, here)) == (expected, expected), rows
    assert len(choices) * len(targets) > 300_000


async def test_a_missing_owner_is_denied_by_nothing(counties: tuple[County, County]) -> None:
    """A bare NOT over NULL would drop the row; a unit is NULL where the row has none."""
    here = counties[0]
    everything = Term(Field.PLACE, here.id, value=here.id)
    rows = Rows((everything,), (Term(Field.UNIT, here.id, value=here.unit.id),))
    async with scope.open(writes=here.id):
        await people.open_post(here.person.id, "village_party_secretary", here.code, here.post.begins_on)

        found = await people.Post.filter(reach.as_filter(rows, COLUMNS))
        assert [post.unit_id for post in found] == [None]
        assert await by_sql(rows, here) == 1
        assert await by_sql(Rows((everything,)), here) == 2


async def test_a_term_over_a_column_that_the_table_lacks_holds_nothing(
    counties: tuple[County, County],
) -> None:
    here = counties[0]
    rows = Rows((Term(Field.UNIT, here.id, value=here.unit.id),))
    async with scope.open(reads=[here.id]):
        assert await Person.filter(reach.as_filter(rows, {Field.OWNER: "id"})).count() == 0
        assert reach.as_sql(rows, {Field.OWNER: "id"}) == ("(false)", [])
        own = Rows((Term(Field.OWNER, here.id, value=here.person.id),))
        assert await Person.filter(reach.as_filter(own, {Field.OWNER: "id"})).count() == 1


async def test_a_denial_of_the_whole_place_leaves_nothing(counties: tuple[County, County]) -> None:
    here = counties[0]
    everything = Term(Field.PLACE, here.id, value=here.id)
    async with scope.open(reads=[here.id]):
        assert await by_filter(Rows((everything,), (everything,))) == 0
        assert await by_sql(Rows((everything,), (everything,)), here) == 0
        assert await by_filter(Rows((everything,))) == await by_sql(Rows((everything,)), here) == 1
        assert await Outing.all().count() == 0


def test_sql_holds_no_value() -> None:
    place, owner = uuid4(), uuid4()
    rows = Rows((Term(Field.OWNER, place, value=owner), Term(Field.CODE, place, span=("1", "2"))))

    assert reach.as_sql(rows, COLUMNS, first=3) == (
        "((person_id = $3 OR (code >= $4 AND code < $5)))",
        [owner, "1", "2"],
    )
