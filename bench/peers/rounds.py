"""Rounds: every peer in turn, A B C … A B C, so that a drifting machine drifts under all of them."""

import asyncio
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import asyncpg

from bench.dataset import Chosen
from bench.peers import answers, load, processes, queries
from bench.peers.load import Ask
from bench.peers.peer import PROJECT, Peer, Start, Unavailable
from bench.peers.world import World
from tenants.scope import Scope
from tenants.secrets import Claims

# How many requests are compared before any is timed.
COMPARED_REQUESTS = 8


@dataclass(frozen=True, slots=True)
class Running:
    """A peer whose server listens."""

    peer: Peer
    port: int
    pid: int

    @property
    def name(self) -> str:
        return self.peer.name


@dataclass(frozen=True, slots=True)
class Run:
    """One slice of one peer; round 0 warms it up. CPU is milliseconds a request; memory is what its server
    holds after it."""

    query: str
    peer: str
    round: int
    rate: float
    p50_ms: float
    p99_ms: float
    server_cpu_ms: float
    database_cpu_ms: float
    memory_mb: float
    requests: int

    def as_data(self) -> dict[str, Any]:
        return asdict(self)


@contextmanager
def running(peers: Sequence[Peer], world: World, left_out: dict[str, str]) -> Iterator[list[Running]]:
    """The servers, all at once, each alone in its own group. One whose tools cannot be had, or that does not
    start, is named in `left_out`."""
    with ExitStack() as stack:
        found = []
        for peer in peers:
            port = processes.free_port()
            log = world.folder / f"{peer.name}.log"
            try:
                pid = stack.enter_context(processes.serving(peer.start(world, port), port, log))
                found.append(Running(peer, port, pid))
            except (Unavailable, processes.NotStarted, OSError) as reason:
                left_out[peer.name] = str(reason)
        yield found


def generator_rate(world: World) -> float:
    """How many answers of nothing a second the generator takes here: no rate near it says much of a peer."""
    port = processes.free_port()
    start = Start([sys.executable, "-m", "bench.peers.nothing", str(port)], {"PYTHONPATH": str(PROJECT)})
    with processes.serving(start, port, world.folder / "nothing.log"):
        return load.run([Ask("", {"query": queries.TINY})], port, 1, _file(world)).rate


def asks(peer: Peer, query: str, world: World) -> list[Ask]:
    """Every request with which the chosen counties ask the query, theirs in turn."""
    each = [
        [
            _ask(peer, query, world.token(_who(query, county, world)), given)
            for given in queries.variables(query, county)
        ]
        for county in world.dataset.chosen
    ]
    most = max(len(of_county) for of_county in each)
    return [of_county[nth] for nth in range(most) for of_county in each if nth < len(of_county)]


def _who(query: str, county: Chosen, world: World) -> Claims:
    if query == "province":
        return world.dataset.province_admin
    return county.township_secretary if query == "write" else county.secretary


def _ask(peer: Peer, query: str, token: str, variables: Mapping[str, Any]) -> Ask:
    body = {"query": peer.queries[query], "operationName": query.capitalize(), "variables": variables}
    return Ask(token, body)


def compare(query: str, servers: Sequence[Running], world: World, left_out: dict[str, str]) -> list[Running]:
    """Those of the servers that answer the query, as the first of them answers it. One that does not is named
    in `left_out` and not timed."""
    answering: list[Running] = []
    told: Any = None
    for server in servers:
        if query not in server.peer.queries:
            continue
        try:
            found = _answered(server, query, world)
        except answers.NotAnswered as reason:
            left_out[f"{server.name} {query}"] = str(reason)
            continue
        told = told if answering else found
        if differs := answers.difference(told, found):
            left_out[f"{server.name} {query}"] = f"answers otherwise than {answering[0].name}: {differs}"
        else:
            answering.append(server)
    return answering


def _answered(server: Running, query: str, world: World) -> Any:
    """Answers in their one form. What a write answers is its new id: that it wrote is what is compared."""
    sample = asks(server.peer, query, world)[:COMPARED_REQUESTS]
    if query != "write":
        return [answers.normal(answers.asked(server.port, ask)) for ask in sample]
    before = asyncio.run(_visits(world))
    for nth, ask in enumerate(sample):
        variables = {**ask.body["variables"], "key": f"{server.name}-{server.port}-{nth}"}
        answers.asked(server.port, Ask(ask.token, {**ask.body, "variables": variables}))
    return asyncio.run(_visits(world)) - before


async def _visits(world: World) -> int:
    """How many there are in the chosen counties."""
    connection = await asyncpg.connect(**world.app.as_arguments())
    count = 0
    try:
        for county in world.dataset.chosen:
            async with connection.transaction():
                await connection.execute(Scope((county.place_id,)).as_settings())
                count += await connection.fetchval("SELECT count(*) FROM activities")
        return count
    finally:
        await connection.close()


def measure(
    query: str,
    servers: Sequence[Running],
    world: World,
    left_out: dict[str, str],
    *,
    rounds: int,
    seconds: float,
) -> list[Run]:
    """Every round of one query, warmed up first. A peer that answers wrongly under load is named in
    `left_out`, and none of its slices counts."""
    timed, runs = list(servers), []
    for nth in range(rounds + 1):
        for server in list(timed):
            try:
                run = _one(query, server, world, nth, seconds if nth else min(2, seconds))
            except load.WrongAnswers as reason:
                left_out[f"{server.name} {query}"] = str(reason)
                timed.remove(server)
            else:
                runs.append(run)
    names = {server.name for server in timed}
    return [run for run in runs if run.round and run.peer in names]


def _one(query: str, server: Running, world: World, nth: int, seconds: float) -> Run:
    pids = (server.pid, world.postmaster)
    before = [processes.cpu_seconds(pid) for pid in pids]
    found = load.run(asks(server.peer, query, world), server.port, seconds, _file(world))
    used = [processes.cpu_seconds(pid) - at for pid, at in zip(pids, before, strict=True)]
    own, database = (round(1000 * each / found.requests, 3) for each in used)
    memory = round(processes.memory_bytes(server.pid) / 1e6, 1)
    run = Run(
        query=query,
        peer=server.name,
        round=nth,
        rate=round(found.rate, 1),
        p50_ms=found.p50 / 1000,
        p99_ms=found.p99 / 1000,
        server_cpu_ms=own,
        database_cpu_ms=database,
        memory_mb=memory,
        requests=found.requests,
    )
    print(f"  {query} {server.name}: {run.rate:.0f}/s", file=sys.stderr, flush=True)
    return run


def _file(world: World) -> Path:
    return world.folder / "requests"
