"""Reviewing a profile for the place where it is to be published: beside the event loop, and within a time."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TypeVar
from uuid import UUID

from policies import publication
from policies.problems import Problem, ProfileError
from policies.publication import Home, Review
from policies.reach import Viewer
from policies.reading import read_profile
from tenants import documents, places, profiles
from tenants.profiles import Profile

# How long a file may be bounds what it takes (policies/reading.py); this bounds the wait when many are given.
MOST_SECONDS = 5.0
_NOT_REVIEWED = Problem(
    "not_reviewed",
    "",
    "检查没有在规定时间内完成",
    "the review did not end in time",
    "稍后再试；文件很长时，先删减再检查",
)
# One at a time: reviewing is all computing, and leaves the other processors to those who are served.
_beside = ThreadPoolExecutor(1, thread_name_prefix="review")
# A review keeps its operation's connection while it waits. One of each place, and so many of all.
MOST_AT_ONCE = 4
_at_hand: set[UUID] = set()
Result = TypeVar("Result")
_MOST_KEPT = 256
# By version: it never changes, nor does what it is reviewed against.
_kept: dict[UUID, tuple[Problem, ...]] = {}


class TooManyReviews(Exception):
    """The place has a review at hand, or as many wait as may: the same may be asked again soon."""


async def review(viewer: Viewer, text: str, document: str | None) -> Review:
    """Everything that would be refused if the viewer's place published the text, and what the text says as
    far as it can be read. Nothing is stored. Raises TooManyReviews."""
    home = Home(viewer.place_code, viewer.place_kind)
    try:
        return await _review_for(viewer.place_id, home, text, document)
    except TimeoutError:
        return Review((_NOT_REVIEWED,))


async def errors_of(version: Profile) -> tuple[Problem, ...]:
    """What would be refused if the version were published now. Found once in a process. Raises TimeoutError
    where it could not be found in time, and TooManyReviews: that says nothing of the version."""
    if version.id not in _kept:
        owner = await places.by_id(version.owner_id)
        assert owner is not None, "a version has an owner"
        document = await documents.by_id(version.document_id) if version.document_id else None
        home, text = Home(owner.code, owner.kind.value), document.text if document else None
        found = await _review_for(owner.id, home, version.text, text)
        if len(_kept) >= _MOST_KEPT:
            _kept.clear()
        _kept[version.id] = tuple(found.errors)
    return _kept[version.id]


async def _review_for(place_id: UUID, home: Home, text: str, document: str | None) -> Review:
    with _at_hand_for(place_id):
        try:
            own = await _in_time(partial(read_profile, text))
            pinned = await profiles.pinned_parent(own, place_id)
            parent = (await profiles.law_in_force(pinned.id)).law if pinned else None
            reviewing = partial(publication.review, own, document=document, parent=parent, home=home)
            return await _in_time(reviewing)
        except ProfileError as error:
            return Review(error.problems)


@contextmanager
def _at_hand_for(place_id: UUID) -> Iterator[None]:
    if place_id in _at_hand or len(_at_hand) >= MOST_AT_ONCE:
        raise TooManyReviews
    _at_hand.add(place_id)
    try:
        yield
    finally:
        _at_hand.discard(place_id)


async def _in_time(work: Callable[[], Result]) -> Result:
    async with asyncio.timeout(MOST_SECONDS):
        return await asyncio.get_running_loop().run_in_executor(_beside, work)
