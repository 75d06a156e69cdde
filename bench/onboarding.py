"""Onboarding, through the door of the whole application over its own PostgreSQL: the largest county of the
register, median ones, and all of a province by a job.

`python -m bench.onboarding` prints what it found and writes results/onboarding.json. Seconds belong to the
machine they were measured on; nothing is kept but the file.
"""

import asyncio
import json
import os
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from time import perf_counter, sleep
from typing import Any
from uuid import uuid4

from starlette.testclient import TestClient

from api import demo
from api.app import create_app
from api.installation import Installation, installed
from api.settings import Settings
from policies.jurisdiction import Level, ancestor
from tenants import accounts, database, people, places, register, scope
from tenants.places import PlaceKind
from tenants.register import Entry

RESULTS = Path(__file__).parent / "results" / "onboarding.json"
ROUNDS = 9
ONBOARD = """
mutation ($code: String!, $admin: CountyAdminInput!, $dryRun: Boolean!) {
  countyOnboard(code: $code, admin: $admin, dryRun: $dryRun) {
    report { townshipCount villageCount townships { code villages } readiness { share }
             answers { decision { outcome } } }
    invitation { token } userErrors { code message }
  }
}
"""
ALL = "mutation { countiesOnboard { job { id } userErrors { code message } } }"
HOW_FAR = """
query ($job: ID!) { countiesOnboarded(job: $job) { job { state endedAt startedAt } new failed { code } } }
"""


class Province:
    """A province and its administrator, signed in."""

    def __init__(self, http: TestClient, token: str) -> None:
        self._http = http
        self._headers = {"authorization": f"Bearer {token}"}

    def ask(self, query: str, **variables: Any) -> Any:
        body = {"query": query, "variables": variables}
        answer = self._http.post("/graphql", json=body, headers=self._headers).json()
        assert "errors" not in answer, answer
        (found,) = answer["data"].values()
        assert not found.get("userErrors"), found
        return found

    def seconds(self, county: Entry, *, dry_run: bool) -> float:
        admin = {"name": "演示县级管理员", "login": f"{county.code}-admin"}
        start = perf_counter()
        self.ask(ONBOARD, code=county.code, admin=admin, dryRun=dry_run)
        return perf_counter() - start


@contextmanager
def served() -> Iterator[tuple[TestClient, Installation]]:
    """The application over a database of its own, with the demonstration."""
    with tempfile.TemporaryDirectory(prefix="zeren-bench-") as folder:
        os.chmod(folder, 0o755)  # noqa: S103 - as root, the database runs as another user, who passes here
        settings = Settings(
            data_dir=Path(folder) / "own", address_rate="off", account_rate="off", place_rate="off"
        )
        with installed(settings) as installation:
            with TestClient(create_app(settings, installation.app, installation.signer)) as http:
                yield http, installation


async def _token(installation: Installation, code: str) -> str:
    """The token of the administrator of the province with this code, which is founded if it is not there."""
    async with database.connected(installation.app, pool_size=2):
        async with scope.open():
            known = await places.by_code(code)
        login = f"p{code[:2]}-admin" if known else f"bench-{code}"
        if known is None:
            await _found(code, login)
        async with scope.open():
            account = await accounts.by_login(login)
            assert account is not None, login
            tokens = await accounts.open_session(account, account.place_ids[0], installation.signer)
            return tokens.access


async def _found(code: str, login: str) -> None:
    (entry,) = register.listed(Level.PROVINCE, code)
    place_id = uuid4()
    async with scope.open(writes=place_id):
        place = await places.found(
            place_id, code=code, name=entry.name, kind=PlaceKind.PROVINCE, parent_id=None
        )
        account = await accounts.create(login)
        person = await people.create(name="演示省级管理员", account_id=account.id)
        await people.open_post(person.id, "province_admin", code, place.today)


def nodes_of_counties() -> Counter[str]:
    """How many townships and villages each county of the country has, by its code."""
    levels = (Level.TOWNSHIP, Level.VILLAGE)
    return Counter(ancestor(entry.code, Level.COUNTY) for level in levels for entry in register.listed(level))


def largest_and_medians() -> tuple[Entry, list[Entry]]:
    """The county with most nodes, and those nearest to the median within one province."""
    nodes = nodes_of_counties()
    middle = median(nodes.values())
    counties = {entry.code: entry for entry in register.listed(Level.COUNTY)}
    near = sorted(counties, key=lambda code: abs(nodes[code] - middle))
    (province, _), *_ = Counter(code[:2] for code in near[: ROUNDS * 20]).most_common(1)
    medians = [counties[code] for code in near if code.startswith(province)][:ROUNDS]
    return counties[max(counties, key=lambda code: nodes[code])], medians


def measured(http: TestClient, installation: Installation) -> dict[str, Any]:
    largest, medians = largest_and_medians()
    of_largest = Province(http, asyncio.run(_token(installation, ancestor(largest.code, Level.PROVINCE))))
    of_medians = Province(http, asyncio.run(_token(installation, ancestor(medians[0].code, Level.PROVINCE))))
    first = of_largest.seconds(largest, dry_run=True)
    dry_runs = [of_largest.seconds(largest, dry_run=True) for _ in range(ROUNDS)]
    commit = of_largest.seconds(largest, dry_run=False)
    commits = [of_medians.seconds(county, dry_run=False) for county in medians]
    return {
        "processors": os.cpu_count(),
        "largest": largest.code,
        "largest_villages": len(list(register.listed(Level.VILLAGE, largest.code))),
        "largest_first_dry_run_seconds": round(first, 3),
        "largest_dry_run_seconds": round(median(dry_runs), 3),
        "largest_commit_seconds": round(commit, 3),
        "median_counties": [county.code for county in medians],
        "median_commit_seconds": round(median(commits), 3),
        "median_commit_slowest_seconds": round(max(commits), 3),
        **whole_province(Province(http, asyncio.run(_token(installation, demonstrated())))),
    }


def demonstrated() -> str:
    """The last province of the demonstration without a document of its own."""
    found = [p for p in demo.places_described() if p["kind"] == PlaceKind.PROVINCE and "profile" not in p]
    return str(found[-1]["code"])


def whole_province(province: Province) -> dict[str, Any]:
    start = perf_counter()
    job = province.ask(ALL)["job"]["id"]
    while (found := province.ask(HOW_FAR, job=job))["job"]["state"] in ("QUEUED", "RUNNING"):
        sleep(0.1)
    seconds = perf_counter() - start
    assert found["job"]["state"] == "DONE", found
    assert found["failed"] == [], found
    return {
        "province": demonstrated(),
        "province_counties": len(found["new"]),
        "province_seconds": round(seconds, 2),
        "province_counties_per_second": round(len(found["new"]) / seconds, 1),
    }


def main() -> None:
    with served() as (http, installation):
        found = measured(http, installation)
    for name, value in found.items():
        print(f"{name}: {value}")
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps(found, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
