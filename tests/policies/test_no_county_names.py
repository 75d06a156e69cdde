"""No county and no division stands in the code: a new county is a file, never a line of Python."""

import re
from pathlib import Path

import pytest

from policies import library

FILES = sorted((Path(__file__).parents[2] / "policies").rglob("*.py"))
DIVISION_CODE = re.compile(r"(?<![0-9_])[1-9][0-9]{5}(?:[0-9]{6})?(?![0-9_])")
PLACE_NAME = re.compile("([一-龥]{2})(?:省|市|县|区)")


def _names() -> set[str]:
    """The places that the documents name in title and issuers, and the ids of their profiles."""
    heads = [library.own_profile(id) for id in library.shipped()]
    told = " ".join(word for head in heads for word in (head.title, *head.issuers))
    return set(PLACE_NAME.findall(told)) | {head.id for head in heads}


def test_the_names_looked_for_are_those_of_the_documents():
    assert _names() == {"HN", "GD", "SC", "TW", "MZ", "广东", "湛江", "麻章", "通渭"}


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_place_is_named_in_the_code(file):
    code = _without_examples(file.read_text("utf-8"))

    assert [name for name in _names() if re.search(rf"(?<![A-Za-z]){name}(?![A-Za-z])", code)] == []


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_division_code_stands_in_the_code(file):
    assert DIVISION_CODE.findall(file.read_text("utf-8")) == []


def test_a_division_code_would_be_found():
    assert DIVISION_CODE.findall('HERE = "440811000000"; THERE = 621121') == ["440811000000", "621121"]


def _without_examples(code: str) -> str:
    """Clauses are cited by rule id (HN-4.2-5), which names a document and decides nothing."""
    docstrings_and_comments = r'"""(?s:.*?)"""|#.*'
    return re.sub(docstrings_and_comments, "", code)
