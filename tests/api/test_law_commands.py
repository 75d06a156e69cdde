"""The law on the command line: what a person reads, what a program reads, and the exit code."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.command import app
from policies import library, strict_yaml
from policies.checks.quotes import stands_in

HOUSE = Path(__file__).parents[2]
LEAVE = ("decide", "HN", "act", "leave", "--on", "2018-06-15", "--fact", "who=[first_secretary]")


def zeren(*words: object) -> Result:
    return CliRunner().invoke(app, ["profile", *map(str, words)], env={"COLUMNS": "160"})


def test_four_days_leave_is_told_with_its_clause():
    result = zeren(*LEAVE, "--fact", "leave_days=4", "--fact", "written=true")

    assert result.exit_code == 0
    assert "按步骤审批" in result.output
    assert "organisation_personnel_bureau" in result.output
    assert "HN-4.2-6  四（二）" in result.output


def test_an_answer_that_is_withheld_ends_with_1_and_names_what_is_missing():
    result = zeren(*LEAVE)

    assert result.exit_code == 1
    assert "leave_days；written" in result.output


def test_a_program_reads_the_same_answer():
    result = zeren(*LEAVE, "--fact", "leave_days=4", "--fact", "written=true", "--json")

    assert json.loads(result.output)["outcome"] == "route"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("decide", "XX", "act", "leave"), "neither a file nor a shipped profile"),
        (("decide", "HN", "act", "leav"), "是不是 leave"),
        (("decide", "HN", "act", "leave", "--fact", "leave_days"), "name=value"),
        (("decide", "HN", "act", "leave", "--fact", "leave_days=[4"), "is no YAML"),
        (("show", "HN", "--rule", "HN-9"), "has no such rule"),
    ],
)
def test_what_cannot_be_meant_is_told_without_a_traceback(words, said):
    result = zeren(*words)

    assert result.exit_code != 0
    assert said in result.output
    assert "Traceback" not in result.output


@pytest.mark.parametrize("id", library.shipped())
def test_the_cases_that_come_with_a_profile_are_answered_as_they_say(id):
    result = zeren("test", HOUSE / "tests" / "cases" / f"{id}.yaml")

    assert result.exit_code == 0, result.output
    assert "0 处不符" in result.output


def test_a_case_that_is_answered_otherwise_is_told_and_ends_with_1(tmp_path):
    case = "- {case: 请假4天, profile: HN, ask: {act: leave}, on: '2018-06-15', expect: {outcome: allow}}\n"
    file = tmp_path / "cases.yaml"
    file.write_text(case, "utf-8")

    result = zeren("test", file)

    assert result.exit_code == 1
    assert "请假4天：结果应为 allow，得到 incomplete" in result.output


def test_documents_are_set_side_by_side():
    result = zeren("compare", "HN", "SC", "--on", "2018-06-15")
    rows = json.loads(zeren("compare", "HN", "SC", "--on", "2018-06-15", "--json").output)

    assert result.exit_code == 0
    assert "文件没有规定" in result.output
    four_days = next(row for row in rows if row["zh"].startswith("第一书记请假 4 天"))
    assert four_days["differs"]
    assert four_days["answers"]["SC"]["outcome"] == "unspecified"


def test_the_rules_are_shown_in_the_order_of_the_document():
    listed = json.loads(zeren("show", "GD", "--json").output)
    one = zeren("show", "TW", "--rule", "TW-4.2-15")

    assert [rule["id"] for rule in listed] == [rule.id for rule in library.profile("GD").rules]
    assert "percent_of: village_teams" in one.output


def test_the_schema_of_a_profile_is_the_one_that_is_kept():
    kept = (HOUSE / "policies" / "profile.schema.json").read_text("utf-8")

    assert zeren("schema").output == kept


@pytest.mark.parametrize("id", library.shipped())
def test_every_open_number_of_the_document_is_listed(id):
    listed = strict_yaml.load((HOUSE / "tests" / "policies" / "catalogue.yaml").read_text("utf-8"))[id][
        "open"
    ]
    problems = json.loads(zeren("check", id, "--json").output)["problems"]
    told = " ".join(problem["zh"] + problem["path"] for problem in problems)

    assert [rule for rule in listed if not stands_in(rule, told)] == []
