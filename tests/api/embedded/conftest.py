from collections.abc import Iterator
from pathlib import Path

import pytest

from api.embedded.server import EmbeddedServer
from tests.api.embedded.cluster_tools import provision, temporary_folder


@pytest.fixture
def folder() -> Iterator[Path]:
    with temporary_folder() as made:
        yield made


@pytest.fixture
def server(folder: Path) -> Iterator[EmbeddedServer]:
    made = EmbeddedServer(folder / "root" / "data", fast=True)
    yield made
    made.stop()


@pytest.fixture
def careful(folder: Path) -> Iterator[EmbeddedServer]:
    """Keeps what was committed through a kill, as production does."""
    made = EmbeddedServer(folder / "root" / "data")
    yield made
    made.stop()


@pytest.fixture(scope="module")
def shared() -> Iterator[EmbeddedServer]:
    """One server, started and provisioned, for the tests that only look."""
    with temporary_folder() as folder:
        made = EmbeddedServer(folder / "data", fast=True)
        made.start()
        provision(made)
        yield made
        made.stop()
