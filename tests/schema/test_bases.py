"""The document under which a county is onboarded: of a place above, in force, and passing its checks."""

from uuid import uuid4

import pytest

from tenants import places, profile_reviews
from tenants.places import PlaceKind
from tests.client import Client
from tests.conftest import Database
from tests.front_door import arrange, place_of, rows, said, why
from tests.onboarding import ONBOARD, everything, onboard

COUNTY, GD = "440823", "440000000000"
NOBODY = {"name": "演示", "login": "nobody-yet"}


def publish(
    behind: Database, owner: str, name: str, *changes: str, from_day: str = "2018-01-01", source: str = GD
) -> None:
    """A version of a place's profile as it may stand in the database, whoever let it in: the source's newest,
    with each change `from→to`."""
    sql = "SELECT id, text FROM profiles WHERE owner_id = $1 ORDER BY version DESC LIMIT 1"
    [newest] = rows(behind, sql, place_of(behind, source))
    text = newest["text"]
    for old, _, new in (change.partition("→") for change in changes):
        assert old in text
        text = text.replace(old, new)
    sql = """
    INSERT INTO profiles SELECT $1::uuid, $2::uuid, $3, version + 1, $4, $5, parent_id, document_id,
           $6::text::date, drafted_by, published_by, published_at FROM profiles WHERE id = $7
    """
    place = place_of(behind, owner)
    rows(behind, sql, uuid4(), place, name, uuid4().hex, text, from_day, newest["id"])
    rows(behind, "UPDATE places SET law_place_id = id WHERE id = $1", place)


def found_prefecture(behind: Database, code: str = "440800000000") -> None:
    async def founded() -> None:
        parent, kind = place_of_province, PlaceKind.PREFECTURE
        await places.found(uuid4(), code=code, name="演示市", kind=kind, parent_id=parent)

    place_of_province = place_of(behind, GD)
    arrange(behind, GD, founded)


def test_a_profile_that_fails_its_checks_is_no_base(client: Client, demo_database: Database) -> None:
    publish(demo_database, GD, "GD", "要从严管理→要从宽管理")
    before = everything(demo_database)

    answer = onboard(client, "p44-admin", COUNTY, base="GD")

    assert (said(answer), answer["userErrors"][0]["path"]) == ("PROFILE_FAILS", ["baseProfile"])
    assert "存文里没有这句话" in (why(answer) or "")
    assert everything(demo_database) == before


def test_a_profile_that_cannot_be_read_is_no_base(client: Client, demo_database: Database) -> None:
    found_prefecture(demo_database)
    publish(demo_database, "440800000000", "ZJ", "kind: text→kind: nonsense")
    before = everything(demo_database)

    assert said(onboard(client, "p44-admin", COUNTY, base="ZJ")) == "PROFILE_FAILS"
    assert everything(demo_database) == before


def test_a_prefecture_s_profile_is_a_base_below_it_only(client: Client, demo_database: Database) -> None:
    found_prefecture(demo_database)
    head = ("id: GD\n→id: ZJ\n", '"440000000000"→"440800000000"', "level: province→level: prefecture")
    publish(demo_database, "440800000000", "ZJ", *head)

    assert said(onboard(client, "p44-admin", "440103", base="ZJ")) == "INVALID"
    under = onboard(client, "p44-admin", COUNTY, base="ZJ")
    beside = onboard(client, "p44-admin", "440882", base="GD")

    assert under["place"]["profile"] == {"id": "ZJ", "isInherited": True, "version": 2}
    assert beside["place"]["profile"] == {"id": "GD", "isInherited": True, "version": 1}
    parents = rows(
        demo_database,
        "SELECT p.code FROM places c JOIN places p ON p.id = c.parent_id WHERE c.code = ANY($1)",
        ["440823000000", "440882000000"],
    )
    assert [row["code"] for row in parents] == ["440800000000"] * 2


def test_a_profile_of_another_day_is_no_base(client: Client, demo_database: Database) -> None:
    publish(demo_database, GD, "LATER", "id: GD\n→id: LATER\n", from_day="2019-01-01")
    before = everything(demo_database)

    assert said(onboard(client, "p44-admin", COUNTY, base="LATER")) == "INVALID"
    assert everything(demo_database) == before
    assert said(onboard(client, "p44-admin", COUNTY, base="GD")) == "ALLOW"


def test_a_base_is_reviewed_once_and_a_review_that_takes_too_long_may_be_tried_again(
    client: Client, demo_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish(demo_database, GD, "GD")
    asked = {"code": COUNTY, "admin": NOBODY, "dryRun": False, "base": "GD"}
    before = everything(demo_database)
    with monkeypatch.context() as hurried:
        hurried.setattr(profile_reviews, "MOST_SECONDS", 0)
        [error] = client.post(ONBOARD, asked, as_="p44-admin")["errors"]

    assert error["extensions"] == {"code": "TIMEOUT", "retriable": True}
    assert everything(demo_database) == before
    assert said(onboard(client, "p44-admin", COUNTY, base="GD")) == "ALLOW"

    monkeypatch.setattr(profile_reviews, "MOST_SECONDS", 0)
    assert said(onboard(client, "p44-admin", "440882", base="GD")) == "ALLOW"
