"""`python -m bench.peers`: zeren beside its peers and its ceiling, one server process each, in one run.

--smoke     a small data set and one short round; --only NAME,NAME  these peers alone
--growth    instead: how list and detail of one county change with the number of places
"""

import argparse
import json
import signal
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from bench.dataset import Size
from bench.peers import growth, queries, report, rounds, toolbox
from bench.peers.ceiling import CEILING
from bench.peers.djangos_peers import GRAPHENE_DJANGO, STRAWBERRY_DJANGO
from bench.peers.peer import Peer
from bench.peers.postgraphile_peer import POSTGRAPHILE
from bench.peers.report import Found
from bench.peers.world import world
from bench.peers.zeren import ZEREN

RESULTS = Path(__file__).parents[1] / "results" / "peers.json"
PEERS = (ZEREN, CEILING, POSTGRAPHILE, STRAWBERRY_DJANGO, GRAPHENE_DJANGO)
ASKED = (*[query for query in queries.ZEREN if query != "write"], "write")
FULL, SMOKE = Size(places=50, households=6000), Size(places=5, households=1000)


def main() -> None:
    given = _arguments()
    # A plain SIGTERM would end us before the servers and the database that we started.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if given.growth:
        print(growth.as_table(growth.measured(given.places, given.households or growth.HOUSEHOLDS)))
        return
    peers = [peer for peer in PEERS if given.only is None or peer.name in given.only]
    found = _measured(_size(given), peers, 1 if given.smoke else given.rounds, given.seconds)
    for name, reason in found.left_out.items():
        print(f"left out: {name}: {reason}", file=sys.stderr)
    if not found.runs:
        sys.exit("nobody answered")
    print(report.as_table(found.runs), report.as_costs(found.runs), *report.NOTES, sep="\n\n")
    # What is small or not whole must not take the place of a whole run.
    file = RESULTS if found.size == FULL and not given.only else toolbox.CACHE / "peers.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(report.as_data(found), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _size(given: argparse.Namespace) -> Size:
    if given.smoke:
        return SMOKE
    return replace(FULL, places=given.places[-1], households=given.households or FULL.households)


def _measured(size: Size, peers: Sequence[Peer], number: int, seconds: float) -> Found:
    with world(size) as built:
        found = Found(size, rounds.generator_rate(built))
        with rounds.running(peers, built, found.left_out) as servers:
            for query in ASKED:
                answering = rounds.compare(query, servers, built, found.left_out)
                found.runs += rounds.measure(
                    query, answering, built, found.left_out, rounds=number, seconds=seconds
                )
    return found


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.peers", description=__doc__)
    parser.add_argument("--smoke", action="store_true")
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--only", type=lambda text: text.split(","))
    parser.add_argument("--places", type=lambda text: [int(one) for one in text.split(",")])
    parser.add_argument("--households", type=int)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float)
    given = parser.parse_args()
    if unknown := set(given.only or ()) - {peer.name for peer in PEERS}:
        parser.error(f"no such peers: {', '.join(sorted(unknown))}")
    given.places = given.places or (list(growth.PLACES) if given.growth else [FULL.places])
    given.seconds = given.seconds or (1 if given.smoke else 3)
    return given


if __name__ == "__main__":
    main()
