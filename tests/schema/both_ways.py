"""Asking in the compiled way and in the ordinary one, and where the two answers differ."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from schema.context import Context
from tests.client import Client
from tests.conftest import UNLIMITED, Database, serving
from tests.schema.register_world import HERE, THERE, plant_papers, plant_register, plant_requests

VIEWERS = (
    "hn-county-secretary",
    "hn-township-secretary",
    "hn-first-secretary",
    "hn-team-member",
    "hn-unit-head",
    "hn-auditor",
    "hn-admin",
    "tw-township-secretary",
    "p41-admin",
    "p44-admin",
)


@contextmanager
def registered(database: Database) -> Iterator[Client]:
    """A server over two counties with registers, papers and requests."""
    plant_register(database, HERE, THERE)
    plant_papers(database, HERE, THERE)
    with serving(database, **UNLIMITED) as client:
        plant_requests(client)
        yield client


def both(
    client: Client, monkeypatch: pytest.MonkeyPatch, text: str, variables: dict[str, Any] | None, who: str
) -> tuple[dict[str, Any], dict[str, Any]]:
    compiled = client.post(text, variables, as_=who)
    with monkeypatch.context() as patch:
        patch.setattr(Context, "compiles", False)
        ordinary = client.post(text, variables, as_=who)
    return compiled, ordinary


def told(answer: dict[str, Any]) -> tuple[Any, list[str]]:
    codes = sorted(error["extensions"]["code"] for error in answer.get("errors", []))
    return answer.get("data"), codes


def differences(one: Any, other: Any, at: str = "") -> Iterator[str]:
    """Where two answers differ, and how."""
    if isinstance(one, dict) and isinstance(other, dict) and list(one) == list(other):
        for key in one:
            yield from differences(one[key], other[key], f"{at}.{key}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for place, pair in enumerate(zip(one, other, strict=True)):
            yield from differences(*pair, f"{at}.{place}")
    elif one != other:
        yield f"{at}: {one!r} compiled, {other!r} in the ordinary way"
