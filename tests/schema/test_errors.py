import asyncio
import logging
import re
import socket
import string
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import strawberry
from strawberry import relay
from strawberry.types import ExecutionResult
from tortoise.exceptions import DBConnectionError, OperationalError

from policies import strict_yaml
from schema import errors
from schema.documents import Documents
from schema.errors import CATALOGUE, ErrorCode, Language, PublicError
from schema.execution import Run, Running, ZerenSchema

PERSON = "110101199001011234"


def raised(error: Exception, *, beneath: Exception | None = None) -> Exception:
    error.__cause__ = beneath
    return error


FAULTS: dict[str, Exception] = {
    "key": KeyError(PERSON),
    "cancelled by the statement timeout": asyncpg.QueryCanceledError("statement"),
    "lock timeout": asyncpg.LockNotAvailableError("lock"),
    "pool timeout": TimeoutError(),
    "wrapped lock timeout": raised(OperationalError("lock"), beneath=asyncpg.LockNotAvailableError("lock")),
    "deadlock": asyncpg.DeadlockDetectedError("deadlock"),
    "shut down": asyncpg.AdminShutdownError("bye"),
    "connection lost": asyncpg.ConnectionDoesNotExistError("gone"),
    "no connection": DBConnectionError("gone"),
    "closed": asyncpg.InterfaceError("connection is closed"),
    "misused": asyncpg.InterfaceError("another operation is in progress"),
    "file": FileNotFoundError(PERSON),
    "unique": asyncpg.UniqueViolationError(f"Key (id_number)=({PERSON}) already exists."),
}


@strawberry.type
class Query:
    @strawberry.field
    def fault(self, kind: str) -> int:
        raise FAULTS[kind]

    @strawberry.field
    async def unreachable(self, port: int) -> int:
        await asyncpg.connect(host="127.0.0.1", port=port, user="nobody", timeout=2)
        return 0

    @strawberry.field
    def members_only(self) -> int:
        raise PublicError(ErrorCode.UNAUTHENTICATED)

    @strawberry.field
    def too_deep(self) -> int:
        raise PublicError(ErrorCode.QUERY_TOO_DEEP, limit=3)

    @strawberry.field
    def half(self, number: int) -> int:
        return number // 2

    @strawberry.field
    def not_a_number(self) -> int:
        return PERSON  # type: ignore[return-value]

    @strawberry.field
    def by_id(self, id: relay.GlobalID) -> str:
        return id.type_name


@dataclass
class Asking:
    language: Language


async def ask(text: str, variables: dict[str, Any] | None = None, asking: object = None) -> ExecutionResult:
    schema = ZerenSchema(Query, documents=Documents())
    return await schema.execute(text, variables, context_value=asking)


async def fault(kind: str, asking: object = None) -> dict[str, Any]:
    result = await ask("query($kind: String!){fault(kind: $kind)}", {"kind": kind}, asking)
    return only(result)


def only(result: ExecutionResult) -> dict[str, Any]:
    (error,) = result.errors or []
    return {**(error.extensions or {}), "message": error.message, "path": error.path}


def test_every_code_has_its_sentence_in_both_languages() -> None:
    assert set(CATALOGUE) == set(ErrorCode)
    for sentence in CATALOGUE.values():
        assert blanks(sentence.zh) == blanks(sentence.en)
        assert re.search(r"[\u4e00-\u9fff]", sentence.zh)
        assert not re.search(r"[\u4e00-\u9fff]", sentence.en)


def blanks(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "zh-CN"),
        ("", "zh-CN"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-CN"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("fr, en;q=0.5", "en"),
        ("en;q=0.5, zh;q=0.8", "zh-CN"),
        ("zh;q=0.5, en;q=0.8", "en"),
        ("zh;q=0.5, EN; q=0.8", "en"),
        ("en;q=0", "zh-CN"),
        ("en;q=nonsense", "zh-CN"),
        ("fr", "zh-CN"),
        (",;,q=;;", "zh-CN"),
    ],
)
def test_the_language_is_the_one_asked_for_or_chinese(header: str | None, language: str) -> None:
    assert Language.of(header) == language


async def test_a_fault_is_masked_and_logged_under_its_id(caplog: pytest.LogCaptureFixture) -> None:
    error = await fault("key")

    assert error["code"] == "INTERNAL_SERVER_ERROR"
    assert error["message"] == "内部错误"
    assert re.fullmatch(r"[0-9a-f]{32}", error["errorId"])
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert error["errorId"] in record.getMessage()
    assert "builtins.KeyError" in record.getMessage()
    assert "raise FAULTS[kind]" in record.getMessage()


@pytest.mark.parametrize("kind", ["key", "file", "unique"])
async def test_the_log_holds_no_word_of_the_data(kind: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)

    await ask(f"query($kind: String!){{a{PERSON}: fault(kind: $kind)}}", {"kind": kind})
    await ask(f'{{byId(id: "{PERSON}")}}')
    await ask(f'{{unknown(id: "{PERSON}")}}')
    await ask(f'{{byId(id: "{PERSON}"')

    assert "internal error" in caplog.text
    assert PERSON not in caplog.text


async def test_the_log_names_the_constraint_that_was_broken(caplog: pytest.LogCaptureFixture) -> None:
    await fault("unique")

    assert "asyncpg.exceptions.UniqueViolationError sqlstate=23505" in caplog.text


async def test_a_mistake_of_the_client_is_logged_in_one_line(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "schema.errors")

    await ask("{" + " ".join(f"unknown{n}" for n in range(9)) + "}")

    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("INFO", "answered with GRAPHQL_VALIDATION_FAILED")
    ]


@pytest.mark.parametrize(
    ("kind", "code"),
    [
        ("cancelled by the statement timeout", "TIMEOUT"),
        ("lock timeout", "TIMEOUT"),
        ("pool timeout", "TIMEOUT"),
        ("wrapped lock timeout", "TIMEOUT"),
        ("deadlock", "TRANSACTION_CONFLICT"),
        ("shut down", "DATABASE_UNAVAILABLE"),
        ("connection lost", "DATABASE_UNAVAILABLE"),
        ("no connection", "DATABASE_UNAVAILABLE"),
        ("closed", "DATABASE_UNAVAILABLE"),
    ],
)
async def test_a_fault_that_may_pass_says_so(kind: str, code: str) -> None:
    error = await fault(kind)

    assert (error["code"], error["retriable"]) == (code, True)


@pytest.mark.parametrize("kind", ["misused", "file", "unique", "key"])
async def test_a_fault_of_ours_does_not_look_retriable(kind: str) -> None:
    error = await fault(kind)

    assert error["code"] == "INTERNAL_SERVER_ERROR"
    assert "retriable" not in error


async def test_a_database_that_refuses_the_connection_is_away() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        result = await ask("query($port: Int!){unreachable(port: $port)}", {"port": unused.getsockname()[1]})

    assert only(result)["code"] == "DATABASE_UNAVAILABLE"


async def test_a_public_error_keeps_its_code_and_its_place() -> None:
    assert only(await ask("{membersOnly}")) == {
        "code": "UNAUTHENTICATED",
        "message": "请先登录",
        "path": ["membersOnly"],
    }


async def test_a_public_error_is_said_in_the_language_of_the_context() -> None:
    chinese = await ask("{tooDeep}", asking=Asking(Language.ZH))
    english = await ask("{tooDeep}", asking={"language": "en"})

    assert only(chinese)["message"] == "查询嵌套太深，最多 3 层"
    assert only(english)["message"] == "The document nests too deeply: at most 3 levels"


async def test_a_fault_is_said_in_the_language_of_the_context() -> None:
    assert (await fault("key", Asking(Language.EN)))["message"] == "Internal error"


@pytest.mark.parametrize(
    ("text", "variables"),
    [
        ("query($n: Int!){half(number: $n)}", {"n": "eight"}),
        ("query($n: Int!){half(number: $n)}", {}),
        ("query($n: Int = 8){half(number: $n)}", {"n": None}),
        ("query($id: ID!){byId(id: $id)}", {"id": "not base64"}),
        ('{byId(id: "bm9jb2xvbg==")}', {}),
    ],
)
async def test_a_bad_value_is_the_clients_mistake(text: str, variables: dict[str, Any]) -> None:
    assert only(await ask(text, variables))["code"] == "BAD_USER_INPUT"


async def test_good_values_are_answered() -> None:
    result = await ask(
        "query($n: Int!, $id: ID!){half(number: $n) byId(id: $id)}",
        {"n": 8, "id": relay.to_base64("Household", "1")},
    )

    assert (result.data, result.errors) == ({"half": 4, "byId": "Household"}, None)


async def test_a_value_that_does_not_fit_its_type_is_our_fault() -> None:
    error = only(await ask("{notANumber}"))

    assert error["code"] == "INTERNAL_SERVER_ERROR"
    assert PERSON not in error["message"]


async def unfinished(running: Running, run: Run) -> None:
    """Stands for a transaction whose COMMIT fails."""
    await run()
    await asyncio.sleep(0)
    raise asyncpg.ConnectionDoesNotExistError("gone at COMMIT")


async def test_an_answer_whose_commit_fails_is_no_answer() -> None:
    schema = ZerenSchema(Query, documents=Documents(), around=unfinished)

    result = await schema.execute("{half(number: 8)}")

    assert result.data is None
    assert only(result)["code"] == "DATABASE_UNAVAILABLE"


@pytest.mark.parametrize(
    "path", sorted(Path(errors.__file__).parent.glob("*.yaml")), ids=lambda path: path.name
)
def test_a_catalogue_has_each_code_once(path: Path) -> None:
    assert strict_yaml.load(path.read_text(encoding="utf-8"))


def test_a_code_that_stands_twice_is_refused_where_it_is_read(tmp_path: Path) -> None:
    catalogue = tmp_path / "errors.yaml"
    once = 'TIMEOUT: {zh: "超时", en: "Too long"}\n'
    catalogue.write_text(once, encoding="utf-8")
    assert errors.catalogue(str(catalogue)) == {"TIMEOUT": errors.Sentence("超时", "Too long")}

    catalogue.write_text(once * 2, encoding="utf-8")
    with pytest.raises(strict_yaml.NotStrict):
        errors.catalogue(str(catalogue))
