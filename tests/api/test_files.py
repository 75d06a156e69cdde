"""Files over HTTP: who may send and fetch them, in which form, and what is refused."""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tenants import attachments, people
from tenants.attachments import Room
from tests.client import Client
from tests.conftest import Database, serving
from tests.front_door import DAY, NODE, acts, arrange, place_of, post_of, record, rows

LOGIN = "hn-first-secretary"
CSV = b"name,days\r\n\xe6\x9d\x8e,3\r\n"
LIMIT = 4096
SEEN = """
query ($id: ID!) {
  node(id: $id) { ... on Attachment { name mediaType size digest url owner { name } } }
}
"""


@pytest.fixture
def client(demo_database: Database, tmp_path: Path) -> Iterator[Client]:
    with serving(demo_database, data_dir=tmp_path, file_limit_bytes=LIMIT) as client:
        yield client


def send(
    client: Client, login: str | None = LOGIN, body: Any = CSV, name: str = "名单.csv", **headers: str
) -> Any:
    if login is not None:
        headers["authorization"] = f"Bearer {client.token(login)}"
    named = {header.replace("_", "-"): value for header, value in headers.items()}
    return client.http.post(
        f"/files?name={quote(name, safe='')}", content=body, headers={"content-type": "text/csv", **named}
    )


def fetch(client: Client, path: str, login: str | None = LOGIN, method: str = "GET", **headers: str) -> Any:
    if login is not None:
        headers["authorization"] = f"Bearer {client.token(login)}"
    return client.http.request(method, path, headers=headers)


def code(answer: Any) -> tuple[int, str]:
    """The status and the code; an answer that is not in the form of errors fails."""
    (error,) = answer.json()["errors"]
    assert set(error) == {"message", "extensions"}
    assert answer.headers["cache-control"] == "no-store"
    return answer.status_code, error["extensions"]["code"]


def on_disk(folder: Path) -> int:
    return sum(path.is_file() for path in (folder / "files").rglob("*"))


def test_a_file_is_sent_and_fetched_as_it_was(
    client: Client, demo_database: Database, tmp_path: Path
) -> None:
    sent = send(client)

    told, digest = sent.json(), hashlib.sha256(CSV).hexdigest()
    assert sent.status_code == 201
    assert (told["name"], told["size"], told["digest"]) == ("名单.csv", len(CSV), digest)
    fetched = fetch(client, told["url"])
    assert (fetched.status_code, fetched.content) == (200, CSV)
    assert fetched.headers["content-disposition"] == (
        "attachment; filename=\"__.csv\"; filename*=UTF-8''%E5%90%8D%E5%8D%95.csv"
    )
    assert fetched.headers["content-type"].startswith("text/csv")
    assert fetched.headers["etag"] == f'"{digest}"'
    for header, value in {"x-content-type-options": "nosniff", "cache-control": "no-store"}.items():
        assert fetched.headers[header] == value
    assert "sandbox" in fetched.headers["content-security-policy"]
    assert acts(demo_database, "attachment.create") == [
        {"type": "text/csv", "size": len(CSV), "digest": digest}
    ]
    assert on_disk(tmp_path) == 1


def test_where_there_is_no_room_nothing_stays(
    client: Client, demo_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "ROOM_OF_PERSON", Room(1, 1))
    assert send(client).status_code == 201
    before = record(demo_database)

    refused = send(client)

    assert code(refused) == (403, "TOO_MANY_FILES")
    assert "每人最多 1 个、共 1 兆字节" in refused.json()["errors"][0]["message"]
    assert record(demo_database) == before
    assert on_disk(tmp_path) == 1
    assert send(client, "hn-unit-head").status_code == 201


def test_head_and_an_unchanged_file_send_no_bytes(client: Client) -> None:
    url = send(client).json()["url"]

    head = fetch(client, url, method="HEAD")
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", str(len(CSV)))
    same = fetch(client, url, **{"if-none-match": head.headers["etag"]})
    assert (same.status_code, same.content) == (304, b"")
    other = fetch(client, url, **{"if-none-match": '"other"'})
    assert (other.status_code, other.content) == (200, CSV)


def test_graphql_shows_what_is_known_of_a_file(client: Client) -> None:
    told = send(client).json()

    seen = client.ask(SEEN, {"id": told["id"]}, as_=LOGIN)["node"]

    assert seen == {
        "name": "名单.csv",
        "mediaType": "text/csv",
        "size": len(CSV),
        "digest": told["digest"],
        "url": told["url"],
        "owner": {"name": "演示第一书记"},
    }
    assert fetch(client, f"/files/{told['id']}").content == CSV
    assert client.ask(NODE, {"id": told["id"]}, as_="hn-unit-head")["node"] is None


def test_a_file_of_others_is_like_none(client: Client) -> None:
    url = send(client).json()["url"]

    for login in ("hn-unit-head", "hn-admin", "tw-admin"):
        assert code(fetch(client, url, login)) == (404, "NOT_FOUND")
    for path in ("/files/none", f"/files/{'0' * 8}-0000-0000-0000-{'0' * 12}", "/files/TGVhdmU6eA=="):
        assert code(fetch(client, path)) == (404, "NOT_FOUND")
    assert fetch(client, "/files/..%2f..%2fetc%2fpasswd").status_code == 404
    assert fetch(client, url).status_code == 200


def test_another_method_is_told_which_are_meant(client: Client) -> None:
    url = send(client).json()["url"]

    for path, method, allowed in (("/files", "GET", "POST"), (url, "DELETE", "GET, HEAD")):
        answer = fetch(client, path, method=method)
        assert code(answer) == (405, "METHOD_NOT_ALLOWED")
        assert answer.headers["allow"] == allowed
    assert fetch(client, url).status_code == 200


def test_nobody_sends_or_fetches_without_signing_in(client: Client, demo_database: Database) -> None:
    url = send(client).json()["url"]
    before = record(demo_database)

    for answer in (
        send(client, None),
        fetch(client, url, None),
        send(client, None, authorization="Bearer x"),
    ):
        assert code(answer) == (401, "UNAUTHENTICATED")
        assert answer.headers["www-authenticate"] == "Bearer"
    assert record(demo_database) == before


def test_a_session_that_has_ended_fetches_nothing(client: Client) -> None:
    url = send(client).json()["url"]

    client.ask("mutation { sessionEnd { userErrors { code } } }", as_=LOGIN)

    assert code(fetch(client, url)) == (401, "UNAUTHENTICATED")
    assert code(send(client)) == (401, "UNAUTHENTICATED")


def test_who_lost_every_post_sends_and_fetches_nothing_more(client: Client, demo_database: Database) -> None:
    url = send(client).json()["url"]
    post = post_of(demo_database, LOGIN)

    arrange(demo_database, "410173000000", lambda: people.end_post(post, DAY))

    assert code(send(client)) == (403, "FORBIDDEN")
    assert code(fetch(client, url)) == (404, "NOT_FOUND")


def test_a_suspended_place_reads_and_takes_nothing(
    client: Client, demo_database: Database, tmp_path: Path
) -> None:
    url = send(client).json()["url"]
    before = record(demo_database)

    place = place_of(demo_database, "410173000000")
    rows(demo_database, "UPDATE places SET state = 'suspended' WHERE id = $1", place)

    assert code(send(client)) == (403, "PLACE_SUSPENDED")
    assert fetch(client, url).content == CSV
    assert (record(demo_database), on_disk(tmp_path)) == (before, 1)


@pytest.mark.parametrize("announced", [True, False], ids=["announced", "streamed"])
def test_more_than_the_limit_is_not_taken(
    client: Client, demo_database: Database, tmp_path: Path, announced: bool
) -> None:
    before = record(demo_database)
    body = b"x" * (LIMIT + 1)

    assert code(send(client, body=body if announced else iter([body]))) == (413, "CONTENT_TOO_LARGE")

    assert (record(demo_database), on_disk(tmp_path)) == (before, 0)
    assert send(client, body=b"x" * LIMIT).status_code == 201
    # GraphQL's bodies have a limit of their own.
    longer = {"query": "{ __typename }", "extensions": {"x": "x" * LIMIT}}
    assert client.http.post("/graphql", json=longer).status_code == 200


@pytest.mark.parametrize(
    ("name", "media_type", "body", "expected"),
    [
        ("a.html", "text/html", b"<html>", (415, "INVALID")),
        ("a.pdf", "application/pdf", b"<html>", (400, "INVALID")),
        ("", "text/csv", CSV, (400, "INVALID")),
        ("a.csv", "text/csv", b"", (400, "INVALID")),
    ],
    ids=["a type not taken", "other bytes", "no name", "no bytes"],
)
def test_what_is_no_file_of_ours_is_refused_in_a_sentence(
    client: Client,
    demo_database: Database,
    tmp_path: Path,
    name: str,
    media_type: str,
    body: bytes,
    expected: tuple[int, str],
) -> None:
    before = record(demo_database)

    answer = send(client, body=body, name=name, content_type=media_type)
    english = send(client, body=body, name=name, content_type=media_type, accept_language="en")

    assert code(answer) == code(english) == expected
    assert answer.json()["errors"][0]["message"].startswith("填写有误")
    assert english.json()["errors"][0]["message"].startswith("This value is not possible")
    assert (record(demo_database), on_disk(tmp_path)) == (before, 0)


def test_sent_again_with_its_key_it_is_the_same_file(client: Client, tmp_path: Path) -> None:
    first, again = send(client, idempotency_key="k"), send(client, idempotency_key="k")

    assert (again.status_code, again.json()) == (201, first.json())
    assert on_disk(tmp_path) == 1
    assert code(send(client, body=b"other", idempotency_key="k")) == (409, "IDEMPOTENCY_KEY_REUSED")
    assert on_disk(tmp_path) == 1
    assert send(client).json()["id"] != first.json()["id"]


def test_bytes_that_are_lost_are_told_apart_from_a_file_that_is_not_there(
    client: Client, tmp_path: Path
) -> None:
    url = send(client).json()["url"]

    for path in (tmp_path / "files").rglob("*"):
        if path.is_file():
            path.unlink()

    assert code(fetch(client, url)) == (500, "FILE_LOST")


def test_a_storage_that_takes_nothing_is_told_as_passing(client: Client, tmp_path: Path) -> None:
    (tmp_path / "files").touch()

    answer = send(client)

    assert code(answer) == (503, "STORAGE_UNAVAILABLE")
    assert answer.json()["errors"][0]["extensions"]["retriable"] is True
    (tmp_path / "files").unlink()
    assert send(client).status_code == 201


def test_files_are_paid_for(demo_database: Database, tmp_path: Path) -> None:
    with serving(demo_database, data_dir=tmp_path, account_rate="1500/1") as client:
        assert send(client).status_code == 201

        limited = send(client)

    assert limited.status_code == 429
    assert limited.json()["errors"][0]["extensions"]["code"] == "RATE_LIMITED"
    assert int(limited.headers["retry-after"]) > 0


def test_another_site_may_ask_for_files_only_where_the_settings_name_it(
    demo_database: Database, tmp_path: Path
) -> None:
    with serving(demo_database, data_dir=tmp_path, cors_origins="https://front.example") as client:
        url = send(client).json()["url"]
        ours = fetch(client, url, origin="https://front.example")
        other = fetch(client, url, origin="https://other.example")

    assert ours.headers["access-control-allow-origin"] == "https://front.example"
    assert "content-disposition" in ours.headers["access-control-expose-headers"].lower()
    assert "access-control-allow-origin" not in other.headers
