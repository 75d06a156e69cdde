"""The places that a viewer reaches: his own, those below it, and none that a denial takes away."""

from policies.jurisdiction import subtree
from policies.reach import Field, Rows, Term
from tenants import places, scope
from tests.conftest import Database

HENAN, HERE = "410000000000", "410173000000"


async def codes_within(rows: Rows) -> list[str]:
    async with scope.open():
        return [place.code for place in await places.within(rows)]


async def own(code: str) -> Term:
    async with scope.open():
        place_id = (await places.ids_by_code())[code]
    return Term(Field.PLACE, place_id, value=place_id)


async def test_a_province_sees_itself_and_what_lies_below_it(people_models: Database) -> None:
    below = Term(Field.CODE, None, span=subtree(HENAN))

    assert await codes_within(Rows((await own(HENAN), below))) == [HENAN, HERE]
    assert await codes_within(Rows((await own(HERE),))) == [HERE]
    assert await codes_within(Rows()) == []


async def test_a_denial_hides_a_place_by_its_id_and_by_its_code(people_models: Database) -> None:
    below, here = Term(Field.CODE, None, span=subtree(HENAN)), await own(HERE)

    assert await codes_within(Rows((below,), (here,))) == [HENAN]
    assert await codes_within(Rows((here,), (here,))) == []
    assert await codes_within(Rows((below,), (Term(Field.CODE, None, span=subtree(HERE)),))) == [HENAN]
