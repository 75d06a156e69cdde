"""A peer: how its server is started, and what it is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from bench.peers.world import World

PROJECT = Path(__file__).parents[2]


class Unavailable(Exception):
    """A tool that the peer needs cannot be had here: it is named and left out."""


@dataclass(frozen=True, slots=True)
class Start:
    """A command that serves POST /graphql on a port of the loopback, with nothing else in its environment
    than these variables and the path."""

    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Peer:
    """`queries`: by their name. `start`: installs what is missing first. Raises Unavailable."""

    name: str
    queries: Mapping[str, str]
    start: Callable[[World, int], Start]
