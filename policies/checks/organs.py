"""Whether somebody may act for each organ of a flow, and reaches those whose matter it is."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from policies.kinds.flow import Flow
from policies.problems import Problem
from policies.profile import Profile
from policies.vocabulary import Category


def examine(profile: Profile, acted_for: AbstractSet[str] | None) -> Iterator[Problem]:
    """`acted_for`: the organs for which somebody may act; None where that is not known."""
    if acted_for is not None:
        yield from _without_authority(profile, acted_for)
    yield from _out_of_reach(profile)


def _without_authority(profile: Profile, organs: AbstractSet[str]) -> Iterator[Problem]:
    """A person of a flow signs by himself; an organ needs somebody who may act for it."""
    words = profile.vocabulary
    acting = {term.id for kind in (Category.ORGAN, Category.RELATION) for term in words.terms(kind)}
    for flow in profile.of_kind(Flow):
        for organ in sorted(flow.organs & acting - organs):
            yield Problem(
                "organ_without_authority",
                f"rules.{flow.id}.steps",
                f"没有人能代表“{words.label(organ)}”",
                f"nobody may act for {organ}",
                f"在 authorities 里写明谁代表 {organ}",
            )


def _out_of_reach(profile: Profile) -> Iterator[Problem]:
    """Nobody acts for an organ on his own case, and no pairing sends him one."""
    named = {organ for flow in profile.of_kind(Flow) for organ in flow.organs}
    for organ in dict.fromkeys(row.organ for row in profile.authorities if row.organ in named):
        if {row.reach for row in profile.authorities if row.organ == organ} <= _BLIND:
            yield Problem(
                "approver_out_of_reach",
                f"authorities.{organ}",
                f"代表“{profile.vocabulary.label(organ)}”的人够不着办理的对象",
                f"whoever acts for {organ} reaches none of those whose matter it is",
                "把 reach 改为 subtree、unit 或 tenant",
            )


_BLIND = {"own", "assigned"}
