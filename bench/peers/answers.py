"""Answers: asked once before anything is timed, and brought to one form, so that all peers are known to
answer the same.

Ids become the row's own id, `edges { node }` become `nodes`, words lose their case, numbers and instants
their spelling; short lists are lists though a peer pages them, a role is a term though a peer says only its
id. Cursors, opaque by nature, are left out.
"""

import json
import re
import urllib.error
import urllib.request
from base64 import b64decode
from binascii import Error as NotBase64
from datetime import datetime
from decimal import Decimal
from typing import Any

from bench.peers.load import Ask

_ROW = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
OPAQUE = {"endCursor"}
LISTS = {"posts", "householdCounts"}
INSTANTS, NUMBERS = {"occurredAt"}, {"income", "count", "population"}


class NotAnswered(Exception):
    """A peer answered with errors; what it said."""


def asked(port: int, ask: Ask) -> Any:
    """The data of one answer. Raises NotAnswered."""
    request = urllib.request.Request(
        f"http://127.0.0.1:{port}/graphql",
        json.dumps(ask.body).encode(),
        {"content-type": "application/json", "authorization": f"Bearer {ask.token}"},
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
            told = json.loads(answer.read())
    except urllib.error.HTTPError as error:
        raise NotAnswered(error.read().decode(errors="replace")[:600]) from None
    if "errors" in told:
        raise NotAnswered(json.dumps(told["errors"], ensure_ascii=False)[:600])
    return told["data"]


def normal(value: Any, name: str = "") -> Any:
    """An answer in the one form."""
    if isinstance(value, dict):
        whole = dict(value)
        if "edges" in whole:
            whole["nodes"] = [edge["node"] for edge in whole.pop("edges")]
        if name in LISTS:
            return normal(whole["nodes"])
        return {key: normal(each, key) for key, each in sorted(whole.items()) if key not in OPAQUE}
    if isinstance(value, list):
        return [normal(each) for each in value]
    return _normal_scalar(value, name)


def _normal_scalar(value: Any, name: str) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if name == "role":
        return {"id": value}
    if name in NUMBERS:
        return str(Decimal(str(value)).normalize())
    if name in INSTANTS:
        return datetime.fromisoformat(value.replace("Z", "+00:00")).timestamp()
    if name == "id":
        return _row(str(value))
    return value.lower() if name in ("state", "value") else value


def _row(given: str) -> str:
    """The row's own id within an opaque one; a word stays what it is."""
    try:
        decoded = b64decode(given, validate=True).decode()
    except (NotBase64, UnicodeDecodeError, ValueError):
        decoded = given
    found = _ROW.findall(decoded)
    return found[-1] if found else given


def difference(one: Any, other: Any, path: str = "") -> str | None:
    """Where two normal answers part, or None."""
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        pairs = [(f"{path}.{key}", one[key], other[key]) for key in one]
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        pairs = [(f"{path}[{nth}]", *both) for nth, both in enumerate(zip(one, other, strict=True))]
    else:
        return None if one == other else f"{path}: {one!r} against {other!r}"[:600]
    return next((found for at, a, b in pairs if (found := difference(a, b, at))), None)
