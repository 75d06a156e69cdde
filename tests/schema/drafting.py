"""What the tests ask of drafts and versions at the front door."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from policies import library
from tests.client import Client

TRIAL = Path(__file__).parents[1] / "trial"
REVIEW = "review { mayBePublished problems { code path severity } }"
REFUSED = "userErrors { code message path }"
DRAFT_FIELDS = "draft { id name state version follows editedBy { name } }"
DRAFT = f"""
mutation ($input: ProfileDraftInput!) {{
  profileDraft(input: $input) {{ {DRAFT_FIELDS} {REVIEW} {REFUSED} }}
}}
"""
DROP = f"""
mutation ($draft: ID!, $version: Int) {{
  profileDraftDrop(draft: $draft, expectedVersion: $version) {{ {DRAFT_FIELDS} {REFUSED} }}
}}
"""
PUBLISH = f"""
mutation ($draft: ID!, $from: Date!, $confirming: [String!], $version: Int, $key: String) {{
  profilePublish(
    draft: $draft, from: $from, confirming: $confirming, expectedVersion: $version, idempotencyKey: $key
  ) {{
    profile {{ id name version digest effectiveFrom draftedBy {{ name }} publishedBy {{ name }} }}
    problems {{ code path severity }} {REFUSED}
  }}
}}
"""
CHECK = """
query ($text: String!, $document: String) {
  profileCheck(text: $text, documentText: $document) {
    mayBePublished problems { code path severity message zh en hint }
    outline {
      name title number firstDay lastDay parent { name version } rules { kind own inherited }
      openSettings { name label state to value readings } readings digest
    }
  }
}
"""
VERSIONS = """
query ($code: String) {
  profileVersions(code: $code) {
    totalCount
    nodes {
      id name version digest effectiveFrom isOwn text draftedBy { name } publishedBy { name }
      parent { name version } document { title number digest text }
    }
  }
}
"""


def five_days() -> dict[str, str]:
    """A made-up amendment of the shipped county document: five days where it says three."""
    texts = library.profile_text("HN"), library.document_text("HN.txt")
    text, document = (one.replace("3天（", "5天（") for one in texts)
    text = text.replace("leave_days: {at_most: 3}", "leave_days: {at_most: 5}")
    return {
        "text": text.replace("leave_days: {more_than: 3}", "leave_days: {more_than: 5}"),
        "documentText": document,
    }


def shipped() -> dict[str, str]:
    return {"text": library.profile_text("HN"), "documentText": library.document_text("HN.txt")}


def trial() -> dict[str, str]:
    """The made-up document of a made-up county."""
    return {
        "text": (TRIAL / "profile.yaml").read_text("utf-8"),
        "documentText": (TRIAL / "document.txt").read_text("utf-8"),
    }


def draft(client: Client, login: str, content: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    answer = client.ask(DRAFT, {"input": {**content, **more}}, as_=login)
    return dict(answer["profileDraft"])


def drafted(client: Client, login: str, content: Mapping[str, Any]) -> str:
    """The id of a new draft that may be published."""
    answer = draft(client, login, content)
    assert answer["userErrors"] == []
    assert answer["review"]["mayBePublished"], answer["review"]
    return str(answer["draft"]["id"])


def drop(client: Client, login: str, draft_id: str, **more: Any) -> dict[str, Any]:
    return dict(client.ask(DROP, {"draft": draft_id, **more}, as_=login)["profileDraftDrop"])


def publish(client: Client, login: str, draft_id: str, on: str = "2018-06-15", **more: Any) -> dict[str, Any]:
    answer = client.ask(PUBLISH, {"draft": draft_id, "from": on, **more}, as_=login)
    return dict(answer["profilePublish"])


def check(client: Client, login: str, text: str, document: str | None = None) -> dict[str, Any]:
    answer = client.ask(CHECK, {"text": text, "document": document}, as_=login)
    return dict(answer["profileCheck"])


def versions(client: Client, login: str, code: str | None = None) -> list[dict[str, Any]]:
    return list(client.ask(VERSIONS, {"code": code}, as_=login)["profileVersions"]["nodes"])
