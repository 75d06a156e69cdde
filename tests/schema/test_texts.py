"""What a client may write: texts as long as they are kept, days that no time zone runs over."""

from typing import Any

import pytest

from tests.client import Client
from tests.conftest import Database
from tests.front_door import FILE, REJECT, SIGN, SUBMIT, opened, record, said

DAYS = {"beginsOn": "2018-06-18", "endsOn": "2018-06-21"}
OUTING = {
    "purpose": "coordination_meeting",
    "destination": "郑州市",
    "departsAt": "2018-06-18T08:00:00",
    "returnsOn": "2018-06-20",
}
LOGIN = "hn-first-secretary"


@pytest.mark.parametrize(
    ("query", "base", "field", "most"),
    [
        (SUBMIT, DAYS, "reason", 500),
        (SUBMIT, DAYS, "justification", 500),
        (SUBMIT, DAYS, "idempotencyKey", 128),
        (FILE, OUTING, "destination", 200),
        (FILE, OUTING, "justification", 500),
        (FILE, OUTING, "idempotencyKey", 128),
    ],
)
def test_a_text_is_kept_whole_or_refused(
    client: Client, demo_database: Database, query: str, base: dict[str, str], field: str, most: int
) -> None:
    before = record(demo_database)

    def asked(text: str) -> dict[str, Any]:
        (answer,) = client.ask(query, {"input": {**base, field: text}}, as_=LOGIN).values()
        return dict(answer)

    for text in ("长" * (most + 1), "有\0空"):
        answer = asked(text)
        assert (said(answer), answer["userErrors"][0]["path"]) == ("INVALID", [field])
    assert record(demo_database) == before
    assert said(asked("长" * most)) == "ALLOW"


def test_a_remark_is_kept_whole_or_refused(client: Client, demo_database: Database) -> None:
    request = opened(client, LOGIN, "06-18", "06-21")
    before = record(demo_database)

    for query in (SIGN, REJECT):
        for remark in ("长" * 501, "有\0空"):
            (answer,) = client.ask(query, {"id": request, "remark": remark}, as_="hn-unit-head").values()
            assert (said(answer), answer["userErrors"][0]["path"]) == ("INVALID", ["remark"])
    assert record(demo_database) == before

    (signed,) = client.ask(SIGN, {"id": request, "remark": "长" * 500}, as_="hn-unit-head").values()
    assert said(signed) == "ALLOW"


@pytest.mark.parametrize(
    ("query", "base", "field", "value"),
    [
        (SUBMIT, DAYS, "endsOn", "9999-12-31"),
        (SUBMIT, DAYS, "beginsOn", "0001-01-01"),
        (SUBMIT, DAYS, "endsOn", "2100-01-01"),
        (SUBMIT, DAYS, "endsOn", "2018-06-31"),
        (SUBMIT, DAYS, "endsOn", "明天"),
        (FILE, OUTING, "departsAt", "9999-12-31T23:59:59-12:00"),
        (FILE, OUTING, "departsAt", "0001-01-01T00:00:00+14:00"),
        (FILE, OUTING, "departsAt", "08:00"),
    ],
)
def test_a_day_at_the_ends_of_the_calendar_is_bad_input(
    client: Client, demo_database: Database, query: str, base: dict[str, str], field: str, value: str
) -> None:
    before = record(demo_database)

    answer = client.post(query, {"input": {**base, field: value}}, as_=LOGIN)

    assert {error["extensions"]["code"] for error in answer["errors"]} == {"BAD_USER_INPUT"}
    assert record(demo_database) == before


def test_a_leave_of_a_year_is_judged_and_a_longer_one_refused(
    client: Client, demo_database: Database
) -> None:
    before = record(demo_database)

    def asked(ends: str) -> dict[str, Any]:
        days = {"beginsOn": "2018-06-18", "endsOn": ends}
        return dict(client.ask(SUBMIT, {"input": days}, as_=LOGIN)["leaveSubmit"])

    for ends in ("2019-06-19", "2099-12-31"):
        answer = asked(ends)
        assert (said(answer), answer["userErrors"][0]["path"]) == ("INVALID", ["endsOn"])
    assert record(demo_database) == before
    assert asked("2019-06-18")["leave"]["days"] == "366.0"


@pytest.mark.parametrize(("field", "value"), [("purpose", "shopping"), ("purpose", "first_secretary")])
def test_a_purpose_is_a_word_for_an_activity(
    client: Client, demo_database: Database, field: str, value: str
) -> None:
    before = record(demo_database)

    (answer,) = client.ask(FILE, {"input": {**OUTING, field: value}}, as_=LOGIN).values()

    assert (said(answer), answer["userErrors"][0]["path"]) == ("INVALID", [field])
    assert record(demo_database) == before


@pytest.mark.parametrize(
    "asked",
    ['after: "x"', f'after: "{"4" * 200}"', 'filter: {code: "41"}', f'filter: {{name: "{"长" * 65}"}}'],
)
def test_a_list_of_places_refuses_what_no_place_can_be_called(reading_client: Client, asked: str) -> None:
    answer = reading_client.post(f"{{ places({asked}) {{ code }} }}", as_="p41-admin")

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["BAD_USER_INPUT"]


def test_a_list_of_places_goes_on_after_a_code_and_looks_for_a_name(reading_client: Client) -> None:
    after = reading_client.ask('{ places(after: "410000000000") { code } }', as_="p41-admin")
    named = reading_client.ask('{ places(filter: {name: "航空港"}) { code } }', as_="p41-admin")

    assert after == named == {"places": [{"code": "410173000000"}]}
