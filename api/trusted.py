"""Trusted documents: those that a front end was built with, known by the sha256 of their text.

The operator names the manifests that the clients' build has written. A client may then send an id instead of
a text; where it is enforced, nothing else runs. Clients register nothing: an id that no manifest has is
unknown.
"""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from graphql import GraphQLError

from api import json
from schema.errors import ErrorCode, Language, PublicError
from schema.execution import ZerenSchema

ALGORITHM = "sha256"
MOST_BYTES = 10 * 2**20


class Mode(StrEnum):
    """Whether other documents run, too."""

    OFF = "off"
    ENFORCE = "enforce"


class BadManifest(Exception):
    """One line for each thing that is wrong with the manifests."""


def id_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class TrustedDocuments:
    """`texts`: id → text."""

    texts: Mapping[str, str] = field(default_factory=dict)
    enforced: bool = False

    def text(self, query: str | None, document_id: str | None) -> str:
        """The text of what was asked. Raises PERSISTED_QUERY_NOT_FOUND for an id that no manifest has,
        BAD_REQUEST for a text that is not the id's, DOCUMENT_NOT_TRUSTED for any other text where it is
        enforced."""
        if document_id is None:
            return self._trusted(query or "")
        if query is not None and id_of(query) != document_id:
            raise PublicError(ErrorCode.BAD_REQUEST, part="sha256Hash")
        if document_id in self.texts:
            return self.texts[document_id]
        if query is None:
            raise PublicError(ErrorCode.PERSISTED_QUERY_NOT_FOUND)
        return self._trusted(query)

    def _trusted(self, query: str) -> str:
        if self.enforced and id_of(query) not in self.texts:
            raise PublicError(ErrorCode.DOCUMENT_NOT_TRUSTED)
        return query


def asked_id(parts: Mapping[str, Any]) -> str | None:
    """The id that a request names: `documentId`, or Apollo's `extensions.persistedQuery.sha256Hash`. Raises
    BAD_REQUEST for one that is no sha256."""
    extensions = parts.get("extensions")
    persisted = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
    given = parts.get("documentId")
    if given is None and isinstance(persisted, dict):
        given = persisted.get("sha256Hash")
    if given is None:
        return None
    plain = given.removeprefix(f"{ALGORITHM}:").lower() if isinstance(given, str) else ""
    if len(plain) != 64 or not set(plain) <= set("0123456789abcdef"):
        raise PublicError(ErrorCode.BAD_REQUEST, part="documentId")
    return plain


def trusted_documents(path: Path | None, mode: Mode, schema: ZerenSchema) -> TrustedDocuments:
    """The documents of the manifests: of one file, or of every *.json in a folder. Raises BadManifest where
    one cannot be read, names a document by something else than its sha256, or has one that the schema
    refuses."""
    if path is None:
        if mode is Mode.ENFORCE:
            raise BadManifest(
                "没有清单，什么也不能执行 / nothing would run: set ZEREN_TRUSTED_DOCUMENTS to a manifest"
            )
        return TrustedDocuments()
    texts, faults = dict[str, str](), list[str]()
    for file in sorted(path.glob("*.json")) if path.is_dir() else [path]:
        try:
            found = _documents(file)
        except (OSError, ValueError) as fault:
            faults.append(f"{file.name}: {fault}")
            continue
        faults += (f"{file.name}: {fault}" for fault in _faults(found, schema))
        texts |= found
    if faults:
        raise BadManifest("\n".join(faults))
    return TrustedDocuments(texts, mode is Mode.ENFORCE)


def _documents(file: Path) -> dict[str, str]:
    """Id → text, of graphql-codegen's manifest (and Relay's), or of Apollo's."""
    if file.stat().st_size > MOST_BYTES:
        raise ValueError(f"超过 {MOST_BYTES} 字节 / more than {MOST_BYTES} bytes")
    told = json.read(file.read_bytes())
    if isinstance(told, dict) and isinstance(told.get("operations"), list):
        told = {one.get("id"): one.get("body") for one in told["operations"] if isinstance(one, dict)}
    is_map = isinstance(told, dict) and all(isinstance(part, str) for pair in told.items() for part in pair)
    if not isinstance(told, dict) or not is_map:
        raise ValueError("不是查询清单 / no manifest: {id: text}, or Apollo's {operations: [{id, body}]}")
    return {str(id_).removeprefix(f"{ALGORITHM}:"): str(text) for id_, text in told.items()}


def _faults(texts: Mapping[str, str], schema: ZerenSchema) -> Iterator[str]:
    if any(len(id_) == 40 for id_ in texts):
        yield "编号是 sha1，请设 / the ids are sha1, set in codegen: hashAlgorithm: 'sha256'"
        return
    for id_, text in texts.items():
        if id_of(text) != id_:
            yield f"{id_[:12]}…: 编号不是原文的 sha256 / the id is not the sha256 of its text"
        else:
            yield from (f"{id_[:12]}…: {said}" for said in _refusals(text, schema))


def _refusals(text: str, schema: ZerenSchema) -> list[str]:
    try:
        errors: Sequence[GraphQLError] = schema.documents.read(schema._schema, text).errors
    except PublicError as unread:
        errors = [unread]
    return [_in_both(error) for error in errors]


def _in_both(error: GraphQLError) -> str:
    if not isinstance(error, PublicError):
        return error.message
    return f"{error.told(Language.ZH, error).message} / {error.told(Language.EN, error).message}"
