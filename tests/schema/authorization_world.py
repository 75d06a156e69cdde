"""The demonstration with rows of every kind planted in each relation to its viewers.

Relations are seen from one county's first village. `self`: what is the viewer's own. `village`, `township`,
`sibling`: of that village, of another village of its township, of another township of the county.
`other_county`: of the next county of the province. `other_province`. A viewer who heads a unit heads the one
that sent the village's person. For a province the first four lie in a county below it.
"""

import asyncio
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import yaml

from api import demo
from tenants import database, places, scope
from tests.client import Client
from tests.conftest import Database
from tests.front_door import file_outing, opened, rows, said

HERE, TOWNSHIP, VILLAGE, SIBLING = "410173000000", "410173113000", "410173113202", "410173116201"
NEXT_COUNTY, OTHER_PROVINCE = "410122000000", "621121000000"
FREE = {"other_county": ("410105000000",), "other_province": ("621122000000",)}
RELATIONS = ("self", "village", "township", "sibling", "other_county", "other_province")
# What is planted, by its name in the schema → its table. `Post` has no global id.
TABLES = {
    "ActAs": "acts_as",
    "Activity": "activities",
    "Attachment": "attachments",
    "AuditEntry": "audit_entries",
    "Division": "divisions",
    "Household": "households",
    "Job": "jobs",
    "Leave": "leaves",
    "Member": "members",
    "Notice": "notices",
    "Outing": "outings",
    "Pairing": "pairings",
    "Person": "persons",
    "Place": "places",
    "Post": "posts",
    "ProfileDraft": "profile_drafts",
    "ProfileVersion": "profiles",
    "Record": "records",
    "Request": "requests",
    "Team": "teams",
    "Unit": "units",
}


def global_id(kind: str, row: UUID) -> str:
    return b64encode(f"{kind}:{row}".encode()).decode()


@dataclass(frozen=True, slots=True)
class Spot:
    """Where rows are planted: a place, and a division and a unit in it."""

    place: UUID
    code: str
    unit: UUID | None


@dataclass(slots=True)
class Planted:
    """The rows of one relation, by kind. `free`: the codes of counties there that are no places yet."""

    by_kind: dict[str, list[UUID]] = field(default_factory=dict)
    free: tuple[str, ...] = ()

    def add(self, kind: str, row: UUID | None) -> None:
        if row is not None:
            self.by_kind.setdefault(kind, []).append(row)

    def ids(self, kind: str) -> list[str]:
        """Their global ids; the plain ids of posts."""
        found = self.by_kind.get(kind, [])
        return [str(row) if kind == "Post" else global_id(kind, row) for row in found]

    @property
    def marks(self) -> list[str]:
        """What shows that one of the rows has been reached."""
        return [id for kind in self.by_kind for id in self.ids(kind)] + [
            str(row) for found in self.by_kind.values() for row in found
        ]


@dataclass(frozen=True, slots=True)
class World:
    """`elsewhere`: the rows of the relations that are the same for everybody; `own`: those of each login."""

    elsewhere: Mapping[str, Planted]
    own: Mapping[str, Planted]

    def seen_from(self, login: str | None) -> dict[str, Planted]:
        own = self.own.get(login or "", Planted())
        return {"self": own, **self.elsewhere}


def planted(client: Client, behind: Database, logins: Sequence[str]) -> World:
    """Plants everything. The law is asked once, through the door; the rest are copies of what it made."""
    asyncio.run(_next_county(behind))
    templates = _templates(client, behind)
    return asyncio.run(_plant(behind, templates, logins))


async def _next_county(behind: Database) -> None:
    """A second county of the province, under the same document, with nobody in it but its officers."""
    described = yaml.safe_load((demo.FOLDER / f"{HERE[:6]}.yaml").read_text("utf-8"))
    officers = [dict(person, login=f"next-{person['login']}") for person in described["people"][:2]]
    described |= {"code": NEXT_COUNTY, "name": "演示邻县", "people": officers, "households": []}
    async with database.connected(behind.app, pool_size=2):
        async with scope.open():
            known = await places.ids_by_code()
        await demo._load_place(described, known[described["parent"]])


Template = dict[str, Any]
ACT_AS: Template = {
    "place_name": "演示省",
    "person_name": "演示省级管理员",
    "act": "place.suspend",
    "reason": "演示",
    "recorded_at": datetime(2018, 6, 15, tzinfo=UTC),
}
DRAFT: Template = {
    "text": "演示",
    "follows": 0,
    "state": "open",
    "recorded_at": datetime(2018, 6, 15, tzinfo=UTC),
    "changed_at": datetime(2018, 6, 15, tzinfo=UTC),
    "version": 1,
}
# A job that has ended: no runner takes it.
JOB: Template = {
    "kind": "onboarding.province",
    "account_id": uuid4(),
    "post_ids": [],
    "arguments": {},
    "state": "done",
    "is_cancelling": False,
    "done": 0,
    "stage": "",
    "failure_params": {},
    "recorded_at": datetime(2018, 6, 15, tzinfo=UTC),
    "ended_at": datetime(2018, 6, 15, tzinfo=UTC),
    "runs": 0,
}


MOMENT = datetime(2018, 6, 1, tzinfo=UTC)
HOUSEHOLD: Template = {
    "head_name": "演示户主",
    "state": "registered",
    "population": 1,
    "recorded_at": MOMENT,
    "version": 1,
}
MEMBER: Template = {"name": "演示户主", "relation": "head", "recorded_at": MOMENT}
PAIRING: Template = {"kind": "cadre_household", "begins_on": date(2016, 1, 1), "recorded_at": MOMENT}
VISIT: Template = {"kind": "household_visit", "occurred_at": MOMENT, "recorded_at": MOMENT}
ATTACHMENT: Template = {
    "permission": "attachment.read",
    "name": "演示.csv",
    "media_type": "text/csv",
    "size": 1,
    "digest": "",
    "recorded_at": datetime(2018, 6, 15, tzinfo=UTC),
}


RECORD: Template = {
    "kind": "monthly_bulletin",
    "text": "演示",
    "contents": ["text"],
    "occurred_on": date(2018, 6, 1),
    "recorded_at": datetime(2018, 6, 15, tzinfo=UTC),
}


TEAM: Template = {
    "kind": "village_team",
    "name": "演示工作队",
    "state": "in_place",
    "begins_on": date(2018, 6, 1),
    "recorded_at": datetime(2018, 6, 15, tzinfo=UTC),
    "version": 1,
}


def _templates(client: Client, behind: Database) -> dict[str, list[Template]]:
    """What the law makes of a long leave, a short one and an outing."""
    who = "hn-first-secretary"
    opened(client, who, "06-18", "06-21", reason="演示事由")
    opened(client, who, "07-02", "07-03")
    assert said(file_outing(client, who, "06-16T08:00:00")) == "ALLOW"
    of_leaves = "SELECT * FROM requests WHERE subject_kind = 'leave' ORDER BY recorded_at"
    found = {
        "leaves": rows(behind, "SELECT * FROM leaves ORDER BY recorded_at"),
        "requests": rows(behind, of_leaves),
        "steps": rows(behind, "SELECT * FROM steps ORDER BY id"),
        "outings": rows(behind, "SELECT * FROM outings"),
        "notices": rows(behind, "SELECT * FROM notices LIMIT 1"),
        "audit_entries": rows(behind, "SELECT * FROM audit_entries LIMIT 1"),
    }
    return {table: [dict(row) for row in of] for table, of in found.items()}


async def _plant(behind: Database, templates: Mapping[str, list[Template]], logins: Sequence[str]) -> World:
    connection = await asyncpg.connect(**behind.superuser.as_arguments())
    try:
        planter = _Planter(connection, templates)
        elsewhere = {name: await planter.at(name, spot) async for name, spot in _spots(connection)}
        own = {login: await planter.own(login) for login in logins}
    finally:
        await connection.close()
    return World(elsewhere, own)


async def _spots(connection: asyncpg.Connection) -> Any:
    places_by_code = {r["code"]: r["id"] for r in await connection.fetch("SELECT id, code FROM places")}
    unit = "SELECT id FROM units WHERE tenant_id = $1 AND name = $2"
    neighbour = "SELECT min(code) FROM divisions WHERE tenant_id = $1 AND parent_code = $2 AND code <> $3"
    of_next = "SELECT max(code) FROM divisions WHERE tenant_id = $1 AND level = 'village'"
    here, beyond = places_by_code[HERE], places_by_code[NEXT_COUNTY]
    far = places_by_code[OTHER_PROVINCE]
    codes = {
        "village": (here, VILLAGE, "甲"),
        "township": (here, await connection.fetchval(neighbour, here, TOWNSHIP, VILLAGE), "乙"),
        "sibling": (here, SIBLING, "乙"),
        "other_county": (beyond, await connection.fetchval(of_next, beyond), "甲"),
        "other_province": (far, "621121101201", "甲"),
    }
    for relation, (place, code, name) in codes.items():
        yield relation, Spot(place, code, await connection.fetchval(unit, place, f"演示派出单位{name}"))


class _Planter:
    def __init__(self, connection: asyncpg.Connection, templates: Mapping[str, list[Template]]) -> None:
        self.connection = connection
        self.templates = templates

    async def at(self, relation: str, spot: Spot) -> Planted:
        """A person with a post there, and rows of every kind about him."""
        person, post = uuid4(), uuid4()
        who = {
            "id": person,
            "tenant_id": spot.place,
            "name": f"演示{relation}",
            "rank": "section",
            "version": 1,
        }
        await self._insert("persons", **who, is_demo=True)
        await self._insert(
            "posts",
            id=post,
            tenant_id=spot.place,
            person_id=person,
            role="first_secretary",
            code=spot.code,
            unit_id=spot.unit,
            begins_on=self.templates["leaves"][0]["begins_on"].replace(year=2015),
            basis="appointment",
        )
        found = await self._of(person, post, spot)
        found.add("Division", await self._division(spot))
        found.free = FREE.get(relation, ())
        return found

    async def own(self, login: str) -> Planted:
        """Rows about a person of the demonstration, in his post."""
        row = await self.connection.fetchrow(
            "SELECT p.person_id, p.id, p.tenant_id, p.code, p.unit_id FROM posts p"
            " JOIN persons pe ON pe.id = p.person_id JOIN accounts a ON a.id = pe.account_id"
            " WHERE a.login = $1 ORDER BY p.begins_on LIMIT 1",
            login,
        )
        spot = Spot(row["tenant_id"], row["code"], row["unit_id"])
        return await self._of(row["person_id"], row["id"], spot)

    async def _of(self, person: UUID, post: UUID, spot: Spot) -> Planted:
        found = Planted()
        for kind, row in (("Person", person), ("Post", post), ("Unit", spot.unit), ("Place", spot.place)):
            found.add(kind, row)
        where = {"tenant_id": spot.place, "person_id": person}
        at = where | {"post_id": post, "code": spot.code, "unit_id": spot.unit}
        for leave, request in zip(self.templates["leaves"], self.templates["requests"], strict=True):
            absence = await self._copy("leaves", leave, **at)
            found.add("Leave", absence)
            found.add("Request", await self._request(request, absence, at))
        await self._household(found, person, spot)
        found.add("Outing", await self._copy("outings", self.templates["outings"][0], **at))
        here = {"tenant_id": spot.place, "code": spot.code}
        found.add("Team", await self._copy("teams", TEAM, **here))
        found.add("Record", await self._copy("records", RECORD, **at))
        found.add("Job", await self._copy("jobs", JOB, tenant_id=spot.place, asked_by=person))
        owned = {"tenant_id": spot.place, "owner_id": person, "code": spot.code, "storage_key": str(uuid4())}
        found.add("Attachment", await self._copy("attachments", ATTACHMENT, **owned))
        above = ACT_AS | {"tenant_id": spot.place, "place_id": spot.place, "person_id": person}
        found.add("ActAs", await self._copy("acts_as", above))
        draft = DRAFT | {"tenant_id": spot.place, "drafted_by": person, "edited_by": [str(person)]}
        found.add("ProfileDraft", await self._copy("profile_drafts", draft))
        found.add("ProfileVersion", await self._version(spot))
        for kind in ("Notice", "AuditEntry"):
            found.add(kind, await self._copy(TABLES[kind], self.templates[TABLES[kind]][0], **where))
        return found

    async def _household(self, found: Planted, person: UUID, spot: Spot) -> None:
        """A household in the division, which the person helps and has visited."""
        place = {"tenant_id": spot.place}
        lives = place | {"code": spot.code}
        household = await self._copy("households", HOUSEHOLD, number=uuid4().hex, **lives)
        of = place | {"household_id": household}
        found.add("Household", household)
        found.add("Member", await self._copy("members", MEMBER, **of))
        helped = of | {"code": spot.code, "person_id": person}
        found.add("Pairing", await self._copy("pairings", PAIRING, **helped))
        found.add("Activity", await self._copy("activities", VISIT, **helped))

    async def _request(self, template: Template, subject: UUID, at: Mapping[str, Any]) -> UUID:
        about = {"applicant_id": at["person_id"], **{k: at[k] for k in ("tenant_id", "code", "unit_id")}}
        made = await self._copy("requests", template, subject_id=subject, post_id=at["post_id"], **about)
        for step in self.templates["steps"]:
            if step["request_id"] == template["id"]:
                unit = await self._unit_of(step["organ"], at)
                await self._copy("steps", step, request_id=made, **about | {"unit_id": unit})
        return made

    async def _unit_of(self, organ: str, at: Mapping[str, Any]) -> UUID | None:
        """The bureau of the place for its step, the applicant's own unit for the others."""
        sql = "SELECT id FROM units WHERE tenant_id = $1 AND organ = $2"
        found: UUID | None = await self.connection.fetchval(sql, at["tenant_id"], organ)
        return found or at["unit_id"]

    async def _version(self, spot: Spot) -> UUID | None:
        sql = "SELECT id FROM profiles WHERE owner_id = $1"
        found: UUID | None = await self.connection.fetchval(sql, spot.place)
        return found

    async def _division(self, spot: Spot) -> UUID:
        sql = "SELECT id FROM divisions WHERE tenant_id = $1 AND code = $2"
        found: UUID = await self.connection.fetchval(sql, spot.place, spot.code)
        return found

    async def _copy(self, table: str, template: Template, **changes: Any) -> UUID:
        row = uuid4()
        kept = {name: value for name, value in template.items() if name not in ("id", *changes)}
        await self._insert(table, id=row, **kept, **changes)
        return row

    async def _insert(self, table: str, **values: Any) -> None:
        given = [orjson.dumps(v).decode() if isinstance(v, dict | list) else v for v in values.values()]
        numbers = ", ".join(f"${n}" for n in range(1, len(given) + 1))
        await self.connection.execute(f"INSERT INTO {table} ({', '.join(values)}) VALUES ({numbers})", *given)


# The codes below which the planted divisions lie.
CODES_ABOVE = (HERE, TOWNSHIP, f"{SIBLING[:9]}000", OTHER_PROVINCE, "621121101000")
