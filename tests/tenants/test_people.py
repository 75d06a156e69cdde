"""The viewer: who stands behind a token at this moment, with which posts."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID, uuid4

import pytest

from policies.reach import PostRef
from tenants import accounts, callers, clock, people, scope
from tenants.accounts import Account, Session
from tenants.callers import SignedIn
from tenants.people import Person, Post
from tenants.places import Place
from tenants.secrets import Claims
from tests.conftest import Database
from tests.tenants.demonstration import SIGNER, person_of, post_of, sign_in, standing

WHO = "hn-first-secretary"
LAW_DAY = date(2018, 6, 15)
A_DAY = timedelta(days=1)


async def signed_in(claims: Claims) -> SignedIn | None:
    """As an operation learns it: of somebody who has asked before it is only insisted on that nothing has
    changed. He is then the same as if he were read."""
    async with callers.standing(claims, writes=False) as insisted_on:
        pass
    async with scope.open(reads=[claims.place_id]):
        read = await callers.sign_in_of(claims)
    assert (insisted_on and insisted_on.viewer) == (read and read.viewer)
    return insisted_on


async def posts_seen(claims: Claims) -> set[UUID]:
    found = await signed_in(claims)
    assert found is not None
    return {post.id for post in found.viewer.posts}


async def change(post: Post, **values: object) -> None:
    async with scope.open(writes=post.tenant_id):
        assert await Post.filter(id=post.id).update(**values) == 1


async def test_a_viewer_stands_in_his_place_on_its_law_day(people_models: Database) -> None:
    claims, person, post = await sign_in(WHO), await person_of(WHO), await post_of(WHO)

    found = await signed_in(claims)

    assert found is not None
    viewer = found.viewer
    assert (viewer.account_id, viewer.person_id, viewer.place_id) == (
        claims.account_id,
        person.id,
        claims.place_id,
    )
    assert (viewer.place_code, viewer.place_kind, viewer.day) == ("410173000000", "county", LAW_DAY)
    assert [(held.id, held.role, held.code, held.unit_id) for held in viewer.posts] == [
        (post.id, "first_secretary", "410173113202", post.unit_id)
    ]
    assert (found.person_name, found.session_id) == (person.name, claims.session_id)
    assert viewer.digest != callers.NO_DOCUMENT


PERIODS = [
    ("从今天起", LAW_DAY, None, True),
    ("从明天起", LAW_DAY + A_DAY, None, False),
    ("到明天止，今天仍算", date(2015, 1, 1), LAW_DAY + A_DAY, True),
    ("到今天止，今天不算", date(2015, 1, 1), LAW_DAY, False),
]


@pytest.mark.parametrize(("begins", "ends", "counts"), [p[1:] for p in PERIODS], ids=[p[0] for p in PERIODS])
async def test_a_post_counts_from_its_first_day_until_before_its_end(
    people_models: Database, begins: date, ends: date | None, counts: bool
) -> None:
    claims, post = await sign_in(WHO), await post_of(WHO)

    await change(post, begins_on=begins, ends_on=ends)

    assert await posts_seen(claims) == ({post.id} if counts else set())


async def acting_post(principal: Post) -> Post:
    person = await person_of(WHO)
    async with scope.open(writes=person.tenant_id):
        return await people.open_post(
            person.id,
            principal.role,
            principal.code,
            date(2018, 1, 1),
            unit_id=principal.unit_id,
            acting_for_id=principal.id,
            limited_to=["leave.read"],
        )


async def test_an_acting_post_names_its_principal_and_its_limits(people_models: Database) -> None:
    principal = await post_of("hn-unit-head")
    acting = await acting_post(principal)

    found = await signed_in(await sign_in(WHO))

    assert found is not None
    [held] = [post for post in found.viewer.posts if post.id == acting.id]
    assert held.acting_for == PostRef(principal.id, principal.person_id)
    assert held.only == frozenset({"leave.read"})


@pytest.mark.parametrize(("begins", "ends", "counts"), [p[1:] for p in PERIODS], ids=[p[0] for p in PERIODS])
async def test_an_acting_post_lasts_as_long_as_its_principal_s(
    people_models: Database, begins: date, ends: date | None, counts: bool
) -> None:
    principal, own = await post_of("hn-unit-head"), await post_of(WHO)
    acting, claims = await acting_post(principal), await sign_in(WHO)

    await change(principal, begins_on=begins, ends_on=ends)

    assert await posts_seen(claims) == {own.id} | ({acting.id} if counts else set())


async def test_a_session_in_one_post_sees_only_that_post(people_models: Database) -> None:
    own = await post_of(WHO)
    acting, claims = await acting_post(await post_of("hn-unit-head")), await sign_in(WHO)
    assert await posts_seen(claims) == {own.id, acting.id}

    async with scope.open():
        await accounts.stand_in(claims.session_id, claims.place_id, acting.id, SIGNER)

    assert await posts_seen(claims) == {acting.id}
    await change(acting, ends_on=LAW_DAY)
    assert await posts_seen(claims) == set()


async def _end(claims: Claims) -> None:
    await accounts.end_session(claims.session_id)


async def _expire(claims: Claims) -> None:
    await Session.filter(id=claims.session_id).update(expires_at=clock.now())


async def _move(claims: Claims) -> None:
    await Session.filter(id=claims.session_id).update(place_id=uuid4())


async def _disable(claims: Claims) -> None:
    await Account.filter(id=claims.account_id).update(disabled_at=clock.now())


async def _lose_the_person(claims: Claims) -> None:
    async with scope.open(writes=claims.place_id):
        await Person.filter(account_id=claims.account_id).update(account_id=None)


ENDS = {
    "ended": _end,
    "expired": _expire,
    "moved to another place": _move,
    "account disabled": _disable,
    "no person any more": _lose_the_person,
}


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS.keys())
async def test_a_session_that_does_not_stand_is_nobody_s(
    people_models: Database, end: Callable[[Claims], Awaitable[None]]
) -> None:
    claims = await sign_in(WHO)
    assert await signed_in(claims) is not None

    async with scope.open():
        await end(claims)

    assert await signed_in(claims) is None


async def test_a_token_for_another_place_or_account_is_nobody_s(people_models: Database) -> None:
    claims, other = await sign_in(WHO), await sign_in("tw-first-secretary")

    assert await signed_in(Claims(other.account_id, claims.session_id, claims.place_id)) is None
    assert await signed_in(Claims(claims.account_id, claims.session_id, other.place_id)) is None
    assert await signed_in(Claims(claims.account_id, other.session_id, claims.place_id)) is None
    assert await signed_in(claims) is not None


async def test_a_revocation_is_seen_by_the_very_next_operation(people_models: Database) -> None:
    claims, post = await sign_in(WHO), await post_of(WHO)
    async with standing(claims) as caller:
        assert await people.holds(caller.viewer, post.id)

    async with scope.open(writes=claims.place_id):
        assert await people.end_post(post.id, LAW_DAY) == 1

    assert await posts_seen(claims) == set()
    async with standing(claims) as caller:
        assert not await people.holds(caller.viewer, post.id)
        assert await people.hold_still(caller.viewer) == frozenset()


async def test_who_has_asked_before_is_not_read_again_until_he_has_changed(
    people_models: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    claims, post = await sign_in(WHO), await post_of(WHO)
    read: list[UUID] = []
    stock = callers.sign_in_of

    async def counting(claims: Claims) -> SignedIn | None:
        read.append(claims.session_id)
        return await stock(claims)

    async def posts_in_use() -> list[date | None]:
        async with callers.standing(claims, writes=True) as caller:
            assert caller is not None
            await scope.fetch("SELECT 1")
            return [held.ends for held in caller.viewer.posts]

    monkeypatch.setattr(callers, "sign_in_of", counting)
    assert [await posts_in_use() for _ in range(3)] == [[None]] * 3
    assert len(read) == 1
    await change(post, ends_on=LAW_DAY + A_DAY)
    assert [await posts_in_use() for _ in range(3)] == [[LAW_DAY + A_DAY]] * 3
    assert len(read) == 2


async def test_a_token_with_other_claims_is_another_caller(people_models: Database) -> None:
    """Whom one has asked as before is not whom a token of another place or account stands for."""
    claims, other = await sign_in(WHO), await sign_in("tw-admin")
    async with callers.standing(claims, writes=False) as caller:
        assert caller is not None
    for changed in (
        replace(claims, place_id=other.place_id),
        replace(claims, account_id=other.account_id),
        replace(claims, session_id=other.session_id),
    ):
        async with callers.standing(changed, writes=False) as caller:
            assert caller is None
            assert scope.current().reads == (changed.place_id,)
    async with callers.standing(claims, writes=False) as caller:
        assert caller is not None


async def test_a_post_of_another_place_cannot_be_ended(people_models: Database) -> None:
    post, other = await post_of(WHO), await person_of("tw-admin")
    async with scope.open(writes=other.tenant_id):
        assert await people.end_post(post.id, LAW_DAY) == 0

    assert await posts_seen(await sign_in(WHO)) == {post.id}


async def test_a_place_without_a_fixed_day_is_asked_for_today(people_models: Database) -> None:
    claims = await sign_in(WHO)
    async with scope.open(writes=claims.place_id):
        assert await Place.filter(id=claims.place_id).update(law_day=None) == 1

    found = await signed_in(claims)

    assert found is not None
    assert found.viewer.day == clock.today(None)


async def test_whom_one_may_read(people_models: Database) -> None:
    """Himself, and those with a post within his reach: a township's secretary reads his township."""
    wanted = [await person_of(login) for login in (WHO, "hn-other-first-secretary", "hn-township-secretary")]
    ids = [person.id for person in wanted]

    async def seen_by(login: str) -> list[str]:
        async with standing(login) as caller:
            seen = await people.visible_among(ids, caller.viewer, caller.access)
        return [person.name for person in wanted if person.id in seen]

    assert await seen_by(WHO) == [wanted[0].name]
    assert await seen_by("hn-township-secretary") == [wanted[0].name, wanted[2].name]
    assert await seen_by("hn-county-secretary") == [person.name for person in wanted]
    assert await seen_by("tw-county-secretary") == []
