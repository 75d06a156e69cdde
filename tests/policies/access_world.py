"""A small world for the access tests: one county with two townships, its neighbour, two provinces."""

from collections.abc import Iterable
from datetime import date
from uuid import NAMESPACE_OID, UUID, uuid5

from policies.access import Post, PostRef, Target, Viewer

DAY = date(2018, 6, 15)
COUNTY = "550101000000"
TOWNSHIP = "550101001000"
VILLAGE = "550101001001"


def id_of(name: str) -> UUID:
    return uuid5(NAMESPACE_OID, name)


def post(
    role: str,
    code: str = TOWNSHIP,
    *,
    place: str = "甲县",
    unit: str | None = None,
    begins: date = date(2018, 1, 1),
    ends: date | None = None,
    acting_for: str | None = None,
    only: Iterable[str] | None = None,
) -> Post:
    return Post(
        id=id_of(f"{role}/{code}/{place}/{unit}/{acting_for}"),
        role=role,
        place_id=id_of(place),
        code=code,
        unit_id=id_of(unit) if unit else None,
        begins=begins,
        ends=ends,
        acting_for=PostRef(id_of(f"{acting_for}的岗位"), id_of(acting_for)) if acting_for else None,
        only=frozenset(only) if only is not None else None,
    )


def viewer(
    *posts: Post,
    person: str = "我",
    place: str = "甲县",
    code: str = COUNTY,
    kind: str = "county",
    day: date = DAY,
    stands_in_for: Iterable[str] = (),
) -> Viewer:
    principals = frozenset(map(id_of, stands_in_for))
    return Viewer(id_of("账号"), id_of(person), id_of(place), code, kind, posts, principals, day, "digest")


def target(
    code: str | None = VILLAGE,
    *,
    place: str = "甲县",
    unit: str | None = None,
    owner: str | None = None,
    assignees: Iterable[str] = (),
) -> Target:
    return Target(
        place_id=id_of(place),
        code=code,
        unit_id=id_of(unit) if unit else None,
        owner_id=id_of(owner) if owner else None,
        assignee_ids=frozenset(map(id_of, assignees)),
    )
