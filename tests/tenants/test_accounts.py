"""Accounts and sessions: sign-in, lock, refresh tokens that are used once, invitations."""

import asyncio
from datetime import timedelta
from uuid import UUID, uuid4

import pytest

from tenants import accounts, clock, scope, secrets
from tenants.accounts import FAILURES_BEFORE_LOCK, Account, Invitation, Session, Tokens
from tenants.refusals import Flaw, Refusal, RefusalCode
from tenants.secrets import Signer
from tests.conftest import KEY, Database

SIGNER = Signer(KEY)
PASSWORD = "a long password"
ANOTHER = "another password"
HERE, THERE = uuid4(), uuid4()


async def an_account(login: str = "someone") -> Account:
    async with scope.open():
        account = await accounts.create(login, password_hash=await secrets.hash_password(PASSWORD))
        await accounts.belongs(account.id, HERE)
        return await Account.get(id=account.id)


async def check(login: str, password: str) -> Account | Refusal:
    async with scope.open():
        return await accounts.check_password(login, password)


async def codes(login: str, password: str, times: int) -> list[RefusalCode]:
    answers = [await check(login, password) for _ in range(times)]
    return [answer.code for answer in answers if isinstance(answer, Refusal)]


async def open_session(account: Account) -> Tokens:
    async with scope.open():
        return await accounts.open_session(account, HERE, SIGNER)


async def refresh(token: str) -> Tokens | Refusal:
    async with scope.open():
        return await accounts.refresh(token, SIGNER)


async def session_of(tokens: Tokens) -> Session:
    async with scope.open():
        return await Session.get(id=tokens.claims.session_id)


async def test_the_right_password_signs_in_whatever_the_case_of_the_name(models: Database) -> None:
    account = await an_account("Someone ")

    for login in ("someone", "SOMEONE", " Someone"):
        found = await check(login, PASSWORD)
        assert isinstance(found, Account)
        assert found.id == account.id
    assert await codes("someone", "wrong", 1) == [RefusalCode.SIGN_IN_FAILED]


async def test_one_login_belongs_to_one_account(models: Database) -> None:
    await an_account("someone")

    with pytest.raises(Refusal) as refused:
        await an_account("SOMEONE")

    assert refused.value.code is RefusalCode.LOGIN_TAKEN
    assert (await an_account("else")).login == "else"


@pytest.mark.parametrize(
    "login",
    ["someone\u200b", "s\u043emeone", "some\none", "\u202esomeone", "some one", "-someone", "某人", ""],
)
async def test_no_login_only_looks_like_another(models: Database, login: str) -> None:
    await an_account("someone")

    with pytest.raises(Refusal) as refused:
        await an_account(login)

    assert (refused.value.code, refused.value.params) == (RefusalCode.INVALID, {"flaw": Flaw.NOT_A_LOGIN})
    async with scope.open():
        assert await Account.all().count() == 1


async def test_a_login_is_plain_however_wide_it_was_written(models: Database) -> None:
    assert (await an_account("Ｓｏｍｅｏｎｅ＠２")).login == "someone@2"
    assert (await an_account("4.some_one-x")).login == "4.some_one-x"

    with pytest.raises(Refusal) as refused:
        await an_account("ｓｏｍｅｏｎｅ@2")

    assert refused.value.code is RefusalCode.LOGIN_TAKEN


async def test_an_unknown_name_and_a_wrong_password_look_alike(models: Database) -> None:
    await an_account()

    assert await codes("nobody", PASSWORD, 1) == await codes("someone", "wrong", 1)


async def test_five_failures_lock_and_the_lock_ends(models: Database) -> None:
    account = await an_account()
    assert await codes("someone", "wrong", FAILURES_BEFORE_LOCK) == [RefusalCode.SIGN_IN_FAILED] * 5

    assert await codes("someone", PASSWORD, 1) == [RefusalCode.SIGN_IN_FAILED]

    async with scope.open():
        past = clock.now() - timedelta(seconds=1)
        await Account.filter(id=account.id).update(locked_until=past)
    assert isinstance(await check("someone", PASSWORD), Account)


async def test_a_success_forgets_the_failures(models: Database) -> None:
    await an_account()
    await codes("someone", "wrong", FAILURES_BEFORE_LOCK - 1)
    assert isinstance(await check("someone", PASSWORD), Account)

    await codes("someone", "wrong", FAILURES_BEFORE_LOCK - 1)
    assert isinstance(await check("someone", PASSWORD), Account)


async def test_failures_at_once_are_all_counted(models: Database) -> None:
    account = await an_account()

    await asyncio.gather(*(check("someone", "wrong") for _ in range(4)))

    async with scope.open():
        assert (await Account.get(id=account.id)).failures == 4


async def test_a_disabled_account_does_not_sign_in(models: Database) -> None:
    account = await an_account()
    async with scope.open():
        await Account.filter(id=account.id).update(disabled_at=clock.now())

    assert await codes("someone", PASSWORD, 1) == [RefusalCode.SIGN_IN_FAILED]


async def test_a_session_keeps_no_token_in_the_clear(models: Database) -> None:
    tokens = await open_session(await an_account())

    secret = tokens.refresh.partition(".")[2]
    assert secret not in str(dict(await session_of(tokens)))
    assert SIGNER.read(tokens.access) == tokens.claims


async def test_a_refresh_token_is_changed_at_every_use(models: Database) -> None:
    first = await open_session(await an_account())
    second = await refresh(first.refresh)
    assert isinstance(second, Tokens)

    third = await refresh(second.refresh)

    assert isinstance(third, Tokens)
    assert len({first.refresh, second.refresh, third.refresh}) == 3
    assert third.claims == first.claims


async def test_a_token_sent_again_at_once_is_a_retry(models: Database) -> None:
    first = await open_session(await an_account())
    await refresh(first.refresh)

    assert isinstance(await refresh(first.refresh), Tokens)
    assert (await session_of(first)).ended_at is None


async def test_a_spent_token_used_later_ends_the_session(models: Database) -> None:
    first = await open_session(await an_account())
    second = await refresh(first.refresh)
    assert isinstance(second, Tokens)
    async with scope.open():
        late = clock.now() - accounts.RETRY_LEEWAY - timedelta(seconds=1)
        await Session.filter(id=first.claims.session_id).update(refreshed_at=late)

    refused = await refresh(first.refresh)

    assert isinstance(refused, Refusal)
    assert refused.code is RefusalCode.SESSION_ENDED
    assert (await session_of(first)).ended_at is not None
    assert isinstance(await refresh(second.refresh), Refusal)


async def test_any_secret_spent_before_ends_the_session(models: Database) -> None:
    first = await open_session(await an_account())
    second = await refresh(first.refresh)
    assert isinstance(second, Tokens)
    third = await refresh(second.refresh)
    assert isinstance(third, Tokens)
    assert (await session_of(first)).ended_at is None

    refused = await refresh(first.refresh)

    assert isinstance(refused, Refusal)
    assert (await session_of(first)).ended_at is not None
    assert isinstance(await refresh(third.refresh), Refusal)


@pytest.mark.parametrize("token", ["", "x", "x.y", f"{UUID(int=1)}.secret", f"{UUID(int=0)}."])
async def test_a_token_that_is_nobody_s_is_refused(models: Database, token: str) -> None:
    tokens = await open_session(await an_account())

    assert isinstance(await refresh(token), Refusal)
    assert isinstance(await refresh(f"{tokens.claims.session_id}.wrong"), Refusal)
    assert isinstance(await refresh(tokens.refresh), Tokens)


async def test_an_ended_and_an_expired_session_are_not_renewed(models: Database) -> None:
    account = await an_account()
    ended, expired, other = [await open_session(account) for _ in range(3)]
    async with scope.open():
        await accounts.end_session(ended.claims.session_id)
        await Session.filter(id=expired.claims.session_id).update(expires_at=clock.now())

    assert isinstance(await refresh(ended.refresh), Refusal)
    assert isinstance(await refresh(expired.refresh), Refusal)
    assert isinstance(await refresh(other.refresh), Tokens)


async def test_a_disabled_account_renews_nothing(models: Database) -> None:
    account = await an_account()
    tokens = await open_session(account)
    async with scope.open():
        await Account.filter(id=account.id).update(disabled_at=clock.now())

    assert isinstance(await refresh(tokens.refresh), Refusal)


async def test_all_sessions_end_together(models: Database) -> None:
    account, other = await an_account(), await an_account("other")
    tokens = [await open_session(account), await open_session(account), await open_session(other)]

    async with scope.open():
        assert await accounts.end_all_sessions(account.id) == 2
        assert await accounts.end_all_sessions(account.id) == 0

    assert [isinstance(await refresh(t.refresh), Tokens) for t in tokens] == [False, False, True]


async def test_a_session_moves_only_to_places_where_its_account_has_a_person(models: Database) -> None:
    account = await an_account()
    tokens = await open_session(account)
    with pytest.raises(Refusal) as refused:
        async with scope.open():
            await accounts.stand_in(tokens.claims.session_id, THERE, None, SIGNER)
    assert (refused.value.code, refused.value.path) == (RefusalCode.NOT_FOUND, ("place",))

    async with scope.open():
        await accounts.belongs(account.id, THERE)
        await accounts.belongs(account.id, THERE)
        moved = await accounts.stand_in(tokens.claims.session_id, THERE, None, SIGNER)

    assert moved.claims.place_id == THERE
    async with scope.open():
        assert await accounts.places_of(account.id) == [HERE, THERE]


async def accept(token: str, password: str = ANOTHER) -> Account:
    async with scope.open():
        return await accounts.accept_invitation(token, password)


async def invite(account: Account) -> str:
    async with scope.open():
        invited = await accounts.invite(account.id)
        assert invited is not None, "a newcomer is invited"
        return invited.token


async def a_newcomer(login: str = "someone") -> Account:
    async with scope.open():
        return await accounts.create(login)


async def test_an_invitation_sets_the_password_once(models: Database) -> None:
    account = await a_newcomer()
    token = await invite(account)
    assert (await accept(token)).id == account.id

    with pytest.raises(Refusal) as refused:
        await accept(token, "a third password")

    assert refused.value.code is RefusalCode.INVITATION_SPENT
    assert isinstance(await check("someone", ANOTHER), Account)


async def test_nobody_is_invited_who_has_a_password(models: Database) -> None:
    account = await an_account()

    async with scope.open():
        assert await accounts.invite(account.id) is None

    async with scope.open():
        assert await Invitation.all().count() == 0
    assert isinstance(await check("someone", PASSWORD), Account)


async def test_inviting_and_accepting_at_once_take_turns(models: Database) -> None:
    account = await a_newcomer()
    token = await invite(account)
    accepting = asyncio.Event()

    async def accept_meanwhile() -> Account:
        await accepting.wait()
        return await accept(token)

    waiting = asyncio.create_task(accept_meanwhile())
    async with scope.open():
        await Account.filter(id=account.id).select_for_update(no_key=True).get()
        accepting.set()
        await asyncio.sleep(0.3)
        assert await accounts.invite(account.id) is not None

    with pytest.raises(Refusal) as refused:
        await waiting
    assert refused.value.code is RefusalCode.INVITATION_SPENT
    assert await codes("someone", ANOTHER, 1) == [RefusalCode.SIGN_IN_FAILED]


async def test_an_expired_or_invented_invitation_sets_nothing(models: Database) -> None:
    token = await invite(await a_newcomer())
    async with scope.open():
        await Invitation.all().update(expires_at=clock.now())

    for invented in (token, "x", ""):
        with pytest.raises(Refusal) as refused:
            await accept(invented)
        assert refused.value.code is RefusalCode.INVITATION_SPENT
    assert await codes("someone", ANOTHER, 1) == [RefusalCode.SIGN_IN_FAILED]


async def test_a_short_password_is_refused_and_spends_nothing(models: Database) -> None:
    token = await invite(await a_newcomer())
    with pytest.raises(Refusal) as refused:
        await accept(token, "x" * (secrets.MINIMUM_PASSWORD_LENGTH - 1))
    assert (refused.value.code, refused.value.path) == (RefusalCode.INVALID, ("password",))

    await accept(token, "x" * secrets.MINIMUM_PASSWORD_LENGTH)


async def test_an_accepted_invitation_forgets_the_failures_and_the_lock(models: Database) -> None:
    token = await invite(await a_newcomer())
    await codes("someone", ANOTHER, FAILURES_BEFORE_LOCK)

    accepted = await accept(token)

    assert (accepted.failures, accepted.locked_until) == (0, None)
    assert isinstance(await check("someone", ANOTHER), Account)


async def test_an_accepted_invitation_spends_the_others(models: Database) -> None:
    account = await a_newcomer()
    lost, used = await invite(account), await invite(account)
    await accept(used)

    with pytest.raises(Refusal) as refused:
        await accept(lost, "a third password")

    assert refused.value.code is RefusalCode.INVITATION_SPENT
    assert isinstance(await check("someone", ANOTHER), Account)


async def test_a_new_password_ends_the_sessions_of_the_old_one(models: Database) -> None:
    account = await a_newcomer()
    tokens = await open_session(account)

    await accept(await invite(account))

    assert isinstance(await refresh(tokens.refresh), Refusal)


async def test_a_sign_in_stays_where_it_was_though_its_session_moves(models: Database) -> None:
    account = await an_account()
    async with scope.open():
        await accounts.belongs(account.id, THERE)
    tokens = await open_session(account)
    signed_in = {HERE: (await session_of(tokens)).created_at}

    async with scope.open():
        await accounts.stand_in(tokens.claims.session_id, THERE, None, SIGNER)

    async with scope.open():
        assert await accounts.last_sign_ins([HERE, THERE]) == signed_in
    await open_session(account)
    async with scope.open():
        assert (await accounts.last_sign_ins([HERE, THERE]))[HERE] > signed_in[HERE]
