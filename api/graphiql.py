"""GraphiQL without the outside: strawberry's own page, its seven files served from here.

The files under static/graphiql are fetched by static/fetch_graphiql.py and keep the hashes that strawberry's
page gives them, so the browser checks them too.
"""

import re
import secrets
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles
from strawberry.http.ides import get_graphql_ide_html

FILES = Path(__file__).parent / "static" / "graphiql"
FIRST_QUERY = Path(__file__).with_name("first_query.graphql")
PUBLIC_PATH = "/static/graphiql"
EXAMPLE = re.compile(r"const EXAMPLE_QUERY = `.*?`;", re.DOTALL)
OUTSIDE_FILE = re.compile(r'"https?://[^/"]+/(?P<file>[^"]+@[^"]+)"\s+integrity="sha384-(?P<sha384>[^"]+)"')

_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

# A query may hold personal data: in the fragment it stays in the browser, after `?` it reaches access logs.
# A pasted token must not outlive the tab.
_SWAPS = (
    ("window.location.search.slice(1)", "window.location.hash.slice(1)"),
    ('        "?" +\n', '        "#" +\n'),
    ('window.location.href.split("?")[0]', "window.location.origin + window.location.pathname"),
    ("shouldPersistHeaders: true", "shouldPersistHeaders: false, storage: window.sessionStorage"),
    ("<title>Strawberry GraphiQL</title>", "<title>zeren · GraphiQL</title>"),
)


def is_wanted(request: Request) -> bool:
    return request.method == "GET" and "text/html" in request.headers.get("accept", "")


def page() -> HTMLResponse:
    nonce = secrets.token_urlsafe(16)
    headers = {
        "Content-Security-Policy": _POLICY.format(nonce=nonce),
        "Cache-Control": "no-store",
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(_template().replace("<script", f'<script nonce="{nonce}"'), headers=headers)


def files() -> Mount:
    return Mount(PUBLIC_PATH, StaticFiles(directory=FILES))


@cache
def _template() -> str:
    """Strawberry's page with every outside address turned inside. Fails where an upgrade changed the page."""
    html = get_graphql_ide_html(graphql_ide="graphiql")
    html, files_found = OUTSIDE_FILE.subn(rf'"{PUBLIC_PATH}/\g<file>" integrity="sha384-\g<sha384>"', html)
    _insist(files_found == 7, f"{files_found} outside files instead of 7")
    html, examples = EXAMPLE.subn(
        lambda _: f"const EXAMPLE_QUERY = `{FIRST_QUERY.read_text('utf-8')}`;", html
    )
    _insist(examples == 1, f"{examples} example queries instead of 1")
    for old, new in _SWAPS:
        _insist(html.count(old) == 1, f"{old!r} is not there once")
        html = html.replace(old, new)
    html = re.sub(r'<link\s+rel="icon".*?/>', '<link rel="icon" href="data:," />', html, flags=re.DOTALL)
    _insist("://" not in html, "an outside address is left")
    return html


def _insist(holds: bool, otherwise: str) -> None:
    if not holds:
        raise RuntimeError(f"strawberry's GraphiQL page has changed: {otherwise}")
