"""What the papers show can be asked, and what can be set is told."""

import re
from pathlib import Path

import pytest
from graphql import OperationDefinitionNode, parse, validate

from api.settings import Settings
from schema.root import schema
from tests.test_layers import HOUSE

PAPERS = [HOUSE / "README.md", *sorted((HOUSE / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```graphql\n(.*?)^```", re.M | re.S)
SHOWN = [(paper.name, block) for paper in PAPERS for block in BLOCK.findall(paper.read_text("utf-8"))]
SETTING = re.compile(r"`((?:ZEREN_[A-Z_]+|DATABASE_URL))`")


@pytest.mark.parametrize(("paper", "block"), SHOWN, ids=[paper for paper, _ in SHOWN])
def test_every_query_that_a_paper_shows_fits_the_schema(paper: str, block: str):
    document = parse(block)

    assert any(isinstance(node, OperationDefinitionNode) for node in document.definitions)
    assert validate(schema._schema, document, max_errors=3) == []


def test_the_readme_shows_queries():
    assert len([paper for paper, _ in SHOWN if paper == "README.md"]) >= 2


def told_in(paper: Path) -> set[str]:
    """The settings that stand in the first column of a table."""
    rows = [line.split("|")[1] for line in paper.read_text("utf-8").splitlines() if line.startswith("| `")]
    return {name for row in rows for name in SETTING.findall(row)}


def test_every_setting_is_told_and_no_other():
    named = {
        str(field.validation_alias or f"ZEREN_{name.upper()}")
        for name, field in Settings.model_fields.items()
    }

    assert told_in(HOUSE / "docs" / "settings.md") == named
