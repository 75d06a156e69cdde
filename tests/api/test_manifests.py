"""Manifests of trusted documents: what is wrong with one stops the server before it serves, and is named."""

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from api.app import create_app
from api.manifests import MOST_BYTES, BadManifest, trusted_documents
from api.settings import Settings
from api.trusted import Mode
from schema.root import schema
from tenants.secrets import Signer
from tests import conftest
from tests.api.manifests import apollo, codegen, id_of, relay, written
from tests.api.running import ask, running, url_of
from tests.conftest import KEY, Database
from tests.test_layers import HOUSE

NAME = "query Name { viewer { name } }"
OTHER = "{ viewer { day } }"


def sha1_of(text: str) -> str:
    return hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


@pytest.mark.parametrize("form", [codegen, relay, apollo])
def test_the_manifests_of_the_usual_tools_are_read(tmp_path: Path, form: Callable[..., Any]) -> None:
    commented = "query View { viewer { name } } # 注释也算原文"
    path = written(tmp_path / "documents.json", form(NAME, commented))

    found = trusted_documents(path, Mode.ENFORCE, schema)

    assert dict(found.texts) == {id_of(NAME): NAME, id_of(commented): commented}
    assert found.enforced


def test_every_example_can_be_trusted(tmp_path: Path) -> None:
    texts = {path.read_text("utf-8") for path in (HOUSE / "examples").glob("*.graphql")}

    found = trusted_documents(written(tmp_path / "examples.json", codegen(*texts)), Mode.ENFORCE, schema)

    assert set(found.texts.values()) == texts


def test_a_folder_of_manifests_is_read(tmp_path: Path) -> None:
    written(tmp_path / "a.json", codegen(NAME))
    written(tmp_path / "b.json", apollo(NAME, OTHER))
    (tmp_path / "notes.txt").write_text("no manifest")

    assert set(trusted_documents(tmp_path, Mode.OFF, schema).texts.values()) == {NAME, OTHER}


APOLLO = apollo(NAME)
WRONG: dict[str, tuple[Any, str]] = {
    "sha1": ({sha1_of(NAME): NAME}, "hashAlgorithm: 'sha256'"),
    "another id": ({id_of(OTHER): NAME}, f"{id_of(OTHER)[:12]}…: 编号不是原文的 sha256 / the id is not"),
    "a name as id": ({"Name": NAME}, "the id is not the sha256"),
    "no GraphQL": (codegen("{ viewer {"), "语法错误"),
    "not of this schema": (codegen("{ nothing }"), "Cannot query field 'nothing'"),
    "beyond the limits": (codegen("{ " + " ".join(f"a{n}: __typename" for n in range(40)) + " }"), "aliases"),
    "two commands at once": (
        codegen("mutation { a: noticesRead(ids: []) { unreadCount } b: sessionEnd { ended } }"),
        "exactly one root field",
    ),
    "a list": ([NAME], "no manifest"),
    "no texts": ({"id": 7}, "no manifest"),
    "Apollo's of another version": ({**APOLLO, "version": 2}, "no manifest"),
    "Apollo's of another format": ({**APOLLO, "format": "other"}, "no manifest"),
    "an operation without its text": ({**APOLLO, "operations": [{"id": id_of(NAME)}]}, "no manifest"),
    "an operation that is none": ({**APOLLO, "operations": [*APOLLO["operations"], NAME]}, "no manifest"),
    "one id with two texts": (
        {**APOLLO, "operations": [{"id": id_of(NAME), "body": OTHER}, *APOLLO["operations"]]},
        "the id is not the sha256",
    ),
    "no document": ({}, "no manifest lists a document"),
    "no operation": (apollo(), "no manifest lists a document"),
}


@pytest.mark.parametrize(("told", "said"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("mode", Mode)
def test_a_wrong_manifest_stops_the_start_and_says_why(
    tmp_path: Path, told: Any, said: str, mode: Mode
) -> None:
    path = written(tmp_path / "documents.json", told)

    with pytest.raises(BadManifest) as stopped:
        trusted_documents(path, mode, schema)

    assert said in str(stopped.value)
    assert str(stopped.value).startswith("ZEREN_TRUSTED_DOCUMENTS: ")


def test_every_fault_of_every_manifest_is_named(tmp_path: Path) -> None:
    written(tmp_path / "a.json", {**codegen("{ nothing }", NAME), id_of(OTHER): NAME})
    (tmp_path / "b.json").write_text("{")
    written(tmp_path / "c.json", {sha1_of(NAME): NAME, sha1_of(OTHER): OTHER})

    with pytest.raises(BadManifest) as stopped:
        trusted_documents(tmp_path, Mode.OFF, schema)

    faults = str(stopped.value).splitlines()
    assert [fault.split(": ")[1] for fault in faults] == ["a.json", "a.json", "b.json", "c.json"]


def test_what_cannot_be_read_stops_the_start(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "big.json").write_bytes(b" " * (MOST_BYTES + 1))
    (tmp_path / "torn.json").write_text('{"')

    said = {
        "missing.json": "missing.json: 读不到 / cannot be read: No such file or directory",
        "empty": "清单里没有查询语句 / no manifest lists a document",
        "big.json": f"big.json: 超过 {MOST_BYTES} 字节 / more than {MOST_BYTES} bytes",
        "torn.json": "torn.json: 不是 JSON / is no JSON: ",
    }
    for name, sentence in said.items():
        with pytest.raises(BadManifest, match=rf"^ZEREN_TRUSTED_DOCUMENTS: {re.escape(sentence)}"):
            trusted_documents(tmp_path / name, Mode.OFF, schema)


def test_enforcing_without_a_manifest_stops_the_start() -> None:
    with pytest.raises(BadManifest, match="ZEREN_TRUSTED_DOCUMENTS"):
        trusted_documents(None, Mode.ENFORCE, schema)
    assert not trusted_documents(None, Mode.OFF, schema).enforced


def test_the_application_is_made_only_over_sound_manifests(
    tmp_path: Path, shared_demo_database: Database
) -> None:
    sound, wrong = (
        Settings(trusted_documents=written(tmp_path / f"{number}.json", told))
        for number, told in enumerate((codegen(NAME), codegen("{ nothing }")))
    )

    assert create_app(sound, shared_demo_database.app, Signer(KEY))
    with pytest.raises(BadManifest, match="nothing"):
        create_app(wrong, shared_demo_database.app, Signer(KEY))


def test_a_server_serves_what_its_manifest_lists_or_does_not_start(
    tmp_path: Path, shared_demo_database: Database
) -> None:
    sound = written(tmp_path / "sound.json", codegen(NAME))
    wrong = written(tmp_path / "wrong.json", {sha1_of(NAME): NAME})
    mode = {"ZEREN_TRUSTED_DOCUMENTS_MODE": "enforce"}

    with running(
        shared_demo_database, conftest.tokens(), ZEREN_TRUSTED_DOCUMENTS=str(sound), **mode
    ) as server:
        client = server.asking("hn-first-secretary")
        assert ask(client, NAME)["data"] == {"viewer": {"name": "演示第一书记"}}
        assert ask(client, OTHER)["errors"][0]["extensions"]["code"] == "DOCUMENT_NOT_TRUSTED"
    stopped = subprocess.run(
        [sys.executable, "-m", "api.command", "serve"],
        env=os.environ
        | {
            "DATABASE_URL": url_of(shared_demo_database.app),
            "ZEREN_SECRET_KEY": KEY.decode(),
            "ZEREN_DEMO": "0",
            "ZEREN_TRUSTED_DOCUMENTS": str(wrong),
            **mode,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert stopped.returncode == 1
    (line,) = stopped.stderr.splitlines()
    assert line.startswith("ZEREN_TRUSTED_DOCUMENTS: wrong.json: 编号是 sha1")
