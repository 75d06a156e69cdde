"""Manifests as the builds of front ends write them."""

import hashlib
import json
from pathlib import Path
from typing import Any


def id_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def codegen(*texts: str) -> dict[str, Any]:
    return {f"sha256:{id_of(text)}": text for text in texts}


def relay(*texts: str) -> dict[str, Any]:
    return {id_of(text): text for text in texts}


def apollo(*texts: str) -> dict[str, Any]:
    operations = [{"id": id_of(text), "body": text, "name": "N", "type": "query"} for text in texts]
    return {"format": "apollo-persisted-query-manifest", "version": 1, "operations": operations}


def written(path: Path, told: Any) -> Path:
    path.write_text(json.dumps(told, ensure_ascii=False), encoding="utf-8")
    return path
