"""How long computing takes by itself: by the thread's own clock, the best of a few, for a collection of
garbage is not the work's."""

from collections.abc import Callable
from time import thread_time


def quickest(work: Callable[[], object], times: int = 5) -> float:
    """Seconds."""
    return min(_once(work) for _ in range(times))


def _once(work: Callable[[], object]) -> float:
    began = thread_time()
    work()
    return thread_time() - began
