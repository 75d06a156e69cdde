"""Two ways to do one thing, timed in turn, so that a drifting machine drifts under both."""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any

ROUNDS = 15


@dataclass(frozen=True, slots=True)
class Comparison:
    """`ratio`: how many times as long the slow way takes, the median over the rounds; `spread`: least
    and most."""

    name: str
    slow: str
    fast: str
    ratio: float
    spread: tuple[float, float]
    fast_microseconds: float

    def __str__(self) -> str:
        low, high = self.spread
        return (
            f"{self.name}: {self.slow} takes {self.ratio:.1f} times as long as {self.fast}"
            f" ({low:.1f}–{high:.1f} over {ROUNDS} rounds; {self.fast} {self.fast_microseconds:.1f} µs here)"
        )

    def as_data(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}


def compare(
    name: str,
    slow: tuple[str, Callable[[], Any]],
    fast: tuple[str, Callable[[], Any]],
    times: tuple[int, int],
) -> Comparison:
    """`times`: how often the slow and the fast way run in one round."""
    slow[1](), fast[1]()
    ratios, fast_seconds = [], []
    for _ in range(ROUNDS):
        slow_once = _seconds(slow[1], times[0])
        fast_once = _seconds(fast[1], times[1])
        ratios.append(slow_once / fast_once)
        fast_seconds.append(fast_once)
    return Comparison(
        name, slow[0], fast[0], median(ratios), (min(ratios), max(ratios)), median(fast_seconds) * 1e6
    )


def _seconds(call: Callable[[], Any], times: int) -> float:
    start = perf_counter()
    for _ in range(times):
        call()
    return (perf_counter() - start) / times
