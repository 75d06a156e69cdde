"""The layers: imports point down, and each thing is done in one place. Every guard reads source text, and
is seen failing on a planted one."""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

HOUSE = Path(__file__).parents[1]
LAYERS = ("api", "schema", "tenants", "policies")
FILES = [path for layer in LAYERS for path in sorted((HOUSE / layer).rglob("*.py"))]
SOURCES = {path.relative_to(HOUSE).as_posix(): path.read_text("utf-8") for path in FILES}

PURE = {*sys.stdlib_module_names, "pydantic", "pydantic_core", "yaml", "casbin", "policies"}
DOORS = {"starlette", "uvicorn", "typer", "rich", "httptools", "websockets"}
GRAPHQL = {"strawberry", "graphql"}
DATABASE = {"asyncpg", "tortoise", "pypika_tortoise", "psycopg", "sqlite3", "aiosqlite"}
OUTSIDE_WORLD = {"asyncio", "http", "random", "socket", "sqlite3", "subprocess", "time", "urllib"}

ORM_READS = {"all", "exclude", "filter", "get_or_none", "order_by", "raw", "select_for_update", "values_list"}
ORM_WRITES = {"bulk_create", "bulk_update", "get_or_create", "update_or_create"}
SCOPE_STATEMENTS = {"execute", "execute_script", "fetch"}
STATEMENT = re.compile(
    r"\s*(SELECT|INSERT INTO|UPDATE|DELETE FROM|WITH|CREATE|ALTER|DROP|GRANT|REVOKE|SET LOCAL|LOCK|DO)\s"
)
SESSION = re.compile(
    r"\bset_config\s*\(|(^|;)\s*SET (?!LOCAL|TRANSACTION)[A-Za-z_.]+|\bpg_(try_)?advisory_(un)?lock"
    r"|(^|;)\s*(LISTEN|UNLISTEN|PREPARE|CREATE TEMP)|\bserver_settings\b"
)

# Where a guard does not hold, with the reason. One that is no longer needed fails its test.
DRIVER_OUTSIDE = {
    "api/embedded/roles.py": "makes the roles and the database, before there is anything of tenants/ in it",
}
STATEMENTS_OUTSIDE = {
    "api/embedded/roles.py": "the same",
    "schema/reads/compiler.py": "puts statements together; tenants/reads.py runs them",
    "schema/reads/pages.py": "the same",
    "schema/reads/sources.py": "the same",
}
BEYOND_A_TRANSACTION = {
    "api/embedded/roles.py": "the superuser's own connection, to make the roles one process at a time",
    "tenants/database.py": "the owner's own connection, to migrate one process at a time",
}
QUERIES_OUTSIDE: dict[str, str] = {}
YIELDING_IN_A_SCOPE: dict[str, str] = {}


def imported(source: str) -> set[str]:
    """Every name that is imported, in full: `from tenants import scope` is `tenants.scope`."""
    found: set[str] = set()
    for node in _walked(ast.parse(source)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = "." * node.level + (node.module or "")
            found |= {f"{above}.{name.name}" for name in node.names}
    return found


def _walked(tree: ast.AST) -> Iterator[ast.AST]:
    """Every node but those that only a type checker reads."""
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        yield node
        waiting.extend(ast.iter_child_nodes(node))


def packages(source: str) -> set[str]:
    return {name.partition(".")[0] for name in imported(source)}


def upward(layer: str, source: str) -> set[str]:
    """The layers above this one that it imports; a relative import, which hides where it goes, counts."""
    return packages(source) & {*LAYERS[: LAYERS.index(layer)], ""}


def impurities(source: str) -> set[str]:
    """What the law must not know: other packages, the outside world, the clock, coroutines."""
    wrong = (packages(source) - PURE) | (packages(source) & OUTSIDE_WORLD)
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.AsyncFunctionDef | ast.Await | ast.AsyncFor | ast.AsyncWith):
            wrong.add("async")
    return wrong | {f"{name}()" for name in methods_called(source) & {"now", "today", "utcnow"}}


def methods_called(source: str) -> set[str]:
    calls = (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call))
    return {call.func.attr for call in calls if isinstance(call.func, ast.Attribute)}


def queries(source: str) -> set[str]:
    """Methods by which the ORM is asked, and statements given to the scope in force."""
    asked = methods_called(source) & (ORM_READS | ORM_WRITES)
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id="scope"), attr=method)):
                asked |= {method} & SCOPE_STATEMENTS
    return asked


def words(source: str) -> Iterator[str]:
    """Every string of the program that is not a docstring."""
    tree = ast.parse(source)
    told = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in told:
            yield node.value


def statements(source: str) -> list[str]:
    return [text for text in words(source) if STATEMENT.match(text)]


def session_settings(source: str) -> list[str]:
    """A setting, lock or channel of the session outlives its transaction, and a pooler hands it to the next
    county."""
    return [text for text in words(source) if SESSION.search(text)]


def scope_settings(source: str) -> list[str]:
    return [text for text in words(source) if re.search(r"\bapp\.(tenants|writer)\b", text)]


def plans(source: str) -> list[str]:
    """Where a query's plan is asked for, in SQL or of a queryset."""
    calls = [ast.unparse(node) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    of_querysets = [call for call in calls if re.search(r"\)\.explain\(", call)]
    return of_querysets + [text for text in words(source) if re.match(r"\s*EXPLAIN\b", text)]


def leaking_generators(source: str) -> set[str]:
    """Functions that yield while a scope of theirs is open: it would be in force at their consumer's, too.

    One under `asynccontextmanager` is made to hold it for others."""
    return {
        function.name
        for function in ast.walk(ast.parse(source))
        if isinstance(function, ast.AsyncFunctionDef) and not _is_a_context_manager(function)
        for block in ast.walk(function)
        if isinstance(block, ast.AsyncWith) and any(_opens_a_scope(item) for item in block.items)
        if any(isinstance(node, ast.Yield) for node in ast.walk(block))
    }


def _is_a_context_manager(function: ast.AsyncFunctionDef) -> bool:
    return "asynccontextmanager" in {ast.unparse(d).rpartition(".")[2] for d in function.decorator_list}


def _opens_a_scope(item: ast.withitem) -> bool:
    return bool(re.search(r"\bscope\w*\.open\(|\b_?scope_of\(", ast.unparse(item.context_expr)))


def wraps_the_request(source: str) -> bool:
    return "BaseHTTPMiddleware" in {name.rpartition(".")[2] for name in imported(source)}


def failing(guard: Callable[[str], object], *layers: str) -> set[str]:
    """The files of the layers in which the guard finds something."""
    return {path for path, source in SOURCES.items() if path.startswith(layers) and guard(source)}


def outside_tenants(guard: Callable[[str], object]) -> set[str]:
    return failing(guard, "api/", "schema/", "policies/")


def test_the_house_has_four_layers_and_all_their_files_are_read():
    assert {path.partition("/")[0] for path in SOURCES} == set(LAYERS)
    assert len(SOURCES) > 100


@pytest.mark.parametrize("layer", LAYERS)
def test_imports_point_down(layer: str):
    assert failing(lambda source: upward(layer, source), f"{layer}/") == set()


@pytest.mark.parametrize(
    ("layer", "source", "found"),
    [
        ("policies", "from tenants import scope", {"tenants"}),
        ("tenants", "def later():\n    import schema.root", {"schema"}),
        ("schema", "from api.settings import Settings", {"api"}),
        ("tenants", "from .. import api", {""}),
        ("schema", "from tenants import scope\nimport policies.access", set()),
    ],
)
def test_an_upward_import_would_be_found(layer: str, source: str, found: set[str]):
    assert upward(layer, source) == found


def test_the_law_is_pure():
    assert failing(impurities, "policies/") == set()


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("from tortoise import fields", {"tortoise"}),
        ("import asyncpg", {"asyncpg"}),
        ("import strawberry", {"strawberry"}),
        ("from starlette.requests import Request", {"starlette"}),
        ("import time", {"time"}),
        ("async def decide(): ...", {"async"}),
        ("from datetime import date\nday = date.today()", {"today()"}),
        ("import casbin, yaml, re\nfrom pydantic import Field", set()),
    ],
)
def test_an_impurity_would_be_found(source: str, found: set[str]):
    assert impurities(source) == found


def test_casbin_is_known_to_the_enforcer_alone():
    assert failing(lambda source: "casbin" in packages(source), *LAYERS) == {"policies/enforcer.py"}


def test_the_record_knows_no_door_and_no_graphql():
    assert failing(lambda source: packages(source) & (DOORS | GRAPHQL), "tenants/") == set()


def test_the_face_knows_no_door():
    assert failing(lambda source: packages(source) & DOORS, "schema/") == set()


def test_a_door_or_graphql_would_be_found():
    assert packages("from starlette.responses import Response\nimport strawberry") & DOORS == {"starlette"}
    assert packages("from strawberry import relay") & GRAPHQL == {"strawberry"}


def test_only_the_record_knows_the_database():
    assert outside_tenants(lambda source: packages(source) & DATABASE) == set(DRIVER_OUTSIDE)


def test_only_the_record_writes_statements():
    assert outside_tenants(statements) == set(STATEMENTS_OUTSIDE)


def test_only_the_record_asks_the_database():
    assert outside_tenants(queries) == set(QUERIES_OUTSIDE)


@pytest.mark.parametrize(
    ("guard", "planted", "harmless"),
    [
        (statements, 'sql = "SELECT name FROM persons"', '"""SELECT is told of here."""'),
        (statements, 'sql = f"UPDATE posts SET code = {code}"', 'text = "Update the posts"'),
        (queries, "await Leave.filter(id=1)", "found.get(1)"),
        (queries, "await Post.all().order_by('id')", "all(found)"),
        (queries, "await scope.fetch(sql)", "async with scope.open(): ..."),
    ],
)
def test_a_statement_or_query_would_be_found(guard: Callable[[str], object], planted: str, harmless: str):
    assert guard(planted)
    assert not guard(harmless)


def test_no_setting_outlives_its_transaction():
    assert failing(session_settings, *LAYERS) == set(BEYOND_A_TRANSACTION)


@pytest.mark.parametrize(
    "planted",
    [
        "sql = \"SELECT set_config('app.tenants', $1, false)\"",
        "sql = f\"SET app.tenants = '{place}'\"",
        "sql = 'BEGIN; SET SESSION lock_timeout = 1'",
        "sql = 'SELECT pg_advisory_lock(1)'",
        "sql = 'LISTEN notices'",
        'pool = {"server_settings": {"lock_timeout": "2s"}}',
    ],
)
def test_a_session_setting_would_be_found(planted: str):
    assert session_settings(planted)


@pytest.mark.parametrize(
    "harmless",
    [
        '"""Not set_config(): it reaches the next request."""',
        "sql = f\"SET LOCAL app.tenants = '{place}'\"",
        "sql = 'SET TRANSACTION READ ONLY; SET LOCAL lock_timeout = 1'",
        "sql = 'UPDATE posts SET code = $1'",
        "sql = 'SELECT pg_advisory_xact_lock(1)'",
    ],
)
def test_a_setting_of_the_transaction_is_no_session_setting(harmless: str):
    assert not session_settings(harmless)


def test_only_the_scope_says_which_places_are_in_force():
    """Whoever may send any statement could widen its own scope: the walls only read these settings."""
    assert failing(scope_settings, *LAYERS) == {"tenants/scope.py", "tenants/walls.py"}


def test_nobody_asks_how_a_query_would_run():
    """A plan counts the rows that the walls removed."""
    assert failing(plans, *LAYERS) == set()


@pytest.mark.parametrize(
    "planted", ["sql = 'EXPLAIN SELECT 1'", "await Unit.filter(id=1).explain(analyze=True)"]
)
def test_a_question_for_a_plan_would_be_found(planted: str):
    assert plans(planted)
    assert not plans("access.explain(viewer, target, permission)")


def test_no_generator_holds_a_scope_for_its_consumer():
    assert failing(leaking_generators, *LAYERS) == set(YIELDING_IN_A_SCOPE)


def test_a_generator_that_holds_a_scope_would_be_found():
    items = "async def items():\n  async with scope.open(reads=[place]):\n    yield await one()"
    one_by_one = "async def items():\n  async with scope.open():\n    found = 1\n  yield found"
    held = "@asynccontextmanager\n" + items

    assert leaking_generators(items) == {"items"}
    assert not leaking_generators(one_by_one) | leaking_generators(held)


def test_no_middleware_wraps_the_request_in_a_task_of_its_own():
    assert failing(wraps_the_request, *LAYERS) == set()


def test_a_wrapping_middleware_would_be_found():
    assert wraps_the_request("from starlette.middleware.base import BaseHTTPMiddleware")
    assert not wraps_the_request("from starlette.middleware.cors import CORSMiddleware")
