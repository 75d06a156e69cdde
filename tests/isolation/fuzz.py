"""Two counties ask at once, at random; after every answer the oracle looks, after every write the other
county's rows are compared."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

import httpx2
from starlette.applications import Starlette

from schema.root import schema
from tenants import accounts, scope
from tenants.secrets import Signer
from tests import conftest
from tests.isolation.operations import Operation, Operations
from tests.isolation.oracle import cursors_in, findings, nodes_in, shows_own_rows
from tests.isolation.world import STRANGERS, Side, World

READS_AT_ONCE = 8
READS, WRITES = 24, 4  # of each county, in one round
MOST_TRIES = 5
SIGNER = Signer(conftest.KEY)
# They end or move the session that asks: each gets one of its own.
SPENDS_ITS_SESSION = {"sessionEnd", "sessionSwitch"}
# Answers about the law and its words hold no rows: asked a quarter as often.
ABOUT_THE_LAW = {
    "decide",
    "dutyCatalogue",
    "needs",
    "profile",
    "profileCheck",
    "profileCompare",
    "profileProposal",
    "rule",
    "rules",
    "terms",
}
# Numbers, what only a province has, and imports, of which there is none: no answer of a county holds a row.
WITHOUT_ROWS = {
    "countiesOnboarded",
    "countySummaries",
    "householdCounts",
    "importReport",
    "jobs",
    "teamRequirements",
}
# The ids are often of things that somebody else was shown: here rights are tried.
BY_ID = {"node", "nodes"}
ASKED_BY_STRANGERS = 0.3
# How often a question is put as somebody who has seen rows by that root field before.
ASKED_AGAIN = 0.92


@dataclass(slots=True)
class Report:
    """`queries`: of what has rows to show. `shown`: how many of their answers held rows of the asker's own
    county; `showing`: by which root fields."""

    operations: int = 0
    queries: int = 0
    shown: int = 0
    showing: set[str] = field(default_factory=set)
    findings: list[str] = field(default_factory=list)
    roots: set[str] = field(default_factory=set)
    fields: set[str] = field(default_factory=set)

    @property
    def share_shown(self) -> float:
        return self.shown / max(1, self.queries)


class Fuzz:
    def __init__(self, application: Starlette, world: World, seed: int) -> None:
        self._http = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(application, raise_app_exceptions=False), base_url="http://zeren"
        )
        self._world = world
        self._random = Random(seed)  # noqa: S311 - a run that can be repeated, no secret
        self.report = Report()
        self._sides = [
            (here, there, Operations(schema._schema, self._random, here, there))
            for here, there in (world.sides, world.sides[::-1])
        ]
        self._waiting: dict[str, list[str]] = {}
        self._seers: dict[tuple[str, str], set[str]] = {}

    async def run(self, operations: int, *, until_found: bool = False) -> Report:
        """At least so many operations, in whole rounds; `until_found` stops after the first finding."""
        if not until_found:
            await self._learn()
        while self.report.operations < operations and not (until_found and self.report.findings):
            await self._world.look()
            await self._round_of_reads()
            for here, there, made in self._sides:
                await self._round_of_writes(here, there, made)
            await self._compare_counts()
        return self.report

    async def _learn(self) -> None:
        """Ask every field that shows rows once as everybody, to know who sees something by it; not counted in
        the share."""
        for here, there, made in self._sides:
            for name in (root for root in made.roots("Query") if root not in ABOUT_THE_LAW):
                await asyncio.gather(
                    *(self._ask(here, there, made.one("Query", name), login) for login in here.logins)
                )
        self.report.queries = self.report.shown = 0

    async def _round_of_reads(self) -> None:
        at_once = asyncio.Semaphore(READS_AT_ONCE)

        async def asked(here: Side, there: Side, operation: Operation) -> None:
            async with at_once:
                await self._ask(here, there, operation)

        reads = [
            asked(here, there, made.one("Query", self._next(made, "Query")))
            for here, there, made in self._sides
            for _ in range(READS)
        ]
        self._random.shuffle(reads)
        await asyncio.gather(*reads)

    async def _round_of_writes(self, here: Side, there: Side, made: Operations) -> None:
        before = await self._world.fingerprint(there)
        written = [made.one("Mutation", self._next(made, "Mutation")) for _ in range(WRITES)]
        for operation in written:
            await self._ask(here, there, operation)
        if await self._world.fingerprint(there) != before:
            roots = ", ".join(operation.root for operation in written)
            self.report.findings.append(f"{here.prefix} changed rows of {there.prefix} by one of {roots}")

    def _next(self, made: Operations, kind: str) -> str:
        """Every root field once, then again as often as it has something to show; in another order each
        time."""
        waiting = self._waiting.setdefault(kind, [])
        if not waiting:
            roots = list(made.roots(kind))
            often = [root for root in roots if root not in ABOUT_THE_LAW]
            again = 3 * often + 6 * [root for root in roots if root in BY_ID]
            self._random.shuffle(roots)
            self._random.shuffle(again)
            waiting.extend(again + roots)
        return waiting.pop()

    async def _ask(self, here: Side, there: Side, operation: Operation, login: str | None = None) -> None:
        login = login or self._login(here, operation.root)
        answer = await self._answer(operation, login)
        report = self.report
        report.operations += 1
        report.roots.add(operation.root)
        report.fields |= operation.fields
        report.findings.extend(findings(operation, answer, login, here, there))
        here.cursors.extend(cursors_in(answer))
        here.shown.extend(nodes_in(answer.get("data")) - {("Place", str(here.place_id))})
        if operation.text.startswith("query") and operation.root not in ABOUT_THE_LAW | WITHOUT_ROWS:
            report.queries += 1
            if shows_own_rows(answer, here):
                report.shown += 1
                report.showing.add(operation.root)
                self._seers.setdefault((here.prefix, operation.root), set()).add(login)

    def _login(self, here: Side, root: str) -> str:
        seers = self._seers.get((here.prefix, root))
        if root in BY_ID and self._random.random() < ASKED_BY_STRANGERS:
            return f"{here.prefix}-{self._random.choice(STRANGERS)}"
        if seers and root not in BY_ID and self._random.random() < ASKED_AGAIN:
            return self._random.choice(sorted(seers))
        return self._random.choice(here.logins)

    async def _answer(self, operation: Operation, login: str) -> dict[str, Any]:
        token = await self._token(login, spent=operation.root in SPENDS_ITS_SESSION)
        answer = await self._http.post(
            "/graphql",
            json={"query": operation.text, "variables": operation.variables},
            headers={"authorization": f"Bearer {token}"},
        )
        body: dict[str, Any] = answer.json()
        return body

    async def _token(self, login: str, *, spent: bool) -> str:
        """Made anew each time."""
        claims = conftest._claims[login]
        if spent:
            async with scope.open():
                account = await accounts.Account.get(id=claims.account_id)
                claims = (await accounts.open_session(account, claims.place_id, SIGNER)).claims
        return SIGNER.access_token(claims)

    async def _compare_counts(self) -> None:
        """The positive half of isolation: all that is one's own is there, counted behind the walls."""
        for here in self._world.sides:
            for login, query, sql in COUNTS:
                found = await self._counted(f"{here.prefix}-{login}", query)
                if found != (there_are := await self._world.count(sql, here.place_id)):
                    said = f"{here.prefix}-{login} counts {found} {query}, there are {there_are}"
                    self.report.findings.append(said)

    async def _counted(self, login: str, query: str) -> int | None:
        """Asked again where a busy machine says so; a list that is empty says nothing of the kind."""
        counting = Operation(query, f"query {{ {query} {{ totalCount }} }}")
        for _ in range(MOST_TRIES):
            answer = await self._answer(counting, login)
            if "errors" not in answer:
                return int(answer["data"][query]["totalCount"])
        return None


# Who reads all of a kind in his county, and what the superuser counts of it.
COUNTS = (
    ("auditor", "auditEntries", "SELECT count(*) FROM audit_entries WHERE tenant_id = $1"),
    ("county-secretary", "leaves", "SELECT count(*) FROM leaves WHERE tenant_id = $1"),
    ("county-secretary", "outings", "SELECT count(*) FROM outings WHERE tenant_id = $1"),
    ("county-secretary", "records", "SELECT count(*) FROM records WHERE tenant_id = $1"),
    ("county-secretary", "teams", "SELECT count(*) FROM teams WHERE tenant_id = $1"),
)


@asynccontextmanager
async def started(application: Starlette) -> AsyncIterator[Starlette]:
    async with application.router.lifespan_context(application):
        yield application
