"""Counties on the command line: onboard one or all of a province, list them, invite, suspend, resume."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from api import county_tables as tables
from api.acting import Actor, As, At, acting
from api.job_commands import watched
from api.settings import BadSettings
from api.stopping import stopping
from api.terminal import AsJson, named_as_in_graphql, print_json, text_of
from policies.jurisdiction import Level
from schema.enums import label
from schema.errors import Language
from schema.onboarding import CountyAdminInput
from schema.onboarding_report import OnboardingReport
from schema.province_onboarding import CountyNotOnboarded
from schema.texts import filled, named
from tenants import onboarding, places, province_onboarding, readiness, runner, suspension
from tenants.accounts import Invited
from tenants.jobs import Job, JobState
from tenants.onboarding import LocalNode, Onboarded, Plan
from tenants.onboarding_report import Report
from tenants.places import Place, PlaceKind, PlaceState, Wanted
from tenants.refusals import Refusal, RefusalCode
from tenants.register import Entry, newer_list

console = Console()
county_app = typer.Typer(help="县区。 Counties: onboard, list, invite, suspend.", no_args_is_help=True)

Code = Annotated[str, typer.Argument(metavar="CODE", help="区划代码 / The county's code, 6 or 12 digits.")]
Base = Annotated[
    str | None, typer.Option("--base", help="上级档案 / The profile of a place above; none when left out.")
]
Name = Annotated[str, typer.Option("--admin-name", help="管理员姓名 / The administrator's name.")]
Login = Annotated[str, typer.Option("--admin-login", help="管理员账号 / The name he signs in with.")]
Reason = Annotated[str, typer.Option("--reason", help="理由 / Why; the county's auditors read it.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="只试算，不保存 / Show what would be; keep nothing.")]
Exclude = Annotated[list[str], typer.Option("--exclude", help="不归本县的区划 / A node to leave out.")]
Local = Annotated[
    list[str],
    typer.Option("--local", metavar="PARENT,LEVEL,NAME", help="名册没有的区划 / A node no register lists."),
]
Newer = Annotated[
    Path | None,
    typer.Option("--newer-list", exists=True, dir_okay=False, help="较新名单 / A CSV `code,name[,level]`."),
]
Only = Annotated[list[str], typer.Option("--code", help="只开通此县 / Only this county; may be repeated.")]
InState = Annotated[PlaceState | None, typer.Option("--state", help="只看这一状态 / In this state only.")]


@county_app.command()
def onboard(
    code: Code,
    as_: As,
    admin_name: Name,
    admin_login: Login,
    base: Base = None,
    dry_run: DryRun = False,
    exclude: Exclude = [],  # noqa: B006 - typer copies it
    local: Local = [],  # noqa: B006 - typer copies it
    newer: Newer = None,
    as_json: AsJson = False,
) -> None:
    """开通一个县；--dry-run 只试算。 Onboard a county; with --dry-run, show what would be."""
    with stopping() as settings:
        plan = Plan(
            code=code,
            admin=CountyAdminInput(name=admin_name, login=admin_login).admin,
            base=base,
            excluding=tuple(exclude),
            local_nodes=tuple(_local(node) for node in local),
        )
        rows = newer_list.read(text_of(newer), code) if newer is not None else None
        done = acting(settings, as_, None, lambda actor: _onboarded(actor, plan, rows, dry_run=dry_run))
    report = done.report if isinstance(done, Onboarded) else done
    invitation = done.invitation if isinstance(done, Onboarded) else None
    if as_json:
        told = named_as_in_graphql(OnboardingReport.of(report, Language.ZH))
        print_json({"report": told, "invitation": tables.told_invitation(invitation), "dryRun": dry_run})
        return
    tables.print_report(report)
    console.print("试算，未保存 dry run, nothing kept" if dry_run else "已开通 onboarded")
    tables.print_invitation(invitation)


async def _onboarded(
    actor: Actor, plan: Plan, newer: tuple[Entry, ...] | None, *, dry_run: bool
) -> Onboarded | Report:
    async with actor.standing(writes=True) as (viewer, law):
        if dry_run:
            return await onboarding.preview(viewer, law.access, plan, newer=newer)
        return await onboarding.onboard(viewer, law.access, plan, newer=newer)


@county_app.command("onboard-all")
def onboard_all(as_: As, base: Base = None, code: Only = [], as_json: AsJson = False) -> None:  # noqa: B006
    """开通全省或所列各县；有县未能开通时以 1 退出。 Onboard all counties below; ends with 1 if one failed."""
    with stopping() as settings:
        job = acting(settings, as_, None, lambda actor: _all_onboarded(actor, base, code, quiet=as_json))
    progress = province_onboarding.progress_of(job)
    failed = [CountyNotOnboarded.of(failure, Language.ZH) for failure in progress.failures]
    if as_json:
        told = {"state": job.state.value, "new": progress.new, "present": progress.present}
        print_json({**told, "failed": [named_as_in_graphql(one) for one in failed]})
    else:
        console.print(f"新开通 new {len(progress.new)}  原已开通 present {len(progress.present)}")
        for one in failed:
            console.print(f"未开通 failed {one.code} {one.name}: {one.message}", highlight=False)
    if failed or job.state is not JobState.DONE:
        raise typer.Exit(code=1)


async def _all_onboarded(actor: Actor, base: str | None, codes: list[str], *, quiet: bool) -> Job:
    async with actor.standing(writes=True) as (viewer, law):
        job = await province_onboarding.ask(viewer, law.access, base=base, codes=codes or None, admins={})
    # A serving process may take the job first: it is watched to its end either way.
    handlers = {province_onboarding.KIND: province_onboarding.HANDLER}
    async with runner.at_work(handlers, at_once=1):
        return await watched(actor, job.id, quiet=quiet)


@county_app.command("list")
def list_(as_: As, place: At = None, state: InState = None, as_json: AsJson = False) -> None:
    """列出下辖各县：文件、开通进度、最近登录。 The counties below, with document, readiness, last sign-in."""

    async def found(actor: Actor) -> list[tables.Listed]:
        async with actor.standing() as (viewer, law):
            wanted = Wanted(kind=PlaceKind.COUNTY, state=state)
            rows = await places.within(law.access.reach(viewer, "place.read"), wanted)
            ready = await readiness.of(rows)
            return [(row, ready[row.id]) for row in rows]

    with stopping() as settings:
        rows = acting(settings, as_, place, found)
        if as_json:
            print_json([tables.told_place(*row) for row in rows])
        else:
            console.print(tables.table(rows))


@county_app.command()
def invite(
    code: Code, as_: As, admin_name: Name, admin_login: Login, reason: Reason, as_json: AsJson = False
) -> None:
    """再邀请一名管理员，或重发邀请。 Invite one more administrator, or the same one anew."""

    async def invited(actor: Actor) -> Invited:
        admin = CountyAdminInput(name=admin_name, login=admin_login).admin
        async with actor.standing(writes=True) as (viewer, law):
            place = await _place(code)
            _, found = await onboarding.invite_admin(
                viewer, law.access, place.id, admin, filled(reason, "reason")
            )
            return found

    with stopping() as settings:
        found = acting(settings, as_, None, invited)
        print_json(tables.told_invitation(found)) if as_json else tables.print_invitation(found)


@county_app.command()
def suspend(code: Code, as_: As, reason: Reason) -> None:
    """暂停：可看可导出，不可办理。 Suspend a place below: it is read, not written."""
    _change(code, as_, reason, PlaceState.SUSPENDED)


@county_app.command()
def resume(code: Code, as_: As, reason: Reason) -> None:
    """恢复已暂停的地方。 Resume a suspended place below."""
    _change(code, as_, reason, PlaceState.ACTIVE)


def _change(code: str, login: str, reason: str, state: PlaceState) -> None:
    act = suspension.suspend if state is PlaceState.SUSPENDED else suspension.resume

    async def changed(actor: Actor) -> Place:
        async with actor.standing(writes=True) as (viewer, law):
            place = await _place(code)
            return await act(viewer, law.access, place.id, filled(reason, "reason"))

    with stopping() as settings:
        place = acting(settings, login, None, changed)
        console.print(f"{place.name} {label(place.state.value.upper(), 'PlaceState')}")


async def _place(code: str) -> Place:
    """The place with the code, whoever reaches it: what is done there asks that."""
    found = await places.by_code(code.ljust(12, "0"))
    if found is None:
        raise Refusal(RefusalCode.NOT_FOUND, path=("place",))
    return found


def _local(given: str) -> LocalNode:
    parent, _, rest = given.partition(",")
    level, _, name = rest.partition(",")
    if level not in list(Level) or not name.strip():
        raise BadSettings(f"--local: {given} 应为 上级代码,层级,名称 / is PARENT,LEVEL,NAME")
    return LocalNode(named(name, "localNodes"), parent, Level(level))
