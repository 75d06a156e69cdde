"""Leaky buckets: how much somebody may take at once, and how fast it comes back. Time is a parameter."""

import re
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass

_NUMBER = r"(\d{1,9}(?:\.\d{1,6})?)"
_RATE = re.compile(f"{_NUMBER}/{_NUMBER}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Rate:
    """A full bucket holds `most` points; `per_second` of them come back."""

    most: float
    per_second: float

    @classmethod
    def read(cls, text: str) -> "Rate | None":
        """`20000/1000`, or `off`. Raises ValueError for anything else."""
        if text == "off":
            return None
        if (found := _RATE.fullmatch(text)) and min(map(float, found.groups())) > 0:
            return cls(*map(float, found.groups()))
        raise ValueError(f"no rate: {text!r}")


@dataclass(slots=True)
class _Bucket:
    left: float
    at: float


class Buckets:
    """The buckets of one rate, by whom they are for. A bucket that nobody knows is full.

    At most `most_kept` are kept, the longest unused going first: whoever comes under so many names that his
    first one is forgotten has as many buckets as he has names anyway."""

    def __init__(self, rate: Rate, *, most_kept: int = 10_000) -> None:
        self.rate = rate
        self._most_kept = most_kept
        self._kept: OrderedDict[Hashable, _Bucket] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def left(self, whose: Hashable, now: float) -> float:
        bucket = self._kept.get(whose)
        if bucket is None:
            return self.rate.most
        return min(self.rate.most, bucket.left + max(0.0, now - bucket.at) * self.rate.per_second)

    def wait(self, whose: Hashable, points: float, now: float) -> float:
        """The seconds until so much is there; none if it is there now. What no bucket holds asks for a full
        one."""
        return max(0.0, min(points, self.rate.most) - self.left(whose, now)) / self.rate.per_second

    def take(self, whose: Hashable, points: float, now: float) -> float:
        """Takes as much of it as there is, and tells what is left."""
        left = max(0.0, self.left(whose, now) - points)
        self._kept[whose] = _Bucket(left, now)
        self._kept.move_to_end(whose)
        self._forget(now)
        return left

    def _forget(self, now: float) -> None:
        """Those that are full again say nothing; of the others, as many as are too many."""
        while self._kept:
            oldest = next(iter(self._kept))
            if len(self._kept) <= self._most_kept and self.left(oldest, now) < self.rate.most:
                return
            del self._kept[oldest]
