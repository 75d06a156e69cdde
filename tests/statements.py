"""The statements of an operation, as they go to the database."""

from typing import Any

import pytest

from tenants.asyncpg_client import ScopedClient, ScopedTransaction

WAYS = (
    "execute_query",
    "execute_query_dict",
    "execute_insert",
    "execute_many",
    "execute_counted",
    "fetch_value",
)


def heard(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement with values that is sent from now on."""
    statements: list[str] = []

    def listen(client: type, name: str) -> None:
        stock = getattr(client, name)

        async def told(self: Any, sql: str, *values: Any) -> Any:
            statements.append(sql)
            return await stock(self, sql, *values)

        monkeypatch.setattr(client, name, told)

    for client in (ScopedClient, ScopedTransaction):
        for name in WAYS:
            listen(client, name)
    return statements
