"""The application: the schema behind its door, over a pool of the application's role."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route

from api import graphiql
from api.body_limit import BodyLimit
from api.graphql import GraphQLView
from api.settings import Settings
from schema.context import Context
from schema.errors import Language
from schema.root import schema
from tenants import database
from tenants.database import Credentials
from tenants.secrets import Signer


class WallsBroken(Exception):
    """The catalog audit found tables without their walls. The server does not start."""


def create_app(settings: Settings, credentials: Credentials, signer: Signer) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        pool = settings.pool_size
        async with database.connected(credentials, pool_size=pool, global_fallback=True) as models:
            if faults := await database.audit(credentials, models):
                raise WallsBroken("\n".join(faults))
            app.state.sign_ins = asyncio.Semaphore(max(1, pool // 3))
            yield

    async def context_of(request: Request) -> Context:
        language = Language.of(request.headers.get("accept-language"))
        claims = signer.read(_bearer_token(request))
        return Context(signer, language, claims, sign_ins=request.app.state.sign_ins)

    graphql = GraphQLView(
        schema,
        deadline_seconds=settings.deadline_seconds,
        graphiql=settings.graphiql,
        context_factory=context_of,
    )
    app = Starlette(
        routes=[
            Route("/", lambda request: RedirectResponse("/graphql")),
            Route("/graphql", graphql),
            Route("/health", _is_alive),
            Route("/ready", _is_ready),
            *([graphiql.files()] if settings.graphiql else []),
        ],
        middleware=_middleware(settings),
        lifespan=lifespan,
    )
    # A redirect to the address with a slash would carry whatever Host the client names.
    app.router.redirect_slashes = False
    return app


def _middleware(settings: Settings) -> list[Middleware]:
    limit = Middleware(BodyLimit, most_bytes=settings.body_limit_bytes)
    if not settings.cors_origins:
        return [limit]
    cors = Middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=["POST"],
        allow_headers=["authorization", "content-type", "accept-language"],
    )
    return [cors, limit]


def _bearer_token(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def _is_alive(request: Request) -> JSONResponse:
    return JSONResponse({"alive": True})


async def _is_ready(request: Request) -> JSONResponse:
    ready = await database.is_reachable()
    return JSONResponse({"ready": ready}, status_code=200 if ready else 503)
