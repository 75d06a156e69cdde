import hashlib
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest
import strawberry
from graphql import parse, validate
from starlette.applications import Starlette
from starlette.routing import Route
from starlette.testclient import TestClient

from api import graphiql
from api.graphql import GraphQLView
from api.operations import Operations
from schema.documents import Documents
from schema.execution import ZerenSchema
from schema.root import schema

PAGE = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}


@strawberry.type
class Query:
    @strawberry.field
    def hello(self) -> str:
        return "你好"


def context(*_: object) -> None:
    return None


def served(graphiql_on: bool) -> TestClient:
    schema = ZerenSchema(Query, documents=Documents())
    view = GraphQLView(Operations(schema, 1), context, graphiql=graphiql_on, queries_by_get=False)
    return TestClient(Starlette(routes=[Route("/graphql", view), graphiql.files()]))


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient]:
    with served(graphiql_on=True) as client:
        yield client


class Addresses(HTMLParser):
    """Every address that the page loads, and the attributes of its scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.loaded: list[str] = []
        self.scripts: list[dict[str, str | None]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        named = dict(attributes)
        self.loaded += [value for name in ("src", "href") if (value := named.get(name))]
        if tag == "script":
            self.scripts.append(named)


def test_the_page_names_no_outside_address(client: TestClient) -> None:
    html = client.get("/graphql", headers=PAGE).text

    assert "://" not in html
    loaded = [address for address in Addresses(html).loaded if address != "data:,"]
    assert len(loaded) == 7
    assert all(address.startswith("/static/graphiql/") for address in loaded)


def test_every_file_that_the_page_loads_is_served(client: TestClient) -> None:
    html = client.get("/graphql", headers=PAGE).text

    for address in Addresses(html).loaded:
        if address != "data:,":
            assert client.get(address).status_code == 200, address


def test_no_script_runs_without_the_nonce_of_this_answer(client: TestClient) -> None:
    first, second = client.get("/graphql", headers=PAGE), client.get("/graphql", headers=PAGE)

    policy = first.headers["content-security-policy"]
    (nonce,) = re.findall(r"script-src 'nonce-([^']+)'", policy)
    assert {script["nonce"] for script in Addresses(first.text).scripts} == {nonce}
    assert nonce not in second.text
    assert "default-src 'none'" in policy
    assert "http" not in policy


def test_no_style_comes_from_outside() -> None:
    for sheet in graphiql.FILES.rglob("*.css"):
        assert not re.search(r"(url\(|@import)\s*['\"]?(https?:)?//", sheet.read_text(encoding="utf-8")), (
            sheet
        )


def test_the_files_are_the_ones_that_were_checked() -> None:
    listed = dict(line.split("  ")[::-1] for line in (graphiql.FILES / "CHECKSUMS").read_text().splitlines())
    shipped = [path for path in graphiql.FILES.rglob("*") if path.suffix in {".js", ".css"}]

    assert len(shipped) == len(listed) == 7
    for path in shipped:
        name = path.relative_to(graphiql.FILES).as_posix()
        assert hashlib.sha256(path.read_bytes()).hexdigest() == listed[name]


def test_every_package_has_its_licence() -> None:
    packages = (graphiql.FILES / "VERSIONS").read_text().splitlines()
    licences = (graphiql.FILES / "LICENSES").read_text(encoding="utf-8")

    assert len(packages) == 5
    for package in packages:
        assert f"{package} (MIT)" in licences


def test_headers_can_be_written_and_are_forgotten_with_the_tab(client: TestClient) -> None:
    html = client.get("/graphql", headers=PAGE).text

    assert "isHeadersEditorEnabled: true" in html
    assert "shouldPersistHeaders: false, storage: window.sessionStorage" in html


def test_a_query_in_the_address_never_reaches_the_server(client: TestClient) -> None:
    html = client.get("/graphql", headers=PAGE).text

    assert '"#" +' in html
    assert "location.search" not in html


def test_the_page_is_for_browsers_only(client: TestClient) -> None:
    response = client.get("/graphql", headers={"accept": "application/json"})

    assert (response.status_code, response.headers["allow"]) == (405, "GET, POST")


def test_queries_are_answered_beside_the_page(client: TestClient) -> None:
    assert client.post("/graphql", json={"query": "{hello}"}).json() == {"data": {"hello": "你好"}}


def test_there_is_no_page_where_it_is_switched_off() -> None:
    with served(graphiql_on=False) as client:
        assert client.get("/graphql", headers=PAGE).status_code == 405


def test_the_page_opens_on_queries_that_the_schema_answers() -> None:
    written = graphiql.FIRST_QUERY.read_text("utf-8")

    assert written in graphiql.page().body.decode()
    assert validate(schema._schema, parse(written)) == []
    assert "`" not in written
    assert "${" not in written
