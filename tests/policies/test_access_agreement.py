"""casbin, the table compiled from it, and the terms say the same of thousands of chance cases."""

from collections import Counter
from datetime import date
from random import Random

from policies.access import Access, Code, Post, Target, Viewer, compile_lines
from policies.grants import Line, platform
from tests.policies.access_world import post, target, viewer

PLACES = {"甲县": "550101000000", "乙县": "550102000000", "本省": "550000000000"}
OFTEN_HERE = [*PLACES, *["甲县"] * 9]
CODES = [*PLACES.values(), "550101001000", "550101001001", "550101002000", "550102001001"]
ROLES = ["alpha", "beta", "gamma", "wide", "stranger", ""]
UNITS = [None, "水利局", "人事局"]
PERSONS = [None, "甲", "乙", "丙"]
PERMISSIONS = ["leave.read", "leave.sign", "household.read", "case.read", "authority:committee.act_for"]
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
wide household read subtree allow
wide case read subtree deny
wide authority:committee act_for subtree allow
anyone authority:committee act_for own deny
anyone leave sign own deny
"""
CASES = 6_000


def _access() -> Access:
    cells = [line.split() for line in ROWS.strip().splitlines()]
    lines = [Line(str(i), (*row[:4], "platform", row[4])) for i, row in enumerate(cells)]
    return compile_lines("chance", lines, (("alpha", "wide"), ("gamma", "wide")), platform())


def _post(chance: Random) -> Post:
    acting = chance.choice([None, None, *PERSONS])
    return post(
        chance.choice(ROLES),
        chance.choice([*CODES, ""]),
        place=chance.choice(OFTEN_HERE),
        unit=chance.choice(UNITS),
        begins=date(2018, 6, chance.choice([1, 15, 15, 16])),
        ends=chance.choice([None, None, date(2018, 6, 15), date(2018, 6, 16)]),
        acting_for=acting,
        only=chance.choice([None, chance.sample(PERMISSIONS, 2)]),
    )


def _viewer(chance: Random) -> Viewer:
    place = chance.choice(OFTEN_HERE)
    posts = [_post(chance) for _ in range(chance.randint(1, 4))]
    return viewer(*posts, person=chance.choice(PERSONS[1:]), place=place, code=PLACES[place])


def _target(chance: Random) -> Target:
    return target(
        chance.choice([*CODES, None]),
        place=chance.choice(OFTEN_HERE),
        unit=chance.choice(UNITS),
        owner=chance.choice(PERSONS),
        assignees=[p for p in chance.sample(PERSONS, 2) if p],
    )


def test_casbin_the_table_and_the_terms_agree() -> None:
    chance, access, seen = Random(20180615), _access(), Counter[Code]()  # noqa: S311 - the same each time

    for _ in range(CASES):
        who, row, permission = _viewer(chance), _target(chance), chance.choice(PERMISSIONS)
        verdict = access.explain(who, row, permission)
        case = f"{permission} {who} {row}"

        assert access.can(who, row, permission) is verdict.allowed, case
        assert access.reach(who, permission).hold(row) is verdict.allowed, case
        assert verdict.allowed <= access.may_ever(who, permission), case
        assert verdict.allowed <= _is_found_by_who_can(access, who, permission), case
        seen[verdict.code] += 1

    assert set(seen) == set(Code)
    assert min(seen.values()) > CASES // 100, seen


def _is_found_by_who_can(access: Access, who: Viewer, permission: str) -> bool:
    roles = {role for role, _ in access.who_can(permission)}
    return any(seat.role in roles for seat in who.standing_posts())
