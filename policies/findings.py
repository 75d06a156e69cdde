"""What came of a condition: true, false, or unknown with what is missing (Kleene's three values).

False beats unknown, unknown beats true: one that is false decides, whatever is unknown beside it.
"""

from collections.abc import Iterable
from typing import NamedTuple

NO_NAMES: frozenset[str] = frozenset()


class Finding(NamedTuple):
    """`truth` is None where it is unknown: `missing` are facts, `open` are settings that nobody has set."""

    truth: bool | None
    missing: frozenset[str] = NO_NAMES
    open: frozenset[str] = NO_NAMES

    def __invert__(self) -> "Finding":
        return self if self.truth is None else FALSE if self.truth else TRUE


TRUE, FALSE = Finding(True), Finding(False)


def every(findings: Iterable[Finding]) -> Finding:
    """Whether all of them hold."""
    unknown: list[Finding] = []
    for finding in findings:
        if finding.truth is False:
            return FALSE
        if finding.truth is None:
            unknown.append(finding)
    if not unknown:
        return TRUE
    return Finding(None, union(one.missing for one in unknown), union(one.open for one in unknown))


def some(findings: Iterable[Finding]) -> Finding:
    """Whether at least one of them holds."""
    return ~every(~finding for finding in findings)


def union(sets: Iterable[frozenset[str]]) -> frozenset[str]:
    """Most of them are empty."""
    whole = NO_NAMES
    for one in sets:
        if one:
            whole = whole | one if whole else one
    return whole
