"""Who sits on the panel, and what each promises when it passes."""

from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Judge:
    """A script that prints its findings, one a line, then what it has looked at; exit code 1 if it found any.

    A `.mjs` script runs in Node with the packages of package.json; a `.py` script in a virtual environment of
    its own, made from the pins that stand beside it under the same name. One that asks the server finds its
    address in ZEREN_URL."""

    name: str
    promise: str
    script: str
    asks_server: bool = False
    wants_chromium: bool = False
    patience_seconds: int = 300

    @property
    def path(self) -> Path:
        return HERE / self.script

    @property
    def pins(self) -> Path:
        return self.path.with_suffix(".txt")

    @property
    def runs_in_node(self) -> bool:
        return self.path.suffix == ".mjs"


# Those that only read come before those that ask the server; the one that asks at random comes last.
JUDGES = (
    Judge("graphql-eslint", "the schema and the examples keep its rules", "text/eslint.mjs"),
    Judge("schema-linter", "everything is described, named and sorted as it wants", "text/linter.mjs"),
    Judge("inspector-diff", "nothing that clients of the last release use is broken", "text/diff.mjs"),
    Judge("inspector-examples", "every example is valid and uses nothing deprecated", "text/examples.mjs"),
    Judge("codegen", "typed documents for every example; a program type-checks", "clients/codegen.mjs"),
    Judge("relay", "the schema is Relay's; every example and a paged list compile", "clients/relay.mjs"),
    Judge("gql-tada", "every example is inferred from its text; a program type-checks", "clients/tada.mjs"),
    Judge(
        "ariadne-codegen",
        "a typed Python client of every example, which signs in and asks",
        "clients/ariadne.py",
        asks_server=True,
    ),
    Judge("graphql-http", "the audits of GraphQL over HTTP, MAY included", "door/http.mjs", asks_server=True),
    Judge(
        "graphql-ws",
        "operations and the order of graphql-transport-ws",
        "door/websocket.mjs",
        asks_server=True,
    ),
    Judge(
        "graphql-sse", "operations as streams of events, one a request", "door/events.mjs", asks_server=True
    ),
    Judge(
        "graphiql",
        "a query by hand in a browser, and not one request to the outside",
        "door/graphiql.mjs",
        asks_server=True,
        wants_chromium=True,
    ),
    Judge(
        "schemathesis",
        "no made-up operation of nobody or of any role brings a server error",
        "door/fuzz.py",
        asks_server=True,
        # As long as it is given examples to make up.
        patience_seconds=3600,
    ),
)
