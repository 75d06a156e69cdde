"""The story: four days' leave in five counties, over HTTP, through everybody's hands."""

from tests.client import Client

SUBMIT = """
mutation ($begins: Date!, $ends: Date!, $key: String) {
  leaveSubmit(input: {beginsOn: $begins, endsOn: $ends, reason: "家事", idempotencyKey: $key}) {
    leave { id days daysJudged state request { id version steps { organ { id } state holders { name } } } }
    decision { outcome cites { rule quote } gaps { state to } }
    userErrors { code message path rule }
  }
}
"""
SIGN = """
mutation ($id: ID!) {
  requestSign(id: $id) { request { state steps { organ { id } state } } userErrors { code } }
}
"""


def test_four_days_in_henan_take_two_signatures_and_only_theirs(client: Client) -> None:
    days = {"begins": "2018-06-18", "ends": "2018-06-21"}
    submitted = client.ask(SUBMIT, days, as_="hn-first-secretary")["leaveSubmit"]
    request = submitted["leave"]["request"]["id"]

    assert submitted["decision"]["outcome"] == "ROUTE"
