"""A fault beneath the operation: the client gets an id, the log where it happened, nobody the data."""

import logging
import re
from typing import Any

import pytest

from tests.client import Client
from tests.conftest import Database
from tests.front_door import SUBMIT, record, rows, submit

PERSON = "110101199001011234"
LOGIN = "hn-first-secretary"
LEAVES = "{ leaves { totalCount nodes { id reason } } }"
DAYS = {"beginsOn": "2018-06-18", "endsOn": "2018-06-19"}

# What is broken behind the application's back, and what PostgreSQL then says, with the row in it.
BREAKS = {
    "a check fails, with the whole row": "ALTER TABLE leaves ADD CHECK (length(reason) <> 18)",
    "a key is there twice": "CREATE UNIQUE INDEX planted ON leaves (reason)",
    "a division by zero": "CREATE INDEX planted ON leaves ((1 / (length(reason) - 18)))",
    "a text is no number": "CREATE INDEX planted ON leaves (((reason || 'x')::integer))",
    "a table is gone": "ALTER TABLE leaves RENAME TO planted",
    "a column is gone": "ALTER TABLE leaves RENAME COLUMN reason TO planted",
    "a right is gone": "REVOKE INSERT ON leaves FROM PUBLIC, zeren_app",
}
TELLING = re.compile(
    r"planted|leaves_|relation|constraint|SELECT|INSERT|Key \(|DETAIL|Failing row|asyncpg|tortoise|"
    r"postgres|Traceback|duplicate|integer|permission",
    re.IGNORECASE,
)


def broken(behind: Database, how: str) -> None:
    rows(behind, BREAKS[how])


def asked(client: Client) -> dict[str, Any]:
    return client.post(SUBMIT, {"input": {**DAYS, "reason": PERSON}}, as_=LOGIN)


@pytest.mark.parametrize("how", BREAKS)
def test_a_fault_of_the_database_tells_the_client_nothing_but_an_id(
    client: Client, demo_database: Database, caplog: pytest.LogCaptureFixture, how: str
) -> None:
    caplog.set_level(logging.DEBUG)
    if how == "a key is there twice":
        submit(client, "hn-team-member", "07-02", "07-02", reason=PERSON)
    broken(demo_database, how)
    before = None if how == "a table is gone" else record(demo_database)

    body = asked(client)

    assert body["data"] is None
    (error,) = body["errors"]
    assert error["message"] == "内部错误"
    assert set(error["extensions"]) == {"code", "errorId"}
    assert error["extensions"]["code"] == "INTERNAL_SERVER_ERROR"
    assert not TELLING.search(str(body))
    assert PERSON not in str(body)
    assert before is None or record(demo_database) == before
    (told,) = (entry for entry in caplog.messages if error["extensions"]["errorId"] in entry)
    assert "sqlstate=" in told
    for words in (PERSON, "Failing row", "Key (", "DETAIL", "演示"):
        assert words not in caplog.text


def test_without_a_fault_the_same_leave_is_taken(client: Client) -> None:
    body = asked(client)

    assert body["data"]["leaveSubmit"]["userErrors"] == []


@pytest.mark.parametrize("how", ["a table is gone", "a column is gone"])
def test_a_fault_while_reading_is_masked_in_both_languages(
    client: Client, demo_database: Database, how: str
) -> None:
    broken(demo_database, how)

    chinese, english = (client.post(LEAVES, as_=LOGIN, accept_language=one) for one in ("zh", "en"))

    assert {error["message"] for error in chinese["errors"]} == {"内部错误"}
    assert {error["message"] for error in english["errors"]} == {"Internal error"}
    assert not TELLING.search(str([chinese, english]))


def test_each_fault_has_an_id_of_its_own(client: Client, demo_database: Database) -> None:
    broken(demo_database, "a table is gone")

    ids = {client.post(LEAVES, as_=LOGIN)["errors"][0]["extensions"]["errorId"] for _ in range(3)}

    assert len(ids) == 3


def test_a_fault_over_a_socket_is_masked_too(client: Client, demo_database: Database) -> None:
    broken(demo_database, "a table is gone")

    body = client.watch(LEAVES, as_=LOGIN)

    assert [error["extensions"]["code"] for error in body["errors"]] == ["INTERNAL_SERVER_ERROR"]
    assert not TELLING.search(str(body))
