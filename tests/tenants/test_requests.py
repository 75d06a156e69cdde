"""The mechanics of asking and signing: how many must sign, in what order, and how a request ends."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID, uuid4

import pytest

from policies.bodies import Route
from policies.decisions import Decision, Question
from policies.outcomes import Ask, Group, Mode, Outcome, Step, StepAct
from tenants import requests, scope, steps, units
from tenants.notices import Notice
from tenants.people import Post
from tenants.refusals import Refusal, RefusalCode
from tenants.requests import Request, RequestState, Verdict
from tenants.steps import StepState, how_many
from tests.conftest import Database
from tests.tenants.demonstration import ask_leave, person_of, sign, standing, withdraw

WHO = "hn-first-secretary"
SECRETARY, MAYOR, COUNTY = "township_party_committee", "township_government", "county_party_committee"
SIGNERS = {
    SECRETARY: "hn-township-secretary",
    MAYOR: "hn-township-mayor",
    COUNTY: "hn-county-secretary",
    "organisation_personnel_bureau": "hn-bureau-head",
    "dispatching_unit": "hn-unit-head",
}
MODES = [
    (Group.of("a"), 1),
    (Group(Mode.ANY, ("a", "b", "c")), 1),
    (Group(Mode.AS_ONE, ("a", "b")), 1),
    (Group(Mode.ALL, ("a", "b", "c")), 3),
    (Group(Mode.EACH, ("a", "b")), 2),
    (Group(Mode.AT_LEAST, ("a", "b", "c"), 2), 2),
    (Group(Mode.AT_LEAST, ("a", "b", "c")), 1),
]


@pytest.mark.parametrize(("group", "needed"), MODES, ids=[f"{g.mode}-{g.count}" for g, _ in MODES])
def test_how_many_of_a_group_must_sign(group: Group, needed: int) -> None:
    assert how_many(group) == needed


async def opened(*asked: tuple[StepAct, Group]) -> Request:
    """A request of a kind whose subject does nothing, with these steps."""
    body = Route(tuple(Step(act, group) for act, group in asked))
    decision = Decision(Outcome.ROUTE, Question(Ask.ACT, "outing"), "HN", 1, date(2018, 6, 15), body=body)
    async with standing(WHO) as caller:
        post = await Post.get(id=caller.viewer.posts[0].id)
        return await requests.open_request(
            caller.viewer, caller.law, decision, ("outing", uuid4()), post, None
        )


async def states(request: Request) -> dict[str, StepState]:
    async with scope.open(reads=[request.tenant_id]):
        return {step.organ: step.state for step in (await steps.of_requests([request.id]))[request.id]}


async def approve(request: Request, *organs: str) -> list[RequestState]:
    return [(await sign(SIGNERS[organ], request.id)).state for organ in organs]


OPEN, APPROVED = RequestState.OPEN, RequestState.APPROVED
PROGRESS: list[tuple[str, Group, Sequence[str], list[RequestState]]] = [
    ("任一方", Group(Mode.ANY, (SECRETARY, MAYOR)), [MAYOR], [APPROVED]),
    ("两方都要", Group(Mode.ALL, (SECRETARY, MAYOR)), [MAYOR, SECRETARY], [OPEN, APPROVED]),
    ("三方中两方", Group(Mode.AT_LEAST, (SECRETARY, MAYOR, COUNTY), 2), [COUNTY, MAYOR], [OPEN, APPROVED]),
    ("各方都要", Group(Mode.EACH, (SECRETARY, COUNTY)), [SECRETARY, COUNTY], [OPEN, APPROVED]),
    ("党委、政府是一方", Group(Mode.AS_ONE, (SECRETARY, MAYOR)), [SECRETARY], [APPROVED]),
]


@pytest.mark.parametrize(
    ("group", "signers", "expected"), [p[1:] for p in PROGRESS], ids=[p[0] for p in PROGRESS]
)
async def test_a_step_is_complete_when_enough_have_signed(
    people_models: Database, group: Group, signers: Sequence[str], expected: list[RequestState]
) -> None:
    request = await opened((StepAct.APPROVE, group))

    assert await approve(request, *signers) == expected
    passed = set(group.terms) - set(signers)
    after = await states(request)
    assert {organ for organ, state in after.items() if state is StepState.SIGNED} == set(signers)
    assert {organ for organ, state in after.items() if state is StepState.PASSED} == passed


async def test_a_later_step_waits_for_the_earlier_one(people_models: Database) -> None:
    request = await opened(
        (StepAct.REVIEW, Group.of(SECRETARY)), (StepAct.APPROVE, Group(Mode.ANY, (MAYOR, COUNTY)))
    )
    assert await states(request) == {
        SECRETARY: StepState.OPEN,
        MAYOR: StepState.WAITING,
        COUNTY: StepState.WAITING,
    }
    with pytest.raises(Refusal) as refused:
        await approve(request, COUNTY)
    assert refused.value.code is RefusalCode.NOT_YOURS_TO_SIGN

    assert await approve(request, SECRETARY, COUNTY) == [OPEN, APPROVED]


async def test_a_step_that_only_tells_waits_for_nobody(people_models: Database) -> None:
    request = await opened((StepAct.FILE, Group.of(SECRETARY)))

    assert (request.state, await states(request)) == (RequestState.APPROVED, {})


async def test_one_rejection_ends_the_whole_request(people_models: Database) -> None:
    request = await opened(
        (StepAct.APPROVE, Group(Mode.ALL, (SECRETARY, MAYOR))), (StepAct.APPROVE, Group.of(COUNTY))
    )
    await approve(request, SECRETARY)

    rejected = await sign(SIGNERS[MAYOR], request.id, Verdict.REJECT)

    assert (rejected.state, rejected.version) == (RequestState.REJECTED, 3)
    assert await states(request) == {
        SECRETARY: StepState.SIGNED,
        MAYOR: StepState.REJECTED,
        COUNTY: StepState.PASSED,
    }


async def test_a_withdrawn_request_waits_for_nobody(people_models: Database) -> None:
    request = await opened((StepAct.APPROVE, Group(Mode.ALL, (SECRETARY, MAYOR))))
    await approve(request, MAYOR)

    withdrawn = await withdraw(WHO, request.id)

    assert withdrawn.state is RequestState.WITHDRAWN
    assert await states(request) == {SECRETARY: StepState.PASSED, MAYOR: StepState.SIGNED}


async def test_of_two_who_close_the_second_finds_it_changed(people_models: Database) -> None:
    request = await opened((StepAct.APPROVE, Group.of(SECRETARY)))
    async with scope.open(reads=[request.tenant_id]):
        stale = await Request.get(id=request.id)
    async with scope.open(writes=request.tenant_id):
        await requests.close(request, RequestState.WITHDRAWN)

    with pytest.raises(Refusal) as refused:
        async with scope.open(writes=request.tenant_id):
            await requests.close(stale, RequestState.APPROVED)

    assert refused.value.code is RefusalCode.CONFLICT
    async with scope.open(reads=[request.tenant_id]):
        kept = await Request.get(id=request.id)
    assert kept.closed_at is not None
    assert (kept.state, kept.version) == (RequestState.WITHDRAWN, 2)


async def holders_of(request: Request, on: date = date(2018, 6, 15)) -> dict[str, set[UUID]]:
    async with standing(WHO) as caller:
        parties = (await steps.of_requests([request.id]))[request.id]
        return {step.organ: await steps.holders(caller.access, step, on) for step in parties}


async def test_a_step_s_holders_are_those_whose_posts_reach_the_applicant(people_models: Database) -> None:
    organs = tuple(SIGNERS)
    request = await opened((StepAct.APPROVE, Group(Mode.ALL, organs)))

    expected = {organ: {(await person_of(login)).id} for organ, login in SIGNERS.items()}

    assert await holders_of(request) == expected
    assert await holders_of(request, date(2014, 12, 31)) == {organ: set() for organ in organs}


async def test_the_applicant_is_never_among_the_holders(people_models: Database) -> None:
    asked = await ask_leave(WHO, "18", "21")
    me = await person_of(WHO)
    async with standing(WHO) as caller:
        post = caller.viewer.posts[0]
    async with scope.open(writes=me.tenant_id):
        await Post.create(
            person_id=me.id,
            role="unit_head",
            code=post.code,
            unit_id=post.unit_id,
            begins_on=date(2015, 1, 1),
        )

    assert await holders_of(asked.request) == {
        "dispatching_unit": {(await person_of("hn-unit-head")).id},
        "organisation_personnel_bureau": {(await person_of("hn-bureau-head")).id},
    }


async def test_an_organ_that_the_place_does_not_have_opens_nothing(people_models: Database) -> None:
    with pytest.raises(Refusal) as refused:
        await opened((StepAct.APPROVE, Group.of("finance_bureau")))

    assert (refused.value.code, refused.value.params) == (
        RefusalCode.NOBODY_HOLDS_ORGAN,
        {"organ": "finance_bureau"},
    )
    me = await person_of(WHO)
    async with scope.open(reads=[me.tenant_id]):
        assert await Request.all().count() == 0


async def test_who_is_only_told_is_told_when_the_request_is_approved(people_models: Database) -> None:
    request = await opened((StepAct.APPROVE, Group.of(MAYOR)), (StepAct.FILE, Group.of(SECRETARY)))

    async def told() -> list[UUID]:
        async with scope.open(reads=[request.tenant_id]):
            return [notice.person_id for notice in await Notice.filter(kind="request_told")]

    assert await told() == []
    await approve(request, MAYOR)
    assert await told() == [(await person_of(SIGNERS[SECRETARY])).id]


async def test_an_organ_s_unit_is_the_nearest_one_at_or_above_the_applicant(people_models: Database) -> None:
    async with standing(WHO) as caller:
        village = caller.viewer.posts[0].code
        township, county = village[:9] + "000", caller.viewer.place_code
        at_county = await units.create(name="区财政所", organ="township_finance_office", code=county)
        assert await units.of_organ("township_finance_office", village) == at_county
        at_township = await units.create(name="镇财政所", organ="township_finance_office", code=township)

        assert await units.of_organ("township_finance_office", village) == at_township
        assert await units.of_organ("township_finance_office", county) == at_county
        assert await units.of_organ("township_poverty_office", village) is None
