"""Counties on the command line: what GraphQL does, as a named account."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from api.command import app
from tests.api.running import url_of
from tests.conftest import KEY, Database
from tests.front_door import acts, person_of, rows
from tests.onboarding import everything

ADMIN = ("--admin-name", "演示县级管理员", "--admin-login", "c440823-admin")
ONBOARD = ("onboard", "440823", "--base", "GD", *ADMIN)


@pytest.fixture
def given(demo_database: Database, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The command line over a database that it is given."""
    monkeypatch.setenv("DATABASE_URL", url_of(demo_database.app))
    monkeypatch.setenv("ZEREN_SECRET_KEY", KEY.decode())
    return demo_database


def zeren(*words: str, as_: str = "p44-admin") -> Result:
    return CliRunner().invoke(app, ["county", *words, "--as", as_])


def test_a_dry_run_shows_everything_and_keeps_nothing(given: Database) -> None:
    before = everything(given)

    shown, told = zeren(*ONBOARD, "--dry-run"), zeren(*ONBOARD, "--dry-run", "--json")

    assert (shown.exit_code, told.exit_code) == (0, 0), shown.output
    for said in ("遂溪县", "村 villages 353", "粤组通〔2016〕20号", "文件没有规定", "60%", "试算，未保存"):
        assert said in shown.stdout.replace("\n", ""), said
    report = json.loads(told.stdout)["report"]
    assert (report["code"], report["villageCount"]) == ("440823000000", 353)
    assert json.loads(told.stdout)["invitation"] is None
    assert everything(given) == before


def test_a_county_is_onboarded_and_its_administrator_invited_anew(given: Database) -> None:
    first = zeren(
        *ONBOARD, "--exclude", "440823102000", "--local", "440823000000,township,演示农场", "--json"
    )
    renewed = zeren("invite", "440823", *ADMIN, "--reason", "邀请丢失", "--json")
    shown = zeren("invite", "440823", *ADMIN, "--reason", "邀请又丢失")

    report = json.loads(first.stdout)["report"]
    assert [node["code"] for node in report["excluded"]] == ["440823102000"]
    assert "演示农场" in [node["name"] for node in report["townships"]]
    assert json.loads(first.stdout)["invitation"]["token"] != json.loads(renewed.stdout)["token"]
    assert "只显示一次" in shown.stdout
    assert len(rows(given, "SELECT 1 FROM invitations WHERE expires_at > now()")) == 1
    actor = rows(given, "SELECT DISTINCT person_id FROM audit_entries WHERE act = 'county.onboard'")
    assert [row["person_id"] for row in actor] == [person_of(given, "p44-admin")]


def test_a_newer_list_is_compared(given: Database, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text("code,name\n440823199000,演示新镇\n", "utf-8")

    told = zeren(*ONBOARD, "--dry-run", "--newer-list", str(file), "--json")

    added = [d for d in json.loads(told.stdout)["report"]["differences"] if d["change"] == "added"]
    assert added == [
        {
            "change": "added",
            "level": "township",
            "name": "演示新镇",
            "code": None,
            "newerCode": "440823199000",
        }
    ]


def test_counties_are_listed_suspended_and_resumed(given: Database) -> None:
    suspended = zeren("suspend", "440811", "--reason", "演示整改")
    listed = {one["code"]: one for one in json.loads(zeren("list", "--json").stdout)}
    only = json.loads(zeren("list", "--state", "suspended", "--json").stdout)
    table = zeren("list").stdout
    resumed = zeren("resume", "440811000000", "--reason", "整改完成")

    assert suspended.stdout.strip() == "麻章区 暂停"
    assert (listed["440811000000"]["state"], listed["440811000000"]["profile"]) == ("suspended", "MZ")
    assert listed["440825000000"]["readiness"] == pytest.approx(0.8)
    assert [one["code"] for one in only] == ["440811000000"]
    assert "徐闻县" in table
    assert resumed.stdout.strip() == "麻章区 在用"
    assert len(acts(given, "place.suspend")) == 2


def test_all_named_counties_are_onboarded_here_and_now(given: Database) -> None:
    rows(given, "UPDATE accounts SET login = '620103-admin' WHERE login = 'mz-admin'")

    result = zeren(
        "onboard-all", "--code", "620102", "--code", "620103", "--code", "621121", "--json", as_="p62-admin"
    )

    told = json.loads(result.stdout)
    assert (result.exit_code, told["state"]) == (1, "done")
    assert (told["new"], told["present"]) == (["620102000000"], ["621121000000"])
    assert [(one["code"], one["refusal"]) for one in told["failed"]] == [("620103000000", "LOGIN_TAKEN")]
    again = zeren("onboard-all", "--code", "620102", as_="p62-admin")
    assert again.exit_code == 0
    assert "原已开通 present 1" in again.stdout


@pytest.mark.parametrize(
    ("words", "as_", "said"),
    [
        ((*ONBOARD,), "mz-admin", "没有这项权限"),
        (("onboard", "440899", *ADMIN), "p44-admin", "名册里没有县级区划 440899000000"),
        ((*ONBOARD, "--local", "农场"), "p44-admin", "应为 上级代码,层级,名称"),
        (("suspend", "621121", "--reason", "x"), "p44-admin", "找不到"),
        (("suspend", "440811", "--reason", " "), "p44-admin", "不能为空"),
        (("suspend", "449999", "--reason", "x"), "p44-admin", "找不到"),
        (("invite", "440811", *ADMIN, "--reason", "x"), "mz-admin", "找不到"),
        (("onboard-all",), "mz-admin", "没有这项权限"),
    ],
)
def test_what_cannot_be_done_is_told_in_a_sentence_and_leaves_nothing(
    given: Database, words: tuple[str, ...], as_: str, said: str
) -> None:
    before = everything(given)

    result = zeren(*words, as_=as_)

    assert result.exit_code == 1
    assert said in result.stderr
    assert everything(given) == before
