"""The rows a viewer reaches: casbin, the table, the filter and the SQL say the same of every row.

A rendering that is wrong on purpose is noticed by the same cases.
"""

import sys
from collections.abc import AsyncIterator
from pathlib import Path
from types import ModuleType
from uuid import uuid4

import pytest

from policies.reach import Field, Rows, Term
from tenants import conditions, database, people, reach, scope
from tenants.outings import Outing
from tenants.people import Person
from tests.conftest import Database
from tests.tenants.reach_world import ALL_PLACES, Planted, as_sql, cases, planted
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


def mutant(of: ModuleType, old: str, new: str) -> ModuleType:
    """The module with one thing wrong."""
    path = Path(str(of.__file__))
    source = path.read_text(encoding="utf-8")
    assert source.count(old) == 1, f"{path.name} no longer says: {old}"
    module = ModuleType(of.__name__)
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(sys.modules, of.__name__, module)
        exec(compile(source.replace(old, new), path, "exec"), module.__dict__)  # noqa: S102
    return module


def reach_over(wrong: ModuleType) -> ModuleType:
    """tenants/reach.py over conditions that have one thing wrong."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(sys.modules, conditions.__name__, wrong)
        return mutant(reach, "def condition(", "def condition(")


IN_TERMS = {
    "忘了地方": ("if term.place_id is None or column == place:", "if True:"),
    "禁止不算": ("if (said := _denied(term, columns)) is not None]", "if False]"),
    "没有就是全部": (
        "reached = Some(tuple(allowed))",
        "reached = Some(tuple(allowed)) if allowed else Every(())",
    ),
    "没有下限": (
        '(Compared(column, ">=", lower), Compared(column, "<", upper))',
        '(Compared(column, "<", upper),)',
    ),
    "没有上限": ('Compared(column, "<", upper)))', "))"),
    "含下一个": ('"<", upper', '"<=", upper'),
}
IN_CONDITIONS = {
    "过滤：禁止吞掉空值": (
        "return Q(lacks_it, ~self.denied.as_filter(), join_type=Q.OR)",
        "return ~self.denied.as_filter()",
    ),
    "过滤：禁止反了": ("~self.denied.as_filter()", "self.denied.as_filter()"),
    "过滤：许可须全中": (
        "join_type=Q.OR) if self.parts else NOTHING",
        "join_type=Q.AND) if self.parts else NOTHING",
    ),
    "过滤：没有就是全部": ("if self.parts else NOTHING", "if self.parts else Q()"),
    "SQL：禁止吞掉空值": (
        'f"({self.denied.as_sql(row, writing)}) IS NOT TRUE"',
        'f"NOT ({self.denied.as_sql(row, writing)})"',
    ),
    "SQL：禁止反了": (") IS NOT TRUE", ") IS NOT FALSE"),
    "SQL：许可须全中": ("' OR '.join(", "' AND '.join("),
    "SQL：没有就是全部": ("or 'false'", "or 'true'"),
}


def mutants() -> dict[str, ModuleType]:
    of_terms = {name: mutant(reach, *change) for name, change in IN_TERMS.items()}
    wrong = {name: mutant(conditions, *change) for name, change in IN_CONDITIONS.items()}
    return of_terms | {name: reach_over(module) for name, module in wrong.items()}


async def is_noticed(wrong: ModuleType) -> bool:
    """Whether some case is shown other rows than those that are his, or a statement that cannot be asked."""
    for case in cases(MANY_CASES):
        if await case.by_filter(wrong.condition) != await case.by_filter():
            return True
        if await case.by_sql(wrong.condition) != await case.by_sql():
            return True
    return False


async def test_every_wrong_rendering_is_noticed(chance_rows: Planted) -> None:
    async with scope.open(reads=ALL_PLACES):
        unnoticed = [name for name, wrong in mutants().items() if not await is_noticed(wrong)]

    assert unnoticed == []


async def by_filter(rows: Rows) -> int:
    return await people.Post.filter(reach.condition(rows, COLUMNS).as_filter(), basis="appointment").count()


async def by_sql(rows: Rows, county: County) -> int:
    condition, values = as_sql(reach.condition(rows, COLUMNS))
    [row] = await scope.fetch(
        f"SELECT count(*) AS n FROM posts p WHERE p.tenant_id = $1 AND {condition}", county.id, *values
    )
    return int(row["n"])


async def test_a_missing_owner_is_denied_by_nothing(counties: tuple[County, County]) -> None:
    """A bare NOT over NULL would drop the row; a unit is NULL where the row has none."""
    here = counties[0]
    everything = Term(Field.PLACE, here.id, value=here.id)
    rows = Rows((everything,), (Term(Field.UNIT, here.id, value=here.unit.id),))
    async with scope.open(writes=here.id):
        await people.open_post(here.person.id, "village_party_secretary", here.code, here.post.begins_on)

        found = await people.Post.filter(reach.condition(rows, COLUMNS).as_filter())
        assert [post.unit_id for post in found] == [None]
        assert await by_sql(rows, here) == 1
        assert await by_sql(Rows((everything,)), here) == 2


async def test_a_term_over_a_column_that_the_table_lacks_holds_nothing(
    counties: tuple[County, County],
) -> None:
    here = counties[0]
    rows = Rows((Term(Field.UNIT, here.id, value=here.unit.id),))
    async with scope.open(reads=[here.id]):
        assert await Person.filter(reach.condition(rows, {Field.OWNER: "id"}).as_filter()).count() == 0
        assert as_sql(reach.condition(rows, {Field.OWNER: "id"})) == ("(false)", [])
        own = Rows((Term(Field.OWNER, here.id, value=here.person.id),))
        assert await Person.filter(reach.condition(own, {Field.OWNER: "id"}).as_filter()).count() == 1


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

    assert as_sql(reach.condition(rows, COLUMNS), "t") == (
        "(t.person_id = $2 AND t.tenant_id = $3 OR t.code >= $4 AND t.code < $5 AND t.tenant_id = $6)",
        [owner, place, "1", "2", place],
    )
