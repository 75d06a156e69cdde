"""Two small counties, alike in everything but their canaries, and the scopes in which they are probed."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID, uuid4

from tenants import people, places, scope, units
from tenants.people import Person, Post
from tenants.places import PlaceKind
from tenants.units import Unit


@dataclass(frozen=True, slots=True)
class County:
    """A place with one canary of each kind. `spare`: a unit that nothing refers to; each place has one of
    that name."""

    id: UUID
    code: str
    unit: Unit
    spare: Unit
    person: Person
    post: Post


async def found(code: str, mark: str) -> County:
    place_id = uuid4()
    async with scope.open(writes=place_id):
        await places.found(place_id, code=code, name=f"{mark}县", kind=PlaceKind.COUNTY, parent_id=None)
        unit = await units.create(name=f"canary of {mark}", organ=None, code=code)
        spare = await units.create(name="同名单位", organ=None, code=code)
        person = await people.create(name=f"canary of {mark}")
        post = await people.open_post(person.id, "unit_head", code, date(2015, 1, 1), unit_id=unit.id)
    return County(place_id, code, unit, spare, person, post)
