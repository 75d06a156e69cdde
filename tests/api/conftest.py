"""A place for the data of a whole installation."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from shutil import rmtree

import pytest

from api.embedded.server import EmbeddedServer


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data directory that is not there yet; whatever runs on it is stopped at the end."""
    root = Path(tempfile.mkdtemp(prefix="zeren-command-"))
    root.chmod(0o755)
    try:
        yield root / "zeren"
    finally:
        EmbeddedServer(root / "zeren" / "data").stop()
        rmtree(root, ignore_errors=True)
