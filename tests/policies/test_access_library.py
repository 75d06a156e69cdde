"""The faults of the library that guides/access.md lists: each is shown, and then that it cannot reach us.

The numbers are those of the list. A fault that is gone in a later release fails its first half here.
"""

import casbin
import pytest

from policies.access import AccessError, Grant, Target, compile_access, compile_lines
from policies.enforcer import enforcer_of
from policies.grants import Line, Row, authority, links_of, platform
from policies.vocabulary import Category, Term
from tests.policies.access_world import id_of, post, target, viewer

STOCK = """
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act, eft
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = g(r.sub, p.sub) && r.obj == p.obj && r.act == p.act
"""
Cells = tuple[str, ...]
ALLOWED = ("mayor", "leave", "read", "allow")
GOOD = ("township_mayor", "leave", "read", "subtree", "platform", "allow")


def _stock(*rows: Cells, links: list[tuple[str, str]] | None = None) -> casbin.Enforcer:
    enforcer = casbin.Enforcer(casbin.Enforcer.new_model(text=STOCK))
    enforcer.model["p"]["p"].policy = list(rows)
    enforcer.model["g"]["g"].policy = links or []
    enforcer.build_role_links()
    return enforcer


def _codes(*rows: Cells, links: tuple[tuple[str, str], ...] = ()) -> list[str]:
    with pytest.raises(AccessError) as refused:
        compile_lines("", [Line("row", row) for row in rows], links, platform())
    return [problem.code for problem in refused.value.problems]


def test_1_a_blank_request_on_an_empty_table_is_refused() -> None:
    assert _stock().enforce("", "", "")

    empty = compile_lines("", (), (), platform())
    blank = viewer(post(""))

    assert not empty.explain(blank, target(), "").allowed
    assert not empty.explain(blank, target(), ".").allowed
    assert not empty.can(blank, target(), "")


def test_2_a_person_with_the_id_of_a_role_does_not_hold_the_role() -> None:
    assert _stock(ALLOWED).enforce("mayor", "leave", "read")

    access = compile_lines("", [Line("row", GOOD)], (), platform())
    namesake = viewer(post("village_cadre"), person="township_mayor")

    assert not access.explain(namesake, target(), "leave.read").allowed
    assert access.explain(viewer(post("township_mayor")), target(), "leave.read").allowed


@pytest.mark.parametrize("effect", ["Deny", "DENY", " deny", "forbid", "", "Allow"])
def test_3_an_effect_that_casbin_would_ignore_is_refused(effect: str) -> None:
    assert _stock(ALLOWED, ("mayor", "leave", "read", effect)).enforce("mayor", "leave", "read")

    assert _codes(GOOD, (*GOOD[:-1], effect)) == ["effect_unknown"]
    assert compile_lines("", [Line("row", (*GOOD[:-1], "deny"))], (), platform())


def test_4_an_id_in_another_form_is_refused_instead_of_being_unequal() -> None:
    with pytest.raises(TypeError, match="an id is a UUID"):
        Target(place_id=str(id_of("甲县")))  # type: ignore[arg-type]
    assert Target(place_id=id_of("甲县")).place_id == id_of("甲县")


def test_5_a_short_row_is_refused_before_it_stops_every_check() -> None:
    with pytest.raises(RuntimeError, match="invalid policy size"):
        _stock(("mayor", "leave"), ALLOWED).enforce("mayor", "leave", "read")

    assert _codes(GOOD[:-1], GOOD) == ["row_size"]
    assert _codes((*GOOD, "more")) == ["row_size"]


def test_6_the_enforcer_cannot_be_switched_off() -> None:
    open_door = _stock()
    open_door.enable_enforce(False)
    assert open_door.enforce("nobody", "leave", "read")

    with pytest.raises(TypeError, match="never changes"):
        enforcer_of([Row(*GOOD)], (), holds=lambda *_: False).enable_enforce(False)


def test_7_a_ladder_of_roles_too_long_for_casbin_is_refused() -> None:
    ladder = [(f"r{n}", f"r{n + 1}") for n in range(10)]
    top = ("r10", "leave", "read", "allow")
    assert not _stock(top, links=ladder).enforce("r0", "leave", "read")

    assert set(_codes(GOOD, links=tuple(ladder))) == {"role_depth"}
    assert compile_lines("", [Line("row", GOOD)], tuple(ladder[:8]), platform())


def test_a_circle_of_roles_is_refused() -> None:
    circle = (("a", "b"), ("b", "c"), ("c", "a"))

    assert _codes(GOOD, links=circle) == ["role_cycle"] * 3


def test_a_circle_in_a_profiles_words_is_refused() -> None:
    words = [
        Term(id=a, label=a, category=Category.ROLE, includes=(b,)) for a, b in (("aa", "bb"), ("bb", "aa"))
    ]

    with pytest.raises(AccessError) as refused:
        compile_access("", (), (), terms=words)

    assert {p.code for p in refused.value.problems} == {"role_cycle"}
    assert links_of(words) == (("bb", "aa"), ("aa", "bb"))


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("add_policy", GOOD),
        ("add_policies", [GOOD]),
        ("add_grouping_policy", ("a", "b")),
        ("add_role_for_user", ("a", "b")),
        ("remove_policy", GOOD),
        ("remove_filtered_policy", (0, "township_mayor")),
        ("update_policy", (GOOD, GOOD)),
        ("delete_role", ("a",)),
        ("clear_policy", ()),
        ("load_policy", ()),
        ("save_policy", ()),
        ("set_effector", (None,)),
        ("set_role_manager", (None,)),
        ("add_function", ("holds", lambda *_: True)),
        ("build_role_links", ()),
    ],
)
def test_21_nothing_is_added_to_a_compiled_enforcer(call: str, arguments: Cells) -> None:
    stock = _stock()
    stock.add_policy(*ALLOWED)
    assert stock.enforce("mayor", "leave", "read")

    sealed = enforcer_of([Row(*GOOD)], (), holds=lambda *_: True)
    with pytest.raises(TypeError, match="never changes"):
        getattr(sealed, call)(*arguments)
    with pytest.raises(AttributeError):
        sealed.get_policy().append(GOOD)
    assert list(sealed.get_policy()) == [GOOD]
    assert sealed.enforce("viewer", "target", "leave", "read")


def test_an_access_shows_no_enforcer_and_takes_no_attribute() -> None:
    access = compile_access("digest", [Grant("township_mayor", "household.read", "subtree")], ())

    assert [name for name in dir(access) if not name.startswith("_")] == [
        "can",
        "digest",
        "explain",
        "may_ever",
        "organs_of",
        "permissions",
        "reach",
        "who_can",
    ]
    with pytest.raises(AttributeError):
        access.digest = "another"  # type: ignore[misc]


def test_unknown_roles_and_places_leave_nothing_behind_in_the_role_manager() -> None:
    access = compile_access("", (), ())
    roles = access._enforcer.rm_map["g"].all_roles
    before = len(roles)

    for n in range(50):
        stranger = viewer(post(f"stranger_{n}"), place=f"地方{n}")
        assert not access.explain(stranger, target(), authority("township_government")).allowed

    assert len(roles) == before > 50
