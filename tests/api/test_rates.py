"""Who may take how much: by account, by place, by address, and stricter where a secret is tried."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from httpx2 import Response

from api.replies import GRAPHQL_RESPONSE, JSON
from schema.buckets import Rate
from schema.charges import REFUSED_DOCUMENT, Ledger, Payer
from schema.errors import PublicError
from tests.api.running import running
from tests.client import SIGN_IN, Client
from tests.conftest import Database, serving
from tests.front_door import record

VIEWER = "{ viewer { name } }"  # one point
WRONG = {"login": "hn-admin", "password": "not the password"}


@contextmanager
def limited(database: Database, **rates: str) -> Iterator[Client]:
    """The application with these rates, which hardly restore anything while a test runs."""
    off = {f"{name}_rate": "off" for name in ("account", "place", "address", "sign_in", "login")}
    with serving(database, **{**off, **rates}) as client:
        yield client


def sent(client: Client, query: str, login: str | None = None, accept: str = JSON, **more: Any) -> Response:
    headers = {"accept": accept}
    if login:
        headers["authorization"] = f"Bearer {client.token(login)}"
    answer: Response = client.http.post("/graphql", json={"query": query, **more}, headers=headers)
    return answer


def asked(client: Client, login: str | None, times: int, query: str = VIEWER) -> list[int]:
    return [sent(client, query, login).status_code for _ in range(times)]


def refused(response: Response) -> dict[str, Any]:
    (error,) = response.json()["errors"]
    extensions: dict[str, Any] = error["extensions"]
    return extensions


def test_an_answer_says_what_it_cost_and_what_is_left(shared_demo_database: Database) -> None:
    with limited(shared_demo_database, account_rate="100/0.001") as client:
        first = sent(client, VIEWER, "hn-admin").json()["extensions"]["cost"]
        second = sent(client, "{ viewer { name unreadCount } }", "hn-admin").json()["extensions"]["cost"]

    assert first == {
        "requestedQueryCost": 1,
        "throttleStatus": {"maximumAvailable": 100, "currentlyAvailable": 99, "restoreRate": 0.001},
    }
    assert second["requestedQueryCost"] == 11
    assert second["throttleStatus"]["currentlyAvailable"] == 88


@pytest.mark.parametrize("accept", [JSON, GRAPHQL_RESPONSE])
def test_who_has_nothing_left_is_told_when_to_come_back(shared_demo_database: Database, accept: str) -> None:
    with limited(shared_demo_database, account_rate="5/0.01") as client:
        assert asked(client, "hn-admin", 5) == [200] * 5
        answer = sent(client, VIEWER, "hn-admin", accept)

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "100")
    assert answer.headers["content-type"] == f"{accept}; charset=utf-8"
    assert "data" not in answer.json()
    assert refused(answer) == {
        "code": "RATE_LIMITED",
        "retriable": True,
        "retryAfterSeconds": 100,
        "exhausted": "ACCOUNT",
    }
    assert answer.json()["errors"][0]["message"] == "请求太频繁，请 100 秒后再试"


def test_one_person_leaves_his_colleagues_their_share(shared_demo_database: Database) -> None:
    with limited(shared_demo_database, account_rate="5/0.001", place_rate="12/0.001") as client:
        assert asked(client, "hn-admin", 7) == [200] * 5 + [429] * 2
        assert asked(client, "hn-auditor", 5) == [200] * 5
        # Two are left of the twelve of the whole place: only those who ask now pay for that.
        third = [sent(client, VIEWER, "hn-unit-head") for _ in range(3)]
        assert asked(client, "tw-admin", 5) == [200] * 5

    assert [answer.status_code for answer in third] == [200, 200, 429]
    assert refused(third[2])["exhausted"] == "PLACE"


def test_an_account_has_one_bucket_in_all_its_sessions(shared_demo_database: Database) -> None:
    with limited(shared_demo_database, account_rate="300/0.001") as client:
        again = client.ask(SIGN_IN, {"login": "sc-admin", "password": "zeren-demo-2018"})["sessionOpen"]
        for _ in range(150):
            sent(client, VIEWER, "sc-admin")
        client.tokens["again"] = again["session"]["accessToken"]

        status = sent(client, VIEWER, "again").json()["extensions"]["cost"]["throttleStatus"]

    assert status["currentlyAvailable"] == 300 - 151


def test_who_is_not_signed_in_pays_by_his_address(shared_demo_database: Database) -> None:
    terms = "{ terms(category: ORGAN) { id } }"
    with limited(shared_demo_database, address_rate="100/0.001") as client:
        assert asked(client, None, 3, terms) == [200, 200, 429]
        assert asked(client, "hn-admin", 3, terms) == [200] * 3
        headers = {
            "x-forwarded-for": "203.0.113.9",
            "forwarded": "for=203.0.113.9",
            "x-real-ip": "203.0.113.9",
        }
        elsewhere = client.http.post("/graphql", json={"query": terms}, headers=headers)
        forged = client.http.post(
            "/graphql", json={"query": terms}, headers={"authorization": "Bearer x.y.z"}
        )

    assert (elsewhere.status_code, forged.status_code) == (429, 429)


def test_a_refused_document_is_paid_for_too(shared_demo_database: Database) -> None:
    with limited(shared_demo_database, address_rate=f"{2 * REFUSED_DOCUMENT}/0.001") as client:
        codes = [refused(sent(client, query))["code"] for query in ("{", "{nothing}", "{", VIEWER)]

    assert codes == ["GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "RATE_LIMITED", "RATE_LIMITED"]


def test_a_name_that_no_operation_has_makes_no_document_free(shared_demo_database: Database) -> None:
    with limited(shared_demo_database, address_rate=f"{2 * REFUSED_DOCUMENT}/0.001") as client:
        codes = [refused(sent(client, "{nothing}", operationName="Nobody"))["code"] for _ in range(3)]

    assert codes == ["OPERATION_RESOLUTION_FAILURE"] * 2 + ["RATE_LIMITED"]


def test_a_refused_operation_takes_nothing(shared_demo_database: Database) -> None:
    terms = "{ terms(category: ORGAN) { id } }"
    with limited(shared_demo_database, address_rate="70/0.001") as client:
        assert asked(client, None, 4, terms) == [200, 429, 429, 429]
        assert asked(client, None, 2, "{ __typename }") == [200, 200]


def test_passwords_are_tried_slowly_for_one_login(demo_database: Database) -> None:
    with limited(demo_database, login_rate="3/0.001") as client:
        tries = [sent(client, SIGN_IN, variables=WRONG) for _ in range(3)]
        before = record(demo_database)
        more = [
            sent(client, SIGN_IN, variables={**WRONG, "login": login})
            for login in ("hn-admin", " HN-Admin ", "hn-ADMIN")
        ]
        literal = sent(client, 'mutation { sessionOpen(login: "hn-admin", password: "x") { __typename } }')
        default = sent(
            client,
            'mutation ($l: String! = "hn-admin") { ...F } fragment F on Mutation {'
            ' sessionOpen(login: $l, password: "x") { __typename } }',
        )
        other = sent(client, SIGN_IN, variables={"login": "hn-auditor", "password": "zeren-demo-2018"})

        assert record(demo_database) == before
    assert [answer.status_code for answer in tries] == [200] * 3
    for answer in (*more, literal, default):
        assert (answer.status_code, refused(answer)["exhausted"]) == (429, "LOGIN")
    assert other.json()["data"]["sessionOpen"]["userErrors"] == []


def test_passwords_are_tried_slowly_from_one_address(demo_database: Database) -> None:
    with limited(demo_database, sign_in_rate="3/0.001") as client:
        tries = [sent(client, SIGN_IN, variables={**WRONG, "login": f"guess-{n}"}) for n in range(4)]
        token = client.token("hn-admin")
        with_a_token = sent(client, SIGN_IN, "hn-admin", variables={**WRONG, "login": "guess-5"})
        refresh = sent(client, 'mutation { sessionRefresh(refreshToken: "x") { __typename } }')

        assert asked(client, "hn-admin", 2) == [200, 200]
    assert token
    assert [answer.status_code for answer in tries] == [200, 200, 200, 429]
    for answer in (tries[3], with_a_token, refresh):
        assert refused(answer)["exhausted"] == "SIGN_IN"


def test_over_a_socket_the_same_is_paid(shared_demo_database: Database) -> None:
    counts = "subscription { workQueueChanged { waitingCount } }"  # eleven points
    with limited(shared_demo_database, account_rate="13/0.001") as client:
        subscribed = client.watch(counts, as_="hn-admin")
        asked_once = client.watch(VIEWER, as_="hn-admin")
        refusals = [client.watch(query, as_="hn-admin") for query in (counts, "{", VIEWER)]

    assert [answer["extensions"]["cost"]["requestedQueryCost"] for answer in (subscribed, asked_once)] == [
        11,
        1,
    ]
    assert asked_once["extensions"]["cost"]["throttleStatus"]["currentlyAvailable"] == 1
    codes = [answer["errors"][0]["extensions"]["code"] for answer in refusals]
    assert codes == ["RATE_LIMITED", "GRAPHQL_PARSE_FAILED", "RATE_LIMITED"]


def test_what_a_person_does_all_day_meets_no_limit(shared_demo_database: Database) -> None:
    with serving(shared_demo_database) as client:
        for _ in range(100):
            client.ask("{ viewer { name waitingCount } leaves { totalCount nodes { id } } }", as_="hn-admin")


class Asking:
    def __init__(self, address: str) -> None:
        self.claims, self.address = None, address


@pytest.mark.parametrize(
    ("one", "other", "is_one_party"),
    [
        ("203.0.113.7", "203.0.113.7", True),
        ("203.0.113.7", "203.0.113.8", False),
        ("2001:db8:1:2::1", "2001:db8:1:2:ffff::9", True),
        ("2001:db8:1:2::1", "2001:db8:1:3::1", False),
        ("::ffff:203.0.113.7", "203.0.113.7", True),
        ("::ffff:203.0.113.7", "::ffff:203.0.113.8", False),
        ("testclient", "other", False),
    ],
)
def test_an_address_is_a_party(one: str, other: str, is_one_party: bool) -> None:
    ledger = Ledger({Payer.ADDRESS: Rate(10, 1)}, clock=lambda: 0)

    ledger.charge(Asking(one), 10)

    if is_one_party:
        with pytest.raises(PublicError):
            ledger.charge(Asking(other), 1)
    else:
        ledger.charge(Asking(other), 10)


def test_time_gives_back_what_was_taken() -> None:
    now = 0.0
    ledger = Ledger({Payer.ADDRESS: Rate(10, 2)}, clock=lambda: now)
    asker = Asking("203.0.113.7")

    states = [ledger.charge(asker, 10)]
    now = 4.9
    with pytest.raises(PublicError):
        ledger.charge(asker, 10)
    now = 5.0
    states.append(ledger.charge(asker, 10))

    assert [state and state.left for state in states] == [0, 0]


FROM_EACH = ("203.0.113.1", "203.0.113.2", "203.0.113.1", "198.51.100.1, 203.0.113.2")


@pytest.mark.parametrize(
    ("settings", "answered"),
    [({}, [200, 429, 429, 429]), ({"ZEREN_TRUSTED_PROXIES": "127.0.0.1"}, [200, 200, 429, 429])],
    ids=["nobody is believed", "a named proxy is believed"],
)
def test_who_says_where_he_comes_from(
    shared_demo_database: Database, settings: dict[str, str], answered: list[int]
) -> None:
    """The proxy adds an address to the right of what the client itself wrote."""
    body = {"query": "{ terms(category: ORGAN) { id } }"}
    with running(shared_demo_database, {}, ZEREN_ADDRESS_RATE="60/0.001", **settings) as server:
        client = server.asking()
        found = [
            client.post("/graphql", json=body, headers={"x-forwarded-for": address}) for address in FROM_EACH
        ]

    assert [answer.status_code for answer in found] == answered
