"""What is asked, in zeren's words. Peers ask the same in theirs; their answers are brought to one form. Of
`write` they do the bare insert."""

from base64 import b64encode
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from bench.dataset import Chosen
from policies.jurisdiction import subtree

LIST = """
query List($code: String!) { households(filter: {division: $code}, first: 50) {
  nodes { id number headName state population income registeredOn address division { name }
    pairings(first: 10) { nodes { person { id name } } } }
  pageInfo { hasNextPage endCursor } } }
"""
DETAIL = """
query Detail($id: ID!) { node(id: $id) { ... on Household {
  id number headName state population income registeredOn address
  division { code name parent { name } }
  pairings(first: 10) { nodes { beginsOn person { name } } }
  visits(first: 5) { nodes { occurredAt note person { name } } } } } }
"""
TINY = "query Tiny { viewer { name posts { role { id } } } }"
COUNT = "query Count { householdCounts(by: STATE) { value count } }"
# The same of the county's own code: zeren, which keeps the other one's numbers, groups the rows for it.
GROUPED = """
query Grouped($code: String!) { householdCounts(by: STATE, filter: {division: $code}) { value count } }
"""
WRITE = """
mutation Write($household: ID!, $at: DateTime!, $key: String!) {
  visitRecord(input: {household: $household, occurredAt: $at, idempotencyKey: $key}) {
    visit { id } userErrors { code } } }
"""
DEEP = """
query Deep($code: String!) { divisions(below: $code) { code households(first: 3) { nodes { number
  pairings(first: 3) { nodes { person { name
    pairings(first: 3) { nodes { household { number } } } } } } } } } }
"""
PROVINCE = "query Province { countySummaries { place { name } households population } }"

# What every peer answers, in the order they are measured: the writing one last, for it leaves rows behind.
COMPARED = ("list", "detail", "tiny", "count", "grouped", "write")
ZEREN = {
    "list": LIST,
    "detail": DETAIL,
    "tiny": TINY,
    "count": COUNT,
    "grouped": GROUPED,
    "write": WRITE,
    "deep": DEEP,
    "province": PROVINCE,
}
# A load generator puts a text of its own here in each request.
KEY = "%KEY%"
VISITED_AT = "2018-05-01T08:00:00+08:00"


def global_id(household: UUID) -> str:
    return b64encode(f"Household:{household}".encode()).decode()


def variables(query: str, county: Chosen) -> list[Mapping[str, Any]]:
    """Every set of variables with which one county's secretary asks the query. `low` and `high`: the bounds
    of `code`, for peers that know no divisions; `household`, `place`: the plain ids."""
    if query in ("list", "deep"):
        return [
            {"code": code, "low": code, "high": subtree(code)[1], "place": str(county.place_id)}
            for code in county.townships
        ]
    if query == "detail":
        return [
            {"id": global_id(one), "row": str(one), "place": str(county.place_id)}
            for one in county.households
        ]
    if query == "grouped":
        return [{"code": county.code}]
    if query == "write":
        return [
            {"household": global_id(one), "row": str(one), "at": VISITED_AT, "key": KEY}
            for one in county.visited
        ]
    return [{}]
