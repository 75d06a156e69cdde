"""The application: the schema behind its door, over a pool of the application's role."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Any

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import JSONResponse, RedirectResponse
from starlette.routing import Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from api import graphiql
from api.body_limit import BodyLimit
from api.files import PATH, Files
from api.graphql import GraphQLView
from api.installation import storage_of
from api.lines import Lines, address_of
from api.manifests import trusted_documents
from api.operations import Operations
from api.settings import Settings
from api.sockets import SocketView
from schema.charges import Ledger
from schema.context import Context
from schema.errors import Language
from schema.root import schema
from tenants import database, runner
from tenants.database import Credentials
from tenants.secrets import Signer
from tenants.storage import Storage


class Application(Starlette):
    """The routes, and before them GraphQL over HTTP: it answers every fault itself, and needs nothing of what
    the library puts around a route (docs/decisions/0032)."""

    def __init__(self, view: ASGIApp, **settings: Any) -> None:
        self._view = view
        super().__init__(**settings)

    def build_middleware_stack(self) -> ASGIApp:
        routed, view = super().build_middleware_stack(), self._view
        for middleware in reversed(self.user_middleware):
            view = middleware.cls(view, *middleware.args, **middleware.kwargs)

        async def by_path(scope: Scope, receive: Receive, send: Send) -> None:
            asks = scope["type"] == "http" and scope["path"] == "/graphql"
            await (view if asks else routed)(scope, receive, send)

        return by_path


class WallsBroken(Exception):
    """The catalog audit found tables without their walls. The server does not start."""


def create_app(settings: Settings, credentials: Credentials, signer: Signer) -> Starlette:
    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        async with connected(settings, credentials), _runner(settings, storage):
            app.state.sign_ins = asyncio.Semaphore(max(1, settings.pool_size // 3))
            yield

    ledger, storage = Ledger(settings.rates), storage_of(settings)

    def context_of(connection: HTTPConnection, authorization: str | None, language: Language) -> Context:
        return Context(
            signer,
            language,
            signer.read(_bearer_token(authorization or "")),
            sign_ins=connection.app.state.sign_ins,
            storage=storage,
            address=address_of(connection),
            ledger=ledger,
            introspection=settings.introspects,
        )

    operations = Operations(
        schema,
        trusted=trusted_documents(settings.trusted_documents, settings.trusted_documents_mode, schema),
        deadline_seconds=settings.deadline_seconds,
        interval_seconds=settings.subscription_interval_seconds,
        life_seconds=settings.subscription_life_seconds,
    )
    lines = Lines(settings.lines, settings.lines_per_address, settings.lines_per_account)
    view = GraphQLView(operations, context_of, lines, settings.graphiql, settings.queries_by_get)
    sockets = SocketView(
        operations,
        lines=lines,
        origins=settings.cors_origins,
        init_seconds=settings.connection_init_seconds,
        context_factory=context_of,
    )
    app = Application(
        view,
        routes=[
            Route("/", lambda request: RedirectResponse("/graphql")),
            WebSocketRoute("/graphql", sockets),
            *Files(storage, context_of).routes(),
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


@asynccontextmanager
async def connected(settings: Settings, credentials: Credentials) -> AsyncIterator[None]:
    """The models bound to a pool, over a database whose walls stand."""
    pool, timeouts = settings.pool_size, settings.timeouts
    async with database.connected(
        credentials, pool_size=pool, timeouts=timeouts, global_fallback=True
    ) as models:
        if faults := await database.audit(credentials, models):
            raise WallsBroken("\n".join(faults))
        yield


def _runner(settings: Settings, storage: Storage) -> AbstractAsyncContextManager[object]:
    """Jobs are done beside serving, unless the settings leave them to other processes."""
    at_once = settings.jobs_at_once
    return runner.at_work(storage=storage, at_once=at_once) if at_once else nullcontext()


def _middleware(settings: Settings) -> list[Middleware]:
    limit = Middleware(
        BodyLimit, most_bytes=settings.body_limit_bytes, other={PATH: settings.file_limit_bytes}
    )
    if not settings.cors_origins:
        return [limit]
    cors = Middleware(
        CORSMiddleware,
        allow_origins=settings.cors_origins,
        allow_methods=["GET", "HEAD", "POST"],
        allow_headers=["authorization", "content-type", "accept-language", "idempotency-key"],
        expose_headers=["content-disposition", "etag", "retry-after"],
    )
    return [cors, limit]


def _bearer_token(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


async def _is_alive(request: Request) -> JSONResponse:
    return JSONResponse({"alive": True})


async def _is_ready(request: Request) -> JSONResponse:
    ready = await database.is_reachable()
    return JSONResponse({"ready": ready}, status_code=200 if ready else 503)
