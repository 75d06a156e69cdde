"""Records handed in: what the document wants in them, their files, and who reads both.

SC 五（四）: 每月25日前要上报工作开展图文信息. A bulletin has text and a picture, or it is none.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.client import Client
from tests.conftest import Database, serving
from tests.front_door import acts, record, said
from tests.schema.authorization_world import global_id

WRITER, ABOVE, BESIDE = "sc-first-secretary", "sc-township-secretary", "sc-other-first-secretary"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 16
BODIES = {"picture": PNG, "table": b"a table, no picture"}
SUBMIT = """
mutation ($input: RecordSubmitInput!) { recordSubmit(input: $input) {
  record { id kind { id } text contents { id } occurredOn attachments { id mediaType digest }
    person { name } division { code } }
  decision { outcome cites { rule clause quote } }
  userErrors { code message path rule } } }
"""
READ = "{ records { totalCount nodes { id attachments { id url } } } }"
NODE = "query ($id: ID!) { node(id: $id) { id } }"
BULLETIN = {"kind": "monthly_bulletin", "occurredOn": "2018-06-10", "text": "六月帮扶工作开展情况"}


@pytest.fixture
def client(demo_database: Database, tmp_path: Path) -> Iterator[Client]:
    with serving(demo_database, data_dir=tmp_path) as answering:
        yield answering


def sent(client: Client, login: str = WRITER, name: str = "现场.png", body: bytes = PNG) -> str:
    """The id of a file that somebody has sent."""
    kind = "image/png" if body is PNG else "text/plain"
    headers = {"content-type": kind, "authorization": f"Bearer {client.token(login)}"}
    answer = client.http.post(f"/files?name={name}", content=body, headers=headers)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


def fetched(client: Client, login: str, url: str) -> int:
    headers = {"authorization": f"Bearer {client.token(login)}"}
    return int(client.http.get(url, headers=headers).status_code)


def submit(client: Client, login: str = WRITER, **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = client.ask(SUBMIT, {"input": BULLETIN | more}, as_=login)["recordSubmit"]
    return answer


def test_a_bulletin_with_text_and_picture_is_taken(client: Client, demo_database: Database) -> None:
    answer = submit(client, attachments=[sent(client)])

    assert said(answer) == "ALLOW"
    assert answer["decision"]["outcome"] == "MET"
    assert answer["decision"]["cites"] == [
        {"rule": "SC-5.4-4", "clause": "五（四）", "quote": "每月25日前要上报工作开展图文信息"}
    ]
    taken = answer["record"]
    assert [word["id"] for word in taken["contents"]] == ["image", "text"]
    assert [file["mediaType"] for file in taken["attachments"]] == ["image/png"]
    assert (taken["person"]["name"], taken["division"]["code"]) == ("演示第一书记", "513221102200")
    assert len(acts(demo_database, "record.submit")) == 1


@pytest.mark.parametrize(
    ("text", "file", "lacking"),
    [
        ("六月帮扶工作开展情况", None, "图片"),
        ("六月帮扶工作开展情况", "table", "图片"),
        (" ", "picture", "文字"),
        (None, None, "文字；图片"),
    ],
)
def test_a_bulletin_without_one_of_the_two_is_refused_with_the_clause(
    client: Client, demo_database: Database, text: str | None, file: str | None, lacking: str
) -> None:
    files = [sent(client, body=BODIES[file])] if file else []
    before = record(demo_database)

    answer = submit(client, text=text, attachments=files, contents=["text", "image"])

    assert answer["record"] is None
    assert answer["userErrors"] == [
        {
            "code": "CONTENTS_LACKING",
            "message": f"缺少文件要求的内容：{lacking}。「每月25日前要上报工作开展图文信息」",
            "path": ["contents"],
            "rule": "SC-5.4-4",
        }
    ]
    assert record(demo_database) == before


def test_what_nobody_can_see_is_declared(client: Client) -> None:
    """五（四）: 派驻期满，要形成思想总结和高质量的调研报告."""
    report = {"kind": "end_of_term_report", "occurredOn": "2018-06-15", "text": "总结"}

    assert said(submit(client, **report, contents=["reflection_summary"])) == "CONTENTS_LACKING"
    assert said(submit(client, **report, contents=["reflection_summary", "research_report"])) == "ALLOW"


def test_a_county_whose_document_is_silent_takes_what_is_handed_in(client: Client) -> None:
    answer = submit(client, "hn-first-secretary", text=None)

    assert said(answer) == "ALLOW"
    assert answer["decision"]["outcome"] == "UNSPECIFIED"


def test_who_reads_the_record_reads_its_files(client: Client) -> None:
    file = sent(client)
    submit(client, attachments=[file])

    readers = {WRITER: 1, ABOVE: 1, "sc-county-secretary": 1, BESIDE: 0, "hn-first-secretary": 0}
    for login, seen in readers.items():
        found = client.ask(READ, as_=login)["records"]
        assert found["totalCount"] == seen, login
        shown = [one["id"] for node in found["nodes"] for one in node["attachments"]]
        assert shown == [file] * seen, login
        assert (client.ask(NODE, {"id": file}, as_=login)["node"] is not None) is bool(seen), login
        assert fetched(client, login, f"/files/{file}") == (200 if seen else 404), login


def test_a_file_is_one_s_own_and_of_one_record(client: Client, demo_database: Database) -> None:
    mine, others = sent(client), sent(client, ABOVE)
    assert said(submit(client, attachments=[mine])) == "ALLOW"
    before = record(demo_database)

    for taken in (mine, others, global_id("Attachment", uuid4())):
        answer = submit(client, attachments=[taken])
        assert (said(answer), answer["userErrors"][0]["path"]) == ("NOT_FOUND", ["attachments"])
    assert record(demo_database) == before


def test_the_same_key_hands_in_once(client: Client, demo_database: Database) -> None:
    given = {"attachments": [sent(client)], "idempotencyKey": "bulletin-6"}

    first, again = submit(client, **given), submit(client, **given)

    assert first["record"] == again["record"]
    assert first["decision"] == again["decision"]
    assert len(acts(demo_database, "record.submit")) == 1


@pytest.mark.parametrize(
    ("more", "path"),
    [
        ({"occurredOn": "2018-06-16"}, ["occurredOn"]),
        ({"kind": "household_visit"}, ["kind"]),
        ({"contents": ["nonsense"]}, ["contents"]),
    ],
)
def test_what_no_record_can_be_is_refused(
    client: Client, demo_database: Database, more: dict[str, Any], path: list[str]
) -> None:
    file = sent(client)
    before = record(demo_database)

    answer = submit(client, **{"attachments": [file]} | more)

    assert (said(answer), answer["userErrors"][0]["path"]) == ("INVALID", path)
    assert record(demo_database) == before
    assert said(submit(client, attachments=[file], occurredOn="2018-06-15")) == "ALLOW"
