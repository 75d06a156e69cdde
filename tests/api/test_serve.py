"""The application over its database: at its start, when rows are held, and when the database is away."""

import re
from typing import Any

from tests.client import Client

DAYS = {"input": {"beginsOn": "2018-06-18", "endsOn": "2018-06-20"}}
OF_THE_APPLICANT = """
SELECT 1 FROM persons p JOIN accounts a ON a.id = p.account_id
WHERE a.login = 'hn-first-secretary' FOR UPDATE OF p
"""
OURS = "FROM pg_stat_activity WHERE datname = current_database() AND usename = $1"


def codes(answer: dict[str, Any]) -> list[dict[str, Any]]:
    return [error["extensions"] for error in answer["errors"]]


def test_it_says_that_it_lives_and_is_ready(reading_client: Client) -> None:
    alive, ready = reading_client.http.get("/health"), reading_client.http.get("/ready")

    assert (alive.status_code, alive.json()) == (200, {"alive": True})
    assert (ready.status_code, ready.json()) == (200, {"ready": True})
    home = reading_client.http.get("/", follow_redirects=False)
    assert home.headers["location"] == "/graphql"


def test_the_page_for_trying_loads_nothing_from_outside(reading_client: Client) -> None:
    page = reading_client.http.get("/graphql", headers={"accept": "text/html"})

    assert page.status_code == 200
    assert "://" not in page.text
    loaded = re.findall(r'(?:src|href)="(/static/[^"]+)"', page.text)
    assert loaded
    for address in loaded:
        assert reading_client.http.get(address).status_code == 200, address


def test_answers_are_kept_by_nobody_and_name_their_language(reading_client: Client) -> None:
    answer = reading_client.http.post(
        "/graphql", json={"query": "{ __typename }"}, headers={"accept-language": "en"}
    )

    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["content-language"] == "en"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "server" not in answer.headers
