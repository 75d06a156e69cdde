"""schemathesis: made-up operations for every root field, asked by nobody and by one person of each role.

A finding is an answer that blames the server, that has no code, or that is not GraphQL at all."""

import os
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import requests
import schemathesis
from graphql import parse_value
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.graphql import nodes

HOUSE = Path(__file__).parents[2]
URL = os.environ["ZEREN_URL"]
EXAMPLES = int(os.environ.get("ZEREN_FUZZ_EXAMPLES", "6"))
PATIENCE_SECONDS = 30
NOBODY = "nobody"
PERSONS = (
    NOBODY,
    "hn-first-secretary",
    "hn-township-secretary",
    "hn-unit-head",
    "gd-first-secretary",
    "hn-admin",
    "hn-auditor",
    "p41-admin",
)
# Each ends the session that the person's other operations ask in; nobody asks them.
ENDS_SESSIONS = {"Mutation.sessionEnd", "Mutation.sessionSwitch"}
# Codes that blame the server; every other error is something that a client may be told.
SERVERS_FAULT = {
    "DATABASE_UNAVAILABLE",
    "INTERNAL_SERVER_ERROR",
    "TIMEOUT",
    "TRANSACTION_CONFLICT",
    "no code",
}
SIGN_IN = """
mutation ($login: String!, $password: String!) {
  sessionOpen(login: $login, password: $password) { session { accessToken } }
}
"""
SOMETHING_TO_FIND = """
mutation { leaveSubmit(input: {beginsOn: "2018-06-18", endsOn: "2018-06-21"}) {
  leave { id person { id } request { id division { id } steps { id } } }
} }
"""
WORDS = (
    "leave",
    "outing",
    "first_secretary",
    "first_secretary>village",
    "coordination_meeting",
    "township_party_committee",
    "410173000000",
    "410173113202",
    "440823",
    "GD",
    "HN",
    "同意",
    "责任" * 200,
)
FACTS = '{{leave_days: {}, who: ["{}"], written: {}}}'
DAYS = st.dates(date(2018, 5, 1), date(2018, 8, 1)) | st.dates()


def main() -> int:
    headers = {login: signed_in(login) for login in PERSONS}
    teach(ids_in(ask(SOMETHING_TO_FIND, {}, headers["hn-first-secretary"])))
    schema = schemathesis.graphql.from_path(HOUSE / "schema" / "schema.graphql")
    schema.config.update(base_url=URL)
    findings: dict[str, None] = {}
    counted: Counter[str] = Counter()
    for found in schema.get_all_operations():
        operation = found.ok()
        for login in PERSONS:
            if login == NOBODY or operation.label not in ENDS_SESSIONS:
                ask_at_random(operation, login, headers[login], findings, counted)
    if not counted["answered with data"]:
        findings["no operation at all was answered with data"] = None
    for finding in findings:
        print(finding)
    print(f"{counted['asked']} operations, {counted['answered with data']} answered with data")
    return 1 if findings else 0


def ask_at_random(
    operation: Any, login: str, headers: dict[str, str], findings: dict[str, None], counted: Counter[str]
) -> None:
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def asked(case: Any) -> None:
        response = case.call(headers=headers, timeout=PATIENCE_SECONDS)
        counted["asked"] += 1
        counted["answered with data"] += brings_data(response)
        for wrong in blames(response):
            findings[f"{operation.label} as {login}: {wrong}  {' '.join(str(case.body).split())[:400]}"] = (
                None
            )

    asked()


def blames(response: Any) -> Iterator[str]:
    """What the answer says against the server."""
    if response.status_code >= 500:
        yield f"HTTP {response.status_code}"
    try:
        errors = response.json().get("errors", [])
    except (ValueError, AttributeError):
        yield "no GraphQL answer"
        return
    for error in errors:
        code = error.get("extensions", {}).get("code", "no code")
        if code in SERVERS_FAULT:
            yield f"{code}: {error.get('message')}"


def brings_data(response: Any) -> bool:
    data = response.json().get("data") if response.status_code < 500 else None
    return bool(data) and any(value is not None for value in data.values())


def teach(ids: list[str]) -> None:
    """Made-up values that now and then mean something: ids of what is there, words, days near the law day."""
    at_eight = DAYS.map(lambda day: f"{day.isoformat()}T08:00:00+08:00")
    facts = st.builds(FACTS.format, st.integers(-2, 400), st.sampled_from(WORDS), st.booleans())
    known = {
        "ID": (st.sampled_from(ids) | st.text()).map(nodes.String),
        "String": (st.sampled_from(WORDS) | st.text()).map(nodes.String),
        "Date": DAYS.map(date.isoformat).map(nodes.String),
        "DateTime": at_eight.map(nodes.String),
        "Decimal": st.decimals(0, 100, places=1).map(str).map(nodes.String),
        "JSON": facts.map(str.lower).map(parse_value) | st.text().map(nodes.String),
    }
    for name, strategy in known.items():
        schemathesis.graphql.scalar(name, strategy)


def ids_in(value: Any) -> list[str]:
    """Every id of an answer."""
    if isinstance(value, dict):
        own = [value["id"]] if isinstance(value.get("id"), str) else []
        return own + [found for part in value.values() for found in ids_in(part)]
    if isinstance(value, list):
        return [found for part in value for found in ids_in(part)]
    return []


def signed_in(login: str) -> dict[str, str]:
    """The header that a person's operations carry; none for nobody."""
    if login == NOBODY:
        return {}
    answer = ask(SIGN_IN, {"login": login, "password": os.environ["ZEREN_PASSWORD"]}, {})
    return {"Authorization": f"Bearer {answer['data']['sessionOpen']['session']['accessToken']}"}


def ask(query: str, variables: dict[str, str], headers: dict[str, str]) -> Any:
    sent = {"query": query, "variables": variables}
    return requests.post(URL, json=sent, headers=headers, timeout=PATIENCE_SECONDS).json()


sys.exit(main())
