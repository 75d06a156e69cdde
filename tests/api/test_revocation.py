"""What was taken away is gone with the very next request, in every process that serves the same database.

Two servers, each with a pool of its own. What is changed past both of them, by a script beside, is announced
to neither: nothing of what one may do is remembered between two requests.
"""

from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import httpx2
import pytest

from tenants import people
from tests import conftest
from tests.api.running import Running, ask, running
from tests.conftest import Database
from tests.front_door import DAY, NODE, arrange, person_of, place_of, post_of, rows
from tests.schema.published import grant, publish

END = "mutation { sessionEnd { userErrors { code } } }"
Servers = tuple[Running, Running]
Change = Callable[[Database, Running], object]
Mine = Callable[[Database], str]


@pytest.fixture(scope="module")
def servers(shared_demo_database: Database) -> Iterator[Servers]:
    with ExitStack() as both:
        yield (
            both.enter_context(running(shared_demo_database, conftest.tokens())),
            both.enter_context(running(shared_demo_database, conftest.tokens())),
        )


def global_id(kind: str, row: UUID) -> str:
    return b64encode(f"{kind}:{row}".encode()).decode()


def person(login: str) -> Mine:
    return lambda behind: global_id("Person", person_of(behind, login))


def county(code: str) -> Mine:
    return lambda behind: global_id("Place", place_of(behind, code))


def by_sql(statement: str, login: str = "") -> Change:
    """A statement about the person of a login: `$1`."""
    return lambda behind, _: rows(behind, statement, *([person_of(behind, login)] if login else []))


def ends_session(_: Database, server: Running) -> None:
    assert ask(server.asking("tw-township-secretary"), END)["data"]["sessionEnd"] == {"userErrors": []}


def grants_more(behind: Database, _: Running) -> None:
    publish(behind, grants=[grant("village_party_secretary", "person.read", "subtree")])


def grants_less(behind: Database, _: Running) -> None:
    publish(behind)


def stands_in(behind: Database, _: Running) -> None:
    principal, deputy = post_of(behind, "mz-township-mayor"), person_of(behind, "mz-village-secretary")

    async def opens() -> people.Post:
        seat = await people.Post.get(id=principal)
        return await people.open_post(
            deputy,
            seat.role,
            seat.code,
            date(2018, 1, 1),
            acting_for_id=principal,
            limited_to=["person.read"],
        )

    arrange(behind, "440811000000", opens)


@dataclass(frozen=True, slots=True)
class Case:
    """Who sees which object, until what is taken away; `heir`: who sees it from then on. `first`: what makes
    him see it."""

    login: str
    sees: Mine
    revoke: Change
    after: str = "nothing"
    heir: str | None = None
    first: Change | None = None


ENDED = f"UPDATE posts SET ends_on = '{DAY}' WHERE person_id = $1"
DISABLED = """
UPDATE accounts SET disabled_at = now() WHERE id = (SELECT account_id FROM persons WHERE id = $1)
"""
CASES = {
    "任职终止": Case(
        "hn-township-secretary", person("hn-team-member"), by_sql(ENDED, "hn-township-secretary")
    ),
    "会话终止": Case("tw-township-secretary", person("tw-team-member"), ends_session, "UNAUTHENTICATED"),
    "账号停用": Case(
        "sc-township-secretary",
        person("sc-team-member"),
        by_sql(DISABLED, "sc-township-secretary"),
        "UNAUTHENTICATED",
    ),
    "人员移出本地": Case(
        "mz-township-secretary",
        person("mz-team-member"),
        by_sql("UPDATE persons SET account_id = NULL WHERE id = $1", "mz-township-secretary"),
        "UNAUTHENTICATED",
    ),
    "村划到另一乡镇": Case(
        "gd-township-secretary",
        person("gd-team-member"),
        by_sql("UPDATE posts SET code = '440825103901' WHERE person_id = $1", "gd-team-member"),
        heir="gd-other-township-secretary",
    ),
    "县并入另一省": Case(
        "p51-admin",
        county("513221000000"),
        by_sql("UPDATE places SET code = '440299000000' WHERE code = '513221000000'"),
        heir="p44-admin",
    ),
    "新版本少授一项": Case("hn-village-secretary", person("hn-team-member"), grants_less, first=grants_more),
    "被代理人卸任": Case(
        "mz-village-secretary",
        person("mz-team-member"),
        by_sql(ENDED, "mz-township-mayor"),
        first=stands_in,
    ),
}


def seen(client: httpx2.Client, id: str) -> str:
    """`it`, `nothing`, or the code that the whole operation was refused with."""
    answer = ask(client, NODE, id=id)
    codes = [error["extensions"]["code"] for error in answer.get("errors", ())]
    return codes[0] if codes else "it" if answer["data"]["node"] else "nothing"


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_very_next_request_sees_it_everywhere(
    servers: Servers, shared_demo_database: Database, case: Case
) -> None:
    one = servers[0]
    mine, heirs = ([s.asking(login) for s in servers] for login in (case.login, case.heir or case.login))
    if case.first is not None:
        assert [seen(client, case.sees(shared_demo_database)) for client in mine] == ["nothing"] * 2
        case.first(shared_demo_database, one)
    id = case.sees(shared_demo_database)
    assert [seen(client, id) for client in mine] == ["it"] * 2
    assert case.heir is None or [seen(client, id) for client in heirs] == ["nothing"] * 2

    case.revoke(shared_demo_database, one)

    assert [seen(client, id) for client in reversed(mine)] == [case.after] * 2
    assert case.heir is None or [seen(client, id) for client in reversed(heirs)] == ["it"] * 2
