"""What it takes to know an operation's price and to charge it: beside the smallest operation there is."""

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

from graphql import parse
from strawberry.schema.config import StrawberryConfig

from bench.comparison import Comparison, compare
from bench.documents import QUERY
from schema.buckets import Rate
from schema.charges import Ledger, Payer
from schema.context import Context
from schema.costs import Price
from schema.documents import Documents
from schema.execution import ZerenSchema
from schema.root import Query, schema
from schema.scalars import SCALARS
from tenants.secrets import Signer

DOCUMENT = parse(QUERY)
SIGNER = Signer(b"the signing key of the benchmarks, 32 bytes and more")
SMALLEST = "{ __typename }"
# So much that the benchmark never meets its end.
PLENTY = Rate(10**9, 10**9)
BOMB = " ".join(
    [
        "{ leaves { nodes { ...f0 } } }",
        *(f"fragment f{n} on Leave {{ person {{ name }} ...f{n + 1} ...f{n + 1} }}" for n in range(60)),
        "fragment f60 on Leave { person { name } }",
    ]
)


def comparisons() -> Iterator[Comparison]:
    remembered = Price(schema._schema, parse(QUERY))
    yield compare(
        "a price",
        ("summing it anew", lambda: Price(schema._schema, DOCUMENT).of(None, {})),
        ("the remembered one", lambda: remembered.of(None, {})),
        (100, 3000),
    )
    bomb = parse(BOMB)
    yield compare(
        "a price of 60 doubling fragments",
        ("summing it anew", lambda: Price(schema._schema, bomb).of(None, {})),
        ("summing an ordinary one", lambda: Price(schema._schema, DOCUMENT).of(None, {})),
        (30, 100),
    )
    with asyncio.Runner() as runner:
        yield compare(
            "the smallest operation",
            ("charged", _asked(runner, Ledger({Payer.ADDRESS: PLENTY}))),
            ("not charged", _asked(runner, None)),
            (100, 100),
        )


_alone = ZerenSchema(
    Query,
    documents=Documents(),
    config=StrawberryConfig(sort_schema=True, scalar_map=SCALARS),
)


def _asked(runner: asyncio.Runner, ledger: Ledger | None) -> Callable[[], Any]:
    async def asked() -> Any:
        context = Context(SIGNER, address="203.0.113.7", ledger=ledger)
        return await _alone.execute(SMALLEST, context_value=context)

    return lambda: runner.run(asked())
