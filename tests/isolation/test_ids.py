"""Every id of another county through every way in that takes an id, as everybody: no row, no write, and the
same answer as for an id that nothing has."""

import asyncio
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import orjson
import pytest
from graphql import (
    GraphQLArgument,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    get_named_type,
    is_leaf_type,
    is_required_argument,
)

from schema.root import schema
from tests.client import Client
from tests.conftest import UNLIMITED, Cluster, Database, _cloned, serving
from tests.isolation import world as worlds
from tests.isolation.operations import PLAIN_IDS
from tests.isolation.oracle import ids_in
from tests.isolation.world import Side, World
from tests.schema.test_permissions import given

AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class WayIn:
    """A root field and the argument, or the field of an input argument, that takes the id."""

    root: str
    name: str
    path: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.name}({'.'.join(self.path)})"


def ways_in() -> Iterator[WayIn]:
    for root in ("Query", "Mutation"):
        for name, found in _fields(root).items():
            for argument, taken in found.args.items():
                for path in _ids_below(taken, (argument,)):
                    yield WayIn(root, name, path)


def _fields(root: str) -> dict[str, Any]:
    found = schema._schema.type_map[root]
    assert isinstance(found, GraphQLObjectType)
    return found.fields


def _ids_below(
    taken: GraphQLArgument | GraphQLInputField, path: tuple[str, ...]
) -> Iterator[tuple[str, ...]]:
    kind = get_named_type(taken.type)
    if kind.name == "ID":
        yield path
    elif isinstance(kind, GraphQLInputObjectType):
        for name, inner in kind.fields.items():
            yield from _ids_below(inner, (*path, name))


def aimed(way: WayIn, kind: str, row: str) -> tuple[str, dict[str, Any]]:
    """A document that passes the id there, and what else the field requires."""
    field = _fields(way.root)[way.name]
    passed = {n: a for n, a in field.args.items() if is_required_argument(a) or n == way.path[0]}
    declared = ", ".join(f"${n}: {a.type}" for n, a in passed.items())
    variables = {n: given(a.type) for n, a in passed.items() if is_required_argument(a)}
    _put(variables, way.path, row if way.path[-1] in PLAIN_IDS else _global_id(kind, row), field.args)
    shown = get_named_type(field.type)
    selection = "" if is_leaf_type(shown) else f"{{ __typename {_told(shown)} }}"
    arguments = ", ".join(f"{n}: ${n}" for n in passed)
    return f"{way.root.lower()} ({declared}) {{ {way.name}({arguments}) {selection} }}", variables


def _put(variables: dict[str, Any], path: tuple[str, ...], id: str, arguments: dict[str, Any]) -> None:
    *above, last = path
    place = variables
    for step in above:
        place = place.setdefault(step, {})
        if isinstance(place, list):
            place[:] = place or [{}]
            place = place[0]
    is_list = not above and str(arguments[last].type).startswith("[")
    place[last] = [id] if is_list else id


def _told(shown: Any) -> str:
    fields = getattr(shown, "fields", {})
    return " ".join(
        ["userErrors { code message path }"] * ("userErrors" in fields) + ["id"] * ("id" in fields)
    )


def _global_id(kind: str, row: str) -> str:
    return b64encode(f"{kind}:{row}".encode()).decode()


@dataclass(frozen=True, slots=True)
class Place:
    client: Client
    database: Database
    here: Side
    there: Side

    def fingerprint(self, side: Side) -> str:
        async def looked() -> str:
            world = await World.planted(self.database, mark=False)
            try:
                return await world.fingerprint(side)
            finally:
                await world.close()

        return asyncio.run(looked())


@pytest.fixture(scope="module")
def place(cluster: Cluster, demonstrated: str) -> Iterator[Place]:
    """One county that asks, and another; both at work."""
    with _cloned(cluster, demonstrated) as database, serving(database, **UNLIMITED) as client:
        worlds.at_work(client)
        yield Place(client, database, *asyncio.run(_sides(database)))


async def _sides(database: Database) -> tuple[Side, Side]:
    world = await World.planted(database)
    await world.close()
    return world.sides


def answered(client: Client, login: str, way: WayIn, kind: str, row: str) -> str:
    """The answer, without the id that was asked for."""
    text, variables = aimed(way, kind, row)
    answer = client.post(text, variables, as_=login)
    answer.pop("extensions", None)
    return orjson.dumps(answer).decode().replace(row, "*").replace(_global_id(kind, row), "*")


def sampled(there: Side, way: WayIn) -> Iterator[tuple[str, str]]:
    """One row of every kind that has a global id; where a plain id is wanted, a post."""
    node = schema._schema.type_map["Node"]
    assert isinstance(node, GraphQLInterfaceType)
    kinds = {kind.name for kind in schema._schema.get_possible_types(node)}
    for kind, ids in there.ids.items():
        if ids and kind in ({"Post"} if way.path[-1] in PLAIN_IDS else kinds):
            yield kind, ids[0]


@pytest.mark.parametrize("way", list(ways_in()), ids=str)
def test_an_id_of_another_county_is_an_id_of_nothing(place: Place, way: WayIn) -> None:
    before = place.fingerprint(place.there)

    for login in place.here.logins:
        for kind, row in sampled(place.there, way):
            nobodys = answered(place.client, login, way, kind, str(uuid4()))
            assert answered(place.client, login, way, kind, row) == nobodys, (login, kind)

    assert place.fingerprint(place.there) == before


def test_a_command_with_ones_own_id_does_change_something(place: Place) -> None:
    """The twin: the comparison above would see a write."""
    before = place.fingerprint(place.there)

    answer = worlds.opened(place.client, f"{place.there.prefix}-first-secretary", "08-01", "08-02")

    assert answer
    assert place.fingerprint(place.there) != before


def test_not_one_object_of_another_county_is_shown_by_its_id(place: Place) -> None:
    for here, there in ((place.here, place.there), (place.there, place.here)):
        for login in here.logins:
            assert not ids_in(shown_of(place.client, login, there)) & there.all_ids, login
        assert len(ids_in(shown_of(place.client, here.logins[0], here))) > AT_ONCE


def shown_of(client: Client, login: str, side: Side) -> list[Any]:
    """What the login is shown of everything that a side has."""
    ids = [_global_id(kind, row) for kind, rows in side.ids.items() for row in rows]
    pages = [ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    return [client.ask(query, {"ids": page}, as_=login)["nodes"] for page in pages]
