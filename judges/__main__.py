"""`python -m judges [name ...]`: hear the judges, all of them or those named. Exit code 1 on any finding."""

import sys
import time
from collections.abc import Sequence
from contextlib import nullcontext

from api.demo import PASSWORD
from judges import tools
from judges.hearing import hear
from judges.panel import HERE, JUDGES, Judge
from judges.server import serving

BAD_USAGE = 2


def main(names: Sequence[str]) -> int:
    known = {judge.name: judge for judge in JUDGES}
    if unknown := [name for name in names if name not in known]:
        print(f"no such judge: {', '.join(unknown)}; there are {', '.join(known)}")
        return BAD_USAGE
    return _hear_all([known[name] for name in names] or JUDGES)


def _hear_all(judges: Sequence[Judge]) -> int:
    begun = time.monotonic()
    reasons = {judge.name: tools.lacking(judge) for judge in judges}
    for name, reason in reasons.items():
        if reason is not None:
            print(f"skipped: {name} ({reason})")
    sitting = [judge for judge in judges if reasons[judge.name] is None]
    failed = 0
    with serving() if any(judge.asks_server for judge in sitting) else nullcontext("") as url:
        for judge in sitting:
            verdict = hear(judge.name, tools.command(judge), _surroundings(url), judge.patience_seconds)
            print(verdict, flush=True)
            failed += not verdict.passed
    print(f"the judges took {time.monotonic() - begun:.0f} s")
    print(f"{len(sitting) - failed} passed, {failed} failed, {len(judges) - len(sitting)} skipped")
    return 1 if failed else 0


def _surroundings(url: str) -> dict[str, str]:
    """What a judge finds in its environment."""
    out = HERE / "out"
    out.mkdir(exist_ok=True)
    return {
        "ZEREN_URL": url,
        "ZEREN_PASSWORD": PASSWORD,
        "ZEREN_OUT": str(out),
        "ZEREN_CHROMIUM": tools.chromium() or "",
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
