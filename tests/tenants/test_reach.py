"""The rows a viewer reaches: casbin, the table, the filter and the SQL say the same of every row.

A rendering that is wrong on purpose is noticed by the same cases.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType
from uuid import uuid4

import asyncpg
import pytest

from policies.reach import Field, Rows, Term
from tenants import database, people, reach, scope
from tenants.outings import Outing
from tenants.people import Person
from tests.conftest import Database
from tests.tenants.reach_world import ALL_PLACES, Planted, cases, planted
from tests.tenants.two_places import County

COLUMNS = {Field.OWNER: "person_id", Field.UNIT: "unit_id", Field.CODE: "code"}
MANY_ROWS, MANY_CASES = 250, 160


@pytest.fixture
async def chance_rows(empty_database: Database) -> AsyncIterator[Planted]:
    rows = await planted(empty_database, MANY_ROWS)
    async with database.connected(empty_database.app, pool_size=2):
        yield rows


async def test_casbin_table_filter_and_sql_agree_on_every_row(chance_rows: Planted) -> None:
    reached = 0
    async with scope.open(reads=ALL_PLACES):
        for case in cases(MANY_CASES):
            expected = case.by_casbin(chance_rows)
            assert case.by_table(chance_rows) == expected, case
            assert await case.by_filter() == expected, case
            assert await case.by_sql() == expected, case
            reached += len(expected)

    # Neither everything nor nothing: half the viewers may do something, and none everything.
    assert MANY_CASES * 10 < reached < MANY_CASES * MANY_ROWS // 2


async def test_in_the_scope_of_one_place_they_agree_on_its_rows(chance_rows: Planted) -> None:
    for case in cases(MANY_CASES // 4):
        here = {row_id: row for row_id, row in chance_rows.items() if row.place_id == case.who.place_id}
        async with scope.open(reads=[case.who.place_id]):
            assert await case.by_filter() == await case.by_sql() == case.by_casbin(here), case


def mutant(old: str, new: str) -> ModuleType:
    """tenants/reach.py with one thing wrong."""
    path = Path(str(reach.__file__))
    source = path.read_text(encoding="utf-8")
    assert source.count(old) == 1, f"reach.py no longer says: {old}"
    module = ModuleType("mutant")
    exec(compile(source.replace(old, new), path, "exec"), module.__dict__)  # noqa: S102
    return module


MUTANTS = {
    "过滤：忘了地方": ("is None or column == place else said & _is", "is None or True else said & _is"),
    "过滤：禁止不算": ("if denied is not None:", "if denied is not None and False:"),
    "过滤：禁止吞掉空值": ("Q(lacks_it, ~denied, join_type=Q.OR)", "~denied"),
    "过滤：禁止反了": ("Q(lacks_it, ~denied, join_type=Q.OR)", "Q(lacks_it, denied, join_type=Q.OR)"),
    "过滤：许可须全中": ("Q(*allowed, join_type=Q.OR)", "Q(*allowed, join_type=Q.AND)"),
    "过滤：只看第一条": ("Q(*allowed, join_type=Q.OR)", "Q(allowed[0])"),
    "过滤：没有就是全部": ("return NOTHING", "return Q()"),
    "过滤：含下一个": ('_is(f"{column}__lt", term.span[1])', '_is(f"{column}__lte", term.span[1])'),
    "过滤：没有下限": ('_is(f"{column}__gte", term.span[0]) & ', ""),
    "SQL：忘了地方": ("and column != place:", "and not place:"),
    "SQL：禁止不算": ("if text is not None:", "if text is not None and False:"),
    "SQL：禁止吞掉空值": ('f"({text}) IS NOT TRUE"', 'f"NOT ({text})"'),
    "SQL：禁止反了": ('f"({text}) IS NOT TRUE"', 'f"({text}) IS NOT FALSE"'),
    "SQL：许可须全中": ('" OR ".join(allowed)', '" AND ".join(allowed)'),
    "SQL：许可不加括号": ('"(" + " OR ".join(allowed) + ")"', '" OR ".join(allowed)'),
    "SQL：没有就是全部": ('return "(false)", []', 'return "(true)", []'),
    "SQL：含下一个": ("AND {column} < {condition.bind(upper)}", "AND {column} <= {condition.bind(upper)}"),
    "SQL：没有上限": (" AND {column} < {condition.bind(upper)}", ""),
}


async def is_noticed(wrong: ModuleType) -> bool:
    """Whether some case is shown other rows than those that are his, or a statement that cannot be asked."""
    for case in cases(MANY_CASES):
        if await case.by_filter(wrong.as_filter) != await case.by_filter():
            return True
        try:
            if await case.by_sql(wrong.as_sql) != await case.by_sql():
                return True
        except asyncpg.InterfaceError:
            return True
    return False


async def test_every_wrong_rendering_is_noticed(chance_rows: Planted) -> None:
    async with scope.open(reads=ALL_PLACES):
        unnoticed = [name for name in MUTANTS if not await is_noticed(mutant(*MUTANTS[name]))]

    assert unnoticed == []


async def by_filter(rows: Rows) -> int:
    return await people.Post.filter(reach.as_filter(rows, COLUMNS), basis="appointment").count()


async def by_sql(rows: Rows, county: County) -> int:
    condition, values = reach.as_sql(rows, COLUMNS, first=2)
    [row] = await scope.fetch(
        f"SELECT count(*) AS n FROM posts WHERE tenant_id = $1 AND {condition}", county.id, *values
    )
    return int(row["n"])


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
        "(((person_id = $3 AND tenant_id = $4) OR (code >= $5 AND code < $6 AND tenant_id = $4)))",
        [owner, place, "1", "2"],
    )
