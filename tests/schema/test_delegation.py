"""Standing in for somebody (代理): as long as he holds the post, for what was named, and no further."""

from base64 import b64encode
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from policies.access import authority
from tenants import people
from tenants.refusals import Flaw, Refusal, RefusalCode
from tests.client import Client
from tests.conftest import Database
from tests.front_door import (
    DAY,
    arrange,
    offered,
    opened,
    person_of,
    post_of,
    queue,
    record,
    rows,
    said,
    sign,
)
from tests.schema.sessions import ANSWER

COUNTY, TOWNSHIP = "410173000000", "410173113000"
ROLE = "township_party_secretary"
PRINCIPAL, DEPUTY, ANOTHER = "hn-township-secretary", "hn-village-secretary", "hn-team-member"
APPLICANT = "hn-first-secretary"
MAY_SIGN = authority("township_party_committee")
SWITCH = f"mutation ($post: ID) {{ sessionSwitch(post: $post) {ANSWER} }}"


def stand_in(behind: Database, login: str, principal: UUID, **more: Any) -> UUID:
    holder = person_of(behind, login)
    seat = {"role": ROLE, "code": TOWNSHIP, "begins_on": date(2018, 1, 1)} | more

    async def opens() -> UUID:
        return (
            await people.open_post(
                holder, **seat, acting_for_id=principal, limited_to=[MAY_SIGN, "request.read"]
            )
        ).id

    return arrange(behind, COUNTY, opens)


def plant_chain(behind: Database, principal: UUID) -> UUID:
    """An acting post for an acting post, as no operation would open it."""
    planted = uuid4()
    rows(
        behind,
        "INSERT INTO posts"
        " (id, tenant_id, person_id, role, code, begins_on, basis, acting_for_id, limited_to)"
        " SELECT $1, tenant_id, $3, role, code, begins_on, basis, id, limited_to FROM posts WHERE id = $2",
        planted,
        principal,
        person_of(behind, ANOTHER),
    )
    return planted


def end(behind: Database, post: UUID, on: date = DAY) -> None:
    rows(behind, "UPDATE posts SET ends_on = $2 WHERE id = $1", post, on)


@pytest.mark.parametrize("whose", ["his own", "his principal's"])
def test_an_expired_delegation_signs_nothing(client: Client, demo_database: Database, whose: str) -> None:
    principal = post_of(demo_database, PRINCIPAL)
    acting = stand_in(demo_database, DEPUTY, principal)
    first, second = (opened(client, APPLICANT, f"06-{day}", f"06-{day}") for day in (18, 25))
    assert said(sign(client, DEPUTY, first)) == "ALLOW"

    end(demo_database, acting if whose == "his own" else principal)

    before = record(demo_database)
    assert said(sign(client, DEPUTY, second)) == "NOT_FOUND"
    assert queue(client, DEPUTY) == []
    assert record(demo_database) == before


def test_a_delegation_counts_until_the_day_before_its_end(client: Client, demo_database: Database) -> None:
    acting = stand_in(demo_database, DEPUTY, post_of(demo_database, PRINCIPAL))
    request = opened(client, APPLICANT, "06-18", "06-18")

    end(demo_database, acting, DAY + timedelta(days=1))

    assert said(sign(client, DEPUTY, request)) == "ALLOW"


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "另一职务": ({"role": "township_mayor"}, PRINCIPAL),
    "更宽的区划": ({"code": COUNTY}, PRINCIPAL),
    "另一乡镇": ({"code": "410173116000"}, PRINCIPAL),
    "代理自己": ({"role": "village_party_secretary", "code": "410173113202"}, DEPUTY),
}


@pytest.mark.parametrize(("seat", "principal"), WRONG.values(), ids=WRONG)
def test_one_stands_in_where_the_principal_stands_and_never_for_oneself(
    demo_database: Database, seat: dict[str, Any], principal: str
) -> None:
    with pytest.raises(Refusal) as refused:
        stand_in(demo_database, DEPUTY, post_of(demo_database, principal), **seat)

    assert (refused.value.code, refused.value.params["flaw"]) == (RefusalCode.INVALID, Flaw.NOT_TO_ACT_FOR)
    assert rows(demo_database, "SELECT id FROM posts WHERE acting_for_id IS NOT NULL") == []
    assert stand_in(demo_database, DEPUTY, post_of(demo_database, PRINCIPAL))


def test_nobody_stands_in_for_a_post_of_another_county(demo_database: Database) -> None:
    with pytest.raises(Refusal) as refused:
        stand_in(demo_database, DEPUTY, post_of(demo_database, "tw-township-secretary"))

    assert refused.value.code is RefusalCode.NOT_FOUND


def test_a_deputy_appoints_no_deputy(client: Client, demo_database: Database) -> None:
    acting = stand_in(demo_database, DEPUTY, post_of(demo_database, PRINCIPAL))

    with pytest.raises(Refusal) as refused:
        stand_in(demo_database, ANOTHER, acting)
    assert refused.value.params == {"flaw": Flaw.NOT_TO_ACT_FOR}

    # Not even a row that got there in another way lets the deputy's deputy sign, or be named as a holder.
    plant_chain(demo_database, acting)
    request = opened(client, APPLICANT, "06-18", "06-18")
    assert said(sign(client, ANOTHER, request)) == "NOT_FOUND"
    steps = client.ask(
        "query ($id: ID!) { node(id: $id) { ... on Request { steps { holders { id } } } } }",
        {"id": request},
        as_=PRINCIPAL,
    )["node"]["steps"]
    holders = {holder["id"] for step in steps for holder in step["holders"]}
    assert holders == {person_id(demo_database, PRINCIPAL), person_id(demo_database, DEPUTY)}
    assert said(sign(client, DEPUTY, request)) == "ALLOW"


def person_id(behind: Database, login: str) -> str:
    return b64encode(f"Person:{person_of(behind, login)}".encode()).decode()


def test_no_post_of_his_own_lets_a_deputy_sign_for_his_principal(
    client: Client, demo_database: Database
) -> None:
    deputy = "hn-bureau-head"
    seat = seat_of(demo_database, APPLICANT)
    own = str(post_of(demo_database, deputy))
    acting = stand_in(demo_database, deputy, seat.pop("id"), **seat)
    request = opened(client, APPLICANT, "06-18", "06-21")
    before = record(demo_database)

    assert said(sign(client, deputy, request)) == "NOT_FOUND"
    switch(client, deputy, own)
    assert said(sign(client, deputy, request)) == "NOT_FOUND"
    assert queue(client, deputy) == []

    assert record(demo_database) == before
    end(demo_database, acting)
    assert said(sign(client, deputy, request)) == "ALLOW"


def seat_of(behind: Database, login: str) -> dict[str, Any]:
    post = post_of(behind, login)
    (row,) = rows(behind, "SELECT id, role, code, unit_id FROM posts WHERE id = $1", post)
    return dict(row)


def switch(client: Client, login: str, post: str) -> None:
    moved = client.ask(SWITCH, {"post": post}, as_=login)["sessionSwitch"]
    client.tokens[login] = moved["session"]["accessToken"]


def test_who_stands_in_the_acting_post_alone_sees_what_waits_for_it(
    client: Client, demo_database: Database
) -> None:
    acting = stand_in(demo_database, DEPUTY, post_of(demo_database, PRINCIPAL))
    rows(demo_database, "UPDATE posts SET limited_to = $2 WHERE id = $1", acting, f'["{MAY_SIGN}"]')
    request = opened(client, APPLICANT, "06-18", "06-18")

    switch(client, DEPUTY, str(acting))

    assert queue(client, DEPUTY) == [request]
    assert said(sign(client, DEPUTY, request)) == "ALLOW"


def test_who_has_signed_and_then_stands_in_beside_himself_may_not_sign_again(
    client: Client, demo_database: Database
) -> None:
    """His new post reaches the party that is left; his word has been given on this step."""
    request = opened(client, APPLICANT, "06-18", "06-21")
    assert said(sign(client, "hn-bureau-head", request)) == "ALLOW"
    head, deputy = post_of(demo_database, "hn-unit-head"), person_of(demo_database, "hn-bureau-head")

    async def opens() -> UUID:
        unit_head = await people.Post.get(id=head)
        acting = await people.open_post(
            deputy, unit_head.role, unit_head.code, date(2018, 1, 1), unit_id=unit_head.unit_id,
            acting_for_id=head, limited_to=[authority("dispatching_unit"), "request.read"],
        )  # fmt: skip
        return acting.id

    arrange(demo_database, COUNTY, opens)

    assert offered(client, "hn-bureau-head", request)[0] == "ALREADY_SIGNED"
    assert said(sign(client, "hn-bureau-head", request)) == "ALREADY_SIGNED"
    other = opened(client, "hn-team-member", "06-18", "06-21")
    assert offered(client, "hn-bureau-head", other)[0] == "ALLOW"
