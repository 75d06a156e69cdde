"""Every code that a review may tell is explained where an administrator reads."""

import ast
import re
from pathlib import Path

from policies.grant_checks import _SAID

HOUSE = Path(__file__).parents[2]
SOURCES = [*sorted((HOUSE / "policies").rglob("*.py")), HOUSE / "tenants" / "profile_reviews.py"]
MAKING = {"Problem", "_problem", "unknown"}


def codes_in(source: str) -> set[str]:
    """The codes that are written out where a problem is made, and what may stand in their place."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MAKING:
            found |= {part.value for part in ast.walk(node.args[0]) if isinstance(part, ast.Constant)}
    return {code for code in found if isinstance(code, str) and not code.startswith("_")}


def explained() -> set[str]:
    table = (HOUSE / "docs" / "profiles.md").read_text("utf-8").partition("## What a check says")[2]
    rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {code for row in rows for code in re.findall(r"`([a-z_]+)`", row)}


def test_every_code_is_explained_and_every_explanation_has_its_code():
    told = set().union(*(codes_in(path.read_text("utf-8")) for path in SOURCES)) | set(_SAID)

    # Reading chooses between these two before it makes the problem.
    assert explained() ^ (told | {"repeated_key", "not_yaml"}) == set()
    assert len(explained()) > 45


def test_a_code_would_be_found():
    assert codes_in('yield Problem("planted", "", "", "")') == {"planted"}
    assert codes_in('yield _problem(code if x else "other", path)') == {"other"}
    assert codes_in('print("planted")') == set()
