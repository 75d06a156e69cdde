from dataclasses import replace

import pytest

from policies.access import (
    Field,
    Grant,
    PostRef,
    Reach,
    Target,
    Term,
    authority,
    compile_access,
    compile_lines,
)
from policies.grants import Line, platform
from policies.reach import covers, is_within, terms
from tests.policies.access_world import COUNTY, TOWNSHIP, VILLAGE, id_of, post, target, viewer

PLATFORM = compile_access("platform", (), ())
COMMITTEE = authority("township_party_committee")
SECRETARY = viewer(post("township_party_secretary"))


@pytest.mark.parametrize(
    ("code", "covered"),
    [
        ("550101000999", False),
        (TOWNSHIP, True),
        (VILLAGE, True),
        ("550101001010", True),
        ("550101001999", True),
        ("550101002000", False),
        ("550101010000", False),
        ("550101011001", False),
        ("550101100000", False),
        (COUNTY, False),
        ("", False),
        (None, False),
    ],
)
def test_a_subtree_ends_where_the_next_township_begins(code: str | None, covered: bool) -> None:
    access = compile_access("", (), ())

    assert access.can(SECRETARY, target(code), "leave.read") is covered
    assert access.reach(SECRETARY, "leave.read").hold(target(code)) is covered


@pytest.mark.parametrize(
    ("reach", "code", "whole"),
    [("subtree", COUNTY, True), ("subtree", TOWNSHIP, False), ("node", COUNTY, False)],
)
def test_who_reads_every_row_of_the_county(reach: str, code: str, whole: bool) -> None:
    access = compile_access("whole", [Grant("village_team_member", "project.read", reach)], ())
    rows = access.reach(viewer(post("village_team_member", code)), "project.read")

    assert rows.are_all_below(id_of("甲县"), COUNTY) is whole
    assert not rows.are_all_below(id_of("乙县"), COUNTY)


def test_a_denial_leaves_something_out() -> None:
    of = "county_head", "leave.read"
    who = viewer(post("county_head", COUNTY))
    assert PLATFORM.reach(who, of[1]).are_all_below(id_of("甲县"), COUNTY)

    less = compile_access("less", [Grant(*of, "node", "deny")], ()).reach(who, of[1])

    assert not less.are_all_below(id_of("甲县"), COUNTY)


def test_two_posts_do_not_lend_each_other_their_reach() -> None:
    grants = [Grant("village_team_member", "project.read", "subtree")]
    access = compile_access("two", grants, ())
    both = viewer(post("village_team_member", VILLAGE), post("township_mayor", "550101002000"))

    assert access.can(both, target(VILLAGE), "project.read")
    assert access.can(both, target("550101002001"), "leave.read")
    assert not access.can(both, target("550101002001"), "project.read")
    assert not access.can(both, target(VILLAGE), "leave.read")


def test_a_post_in_another_place_gives_nothing_here() -> None:
    secretary = post("county_party_secretary", COUNTY, place="乙县")
    both = viewer(post("first_secretary", VILLAGE), secretary)

    assert not PLATFORM.can(both, target(VILLAGE), "leave.read")
    assert not PLATFORM.can(both, target(VILLAGE, place="乙县"), "leave.read")
    assert PLATFORM.can(viewer(secretary, place="乙县"), target(VILLAGE, place="乙县"), "leave.read")


def test_a_post_or_row_without_a_unit_is_in_no_unit() -> None:
    homeless = viewer(post("unit_head", COUNTY))
    head = viewer(post("unit_head", COUNTY, unit="水利局"))

    assert not PLATFORM.can(homeless, target(unit=None), "leave.read")
    assert not PLATFORM.can(head, target(unit=None), "leave.read")
    assert PLATFORM.can(head, target(unit="水利局"), "leave.read")


def test_a_viewer_without_a_person_cannot_be_made() -> None:
    somebody = viewer(post("first_secretary", VILLAGE))

    assert not PLATFORM.can(somebody, target(owner=None), "leave.read")
    with pytest.raises(TypeError, match="a viewer is a person"):
        replace(somebody, person_id=None)  # type: ignore[arg-type]


def test_a_place_without_a_code_has_nothing_below_it() -> None:
    lost = viewer(post("province_admin", "", place="本省"), place="本省", code="", kind="province")

    assert not PLATFORM.can(lost, target(), "place.read")
    assert PLATFORM.can(lost, target(None, place="本省"), "place.read")
    assert PLATFORM.reach(lost, "place.read").allow == (_whole_place("本省"),)


def _whole_place(place: str) -> Term:
    return Term(Field.PLACE, id_of(place), value=id_of(place))


def test_a_secretary_reads_his_own_rows_and_his_townships() -> None:
    rows = PLATFORM.reach(SECRETARY, "leave.read")

    assert set(rows.allow) == {
        Term(Field.OWNER, id_of("甲县"), value=id_of("我")),
        Term(Field.CODE, id_of("甲县"), span=("550101001000", "550101002000")),
    }
    assert rows.deny == ()


def test_a_denial_counts_everybody_for_whom_the_viewer_stands_in() -> None:
    deputy = viewer(post("township_party_secretary"), stands_in_for=["甲"])

    assert not PLATFORM.can(deputy, target(owner="甲"), COMMITTEE)
    assert not PLATFORM.explain(deputy, target(owner="甲"), COMMITTEE).allowed
    assert not PLATFORM.reach(deputy, COMMITTEE).hold(target(owner="甲"))
    assert PLATFORM.can(deputy, target(owner="乙"), COMMITTEE)
    # It denies and gives nothing: what is his principal's own does not become his.
    assert not PLATFORM.can(
        viewer(post("first_secretary"), stands_in_for=["甲"]), target(owner="甲"), "leave.read"
    )


def test_a_denial_keeps_rows_that_nobody_owns() -> None:
    rows = PLATFORM.reach(SECRETARY, COMMITTEE)

    assert rows.deny == (Term(Field.OWNER, id_of("甲县"), value=id_of("我")),)
    assert rows.hold(target(owner=None))
    assert not rows.hold(target(owner="我"))


def test_the_whole_place_swallows_its_narrower_terms() -> None:
    leader = viewer(post("county_party_secretary", COUNTY), post("township_mayor"))

    assert PLATFORM.reach(leader, "leave.read").allow == (_whole_place("甲县"),)


def test_a_province_reads_its_own_place_and_the_codes_below_it() -> None:
    seat = post("province_admin", "550000000000", place="本省")
    admin = viewer(seat, place="本省", code="550000000000", kind="province")

    assert PLATFORM.reach(admin, "place.read").allow == (
        _whole_place("本省"),
        Term(Field.CODE, None, span=("550000000000", "560000000000")),
    )


def test_what_is_denied_at_home_may_be_allowed_in_the_places_below() -> None:
    seat = post("province_admin", "550000000000", place="本省")
    admin = viewer(seat, place="本省", code="550000000000", kind="province")
    cells = [("province_admin", "leave", "read", "any", "platform", "allow")]
    denied = [*cells, ("province_admin", "leave", "read", "tenant", "platform", "deny")]
    at_home = compile_lines("", [Line(str(n), row) for n, row in enumerate(denied)], (), platform())

    assert at_home.can(admin, target(COUNTY), "leave.read")
    assert not at_home.can(admin, target("550000000000", place="本省"), "leave.read")
    assert at_home.may_ever(admin, "leave.read")
    everywhere = [*denied, ("anyone", "leave", "read", "any", "platform", "deny")]
    barred = compile_lines("", [Line(str(n), row) for n, row in enumerate(everywhere)], (), platform())
    assert not barred.may_ever(admin, "leave.read")
    assert not barred.can(admin, target(COUNTY), "leave.read")


@pytest.mark.parametrize("reach", Reach)
@pytest.mark.parametrize("denied", [False, True])
def test_the_terms_of_each_reach_say_what_it_covers(reach: Reach, denied: bool) -> None:
    seat = post("r", unit="水利局", acting_for="书记")
    who = viewer(seat)
    rows = [
        target(),
        target(TOWNSHIP, owner="我"),
        target("550102001000", owner="书记", assignees=["书记"]),
        target(None, unit="水利局", assignees=["我"]),
        target(place="乙县", owner="我", unit="水利局", assignees=["我"]),
        target("560000000000", place="邻省", owner="我"),
    ]

    covered = [covers(reach, who, seat, row, denied=denied) for row in rows]

    assert covered == [any(t.holds(row) for t in terms(reach, who, seat, denied=denied)) for row in rows]
    assert any(covered)
    assert not all(covered)


def test_the_order_of_reaches() -> None:
    within = {(a.value, b.value) for a in Reach for b in Reach if a is not b and is_within(a, b)}

    assert len(within) == 6 + 3 + 3 + 2 + 2 + 1
    assert ("assigned", "subtree") in within
    assert ("unit", "subtree") not in within
    assert ("subtree", "unit") not in within


def test_ids_are_uuids_so_that_a_denial_cannot_miss_by_their_form() -> None:
    with pytest.raises(TypeError, match="an id is a UUID, not str"):
        Target(place_id=id_of("甲县"), owner_id=str(id_of("我")))  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="an id is a UUID, not int"):
        PostRef(1, id_of("我"))  # type: ignore[arg-type]
