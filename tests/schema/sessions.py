"""Sessions as a client opens and renews them, and what the database keeps of them."""

from typing import Any

from api.demo import PASSWORD
from tests.client import Client
from tests.conftest import Database
from tests.front_door import rows

HERE, THERE = "410173000000", "621121000000"
LOGIN = "hn-first-secretary"
ANSWER = "{ session { accessToken refreshToken expiresAt } userErrors { code message path } }"
OPEN = f"""
mutation ($login: String!, $password: String!) {{ sessionOpen(login: $login, password: $password) {ANSWER} }}
"""
REFRESH = f"mutation ($token: String!) {{ sessionRefresh(refreshToken: $token) {ANSWER} }}"
SESSIONS = "SELECT * FROM sessions ORDER BY created_at DESC"
VIEWER = """
{ viewer { name place { id name } posts { id role { id } } heldPosts { id } places { name } permissions } }
"""


def open_session(client: Client, login: str = LOGIN, password: str = PASSWORD) -> dict[str, Any]:
    return dict(client.ask(OPEN, {"login": login, "password": password})["sessionOpen"])


def refresh(client: Client, token: str) -> dict[str, Any]:
    return dict(client.ask(REFRESH, {"token": token})["sessionRefresh"])


def with_token(client: Client, token: str, query: str = VIEWER) -> dict[str, Any]:
    return client.post(query, authorization=f"Bearer {token}")


def is_refused(answer: dict[str, Any]) -> bool:
    codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
    assert codes in ([], ["UNAUTHENTICATED"])
    return bool(codes)


def account(behind: Database, login: str = LOGIN) -> dict[str, Any]:
    (row,) = rows(behind, "SELECT * FROM accounts WHERE login = $1", login)
    return dict(row)
