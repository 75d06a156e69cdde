import logging
from dataclasses import dataclass
from datetime import date

import pytest

from policies.access import (
    Access,
    Authority,
    Code,
    Effect,
    Grant,
    Layer,
    Reach,
    access_of,
    authority,
    compile_access,
    compile_lines,
)
from policies.grants import Line, lines_of, links_of, platform
from policies.vocabulary import Category, vocabulary
from policies.vocabulary import Term as Word
from tests.policies.access_world import COUNTY, TOWNSHIP, VILLAGE, post, target, viewer

PLATFORM = compile_access("platform", (), ())
COMMITTEE = authority("township_party_committee")
SECRETARY = viewer(post("township_party_secretary"))


def test_the_permission_to_act_for_an_organ_is_written_as_one_word() -> None:
    assert COMMITTEE == "authority:township_party_committee.act_for"


def test_an_allowed_act_names_its_row_and_post() -> None:
    verdict = PLATFORM.explain(SECRETARY, target(), "leave.read")

    assert verdict.allowed
    assert verdict.code is Code.ALLOW
    assert verdict.row is not None
    assert (verdict.row.role, verdict.row.permission) == ("township_party_secretary", "leave.read")
    assert (verdict.row.reach, verdict.row.layer) == ("subtree", "platform")
    assert verdict.post_id == SECRETARY.posts[0].id


def test_where_the_profile_repeats_a_default_its_own_row_is_named() -> None:
    access = compile_access("own", [Grant("township_party_secretary", "leave.read", "subtree")], ())

    row = access.explain(SECRETARY, target(), "leave.read").row

    assert row is not None
    assert row.layer == "profile"


def test_a_denial_names_its_row() -> None:
    applicant = viewer(post("township_party_secretary"), person="书记")

    verdict = PLATFORM.explain(applicant, target(TOWNSHIP, owner="书记"), COMMITTEE)

    assert not verdict.allowed
    assert verdict.code is Code.DENIED_BY_RULE
    assert verdict.row is not None
    assert (verdict.row.role, verdict.row.reach, verdict.row.effect) == ("anyone", "own", "deny")


def test_a_viewer_without_an_active_post_is_told_so() -> None:
    gone = viewer(post("township_party_secretary", ends=date(2018, 6, 15)))

    assert PLATFORM.explain(gone, target(), "leave.read").code is Code.NO_ACTIVE_POST
    assert PLATFORM.explain(SECRETARY, target(), "leave.read").code is Code.ALLOW


def test_a_row_of_another_place_is_refused_as_such() -> None:
    assert PLATFORM.explain(SECRETARY, target(place="乙县"), "leave.read").code is Code.OTHER_PLACE


def test_a_role_that_lacks_the_permission_is_told_who_has_it() -> None:
    verdict = PLATFORM.explain(viewer(post("village_team_member", VILLAGE)), target(), COMMITTEE)

    assert verdict.code is Code.ROLE_LACKS_PERMISSION
    assert verdict.roles == ("township_party_secretary",)


def test_an_acting_post_is_refused_what_was_not_delegated() -> None:
    acting = viewer(post("township_party_secretary", acting_for="书记", only=[COMMITTEE]))

    assert PLATFORM.explain(acting, target(), "leave.read").code is Code.NOT_DELEGATED
    assert PLATFORM.explain(acting, target(), COMMITTEE).code is Code.ALLOW


def test_a_row_beyond_the_post_is_out_of_reach() -> None:
    assert PLATFORM.explain(SECRETARY, target("550101002001"), "leave.read").code is Code.OUT_OF_REACH


def test_a_permission_that_no_row_names_is_lacked_by_every_role() -> None:
    for blank in ("", ".", "leave", "leave.", ".read", "leave.*", "*.read", "leave.read or True", "*"):
        assert PLATFORM.explain(SECRETARY, target(), blank).code is Code.ROLE_LACKS_PERMISSION
        assert not PLATFORM.can(SECRETARY, target(), blank)
        assert not PLATFORM.may_ever(SECRETARY, blank)
        assert PLATFORM.reach(SECRETARY, blank).are_none


def test_the_applicant_holding_the_approvers_post_cannot_approve_himself() -> None:
    both = viewer(post("first_secretary", VILLAGE), post("township_party_secretary"), person="申请人")

    assert not PLATFORM.can(both, target(owner="申请人"), COMMITTEE)
    assert PLATFORM.can(both, target(owner="别人"), COMMITTEE)
    assert PLATFORM.can(both, target(owner=None), COMMITTEE)


def test_whoever_acts_for_the_applicant_cannot_approve_him() -> None:
    acting = viewer(post("township_party_secretary", acting_for="书记", only=[COMMITTEE]), person="代理人")

    assert not PLATFORM.can(acting, target(TOWNSHIP, owner="书记"), COMMITTEE)
    assert not PLATFORM.can(acting, target(TOWNSHIP, owner="代理人"), COMMITTEE)
    assert PLATFORM.can(acting, target(TOWNSHIP, owner="别人"), COMMITTEE)


def test_a_denial_by_one_post_holds_against_an_allowance_by_another_in_either_order() -> None:
    acting = post("township_party_secretary", acting_for="书记", only=[COMMITTEE])
    own = post("township_party_secretary")

    for posts in ((acting, own), (own, acting)):
        assert not PLATFORM.can(viewer(*posts), target(owner="书记"), COMMITTEE)
        assert not PLATFORM.explain(viewer(*posts), target(owner="书记"), COMMITTEE).allowed
        assert PLATFORM.can(viewer(*posts), target(owner="别人"), COMMITTEE)


def test_an_acting_person_reads_nothing_that_is_the_principals_own() -> None:
    acting = viewer(post("township_mayor", acting_for="乡长", only=["person.read"]), person="代理人")
    elsewhere = "550101002001"

    assert not PLATFORM.can(acting, target(elsewhere, owner="乡长"), "person.read")
    assert PLATFORM.can(acting, target(elsewhere, owner="代理人"), "person.read")


def test_a_county_admin_cannot_end_his_own_post() -> None:
    admin = viewer(post("county_admin", COUNTY), person="管理员")

    assert not PLATFORM.can(admin, target(COUNTY, owner="管理员"), "post.end")
    assert PLATFORM.can(admin, target(COUNTY, owner="别人"), "post.end")


def test_an_administrator_gives_himself_no_post_through_whoever_stands_in_for_him() -> None:
    """Nor his deputy one to him: whoever acts for a person is that person where something is denied."""
    may = ["post.create", "post.end"]
    deputy = viewer(post("county_admin", COUNTY, acting_for="管理员", only=may), person="代理人")
    own = viewer(post("county_admin", COUNTY), person="管理员")

    for permission in may:
        assert not PLATFORM.can(own, target(COUNTY, owner="管理员"), permission)
        assert not PLATFORM.can(deputy, target(COUNTY, owner="管理员"), permission)
        assert not PLATFORM.can(deputy, target(COUNTY, owner="代理人"), permission)
        assert PLATFORM.can(deputy, target(COUNTY, owner="别人"), permission)


def test_a_contact_leader_acts_for_the_township_he_is_linked_to_and_for_no_other() -> None:
    leader = viewer(post("county_contact_leader", TOWNSHIP))

    assert PLATFORM.can(leader, target(VILLAGE), authority("county_contact_leader"))
    assert not PLATFORM.can(leader, target("550101002001"), authority("county_contact_leader"))
    assert not PLATFORM.can(leader, target(VILLAGE), COMMITTEE)


def test_a_mayor_signs_for_the_government_and_not_on_the_secretarys_line() -> None:
    mayor = viewer(post("township_mayor"))

    assert PLATFORM.can(mayor, target(), authority("township_government"))
    assert PLATFORM.explain(mayor, target(), COMMITTEE).code is Code.ROLE_LACKS_PERMISSION


def test_every_organ_of_a_profile_has_its_own_denial() -> None:
    organ = Authority("village_elders", "village_cadre", "subtree")
    access = compile_access("elders", (), [organ])
    elder = viewer(post("village_cadre", VILLAGE), person="长者")

    assert not access.can(elder, target(owner="长者"), authority("village_elders"))
    assert access.can(elder, target(owner="别人"), authority("village_elders"))


def test_no_row_of_a_profile_takes_a_denial_of_the_platform_away() -> None:
    organ = Authority("township_party_committee", "township_party_secretary", "own")
    access = compile_access("own", (), [organ])

    assert not access.can(viewer(post("township_party_secretary")), target(owner="我"), COMMITTEE)


def test_who_can_names_each_role_with_its_reach() -> None:
    assert PLATFORM.who_can(COMMITTEE) == (("township_party_secretary", Reach.SUBTREE),)
    assert PLATFORM.who_can(authority("township_principal")) == (
        ("township_mayor", Reach.SUBTREE),
        ("township_party_secretary", Reach.SUBTREE),
        ("township_principal", Reach.SUBTREE),
    )
    assert PLATFORM.who_can("no.read") == ()


def test_the_menu_of_a_county_admin_holds_no_business_data() -> None:
    admin = viewer(post("county_admin", COUNTY))
    general = set(PLATFORM.permissions(viewer(post("resident", VILLAGE))))

    assert [p for p in PLATFORM.permissions(admin) if p not in general] == [
        "account.create",
        "division.create",
        "division.update",
        "person.create",
        "person.update",
        "post.create",
        "post.end",
        "profile.create",
        "profile.publish",
        "schema.read",
        "unit.create",
        "unit.update",
    ]


def test_a_right_that_is_barred_everywhere_is_on_no_menu() -> None:
    grants = [
        Grant("township_mayor", "household.read", "subtree"),
        Grant("village_cadre", "household.read", "subtree"),
        Grant("township_mayor", "household.read", "tenant", "deny"),
    ]
    access = compile_access("barred", grants, ())

    assert not access.may_ever(viewer(post("township_mayor")), "household.read")
    assert access.may_ever(viewer(post("village_cadre", VILLAGE)), "household.read")


def test_a_role_may_what_each_wider_word_may() -> None:
    access = compile_access("wide", [Grant("village_stationed_cadre", "household.read", "node")], ())

    for role in ("first_secretary", "village_team_captain", "village_team_member"):
        assert access.can(viewer(post(role, VILLAGE)), target(), "household.read")
    assert not access.can(viewer(post("dispatched_cadre", VILLAGE)), target(), "household.read")


def test_a_role_that_a_profile_declares_is_anyone_and_an_unknown_one_is_nothing() -> None:
    word = Word(id="boat_keeper", label="船管员", category=Category.ROLE)
    access = compile_access("words", (), (), terms=[word])

    assert access.can(viewer(post("boat_keeper")), target(), "place.read")
    assert not access.can(viewer(post("boat_keeper_2")), target(), "place.read")
    assert not access.can(viewer(post("")), target(), "place.read")


def test_an_authority_of_the_profile_replaces_the_platforms() -> None:
    deputy = Authority("township_party_committee", "township_deputy_party_secretary", "subtree")
    access = compile_access("deputy", (), [deputy])

    assert access.who_can(COMMITTEE) == (("township_deputy_party_secretary", Reach.SUBTREE),)
    assert access.who_can(authority("township_government")) == (("township_mayor", Reach.SUBTREE),)


def test_an_access_is_kept_by_its_digest_and_compiled_once() -> None:
    first = access_of(_Profile("一"))

    assert access_of(_Profile("一")) is first
    assert access_of(_Profile("二")) is not first


@dataclass(frozen=True)
class _Profile:
    digest: str
    grants: tuple[Grant, ...] = ()
    authorities: tuple[Authority, ...] = ()
    terms: tuple[Word, ...] = ()


@pytest.mark.parametrize("disabled", [False, True])
def test_compiling_leaves_casbins_loggers_as_they_were(
    disabled: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    loggers = [logging.getLogger(f"casbin{name}") for name in ("", ".policy", ".enforcer", ".role")]
    for logger in loggers:
        monkeypatch.setattr(logger, "disabled", disabled)

    refused = compile_access("log", (), ()).explain(SECRETARY, target(place="乙县"), "leave.read")

    assert not refused.allowed
    assert [logger.disabled for logger in loggers] == [disabled] * 4
    assert [record for record in caplog.records if "Request" in record.getMessage()] == []


def appointing(how_far: str) -> Access:
    """The platform's law, under which a township's cadre appoints, too."""
    roles = vocabulary().terms(Category.ROLE)
    more = Line("planted", ("township_cadre", "post", "create", how_far, Layer.PLATFORM, Effect.ALLOW))
    lines = [*lines_of(platform(), (), ()), more]
    return compile_lines("planted", lines, links_of(roles), platform(), [role.id for role in roles])


@pytest.mark.parametrize(
    ("_case", "how_far", "role", "code", "may"),
    [
        ("全县任免，乡镇书记只到乡镇", "tenant", "township_party_secretary", VILLAGE, True),
        ("全县任免，县委书记管到全县", "tenant", "county_party_secretary", COUNTY, True),
        ("乡镇内任免，乡镇长管到乡镇", "subtree", "township_mayor", VILLAGE, True),
        ("乡镇内任免，县委书记管到全县", "subtree", "county_party_secretary", VILLAGE, False),
        ("乡镇内任免，别的乡镇", "subtree", "township_mayor", "550101002000", False),
        ("省级管理员的权限到辖区各地", "tenant", "province_admin", COUNTY, False),
        ("职位由上级邀请", "tenant", "county_admin", COUNTY, False),
    ],
)
def test_nobody_gives_what_reaches_further_than_he_appoints(
    _case: str, how_far: str, role: str, code: str, may: bool
) -> None:
    access = appointing(how_far)
    giver = viewer(post("township_cadre", TOWNSHIP))

    assert access.may_appoint(giver, target(code), "post.create", role) is may
    assert not access.may_appoint(viewer(post("village_cadre", VILLAGE)), target(code), "post.create", role)
