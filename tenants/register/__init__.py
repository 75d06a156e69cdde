"""The register of divisions as one vintage published it: pure reading of the committed extract."""

import csv
import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from policies.jurisdiction import Level

SCHEME = "nbs-2023"
VINTAGE = "2023-06-30"
FOLDER = Path(__file__).parent


UPPER_FILES = {
    Level.PROVINCE: "provinces.csv.gz",
    Level.PREFECTURE: "prefectures.csv.gz",
    Level.COUNTY: "counties.csv.gz",
    Level.TOWNSHIP: "townships.csv.gz",
}


class UnknownProvince(LookupError):
    """The extract has no province with this two-digit code."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One published division. Its key is (level, code), never the code alone.

    `parent` is the code of the entry one level above. A few cities stand again as their own
    only county, with the same twelve digits: there code and parent are equal, the levels differ.
    """

    code: str
    name: str
    level: Level
    parent: str | None


def upper_entries() -> Iterator[Entry]:
    """Provinces, then prefectures, counties and townships: every parent before its children."""
    for level, file in UPPER_FILES.items():
        yield from _entries(file, level)


def villages_of(province: str) -> Iterator[Entry]:
    """The villages of the province with this two-digit code, in code order.

    Raises UnknownProvince at the call, not at the first village.
    """
    known = [entry.code[:2] for entry in provinces()]
    if province not in known:
        raise UnknownProvince(f"no province {province!r} in {SCHEME}; known: {' '.join(known)}")
    return _entries(village_file(province), Level.VILLAGE)


@cache
def provinces() -> tuple[Entry, ...]:
    return tuple(_entries(UPPER_FILES[Level.PROVINCE], Level.PROVINCE))


def village_file(province: str) -> str:
    return f"villages/{province}.csv.gz"


def twelve_digits(stem: str) -> str:
    return stem.ljust(12, "0")


def _entries(file: str, level: Level) -> Iterator[Entry]:
    text = gzip.decompress((FOLDER / file).read_bytes()).decode()
    rows = csv.reader(text.splitlines())
    next(rows)
    above = level.above
    for stem, name in rows:
        parent = twelve_digits(stem[: above.digits]) if above else None
        yield Entry(twelve_digits(stem), name, level, parent)
