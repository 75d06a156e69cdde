"""What a place writes down of its persons, and how one of them comes to sign in."""

from dataclasses import dataclass
from uuid import UUID

from policies.reach import Target, Viewer
from policies.vocabulary import Category
from tenants import accounts, audit, idempotency, people, requests, scope
from tenants.accounts import Invited
from tenants.people import Person
from tenants.profiles import LawInForce
from tenants.refusals import Refusal, RefusalCode


@dataclass(frozen=True, slots=True)
class Description:
    """All that is said of a person; his posts say the rest."""

    name: str
    rank: str | None = None


async def create(viewer: Viewer, law: LawInForce, said: Description, *, key: str | None = None) -> Person:
    """Register a person, of this place or from outside. Several may have one name."""
    _require_right(viewer, law, "person.create")
    law.require_word(said.rank, Category.RANK, "rank")
    earlier = await idempotency.claim(viewer, "person.create", key, idempotency.payload_of(said))
    if earlier is not None:
        return await Person.get(id=earlier)
    person = await people.create(name=said.name, rank=said.rank)
    await audit.record(viewer, "person.create", ("person", person.id), rank=said.rank)
    await idempotency.settle(viewer, "person.create", key, person.id)
    return person


async def update(
    viewer: Viewer,
    law: LawInForce,
    person_id: UUID,
    said: Description,
    *,
    expected_version: int | None = None,
    key: str | None = None,
) -> Person:
    """Say everything of a person anew: a rank that is left out, is no longer said of him."""
    law.require_word(said.rank, Category.RANK, "rank")
    payload = {"person": person_id, **idempotency.payload_of(said)}
    earlier = await idempotency.claim(viewer, "person.update", key, payload)
    if earlier is not None:
        return await Person.get(id=earlier)
    person = await _held(viewer, law, person_id)
    _require_right(viewer, law, "person.update", person.id)
    requests.require_version(person.version, expected_version)
    person.name, person.rank, person.version = said.name, said.rank, person.version + 1
    await person.save(update_fields=["name", "rank", "version"])
    await audit.record(viewer, "person.update", ("person", person.id), rank=said.rank)
    await idempotency.settle(viewer, "person.update", key, person.id)
    return person


@dataclass(frozen=True, slots=True)
class PersonInvited:
    person: Person
    invitation: Invited


async def invite(viewer: Viewer, law: LawInForce, person_id: UUID, login: str) -> PersonInvited:
    """A one-time invitation with which a person sets his password, for seven days; asked for again, another
    one takes its place. Raises WRONG_STATE once he has accepted one, or under another name than the first
    time; LOGIN_TAKEN for somebody else's name."""
    person = await _held(viewer, law, person_id)
    _require_right(viewer, law, "account.create", person.id)
    account_id = await _account_of(person, login)
    invitation = await accounts.invite(account_id)
    if invitation is None:
        raise Refusal(RefusalCode.WRONG_STATE, path=("id",))
    await audit.record(viewer, "person.invite", ("person", person.id))
    return PersonInvited(person, invitation)


async def _account_of(person: Person, login: str) -> UUID:
    """The person's account: the one that he has, if that is its name, else a new one."""
    if person.account_id is None:
        account = await accounts.create(login)
        person.account_id = account.id
        await person.save(update_fields=["account_id"])
        await accounts.belongs(account.id, scope.writer())
        return account.id
    known = await accounts.by_login(login)
    if known is None:
        raise Refusal(RefusalCode.WRONG_STATE, path=("login",))
    if known.id != person.account_id:
        raise Refusal(RefusalCode.LOGIN_TAKEN, path=("login",), given=login)
    return known.id


async def _held(viewer: Viewer, law: LawInForce, person_id: UUID) -> Person:
    """A person whom the viewer may read, held against other changes."""
    seen = Person.filter(people.visible(viewer, law.access).as_filter(), id=person_id)
    person = await seen.select_for_update(no_key=True).get_or_none()
    if person is None:
        raise Refusal(RefusalCode.NOT_FOUND, path=("id",))
    return person


def _require_right(viewer: Viewer, law: LawInForce, permission: str, owner_id: UUID | None = None) -> None:
    if not law.access.can(viewer, Target(viewer.place_id, owner_id=owner_id), permission):
        raise Refusal(RefusalCode.FORBIDDEN)
