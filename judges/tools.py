"""What judges run with: Node and its packages, virtual environments, Chromium. All of it is installed here,
from exact pins, once; nothing of it is zeren's."""

import shutil
import subprocess
import venv
from pathlib import Path

from judges.panel import HERE, Judge

OLDEST_NODE = 20
PACKAGES = HERE / "node_modules"
LOCK = HERE / "package-lock.json"
ENVIRONMENTS = HERE / ".venvs"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


def lacking(judge: Judge) -> str | None:
    """Why the judge cannot sit here, or None."""
    if judge.runs_in_node and (reason := _lacking_node()) is not None:
        return reason
    if judge.wants_chromium and chromium() is None:
        return "chromium is not installed"
    return None


def command(judge: Judge) -> list[str]:
    """What starts the judge; installs what it runs with where that is not there yet."""
    if judge.runs_in_node:
        _install_packages()
        return ["node", str(judge.path)]
    return [str(_environment(judge.pins)), str(judge.path)]


def chromium() -> str | None:
    return next((found for name in BROWSERS if (found := shutil.which(name))), None)


def _lacking_node() -> str | None:
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return "node and npm are not installed"
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(version.lstrip("v").split(".")[0]) < OLDEST_NODE:
        return f"node {version} is older than {OLDEST_NODE}"
    return None


def _install_packages() -> None:
    if _is_newer(PACKAGES / ".installed", LOCK):
        return
    subprocess.run(["npm", "ci", "--silent"], cwd=HERE, check=True)
    (PACKAGES / ".installed").touch()


def _environment(pins: Path) -> Path:
    """The Python of the environment made from the pins."""
    folder = ENVIRONMENTS / pins.stem
    python = folder / "bin" / "python"
    if not _is_newer(folder / ".installed", pins):
        venv.create(folder, with_pip=True, clear=True)
        install = [str(python), "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
        subprocess.run([*install, "--requirement", str(pins)], check=True)
        (folder / ".installed").touch()
    return python


def _is_newer(file: Path, than: Path) -> bool:
    return file.exists() and file.stat().st_mtime >= than.stat().st_mtime
