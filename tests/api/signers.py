"""Everybody of the demonstration, and the question which of them may sign a request."""

from collections.abc import Sequence

from api import demo
from tests.client import Client
from tests.conftest import Database
from tests.front_door import offered, queue, record, said, sign, why

HERE = [found.login for found in demo.sign_ins() if found.login.startswith("hn-")]
ELSEWHERE = ["p41-admin", "p41-auditor", "tw-township-secretary", "tw-bureau-head", "mz-unit-head"]
EVERYBODY = HERE + ELSEWHERE
BOTH = ("hn-bureau-head", "hn-unit-head")


def only_these_may_sign(
    client: Client, behind: Database, request: str, these: Sequence[str], among: Sequence[str] = EVERYBODY
) -> None:
    """Each of the others is told beforehand what he then hears, and nothing changes by his asking."""
    assert {login for login in among if offered(client, login, request)[0] == "ALLOW"} == set(these)
    assert {login for login in among if request in queue(client, login)} == set(these)
    before = record(behind)
    for login in [login for login in among if login not in these]:
        foretold = offered(client, login, request)
        answer = sign(client, login, request)
        assert answer["request"] is None, login
        assert (said(answer), why(answer)) == foretold, login
        assert said(answer) in ("NOT_FOUND", "NOT_YOURS_TO_SIGN", "ALREADY_SIGNED"), login
    assert record(behind) == before
