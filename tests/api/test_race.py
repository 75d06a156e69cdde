"""Many hands at once, over real connections: each thing is decided once, and the losers are told why."""

import time
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier
from typing import Any, TypeVar
from uuid import UUID

import httpx2
import pytest

from tests import conftest
from tests.api.running import Running, ask, running
from tests.conftest import Database
from tests.front_door import REJECT, SIGN, SUBMIT, WITHDRAW, rows, said

T = TypeVar("T")
CLIENTS = 8
REQUESTS = 30  # of each of two kinds
LOSERS = {"ALREADY_SIGNED", "ALREADY_DECIDED", "CONFLICT"}


@pytest.fixture(scope="module")
def server(shared_demo_database: Database) -> Iterator[Running]:
    with running(shared_demo_database, conftest.tokens()) as served:
        yield served


def together(tasks: Sequence[Callable[[], T]]) -> list[T]:
    """Starts all of them at the same moment, each in a thread of its own."""
    gate = Barrier(len(tasks))

    def started(task: Callable[[], T]) -> T:
        gate.wait()
        return task()

    with ThreadPoolExecutor(len(tasks)) as threads:
        return list(threads.map(started, tasks))


def carried_out(answer: dict[str, Any]) -> dict[str, Any]:
    """The payload of a command, which over HTTP must have met no fault whatever else was going on."""
    assert "errors" not in answer, answer["errors"]
    (payload,) = answer["data"].values()
    return dict(payload)


_days = (date(2018, 7, 1) + timedelta(days=10 * n) for n in range(10_000))


def opened(server: Running, login: str, days: int) -> str:
    """The id of a new request; each leave lies apart from every other."""
    begins = next(_days)
    asked = {"beginsOn": str(begins), "endsOn": str(begins + timedelta(days=days - 1))}
    return str(carried_out(ask(server.asking(login), SUBMIT, input=asked))["leave"]["request"]["id"])


def row_of(request: str) -> UUID:
    return UUID(b64decode(request).decode().partition(":")[2])


def entries(behind: Database, act: str, requests: Sequence[str]) -> Counter[UUID]:
    """How often an act stands in the audit for each of the requests."""
    sql = "SELECT subject_id FROM audit_entries WHERE act = $1 AND subject_id = ANY($2::uuid[])"
    return Counter(row["subject_id"] for row in rows(behind, sql, act, [row_of(id) for id in requests]))


def race(clients: Sequence[httpx2.Client], query: str, request: str, **more: Any) -> list[str]:
    def signing(client: httpx2.Client) -> Callable[[], str]:
        return lambda: said(carried_out(ask(client, query, id=request, **more)))

    return together([signing(client) for client in clients])


def test_thirty_requests_of_one_signature_are_decided_once_each(
    server: Running, shared_demo_database: Database
) -> None:
    requests = [opened(server, "hn-first-secretary", 3) for _ in range(REQUESTS)]
    clients = [server.asking("hn-township-secretary") for _ in range(CLIENTS)]

    began = time.perf_counter()
    heard = [race(clients, SIGN, request) for request in requests]
    print(f"{REQUESTS} × {CLIENTS} signatures in {time.perf_counter() - began:.1f} s")

    assert [answers.count("ALLOW") for answers in heard] == [1] * REQUESTS
    assert {answer for answers in heard for answer in answers} <= {"ALLOW"} | LOSERS
    written = entries(shared_demo_database, "request.approve", requests)
    assert written == {row_of(request): 1 for request in requests}


def test_thirty_requests_of_two_signatures_take_one_of_each_signer(
    server: Running, shared_demo_database: Database
) -> None:
    requests = [opened(server, "hn-first-secretary", 4) for _ in range(REQUESTS)]
    logins = ["hn-bureau-head", "hn-unit-head"] * (CLIENTS // 2)
    clients = [server.asking(login) for login in logins]

    heard = [race(clients, SIGN, request) for request in requests]

    for answers in heard:
        allowed = [login for login, answer in zip(logins, answers, strict=True) if answer == "ALLOW"]
        assert sorted(allowed) == ["hn-bureau-head", "hn-unit-head"]
        assert set(answers) <= {"ALLOW"} | LOSERS
    assert set(entries(shared_demo_database, "request.approve", requests).values()) == {2}
    states = rows(
        shared_demo_database, "SELECT state FROM requests WHERE id = ANY($1)", [row_of(r) for r in requests]
    )
    assert [row["state"] for row in states] == ["approved"] * REQUESTS


def test_yes_no_and_never_mind_at_once_have_one_outcome(
    server: Running, shared_demo_database: Database
) -> None:
    signer, applicant = server.asking("hn-township-secretary"), server.asking("hn-first-secretary")
    requests = [opened(server, "hn-first-secretary", 2) for _ in range(10)]

    for request in requests:
        answers = together(
            [
                lambda id=request: said(carried_out(ask(signer, SIGN, id=id))),
                lambda id=request: said(carried_out(ask(signer, REJECT, id=id, remark="不同意"))),
                lambda id=request: said(carried_out(ask(applicant, WITHDRAW, id=id))),
            ]
        )
        assert answers.count("ALLOW") == 1, answers

    outcomes = [
        entries(shared_demo_database, act, requests)
        for act in ("request.approve", "request.reject", "request.withdraw")
    ]
    assert sum(outcomes, Counter[UUID]()) == {row_of(request): 1 for request in requests}
    followed = """
    SELECT r.state AS request, l.state AS leave FROM requests r JOIN leaves l ON l.id = r.subject_id
    WHERE r.id = ANY($1)
    """
    found = rows(shared_demo_database, followed, [row_of(request) for request in requests])
    assert len(found) == len(requests)
    assert all(row["request"] == row["leave"] != "open" for row in found)


def test_ten_copies_of_a_signature_have_one_effect_and_one_answer(
    server: Running, shared_demo_database: Database
) -> None:
    request = opened(server, "hn-first-secretary", 3)
    clients = [server.asking("hn-township-secretary") for _ in range(10)]

    answers = together([lambda c=client: ask(c, SIGN, id=request, key="once") for client in clients])

    assert all(answer["data"] == answers[0]["data"] for answer in answers)
    assert carried_out(answers[0])["request"]["state"] == "APPROVED"
    assert entries(shared_demo_database, "request.approve", [request]) == {row_of(request): 1}


def test_ten_copies_of_a_leave_are_one_leave(server: Running, shared_demo_database: Database) -> None:
    begins = next(_days)
    asked = {"beginsOn": str(begins), "endsOn": str(begins), "idempotencyKey": "one leave"}
    clients = [server.asking("hn-team-member") for _ in range(10)]
    before = leaves_of(shared_demo_database)

    answers = together([lambda c=client: ask(c, SUBMIT, input=asked) for client in clients])

    assert all(answer["data"] == answers[0]["data"] for answer in answers)
    assert carried_out(answers[0])["leave"]["days"] == "1.0"
    assert leaves_of(shared_demo_database) == before + 1


def leaves_of(behind: Database) -> int:
    (row,) = rows(behind, "SELECT count(*) AS found FROM leaves")
    found: int = row["found"]
    return found


def test_two_leaves_sent_at_once_are_judged_one_after_the_other(
    server: Running, shared_demo_database: Database
) -> None:
    """Two days and the two beside them: whichever comes second is judged as four."""
    clients = [server.asking("hn-other-first-secretary") for _ in range(2)]

    for _ in range(5):
        first = next(_days)
        halves = [(first, first + timedelta(1)), (first + timedelta(2), first + timedelta(3))]
        asked = [{"beginsOn": str(begins), "endsOn": str(ends)} for begins, ends in halves]
        answers = together(
            [
                lambda c=c, i=i: carried_out(ask(c, SUBMIT, input=i))
                for c, i in zip(clients, asked, strict=True)
            ]
        )
        assert sorted(answer["leave"]["daysJudged"] for answer in answers) == ["2.0", "4.0"]


def test_a_post_is_revoked_before_a_signature_or_after_it(
    server: Running, shared_demo_database: Database
) -> None:
    """The signature that was accepted was given by a post that still stood."""
    signer = server.asking("hn-other-township-secretary")
    post = "SELECT id FROM posts WHERE role = 'township_party_secretary' AND code = '410173116000'"
    (held,) = rows(shared_demo_database, post)
    end = "UPDATE posts SET ends_on = '2018-06-15' WHERE id = $1"
    reopen = "UPDATE posts SET ends_on = NULL WHERE id = $1"

    for _ in range(10):
        request = opened(server, "hn-other-first-secretary", 2)
        answer, _ = together(
            [
                lambda id=request: said(carried_out(ask(signer, SIGN, id=id))),
                lambda: str(rows(shared_demo_database, end, held["id"])),
            ]
        )
        signed = rows(
            shared_demo_database, "SELECT recorded_at FROM signatures WHERE request_id = $1", row_of(request)
        )
        assert len(signed) == (answer == "ALLOW")
        assert said(carried_out(ask(signer, SIGN, id=request))) in {
            "NOT_FOUND",
            "FORBIDDEN",
            "ALREADY_DECIDED",
        }
        rows(shared_demo_database, reopen, held["id"])
