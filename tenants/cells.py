"""Cells: what a value of a sheet may be, and how it is read. What cannot be read raises Bad, with a code."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from tenants.import_findings import FindingCode

LONGEST_CODE = 12
_SCIENTIFIC = re.compile(r"[+-]?\d(\.\d+)?[eE]\+?\d+")
_DAY = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_EIGHT_DIGITS = re.compile(r"(\d{4})(\d{2})(\d{2})")
# Spaces of Chinese and of web pages are spaces.
_SPACES = str.maketrans("\u3000\xa0", "  ")
_ID_NUMBER = re.compile(r"[1-9]\d{16}[\dX]")
# GB 11643: the weights of the first seventeen digits, and the check digit of each remainder.
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK = "10X98765432"
# More digits than a spreadsheet keeps of a number.
_LOST = 10**15


class Bad(Exception):
    """A cell that cannot be read: why."""

    def __init__(self, code: FindingCode, **params: Any) -> None:
        super().__init__(code)
        self.code = code
        self.params = params


@dataclass(frozen=True, slots=True)
class Lists:
    """What cells of a place are chosen from. `divisions`: codes by each name they may be written with.
    `words`: ids by label, for each list of words; `shown`: what the template offers, by list."""

    today: date
    divisions: Mapping[str, Mapping[str, Collection[str]]] = field(default_factory=dict)
    words: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    shown: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


Reader = Callable[[Any, Lists], Any]


def text(most: int) -> Reader:
    def read(cell: Any, _: Lists) -> str:
        found = _text(cell)
        if len(found) > most:
            raise Bad(FindingCode.TOO_LONG, most=most)
        return found

    return read


def _text(cell: Any) -> str:
    """A number of a register is digits, not an amount: one that lost some of them is not taken."""
    if isinstance(cell, float) and abs(cell) >= _LOST:
        raise Bad(FindingCode.MANGLED)
    found = str(cell).translate(_SPACES).strip()
    if _SCIENTIFIC.fullmatch(found):
        raise Bad(FindingCode.MANGLED)
    if not found.isprintable():
        raise Bad(FindingCode.NOT_KEPT)
    return found


def amount(least: int, most: int) -> Reader:
    """With two places after the point."""

    def read(cell: Any, _: Lists) -> Decimal:
        try:
            found = Decimal(str(cell).replace(",", "").replace("，", "")).quantize(Decimal("0.01"))
        except InvalidOperation:
            raise Bad(FindingCode.NOT_A_NUMBER) from None
        if isinstance(cell, bool) or not found.is_finite():
            raise Bad(FindingCode.NOT_A_NUMBER)
        if not least <= found <= most:
            raise Bad(FindingCode.OUT_OF_RANGE, least=least, most=most)
        return found

    return read


def day(cell: Any, _: Lists) -> date:
    said = str(cell)
    match = _DAY.fullmatch(said) or _EIGHT_DIGITS.fullmatch(said)
    if match is None:
        raise Bad(FindingCode.NOT_A_DAY)
    try:
        found = date(*(int(part) for part in match.groups()))
    except ValueError:
        raise Bad(FindingCode.NOT_A_DAY) from None
    if not 1900 <= found.year < 2100:
        raise Bad(FindingCode.NOT_A_DAY)
    return found


def past_day(cell: Any, lists: Lists) -> date:
    found = day(cell, lists)
    if found > lists.today:
        raise Bad(FindingCode.IN_THE_FUTURE)
    return found


def chosen(of: str) -> Reader:
    """A word of the list, by its label or its id."""

    def read(cell: Any, lists: Lists) -> str:
        known, said = lists.words[of], str(cell)
        if said in known:
            return known[said]
        if said in known.values():
            return said
        raise Bad(FindingCode.NOT_A_CHOICE, choices="、".join(list(known)[:20]))

    return read


def division(of: str) -> Reader:
    """A division of the list, by its code, its name, or the names of its township and itself."""

    def read(cell: Any, lists: Lists) -> str:
        said = _text(cell).replace("／", "/").replace(" ", "")
        codes = lists.divisions[of].get(said, ())
        if not codes:
            raise Bad(FindingCode.UNKNOWN_DIVISION)
        if len(codes) > 1:
            raise Bad(FindingCode.AMBIGUOUS_DIVISION, count=len(codes))
        return next(iter(codes))

    return read


def id_number(cell: Any, lists: Lists) -> str:
    """An id number of a citizen (GB 11643), its check digit as a capital X."""
    found = _text(cell).upper()
    if not _ID_NUMBER.fullmatch(found) or _check_digit(found) != found[17]:
        raise Bad(FindingCode.BAD_ID_NUMBER)
    try:
        past_day(found[6:14], lists)
    except Bad:
        raise Bad(FindingCode.BAD_ID_NUMBER) from None
    return found


def _check_digit(number: str) -> str:
    return _CHECK[sum(int(digit) * weight for digit, weight in zip(number, _WEIGHTS, strict=False)) % 11]


def mask(number: str) -> str:
    """What anybody may see of an id number: the county it was given in, and the last two."""
    return f"{number[:4]}{'*' * 12}{number[-2:]}"
