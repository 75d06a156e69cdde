"""ariadne-codegen: a Python client of every example, type-checked, and then used against the server."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
HOUSE = HERE.parents[1]
OUT = Path(os.environ["ZEREN_OUT"]) / "ariadne"
PROGRAMS = Path(sys.executable).parent

SETTINGS = f"""
[tool.ariadne-codegen]
schema_path = "{HOUSE}/schema/schema.graphql"
queries_path = "{OUT}/examples"
target_package_path = "{OUT}"
target_package_name = "zeren_client"
include_all_inputs = false
include_all_enums = false

[tool.ariadne-codegen.scalars.Date]
type = "datetime.date"
[tool.ariadne-codegen.scalars.DateTime]
type = "datetime.datetime"
[tool.ariadne-codegen.scalars.Decimal]
type = "decimal.Decimal"
[tool.ariadne-codegen.scalars.JSON]
type = "typing.Any"
"""


TYPES = """
[mypy]
strict = true
incremental = false
explicit_package_bases = true

# The tool's own runtime, the same for every schema, which does not pass a strict reading.
[mypy-zeren_client.async_base_client]
ignore_errors = true
"""


def main() -> int:
    shutil.rmtree(OUT, ignore_errors=True)
    shutil.copytree(HOUSE / "examples", OUT / "examples", ignore=shutil.ignore_patterns("*.md", "*.yaml"))
    (OUT / "pyproject.toml").write_text(SETTINGS, "utf-8")
    (OUT / "mypy.ini").write_text(TYPES, "utf-8")
    shutil.copy(HERE / "ariadne_use.py", OUT / "use.py")
    findings = (
        said_by("ariadne-codegen") or said_by("mypy", "zeren_client", "use.py") or said_by("python", "use.py")
    )
    for line in findings:
        print(line)
    print(f"{len([*OUT.glob('examples/*.graphql')])} methods of a Python client")
    return 1 if findings else 0


def said_by(program: str, *arguments: str) -> list[str]:
    """The lines of a program that failed; none of one that went well."""
    said = subprocess.run(
        [PROGRAMS / program, *arguments], cwd=OUT, capture_output=True, text=True, check=False
    )
    if said.returncode == 0:
        return []
    return [line for line in (said.stdout + said.stderr).splitlines() if line] or [f"{program} failed"]


sys.exit(main())
