"""The command line: `zeren serve`, `work`, `jobs`, `profile`, `migrate`, `schema`."""

import asyncio
import gc
import signal
import socket
from contextlib import suppress

import typer
import uvicorn
from rich.console import Console
from rich.table import Table

from api import demo, snapshots
from api.app import create_app
from api.county_commands import county_app
from api.installation import Installation, data_root, installed
from api.job_commands import jobs_app, work
from api.law_commands import law_app
from api.patience import Patience
from api.profile_commands import profile_app
from api.settings import BadSettings, Settings
from api.sockets import LONGEST_MESSAGE_BYTES
from api.stopping import stop, stopping
from policies.vocabulary import vocabulary
from tenants import database

app = typer.Typer(help="zeren 责任：每个县区按自己的文件运行。", no_args_is_help=True)
console = Console(stderr=False)
app.command()(work)
app.add_typer(county_app, name="county")
app.add_typer(jobs_app, name="jobs")
profile_app.add_typer(law_app)
app.add_typer(profile_app, name="profile")

EXAMPLES = """[bold]Three queries to try · 三条查询[/bold]  send the token as Authorization: Bearer …
1  mutation {{ sessionOpen(login: "{login}", password: "{password}")
     {{ session {{ accessToken }} userErrors {{ message }} }} }}
2  {{ decide(question: {{ask: ACT, about: "leave"}},
     facts: {{who: ["first_secretary"], leave_days: 4, written: true}})
     {{ outcome steps {{ mode organs {{ label }} }} cites {{ clause quote }} gaps {{ state to }} }} }}
3  mutation {{ leaveSubmit(input: {{beginsOn: "2018-06-15", endsOn: "2018-06-18"}})
     {{ leave {{ days request {{ id steps {{ organ {{ label }} holders {{ name }} }} }} }}
        userErrors {{ message }} }} }}
"""


@app.command()
def serve() -> None:
    """启动服务；未设置 DATABASE_URL 时使用自带的 PostgreSQL。 Serve GraphQL until interrupted."""
    # uvicorn gives a signal back when it is done; a plain SIGTERM would end us before our database stops.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with stopping() as settings:
            with installed(settings) as installation, suppress(KeyboardInterrupt):
                _run(settings, installation)
            console.print("已停止 stopped")
    except KeyboardInterrupt:
        stop("已中断 / interrupted")


@app.command()
def migrate(
    new: bool = typer.Option(False, help="Write the migration that the models ask for, and run nothing."),
    check: bool = typer.Option(False, help="Fail if the models ask for a migration nobody has written."),
) -> None:
    """升级数据库结构并重建隔离墙。 Bring the schema up to date and rebuild the walls."""
    if new:
        console.print("\n".join(asyncio.run(database.write_migration())) or "nothing to write")
    elif check:
        if missing := asyncio.run(database.missing_migrations()):
            stop(f"缺少迁移 / migrations are missing: {', '.join(missing)}")
    else:
        with stopping() as settings, installed(settings, with_demo=False):
            console.print("数据库结构已是最新 / the schema is up to date")


@app.command()
def schema(check: bool = typer.Option(False, help="Fail if the snapshot differs.")) -> None:
    """写出接口定义、档案格式和词汇表。 Write the snapshots: schema, profile format, vocabulary."""
    if not check:
        snapshots.write()
    elif outdated := "、".join(snapshots.outdated()):
        stop(f"{outdated} 不是最新：make schema / out of date: run make schema")


def _run(settings: Settings, installation: Installation) -> None:
    """Serve until interrupted. The address is ours before anything is promised about it."""
    application = create_app(settings, installation.app, installation.signer)
    door = _bound(settings)
    _greet(settings)
    # What is here at the start stays: the collector need not look at it again. What an operation makes dies
    # with it, nearly all of it at once.
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)
    config = uvicorn.Config(
        application,
        log_level="warning",
        timeout_graceful_shutdown=10,
        server_header=False,
        **Patience(settings.patience_seconds, settings.connections).protocols(),
        ws_max_size=LONGEST_MESSAGE_BYTES,
        ws_per_message_deflate=False,
        # Left to itself, uvicorn believes what anybody on this machine says about where he comes from.
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
    )
    uvicorn.Server(config).run(sockets=[door])


def _bound(settings: Settings) -> socket.socket:
    """The listening socket. Raises BadSettings where the address is taken or not ours."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    door = socket.socket(family)
    door.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        door.bind((settings.host, settings.port))
    except OSError as error:
        door.close()
        address = f"{settings.host}:{settings.port}"
        raise BadSettings(
            f"ZEREN_HOST, ZEREN_PORT: {address} 不能使用 / cannot be used: {error.strerror}"
        ) from None
    return door


def _greet(settings: Settings) -> None:
    console.print(f"\n[bold]zeren 责任[/bold]  http://{settings.host}:{settings.port}/graphql")
    if settings.is_embedded:
        console.print(f"数据 data: {data_root(settings)}（停止后保留 / kept）")
    if settings.wants_demo:
        console.print(_sign_ins())
        console.print(
            EXAMPLES.format(password=demo.PASSWORD, login=demo.applicants()[0].login),
            highlight=False,
            soft_wrap=True,
        )


def _sign_ins() -> Table:
    """Everybody of one county, an applicant of every other, and the provinces' administrators."""
    table = Table(title=f"演示账号 sign-ins · 密码 password: {demo.PASSWORD}", title_justify="left")
    table.add_column("账号 login")
    table.add_column("角色 role")
    table.add_column("地方 place")
    for group in (demo.whole_county(), demo.applicants()[1:], demo.province_admins()):
        for sign_in in group:
            table.add_row(sign_in.login, vocabulary().label(sign_in.role), sign_in.place)
        table.add_section()
    table.caption = "人员均为虚构，其他角色换前缀即可 / made-up people; other roles under each prefix"
    return table


if __name__ == "__main__":
    app()
