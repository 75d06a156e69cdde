"""Rows that many fields ask for, fetched together: one query for each kind and operation."""

from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping
from datetime import date
from functools import cached_property
from typing import Any
from uuid import UUID

from strawberry.dataloader import DataLoader

from tenants import divisions, documents, people, profile_drafts, profiles, requests, steps, units
from tenants.profiles import LawInForce

Fetch = Callable[[Collection[Any]], Awaitable[Mapping[Any, Any]]]


def loader(fetch: Fetch) -> DataLoader[Any, Any]:
    """A loader over an operation that answers a mapping; what the mapping lacks is None."""

    async def load(keys: list[Hashable]) -> list[Any]:
        found = await fetch(keys)
        return [found.get(key) for key in keys]

    return DataLoader(load_fn=load)


async def _laws(asked: Collection[tuple[UUID, date]]) -> Mapping[tuple[UUID, date], LawInForce]:
    """The law of each place on its day."""
    laws = await profiles.laws_on(dict(asked))
    return {(place_id, day): laws[place_id] for place_id, day in asked}


class Loaders:
    """Made for one operation in one place: never shared, so one county's rows cannot answer another's
    question. Each is made when it is first asked."""

    @cached_property
    def division_by_code(self) -> DataLoader[str, Any]:
        return loader(divisions.known_by)

    @cached_property
    def law_of_place(self) -> DataLoader[Any, Any]:
        return loader(_laws)

    @cached_property
    def document_by_id(self) -> DataLoader[Any, Any]:
        return loader(documents.by_ids)

    @cached_property
    def draft_by_id(self) -> DataLoader[Any, Any]:
        return loader(profile_drafts.by_ids)

    @cached_property
    def person_by_id(self) -> DataLoader[Any, Any]:
        return loader(people.by_ids)

    @cached_property
    def posts_of_person(self) -> DataLoader[Any, Any]:
        return loader(people.posts_of_persons)

    @cached_property
    def profile_by_id(self) -> DataLoader[Any, Any]:
        return loader(profiles.by_ids)

    @cached_property
    def signatures_of_request(self) -> DataLoader[Any, Any]:
        return loader(requests.signatures_of)

    @cached_property
    def steps_of_request(self) -> DataLoader[Any, Any]:
        return loader(steps.of_requests)

    @cached_property
    def unit_by_id(self) -> DataLoader[Any, Any]:
        return loader(units.by_ids)
