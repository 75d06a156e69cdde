"""A second version is published while requests are open: each goes on under the one it began under."""

from datetime import date
from uuid import UUID

import pytest
import yaml

from policies import library, strict_yaml
from policies.cases import Case
from tenants import profiles
from tenants.refusals import Refusal, RefusalCode
from tests.client import Client
from tests.conftest import Database
from tests.front_door import (
    DAY,
    acts,
    arrange,
    opened,
    organs,
    person_of,
    place_of,
    record,
    rows,
    said,
    sign,
    submit,
)
from tests.schema.decided import CHANGED, as_graphql, asked, name, pure, typed

COUNTY = "410173000000"


def changed_text(case: Case) -> str:
    """The text of the case's profile with the rules that the case changes."""
    data = strict_yaml.load(library.profile_text(case.profile))
    data["rules"] = [rule | case.changed.get(rule["id"], {}) for rule in data["rules"]]
    return yaml.safe_dump(data, allow_unicode=True, sort_keys=False)


def publish(behind: Database, case: Case, *, effective_from: date = DAY, by: str = "hn-auditor") -> UUID:
    """Publishes the changed text as the county's next version, drafted by its administrator."""
    maker, checker = person_of(behind, "hn-admin"), person_of(behind, by)

    async def published() -> UUID:
        row = await profiles.publish(
            changed_text(case), effective_from=effective_from, drafted_by=maker, published_by=checker
        )
        return row.id

    return arrange(behind, COUNTY, published)


@pytest.mark.parametrize("case", CHANGED, ids=name)
def test_the_next_version_answers_the_changed_cases(
    client: Client, demo_database: Database, case: Case
) -> None:
    publish(demo_database, case)

    answer = asked(client, case)
    typed(answer)

    second = [{**cite, "version": 2} for cite in as_graphql(pure(case))["cites"]]
    assert (answer["version"], answer["cites"]) == (2, second)
    assert answer == as_graphql(pure(case)) | {"version": 2, "cites": second}


def test_a_pending_request_keeps_the_version_it_began_under(client: Client, demo_database: Database) -> None:
    before = submit(client, "hn-first-secretary", "06-18", "06-21")["leave"]["request"]

    publish(demo_database, CHANGED[0])

    after = submit(client, "hn-team-member", "06-18", "06-21")
    assert organs(after) == [["township_party_committee"]]
    assert after["leave"]["request"]["profileVersion"] == after["decision"]["version"] == 2
    kept = sign(client, "hn-bureau-head", before["id"])["request"]
    assert (kept["state"], kept["profileVersion"]) == ("OPEN", 1)
    assert [step["organ"]["id"] for step in kept["steps"]] == [
        "dispatching_unit",
        "organisation_personnel_bureau",
    ]
    assert said(sign(client, "hn-township-secretary", before["id"])) == "NOT_YOURS_TO_SIGN"
    assert sign(client, "hn-unit-head", before["id"])["request"]["state"] == "APPROVED"


def test_the_audit_names_the_version_of_every_act(client: Client, demo_database: Database) -> None:
    before = opened(client, "hn-first-secretary", "06-18", "06-21")
    publish(demo_database, CHANGED[0])
    after = opened(client, "hn-team-member", "06-18", "06-21")

    for login, request in (("hn-bureau-head", before), ("hn-township-secretary", after)):
        assert said(sign(client, login, request)) == "ALLOW"

    submitted, approved = acts(demo_database, "leave.submit"), acts(demo_database, "request.approve")
    assert [entry["profile_version"] for entry in submitted] == [1, 2]
    assert [entry["rules"] for entry in submitted] == [["HN-4.2-4", "HN-4.2-6"], ["HN-4.2-4", "HN-4.2-5"]]
    assert [entry["profile_version"] for entry in approved] == [1, 2]


def test_a_version_is_not_asked_before_its_first_day(client: Client, demo_database: Database) -> None:
    publish(demo_database, CHANGED[0], effective_from=date(2018, 6, 16))

    answer = submit(client, "hn-first-secretary", "06-18", "06-21")

    assert answer["decision"]["version"] == 1
    assert len(answer["leave"]["request"]["steps"]) == 2


def test_maker_and_checker_are_two_persons(client: Client, demo_database: Database) -> None:
    before = record(demo_database)

    with pytest.raises(Refusal) as refused:
        publish(demo_database, CHANGED[0], by="hn-admin")

    assert refused.value.code is RefusalCode.YOUR_OWN_DRAFT
    assert record(demo_database) == before
    publish(demo_database, CHANGED[0], by="hn-auditor")
    county = place_of(demo_database, COUNTY)
    versions = rows(
        demo_database, "SELECT version FROM profiles WHERE owner_id = $1 ORDER BY version", county
    )
    assert [row["version"] for row in versions] == [1, 2]


def test_a_past_day_is_answered_by_the_version_of_that_day(client: Client, demo_database: Database) -> None:
    publish(demo_database, CHANGED[0], effective_from=date(2018, 6, 1))
    query = """
    query ($on: Date!) { decide(question: {ask: ACT, about: "leave"}, on: $on,
      facts: {who: ["first_secretary"], leave_days: 4, written: true}) { outcome version } }
    """

    def answered(on: str) -> dict[str, object]:
        answer: dict[str, object] = client.ask(query, {"on": on}, as_="hn-first-secretary")["decide"]
        return answer

    assert answered("2018-05-31") == {"outcome": "ROUTE", "version": 1}
    assert answered("2018-06-01") == {"outcome": "ROUTE", "version": 2}
    assert answered("2017-05-08") == {"outcome": "NOT_IN_FORCE", "version": 1}
