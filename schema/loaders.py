"""Rows that many fields ask for, fetched together: one query for each kind and operation."""

from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from strawberry.dataloader import DataLoader

from tenants import divisions, documents, people, profile_drafts, profiles, requests, steps, units
from tenants.profiles import LawInForce

Fetch = Callable[[Collection[Any]], Awaitable[Mapping[Any, Any]]]


def loader(fetch: Fetch) -> Callable[[], DataLoader[Any, Any]]:
    """A loader over an operation that answers a mapping; what the mapping lacks is None."""

    async def load(keys: list[Hashable]) -> list[Any]:
        found = await fetch(keys)
        return [found.get(key) for key in keys]

    return lambda: DataLoader(load_fn=load)


async def _laws(asked: Collection[tuple[UUID, date]]) -> Mapping[tuple[UUID, date], LawInForce]:
    """The law of each place on its day."""
    laws = await profiles.laws_on(dict(asked))
    return {(place_id, day): laws[place_id] for place_id, day in asked}


@dataclass(slots=True)
class Loaders:
    """Made for one operation in one place: never shared, so one county's rows cannot answer another's
    question."""

    division_by_code: DataLoader[str, Any] = field(default_factory=loader(divisions.known_by))
    law_of_place: DataLoader[Any, Any] = field(default_factory=loader(_laws))
    document_by_id: DataLoader[Any, Any] = field(default_factory=loader(documents.by_ids))
    draft_by_id: DataLoader[Any, Any] = field(default_factory=loader(profile_drafts.by_ids))
    person_by_id: DataLoader[Any, Any] = field(default_factory=loader(people.by_ids))
    posts_of_person: DataLoader[Any, Any] = field(default_factory=loader(people.posts_of_persons))
    profile_by_id: DataLoader[Any, Any] = field(default_factory=loader(profiles.by_ids))
    signatures_of_request: DataLoader[Any, Any] = field(default_factory=loader(requests.signatures_of))
    steps_of_request: DataLoader[Any, Any] = field(default_factory=loader(steps.of_requests))
    unit_by_id: DataLoader[Any, Any] = field(default_factory=loader(units.by_ids))
