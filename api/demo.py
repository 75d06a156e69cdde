"""The demonstration: places, units and made-up people from demo/*.yaml, loaded once.

Its people are marked as such, all have one password, and its places keep a fixed law day. A place that
exists is left as it is: what users did in the demonstration stays.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from policies import library, strict_yaml
from policies.jurisdiction import Level
from tenants import (
    accounts,
    activities,
    clock,
    county_summaries,
    divisions,
    documents,
    households,
    pairings,
    people,
    places,
    profiles,
    scope,
    secrets,
    units,
)
from tenants.households import HouseholdState, Named, Relation
from tenants.places import Place, PlaceKind

FOLDER = Path(__file__).parents[1] / "demo"
PASSWORD = "zeren-demo-2018"  # noqa: S105 - the demonstration's, printed at every start


_hash: str | None = None


@dataclass(frozen=True, slots=True)
class SignIn:
    """One sign-in of the demonstration, for the list that is printed."""

    place: str
    role: str
    login: str


def places_described() -> list[Mapping[str, Any]]:
    """The places of demo/*.yaml, those above before those below."""
    described = [strict_yaml.load(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.yaml"))]
    return sorted(described, key=lambda place: (place["kind"] != PlaceKind.PROVINCE, place["code"]))


def sign_ins() -> Iterator[SignIn]:
    for place in places_described():
        for person in place["people"]:
            yield SignIn(place["name"], person["posts"][0]["role"], person["login"])


def whole_county() -> list[SignIn]:
    """Every sign-in of the first county."""
    first = applicants()[0].place
    return [sign_in for sign_in in sign_ins() if sign_in.place == first]


def province_admins() -> list[SignIn]:
    """The first administrator of each province; the second, who checks what he drafts, is like him."""
    admins = [sign_in for sign_in in sign_ins() if sign_in.role == "province_admin"]
    return list({sign_in.place: sign_in for sign_in in reversed(admins)}.values())[::-1]


def applicants() -> list[SignIn]:
    """One first secretary of each county: those who ask for leave."""
    return [
        sign_in
        for sign_in in sign_ins()
        if sign_in.role == "first_secretary" and "other" not in sign_in.login
    ]


async def load() -> int:
    """Load every place that is not there yet; returns how many were."""
    async with scope.open():
        known = await places.ids_by_code()
    loaded = 0
    for place in places_described():
        if place["code"] not in known:
            known[place["code"]] = await _load_place(place, known.get(place.get("parent", "")))
            loaded += 1
    return loaded


async def _load_place(described: Mapping[str, Any], parent_id: UUID | None) -> UUID:
    place_id = uuid4()
    async with scope.open(writes=place_id if parent_id is None else parent_id):
        place = await places.found(
            place_id,
            code=described["code"],
            name=described["name"],
            kind=PlaceKind(described["kind"]),
            parent_id=parent_id,
            law_day=date.fromisoformat(described["law_day"]),
            note=described["note"],
        )
        async with scope.open(writes=place_id):
            await _settle(place, described, parent_id)
    return place_id


async def _settle(place: Place, described: Mapping[str, Any], parent_id: UUID | None) -> None:
    if place.kind is PlaceKind.COUNTY:
        await divisions.adopt(place.code)
    for node in described.get("local_nodes", ()):
        await divisions.add_local(node["name"], node["parent"], Level(node["level"]))
    found = {
        unit["name"]: await units.create(
            name=unit["name"], organ=unit.get("organ"), code=unit.get("code", place.code)
        )
        for unit in described.get("units", ())
    }
    persons = [await _person(person, place, found) for person in described["people"]]
    by_login = dict(zip((person["login"] for person in described["people"]), persons, strict=True))
    async with county_summaries.recounted():
        for household in described.get("households", ()):
            await _household(household, by_login)
    if name := described.get("profile"):
        await _publish(name, drafted_by=persons[0], published_by=persons[1])
    elif parent_id is not None and described.get("lives_under") == "parent":
        await places.live_under(place, parent_id)


async def _person(described: Mapping[str, Any], place: Place, found: Mapping[str, units.Unit]) -> UUID:
    account = await accounts.create(described["login"], password_hash=await _password_hash())
    person = await people.create(
        name=described["name"], rank=described.get("rank"), account_id=account.id, is_demo=True
    )
    for post in described["posts"]:
        unit = found[post["unit"]] if "unit" in post else None
        await people.open_post(
            person.id,
            post["role"],
            post.get("code", place.code),
            date.fromisoformat(post["begins_on"]),
            unit_id=unit.id if unit else None,
            source_document=post.get("source_document"),
        )
    return person.id


async def _household(described: Mapping[str, Any], by_login: Mapping[str, UUID]) -> None:
    household = await households.enter(
        code=described["code"],
        number=described["number"],
        state=HouseholdState(described["state"]),
        members=[Named(one["name"], Relation(one["relation"])) for one in described["members"]],
        income=Decimal(described["income"]),
        registered_on=date.fromisoformat(described["registered_on"]),
    )
    helper = by_login[described["helper"]]
    await pairings.pair(
        household_id=household.id,
        code=household.code,
        person_id=helper,
        begins_on=date.fromisoformat(described["helped_from"]),
    )
    for day in described["visited_on"]:
        visited_at = clock.in_shanghai(datetime.fromisoformat(day))
        await activities.note_visit(activities.Visit(household.id, visited_at, "演示走访"), helper)


async def _password_hash() -> str:
    """One hash for all: fifty of them would cost the first start seconds."""
    global _hash
    _hash = _hash or await secrets.hash_password(PASSWORD)
    return _hash


async def _publish(name: str, *, drafted_by: UUID, published_by: UUID) -> None:
    law = library.own_profile(name)
    assert law.text is not None, "the shipped profiles name their texts"
    document = await documents.register(
        title=law.title, number=law.number, text=library.document_text(law.text)
    )
    await profiles.publish(
        library.profile_text(name),
        effective_from=law.first_day,
        drafted_by=drafted_by,
        published_by=published_by,
        document_id=document.id,
    )
