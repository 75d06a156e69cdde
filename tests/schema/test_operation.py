"""One operation is one transaction: a query's writes nothing, whatever its resolvers try."""

from uuid import UUID

import pytest

from tenants import profiles
from tenants.accounts import Account
from tenants.profiles import LawInForce
from tests.client import Client
from tests.conftest import Database
from tests.front_door import opened, rows

FAILURES = "SELECT failures FROM accounts WHERE login = 'hn-admin'"


@pytest.fixture
def meddling(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every operation now also writes to a global table, which the walls between places do not mind."""
    stock = profiles.law_in_force

    async def and_write(profile_id: UUID | None) -> LawInForce:
        await Account.filter(login="hn-admin").update(failures=7)
        return await stock(profile_id)

    monkeypatch.setattr(profiles, "law_in_force", and_write)


@pytest.mark.usefixtures("meddling")
def test_a_query_writes_not_even_a_global_table(client: Client, demo_database: Database) -> None:
    answer = client.post("{ viewer { name } }", as_="hn-first-secretary")

    assert "data" not in answer
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["INTERNAL_SERVER_ERROR"]
    assert [row["failures"] for row in rows(demo_database, FAILURES)] == [0]


@pytest.mark.usefixtures("meddling")
def test_a_mutation_writes(client: Client, demo_database: Database) -> None:
    opened(client, "hn-first-secretary", "06-18", "06-19")

    assert [row["failures"] for row in rows(demo_database, FAILURES)] == [7]
