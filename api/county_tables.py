"""Counties as the command line shows them: in tables, or as JSON for programs."""

from typing import Any

from rich.console import Console
from rich.table import Column, Table

from api.terminal import told_moment
from schema.enums import label
from schema.errors import Language
from schema.onboarding_report import OnboardingReport
from tenants.accounts import Invited
from tenants.onboarding_report import Report
from tenants.places import Place
from tenants.readiness import Readiness

console = Console()
Listed = tuple[Place, Readiness]


def print_report(report: Report) -> None:
    told = OnboardingReport.of(report, Language.ZH)
    base = f"{told.base.profile} v{told.base.version} {told.base.number or ''}" if told.base else "无 none"
    console.print(f"[bold]{told.name}[/bold] {told.code}  名册 register {told.vintage}", highlight=False)
    console.print(
        f"乡镇 townships {told.township_count}  村 villages {told.village_count}  上级文件 base {base}"
    )
    for node in told.excluded:
        console.print(f"不采用 left out {node.code} {node.name}", highlight=False)
    for change in told.differences or ():
        what = label(change.change.value.upper(), "NodeChange")
        console.print(f"{what} {change.name} {change.code or ''} {change.newer_code or ''}", highlight=False)
    console.print(_answers(told))
    for setting in told.open_settings:
        console.print(f"参数 setting {setting.label}: {setting.to or setting.value or '—'}", highlight=False)
    unheld = "、".join(organ.label for organ in told.readiness.unheld_organs)
    console.print(f"开通进度 readiness {told.readiness.share:.0%}  无人的机关 unheld {unheld or '—'}")


def _answers(told: OnboardingReport) -> Table:
    question, answer = (Column(title, overflow="fold") for title in ("例行提问 question", "回答 answer"))
    table = Table(question, answer, "条款 clause")
    for one in told.answers:
        decision = one.decision
        organs = "、".join(organ.label for step in decision.steps() for organ in step.organs)
        refers = "、".join(gap.to for gap in decision.gaps() if gap.to)
        said = label(decision.outcome.value.upper(), "Outcome")
        clauses = "、".join(dict.fromkeys(cite.clause for cite in decision.cites()))
        table.add_row(one.question, " ".join(filter(None, (said, organs, refers))), clauses)
    return table


def table(rows: list[Listed]) -> Table:
    table = Table(
        Column("代码 code", no_wrap=True, min_width=12),
        "名称 name",
        "状态 state",
        "文件 document",
        "进度 ready",
        "最近登录 last sign-in",
    )
    for place, ready in rows:
        last = ready.last_sign_in
        at = told_moment(last) if last else "—"
        state = label(place.state.value.upper(), "PlaceState")
        table.add_row(place.code, place.name, state, ready.profile or "—", f"{ready.share:.0%}", at)
    return table


def told_place(place: Place, ready: Readiness) -> dict[str, Any]:
    return {
        "code": place.code,
        "name": place.name,
        "state": place.state.value,
        "profile": ready.profile,
        "readiness": ready.share,
        "lastSignInAt": ready.last_sign_in.isoformat() if ready.last_sign_in else None,
    }


def told_invitation(invited: Invited | None) -> dict[str, Any] | None:
    return {"token": invited.token, "expiresAt": invited.expires_at.isoformat()} if invited else None


def print_invitation(invited: Invited | None) -> None:
    if invited is not None:
        until = told_moment(invited.expires_at)
        console.print(
            f"邀请（只显示一次）invitation, shown once: {invited.token}  至 until {until}", highlight=False
        )
