"""A profile on the command line: checked without a database, drafted and published as two named accounts."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.command import app
from policies import library
from tests.api.running import url_of
from tests.conftest import KEY, Database
from tests.front_door import acts, record
from tests.schema.drafting import TRIAL, five_days

PROFILES = Path(library.__file__).parent / "profiles"
TRIAL_FILES = (str(TRIAL / "profile.yaml"), "--document", str(TRIAL / "document.txt"))


@pytest.fixture
def given(demo_database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The command line over a database that it is given."""
    monkeypatch.setenv("DATABASE_URL", url_of(demo_database.app))
    monkeypatch.setenv("ZEREN_SECRET_KEY", KEY.decode())
    return demo_database


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """The amended county document as files."""
    content = five_days()
    file, document = tmp_path / "hn.yaml", tmp_path / "hn.txt"
    file.write_text(content["text"], "utf-8")
    document.write_text(content["documentText"], "utf-8")
    return file, document


def zeren(*words: object) -> Result:
    return CliRunner().invoke(app, ["profile", *map(str, words)])


@pytest.mark.parametrize("id", library.shipped())
def test_every_shipped_file_passes_without_a_database(id: str) -> None:
    result = zeren("check", PROFILES / f"{id}.yaml", "--json")

    told = json.loads(result.stdout)
    assert (result.exit_code, told["mayBePublished"], told["outline"]["name"]) == (0, True, id)
    assert told["outline"]["digest"] == library.profile(id).digest


def test_a_made_up_file_is_checked_against_the_text_it_is_given() -> None:
    passed = zeren("check", *TRIAL_FILES, "--place", "410199000000")
    elsewhere = zeren("check", *TRIAL_FILES, "--place", "410198000000", "--json")
    alone = zeren("check", TRIAL / "profile.yaml", "--json")

    assert passed.exit_code == 0
    for said in ("可以发布", "may be published", "setting_open", "“屡次”还没有数值"):
        assert said in passed.stdout
    assert (elsewhere.exit_code, codes(elsewhere)) == (1, ["division_differs", "setting_open", "gap_stated"])
    assert (alone.exit_code, codes(alone)[0]) == (1, "no_document")


def codes(result: Result) -> list[str]:
    return [problem["code"] for problem in json.loads(result.stdout)["problems"]]


def test_a_file_with_errors_ends_with_one_and_tells_them_in_two_languages(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(library.profile_text("HN").replace("act: outing", "act: outign", 1), "utf-8")

    result = zeren("check", wrong, "--document", PROFILES.parent / "documents" / "HN.txt")

    assert result.exit_code == 1
    for said in (
        "不能发布",
        "unknown_term",
        "没有这个词：outign",
        "unknown term: outign",
        "是不是想写 outing？",
    ):
        assert said in result.stdout


def test_two_accounts_draft_and_publish(given: Database, files: tuple[Path, Path]) -> None:
    file, document = files

    written = zeren("draft", file, "--document", document, "--as", "hn-admin", "--json")
    draft = json.loads(written.stdout)["draft"]
    listed = json.loads(zeren("drafts", "--as", "hn-checker", "--json").stdout)
    published = zeren("publish", draft["id"], "--from", "2018-06-15", "--as", "hn-checker", "--json")

    assert [one["id"] for one in listed] == [draft["id"]]
    assert json.loads(published.stdout)["version"] == 2
    versions = json.loads(zeren("versions", "--as", "hn-first-secretary", "--json").stdout)
    assert [one["version"] for one in versions] == [2, 1]
    (entry,) = acts(given, "profile.publish")
    assert (entry["draft"], entry["effective_from"]) == (draft["id"], "2018-06-15")
    table = zeren("versions", "--as", "hn-admin").stdout
    assert "2018-06-15" in table
    assert versions[0]["digest"][:12] in table


def test_a_draft_with_errors_is_kept_changed_and_then_published(
    given: Database, files: tuple[Path, Path], tmp_path: Path
) -> None:
    file, document = files
    broken = tmp_path / "broken.yaml"
    broken.write_text("id: [", "utf-8")

    kept = zeren("draft", broken, "--as", "hn-admin", "--json")
    draft = json.loads(kept.stdout)["draft"]["id"]
    refused = zeren("publish", draft, "--from", "2018-06-15", "--as", "hn-checker")

    assert kept.exit_code == 0
    assert (refused.exit_code, "not_yaml" in refused.stdout) == (1, True)
    for said in ("没有通过检查", "fails its checks"):
        assert said in refused.stderr
    changed = zeren("draft", file, "--document", document, "--draft", draft, "--as", "hn-admin")
    assert (changed.exit_code, "可以发布" in changed.stdout, draft in changed.stdout) == (0, True, True)
    assert zeren("publish", draft, "--from", "2018-06-15", "--as", "hn-checker").exit_code == 0


def test_a_draft_that_has_changed_since_it_was_seen_stands(given: Database, files: tuple[Path, Path]) -> None:
    file, document = files
    written = zeren("draft", file, "--document", document, "--as", "hn-admin", "--json")
    draft = json.loads(written.stdout)["draft"]["id"]
    change = ("draft", file, "--document", document, "--draft", draft, "--as", "hn-admin")
    publish = ("publish", draft, "--from", "2018-06-15", "--as", "hn-checker")
    drop = ("drop", draft, "--as", "hn-admin")
    assert zeren(*change, "--expected-version", 1).exit_code == 0
    before = record(given)

    for words in (change, publish, drop):
        result = zeren(*words, "--expected-version", 1)
        assert (result.exit_code, "内容已被他人更改" in result.stderr) == (1, True), result.output
    assert record(given) == before
    assert zeren(*publish, "--expected-version", 2).exit_code == 0


def test_a_draft_is_dropped_and_never_published(given: Database, files: tuple[Path, Path]) -> None:
    file, document = files
    written = zeren("draft", file, "--document", document, "--as", "hn-admin", "--json")
    draft = json.loads(written.stdout)["draft"]["id"]

    dropped = zeren("drop", draft, "--as", "hn-admin", "--expected-version", 1, "--json")

    told = json.loads(dropped.stdout)
    assert (dropped.exit_code, told["id"], told["state"], told["version"]) == (0, draft, "dropped", 2)
    before = record(given)
    assert zeren("publish", draft, "--from", "2018-06-15", "--as", "hn-checker").exit_code == 1
    assert zeren("drop", draft, "--as", "hn-admin").exit_code == 1
    assert record(given) == before


def test_a_check_in_the_accounts_place_knows_what_is_published_above(given: Database) -> None:
    before = record(given)

    here = zeren("check", PROFILES / "MZ.yaml", "--as", "mz-admin", "--json")
    elsewhere = zeren("check", PROFILES / "MZ.yaml", "--as", "tw-admin", "--json")

    assert here.exit_code == 0
    assert {"division_differs", "parent_not_published"} <= set(codes(elsewhere))
    assert record(given) == before


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("versions", "--as", "nobody"), "没有账号 nobody"),
        (("publish", "x", "--from", "2018-06-15", "--as", "hn-checker"), "x 不是草案编号"),
        (("drafts", "--as", "hn-first-secretary"), "您的职务没有这项权限"),
        (("check", *TRIAL_FILES, "--place", "41"), "须是 12 位区划代码"),
        (("versions", "--as", "hn-admin", "--place", "440811000000"), "不属于该地方"),
    ],
    ids=["没有此人", "不是编号", "没有权限", "不是代码", "别处"],
)
def test_what_cannot_be_done_is_told_in_a_sentence(
    given: Database, words: tuple[str, ...], said: str
) -> None:
    before = record(given)

    result = zeren(*words)

    assert (result.exit_code, said in result.stderr) == (1, True), result.output
    assert "Traceback" not in result.output
    assert record(given) == before


def test_who_may_not_draft_or_publish_may_not_by_the_command_line_either(
    given: Database, files: tuple[Path, Path]
) -> None:
    file, document = files
    draft = json.loads(zeren("draft", file, "--document", document, "--as", "hn-admin", "--json").stdout)[
        "draft"
    ]["id"]
    before = record(given)

    for words, said in (
        (("draft", file, "--document", document, "--as", "hn-auditor"), "您的职务没有这项权限"),
        (("publish", draft, "--from", "2018-06-15", "--as", "hn-auditor"), "您的职务没有这项权限"),
        (("publish", draft, "--from", "2018-06-15", "--as", "hn-admin"), "您起草或修改过这份草案"),
        (("publish", draft, "--from", "2018-06-15", "--as", "mz-admin"), "找不到，或您无权查看"),
        (("publish", draft, "--from", "2018-06-14", "--as", "hn-checker"), "不能早于本地今天"),
    ):
        result = zeren(*words)
        assert (result.exit_code, said in result.stderr) == (1, True), result.output
    assert record(given) == before
    assert zeren("publish", draft, "--from", "2018-06-15", "--as", "hn-checker").exit_code == 0
