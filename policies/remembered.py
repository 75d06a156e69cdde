"""What hangs on a viewer and was worked out once: kept while he is the same object.

Viewers are frozen, and whoever makes them keeps them by content (tenants/callers.py): a post that begins or
ends makes another viewer, and the next version of a law another Access.
"""

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from policies.reach import Viewer

Worked = TypeVar("Worked")
MOST = 8192


class OfViewer(Generic[Worked]):
    """The answers of one question. `about`: what else they hang on; an object that never changes."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        # The viewer is held, so that his id names nobody else.
        self._known: dict[tuple[int, Hashable], tuple[Viewer, Worked]] = {}

    def of(self, viewer: Viewer, about: Hashable, work: Callable[[], Worked]) -> Worked:
        known = self._known.get((id(viewer), about))
        if known is None:
            if len(self._known) >= MOST:
                self._known.clear()
            known = self._known[(id(viewer), about)] = (viewer, work())
        return known[1]
