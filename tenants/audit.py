"""Who did what, when, under which rule. Append-only: the application's role has no UPDATE and no DELETE here.

An entry names acts, ids, rules and days. It never carries the reason of a leave, an id number or any free
text that a user typed.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise import fields

from policies.access import Access
from policies.decisions import Decision
from policies.reach import Field, Viewer
from tenants import clock, reach
from tenants.conditions import Compared, Condition
from tenants.inserts import New, together
from tenants.pages import Listing
from tenants.rows import PlaceRow, Walls


class AuditEntry(PlaceRow):
    recorded_at = fields.DatetimeField()
    account_id = fields.UUIDField()
    person_id = fields.UUIDField()
    act = fields.CharField(64)
    subject_kind = fields.CharField(32)
    subject_id = fields.UUIDField()
    details: dict[str, Any] = fields.JSONField(default=dict)

    class Meta:
        table = "audit_entries"

    walls = Walls(
        indexes={"audit_entries_by_subject": ("subject_kind", "subject_id")},
        append_only=True,
    )


async def record(viewer: Viewer, act: str, subject: tuple[str, UUID], **details: Any) -> None:
    """Write one entry in the operation's own transaction. `details`: ids, codes, rule ids, days; no free
    text."""
    await together(entry(viewer, act, subject, **details))


def entry(viewer: Viewer, act: str, subject: tuple[str, UUID], **details: Any) -> New[AuditEntry]:
    """The entry, to be written together with what it tells of."""
    kind, subject_id = subject
    return New.of(
        AuditEntry,
        recorded_at=clock.now(),
        account_id=viewer.account_id,
        person_id=viewer.person_id,
        act=act,
        subject_kind=kind,
        subject_id=subject_id,
        details=details,
    )


async def first(act: str) -> AuditEntry | None:
    """The entry of the first time that the act was done in the place in force."""
    return await AuditEntry.filter(act=act).order_by("recorded_at").first()


def law_of(decision: Decision) -> dict[str, Any]:
    """What an entry keeps of a decision: outcome, rules and profile version."""
    return {
        "outcome": decision.outcome.value,
        "rules": [citation.rule for citation in decision.cites],
        "profile": decision.profile,
        "profile_version": decision.version,
    }


def listed(viewer: Viewer, access: Access, *, until: datetime | None = None) -> Listing[AuditEntry]:
    """What is recorded in the place, now or until a moment, as far as the viewer may read it."""
    wanted = [Compared("recorded_at", "<=", until)] if until is not None else []
    return Listing(AuditEntry, visible(viewer, access)).also(*wanted)


@reach.per_viewer
def visible(viewer: Viewer, access: Access) -> Condition:
    return reach.condition(access.reach(viewer, "audit.read"), {Field.OWNER: "person_id"})
