"""Importing and exporting at the front door: a template, a file that is sent, tried, mended and entered, and
the households as a file again."""

import csv
import io
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.client import Client
from tests.conftest import Database, serving
from tests.tenants import planting

COUNTY, SECRETARY, CADRE = "hn-county-secretary", "hn-township-secretary", "hn-first-secretary"
PATIENCE_SECONDS = 30
START = """
mutation ($input: ImportStartInput!) {
  importStart(input: $input) { job { id label } userErrors { code message path } }
}
"""
TEMPLATE = "mutation { importTemplate(noun: HOUSEHOLDS) { job { id label } userErrors { code message } } }"
EXPORT = """
mutation ($filter: HouseholdFilter, $format: ExportFormat!) {
  householdsExport(filter: $filter, format: $format) { job { id label } userErrors { code message } }
}
"""
REPORT = """
query ($job: ID!, $first: Int!, $skip: Int!) {
  importReport(job: $job, first: $first, skip: $skip) {
    mode dryRun rows objects entered findingCount findings { row column code message }
  }
}
"""
JOB = "query ($id: ID!) { node(id: $id) { ... on Job { state outcome attachment { name mediaType url } } } }"
COUNT = "{ households { totalCount } }"


@pytest.fixture
def client(demo_database: Database, tmp_path: Path) -> Iterator[Client]:
    with serving(demo_database, data_dir=tmp_path, jobs_at_once=1) as client:
        yield client


def send(client: Client, content: bytes, login: str, name: str, kind: str) -> str:
    headers = {"authorization": f"Bearer {client.token(login)}", "content-type": kind}
    answer = client.http.post(f"/files?name={quote(name)}", content=content, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def fetch(client: Client, url: str, login: str) -> Any:
    return client.http.get(url, headers={"authorization": f"Bearer {client.token(login)}"})


def started(client: Client, file: str, login: str, **how: Any) -> dict[str, Any]:
    given = {"noun": "HOUSEHOLDS", "file": file, **how}
    payload: dict[str, Any] = client.ask(START, {"input": given}, as_=login)["importStart"]
    return payload


def ended(client: Client, payload: dict[str, Any], login: str) -> dict[str, Any]:
    assert payload["userErrors"] == []
    latest = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < latest:
        job: dict[str, Any] = client.ask(JOB, {"id": payload["job"]["id"]}, as_=login)["node"]
        if job["state"] not in ("QUEUED", "RUNNING"):
            assert job["state"] == "DONE", job
            return job
        time.sleep(0.05)
    raise AssertionError("the job did not end")


def report(client: Client, payload: dict[str, Any], login: str, first: int = 100, skip: int = 0) -> Any:
    variables = {"job": payload["job"]["id"], "first": first, "skip": skip}
    return client.ask(REPORT, variables, as_=login)["importReport"]


def file_of(number: str = "演示新-1", village: str = "410173113202", income: str = "2800") -> bytes:
    rows = [
        planting.HEADERS,
        [number, village, "在册", "演示户主", "户主", "1962-03-08", "", income, "演示住址", "2014-05-01", ""],
        [number, "", "", "演示配偶", "配偶", "", "", "", "", "", ""],
    ]
    lines = io.StringIO()
    csv.writer(lines).writerows(rows)
    return lines.getvalue().encode("gbk")


def test_a_file_is_tried_mended_and_entered(client: Client) -> None:
    before = client.ask(COUNT, as_=SECRETARY)["households"]["totalCount"]
    wrong = send(client, file_of(income="两千八"), SECRETARY, "演示.csv", "text/csv")

    tried = started(client, wrong, SECRETARY)

    job = ended(client, tried, SECRETARY)
    assert tried["job"]["label"] == "导入贫困户"
    assert job["outcome"] == {"rows": 2, "objects": 1, "entered": 0, "found": 1}
    finding = {"row": 2, "column": "人均年收入（元）", "code": "NOT_A_NUMBER", "message": "不是数字"}
    told = {"mode": "REJECT_EVERYTHING", "dryRun": True, "rows": 2, "objects": 1, "entered": 0}
    assert report(client, tried, SECRETARY) == {**told, "findingCount": 1, "findings": [finding]}
    assert report(client, tried, SECRETARY, skip=1)["findings"] == []
    assert job["attachment"]["name"] == "演示-错误.xlsx"
    assert fetch(client, job["attachment"]["url"], SECRETARY).content[:2] == b"PK"
    assert client.ask(COUNT, as_=SECRETARY)["households"]["totalCount"] == before

    right = send(client, file_of(), SECRETARY, "演示.csv", "text/csv")
    for dry, count in ((True, before), (False, before + 1)):
        entered = started(client, right, SECRETARY, dryRun=dry)
        ended(client, entered, SECRETARY)
        assert report(client, entered, SECRETARY) == {
            **told,
            "dryRun": dry,
            "entered": 1,
            "findingCount": 0,
            "findings": [],
        }
        assert client.ask(COUNT, as_=SECRETARY)["households"]["totalCount"] == count


def test_a_finding_is_told_in_english_to_who_asks_so(client: Client) -> None:
    file = send(client, file_of(village="某村"), SECRETARY, "演示.csv", "text/csv")
    tried = started(client, file, SECRETARY)
    ended(client, tried, SECRETARY)

    variables = {"job": tried["job"]["id"], "first": 1, "skip": 0}
    answer = client.post(REPORT, variables, as_=SECRETARY, accept_language="en")

    [finding] = answer["data"]["importReport"]["findings"]
    assert (finding["code"], finding["message"]) == (
        "UNKNOWN_DIVISION",
        "this place has no such division; please choose from the list",
    )


def test_the_report_is_read_by_whoever_reads_the_job(client: Client) -> None:
    file = send(client, file_of(), SECRETARY, "演示.csv", "text/csv")
    tried = started(client, file, SECRETARY)
    ended(client, tried, SECRETARY)

    assert report(client, tried, SECRETARY) is not None
    assert report(client, tried, "hn-admin") is not None
    for stranger in ("hn-township-mayor", CADRE, "hn-auditor", "tw-admin"):
        assert report(client, tried, stranger) is None
    exported = client.ask(EXPORT, {"format": "CSV"}, as_=SECRETARY)["householdsExport"]
    assert report(client, exported, SECRETARY) is None


def test_what_a_file_must_be_to_be_entered(client: Client) -> None:
    own = send(client, b"%PDF-1.7", SECRETARY, "演示.pdf", "application/pdf")
    assert started(client, own, SECRETARY)["userErrors"] == [
        {"code": "INVALID", "message": "填写有误：导入的文件须是表格（XLSX、XLS 或 CSV）", "path": ["file"]}
    ]
    of_another = send(client, file_of(), "hn-township-mayor", "演示.csv", "text/csv")
    assert [e["code"] for e in started(client, of_another, SECRETARY)["userErrors"]] == ["NOT_FOUND"]
    of_a_cadre = send(client, file_of(), CADRE, "演示.csv", "text/csv")
    assert [e["code"] for e in started(client, of_a_cadre, CADRE)["userErrors"]] == ["FORBIDDEN"]
    assert started(client, send(client, file_of(), SECRETARY, "a.csv", "text/csv"), SECRETARY)["job"]


def test_sent_again_with_its_key_it_is_the_same_job(client: Client) -> None:
    file = send(client, file_of(), SECRETARY, "演示.csv", "text/csv")
    jobs = {started(client, file, SECRETARY, idempotencyKey="k")["job"]["id"] for _ in range(2)}
    assert len(jobs) == 1


def test_a_template_is_made_for_who_may_enter(client: Client) -> None:
    asked = client.ask(TEMPLATE, as_=COUNTY)["importTemplate"]
    job = ended(client, asked, COUNTY)
    assert asked["job"]["label"] == "生成贫困户模板"
    assert job["attachment"]["name"] == "贫困户模板-410173000000.xlsx"
    assert fetch(client, job["attachment"]["url"], COUNTY).status_code == 200
    refused = client.ask(TEMPLATE, as_=CADRE)["importTemplate"]
    assert [error["code"] for error in refused["userErrors"]] == ["FORBIDDEN"]


def exported(client: Client, login: str, form: str = "CSV", **wanted: Any) -> Any:
    asked = client.ask(EXPORT, {"filter": wanted or None, "format": form}, as_=login)["householdsExport"]
    job = ended(client, asked, login)
    return fetch(client, job["attachment"]["url"], login)


def table(answer: Any) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


SEEN = """
query ($filter: HouseholdFilter) {
  households(filter: $filter) { nodes { number members { name idNumberMask } } }
}
"""


@pytest.mark.parametrize(
    ("login", "wanted"),
    [
        ("hn-county-secretary", {}),
        ("hn-county-secretary", {"state": "EXITED"}),
        ("hn-county-secretary", {"division": "410173116000"}),
        (SECRETARY, {}),
        (CADRE, {}),
    ],
)
def test_a_file_has_the_rows_that_the_list_shows(client: Client, login: str, wanted: dict[str, str]) -> None:
    shown = client.ask(SEEN, {"filter": wanted}, as_=login)["households"]["nodes"]
    members = [(one["number"], member["name"]) for one in shown for member in one["members"]]

    rows = table(exported(client, login, **wanted))

    assert sorted((row["户编号"], row["成员姓名"]) for row in rows) == sorted(members)
    assert members != []


def test_what_was_entered_comes_out_as_it_went_in_and_its_numbers_masked(client: Client) -> None:
    number = planting.id_number(planting.date(1962, 3, 8), 901)
    name = '=HYPERLINK("x")'
    content = file_of().decode("gbk").replace("1962-03-08,", f"1962-03-08,{number}")
    content = content.replace("演示住址", f'"{name.replace(chr(34), chr(34) * 2)}"')
    file = send(client, content.encode(), SECRETARY, "演示.csv", "text/csv")
    ended(client, started(client, file, SECRETARY, dryRun=False), SECRETARY)

    answer = exported(client, SECRETARY)

    [head, spouse] = [row for row in table(answer) if row["户编号"] == "演示新-1"]
    assert head["所在村"].endswith("村委会")
    assert (head["户状态"], head["与户主关系"], head["出生日期"]) == ("在册", "户主", "1962-03-08")
    assert head["身份证号"] == f"{number[:4]}************{number[-2:]}"
    assert head["住址"] == f"'{name}"
    assert (spouse["成员姓名"], spouse["与户主关系"]) == ("演示配偶", "配偶")
    assert number not in answer.text


def test_a_workbook_is_written_too(client: Client) -> None:
    answer = exported(client, SECRETARY, "XLSX")
    assert answer.headers["content-type"].startswith(
        "application/vnd.openxmlformats-officedocument.spreadsheetml"
    )
    assert answer.content[:2] == b"PK"
