"""Manifests: the documents of front ends as their builds list them, judged before the server serves.

graphql-codegen and Relay write `{id: text}`, Apollo writes `{"format": "apollo-persisted-query-manifest",
"version": 1, "operations": [{"id", "body", …}]}`.
"""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from graphql import GraphQLError

from api import json
from api.trusted import Mode, TrustedDocuments, id_of, plain
from schema.errors import Language, PublicError
from schema.execution import ZerenSchema

SETTING = "ZEREN_TRUSTED_DOCUMENTS"
MOST_BYTES = 10 * 2**20
_SHA1_DIGITS = 40

Listed = tuple[str, str]  # an id and the text under it


class BadManifest(Exception):
    """One line for each thing that is wrong with the manifests."""

    def __init__(self, faults: Iterable[str]) -> None:
        super().__init__("\n".join(f"{SETTING}: {fault}" for fault in faults))


def trusted_documents(path: Path | None, mode: Mode, schema: ZerenSchema) -> TrustedDocuments:
    """The documents of the manifests: of one file, or of every *.json in a folder; the schema keeps them.
    Raises BadManifest where one cannot be read, names a document by something else than its sha256, or has
    one that the schema refuses, and where there is nothing to trust."""
    if path is None and mode is Mode.OFF:
        return TrustedDocuments()
    files = [] if path is None else sorted(path.glob("*.json")) if path.is_dir() else [path]
    texts, faults = dict[str, str](), list[str]()
    for file in files:
        try:
            listed = _listed(file)
        except OSError as away:
            faults.append(f"{file.name}: 读不到 / cannot be read: {away.strerror}")
            continue
        except ValueError as malformed:
            faults.append(f"{file.name}: {malformed}")
            continue
        faults += (f"{file.name}: {fault}" for fault in _faults(listed, schema))
        texts |= dict(listed)
    if faults or not texts:
        raise BadManifest(faults or ["清单里没有查询语句 / no manifest lists a document"])
    return TrustedDocuments(texts, mode is Mode.ENFORCE)


def _listed(file: Path) -> list[Listed]:
    """Raises OSError or ValueError for what is no manifest."""
    pairs = list(_pairs(_read(file)))
    if not all(isinstance(part, str) for pair in pairs for part in pair):
        raise ValueError(
            "不是查询清单 / no manifest: {id: text}, or apollo-persisted-query-manifest of version 1"
        )
    return [(plain(str(id_)), str(text)) for id_, text in pairs]


def _read(file: Path) -> object:
    if file.stat().st_size > MOST_BYTES:
        raise ValueError(f"超过 {MOST_BYTES} 字节 / more than {MOST_BYTES} bytes")
    try:
        return json.read(file.read_bytes())
    except ValueError as fault:
        raise ValueError(f"不是 JSON / is no JSON: {fault}") from None


def _pairs(told: object) -> Iterator[tuple[object, object]]:
    match told:
        case {"format": "apollo-persisted-query-manifest", "version": 1, "operations": list(operations)}:
            for one in operations:
                yield (one.get("id"), one.get("body")) if isinstance(one, dict) else (None, None)
        case dict():
            yield from told.items()
        case _:
            yield None, None


def _faults(listed: Sequence[Listed], schema: ZerenSchema) -> Iterator[str]:
    if any(len(id_) == _SHA1_DIGITS for id_, _ in listed):
        yield (
            "编号是 sha1，请在 codegen 里设 hashAlgorithm: 'sha256'"
            " / the ids are sha1: set hashAlgorithm: 'sha256' in codegen"
        )
        return
    for id_, text in listed:
        if id_of(text) != id_:
            yield f"{id_[:12]}…: 编号不是原文的 sha256 / the id is not the sha256 of its text"
        else:
            yield from (f"{id_[:12]}…: {said}" for said in _refusals(text, schema))


def _refusals(text: str, schema: ZerenSchema) -> list[str]:
    try:
        errors: Sequence[GraphQLError] = schema.documents.trust(schema._schema, text).errors
    except PublicError as unread:
        errors = [unread]
    return [_in_both(error) for error in errors]


def _in_both(error: GraphQLError) -> str:
    if not isinstance(error, PublicError):
        return error.message
    return f"{error.told(Language.ZH, error).message} / {error.told(Language.EN, error).message}"
