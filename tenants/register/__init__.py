"""The register of divisions as one vintage published it: pure reading of the committed extract."""

import gzip
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from policies.jurisdiction import Level, subtree

VINTAGE = "2023-06-30"
FOLDER = Path(__file__).parent


UPPER_FILES = {
    Level.PROVINCE: "provinces.csv.gz",
    Level.PREFECTURE: "prefectures.csv.gz",
    Level.COUNTY: "counties.csv.gz",
    Level.TOWNSHIP: "townships.csv.gz",
}


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


def listed(level: Level, within: str | None = None) -> Iterator[Entry]:
    """The divisions of one level in code order: the whole country's, or those in the subtree of a code."""
    for file in _files(level, within):
        yield from _entries(file, level, subtree(within) if within else None)


def county(code: str) -> Entry | None:
    """The county-level division with this code, if the vintage has one."""
    return next((entry for entry in listed(Level.COUNTY, code) if entry.code == code), None)


def village_file(province: str) -> str:
    return f"villages/{province}.csv.gz"


def _files(level: Level, within: str | None) -> list[str]:
    if level is not Level.VILLAGE:
        return [UPPER_FILES[level]]
    provinces = [entry.code[:2] for entry in listed(Level.PROVINCE)]
    return [village_file(code) for code in provinces if within is None or within.startswith(code)]


def _entries(file: str, level: Level, span: tuple[str, str] | None) -> Iterator[Entry]:
    rows, above = _rows(file), level.above
    first, last = (bisect_left(rows, code[: level.digits]) for code in span) if span else (0, len(rows))
    for row in rows[first:last]:
        stem, _, name = row.partition(",")
        parent = _twelve_digits(stem[: above.digits]) if above else None
        yield Entry(_twelve_digits(stem), name, level, parent)


# The four upper lists and the villages of a few provinces: some megabytes.
@lru_cache(maxsize=8)
def _rows(file: str) -> tuple[str, ...]:
    """The rows `stem,name`, in the order of their stems. No name holds a comma: rebuild.py refuses one."""
    return tuple(gzip.decompress((FOLDER / file).read_bytes()).decode().splitlines()[1:])


def _twelve_digits(stem: str) -> str:
    return stem.ljust(12, "0")
