"""请假、续假、销假: what adds up to one absence, and what does not."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date
from decimal import Decimal

import pytest
from tortoise.exceptions import IntegrityError

from tenants import leave, scope
from tenants.audit import AuditEntry
from tenants.leave import Extension, Leave, LeaveState
from tenants.notices import Notice
from tenants.refusals import Flaw, Refusal, RefusalCode
from tenants.requests import RequestState, Verdict
from tenants.steps import Step
from tests.conftest import Database
from tests.tenants.demonstration import (
    approved_leave,
    ask_leave,
    person_of,
    sign,
    sign_in,
    standing,
    withdraw,
)

WHO = "hn-first-secretary"
ONE = ["township_party_committee"]
TWO = ["dispatching_unit", "organisation_personnel_bureau"]


async def organs_of(asked: leave.Submitted) -> list[str]:
    async with scope.open(reads=[asked.leave.tenant_id]):
        return sorted([step.organ for step in await Step.filter(request_id=asked.request.id)])


# 已请的假, 这次请的假, 按几天批, 由谁批
SUMS = [
    ("三天，一人批", [], ("18", "20"), "3", ONE),
    ("三天半，两家批", [], ("18", "21.5"), "3.5", TWO),
    ("四天，两家批", [], ("18", "21"), "4", TWO),
    ("三天连一天，按四天", [("18", "20")], ("21", "21"), "4", TWO),
    ("先请后面的，也连起来", [("19", "21")], ("18", "18"), "4", TWO),
    ("中间隔一天，不连", [("18", "20")], ("22", "22"), "1", ONE),
    ("上午下午相接，算连续", [("18", "20.5")], ("20.5", "21.5"), "3.5", TWO),
    ("隔半天，不连", [("18", "20.5")], ("21", "21"), "1", ONE),
    ("填上两段之间的空", [("18", "19"), ("21", "22")], ("20", "20"), "5", TWO),
]


@pytest.mark.parametrize(
    ("earlier", "now", "days", "organs"), [s[1:] for s in SUMS], ids=[s[0] for s in SUMS]
)
async def test_adjoining_days_are_one_absence(
    people_models: Database,
    earlier: list[tuple[str, str]],
    now: tuple[str, str],
    days: str,
    organs: list[str],
) -> None:
    for begins, ends in earlier:
        await ask_leave(WHO, begins, ends)

    asked = await ask_leave(WHO, *now)

    assert asked.leave.days_judged == Decimal(days)
    assert await organs_of(asked) == organs


async def _reject(asked: leave.Submitted) -> None:
    await sign("hn-township-secretary", asked.request.id, Verdict.REJECT)


async def _take_back(asked: leave.Submitted) -> None:
    await withdraw(WHO, asked.request.id)


async def _approve(asked: leave.Submitted) -> None:
    await sign("hn-township-secretary", asked.request.id)


ENDS = [
    ("批准的算", _approve, LeaveState.APPROVED, "4"),
    ("不批的不算", _reject, LeaveState.REJECTED, "1"),
    ("撤回的不算", _take_back, LeaveState.WITHDRAWN, "1"),
]


@pytest.mark.parametrize(("end", "state", "days"), [e[1:] for e in ENDS], ids=[e[0] for e in ENDS])
async def test_only_an_absence_adds_up(
    people_models: Database, end: Callable[[leave.Submitted], Awaitable[None]], state: LeaveState, days: str
) -> None:
    first = await ask_leave(WHO, "18", "20")
    await end(first)

    asked = await ask_leave(WHO, "21", "21")

    assert asked.leave.days_judged == Decimal(days)
    async with scope.open(reads=[first.leave.tenant_id]):
        assert (await Leave.get(id=first.leave.id)).state is state


IMPOSSIBLE = [
    ("与已请的假重叠", ("20", "22"), Flaw.OVERLAPS),
    ("与已请的假同一天", ("18", "20"), Flaw.OVERLAPS),
]


@pytest.mark.parametrize(("days", "flaw"), [i[1:] for i in IMPOSSIBLE], ids=[i[0] for i in IMPOSSIBLE])
async def test_a_day_is_leave_only_once(people_models: Database, days: tuple[str, str], flaw: Flaw) -> None:
    await ask_leave(WHO, "18", "20")

    with pytest.raises(Refusal) as refused:
        await ask_leave(WHO, *days)

    assert refused.value.params["flaw"] is flaw
    assert (await ask_leave(WHO, "21", "22")).leave.days_judged == 5


@pytest.mark.parametrize(
    ("begins", "ends", "flaw"),
    [
        (date(2014, 12, 31), date(2015, 1, 2), Flaw.OUTSIDE_POST),
        (date(2018, 7, 1), date(2019, 7, 2), Flaw.TOO_MANY_DAYS),
    ],
    ids=["任职之前", "超过一年"],
)
async def test_a_leave_that_cannot_be_is_refused(
    people_models: Database, begins: date, ends: date, flaw: Flaw
) -> None:
    async with standing(WHO) as caller:
        with pytest.raises(Refusal) as refused:
            await leave.submit(caller.viewer, caller.law, leave.Draft(begins, ends))

    assert refused.value.params["flaw"] is flaw
    async with standing(WHO) as caller:
        possible = leave.Draft(max(begins, date(2015, 1, 1)), min(ends, date(2019, 7, 1)))
        assert (await leave.submit(caller.viewer, caller.law, possible)).leave.days > 0


async def test_the_leave_of_another_person_does_not_add_up(people_models: Database) -> None:
    await ask_leave("hn-team-member", "18", "20")

    assert (await ask_leave(WHO, "21", "21")).leave.days_judged == 1


async def test_two_sent_at_once_are_judged_one_after_the_other(people_models: Database) -> None:
    claims = await sign_in(WHO)

    both = await asyncio.gather(ask_leave(claims, "18", "20"), ask_leave(claims, "21", "22"))

    assert sorted(asked.leave.days_judged for asked in both) in ([2, 5], [3, 5])


async def test_coming_back_early_shortens_the_absence(people_models: Database) -> None:
    asked = await approved_leave(WHO, "14", "16")
    async with standing(WHO) as caller:
        back = await leave.come_back(caller.viewer, caller.law, asked.leave.id, date(2018, 6, 15))
        assert (back.state, back.span.days, back.version) == (LeaveState.RETURNED, 1, 3)

    assert (await ask_leave(WHO, "17", "19")).leave.days_judged == 3
    assert (await ask_leave(WHO, "15", "15")).leave.days_judged == 2


BAD_RETURNS = [("早于请假", date(2018, 6, 13)), ("晚于明天", date(2018, 6, 17))]


@pytest.mark.parametrize("on", [b[1] for b in BAD_RETURNS], ids=[b[0] for b in BAD_RETURNS])
async def test_a_return_lies_between_the_first_day_and_tomorrow(people_models: Database, on: date) -> None:
    asked = await approved_leave(WHO, "14", "16")

    with pytest.raises(Refusal) as refused:
        async with standing(WHO) as caller:
            await leave.come_back(caller.viewer, caller.law, asked.leave.id, on)

    assert (refused.value.code, refused.value.path) == (RefusalCode.INVALID, ("on",))
    async with standing(WHO) as caller:
        assert (
            await leave.come_back(caller.viewer, caller.law, asked.leave.id, date(2018, 6, 16))
        ).span.days == 2


async def test_only_one_s_own_approved_leave_can_be_ended(people_models: Database) -> None:
    pending = await ask_leave(WHO, "14", "16")
    for login, code in ((WHO, RefusalCode.WRONG_STATE), ("hn-team-member", RefusalCode.NOT_FOUND)):
        with pytest.raises(Refusal) as refused:
            async with standing(login) as caller:
                await leave.come_back(caller.viewer, caller.law, pending.leave.id, date(2018, 6, 15))
        assert refused.value.code is code


async def test_an_extension_begins_where_the_leave_ends_and_is_judged_by_both(
    people_models: Database,
) -> None:
    first = await approved_leave(WHO, "18", "20")

    async with standing(WHO) as caller:
        more = await leave.extend(
            caller.viewer, caller.law, first.leave.id, Extension(date(2018, 6, 21), until_noon=True)
        )

    assert (more.leave.begins_on, more.leave.days, more.leave.days_judged) == (
        date(2018, 6, 21),
        Decimal("0.5"),
        Decimal("3.5"),
    )
    assert more.leave.extends_id == first.leave.id
    assert await organs_of(more) == TWO
    async with scope.open(reads=[first.leave.tenant_id]):
        assert (await Leave.get(id=first.leave.id)).state is LeaveState.APPROVED


BAD_DAYS = [("先后颠倒", "20", "18"), ("一天不剩", "18.5", "18.5")]


@pytest.mark.parametrize(("begins", "ends"), [b[1:] for b in BAD_DAYS], ids=[b[0] for b in BAD_DAYS])
async def test_days_that_are_none_are_refused(people_models: Database, begins: str, ends: str) -> None:
    with pytest.raises(Refusal) as refused:
        await ask_leave(WHO, begins, ends)

    assert (refused.value.code, refused.value.path) == (RefusalCode.INVALID, ("endsOn",))
    assert (await ask_leave(WHO, "18", "18.5")).leave.days == Decimal("0.5")


async def test_the_database_keeps_half_days(people_models: Database) -> None:
    asked = await ask_leave(WHO, "18", "18.5")

    with pytest.raises(IntegrityError, match="leaves_are_half_days"):
        async with scope.open(writes=asked.leave.tenant_id):
            await Leave.filter(id=asked.leave.id).update(days=Decimal("0.3"))
    async with scope.open(writes=asked.leave.tenant_id):
        assert await Leave.filter(id=asked.leave.id).update(days=Decimal("1.5")) == 1


async def test_a_refusal_writes_nothing(people_models: Database) -> None:
    """通渭县: 天数在所引办法中；乡长不是驻村干部，本县文件没有规定他的请假。"""
    mayor = await person_of("hn-township-mayor")

    with pytest.raises(Refusal) as refused:
        await ask_leave("hn-township-mayor", "18", "20")

    assert refused.value.code is RefusalCode.UNSPECIFIED
    async with scope.open(reads=[mayor.tenant_id]):
        assert await Leave.filter(person_id=mayor.id).count() == 0


async def test_the_same_key_sent_ten_times_at_once_has_one_effect(people_models: Database) -> None:
    claims = await sign_in(WHO)

    asked = await asyncio.gather(*(ask_leave(claims, "18", "20", key="k") for _ in range(10)))

    assert len({one.leave.id for one in asked}) == 1
    async with scope.open(reads=[asked[0].leave.tenant_id]):
        assert await Leave.filter(person_id=asked[0].leave.person_id).count() == 1
        assert await AuditEntry.filter(act="leave.submit").count() == 1


async def test_the_reason_stands_in_the_leave_and_nowhere_else(people_models: Database) -> None:
    reason, remark = "住院手术", "情况属实，同意"
    asked = await ask_leave(WHO, "14", "15", reason=reason, justification="补充说明")
    await sign("hn-township-secretary", asked.request.id, remark=remark)
    async with standing(WHO) as caller:
        await leave.come_back(caller.viewer, caller.law, asked.leave.id, date(2018, 6, 15))

    async with scope.open(reads=[asked.leave.tenant_id]):
        entries, notices = await AuditEntry.all(), await Notice.all()
        written = str([dict(row) for row in (*entries, *notices)])
        assert (await Leave.get(id=asked.leave.id)).reason == reason
    assert {entry.act for entry in entries} == {"leave.submit", "request.approve", "leave.return"}
    assert {notice.kind for notice in notices} == {"request_waits", "leave_approved", "leave_returned"}
    for text in (reason, remark, "补充说明"):
        assert text not in written
    assert asked.request.state is RequestState.OPEN


async def test_an_approved_leave_that_has_not_begun_can_be_given_up(people_models: Database) -> None:
    asked = await approved_leave(WHO, "18", "20")
    async with standing(WHO) as caller:
        given_up = await leave.cancel(caller.viewer, caller.law, asked.leave.id)

    assert (given_up.state, given_up.version) == (LeaveState.WITHDRAWN, 3)
    assert (await ask_leave(WHO, "18", "20")).leave.days_judged == 3
    async with scope.open(reads=[asked.leave.tenant_id]):
        told = [n.person_id for n in await Notice.filter(kind="leave_cancelled")]
    assert told == [(await person_of("hn-township-secretary")).id]


async def test_a_leave_that_has_begun_or_waits_is_not_given_up(people_models: Database) -> None:
    begun, waiting = await approved_leave(WHO, "15", "16"), await ask_leave(WHO, "18", "20")

    for asked in (begun, waiting):
        with pytest.raises(Refusal) as refused:
            async with standing(WHO) as caller:
                await leave.cancel(caller.viewer, caller.law, asked.leave.id)
        assert refused.value.code is RefusalCode.WRONG_STATE


async def test_a_late_return_lengthens_the_absence(people_models: Database) -> None:
    asked = await approved_leave(WHO, "12", "13")
    async with standing(WHO) as caller:
        back = await leave.come_back(caller.viewer, caller.law, asked.leave.id, date(2018, 6, 15))

    assert back.span.days == 3
    assert (await ask_leave(WHO, "15", "15")).leave.days_judged == 4
