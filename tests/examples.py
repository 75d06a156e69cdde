"""examples/: the documents, and who asks them in the demonstration after what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from pathlib import Path
from typing import Any

import yaml

from tests.client import Client

FOLDER = Path(__file__).parents[1] / "examples"
DOCUMENTS = {path.stem: path.read_text("utf-8") for path in sorted(FOLDER.glob("*.graphql"))}
_WRITTEN = yaml.safe_load((FOLDER / "tasks.yaml").read_text("utf-8"))
GROUPS: Mapping[str, Mapping[str, str]] = _WRITTEN["groups"]
TASKS: Mapping[str, Mapping[str, Any]] = _WRITTEN["tasks"]


@dataclass
class Asking:
    """Does entries of tasks.yaml over HTTP, each once, those first that it comes after.

    `given`: values for the `{names}` of variables, which no answer can bring."""

    client: Client
    given: Mapping[str, str] = field(default_factory=dict)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)

    def do(self, name: str) -> dict[str, Any]:
        """The whole answer of an entry, errors and all."""
        if name not in self.answers:
            task = TASKS[name]
            for earlier in task.get("after", ()):
                assert is_answered(self.do(earlier)), (earlier, self.answers[earlier])
            document = DOCUMENTS[task.get("example", name)]
            variables = self._filled(task.get("variables", {}))
            asked = self.client.watch if "\nsubscription " in document else self.client.post
            self.answers[name] = asked(document, variables, as_=task.get("as"))
        return self.answers[name]

    def _sent(self, path: Path, login: str) -> str:
        """The id of a file that is sent to POST /files."""
        headers = {"authorization": f"Bearer {self.client.token(login)}", "content-type": "text/csv"}
        answer = self.client.http.post(f"/files?name={path.name}", content=path.read_bytes(), headers=headers)
        return str(answer.json()["id"])

    def _filled(self, value: Any) -> Any:
        if isinstance(value, str):
            return value.format_map(self.given)
        if isinstance(value, list):
            return [self._filled(part) for part in value]
        if isinstance(value, dict) and set(value) == {"file"}:
            return (FOLDER.parent / value["file"]).read_text("utf-8")
        if isinstance(value, dict) and set(value) == {"upload", "as"}:
            return self._sent(FOLDER.parent / value["upload"], value["as"])
        if isinstance(value, dict) and set(value) == {"from", "take"}:
            return _taken(self.answers[value["from"]]["data"], value["take"])
        if isinstance(value, dict):
            return {key: self._filled(part) for key, part in value.items()}
        return value


def _taken(data: Any, path: str) -> Any:
    """The value at a path such as `notices.nodes.0.id`."""
    return reduce(lambda at, key: at[int(key)] if isinstance(at, list) else at[key], path.split("."), data)


def is_answered(answer: Mapping[str, Any]) -> bool:
    """No errors, nothing refused, and every root field brings something."""
    return "errors" not in answer and all(_brings(value) for value in answer["data"].values())


def _brings(value: Any) -> bool:
    """Not null; a list, a page or a payload with something in it."""
    if isinstance(value, dict) and "userErrors" in value:
        parts = [part for name, part in value.items() if name != "userErrors"]
        return value["userErrors"] == [] and (parts == [] or any(map(_brings, parts)))
    if isinstance(value, dict) and "nodes" in value:
        return _brings(value["nodes"])
    if isinstance(value, list):
        return value != [] and None not in value
    return value is not None
