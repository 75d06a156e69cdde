"""Onboarding: a province makes a county a place of its own, in one act that can be looked at beforehand.

The county's row, the nodes that it adopts from the register, the document that it lives under, its first
administrator and his invitation come together or not at all. A preview does the same and takes it back, so it
cannot promise what the act would refuse.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from policies.access import Access
from policies.jurisdiction import Level, ancestor
from policies.reach import Target, Viewer
from tenants import (
    accounts,
    acting,
    audit,
    county_summaries,
    divisions,
    idempotency,
    people,
    places,
    profile_reviews,
    profiles,
    register,
    scope,
)
from tenants.accounts import Invited
from tenants.onboarding_report import Report, report_on
from tenants.places import Place, PlaceKind
from tenants.refusals import Flaw, Refusal, RefusalCode, invalid
from tenants.register import Entry

ACT = "county.onboard"
ON_THE_DAY_ABOVE = "演示：随上级的固定适用日 / demo: on the fixed law day of the place above"


@dataclass(frozen=True, slots=True)
class Admin:
    """The person who is to administer a county, and the name he signs in with."""

    name: str
    login: str


@dataclass(frozen=True, slots=True)
class LocalNode:
    name: str
    parent: str
    level: Level


@dataclass(frozen=True, slots=True)
class Plan:
    """What is asked for. `base`: the profile of a place above under which the county lives until it has its
    own document; None for none. `excluding`: nodes that another place governs, with all beneath them."""

    code: str
    admin: Admin
    base: str | None = None
    excluding: tuple[str, ...] = ()
    local_nodes: tuple[LocalNode, ...] = ()


@dataclass(frozen=True, slots=True)
class Onboarded:
    """`invitation` is None where the administrator has a password already. `is_new`: not there before."""

    place: Place
    report: Report
    invitation: Invited | None
    is_new: bool


class _Undo(Exception):
    """Takes a preview back, with what it has found."""

    def __init__(self, found: Onboarded) -> None:
        self.found = found


async def preview(
    viewer: Viewer, access: Access, plan: Plan, *, newer: Sequence[Entry] | None = None
) -> Report:
    """What onboarding would do; nothing of it stays. Raises what onboarding would raise."""
    try:
        async with scope.open(writes=viewer.place_id):
            raise _Undo(await _done(viewer, access, plan, newer))
    except _Undo as undo:
        return undo.found.report


async def onboard(
    viewer: Viewer,
    access: Access,
    plan: Plan,
    *,
    newer: Sequence[Entry] | None = None,
    key: str | None = None,
) -> Onboarded:
    """Make the county a place. The same plan again is answered with the place that is there, and with a new
    invitation until one is accepted. Raises CODE_TAKEN for anything else on that code.

    `key`: sent again, it is answered with the place, whatever became of it, and nothing is written: the
    invitation first handed out stays good. Whoever lost it asks for another by `invite_admin`.
    `newer`: a newer list that the report compares the county with."""
    earlier = await idempotency.claim(viewer, ACT, key, _as_payload(plan))
    if earlier is not None:
        county_of(viewer, access, plan.code)
        place = await places.by_id(earlier)
        assert place is not None, "a place stays"
        return await _reported(place, None, newer, is_new=False)
    done = await _done(viewer, access, plan, newer)
    await idempotency.settle(viewer, ACT, key, done.place.id)
    return done


def _as_payload(plan: Plan) -> Mapping[str, Any]:
    return asdict(plan)


async def _done(viewer: Viewer, access: Access, plan: Plan, newer: Sequence[Entry] | None) -> Onboarded:
    county = county_of(viewer, access, plan.code)
    known = await places.by_code(county.code)
    if known is None:
        try:
            place, account_id = await settle(viewer, plan, county)
            return await _reported(place, await accounts.invite(account_id), newer, is_new=True)
        except Refusal as refusal:
            if refusal.code is not RefusalCode.CODE_TAKEN:
                raise
        # Somebody else onboarded it while we did: if he asked for the same, both are answered alike.
        known = await places.by_code(county.code)
        assert known is not None, "the code is taken"
    return await _reported(known, await _again(viewer, plan, known), newer, is_new=False)


async def _reported(
    place: Place, invitation: Invited | None, newer: Sequence[Entry] | None, *, is_new: bool
) -> Onboarded:
    async with scope.open(reads=[place.id]):
        return Onboarded(place, await report_on(place, newer), invitation, is_new)


def county_of(viewer: Viewer, access: Access, given: str) -> Entry:
    """The register's entry of the county to be. Raises INVALID, or FORBIDDEN to one who onboards nothing."""
    if not access.may_ever(viewer, "place.create"):
        raise Refusal(RefusalCode.FORBIDDEN)
    if not (given.isascii() and given.isdigit() and len(given) in (Level.COUNTY.digits, 12)):
        raise invalid(Flaw.NO_COUNTY_CODE, "code", given=given[:20])
    code = given.ljust(12, "0")
    county = register.county(code) if not code.startswith("0") else None
    if county is None:
        raise invalid(Flaw.NO_SUCH_COUNTY, "code", given=code, vintage=register.VINTAGE)
    if not access.can(viewer, Target(uuid4(), code), "place.create"):
        raise invalid(Flaw.ELSEWHERE, "code", given=code)
    return county


async def settle(viewer: Viewer, plan: Plan, county: Entry) -> tuple[Place, UUID]:
    """Make the county a place, and its administrator's account, that waits for an invitation."""
    parent = await _parent_of(county, viewer)
    law_place_id = await _base(plan.base, parent) if plan.base is not None else None
    _require_nodes(plan.excluding, county)
    place_id = uuid4()
    async with acting.acting_in(viewer, place_id, ACT, code=county.code, base=plan.base) as details:
        place = await _founded(place_id, county, parent, law_place_id)
        async with county_summaries.recounted():
            await divisions.adopt(county.code, excluding=plan.excluding)
            added = [
                await divisions.add_local(node.name, node.parent, node.level) for node in plan.local_nodes
            ]
        details |= {"excluded": list(plan.excluding), "local": [node.code for node in added]}
        return place, await _appointed(place, plan.admin)


async def _parent_of(county: Entry, viewer: Viewer) -> Place:
    """The prefecture above the county where it is a place below the viewer's, else the viewer's own."""
    home = await places.by_id(viewer.place_id)
    assert home is not None, "a viewer stands in a place"
    prefecture = await places.by_code(ancestor(county.code, Level.PREFECTURE))
    is_between = prefecture is not None and prefecture.kind is PlaceKind.PREFECTURE
    if prefecture is not None and is_between and home.id in await places.chain(prefecture.id):
        return prefecture
    return home


async def _founded(place_id: UUID, county: Entry, parent: Place, law_place_id: UUID | None) -> Place:
    place = await places.found(
        place_id,
        code=county.code,
        name=county.name,
        kind=PlaceKind.COUNTY,
        parent_id=parent.id,
        law_day=parent.law_day,
        note=ON_THE_DAY_ABOVE if parent.law_day else "",
    )
    if law_place_id is not None:
        await places.live_under(place, law_place_id)
    return place


async def _base(name: str, parent: Place) -> UUID:
    """The place above that has the profile of that name in force. The profile is reviewed again: the county's
    people must find it as sound as those did who published it."""
    owners = await profiles.owners_of(name)
    if not owners:
        raise invalid(Flaw.BASE_UNKNOWN, "baseProfile", given=name)
    above = await places.chain(parent.id)
    owner = next((place_id for place_id in above if place_id in owners), None)
    if owner is None:
        raise invalid(Flaw.BASE_NOT_ABOVE, "baseProfile", given=name)
    version = await profiles.newest(owner, parent.today)
    if version is None or version.name != name:
        raise _not_in_force(name, parent.today)
    if errors := await profile_reviews.errors_of(version):
        raise profiles.fails(version.name, errors, "baseProfile")
    law = (await profiles.law_in_force(version.id)).law
    if law is None or not law.holds_on(parent.today):
        raise _not_in_force(name, parent.today)
    return owner


def _not_in_force(name: str, day: date) -> Refusal:
    return invalid(Flaw.BASE_NOT_IN_FORCE, "baseProfile", given=name, day=day.isoformat())


def _require_nodes(codes: Sequence[str], county: Entry) -> None:
    """Raise INVALID for a code that the register does not list below the county."""
    known = {entry.code for entry in divisions.published(county.code)} - {county.code}
    for code in codes:
        if code not in known:
            raise invalid(Flaw.OUTSIDE_COUNTY, "exclude", given=code[:20])


async def _appointed(place: Place, admin: Admin) -> UUID:
    """The account of a new person who administers the place that is written."""
    account = await accounts.create(admin.login, path=("admin", "login"))
    person = await people.create(name=admin.name, account_id=account.id)
    await people.open_post(person.id, acting.COUNTY_ADMIN, place.code, place.today)
    return account.id


async def _again(viewer: Viewer, plan: Plan, place: Place) -> Invited | None:
    """A new invitation to the place that the same act has made before, until one was accepted. Raises
    CODE_TAKEN where it was another act."""
    taken = Refusal(RefusalCode.CODE_TAKEN, path=("code",), given=place.code)
    account = await accounts.by_login(plan.admin.login)
    if account is None or not await _is_as_planned(viewer, plan, place):
        raise taken
    async with acting.acting_in(viewer, place.id, ACT, code=place.code, again=True):
        if not await people.has_role(account.id, acting.COUNTY_ADMIN, place.today) or not await _has_nodes_of(
            plan
        ):
            raise taken
        return await accounts.invite(account.id)


async def _is_as_planned(viewer: Viewer, plan: Plan, place: Place) -> bool:
    """Whether the place lies below the viewer's and still lives under the base that is asked for."""
    law = await profiles.law_on(place.id, place.today)
    base = law.law.id if law.law is not None else None
    is_own = law.owner_id == place.id
    return base == plan.base and not is_own and viewer.place_id in (await places.chain(place.id))[1:]


async def _has_nodes_of(plan: Plan) -> bool:
    """Whether the place in force was onboarded with these nodes, whatever it has changed in its tree."""
    first = await audit.first(ACT)
    if first is None:
        return False
    added = (await divisions.known_by(first.details.get("local", ()))).values()
    has = {(node.name, node.parent_code, node.level) for node in added}
    wanted = {(node.name, node.parent, node.level) for node in plan.local_nodes}
    return has == wanted and set(first.details["excluded"]) == set(plan.excluding)


async def invite_admin(
    viewer: Viewer, access: Access, place_id: UUID, admin: Admin, reason: str
) -> tuple[Place, Invited]:
    """Invite one more administrator to a county below, or the same again while he has not accepted: two
    persons publish a profile, and invitations are lost. Raises LOGIN_TAKEN for anybody else's name."""
    place = await acting.place_below(viewer, access, "place.create", place_id)
    async with acting.acting_in(viewer, place.id, "county_admin.invite", reason=reason, code=place.code):
        account = await accounts.by_login(admin.login)
        account_id = account.id if account else await _appointed(place, admin)
        is_admin = await people.has_role(account_id, acting.COUNTY_ADMIN, place.today)
        invited = await accounts.invite(account_id) if is_admin else None
        if invited is None:
            raise Refusal(RefusalCode.LOGIN_TAKEN, path=("admin", "login"), given=admin.login)
        return place, invited
