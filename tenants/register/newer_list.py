"""What a newer list of divisions says differently of one county.

Lists of different schemes give different codes to the same places, and one code to different places. So nodes
are joined by county and name: a township by its name, a village by the name of its township and its own.
"""

import csv
import io
import unicodedata
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from policies.jurisdiction import Level, MalformedCode, level_of, subtree
from tenants.refusals import Flaw, invalid
from tenants.register import Entry

# The register's largest province has 62,000 villages, its largest county 1,526.
MOST_ROWS = 100_000
MOST_OF_COUNTY = 5_000
BELOW_COUNTY = (Level.TOWNSHIP, Level.VILLAGE)
Name = tuple[str, ...]


class Change(StrEnum):
    ADDED = "added"  # the newer list has it, ours has not
    MISSING = "missing"  # ours has it, the newer list has not
    RECODED = "recoded"  # both have it, under different codes


@dataclass(frozen=True, slots=True)
class Difference:
    """`code` is ours, `newer_code` the newer list's; each is None where that list has no such node."""

    change: Change
    level: Level
    name: str
    code: str | None = None
    newer_code: str | None = None


def read(text: str, county_code: str) -> tuple[Entry, ...]:
    """The county's rows of a CSV `code,name[,level]`. A code has as many digits as its level needs, or
    twelve; without a level, its zeros tell. Raises INVALID with the line that cannot be read, and for too
    many."""
    found = list[Entry]()
    for number, row in _rows(text):
        if number > MOST_ROWS:
            raise _too_many(MOST_ROWS, number)
        if _is_elsewhere(row, county_code[:6]) or not _says_something(number, row):
            continue
        found.append(_entry(number, row))
        if len(found) > MOST_OF_COUNTY:
            raise _too_many(MOST_OF_COUNTY, len(found))
    return tuple(found)


def _is_elsewhere(row: Sequence[str], county: str) -> bool:
    code = row[0].strip()[:6] if row else ""
    return code != county and code.isdecimal()


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    rows = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    try:
        yield from enumerate(rows, 1)
    except csv.Error:  # a cell of more than the 131,072 characters that the reader takes
        raise _unreadable(rows.line_num) from None


def _says_something(number: int, row: Sequence[str]) -> bool:
    is_head = number == 1 and bool(row) and row[0].strip().lower() == "code"
    return not is_head and any(cell.strip() for cell in row)


def _entry(number: int, row: Sequence[str]) -> Entry:
    code, name, level, *more = (*(cell.strip() for cell in row), "", "")
    try:
        twelve = code.ljust(12, "0")
        found = Level(level) if level else Level(level_of(twelve))
    except (ValueError, MalformedCode):
        raise _unreadable(number) from None
    if not name or any(more[:-1]):
        raise _unreadable(number)
    above = found.above
    parent = twelve[: above.digits].ljust(12, "0") if above else None
    return Entry(twelve, unicodedata.normalize("NFKC", name), found, parent)


def _too_many(most: int, given: int) -> Exception:
    return invalid(Flaw.TOO_MANY, "newerList", most=most, given=given)


def _unreadable(number: int) -> Exception:
    return invalid(Flaw.UNREADABLE_LINE, "newerList", line=number)


def differences(ours: Sequence[Entry], newer: Sequence[Entry], county_code: str) -> tuple[Difference, ...]:
    """What the newer list adds, misses and codes differently in a county, level by level. A level of which
    it tells nothing is not compared. Raises INVALID for a list without this county."""
    lower, upper = subtree(county_code)
    of_county = [entry for entry in newer if lower <= entry.code < upper and entry.level in BELOW_COUNTY]
    if not of_county:
        raise invalid(Flaw.WITHOUT_COUNTY, "newerList", given=county_code)
    told = {entry.level for entry in of_county}
    here, there = _by_name(ours), _by_name(of_county)
    names = sorted({name for name in here | there if name[0] in told})
    return tuple(found for name in names for found in _of_name(name, here.get(name, []), there.get(name, [])))


def _by_name(entries: Sequence[Entry]) -> dict[Name, list[str]]:
    """The codes of each name; a name may stand twice in one township."""
    townships = {entry.code: entry.name for entry in entries if entry.level is Level.TOWNSHIP}
    found: dict[Name, list[str]] = defaultdict(list)
    for entry in entries:
        if entry.level in BELOW_COUNTY:
            township = townships.get(entry.parent or "", "") if entry.level is Level.VILLAGE else ""
            found[(entry.level, township, entry.name)].append(entry.code)
    return found


def _of_name(name: Name, here: Sequence[str], there: Sequence[str]) -> Iterator[Difference]:
    level, said = Level(name[0]), name[2]
    ours, newer = sorted(set(here) - set(there)), sorted(set(there) - set(here))
    both = min(len(ours), len(newer))
    for code, newer_code in zip(ours[:both], newer[:both], strict=True):
        yield Difference(Change.RECODED, level, said, code, newer_code)
    yield from (Difference(Change.MISSING, level, said, code=code) for code in ours[both:])
    yield from (Difference(Change.ADDED, level, said, newer_code=code) for code in newer[both:])
