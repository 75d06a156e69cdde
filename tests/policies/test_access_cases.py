"""The matrix of access_cases.yaml: what it lists is allowed, every other cell is refused."""

from itertools import product

import pytest

from tests.policies.access_matrix import (
    ALLOWED,
    CASES,
    PERMISSIONS,
    TARGETS,
    VIEWERS,
    cells_allowed_by,
    compiled,
)

ACCESS = compiled()


def test_the_matrix_lists_each_allowed_cell_once_and_names_only_what_it_declares() -> None:
    who, may, on = (set(names) for names in zip(*ALLOWED, strict=True))

    assert len(ALLOWED) == len(set(ALLOWED))
    assert may <= set(PERMISSIONS)
    assert on == set(TARGETS)
    assert who == set(VIEWERS) - set(CASES["nothing"])


def test_no_one_is_allowed_to_change_the_audit_and_every_other_permission_is_allowed_to_someone() -> None:
    assert {may for _, may, _ in ALLOWED} == set(PERMISSIONS) - {"audit.update"}


def test_exactly_the_listed_cells_are_allowed() -> None:
    assert cells_allowed_by(ACCESS) == set(ALLOWED)


@pytest.mark.parametrize("who", VIEWERS)
def test_casbin_and_the_terms_say_the_same_of_every_cell(who: str) -> None:
    for permission, (name, row) in product(PERMISSIONS, TARGETS.items()):
        allowed = (who, permission, name) in ALLOWED

        assert ACCESS.explain(VIEWERS[who], row, permission).allowed is allowed, (permission, name)
        assert ACCESS.reach(VIEWERS[who], permission).hold(row) is allowed, (permission, name)
        assert allowed <= ACCESS.may_ever(VIEWERS[who], permission)
