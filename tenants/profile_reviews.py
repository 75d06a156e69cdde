"""Reviewing a profile for the place where it is to be published: beside the event loop, and within a time."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import TypeVar
from uuid import UUID

from policies import publication
from policies.problems import Problem, ProfileError
from policies.publication import Home, Review
from policies.reach import Viewer
from policies.reading import read_profile
from tenants import profiles

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
Result = TypeVar("Result")


async def review(viewer: Viewer, text: str, document: str | None) -> Review:
    """Everything that would be refused if the viewer's place published the text, and what the text says as
    far as it can be read. Nothing is stored."""
    return await review_for(viewer.place_id, Home(viewer.place_code, viewer.place_kind), text, document)


async def review_for(place_id: UUID, home: Home, text: str, document: str | None) -> Review:
    """The same for any place."""
    try:
        own = await _in_time(partial(read_profile, text))
        pinned = await profiles.pinned_parent(own, place_id)
        parent = (await profiles.law_in_force(pinned.id)).law if pinned else None
        return await _in_time(partial(publication.review, own, document=document, parent=parent, home=home))
    except ProfileError as error:
        return Review(error.problems)
    except TimeoutError:
        return Review((_NOT_REVIEWED,))


async def _in_time(work: Callable[[], Result]) -> Result:
    async with asyncio.timeout(MOST_SECONDS):
        return await asyncio.get_running_loop().run_in_executor(_beside, work)
