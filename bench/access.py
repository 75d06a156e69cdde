"""Who may: the table compiled from Casbin against Casbin's own enforce, for one row and for a list."""

from collections.abc import Iterator
from datetime import date
from uuid import uuid4

from bench.comparison import Comparison, compare
from policies.access import access_of
from policies.library import profile, shipped
from policies.reach import Post, Target, Viewer

VILLAGE, TOWNSHIP, COUNTY = "990001100201", "990001100000", "990001000000"


def comparisons() -> Iterator[Comparison]:
    access = access_of(profile(shipped()[0]))
    place = uuid4()
    day = date(2018, 6, 15)
    post = Post(uuid4(), "township_party_secretary", place, TOWNSHIP, None, date(2018, 1, 1))
    viewer = Viewer(uuid4(), uuid4(), place, COUNTY, "county", (post,), frozenset(), day, access.digest)
    target = Target(place, VILLAGE, None, uuid4())
    yield compare(
        "one row",
        ("casbin enforce_ex", lambda: access.explain(viewer, target, "leave.read")),
        ("the compiled table", lambda: access.can(viewer, target, "leave.read")),
        (5, 500),
    )
    rows = [Target(place, VILLAGE, None, uuid4()) for _ in range(100)]
    reached = access.reach(viewer, "leave.read")
    yield compare(
        "a page of 100 rows",
        ("asking the table row by row", lambda: [access.can(viewer, row, "leave.read") for row in rows]),
        ("the terms, found once", lambda: [reached.hold(row) for row in rows]),
        (5, 5),
    )
