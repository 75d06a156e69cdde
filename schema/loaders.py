"""Rows that many fields ask for, fetched together: one query for each kind and operation."""

from collections.abc import Awaitable, Callable, Collection, Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from strawberry.dataloader import DataLoader

from tenants import divisions, people, requests, steps, units

Fetch = Callable[[Collection[Any]], Awaitable[Mapping[Any, Any]]]


def loader(fetch: Fetch) -> Callable[[], DataLoader[Any, Any]]:
    """A loader over an operation that answers a mapping; what the mapping lacks is None."""

    async def load(keys: list[Hashable]) -> list[Any]:
        found = await fetch(keys)
        return [found.get(key) for key in keys]

    return lambda: DataLoader(load_fn=load)


@dataclass(slots=True)
class Loaders:
    """Made for one operation in one place: never shared, so one county's rows cannot answer another's
    question."""

    division_by_code: DataLoader[str, Any] = field(default_factory=loader(divisions.known_by))
    person_by_id: DataLoader[Any, Any] = field(default_factory=loader(people.by_ids))
    posts_of_person: DataLoader[Any, Any] = field(default_factory=loader(people.posts_of_persons))
    signatures_of_request: DataLoader[Any, Any] = field(default_factory=loader(requests.signatures_of))
    steps_of_request: DataLoader[Any, Any] = field(default_factory=loader(steps.of_requests))
    unit_by_id: DataLoader[Any, Any] = field(default_factory=loader(units.by_ids))
