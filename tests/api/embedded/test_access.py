import asyncio

import asyncpg
import pytest

from api.embedded.roles import APP, DATABASE, OWNER
from api.embedded.server import EmbeddedServer, Logins
from tests.api.embedded.cluster_tools import ask, provision, superuser


def test_only_the_right_password_gets_in(shared: EmbeddedServer) -> None:
    right = shared.credentials(APP, DATABASE)

    with pytest.raises(asyncpg.InvalidPasswordError):
        ask({**right, "password": shared.password(OWNER)}, "SELECT 1")

    assert ask(right, "SELECT 1") == 1


def test_no_line_of_the_access_file_trusts_anybody(shared: EmbeddedServer) -> None:
    lines = (shared.data_dir / "pg_hba.conf").read_text().splitlines()
    rules = [line.split() for line in lines if line and not line.startswith("#")]

    assert {(rule[0], rule[-1]) for rule in rules} == {("local", "scram-sha-256"), ("host", "reject")}


def test_the_owner_owns_the_database_and_the_application_nothing(shared: EmbeddedServer) -> None:
    owned = """SELECT coalesce(string_agg(classid::regclass::text, ' '), '') FROM pg_shdepend
        WHERE deptype = 'o' AND refobjid = '%s'::regrole"""
    owner_of = "SELECT datdba::regrole::text FROM pg_database WHERE datname = 'zeren'"
    powers = """SELECT bool_or(rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole)
        FROM pg_roles WHERE rolname LIKE 'zeren%'"""

    assert ask(superuser(shared), owner_of) == OWNER
    assert ask(superuser(shared), owned % OWNER) == "pg_database"
    assert ask(superuser(shared), owned % APP) == ""
    assert ask(superuser(shared), powers) is False


@pytest.mark.parametrize("statement", ["CREATE TABLE t ()", "CREATE TEMP TABLE t ()", "CREATE SCHEMA s"])
def test_the_owner_creates_and_the_application_does_not(shared: EmbeddedServer, statement: str) -> None:
    undone = ("BEGIN", statement, "ROLLBACK")

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        ask(shared.credentials(APP, DATABASE), *undone)

    ask(shared.credentials(OWNER, DATABASE), *undone)


def test_the_application_sees_no_other_database(shared: EmbeddedServer) -> None:
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        ask(shared.credentials(APP, "postgres"), "SELECT 1")

    assert ask(shared.credentials(APP, DATABASE), "SELECT current_database()") == DATABASE


def test_provisioning_again_puts_right_what_was_changed(server: EmbeddedServer) -> None:
    server.start()
    logins = provision(server)
    ask(superuser(server), f"ALTER ROLE {APP} BYPASSRLS CREATEDB PASSWORD 'guessed'")

    assert provision(server) == logins

    powers = f"SELECT rolbypassrls OR rolcreatedb FROM pg_roles WHERE rolname = '{APP}'"
    assert ask(superuser(server), powers) is False
    assert ask(logins.app, "SELECT current_user::text") == APP


def test_provisioning_at_the_same_time_does_no_harm(server: EmbeddedServer) -> None:
    async def at_once() -> list[Logins]:
        return await asyncio.gather(*(server.ensure_roles_and_database() for _ in range(4)))

    server.start()

    first, *others = asyncio.run(at_once())

    assert all(other == first for other in others)
    assert ask(first.owner, "SELECT current_user::text") == OWNER
