"""Growth: one county asks the same while ever more places stand beside it."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from bench.dataset import Size
from bench.peers import rounds
from bench.peers.ceiling import CEILING
from bench.peers.world import World, world
from bench.peers.zeren import ZEREN

PLACES = (5, 50, 500, 2_978)
HOUSEHOLDS = 600
# From here on the members, which no query here reads, are left out.
MANY_PLACES = 500
SECONDS, ROUNDS = 3, 3
QUERIES = ("list", "detail")
PEERS = (ZEREN, CEILING)


@dataclass(frozen=True, slots=True)
class Grown:
    """The median p50 of one peer and query among so many places, in milliseconds."""

    places: int
    peer: str
    query: str
    p50_ms: float
    rate: float


def measured(places: Sequence[int], households: int) -> list[Grown]:
    found: list[Grown] = []
    for number in places:
        members = 0 if number >= MANY_PLACES else 5
        with world(Size(number, households, members=members), chosen=1) as built:
            found.extend(_of(built))
    return found


def _of(built: World) -> list[Grown]:
    left_out: dict[str, str] = {}
    found = []
    with rounds.running(PEERS, built, left_out) as servers:
        for query in QUERIES:
            answering = rounds.compare(query, servers, built, left_out)
            runs = rounds.measure(query, answering, built, left_out, rounds=ROUNDS, seconds=SECONDS)
            for name in dict.fromkeys(run.peer for run in runs):
                mine = [run for run in runs if run.peer == name]
                p50, rate = median(run.p50_ms for run in mine), median(run.rate for run in mine)
                found.append(Grown(built.dataset.size.places, name, query, round(p50, 2), rate))
    for who, reason in left_out.items():
        print(f"left out: {who}: {reason}", file=sys.stderr)
    return found


def as_table(found: Sequence[Grown]) -> str:
    columns = list(dict.fromkeys((one.peer, one.query) for one in found))
    lines = [
        f"| places | {' | '.join(f'{peer} {query}, p50 ms' for peer, query in columns)} |",
        f"| --- |{' --- |' * len(columns)}",
    ]
    for places in dict.fromkeys(one.places for one in found):
        by_column = {(one.peer, one.query): one.p50_ms for one in found if one.places == places}
        cells = [f"{by_column[column]}" if column in by_column else "–" for column in columns]
        lines.append(f"| {places} | {' | '.join(cells)} |")
    return "\n".join(lines)
