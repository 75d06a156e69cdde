"""Whether somebody may act for every organ through whose hands an act goes."""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet

from policies.kinds.flow import Flow
from policies.problems import Problem
from policies.profile import Profile
from policies.vocabulary import Category


def examine(profile: Profile, organs: AbstractSet[str]) -> Iterator[Problem]:
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
