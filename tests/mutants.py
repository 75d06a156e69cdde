"""Every decided rule of the shipped profiles taken out, every limit shifted: what does no case notice?

    python -m tests.mutants [PROFILE …]

Prints the survivors and ends with 1 where there are any. A rule dies if no mutant of it survives.
"""

import sys
from pathlib import Path

from rich.console import Console
from rich.progress import track

from policies import library, strict_yaml
from policies.cases import Case, read_cases
from policies.mutation import Mutant, mutants, survives

HOUSE = Path(__file__).parents[1]
DECIDED = ("hard", "computed")


def cases() -> list[Case]:
    """Those that ask a profile as it is."""
    files = sorted((HOUSE / "tests" / "cases").glob("*.yaml"))
    return [case for file in files for case in read_cases(file.read_text("utf-8")) if not case.changed]


def decided(profile: str) -> list[str]:
    """The clauses that the profile decides."""
    listed = strict_yaml.load((HOUSE / "tests" / "policies" / "catalogue.yaml").read_text("utf-8"))
    return [id for kind in DECIDED for id in listed[profile][kind]]


def survivors(profile: str, console: Console) -> list[Mutant]:
    asked = [case for case in cases() if case.profile == profile]
    listed = list(mutants(library.own_profile(profile), decided(profile)))
    shown = track(listed, description=profile, console=console, transient=True)
    return [mutant for mutant in shown if survives(mutant, asked, library.joined)]


def main(profiles: list[str]) -> int:
    console, left = Console(), 0
    for profile in profiles or library.shipped():
        surviving, ids = survivors(profile, console), decided(profile)
        dead = len(set(ids) - {mutant.id for mutant in surviving})
        left += len(ids) - dead
        console.print(f"{profile}: {dead} of {len(ids)} rules die", highlight=False)
        for mutant in surviving:
            console.print(f"  {mutant.id}  {mutant.change}", highlight=False, markup=False)
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
