"""Trusted documents: those that a front end was built with, known by the sha256 of their text.

The operator names the manifests that the clients' build has written (api/manifests.py). A client may then
send an id instead of a text; where it is enforced, nothing else runs. Clients register nothing: an id that no
manifest has is unknown.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from schema.errors import ErrorCode, PublicError, Sentence

ALGORITHM = "sha256"
_SHA256 = re.compile(r"[0-9a-f]{64}")
_NO_ID = Sentence(
    zh="编号应为原文的 sha256，即 64 位十六进制数",
    en="an id is the sha256 of its text, 64 hexadecimal digits",
)
_NO_PERSISTED_QUERY = Sentence(
    zh='persistedQuery 应为 {"version": 1, "sha256Hash": "…"}',
    en='persistedQuery is {"version": 1, "sha256Hash": "…"}',
)
_TWO_IDS = Sentence(
    zh="documentId 和 sha256Hash 所指不同", en="documentId and sha256Hash name different documents"
)
_ANOTHER_TEXT = Sentence(
    zh="所给编号不是 query 原文的 sha256", en="the id is not the sha256 of the text in query"
)


class Mode(StrEnum):
    """Whether other documents run, too."""

    OFF = "off"
    ENFORCE = "enforce"


def id_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def plain(id_: str) -> str:
    """The id without the name of its algorithm, which codegen and GraphQL over HTTP write before it."""
    return id_.removeprefix(f"{ALGORITHM}:")


@dataclass(frozen=True, slots=True)
class TrustedDocuments:
    """`texts`: id → text."""

    texts: Mapping[str, str] = field(default_factory=dict)
    enforced: bool = False

    def text(self, query: str | None, document_id: str | None) -> str:
        """The text of what was asked. Raises PERSISTED_QUERY_NOT_FOUND for an id that no manifest has,
        BAD_REQUEST for a text that is not the id's, DOCUMENT_NOT_TRUSTED for any other text where it is
        enforced."""
        if query is None:
            return self._known(document_id or "")
        if document_id is not None and id_of(query) != document_id:
            raise PublicError(ErrorCode.BAD_REQUEST, part=_ANOTHER_TEXT)
        if self.enforced and id_of(query) not in self.texts:
            raise PublicError(ErrorCode.DOCUMENT_NOT_TRUSTED)
        return query

    def _known(self, document_id: str) -> str:
        text = self.texts.get(document_id)
        if text is None:
            raise PublicError(ErrorCode.PERSISTED_QUERY_NOT_FOUND)
        return text


def asked_id(parts: Mapping[str, Any]) -> str | None:
    """The id that a request names: `documentId`, or Apollo's `extensions.persistedQuery.sha256Hash`. Raises
    BAD_REQUEST for one that is no sha256, and for two that differ."""
    ids = {_read(given) for given in (parts.get("documentId"), _apollos(parts)) if given is not None}
    if len(ids) > 1:
        raise PublicError(ErrorCode.BAD_REQUEST, part=_TWO_IDS)
    return next(iter(ids), None)


def _apollos(parts: Mapping[str, Any]) -> object:
    match parts.get("extensions"):
        case {"persistedQuery": {"version": 1, "sha256Hash": given}}:
            return given
        case {"persistedQuery": given} if given is not None:
            raise PublicError(ErrorCode.BAD_REQUEST, part=_NO_PERSISTED_QUERY)
    return None


def _read(given: object) -> str:
    id_ = plain(given).lower() if isinstance(given, str) else ""
    if not _SHA256.fullmatch(id_):
        raise PublicError(ErrorCode.BAD_REQUEST, part=_NO_ID)
    return id_
