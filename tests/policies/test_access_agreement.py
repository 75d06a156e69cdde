"""casbin, the table compiled from it, and the terms say the same of thousands of chance cases.

tests/tenants/test_reach.py asks the filter and the SQL too, over rows of the database.
"""

from collections import Counter
from random import Random

from policies.access import Access, Code, Viewer
from tests.policies.access_chance import (
    PERMISSIONS,
    SEED,
    chance_rules,
    chance_target,
    chance_viewer,
    written_rules,
)

CASES = 6_000
OF_ONE_SET = 40


def test_casbin_the_table_and_the_terms_agree() -> None:
    chance, access, seen = Random(SEED), written_rules(), Counter[Code]()  # noqa: S311 - the same each time

    for _ in range(CASES):
        seen[_agreed(access, chance)] += 1

    assert set(seen) == set(Code)
    assert min(seen.values()) > CASES // 100, seen


def test_they_agree_under_rules_that_nobody_wrote() -> None:
    chance, seen = Random(SEED), Counter[Code]()  # noqa: S311 - the same each time

    for _ in range(CASES // OF_ONE_SET):
        access = chance_rules(chance)
        seen.update(_agreed(access, chance) for _ in range(OF_ONE_SET))

    assert set(seen) == set(Code)


def _agreed(access: Access, chance: Random) -> Code:
    who, row, permission = chance_viewer(chance), chance_target(chance), chance.choice(PERMISSIONS)
    verdict = access.explain(who, row, permission)
    case = f"seed {SEED}: {permission} {who} {row}"

    assert access.can(who, row, permission) is verdict.allowed, case
    assert access.reach(who, permission).hold(row) is verdict.allowed, case
    assert verdict.allowed <= access.may_ever(who, permission), case
    assert verdict.allowed <= _is_found_by_who_can(access, who, permission), case
    return verdict.code


def _is_found_by_who_can(access: Access, who: Viewer, permission: str) -> bool:
    roles = {role for role, _ in access.who_can(permission)}
    return any(seat.role in roles for seat in who.standing_posts())
