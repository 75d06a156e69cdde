"""Who is named as holder of a step is exactly who Casbin lets sign it, whatever posts people hold."""

from datetime import date
from uuid import UUID

from api import demo
from policies.access import authority
from tenants import people, scope, steps
from tenants.people import Post
from tenants.steps import Step
from tests.conftest import Database
from tests.tenants.demonstration import ask_leave, person_of, post_of, standing

LAW_DAY = date(2018, 6, 15)
LOGINS = [sign_in.login for sign_in in demo.whole_county()]
ACTS = [
    authority(organ)
    for organ in ("dispatching_unit", "township_party_committee", "organisation_personnel_bureau")
]


async def open_post(login: str, seat: Post, *, acting: bool = False, **details: object) -> Post:
    """A further post where another stands: his own, or in the other's place."""
    person = await person_of(login)
    if acting:
        details = {"limited_to": ACTS, **details, "acting_for_id": seat.id}
    async with scope.open(writes=person.tenant_id):
        return await people.open_post(
            person.id, seat.role, seat.code, date(2015, 1, 1), unit_id=seat.unit_id, **details
        )


async def a_county_where_much_goes_on() -> None:
    """Deputies: standing, ended, for nothing that matters, and of one who has left; one holding two offices;
    an applicant who heads the unit that sent him."""
    seats = {
        login: await post_of(f"hn-{login}") for login in ("unit-head", "bureau-head", "township-secretary")
    }
    await open_post("hn-village-secretary", seats["unit-head"], acting=True)
    await open_post("hn-county-secretary", seats["unit-head"], acting=True, ends_on=LAW_DAY)
    await open_post("hn-admin", seats["bureau-head"], acting=True, limited_to=["leave.read"])
    await open_post("hn-other-unit-head", seats["bureau-head"])
    left = await open_post("hn-auditor", seats["township-secretary"])
    await open_post("hn-other-first-secretary", left, acting=True)
    await open_post("hn-team-member", seats["unit-head"])
    async with scope.open(writes=left.tenant_id):
        await people.end_post(left.id, LAW_DAY)


async def asked_steps() -> list[Step]:
    """Of a long leave and a short one, by people of two townships."""
    found: list[Step] = []
    for login in ("hn-first-secretary", "hn-other-first-secretary", "hn-team-member"):
        async with standing(login) as caller:
            own = next(p.id for p in caller.viewer.posts if p.role.startswith(("first", "village")))
        for begins, ends in (("18", "21"), ("26", "27")):
            asked = await ask_leave(login, begins, ends, post_id=own)
            async with scope.open(reads=[asked.leave.tenant_id]):
                found += (await steps.of_requests([asked.request.id]))[asked.request.id]
    return found


async def who_may_sign(step: Step) -> set[UUID]:
    found = set()
    for login in LOGINS:
        async with standing(login) as caller:
            party = steps.party_of(caller.viewer, step)
            if caller.access.explain(caller.viewer, party, authority(step.organ)).allowed:
                found.add(caller.viewer.person_id)
    return found


async def test_the_holders_of_a_step_are_those_who_may_sign_it(people_models: Database) -> None:
    await a_county_where_much_goes_on()
    asked = await asked_steps()

    for step in asked:
        async with standing("hn-first-secretary") as caller:
            named = await steps.holders(caller.access, step, LAW_DAY)
        assert named == await who_may_sign(step), step.organ

    assert {step.organ for step in asked} == {act.split(":")[1].split(".")[0] for act in ACTS}
