"""Households as a file: the rows of any list of them, in the form of the sheet that they are entered with."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from policies.access import Access
from policies.reach import Viewer
from tenants import divisions, households, jobs
from tenants.exports import Cells, Export, ExportFormat
from tenants.household_sheets import RELATIONS, SHEET, STATES
from tenants.households import Household, HouseholdState, Member, Relation, Wanted
from tenants.jobs import Job
from tenants.pages import Listing
from tenants.runs import Handler

_LABELS = {word: label for labels in (STATES, RELATIONS) for label, word in labels.items()}


async def ask(viewer: Viewer, wanted: Wanted, form: ExportFormat, *, key: str | None = None) -> Job:
    """Ask for the households that the viewer reads, as far as they are wanted, by village and number."""
    arguments = {
        "format": form.value,
        "division": wanted.division,
        "state": HouseholdState(wanted.state).value if wanted.state else None,
        "mainCause": wanted.main_cause,
    }
    return await jobs.ask(viewer, EXPORT.kind, arguments, key=key)


def _listed(viewer: Viewer, access: Access, job: Job) -> Listing[Household]:
    asked = job.arguments
    state = HouseholdState(asked["state"]) if asked["state"] else None
    wanted = Wanted(division=asked["division"], state=state, main_cause=asked["mainCause"])
    return households.listed(viewer, access, wanted)


async def _told(rows: Sequence[Household]) -> list[Cells]:
    """A line for each member, the head first. Whoever reads a household reads its members."""
    members = await _members([row.id for row in rows])
    names = await _names({row.code for row in rows})
    return [
        [_cell(column.key, row, member, names) for column in SHEET.columns]
        for row in rows
        for member in members[row.id]
    ]


async def _members(ids: Sequence[UUID]) -> Mapping[UUID, list[Member]]:
    found = defaultdict[UUID, list[Member]](list)
    for member in await Member.filter(household_id__in=ids).order_by("recorded_at", "id"):
        found[member.household_id].append(member)
    for members in found.values():
        members.sort(key=lambda member: member.relation is not Relation.HEAD)
    return found


async def _names(codes: set[str]) -> Mapping[str, str]:
    """Each village as its sheet writes it: 乡镇/村."""
    villages = await divisions.known_by(codes)
    above = await divisions.known_by({v.parent_code for v in villages.values() if v.parent_code})
    return {
        code: "/".join([*([above[v.parent_code].name] if v.parent_code in above else []), v.name])
        for code, v in villages.items()
    }


def _cell(key: str, row: Household, member: Member, names: Mapping[str, str]) -> Any:
    match key:
        case "village":
            return names.get(row.code, row.code)
        case "state":
            return _LABELS[row.state]
        case "relation":
            return _LABELS[member.relation]
        case "id_number":
            return member.id_number_mask
        case "name" | "born_on":
            return getattr(member, key)
    return getattr(row, key)


EXPORT = Export(
    "household.export",
    SHEET.title,
    "household.read",
    tuple(column.header for column in SHEET.columns),
    _listed,
    _told,
)
HANDLERS: Mapping[str, Handler] = {EXPORT.kind: EXPORT.handler}
