"""Signing: by whom, once, never for oneself, and never by a post that has just been revoked."""

import asyncio
from datetime import date
from uuid import UUID

import pytest
from tortoise.exceptions import OperationalError

from tenants import approvals, people, requests, scope
from tenants.audit import AuditEntry
from tenants.leave import Leave, LeaveState, Submitted
from tenants.people import Post
from tenants.refusals import Refusal, RefusalCode
from tenants.requests import Request, RequestState, Signature, Verdict
from tests.conftest import Database
from tests.tenants.demonstration import (
    Caller,
    ask_leave,
    person_of,
    post_of,
    sign,
    sign_in,
    standing,
    withdraw,
)

WHO = "hn-first-secretary"
LAW_DAY = date(2018, 6, 15)
ACT_FOR_UNIT = "authority:dispatching_unit.act_for"


async def four_days() -> Submitted:
    """Two organs approve them: the bureau and the unit that sent the man."""
    return await ask_leave(WHO, "18", "21")


async def refusal_of(login: str, request: UUID, **details: object) -> Refusal:
    with pytest.raises(Refusal) as refused:
        await sign(login, request, **details)
    return refused.value


async def signatures(asked: Submitted) -> list[Signature]:
    async with scope.open(reads=[asked.leave.tenant_id]):
        return await Signature.filter(request_id=asked.request.id)


async def open_post(
    login: str, role: str, unit_of: str, acting_for: Post | None = None, **details: object
) -> Post:
    """A further post for a demo person, in the unit of another."""
    person, of_unit = await person_of(login), await post_of(unit_of)
    if acting_for is not None:
        details |= {"acting_for_id": acting_for.id, "limited_to": [ACT_FOR_UNIT]}
    async with scope.open(writes=person.tenant_id):
        return await people.open_post(
            person.id, role, of_unit.code, date(2015, 1, 1), unit_id=of_unit.unit_id, **details
        )


async def end_post(post: Post, on: date = LAW_DAY) -> None:
    async with scope.open(writes=post.tenant_id):
        assert await people.end_post(post.id, on) == 1


async def test_two_organs_sign_and_the_leave_is_approved(people_models: Database) -> None:
    asked = await four_days()

    first = await sign("hn-bureau-head", asked.request.id)
    assert (first.state, first.version) == (RequestState.OPEN, 2)
    second = await sign("hn-unit-head", asked.request.id, remark="同意")

    assert second.state is RequestState.APPROVED
    assert len(await signatures(asked)) == 2
    async with scope.open(reads=[asked.leave.tenant_id]):
        assert (await Leave.get(id=asked.leave.id)).state is LeaveState.APPROVED


REFUSED = [
    ("乡镇党委书记看得到，但不由他批", "hn-township-secretary", RefusalCode.NOT_YOURS_TO_SIGN),
    ("县级书记看得到，但不由他批", "hn-county-secretary", RefusalCode.NOT_YOURS_TO_SIGN),
    ("本人看得到，不能批自己", WHO, RefusalCode.NOT_YOURS_TO_SIGN),
    ("另一派出单位，看不到", "hn-other-unit-head", RefusalCode.NOT_FOUND),
    ("另一乡镇，看不到", "hn-other-township-secretary", RefusalCode.NOT_FOUND),
    ("管理员，看不到", "hn-admin", RefusalCode.NOT_FOUND),
    ("另一个县", "tw-bureau-head", RefusalCode.NOT_FOUND),
]


@pytest.mark.parametrize(("login", "code"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
async def test_nobody_else_signs(people_models: Database, login: str, code: RefusalCode) -> None:
    asked = await four_days()

    assert (await refusal_of(login, asked.request.id)).code is code
    assert await signatures(asked) == []


async def test_nobody_signs_for_himself(people_models: Database) -> None:
    """He heads the unit that sent him: the office is his, the case is too."""
    own = await post_of(WHO)
    await open_post(WHO, "unit_head", unit_of=WHO)
    asked = await ask_leave(WHO, "18", "21", post_id=own.id)
    other = await ask_leave("hn-team-member", "18", "21")

    refused = await refusal_of(WHO, asked.request.id)

    assert (refused.code, refused.params) == (RefusalCode.NOT_YOURS_TO_SIGN, {"reason": "DENIED_BY_RULE"})
    assert await signatures(asked) == []
    await sign(WHO, other.request.id)
    assert len(await signatures(other)) == 1


async def test_one_act_of_who_holds_several_seats_closes_them_all(people_models: Database) -> None:
    """A-17. Otherwise a bureau that sends its own cadres could never grant them four days."""
    await open_post("hn-bureau-head", "unit_head", unit_of="hn-unit-head")
    asked = await four_days()

    assert (await sign("hn-bureau-head", asked.request.id)).state is RequestState.APPROVED

    signed = await signatures(asked)
    assert len({signature.step_id for signature in signed}) == len(signed) == 2
    assert {signature.person_id for signature in signed} == {(await person_of("hn-bureau-head")).id}


async def test_who_has_signed_does_not_sign_again_beside_others(people_models: Database) -> None:
    asked = await four_days()
    await sign("hn-bureau-head", asked.request.id)

    assert (await refusal_of("hn-bureau-head", asked.request.id)).code is RefusalCode.ALREADY_SIGNED
    assert len(await signatures(asked)) == 1
    assert (await sign("hn-unit-head", asked.request.id)).state is RequestState.APPROVED


async def test_an_acting_post_signs_in_its_principal_s_place(people_models: Database) -> None:
    principal = await post_of("hn-unit-head")
    acting = await open_post("hn-village-secretary", "unit_head", "hn-unit-head", acting_for=principal)
    asked = await four_days()

    await sign("hn-village-secretary", asked.request.id)

    [signature] = await signatures(asked)
    assert signature.post_id == acting.id
    assert (await refusal_of("hn-unit-head", asked.request.id)).code is RefusalCode.NOT_YOURS_TO_SIGN


async def test_an_acting_post_does_not_sign_its_principal_s_own_case(people_models: Database) -> None:
    own = await post_of(WHO)
    principal = await open_post(WHO, "unit_head", unit_of="hn-unit-head")
    await open_post("hn-village-secretary", "unit_head", "hn-unit-head", acting_for=principal)
    asked = await ask_leave(WHO, "18", "21", post_id=own.id)
    other = await ask_leave("hn-team-member", "18", "21")

    assert (await refusal_of("hn-village-secretary", asked.request.id)).code is RefusalCode.NOT_FOUND
    assert await signatures(asked) == []
    await sign("hn-village-secretary", other.request.id)
    assert len(await signatures(other)) == 1


async def test_an_acting_post_does_only_what_it_was_given(people_models: Database) -> None:
    principal = await post_of("hn-bureau-head")
    await open_post("hn-village-secretary", "unit_head", "hn-bureau-head", acting_for=principal)
    asked = await four_days()

    refused = await refusal_of("hn-village-secretary", asked.request.id)

    assert refused.code in (RefusalCode.NOT_FOUND, RefusalCode.NOT_YOURS_TO_SIGN)
    assert await signatures(asked) == []


async def sign_in_time(caller: Caller, request: UUID) -> Request:
    return await approvals.sign(caller.viewer, caller.access, request, verdict=Verdict.APPROVE)


async def sign_after(revoked: Post, login: str, asked: Submitted) -> Refusal:
    """He opens the page, the post is revoked elsewhere, he signs."""
    opened, ended = asyncio.Event(), asyncio.Event()

    async def revocation() -> None:
        await opened.wait()
        await end_post(revoked)
        ended.set()

    revoking = asyncio.create_task(revocation())

    async def signature() -> None:
        async with standing(login) as caller:
            opened.set()
            await ended.wait()
            await sign_in_time(caller, asked.request.id)

    with pytest.raises(Refusal) as refused:
        await signature()
    await revoking
    return refused.value


async def test_a_post_revoked_between_the_page_and_the_signature_signs_nothing(
    people_models: Database,
) -> None:
    asked, post = await four_days(), await post_of("hn-unit-head")

    refused = await sign_after(post, "hn-unit-head", asked)

    assert (refused.code, refused.params) == (RefusalCode.NOT_YOURS_TO_SIGN, {"reason": "NO_ACTIVE_POST"})
    assert await signatures(asked) == []


async def test_a_principal_revoked_in_between_takes_the_acting_post_along(people_models: Database) -> None:
    principal = await post_of("hn-unit-head")
    await open_post("hn-village-secretary", "unit_head", "hn-unit-head", acting_for=principal)
    asked = await four_days()

    refused = await sign_after(principal, "hn-village-secretary", asked)

    assert refused.code is RefusalCode.NOT_YOURS_TO_SIGN
    assert await signatures(asked) == []


async def test_a_revocation_waits_for_the_open_signature(people_models: Database) -> None:
    asked, post = await four_days(), await post_of("hn-unit-head")
    signed, revoke = asyncio.Event(), asyncio.Event()

    async def revocation() -> None:
        await signed.wait()
        revoke.set()
        await end_post(post)

    waiting = asyncio.create_task(revocation())
    async with standing("hn-unit-head") as caller:
        await sign_in_time(caller, asked.request.id)
        signed.set()
        await revoke.wait()
        await asyncio.sleep(0.15)
        assert not waiting.done()
    await waiting

    assert len(await signatures(asked)) == 1
    async with standing("hn-unit-head") as caller:
        assert caller.viewer.posts == ()


async def test_two_who_sign_at_once_sign_one_after_the_other(people_models: Database) -> None:
    asked = await four_days()

    both = await asyncio.gather(
        sign("hn-bureau-head", asked.request.id), sign("hn-unit-head", asked.request.id)
    )

    assert sorted(request.version for request in both) == [2, 3]
    assert len(await signatures(asked)) == 2


async def test_one_who_signs_ten_times_at_once_signs_once(people_models: Database) -> None:
    asked, claims = await four_days(), await sign_in("hn-unit-head")

    answers = await asyncio.gather(
        *(sign(claims, asked.request.id) for _ in range(10)), return_exceptions=True
    )

    refused = [answer.code for answer in answers if isinstance(answer, Refusal)]
    assert refused == [RefusalCode.ALREADY_SIGNED] * 9
    assert len(await signatures(asked)) == 1
    async with scope.open(reads=[asked.leave.tenant_id]):
        assert await AuditEntry.filter(act="request.approve").count() == 1


async def test_a_rejection_says_why_and_ends_the_request(people_models: Database) -> None:
    asked = await four_days()
    assert (await refusal_of("hn-unit-head", asked.request.id, verdict=Verdict.REJECT, remark=" ")).code is (
        RefusalCode.REASON_REQUIRED
    )

    rejected = await sign("hn-unit-head", asked.request.id, Verdict.REJECT, remark="防汛期间")

    assert rejected.state is RequestState.REJECTED
    assert (await refusal_of("hn-bureau-head", asked.request.id)).code is RefusalCode.ALREADY_DECIDED
    async with scope.open(reads=[asked.leave.tenant_id]):
        assert (await Leave.get(id=asked.leave.id)).state is LeaveState.REJECTED


async def test_only_the_applicant_withdraws_and_only_an_open_request(people_models: Database) -> None:
    asked = await four_days()
    with pytest.raises(Refusal) as refused:
        await withdraw("hn-unit-head", asked.request.id)
    assert refused.value.code is RefusalCode.NOT_YOUR_OWN

    assert (await withdraw(WHO, asked.request.id)).state is RequestState.WITHDRAWN

    with pytest.raises(Refusal) as refused:
        await withdraw(WHO, asked.request.id)
    assert refused.value.code is RefusalCode.ALREADY_DECIDED
    assert (await refusal_of("hn-unit-head", asked.request.id)).code is RefusalCode.ALREADY_DECIDED


async def test_who_saw_an_older_version_is_told(people_models: Database) -> None:
    asked = await four_days()
    await sign("hn-bureau-head", asked.request.id, expected_version=1)

    refused = await refusal_of("hn-unit-head", asked.request.id, expected_version=1)

    assert (refused.code, refused.params) == (RefusalCode.CONFLICT, {"found": 2})
    assert (await sign("hn-unit-head", asked.request.id, expected_version=2)).state is RequestState.APPROVED


@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
@pytest.mark.parametrize("table", ["audit_entries", "signatures"])
async def test_what_was_signed_and_recorded_stays(
    people_models: Database, table: str, statement: str
) -> None:
    asked = await four_days()
    await sign("hn-unit-head", asked.request.id)

    with pytest.raises(OperationalError, match="permission denied"):
        async with scope.open(writes=asked.leave.tenant_id):
            await scope.execute(f"{statement.format(table)} WHERE tenant_id = $1", asked.leave.tenant_id)
    assert len(await signatures(asked)) == 1


async def test_the_steps_that_wait_are_seen_in_the_work_queue(people_models: Database) -> None:
    asked = await four_days()

    async def waits_for(login: str) -> list[UUID]:
        async with standing(login) as caller:
            queue = await requests.work_queue(caller.viewer, caller.access, 100)
            return [request.id for request in await queue.rows()]

    assert await waits_for("hn-unit-head") == [asked.request.id]
    assert await waits_for("hn-other-unit-head") == []
    assert await waits_for(WHO) == []
    await sign("hn-unit-head", asked.request.id)
    assert await waits_for("hn-unit-head") == []
    assert await waits_for("hn-bureau-head") == [asked.request.id]
