"""A county's own tree: nodes end, are taken up again and are added, unless something rests on them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.client import Client
from tests.conftest import Database
from tests.front_door import ANSWER, acts, person_of, record, rows, said, submit, why
from tests.onboarding import everything
from tests.schema.published import denial, publish

FREE, COUNTY = "621121102000", "621121000000"
SHOWN = "code endsOn officialCode level"
EXCLUDE = f"""
mutation ($codes: [String!]!) {{ divisionsExclude(codes: $codes) {{ divisions {{ {SHOWN} }} {ANSWER} }} }}
"""
TAKE_UP = EXCLUDE.replace("divisionsExclude", "divisionsTakeUp")
ADD = f"""
mutation ($name: String!, $parent: String!, $level: DivisionLevel!) {{
  divisionAdd(name: $name, parent: $parent, level: $level) {{ division {{ id {SHOWN} }} {ANSWER} }}
}}
"""
BELOW = "query ($code: String) { divisions(below: $code) { code endsOn } }"


def exclude(client: Client, *codes: str, login: str = "tw-admin") -> dict[str, Any]:
    return dict(client.ask(EXCLUDE, {"codes": codes}, as_=login)["divisionsExclude"])


def take_up(client: Client, *codes: str, login: str = "tw-admin") -> dict[str, Any]:
    return dict(client.ask(TAKE_UP, {"codes": codes}, as_=login)["divisionsTakeUp"])


def add(
    client: Client, name: str, parent: str = COUNTY, level: str = "TOWNSHIP", login: str = "tw-admin"
) -> dict[str, Any]:
    asked = {"name": name, "parent": parent, "level": level}
    return dict(client.ask(ADD, asked, as_=login)["divisionAdd"])


def below(client: Client, code: str = COUNTY, login: str = "tw-admin") -> list[str]:
    return [node["code"] for node in client.ask(BELOW, {"code": code}, as_=login)["divisions"]]


@pytest.fixture
def free(demo_database: Database) -> str:
    """A township in which nobody holds a post."""
    [row] = rows(
        demo_database,
        "SELECT min(d.code) AS code FROM divisions d WHERE d.parent_code = $1 AND NOT EXISTS"
        " (SELECT 1 FROM posts p WHERE left(p.code, 9) = left(d.code, 9))",
        COUNTY,
    )
    return str(row["code"])


@pytest.fixture
def held(demo_database: Database) -> str:
    """The township of the first secretary."""
    person = person_of(demo_database, "tw-first-secretary")
    [row] = rows(demo_database, "SELECT code FROM posts WHERE person_id = $1", person)
    return f"{row['code'][:9]}000"


def test_an_excluded_node_ends_today_with_all_beneath_it(
    client: Client, demo_database: Database, free: str
) -> None:
    villages = below(client, free)

    answer = exclude(client, free)

    assert answer["divisions"] == [
        {"code": free, "endsOn": "2018-06-15", "officialCode": free, "level": "TOWNSHIP"}
    ]
    assert free not in below(client)
    assert (len(villages) > 3, below(client, free)) == (True, [])
    sql = "SELECT count(*) AS n FROM divisions WHERE left(code, 9) = $1 AND ends_on = '2018-06-15'"
    assert rows(demo_database, sql, free[:9])[0]["n"] == len(villages) + 1
    assert acts(demo_database, "division.exclude") == [{"codes": [free]}]


def test_excluded_again_it_keeps_its_day(client: Client, demo_database: Database, free: str) -> None:
    exclude(client, free)
    rows(demo_database, "UPDATE divisions SET ends_on = '2018-06-01' WHERE code = $1", free)

    answer = exclude(client, free)

    assert (said(answer), answer["divisions"][0]["endsOn"]) == ("ALLOW", "2018-06-01")


def test_what_rests_on_a_node_keeps_it_and_is_told(
    client: Client, demo_database: Database, free: str, held: str
) -> None:
    assert said(submit(client, "tw-first-secretary", "06-18", "06-19")) == "ALLOW"
    before = everything(demo_database) | record(demo_database)

    answer = exclude(client, free, held)

    assert said(answer) == "IN_USE"
    assert (why(answer) or "").startswith(f"仍在使用，不能排除：{held} ")
    assert "个任职" in (why(answer) or "")
    assert "1 个待办步骤" in (why(answer) or "")
    assert everything(demo_database) | record(demo_database) == before


def test_a_node_that_was_left_is_excluded(client: Client, demo_database: Database, held: str) -> None:
    sql = "UPDATE posts SET ends_on = '2018-06-15' WHERE left(code, 9) = $1"
    rows(demo_database, sql, held[:9])

    assert said(exclude(client, held)) == "ALLOW"


def test_a_node_is_taken_up_again(client: Client, demo_database: Database, free: str) -> None:
    villages = below(client, free)
    exclude(client, free)
    rows(demo_database, "DELETE FROM divisions WHERE code = $1", villages[0])

    answer = take_up(client, free)

    assert answer["divisions"][0] == {"code": free, "endsOn": None, "officialCode": free, "level": "TOWNSHIP"}
    assert free in below(client)
    assert below(client, free) == villages


def test_a_village_is_taken_up_with_its_township(client: Client, free: str) -> None:
    village = below(client, free)[0]
    exclude(client, free)

    assert said(take_up(client, village)) == "ALLOW"

    assert free in below(client)
    assert below(client, free) == [village]


def test_what_ended_with_a_township_is_taken_up_with_it(
    client: Client, demo_database: Database, free: str
) -> None:
    kept, gone = (add(client, name, free, "VILLAGE")["division"]["code"] for name in ("演示一队", "演示二队"))
    exclude(client, gone)
    rows(demo_database, "UPDATE divisions SET ends_on = '2018-06-01' WHERE code = $1", gone)
    exclude(client, free)

    assert said(take_up(client, free)) == "ALLOW"

    assert kept in below(client, free)
    assert gone not in below(client, free)


def test_no_node_at_all_is_taken_up(client: Client) -> None:
    before = below(client)

    answer = take_up(client)

    assert (answer["userErrors"], answer["divisions"]) == ([], [])
    assert below(client) == before


def test_a_node_that_no_register_lists_is_added_once(client: Client, demo_database: Database) -> None:
    first, again = add(client, "演示农场"), add(client, "演示农场")

    assert first["division"]["code"] == "621121900000"
    assert again["division"]["id"] == first["division"]["id"]
    assert first["division"]["officialCode"] is None
    village = add(client, "一队", "621121900000", "VILLAGE")
    assert village["division"]["code"] == "621121900900"
    assert "621121900000" in below(client)
    exclude(client, "621121900000")
    assert add(client, "演示农场")["division"]["code"] == "621121901000"
    assert said(add(client, "二队", "621121900000", "VILLAGE")) == "NOT_FOUND"


def test_several_at_once_get_codes_of_their_own(client: Client) -> None:
    with ThreadPoolExecutor(5) as at_once:
        added = list(at_once.map(lambda n: add(client, f"演示{n}场"), range(5)))

    assert sorted(one["division"]["code"] for one in added) == [f"62112190{n}000" for n in range(5)]


def test_what_a_document_denies_at_a_node_is_denied(client: Client, demo_database: Database) -> None:
    county, township = "410173000000", "410173113000"
    publish(demo_database, grants=[denial("anyone", "division.create", "node")])
    before = everything(demo_database)

    assert said(add(client, "演示农场", county, login="hn-admin")) == "FORBIDDEN"
    assert everything(demo_database) == before
    assert said(add(client, "一队", township, "VILLAGE", login="hn-admin")) == "ALLOW"


def test_what_a_document_denies_beneath_a_node_is_denied(client: Client, demo_database: Database) -> None:
    township = below(client, "410173000000", login="hn-admin")[0]
    assert said(take_up(client, township, login="hn-admin")) == "ALLOW"
    both = ("division.create", "division.update")
    publish(demo_database, grants=[denial("anyone", permission, "subtree") for permission in both])
    before = everything(demo_database)

    assert said(take_up(client, township, login="hn-admin")) == "FORBIDDEN"
    assert said(exclude(client, township, login="hn-admin")) == "FORBIDDEN"
    assert said(add(client, "一队", township, "VILLAGE", login="hn-admin")) == "FORBIDDEN"
    assert everything(demo_database) == before


Change = Callable[[Client], dict[str, Any]]
REFUSED: list[tuple[str, Change, str]] = [
    ("县本身", lambda client: exclude(client, COUNTY), "INVALID"),
    ("别县的", lambda client: exclude(client, "440811100000"), "INVALID"),
    ("不是代码", lambda client: exclude(client, "x"), "INVALID"),
    ("太多", lambda client: exclude(client, *["621121101000"] * 101), "INVALID"),
    ("别县的名册", lambda client: take_up(client, "440811100000"), "INVALID"),
    ("名册没有的", lambda client: take_up(client, "621121900000"), "INVALID"),
    ("没有上级", lambda client: add(client, "农场", "440811000000"), "NOT_FOUND"),
    ("隔级", lambda client: add(client, "农场", COUNTY, "VILLAGE"), "INVALID"),
    ("没有名称", lambda client: add(client, " "), "INVALID"),
    ("名称太长", lambda client: add(client, "场" * 65), "INVALID"),
    ("申请人", lambda client: exclude(client, FREE, login="tw-first-secretary"), "FORBIDDEN"),
    ("申请人新增", lambda client: add(client, "农场", login="tw-first-secretary"), "FORBIDDEN"),
    ("省级", lambda client: exclude(client, FREE, login="p62-admin"), "FORBIDDEN"),
    ("邻县管理员", lambda client: exclude(client, FREE, login="mz-admin"), "INVALID"),
]


@pytest.mark.parametrize(("change", "code"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED])
def test_what_cannot_be_changed_stays(
    client: Client, demo_database: Database, change: Change, code: str
) -> None:
    before = everything(demo_database)

    assert said(change(client)) == code
    assert everything(demo_database) == before
