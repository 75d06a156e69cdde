"""The whole application in the test's own process and loop: many requests at once, and the pool at hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx2

from api.app import create_app
from api.settings import Settings
from tenants.database import Credentials
from tenants.secrets import Signer
from tests import conftest
from tests.conftest import KEY, UNLIMITED

GRAPHQL_RESPONSE = {"accept": "application/graphql-response+json"}


@asynccontextmanager
async def served(app: Credentials, **settings: Any) -> AsyncIterator[httpx2.AsyncClient]:
    """A client of the application over the database, or over the pooler, that it is given."""
    application = create_app(Settings(**UNLIMITED, jobs_at_once=0, **settings), app, Signer(KEY))
    async with application.router.lifespan_context(application):
        transport = httpx2.ASGITransport(application)
        async with httpx2.AsyncClient(
            transport=transport, base_url="http://zeren", headers=GRAPHQL_RESPONSE, timeout=60
        ) as http:
            yield http


async def answered(
    http: httpx2.AsyncClient, login: str, query: str, **variables: object
) -> tuple[int, dict[str, Any]]:
    """Status and whole answer, errors and all."""
    headers = {"authorization": f"Bearer {conftest.tokens()[login]}"}
    answer = await http.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
    return answer.status_code, answer.json()


async def ask(http: httpx2.AsyncClient, login: str, query: str, **variables: object) -> dict[str, Any]:
    return (await answered(http, login, query, **variables))[1]
