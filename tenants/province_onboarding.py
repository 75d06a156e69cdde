"""A whole province onboarded by a job: county by county, each in a transaction of its own.

A county that is a place already is counted as present. One that cannot be onboarded is reported and stands
in nobody's way. What has been done is the job's cursor, so a job begun again goes on behind the last county.

Accounts are made and nobody is invited: an invitation is a secret, and what a job keeps is read by others.
`invite_admin` invites them afterwards.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from policies.access import Access
from policies.jurisdiction import Level
from policies.reach import Viewer
from tenants import jobs, onboarding, places, register, scope
from tenants.jobs import Job
from tenants.onboarding import Admin, Plan
from tenants.refusals import Flaw, Refusal, RefusalCode, invalid
from tenants.register import Entry
from tenants.runs import Handler, Run

KIND = "onboarding.province"
MOST_COUNTIES = 300


@dataclass(frozen=True, slots=True)
class Failure:
    """A county that was not onboarded, and why, so that the sentence is made in the reader's language."""

    code: str
    name: str
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the job is: counties by code. `next`: how many of them were looked at."""

    next: int = 0
    new: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    failed: tuple[Mapping[str, Any], ...] = ()

    @classmethod
    def of(cls, kept: Mapping[str, Any] | None) -> "Progress":
        lists = {name: tuple((kept or {}).get(name, ())) for name in ("new", "present", "failed")}
        return cls(next=(kept or {}).get("next", 0), **lists)

    def as_data(self) -> dict[str, Any]:
        return {
            "next": self.next,
            "new": list(self.new),
            "present": list(self.present),
            "failed": list(self.failed),
        }

    @property
    def failures(self) -> list[Failure]:
        return [
            Failure(one["code"], one["name"], Refusal.from_kept(one["refusal"], one["params"]))
            for one in self.failed
        ]


def progress_of(job: Job) -> Progress:
    """What a job of this kind has done, to its end or so far."""
    return Progress.of(job.outcome or job.cursor)


async def ask(
    viewer: Viewer,
    access: Access,
    *,
    base: str | None,
    codes: Sequence[str] | None,
    admins: Mapping[str, Admin],
    key: str | None = None,
) -> Job:
    """Ask for the counties with these codes, or for all below the viewer's place. `admins`: who administers a
    county, by its code; where none is named, an account is made after the code. Raises INVALID for a code
    that is none of the counties."""
    if not access.may_ever(viewer, "place.create"):
        raise Refusal(RefusalCode.FORBIDDEN)
    counties = [_county(viewer, access, code) for code in codes] if codes is not None else _all_below(viewer)
    if len(counties) > MOST_COUNTIES:
        raise invalid(Flaw.TOO_MANY, "codes", most=MOST_COUNTIES, given=len(counties))
    named = {code.ljust(12, "0"): [admin.name, admin.login] for code, admin in admins.items()}
    if unknown := sorted(named.keys() - {county.code for county in counties}):
        raise invalid(Flaw.ELSEWHERE, "admins", given=unknown[0][:20])
    arguments = {"base": base, "codes": [county.code for county in counties], "admins": named}
    return await jobs.ask(viewer, KIND, arguments, key=key)


def _county(viewer: Viewer, access: Access, code: str) -> Entry:
    try:
        return onboarding.county_of(viewer, access, code)
    except Refusal as refusal:
        refusal.path = ("codes",)
        raise


def _all_below(viewer: Viewer) -> list[Entry]:
    return list(register.listed(Level.COUNTY, viewer.place_code))


async def work(run: Run) -> Mapping[str, Any]:
    """Onboard what has not been looked at yet."""
    codes: Sequence[str] = run.arguments["codes"]
    while (done := Progress.of(run.cursor)).next < len(codes):
        county = register.county(codes[done.next])
        assert county is not None, "the codes were checked when the job was asked for"
        async with run.standing() as (viewer, law):
            found = await _one(viewer, law.access, _plan(run.arguments, county))
            run.cursor = _with(done, county, found).as_data()
        await run.progress(done.next + 1, len(codes), county.code)
    return run.cursor or Progress().as_data()


def _plan(arguments: Mapping[str, Any], county: Entry) -> Plan:
    name, login = arguments["admins"].get(county.code, (f"{county.name}管理员", f"{county.code[:6]}-admin"))
    return Plan(county.code, Admin(name, login), arguments["base"])


async def _one(viewer: Viewer, access: Access, plan: Plan) -> bool | Refusal:
    """Whether the county is new; or why it could not be onboarded, with nothing left of the attempt. That
    the asker reaches it is asked anew: the job may run long after it was asked for."""
    try:
        county = onboarding.county_of(viewer, access, plan.code)
        if await places.by_code(county.code) is not None:
            return False
        async with scope.open(writes=viewer.place_id):
            await onboarding.settle(viewer, plan, county)
    except Refusal as refusal:
        return refusal
    return True


def _with(done: Progress, county: Entry, found: bool | Refusal) -> Progress:
    after = done.next + 1
    if isinstance(found, Refusal):
        failure = {
            "code": county.code,
            "name": county.name,
            "refusal": found.code.value,
            "params": found.to_keep(),
        }
        return replace(done, next=after, failed=(*done.failed, failure))
    if found:
        return replace(done, next=after, new=(*done.new, county.code))
    return replace(done, next=after, present=(*done.present, county.code))


HANDLER = Handler("place.create", work)
