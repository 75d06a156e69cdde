"""GraphQL documents: parsed, limited and validated at every request against kept by their text."""

from collections.abc import Iterator

from bench.comparison import Comparison, compare
from schema.documents import Documents
from schema.root import schema

QUERY = """
{ leaves(first: 20) { totalCount nodes { days state person { name posts { role { label } } }
  request { state steps { organ { label } state holders { name } } } } } }
"""


def comparisons() -> Iterator[Comparison]:
    kept = Documents()
    graphql = schema._schema
    yield compare(
        "a document",
        ("reading it anew", lambda: Documents().read(graphql, QUERY)),
        ("the kept one", lambda: kept.read(graphql, QUERY)),
        (3, 300),
    )
