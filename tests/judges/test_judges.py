"""The judges' own house: who sits, how a verdict is read, and that everything is pinned."""

import json
import re
import shutil
import sys
from pathlib import Path

import pytest

from judges import tools
from judges.__main__ import main
from judges.hearing import Verdict, hear
from judges.panel import HERE, JUDGES
from judges.server import without_settings

# Parts of other scripts.
NO_JUDGES = {"report.mjs", "door/demonstration.mjs", "text/eslint.config.mjs", "text/accepted.mjs"}
NO_JUDGES |= {"clients/ariadne_use.py"}
PINNED = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*==[0-9][0-9A-Za-z.]*")


def scripts() -> set[str]:
    found = {*HERE.glob("*.mjs")} | {
        path for name in ("text", "clients", "door") for path in (HERE / name).iterdir()
    }
    return {path.relative_to(HERE).as_posix() for path in found if path.suffix in (".mjs", ".py")}


def test_every_script_sits_on_the_panel() -> None:
    assert {judge.script for judge in JUDGES} == scripts() - NO_JUDGES
    assert len({judge.name for judge in JUDGES}) == len(JUDGES)


def test_the_readme_says_what_each_promises() -> None:
    table = (HERE / "README.md").read_text("utf-8")

    assert re.findall(r"^\| (\S+) \| (.+) \|$", table, re.M)[1:] == [(j.name, j.promise) for j in JUDGES]


def said_by(tmp_path: Path, script: str) -> Verdict:
    path = tmp_path / "judge.py"
    path.write_text(script, "utf-8")
    return hear("planted", [sys.executable, str(path)], {})


def test_a_judge_that_finds_nothing_has_passed(tmp_path: Path) -> None:
    verdict = said_by(tmp_path, "print('3 files')")

    assert verdict.passed
    assert str(verdict).startswith("passed: planted, 3 files, ")


@pytest.mark.parametrize(
    ("_case", "script", "findings"),
    [
        (
            "找到问题",
            "print('a is wrong\\nb is wrong\\n3 files'); raise SystemExit(1)",
            ("a is wrong", "b is wrong"),
        ),
        ("什么也没看", "", ("it broke down with exit code 0",)),
        (
            "说错而退出为零",
            "print('a is wrong\\n3 files')",
            ("it broke down with exit code 0", "a is wrong", "3 files"),
        ),
        ("自身出错", "import sys; sys.exit('no package')", ("it broke down with exit code 1", "no package")),
    ],
)
def test_any_other_judge_has_not(tmp_path: Path, _case: str, script: str, findings: tuple[str, ...]) -> None:
    verdict = said_by(tmp_path, script)

    assert not verdict.passed
    assert verdict.findings == findings
    assert str(verdict).startswith("FAILED: planted, ")


def test_who_cannot_sit_is_skipped_by_name(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)

    assert main(["relay", "graphiql"]) == 0
    said = capsys.readouterr().out
    assert "skipped: relay (node and npm are not installed)\n" in said
    assert "skipped: graphiql (node and npm are not installed)\n" in said
    assert said.endswith("0 passed, 0 failed, 2 skipped\n")


def test_chromium_alone_may_be_lacking(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tools, "_lacking_node", lambda: None)
    monkeypatch.setattr(tools, "chromium", lambda: None)

    assert {judge.name: tools.lacking(judge) for judge in JUDGES if tools.lacking(judge)} == {
        "graphiql": "chromium is not installed"
    }


def test_a_judge_that_nobody_knows_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["nobody"]) == 2
    assert "no such judge: nobody; there are graphql-eslint, " in capsys.readouterr().out


def test_everything_has_one_version() -> None:
    package = json.loads((HERE / "package.json").read_text("utf-8"))
    pins = [line for judge in JUDGES if judge.pins.exists() for line in judge.pins.read_text().splitlines()]

    assert [
        v for v in package["dependencies"].values() if not re.fullmatch(r"[0-9]+\.[0-9]+\.[0-9]+", v)
    ] == []
    assert [line for line in pins if not PINNED.fullmatch(line)] == []
    assert [judge.name for judge in JUDGES if not (judge.runs_in_node or judge.pins.exists())] == []


def test_the_lock_file_has_checksums_and_no_address() -> None:
    text = (HERE / "package-lock.json").read_text("utf-8")
    packages = {name: entry for name, entry in json.loads(text)["packages"].items() if name}

    assert "://" not in text
    assert len(packages) > 300
    assert [name for name, entry in packages.items() if "integrity" not in entry] == []


def test_what_was_released_is_a_snapshot_of_its_own() -> None:
    released = HERE.parent / "schema" / "released.graphql"

    assert "type Query" in released.read_text("utf-8")


def test_a_server_for_judges_reaches_nothing_that_somebody_has() -> None:
    names = ("DATABASE_URL", "ZEREN_STORAGE_URL", "zeren_pool_size", "AWS_SECRET_ACCESS_KEY")
    others = {"PATH": "/bin", "LANG": "C.UTF-8"}

    assert without_settings({**dict.fromkeys(names, "theirs"), **others}) == others
