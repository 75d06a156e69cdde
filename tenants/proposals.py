"""Proposals: a place above has published a version newer than the one that the place's own profile pins.

Computed from the versions themselves, and gone once the place has published a version with the newer pin.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from policies import proposal
from policies.profile import Profile as Law
from policies.proposal import RuleChange, SettingChange
from policies.publication import Review
from policies.reach import Viewer
from tenants import documents, profile_reviews, profiles
from tenants.profiles import LawInForce, Profile


@dataclass(frozen=True, slots=True)
class Proposal:
    """`own`: the place's law; `pinned` and `newer`: the parent's, as it is pinned and as it is now. `text`:
    the place's file with the newer version pinned, and `review`: what would stand in its way."""

    own: LawInForce
    pinned: LawInForce
    newer: LawInForce
    text: str
    review: Review

    @property
    def rules(self) -> Iterator[RuleChange]:
        own, pinned, newer = (_said(law) for law in (self.own, self.pinned, self.newer))
        return proposal.rule_changes(own, pinned, newer)

    @property
    def settings(self) -> Iterator[SettingChange]:
        return proposal.setting_changes(_said(self.pinned), _said(self.newer))

    @property
    def effective_from(self) -> date:
        assert self.newer.effective_from is not None, "a version has its first day"
        return self.newer.effective_from


def _said(version: LawInForce) -> Law:
    assert version.law is not None, "a version says something"
    return version.law


async def proposal_for(viewer: Viewer) -> Proposal | None:
    """What the viewer's place might adopt; None where its profile pins the newest version, or no parent.
    A version that begins later is proposed at once. Raises TooManyReviews."""
    own = await profiles.newest_of_all(viewer.place_id)
    newer = await _newer(own) if own else None
    if own is None or own.parent_id is None or newer is None:
        return None
    text = proposal.moved(own.text, newer.version)
    return Proposal(
        own=await profiles.law_in_force(own.id),
        pinned=await profiles.law_in_force(own.parent_id),
        newer=await profiles.law_in_force(newer.id),
        text=text,
        review=await _review(viewer, own, text),
    )


async def _newer(own: Profile) -> Profile | None:
    """The last version of the parent, where it is not the one that is pinned."""
    if own.parent_id is None:
        return None
    pinned = await profiles.version(own.parent_id)
    last = await profiles.newest_of_all(pinned.owner_id, name=pinned.name)
    return last if last is not None and last.version > pinned.version else None


async def _review(viewer: Viewer, own: Profile, text: str) -> Review:
    document = await documents.by_id(own.document_id) if own.document_id else None
    return await profile_reviews.review(viewer, text, document.text if document else None)
