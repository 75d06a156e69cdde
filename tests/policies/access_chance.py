"""Chance viewers, rows and rules, for the tests that hold casbin, table, terms, filter and SQL together.

The same each time; TEST_SEED tries others, and a failure names its seed.
"""

import os
from collections.abc import Sequence
from datetime import date
from random import Random

from policies.access import Access, Post, Target, Viewer, compile_lines
from policies.grants import Line, platform
from policies.reach import Reach
from tests.policies.access_world import post, target, viewer

SEED = int(os.environ.get("TEST_SEED", "20180615"))
PLACES = {
    "甲县": ("550101000000", "county"),
    "乙县": ("550102000000", "county"),
    "本省": ("550000000000", "province"),
}
OFTEN_HERE = [*PLACES, *["甲县"] * 9]
CODES = [
    *(code for code, _ in PLACES.values()),
    "550101001000",
    "550101001001",
    "550101001999",
    "550101002000",
    "550102001001",
    "560000000000",
]
ROLES = ["alpha", "beta", "gamma", "wide", "province_admin", "stranger", ""]
UNITS = [None, "水利局", "人事局"]
PERSONS = [None, "甲", "乙", "丙"]
PERMISSIONS = ["leave.read", "leave.sign", "household.read", "case.read", "authority:committee.act_for"]
LINKS = (("alpha", "wide"), ("gamma", "wide"))
# Every reach, allowed and denied, by a role and by a wider word.
ROWS = """
alpha leave read own allow
alpha leave sign node allow
alpha household read assigned allow
alpha case read tenant allow
beta leave read subtree allow
beta leave sign unit allow
beta household read node deny
beta case read any allow
gamma leave read tenant allow
gamma leave read unit deny
gamma household read any allow
province_admin case read any allow
province_admin leave read subtree allow
wide household read subtree allow
wide case read subtree deny
wide household read assigned deny
wide authority:committee act_for subtree allow
anyone authority:committee act_for own deny
anyone leave sign own deny
"""


def written_rules() -> Access:
    return _compiled([line.split() for line in ROWS.strip().splitlines()])


def chance_rules(chance: Random) -> Access:
    """Rules that nobody thought of: two in three of them allow."""
    cells = {tuple(_chance_row(chance)) for _ in range(chance.randint(4, 30))}
    return _compiled(sorted(cells))


def _chance_row(chance: Random) -> list[str]:
    noun, _, act = chance.choice(PERMISSIONS).rpartition(".")
    role = chance.choice([*ROLES[:5], "anyone"])
    return [role, noun, act, str(chance.choice(list(Reach))), chance.choice(["allow", "allow", "deny"])]


def _compiled(cells: Sequence[Sequence[str]]) -> Access:
    lines = [Line(str(n), (*row[:4], "platform", row[4])) for n, row in enumerate(cells)]
    return compile_lines("chance", lines, LINKS, platform())


def _chance_post(chance: Random) -> Post:
    return post(
        chance.choice(ROLES),
        chance.choice([*CODES, ""]),
        place=chance.choice(OFTEN_HERE),
        unit=chance.choice(UNITS),
        begins=date(2018, 6, chance.choice([1, 15, 15, 16])),
        ends=chance.choice([None, None, date(2018, 6, 15), date(2018, 6, 16)]),
        acting_for=chance.choice([None, None, *PERSONS]),
        only=chance.choice([None, chance.sample(PERMISSIONS, 2)]),
    )


def chance_viewer(chance: Random) -> Viewer:
    """One to four posts: begun and ended around the day, acting ones, in this place and elsewhere; a fourth
    of the viewers stand in for somebody by a post that they do not use."""
    place = chance.choice(OFTEN_HERE)
    code, kind = PLACES[place]
    posts = [_chance_post(chance) for _ in range(chance.randint(1, 4))]
    person, principals = (
        str(chance.choice(PERSONS[1:])),
        chance.sample(PERSONS[1:], chance.choice([0, 0, 0, 1])),
    )
    return viewer(*posts, person=person, place=place, code=code, kind=kind, stands_in_for=principals)


def chance_target(chance: Random, most_assignees: int = 2) -> Target:
    """A row of some place; owner, unit, code and assignees may each be missing."""
    return target(
        chance.choice([*CODES, None]),
        place=chance.choice(OFTEN_HERE),
        unit=chance.choice(UNITS),
        owner=chance.choice(PERSONS),
        assignees=[p for p in chance.sample(PERSONS, most_assignees) if p],
    )
