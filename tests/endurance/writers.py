"""Eight people at work at once, who remember every answer that said yes."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from typing import Any

import httpx2

from tests.api.running import ask
from tests.front_door import SIGN

APPLICANTS = (
    "hn-first-secretary",
    "hn-other-first-secretary",
    "hn-team-member",
    "tw-first-secretary",
    "tw-other-first-secretary",
    "tw-team-member",
)
SIGNERS = ("hn-township-secretary", "tw-township-secretary")
PATIENCE_SECONDS = 20
# What a client may be told while the database or the server is away: come again.
PASSING = {"DATABASE_UNAVAILABLE", "TIMEOUT", "TRANSACTION_CONFLICT"}
LOSERS = {"ALREADY_DECIDED", "ALREADY_SIGNED", "CONFLICT", "NOT_FOUND"}

SUBMIT = """
mutation ($input: LeaveSubmitInput!) {
  leaveSubmit(input: $input) { leave { id request { id } } userErrors { code message } }
}
"""
QUEUE = "{ workQueue(first: 3) { id } }"


@dataclass(slots=True)
class Remembered:
    """`leaves`, `signatures`: global ids of what was acknowledged. `odd`: answers nobody should get."""

    leaves: list[str] = field(default_factory=list)
    signatures: list[tuple[str, str]] = field(default_factory=list)
    told: Counter[str] = field(default_factory=Counter)
    odd: list[str] = field(default_factory=list)

    @property
    def acknowledged(self) -> int:
        return len(self.leaves) + len(self.signatures)


class Writers:
    """Threads that write until they are stopped, through whatever happens to the server meanwhile."""

    _days: Mapping[str, Iterator[date]] = {
        login: (date(2018, 7, 1) + timedelta(days=2 * n) for n in count()) for login in APPLICANTS
    }

    def __init__(self, url: str, tokens: Mapping[str, str]) -> None:
        self.remembered = Remembered()
        self._url, self._tokens = url, tokens
        self._stopped = threading.Event()
        self._threads = [
            threading.Thread(target=self._work, args=(login, act)) for login, act in self._jobs()
        ]

    def _jobs(self) -> Iterator[tuple[str, Callable[[httpx2.Client, str], None]]]:
        yield from ((login, self._submit) for login in APPLICANTS)
        yield from ((login, self._sign) for login in SIGNERS)

    def __enter__(self) -> "Writers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        for thread in self._threads:
            thread.join(PATIENCE_SECONDS)

    def wait_for(self, acknowledged: int) -> None:
        """Until so many writes were acknowledged: a server that writes nothing loses nothing."""
        until = time.monotonic() + PATIENCE_SECONDS
        while self.remembered.acknowledged < acknowledged:
            assert time.monotonic() < until, f"only {self.remembered}"
            time.sleep(0.02)

    def _work(self, login: str, act: Callable[[httpx2.Client, str], None]) -> None:
        headers = {"authorization": f"Bearer {self._tokens[login]}"}
        with httpx2.Client(base_url=self._url, headers=headers, timeout=PATIENCE_SECONDS) as client:
            while not self._stopped.is_set():
                try:
                    act(client, login)
                except httpx2.TransportError:
                    self.remembered.told["the connection broke"] += 1
                    self._stopped.wait(0.02)

    def _submit(self, client: httpx2.Client, login: str) -> None:
        day = next(self._days[login]).isoformat()
        done = self._carried_out(ask(client, SUBMIT, input={"beginsOn": day, "endsOn": day}))
        if done is not None:
            self.remembered.leaves.append(done["leave"]["id"])

    def _sign(self, client: httpx2.Client, login: str) -> None:
        waiting = self._data(ask(client, QUEUE)) or {"workQueue": []}
        for request in waiting["workQueue"]:
            if self._carried_out(ask(client, SIGN, id=request["id"])) is not None:
                self.remembered.signatures.append((request["id"], login))
        if not waiting["workQueue"]:
            self._stopped.wait(0.02)

    def _carried_out(self, answer: dict[str, Any]) -> dict[str, Any] | None:
        data = self._data(answer)
        if data is None:
            return None
        (payload,) = data.values()
        for error in payload["userErrors"]:
            self.remembered.told[error["code"]] += 1
            if error["code"] not in LOSERS:
                self.remembered.odd.append(str(error))
        return None if payload["userErrors"] else payload

    def _data(self, answer: dict[str, Any]) -> dict[str, Any] | None:
        """The data; None where the server said that it could not, which it must say well."""
        for error in answer.get("errors", ()):
            extensions = error.get("extensions", {})
            self.remembered.told[str(extensions.get("code"))] += 1
            if extensions.get("code") not in PASSING or not extensions.get("retriable"):
                self.remembered.odd.append(str(error))
            self._stopped.wait(0.02)
        return None if "errors" in answer else answer["data"]
