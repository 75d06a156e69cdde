"""What the tests ask a province to do with its counties."""

from typing import Any

from tests.client import Client
from tests.conftest import Database
from tests.front_door import ANSWER, rows

READY = "readiness { share parts { part isMet done wanted } unheldOrgans { id } }"
ONBOARD = f"""
mutation (
  $code: String!, $admin: CountyAdminInput!, $dryRun: Boolean!, $base: String, $exclude: [String!],
  $localNodes: [LocalNodeInput!], $newer: ID, $key: String
) {{
  countyOnboard(
    code: $code, admin: $admin, dryRun: $dryRun, baseProfile: $base, exclude: $exclude,
    localNodes: $localNodes, newerList: $newer, idempotencyKey: $key
  ) {{
    isNew invitation {{ token expiresAt }}
    place {{ id code name kind state lawDay note {READY} lastSignInAt profile {{ id isInherited version }} }}
    report {{
      code name vintage townshipCount villageCount townships {{ code name villages isLocal }}
      excluded {{ code level }} differences {{ change level name code newerCode }}
      base {{ profile number isInherited }} rules {{ rule kind clause quote }}
      openSettings {{ name label state to isAssumed value }} {READY}
      answers {{ probe question decision {{
        outcome profile steps {{ organs {{ id }} }} cites {{ rule clause quote origin }}
        gaps {{ what state to }}
      }} }}
    }}
    {ANSWER}
  }}
}}
"""


def onboard(client: Client, login: str, code: str, *, dry_run: bool = False, **more: Any) -> dict[str, Any]:
    """The answer to onboarding a county, by default with its own administrator and no base."""
    admin = {"name": "演示县级管理员", "login": f"c{code[:6]}-admin"}
    asked = {"code": code, "admin": admin, "dryRun": dry_run, **more}
    answer: dict[str, Any] = client.ask(ONBOARD, asked, as_=login)["countyOnboard"]
    return answer


INVITE = f"""
mutation ($place: ID!, $admin: CountyAdminInput!, $reason: String!) {{
  countyAdminInvite(place: $place, admin: $admin, reason: $reason) {{
    place {{ code }} invitation {{ token expiresAt }} {ANSWER}
  }}
}}
"""
STATE = f"""
mutation ($place: ID!, $reason: String!) {{
  placeSuspend(place: $place, reason: $reason) {{ place {{ state }} {ANSWER} }}
}}
"""
ACCEPT = """
mutation ($token: String!, $password: String!) {
  invitationAccept(token: $token, password: $password) {
    session { accessToken } userErrors { code }
  }
}
"""


def invite(
    client: Client, login: str, place: str, admin: str, reason: str = "补充一名管理员"
) -> dict[str, Any]:
    asked = {"place": place, "admin": {"name": "演示县级管理员", "login": admin}, "reason": reason}
    return dict(client.ask(INVITE, asked, as_=login)["countyAdminInvite"])


def accept(client: Client, token: str, login: str) -> str:
    """What accepting answers; afterwards the client asks as this login with its new token."""
    answer = client.ask(ACCEPT, {"token": token, "password": "a password of his own"})["invitationAccept"]
    if answer["session"] is not None:
        client.tokens[login] = answer["session"]["accessToken"]
    return "".join(error["code"] for error in answer["userErrors"]) or "ALLOW"


def suspend(client: Client, login: str, place: str, reason: str = "演示暂停") -> dict[str, Any]:
    return dict(client.ask(STATE, {"place": place, "reason": reason}, as_=login)["placeSuspend"])


def resume(client: Client, login: str, place: str, reason: str = "演示恢复") -> dict[str, Any]:
    asked = {"place": place, "reason": reason}
    return dict(client.ask(STATE.replace("placeSuspend", "placeResume"), asked, as_=login)["placeResume"])


TABLES = (
    "accounts",
    "acts_as",
    "audit_entries",
    "county_summaries",
    "divisions",
    "idempotency_keys",
    "invitations",
    "persons",
    "places",
    "posts",
    "profiles",
)


def everything(behind: Database) -> dict[str, tuple[int, str]]:
    """Every row that onboarding could write, of all places: equal only if nothing has changed."""
    parts = [
        f"SELECT '{table}' AS name, count(*) AS rows, md5(string_agg(t::text, '|' ORDER BY t.id)) AS content"
        f" FROM {table} t"
        for table in TABLES
    ]
    return {row["name"]: (row["rows"], row["content"]) for row in rows(behind, " UNION ALL ".join(parts))}
