"""What a county is like once it is onboarded, read from the place itself: its nodes, what it inherits, what
is open, who is missing, and what its document answers to the questions that every new county is asked."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from policies.decisions import Decision
from policies.jurisdiction import Level
from policies.probes import Probe, probes
from policies.profile import AnyRule
from policies.settings import Setting
from tenants import decisions, divisions, profiles, readiness
from tenants.divisions import Division
from tenants.places import Place
from tenants.profiles import LawInForce
from tenants.readiness import Readiness
from tenants.register import Entry
from tenants.register.newer_list import Difference, differences


@dataclass(frozen=True, slots=True)
class Township:
    code: str
    name: str
    villages: int
    is_local: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What the county's document answers to one probe."""

    probe: Probe
    decision: Decision


@dataclass(frozen=True, slots=True)
class Report:
    """`settings`: those with a state: open, or assumed. `excluded`: the published nodes that were left out,
    the topmost of each subtree. `differences`: from a newer list, where one was given."""

    place_id: UUID
    code: str
    name: str
    counts: Mapping[Level, int]
    townships: tuple[Township, ...]
    excluded: tuple[Entry, ...]
    law: LawInForce
    readiness: Readiness
    differences: tuple[Difference, ...] | None
    answers: tuple[Answer, ...]

    @property
    def rules(self) -> tuple[AnyRule, ...]:
        return self.law.law.rules if self.law.law else ()

    @property
    def settings(self) -> Mapping[str, Setting]:
        settings = self.law.law.settings if self.law.law else {}
        return {name: setting for name, setting in settings.items() if setting.state is not None}


async def report_on(place: Place, newer: Sequence[Entry] | None = None) -> Report:
    """The report on a place that the scope in force reads. `newer`: a newer list to compare it with."""
    nodes = await divisions.tree_of(place.id)
    law = await profiles.law_on(place.id, place.today)
    return Report(
        place_id=place.id,
        code=place.code,
        name=place.name,
        counts=Counter(node.level for node in nodes),
        townships=tuple(_townships(nodes)),
        excluded=tuple(_left_out(place.code, {node.code for node in nodes})),
        law=law,
        readiness=(await readiness.of([place]))[place.id],
        differences=differences(_as_entries(nodes), newer, place.code) if newer is not None else None,
        answers=tuple(_answers(place, law)),
    )


def _townships(nodes: Sequence[Division]) -> Iterator[Township]:
    villages = Counter(node.parent_code for node in nodes if node.level is Level.VILLAGE)
    for node in nodes:
        if node.level is Level.TOWNSHIP:
            yield Township(node.code, node.name, villages[node.code], node.official_code is None)


def _as_entries(nodes: Sequence[Division]) -> list[Entry]:
    return [Entry(node.code, node.name, node.level, node.parent_code) for node in nodes]


def _left_out(county_code: str, adopted: Collection[str]) -> Iterator[Entry]:
    """The published nodes that the place has not, each without what lies beneath it."""
    return (e for e in divisions.published(county_code) if e.code not in adopted and e.parent in adopted)


def _answers(place: Place, law: LawInForce) -> Iterator[Answer]:
    for probe in probes():
        decision = decisions.ask_in(place.id, law, probe.question, probe.facts, place.today)
        yield Answer(probe, decision)
