"""Two counties at work in one database, and what only the rows of each may show.

Every free text of a county's rows carries its canary; every id of them is one too. A leave's reason also
carries a private one, for the people of the same county whom it is none of the business of.
"""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
from tortoise import fields
from tortoise.models import Model

from tenants import database
from tenants.rows import PlaceRow
from tests.client import Client
from tests.conftest import Database
from tests.front_door import file_outing, opened, reject, sign

# Words of the vocabulary, codes and digests: they mean something, so no canary can stand in them.
WORDS = {
    "activities": {"code", "kind"},
    "acts_as": {"act"},
    "attachments": {"code", "digest", "media_type", "permission", "storage_key", "subject_kind"},
    "audit_entries": {"act", "subject_kind"},
    "county_summaries": {"code"},
    "divisions": {"code", "level", "official_code", "parent_code"},
    "households": {"code", "main_cause", "state"},
    "idempotency_keys": {"act", "payload_digest"},
    "jobs": {"failure", "kind", "stage", "state"},
    "leaves": {"code", "state"},
    "members": {"id_number_mask", "relation"},
    "notices": {"kind", "subject_kind"},
    "outings": {"code", "purpose"},
    "pairings": {"code", "kind"},
    "persons": {"rank"},
    "profile_drafts": {"state"},
    "posts": {"basis", "code", "role"},
    "records": {"code", "kind"},
    "requests": {"code", "state", "subject_kind"},
    "seats": {"role"},
    "signatures": {"verdict"},
    "steps": {"act", "code", "organ", "state"},
    "teams": {"code", "kind", "state"},
    "units": {"code", "organ", "origin", "tier"},
}
# Roles to which another person's reason for a leave is never shown: elsewhere, beside or without the right.
STRANGERS = ("other-first-secretary", "other-township-secretary", "other-unit-head", "admin", "auditor")


@dataclass(slots=True)
class Side:
    """One county: who asks in it, and what its rows would be known by. `cursors`: of pages that
    it was given. `shown`: type and id of objects that it was shown."""

    prefix: str
    place_id: UUID
    canary: str
    private: str
    logins: tuple[str, ...]
    codes: tuple[str, ...]
    ids: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    cursors: deque[str] = field(default_factory=lambda: deque(maxlen=50))
    law: frozenset[str] = frozenset()
    shown: deque[tuple[str, str]] = field(default_factory=lambda: deque(maxlen=500))

    @property
    def all_ids(self) -> frozenset[str]:
        return frozenset(id for ids in self.ids.values() for id in ids)


def free_texts() -> Iterator[tuple[str, str, int]]:
    """Table, column and length of every text of a county's rows that people write."""
    for model in place_models():
        table = str(model._meta.db_table)
        for name, column in model._meta.fields_db_projection.items():
            kept = model._meta.fields_map[name]
            if isinstance(kept, fields.CharField | fields.TextField) and column not in WORDS.get(table, ()):
                yield table, column, getattr(kept, "max_length", 0) or 1000


def place_models() -> list[type[Model]]:
    return [model for model in PlaceRow.__subclasses__() if model.__module__ in database.MODULES]


def at_work(client: Client) -> None:
    """Leaves asked for, signed, refused and waiting in both counties, and an outing where it can be filed."""
    for county in ("hn", "tw"):
        three = opened(client, f"{county}-first-secretary", "06-18", "06-20", reason="家事")
        sign(client, f"{county}-township-secretary", three, remark="同意")
        opened(client, f"{county}-other-first-secretary", "06-18", "06-20", reason="家事")
        refused = opened(client, f"{county}-team-member", "06-25", "06-26", reason="家事")
        reject(client, f"{county}-township-secretary", refused, "人手不足")
        opened(client, f"{county}-first-secretary", "07-02", "07-06", reason="看病")
        asked_for(
            client, DRAFT, {"input": {"text": "id: 草稿", "documentTitle": "演示文件"}}, f"{county}-admin"
        )
        administer(client, county, ABOVE[county])
        asked_for(client, RECORD, {"input": REPORT}, f"{county}-first-secretary")
        leader = client.ask("{ viewer { person { id } } }", as_=f"{county}-{LEADERS[county][0]}")["viewer"]
        asked_for(
            client,
            TEAM,
            {"input": team_of(county, leader["person"]["id"])},
            f"{county}-{LEADERS[county][0]}",
        )
    file_outing(client, "hn-first-secretary", "06-16T08:00:00")


def administer(client: Client, county: str, above: str) -> None:
    """The province acts in the county: it leaves a mark in both."""
    place = client.ask("{ place { id } }", as_=f"{county}-admin")["place"]["id"]
    admin = {"name": "演示增补管理员", "login": f"added-to-{county}"}
    asked_for(client, INVITE, {"place": place, "admin": admin, "reason": "增补一人"}, above)


def asked_for(client: Client, command: str, variables: dict[str, Any], login: str) -> None:
    (payload,) = client.ask(command, variables, as_=login).values()
    assert payload["userErrors"] == [], payload


def team_of(county: str, leader: str) -> dict[str, Any]:
    """A team that the county's document knows, led by whoever enters it."""
    _, kind, role, division = LEADERS[county]
    seats = [{"role": role, "person": leader}]
    named = {"kind": kind, "name": "演示队伍", "division": division, "seats": seats}
    return named | {"beginsOn": "2018-06-01", "justification": "人员另报"}


LEADERS = {
    "hn": ("township-secretary", "responsibility_group", "responsibility_group_leader", "410173113202"),
    "tw": ("county-secretary", "village_team_management_group", "village_team_management_group_leader",
           "621121000000"),
}  # fmt: skip
REPORT = {
    "kind": "progress_report",
    "occurredOn": "2018-06-14",
    "text": "本周走访八户",
    "justification": "无",
}
RECORD = (
    "mutation ($input: RecordSubmitInput!) { recordSubmit(input: $input) { userErrors { code message } } }"
)
TEAM = "mutation ($input: TeamCreateInput!) { teamCreate(input: $input) { userErrors { code message } } }"
ABOVE = {"hn": "p41-admin", "tw": "p62-admin"}
DRAFT = """
mutation ($input: ProfileDraftInput!) { profileDraft(input: $input) { userErrors { code } } }
"""
INVITE = """
mutation ($place: ID!, $admin: CountyAdminInput!, $reason: String!) {
  countyAdminInvite(place: $place, admin: $admin, reason: $reason) { userErrors { code message } }
}
"""


class World:
    """The two counties and a look behind them that no wall stops."""

    def __init__(self, behind: asyncpg.Connection, sides: tuple[Side, Side]) -> None:
        self._behind = behind
        self.sides = sides

    @classmethod
    async def planted(cls, database: Database, *, mark: bool = True) -> "World":
        """`mark`: put the canaries in; without, only look."""
        behind = await asyncpg.connect(**database.superuser.as_arguments())
        sides = (
            await _side(behind, "hn", "410173000000", "甲"),
            await _side(behind, "tw", "621121000000", "乙"),
        )
        world = cls(behind, sides)
        if mark:
            for side in sides:
                await world._plant(side)
        await world.look()
        return world

    async def _plant(self, side: Side) -> None:
        for table, column, length in free_texts():
            kept = length - len(side.canary) - 9
            await self._behind.execute(
                f"UPDATE {table} SET {column} = left({column}, {kept}) || $2 || left(md5(id::text), 8)"
                f" WHERE tenant_id = $1 AND {column} IS NOT NULL",
                side.place_id,
                side.canary,
            )
        await self._behind.execute(
            "UPDATE leaves l SET reason = $2 || reason FROM persons p JOIN accounts a ON a.id = p.account_id"
            " WHERE l.tenant_id = $1 AND p.tenant_id = $1 AND p.id = l.person_id AND a.login = ANY($3)",
            side.place_id,
            side.private,
            [f"{side.prefix}-first-secretary", f"{side.prefix}-team-member"],
        )

    async def look(self) -> None:
        """What the rows are by now: those that were written meanwhile have ids too."""
        for side in self.sides:
            side.ids = {"Place": (str(side.place_id),)} | {
                model.__name__: tuple(
                    str(row["id"])
                    for row in await self._behind.fetch(
                        f"SELECT id FROM {model._meta.db_table} WHERE tenant_id = $1", side.place_id
                    )
                )
                for model in place_models()
            }

    async def fingerprint(self, side: Side) -> str:
        """Everything that the county owns, in one word: equal only if nothing has changed."""
        parts = [
            f"SELECT md5(string_agg(md5(t::text), '' ORDER BY t.id)) AS part FROM {model._meta.db_table} t"
            " WHERE t.tenant_id = $1"
            for model in place_models()
        ]
        parts.append("SELECT md5(t::text) FROM places t WHERE t.id = $1")
        return "".join(
            str(row["part"]) for row in await self._behind.fetch(" UNION ALL ".join(parts), side.place_id)
        )

    async def count(self, sql: str, *values: Any) -> int:
        found: int = await self._behind.fetchval(sql, *values)
        return found

    async def close(self) -> None:
        await self._behind.close()


async def _side(behind: asyncpg.Connection, prefix: str, code: str, mark: str) -> Side:
    place_id = await behind.fetchval("SELECT id FROM places WHERE code = $1", code)
    logins = await behind.fetch(
        "SELECT login FROM accounts WHERE login LIKE $1 ORDER BY login", f"{prefix}-%"
    )
    codes = await behind.fetch(
        "SELECT code FROM divisions WHERE tenant_id = $1 ORDER BY code LIMIT 40", place_id
    )
    law = await behind.fetch("SELECT id FROM profiles WHERE owner_id = $1", place_id)
    return Side(
        law=frozenset(str(row["id"]) for row in law),
        prefix=prefix,
        place_id=place_id,
        canary=f"金丝雀{mark}",
        private=f"私密{mark}",
        logins=tuple(row["login"] for row in logins),
        codes=tuple(row["code"] for row in codes),
    )
