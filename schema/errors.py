"""Top-level errors: a closed list of codes, a sentence per code and language, a mask over faults.

    PublicError(code)     said to the client as it stands: sign-in, limits, malformed requests
    anything else         a fault: the client gets INTERNAL_SERVER_ERROR and an errorId, the log the rest

Expected refusals (the law says no) are data in payloads and never come through here.
"""

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import Any
from uuid import uuid4

from graphql import GraphQLError, Node

from policies import strict_yaml
from schema import faults, library
from tenants.faults import causes
from tenants.storage import Missing, StorageError

logger = logging.getLogger(__name__)


class ErrorCode(StrEnum):
    BAD_REQUEST = "BAD_REQUEST"
    METHOD_NOT_ALLOWED = "METHOD_NOT_ALLOWED"
    NOT_ACCEPTABLE = "NOT_ACCEPTABLE"
    UNSUPPORTED_MEDIA_TYPE = "UNSUPPORTED_MEDIA_TYPE"
    CONTENT_TOO_LARGE = "CONTENT_TOO_LARGE"
    PERSISTED_QUERY_NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
    DOCUMENT_NOT_TRUSTED = "DOCUMENT_NOT_TRUSTED"
    GRAPHQL_PARSE_FAILED = "GRAPHQL_PARSE_FAILED"
    GRAPHQL_VALIDATION_FAILED = "GRAPHQL_VALIDATION_FAILED"
    OPERATION_RESOLUTION_FAILURE = "OPERATION_RESOLUTION_FAILURE"
    BAD_USER_INPUT = "BAD_USER_INPUT"
    TOO_MANY_TOKENS = "TOO_MANY_TOKENS"
    QUERY_TOO_DEEP = "QUERY_TOO_DEEP"
    INTROSPECTION_TOO_DEEP = "INTROSPECTION_TOO_DEEP"
    TOO_MANY_FIELDS = "TOO_MANY_FIELDS"
    TOO_MANY_ROOT_FIELDS = "TOO_MANY_ROOT_FIELDS"
    TOO_MANY_ALIASES = "TOO_MANY_ALIASES"
    TOO_MANY_DIRECTIVES = "TOO_MANY_DIRECTIVES"
    TOO_MANY_REPEATS = "TOO_MANY_REPEATS"
    QUERY_TOO_COSTLY = "QUERY_TOO_COSTLY"
    MUTATION_NOT_SINGLE = "MUTATION_NOT_SINGLE"
    SIGN_IN_REPEATED = "SIGN_IN_REPEATED"
    INTROSPECTION_DISABLED = "INTROSPECTION_DISABLED"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    FORBIDDEN = "FORBIDDEN"
    RATE_LIMITED = "RATE_LIMITED"
    TOO_MANY_LINES = "TOO_MANY_LINES"
    TOO_MANY_OPERATIONS = "TOO_MANY_OPERATIONS"
    SERVER_BUSY = "SERVER_BUSY"
    TOO_MANY_REVIEWS = "TOO_MANY_REVIEWS"
    FILE_LOST = "FILE_LOST"
    STORAGE_UNAVAILABLE = "STORAGE_UNAVAILABLE"
    TIMEOUT = "TIMEOUT"
    DATABASE_UNAVAILABLE = "DATABASE_UNAVAILABLE"
    TRANSACTION_CONFLICT = "TRANSACTION_CONFLICT"
    INTERNAL_SERVER_ERROR = "INTERNAL_SERVER_ERROR"


class Language(StrEnum):
    ZH = "zh-CN"
    EN = "en"

    @classmethod
    def of(cls, accept_language: str | None) -> "Language":
        """The best of our languages for an Accept-Language header (RFC 9110 12.5.4), or Chinese."""
        best, best_weight = cls.ZH, 0.0
        for choice in (accept_language or "").split(","):
            tag, _, quality = choice.partition(";")
            language = _SPOKEN.get(tag.split("-")[0].strip().lower())
            if language and (wish := weight(quality)) > best_weight:
                best, best_weight = language, wish
        return best


_SPOKEN = {"zh": Language.ZH, "en": Language.EN, "*": Language.ZH}


def weight(quality: str) -> float:
    """The weight of a choice (RFC 9110 12.4.2): `0.8` or `q=0.8`; one where none is given."""
    try:
        return float(quality.strip().removeprefix("q=") or 1)
    except ValueError:
        return 0.0


@dataclass(frozen=True, slots=True)
class Sentence:
    zh: str
    en: str
    retriable: bool = False

    def said(self, language: Language, params: Mapping[str, object]) -> str:
        """The sentence, filled in; a sentence among the params is told in the same language, as it stands."""
        filled = {n: p._in(language) if isinstance(p, Sentence) else p for n, p in params.items()}
        return self._in(language).format_map(filled)

    def _in(self, language: Language) -> str:
        return self.en if language is Language.EN else self.zh


def of_library(message: str) -> Sentence:
    """What the GraphQL library says to a client, in both languages."""
    return Sentence(library.chinese(message), library.plain(message))


def catalogue(file: str) -> dict[str, Sentence]:
    """The sentences of a file of this folder, by code. Raises NotStrict for a code that stands twice."""
    text = (Path(__file__).parent / file).read_text(encoding="utf-8")
    return {code: Sentence(**row) for code, row in strict_yaml.load(text).items()}


CATALOGUE: Mapping[ErrorCode, Sentence] = MappingProxyType(
    {ErrorCode(code): sentence for code, sentence in catalogue("errors.yaml").items()}
)


class PublicError(GraphQLError):
    """An error the client may read, by its code; `params` fill the sentence of errors.yaml.

    `at` lends the place in the document and the path in the answer; `details` stand beside the code, for
    programs.
    """

    def __init__(
        self,
        code: ErrorCode,
        *,
        at: GraphQLError | Node | None = None,
        language: Language = Language.ZH,
        details: Mapping[str, object] = MappingProxyType({}),
        **params: Any,
    ) -> None:
        sentence = CATALOGUE[code]
        place = at if isinstance(at, GraphQLError) else GraphQLError("", at)
        super().__init__(
            sentence.said(language, params), place.nodes, place.source, place.positions, place.path
        )
        self.code, self.params = code, params
        retriable = {"retriable": True} if sentence.retriable else {}
        self.extensions = {"code": code.value, **retriable, **details}

    def told(self, language: Language, at: GraphQLError) -> "PublicError":
        """The same error in another language, at the place where it came up."""
        told = PublicError(self.code, at=at, language=language, **self.params)
        told.extensions = self.extensions
        return told


def public(error: GraphQLError, language: Language) -> PublicError:
    """What the client is told about `error`; a fault is logged here under the id that the client gets."""
    for cause in causes(error):
        if isinstance(cause, PublicError):
            return cause.told(language, error)
        if isinstance(cause, StorageError):
            lost = isinstance(cause, Missing)
            code = ErrorCode.FILE_LOST if lost else ErrorCode.STORAGE_UNAVAILABLE
            return PublicError(code, at=error, language=language)
    if faults.is_bad_input(error):
        detail = of_library(error.message)
        return PublicError(ErrorCode.BAD_USER_INPUT, at=error, language=language, detail=detail)
    if passing := faults.passing(error):
        logger.warning("%s: %s", passing, faults.names(error))
        return PublicError(ErrorCode(passing), at=error, language=language)
    return _masked(error, language)


def _masked(error: GraphQLError, language: Language) -> PublicError:
    error_id = uuid4().hex
    logger.error("internal error %s in %s\n%s", error_id, faults.field(error), faults.story(error))
    masked = PublicError(ErrorCode.INTERNAL_SERVER_ERROR, at=error, language=language)
    masked.extensions = {"code": masked.code.value, "errorId": error_id}
    return masked


def language_of(context: object) -> Language:
    spoken = context.get("language") if isinstance(context, Mapping) else getattr(context, "language", None)
    return Language(spoken) if spoken else Language.ZH


def log_of_errors(told: Iterable[PublicError]) -> None:
    logger.info("answered with %s", ", ".join(sorted({error.code for error in told})))
