"""What the tests ask of those who write down who is there: units, persons, posts."""

from typing import Any

from tests.client import Client

ERRORS = "userErrors { code message path rule }"
PERSON = "person { id name version rank { id } posts { id role { id } code endsOn } }"
UNIT = """unit { id name code version organ { id } tier { id label } origin { id label } division { name }
  deputy { name } office { name } }"""
POST = """post { id role { id } code beginsOn endsOn basis sourceDocument justification unit { name } }
  person { name } decision { outcome cites { rule } }"""
COMMANDS = {
    "personCreate": ("$input: PersonInput!, $key: String", "input: $input, idempotencyKey: $key", PERSON),
    "personUpdate": (
        "$id: ID!, $input: PersonInput!, $version: Int",
        "id: $id, input: $input, expectedVersion: $version",
        PERSON,
    ),
    "personInvite": ("$id: ID!, $login: String!", "id: $id, login: $login", "invitation { token }"),
    "unitCreate": ("$input: UnitInput!, $key: String", "input: $input, idempotencyKey: $key", UNIT),
    "unitUpdate": (
        "$id: ID!, $input: UnitInput!, $version: Int",
        "id: $id, input: $input, expectedVersion: $version",
        UNIT,
    ),
    "postOpen": ("$input: PostOpenInput!", "input: $input", POST),
    "postEnd": (
        "$post: ID!, $on: Date!, $why: String",
        "post: $post, on: $on, justification: $why",
        POST,
    ),
}


def told(client: Client, login: str, command: str, /, **given: Any) -> dict[str, Any]:
    """The answer to one of the commands."""
    declared, passed, shown = COMMANDS[command]
    text = f"mutation ({declared}) {{ {command}({passed}) {{ {shown} {ERRORS} }} }}"
    answer: dict[str, Any] = client.ask(text, given, as_=login)[command]
    return answer


def registered(client: Client, login: str, name: str, **more: Any) -> str:
    """The id of a new person."""
    answer = told(client, login, "personCreate", input={"name": name, **more})
    assert answer["userErrors"] == [], answer
    return str(answer["person"]["id"])


def unit(client: Client, login: str, name: str, code: str, **more: Any) -> str:
    """The id of a new unit."""
    answer = told(client, login, "unitCreate", input={"name": name, "code": code, **more})
    assert answer["userErrors"] == [], answer
    return str(answer["unit"]["id"])


def open_post(client: Client, login: str, person: str, role: str, code: str, **more: Any) -> dict[str, Any]:
    asked = {"person": person, "role": role, "code": code, "beginsOn": "2018-06-15", **more}
    return told(client, login, "postOpen", input=asked)
