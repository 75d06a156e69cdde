"""A client of the tests: it signs in as a demo person and asks like a front end would."""

from dataclasses import dataclass, field
from typing import Any

from starlette.testclient import TestClient

from api.demo import PASSWORD
from tests.sentences import unreadable

SIGN_IN = """
mutation ($login: String!, $password: String!) {
  sessionOpen(login: $login, password: $password) {
    session { accessToken refreshToken } userErrors { code message }
  }
}
"""


@dataclass
class Client:
    http: TestClient
    tokens: dict[str, str] = field(default_factory=dict)

    def post(
        self, query: str, variables: dict[str, Any] | None = None, *, as_: str | None = None, **headers: str
    ) -> dict[str, Any]:
        """The whole answer, errors and all. `as_`: the login of a demo person."""
        if as_ is not None:
            headers["authorization"] = f"Bearer {self.token(as_)}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = self.http.post("/graphql", json={"query": query, "variables": variables}, headers=named)
        body: dict[str, Any] = answer.json()
        if named.get("accept-language", "zh").startswith("zh"):
            assert unreadable(body) == []
        return body

    def ask(self, query: str, variables: dict[str, Any] | None = None, *, as_: str | None = None) -> Any:
        """The data of an operation that has no errors."""
        answer = self.post(query, variables, as_=as_)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def watch(
        self, query: str, variables: dict[str, Any] | None = None, *, as_: str | None = None
    ) -> dict[str, Any]:
        """The first answer to a subscription, errors and all."""
        who = {"authorization": f"Bearer {self.token(as_)}"} if as_ is not None else {}
        with self.http.websocket_connect("/graphql", subprotocols=["graphql-transport-ws"]) as socket:
            socket.send_json({"type": "connection_init", "payload": who})
            assert socket.receive_json() == {"type": "connection_ack"}
            asked = {"query": query, "variables": variables}
            socket.send_json({"type": "subscribe", "id": "1", "payload": asked})
            answer = socket.receive_json()
        return {"errors": answer["payload"]} if answer["type"] == "error" else dict(answer["payload"])

    def token(self, login: str) -> str:
        if login not in self.tokens:
            data = self.ask(SIGN_IN, {"login": login, "password": PASSWORD})["sessionOpen"]
            assert data["userErrors"] == [], (login, data)
            self.tokens[login] = data["session"]["accessToken"]
        return self.tokens[login]
