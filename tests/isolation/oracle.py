"""What is wrong with an answer: rows of the other county, of people one has no business with, or a crash."""

import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from typing import Any

import orjson

from tests.isolation.operations import Operation
from tests.isolation.world import STRANGERS, Side

UUID_TEXT = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def findings(
    operation: Operation, answer: dict[str, Any], login: str, here: Side, there: Side
) -> Iterator[str]:
    """Each leak or fault of one answer, as a sentence; none when it is clean."""
    where = f"{login} asking {operation.root}"
    written = orjson.dumps(answer).decode()
    if re.search(rf"{there.canary}[0-9a-f]{{8}}", written):
        yield f"{where} read a text of the other county"
    for id in sorted(ids_in(answer.get("data")) & there.all_ids):
        yield f"{where} saw the row {id} of the other county"
    for id in sorted((ids_in(answer.get("errors")) & there.all_ids) - operation.sent):
        yield f"{where} was told of the row {id} of the other county"
    if here.private in written and login.removeprefix(f"{here.prefix}-") in STRANGERS:
        yield f"{where} read somebody's reason for a leave"
    for error in answer.get("errors") or ():
        if error.get("extensions", {}).get("code") == "INTERNAL_SERVER_ERROR":
            yield f"{where} crashed: {operation.text[:300]} {operation.variables}"


def shows_own_rows(answer: dict[str, Any], here: Side) -> bool:
    """The positive half: the answer holds something that only the asker's own county could give."""
    data = answer.get("data")
    return here.canary in orjson.dumps(data).decode() or not ids_in(data).isdisjoint(here.all_ids | here.law)


def cursors_in(answer: dict[str, Any]) -> Iterator[str]:
    """The cursors of the pages in an answer that show something."""
    for value in (answer.get("data") or {}).values():
        if isinstance(value, dict) and (page := value.get("pageInfo")):
            yield from (page[name] for name in ("startCursor", "endCursor") if page.get(name))


def nodes_in(value: Any) -> set[tuple[str, str]]:
    """Type and row id of every global id in an answer."""
    split = (_opened(text).partition(":") for text in _texts(value))
    return {(kind, row) for kind, _, row in split if kind.isalpha() and UUID_TEXT.fullmatch(row)}


def ids_in(value: Any) -> set[str]:
    """Every id in an answer, in the clear or inside an opaque text such as a global id or a cursor."""
    found: set[str] = set()
    for text in _texts(value):
        found.update(UUID_TEXT.findall(text))
        found.update(UUID_TEXT.findall(_opened(text)))
    return found


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from _texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner)


def _opened(text: str) -> str:
    try:
        return urlsafe_b64decode(text.replace("+", "-").replace("/", "_").encode()).decode()
    except ValueError:
        return ""
