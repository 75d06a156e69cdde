"""The statement of one selection: its SQL, where its values come from, and what is left to compute."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from graphql import GraphQLObjectType
from graphql.execution.collect_fields import FieldDetailsList

from schema.reads.declared import Mapped
from tenants.conditions import Whose, Writing
from tenants.reach import Visible

# The key under which a row stands in the answer until its leaves are computed. No alias can be empty.
ROW = ""
# Below an object whose keys are ids.
ANY_KEY = "*"


@dataclass(slots=True)
class Spot:
    """One place in the answer: what of its objects Python computes, and what lies below. `kind` and `type`
    are those of objects that are rows. `is_switch`: the object is of one of several types, and stands in the
    answer under the name of its own, which is the key of what lies below it."""

    kind: type[Mapped] | None = None
    type: GraphQLObjectType | None = None
    leaves: dict[str, FieldDetailsList] = field(default_factory=dict)
    words: dict[str, FieldDetailsList] = field(default_factory=dict)
    below: dict[str, "Spot"] = field(default_factory=dict)
    is_switch: bool = False

    @property
    def is_settled(self) -> bool:
        """Whether nothing is left to compute."""
        return not (self.leaves or self.words or self.below)

    def put(self, key: str, below: "Spot") -> None:
        if not below.is_settled:
            self.below[key] = below


@dataclass(frozen=True, slots=True)
class Statement:
    """`whose`: what `$1` is, the place or the places, given by the scope; None where the statement reads only
    what all places share. `picks`: which of the values at hand each number after it is.

    At hand are the values of what is asked, then those of each condition in `visible`, then `said`: what the
    selection itself says."""

    sql: str
    whose: Whose | None
    picks: tuple[int, ...]
    visible: tuple[Visible, ...]
    said: tuple[Any, ...]
    spot: Spot | None

    def values(self, asked: Sequence[Any], seen: Sequence[Sequence[Any]]) -> list[Any]:
        at_hand = [*asked, *(value for values in seen for value in values), *self.said]
        return [at_hand[pick] for pick in self.picks]


ASKED, SAID = "asked", "said"


@dataclass(slots=True)
class Numbers:
    """Which value each `$n` of a statement is: from which source, and the how many-th of it."""

    sizes: dict[Any, int] = field(default_factory=dict)
    used: dict[tuple[Any, int], int] = field(default_factory=dict)
    said: list[Any] = field(default_factory=list)

    def number(self, source: object, place: int) -> str:
        return f"${self.used.setdefault((source, place), len(self.used) + 2)}"

    def say(self, value: Any) -> str:
        """A value that the selection says."""
        self.said.append(value)
        return self.number(SAID, len(self.said) - 1)

    def writing(self, source: object) -> Writing:
        """Writes a condition whose values come from the source, in the order in which it writes them."""
        places = count()
        return Writing(lambda value: self.number(source, next(places)))

    def picks(self, asked: int, seen: Sequence[tuple[Visible, int]]) -> Iterator[int]:
        """For each number, in their order, its place among the values at hand."""
        begins, begin = {ASKED: 0}, asked
        for visible, size in seen:
            begins[visible] = begin  # type: ignore[index]
            begin += size
        begins[SAID] = begin
        return (begins[source] + place for source, place in self.used)


def renumbered(sql: str) -> tuple[str, list[int], bool]:
    """The statement without gaps in its numbers, those that it uses besides the place's, and whether it names
    the place: what is written and then not selected leaves its values behind, and a value that no statement
    names has no type."""
    named = {int(number) for number in re.findall(r"\$(\d+)", sql)}
    new = {number: place for place, number in enumerate(sorted(named), start=1)}
    text = re.sub(r"\$(\d+)", lambda found: f"${new[int(found[1])]}", sql)
    return text, sorted(named - {1}), 1 in named
