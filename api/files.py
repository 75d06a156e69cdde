"""Files over HTTP: `POST /files?name=…` with the bytes as the body, `GET /files/<id>`. Never inside GraphQL.

Both ask like an operation of GraphQL: the same token, language, errors and rights, read in a transaction of
their own. The bytes pass while no transaction is open, so a slow line holds no connection of the database.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from urllib.parse import quote
from uuid import UUID

from graphql import GraphQLError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route
from strawberry import relay
from strawberry.relay.types import GlobalIDValueError

from api.operations import ContextFactory
from api.replies import JSON, refused, sent
from schema.context import Context
from schema.errors import ErrorCode, Language, PublicError, public
from schema.operation import scope_of
from schema.texts import LONGEST_KEY, kept
from schema.user_errors import sentence_of
from tenants import attachments, places
from tenants.attachments import Attachment, Label
from tenants.refusals import Flaw, Refusal, RefusalCode
from tenants.storage import Storage, Stored

PATH = "/files"
# All are taken, so that one that is not meant is told in the form of the others.
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
# What a file costs of the caller's points (schema/charges.py).
UPLOAD_POINTS, DOWNLOAD_POINTS = 1000, 100
# Whoever has not sent a few megabytes by then is gone, or holds the line on purpose.
LONGEST_UPLOAD_SECONDS = 300.0
_STATUS = {
    RefusalCode.NOT_FOUND: 404,
    RefusalCode.FORBIDDEN: 403,
    RefusalCode.PLACE_SUSPENDED: 403,
    RefusalCode.TOO_MANY_FILES: 403,
    RefusalCode.IDEMPOTENCY_KEY_REUSED: 409,
}
_Answer = Callable[["Files", Request, Context], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class Files:
    storage: Storage
    context_factory: ContextFactory

    def routes(self) -> list[Route]:
        return [
            Route(PATH, self._upload, methods=METHODS),
            Route(f"{PATH}/{{id}}", self._download, methods=METHODS),
        ]

    async def _upload(self, request: Request) -> Response:
        return await self._answered(request, ("POST",), UPLOAD_POINTS, _uploaded)

    async def _download(self, request: Request) -> Response:
        return await self._answered(request, ("GET", "HEAD"), DOWNLOAD_POINTS, _downloaded)

    async def _answered(
        self, request: Request, methods: tuple[str, ...], points: int, answer: _Answer
    ) -> Response:
        language = Language.of(request.headers.get("accept-language"))
        try:
            if request.method not in methods:
                raise PublicError(ErrorCode.METHOD_NOT_ALLOWED, allowed=", ".join(methods))
            context = self.context_factory(request, request.headers.get("authorization"), language)
            if context.ledger is not None:
                context.ledger.charge(context, points)
            return await answer(self, request, context)
        except ClientDisconnect:
            return Response(status_code=400)
        except Refusal as refusal:
            return _refused(refusal, language)
        except Exception as error:
            return refused(public(GraphQLError("", original_error=_known(error)), language), language)


def _known(error: Exception) -> Exception:
    """What may be expected to go wrong, as an error with a code."""
    if isinstance(error, HTTPException) and error.status_code == 413:
        return PublicError(ErrorCode.CONTENT_TOO_LARGE)
    return error


def _refused(refusal: Refusal, language: Language) -> Response:
    """A refusal in the form of an error: over HTTP there is no payload to carry it."""
    said = {"message": sentence_of(refusal, language), "extensions": {"code": refusal.code.value}}
    status = _STATUS.get(refusal.code, 400)
    if refusal.params.get("flaw") is Flaw.TYPE_NOT_TAKEN:
        status = 415
    return sent({"errors": [said]}, JSON, language, status)


async def _uploaded(files: Files, request: Request, context: Context) -> Response:
    async with scope_of(context, writes=False):
        _insist_on_sending(context)
    label = Label.of(request.query_params.get("name", ""), request.headers.get("content-type", ""))
    key = kept(request.headers.get("idempotency-key"), "Idempotency-Key", LONGEST_KEY)
    async with asyncio.timeout(LONGEST_UPLOAD_SECONDS):
        bytes_ = attachments.checked(label.media_type, _body(request))
        stored = await files.storage.write(context.viewer.place_id, bytes_)
    attachment = await _kept(files, context, label, stored, key)
    return sent(_told(attachment), JSON, context.language, 201)


def _insist_on_sending(context: Context) -> None:
    """Raises what a command of GraphQL would answer: UNAUTHENTICATED, FORBIDDEN, PLACE_SUSPENDED."""
    if not context.may_ever("attachment.create"):
        raise Refusal(RefusalCode.FORBIDDEN)
    places.require_active(context.signed_in.place)


async def _body(request: Request) -> AsyncIterator[bytes]:
    async for chunk in request.stream():
        if chunk:
            yield chunk


async def _kept(files: Files, context: Context, label: Label, stored: Stored, key: str | None) -> Attachment:
    """The row, with the rights that the sender has now that all is here. Bytes that got none are removed,
    at once where that is sure, else by the sweep."""
    try:
        async with scope_of(context, writes=True):
            _insist_on_sending(context)
            attachment = await attachments.keep(context.viewer, label, stored, key=key)
    except (Refusal, PublicError):
        await files.storage.remove(stored.key)
        raise
    if attachment.storage_key != stored.key:
        await files.storage.remove(stored.key)
    return attachment


def _told(attachment: Attachment) -> dict[str, object]:
    return {
        "id": relay.to_base64("Attachment", attachment.id),
        "url": f"{PATH}/{attachment.id}",
        "name": attachment.name,
        "mediaType": attachment.media_type,
        "size": attachment.size,
        "digest": attachment.digest,
    }


async def _downloaded(files: Files, request: Request, context: Context) -> Response:
    async with scope_of(context, writes=False):
        found = await attachments.one(
            context.signed_in.viewer, context.access, _row_id(request.path_params["id"])
        )
    headers = _headers(found)
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    headers["Content-Length"] = str(found.size)
    if request.method == "HEAD":
        return Response(headers=headers, media_type=found.media_type)
    chunks = await files.storage.read(found.storage_key)
    return StreamingResponse(chunks, headers=headers, media_type=found.media_type)


def _row_id(given: str) -> UUID:
    """The id in an address: the row's, or the global one. Another text is like a file that is not there."""
    try:
        return UUID(given)
    except ValueError:
        pass
    try:
        found = relay.GlobalID.from_id(given)
        if found.type_name == "Attachment":
            return UUID(found.node_id)
    except (GlobalIDValueError, ValueError):
        pass
    raise Refusal(RefusalCode.NOT_FOUND, path=("id",))


def _headers(attachment: Attachment) -> dict[str, str]:
    """To be saved, never shown: a file of somebody must not run as a page of ours."""
    name = attachment.name
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
    return {
        "Content-Disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}",
        "ETag": f'"{attachment.digest}"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-site",
    }
