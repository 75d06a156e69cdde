"""Where a 12-digit division code stands: its subtree as a half-open range, and its ancestors.

The first 2, 4, 6, 9 and 12 digits name province, prefecture, county, township and village.
"""

import re
from enum import StrEnum


class Level(StrEnum):
    PROVINCE = "province"
    PREFECTURE = "prefecture"
    COUNTY = "county"
    TOWNSHIP = "township"
    VILLAGE = "village"

    @property
    def digits(self) -> int:
        """How many leading digits of the twelve belong to this level."""
        return _DIGITS[self]

    @property
    def above(self) -> "Level | None":
        levels = list(Level)
        return levels[levels.index(self) - 1] if self is not levels[0] else None


_DIGITS = {
    Level.PROVINCE: 2,
    Level.PREFECTURE: 4,
    Level.COUNTY: 6,
    Level.TOWNSHIP: 9,
    Level.VILLAGE: 12,
}
_CODE = re.compile("[1-9][0-9]{11}")


class MalformedCode(ValueError):
    """Not twelve digits, or under no province."""


def subtree(code: str) -> tuple[str, str]:
    """The range `lower <= c < upper`, in C order, that holds the code and everything below it."""
    code = well_formed(code)
    digits = _significant(code)
    upper = str(int(code[:digits]) + 1)
    return code, upper.ljust(12, "0") if len(upper) == digits else ":"  # ':' follows '9'


def contains(code: str, other: str) -> bool:
    lower, upper = subtree(code)
    return lower <= well_formed(other) < upper


def ancestor(code: str, level: Level | str) -> str:
    """The node of that level in which the code lies, or the code itself when it is of that level."""
    digits = Level(level).digits
    if _significant(well_formed(code)) < digits:
        raise ValueError(f"{code} lies above the level {level}")
    return code[:digits].ljust(12, "0")


def level_of(code: str) -> Level:
    """The level of the node itself, told by its zeros."""
    digits = _significant(well_formed(code))
    return next(level for level in Level if level.digits == digits)


def lineage(code: str) -> tuple[str, ...]:
    """The code and every code above it, province first."""
    digits = _significant(well_formed(code))
    above = (code[:n].ljust(12, "0") for n in _DIGITS.values() if n <= digits)
    return tuple(dict.fromkeys(above))  # a township directly under a prefecture has no county of its own


def well_formed(code: str) -> str:
    if not _CODE.fullmatch(code):
        raise MalformedCode(f"not a 12-digit division code: {code!r}")
    return code


def _significant(code: str) -> int:
    """How many digits are left when the zeros of the levels below are taken away."""
    return next(n for n in _DIGITS.values() if not code[n:].strip("0"))
