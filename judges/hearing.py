"""One judge heard: its script is run, and what it found becomes a line."""

import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from judges.panel import HERE


@dataclass(frozen=True, slots=True)
class Verdict:
    judge: str
    looked_at: str
    seconds: float
    findings: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        return not self.findings

    def __str__(self) -> str:
        if self.passed:
            return f"passed: {self.judge}, {self.looked_at}, {self.seconds:.1f} s"
        counted = f"{len(self.findings)} found in {self.looked_at}"
        return "\n".join((f"FAILED: {self.judge}, {counted}, {self.seconds:.1f} s", *self.findings))


def hear(
    judge: str, command: Sequence[str], surroundings: Mapping[str, str], patience_seconds: int = 300
) -> Verdict:
    """What the judge says. One that breaks down or never ends has not passed."""
    begun = time.monotonic()
    try:
        said = subprocess.run(
            command,
            cwd=HERE,
            env=os.environ | surroundings,
            capture_output=True,
            text=True,
            check=False,
            timeout=patience_seconds,
        )
    except subprocess.TimeoutExpired:
        return Verdict(judge, "nothing", time.monotonic() - begun, ("it did not come to an end",))
    return _verdict(judge, said, time.monotonic() - begun)


def _verdict(name: str, said: "subprocess.CompletedProcess[str]", seconds: float) -> Verdict:
    lines = said.stdout.splitlines()
    if said.returncode == 0 and len(lines) == 1:
        return Verdict(name, lines[0], seconds)
    if said.returncode == 1 and len(lines) > 1:
        return Verdict(name, lines[-1], seconds, tuple(lines[:-1]))
    broken = f"it broke down with exit code {said.returncode}"
    return Verdict(name, "nothing", seconds, (broken, *lines, *said.stderr.splitlines()))
