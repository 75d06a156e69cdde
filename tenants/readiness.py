"""Readiness: how far a county is on its way from onboarding to work, in five parts. Computed, never stored.

For many counties at once it costs as many statements as for one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from policies.access import Access, authority
from policies.kinds.flow import Flow
from policies.profile import Profile as Law
from policies.reach import Reach, Viewer
from policies.vocabulary import vocabulary
from tenants import accounts, county_summaries, places, profiles, scope
from tenants.places import Place, PlaceKind
from tenants.profiles import LawInForce


class Part(StrEnum):
    NODES = "nodes"  # divisions were adopted
    PROFILE = "profile"  # a document is in force, its own or one from above
    PARAMETERS = "parameters"  # no setting of it is open
    ORGANS = "organs"  # every organ of its flows has somebody who acts for it
    SIGN_IN = "sign_in"  # somebody of the county has signed in


@dataclass(frozen=True, slots=True)
class PartState:
    """`done` of `wanted`; where nothing can be wanted yet, the part is not met."""

    part: Part
    done: int
    wanted: int

    @property
    def is_met(self) -> bool:
        return 0 < self.wanted <= self.done


@dataclass(frozen=True, slots=True)
class Readiness:
    """`profile`: the document in force. `unheld`: the organs that flows name and nobody acts for today."""

    profile: str | None
    parts: tuple[PartState, ...]
    unheld: tuple[str, ...]
    last_sign_in: datetime | None

    @property
    def share(self) -> float:
        return sum(part.is_met for part in self.parts) / len(self.parts)


async def of_visible(viewer: Viewer, access: Access, place_ids: Collection[UUID]) -> dict[UUID, Readiness]:
    """The readiness of those of the places that are counties and that the viewer may read."""
    visible = await places.within(access.reach(viewer, "place.read"))
    return await of([place for place in visible if place.id in place_ids and place.kind is PlaceKind.COUNTY])


async def of(counties: Sequence[Place]) -> dict[UUID, Readiness]:
    """The readiness of each, on its own day. Nothing of them but numbers, roles and organs is read."""
    days = {county.id: county.today for county in counties}
    laws = await profiles.laws_on(days)
    last_sign_ins = await accounts.last_sign_ins(days)
    async with _reading(list(days)):
        nodes = await county_summaries.nodes_of(list(days))
        held = await _held(days)
    return {
        place_id: _readiness(
            nodes.get(place_id, 0), laws[place_id], held[place_id], last_sign_ins.get(place_id)
        )
        for place_id in days
    }


def _reading(place_ids: Collection[UUID]) -> AbstractAsyncContextManager[Any]:
    """A scope that reads the counties: the one in force where it does already."""
    covered = set(place_ids) <= set(scope.current().reads)
    return nullcontext() if covered else scope.open(reads=place_ids)


@dataclass(frozen=True, slots=True)
class Held:
    """A role that somebody holds, and the organ that his unit is, if it is one."""

    role: str
    has_unit: bool
    organ: str | None


_HELD = """
SELECT DISTINCT p.tenant_id, p.role, p.unit_id IS NOT NULL AS has_unit, u.organ
FROM posts p
JOIN unnest($1::uuid[], $2::date[]) AS today (place_id, day) ON today.place_id = p.tenant_id
LEFT JOIN units u ON u.tenant_id = ANY($1::uuid[]) AND u.tenant_id = p.tenant_id AND u.id = p.unit_id
WHERE p.tenant_id = ANY($1::uuid[]) AND p.acting_for_id IS NULL
  AND p.begins_on <= today.day AND (p.ends_on IS NULL OR p.ends_on > today.day)
"""


async def _held(days: Mapping[UUID, date]) -> Mapping[UUID, set[Held]]:
    """The roles held in each place on its day."""
    found: dict[UUID, set[Held]] = defaultdict(set)
    for row in await scope.fetch(_HELD, list(days), list(days.values())):
        found[row["tenant_id"]].add(Held(row["role"], row["has_unit"], row["organ"]))
    return found


def _readiness(nodes: int, law: LawInForce, held: set[Held], last_sign_in: datetime | None) -> Readiness:
    organs = organs_of(law.law)
    unheld = tuple(organ for organ in organs if not is_held(organ, law.access, held))
    settings = law.law.settings.values() if law.law else ()
    filled = sum(setting.is_given for setting in settings)
    parts = (
        PartState(Part.NODES, nodes, max(nodes, 1)),
        PartState(Part.PROFILE, int(law.law is not None), 1),
        _of_law(Part.PARAMETERS, law, filled, len(settings)),
        _of_law(Part.ORGANS, law, len(organs) - len(unheld), len(organs)),
        PartState(Part.SIGN_IN, int(last_sign_in is not None), 1),
    )
    return Readiness(law.law.id if law.law else None, parts, unheld, last_sign_in)


def _of_law(part: Part, law: LawInForce, done: int, wanted: int) -> PartState:
    """A document that wants nothing has all it wants; without a document nobody knows what is wanted."""
    if law.law is not None and wanted == 0:
        return PartState(part, 1, 1)
    return PartState(part, done, max(wanted, 1))


def organs_of(law: Law | None) -> list[str]:
    """Everybody through whose hands a flow of the document goes, in the order of the document."""
    flows = law.of_kind(Flow) if law is not None else ()
    return list(dict.fromkeys(term for flow in flows for term in _in_hand(flow)))


def _in_hand(flow: Flow) -> Iterator[str]:
    return (term for step in flow.steps for term in step.group.terms)


def is_held(organ: str, access: Access, held: Collection[Held]) -> bool:
    """Whether somebody acts for the organ: by a role alone, or as one of the unit that it is. An organ found
    through the applicant (his dispatching unit) is held where any unit has such a post."""
    through_applicant = _is_found_through_applicant(organ)
    for role, how_far in access.who_can(authority(organ)):
        for post in held:
            by_unit = post.has_unit if through_applicant else post.organ == organ
            if post.role == role and (how_far is not Reach.UNIT or by_unit):
                return True
    return False


def _is_found_through_applicant(organ: str) -> bool:
    term = vocabulary().words.get(organ.partition(".")[0])
    return term is not None and term.reached_by is not None
