"""What a hostile client may try: it is told no, at once, and others hardly notice.

Bounds are generous, for machines differ; the numbers measured are printed (pytest -s).
"""

import statistics
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import Event
from typing import Any

import httpx2
import pytest

from tests import conftest
from tests.api.running import Running, ask, running
from tests.conftest import Database

VICTIM = "{ viewer { name waitingCount } leaves { totalCount nodes { id days } } }"
# A client's patience: what the slowest refusal may take on a busy machine.
AT_ONCE_SECONDS = 1.0


@pytest.fixture(scope="module")
def server(shared_demo_database: Database) -> Iterator[Running]:
    # Without the bucket of sign-ins, guessing a password stays as dear for us as it can be.
    off = {"ZEREN_SIGN_IN_RATE": "off", "ZEREN_LOGIN_RATE": "off"}
    with running(shared_demo_database, conftest.tokens(), **off) as served:
        yield served


def bomb(levels: int) -> str:
    """Fragments that each spread the next one twice: 2**levels fields in under two kilobytes."""
    chain = [f"fragment f{n} on Query {{ ...f{n + 1} ...f{n + 1} }}" for n in range(levels)]
    return " ".join(["{ ...f0 }", *chain, f"fragment f{levels} on Query {{ __typename }}"])


def nested(levels: int) -> str:
    return (
        "leaves { nodes { "
        + "request { subject { ... on Leave { " * levels
        + "id"
        + " } } }" * levels
        + " } }"
    )


ATTACKS = {
    "fragments, 24 levels": (bomb(24), {"TOO_MANY_FIELDS", "TOO_MANY_ROOT_FIELDS"}),
    "fragments, 30 levels": (bomb(30), {"TOO_MANY_FIELDS", "TOO_MANY_ROOT_FIELDS"}),
    "fragments in a circle": (
        "{ ...a } fragment a on Query { ...b } fragment b on Query { ...a }",
        {"GRAPHQL_VALIDATION_FAILED"},
    ),
    "a thousand aliases": (
        "{" + " ".join(f"a{n}: __typename" for n in range(1000)) + "}",
        {"TOO_MANY_TOKENS"},
    ),
    "three hundred aliases": (
        "{" + " ".join(f"a{n}: __typename" for n in range(300)) + "}",
        {"TOO_MANY_ALIASES", "TOO_MANY_ROOT_FIELDS"},
    ),
    "ten thousand directives": ("{ __typename " + "@skip(if: false) " * 10_000 + "}", {"TOO_MANY_TOKENS"}),
    "twenty thousand fields": ("{ viewer { " + "name " * 20_000 + "} }", {"TOO_MANY_TOKENS"}),
    "nine hundred repeats": ("{ viewer { " + "name " * 900 + "} }", {"TOO_MANY_FIELDS", "TOO_MANY_REPEATS"}),
    "a deep chain": ("{" + nested(40) + "}", {"QUERY_TOO_DEEP"}),
    "a list in a list in a list": ("{ a(b: " + "[" * 50_000 + "]" * 50_000 + ") }", {"QUERY_TOO_DEEP"}),
    "a hundred sign-ins": (
        "mutation {"
        + " ".join(f's{n}: sessionOpen(login: "a", password: "{n}") {{ __typename }}' for n in range(30))
        + "}",
        {"MUTATION_NOT_SINGLE", "SIGN_IN_REPEATED", "TOO_MANY_ROOT_FIELDS"},
    ),
    "a novel in comments": ("#" + "x" * 200_000 + "\n{ __typename }", set[str]()),
    "comments without end": ("#\n" * 60_000 + "{ __typename }", {"TOO_MANY_TOKENS"}),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_a_document_that_asks_for_too_much_is_refused_at_once(server: Running, attack: str) -> None:
    document, wanted = ATTACKS[attack]
    client = server.asking("hn-first-secretary")
    ask(client, "{ __typename }")

    began = time.perf_counter()
    answer = ask(client, document)
    took = time.perf_counter() - began

    print(f"{attack}: {len(document):,} characters, {took * 1000:.0f} ms")
    assert {error["extensions"]["code"] for error in answer.get("errors", ())} == wanted
    assert took < AT_ONCE_SECONDS


def test_what_is_just_within_the_limits_is_answered(server: Running) -> None:
    client = server.asking("hn-first-secretary")
    aliases = "{ viewer {" + " ".join(f"a{n}: name" for n in range(30)) + "} }"

    assert "errors" not in ask(client, aliases)
    assert "errors" not in ask(client, bomb(4))


def latencies(client: httpx2.Client, count: int = 25) -> list[float]:
    taken = []
    for _ in range(count):
        began = time.perf_counter()
        assert "errors" not in ask(client, VICTIM)
        taken.append(time.perf_counter() - began)
    return taken


def p95(taken: list[float]) -> float:
    return statistics.quantiles(taken, n=20)[-1]


@contextmanager
def meanwhile(attackers: int, attack: Callable[[int], object]) -> Iterator[None]:
    """Attacks again and again from several threads until the block is done."""
    done = Event()

    def attacking(number: int) -> None:
        while not done.is_set():
            attack(number)

    with ThreadPoolExecutor(attackers) as threads:
        started = [threads.submit(attacking, number) for number in range(attackers)]
        try:
            yield
        finally:
            done.set()
        for one in started:
            one.result()


@pytest.mark.parametrize("attack", ["fragments, 30 levels", "nine hundred repeats"])
def test_others_are_still_served_during_an_attack(server: Running, attack: str) -> None:
    victim = server.asking("hn-unit-head")
    latencies(victim, 5)
    attackers = [server.asking() for _ in range(2)]

    quiet = p95(latencies(victim))
    with meanwhile(2, lambda n: ask(attackers[n], ATTACKS[attack][0])):
        attacked = p95(latencies(victim))

    print(f"p95 quiet {quiet * 1000:.0f} ms, {attack} {attacked * 1000:.0f} ms: × {attacked / quiet:.1f}")
    assert attacked < 2


def test_others_are_still_served_while_passwords_are_guessed(server: Running) -> None:
    """Hashing runs in threads, two at a time: it must not hold up what needs no password."""
    victim = server.asking("hn-unit-head")
    attackers = [server.asking() for _ in range(8)]
    guess = 'mutation { sessionOpen(login: "nobody", password: "x") { userErrors { code } } }'

    quiet = p95(latencies(victim))
    with meanwhile(8, lambda n: ask(attackers[n], guess)):
        attacked = p95(latencies(victim))

    print(f"p95 quiet {quiet * 1000:.0f} ms, guesses {attacked * 1000:.0f} ms: × {attacked / quiet:.1f}")
    assert attacked < 2


MEGABYTE = 2**20


def chunks(megabytes: int) -> Iterator[bytes]:
    yield b'{"query": "'
    for _ in range(megabytes):
        yield b" " * MEGABYTE
    yield b'{ __typename }"}'


@pytest.mark.parametrize("chunked", [False, True], ids=["announced", "in chunks"])
def test_a_body_of_64_megabytes_is_not_read(server: Running, chunked: bool) -> None:
    client = server.asking()
    body: Any = chunks(64) if chunked else b"".join(chunks(64))

    began = time.perf_counter()
    try:
        answer = client.post("/graphql", content=body, headers={"content-type": "application/json"})
    except httpx2.TransportError:
        # The server has answered and closed while we were still sending: nothing more was read.
        answer = None
    took = time.perf_counter() - began

    print(f"64 MB: {took:.2f} s")
    if answer is not None:
        assert answer.status_code == 413
        assert answer.json()["errors"][0]["extensions"]["code"] == "CONTENT_TOO_LARGE"
    assert took < 5
    assert ask(server.asking(), "{ __typename }")["data"] == {"__typename": "Query"}


def test_a_small_body_may_come_in_chunks(server: Running) -> None:
    parts = iter([b'{"query": "{ __type', b'name }"}'])

    answer = server.asking().post("/graphql", content=parts, headers={"content-type": "application/json"})

    assert answer.json()["data"] == {"__typename": "Query"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b'[{"query": "{ __typename }"}]',
        b'"{ __typename }"',
        b"1",
        b"{",
        b"{}",
        b'{"query": 1}',
        b'{"query": "{ __typename }", "variables": []}',
        b'{"query": "{ __typename }", "operationName": {}}',
        b'{"query": "\xff"}',
        b'{"query": "{ __typename }", "variables": {"a": "\\ud800"}}',
        b"[" * 50_000 + b"]" * 50_000,
        b'{"variables": ' + b'{"a":' * 40_000 + b"1" + b"}" * 40_000 + b"}",
    ],
    ids=lambda body: body[:30].decode(errors="replace") or "nothing",
)
def test_a_body_that_is_no_question_is_a_bad_request(server: Running, body: bytes) -> None:
    answer = server.asking().post("/graphql", content=body, headers={"content-type": "application/json"})

    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"] == {"code": "BAD_REQUEST"}


@pytest.mark.parametrize(
    "media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"]
)
def test_a_page_of_another_site_cannot_post_a_question(server: Running, media_type: str) -> None:
    """These media types need no leave from the browser; application/json does."""
    body = b'{"query": "{ __typename }"}'

    answer = server.asking().post("/graphql", content=body, headers={"content-type": media_type})

    assert answer.status_code == 415


def test_a_page_of_another_site_gets_no_answer_for_an_image(server: Running) -> None:
    """A browser asks for it without leave, by GET; our own clients say what they take."""
    asked = "/graphql?query={__typename}"

    image = server.asking().get(asked, headers={"accept": "image/avif,image/webp,*/*;q=0.8"})

    assert image.status_code == 406
    assert server.asking().get(asked).json()["data"] == {"__typename": "Query"}
