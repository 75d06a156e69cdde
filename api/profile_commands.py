"""A place's own profile on the command line: check a file, draft it, publish a draft, list what there is."""

from collections import Counter
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from api.acting import Actor, As, At, acting
from api.settings import BadSettings
from api.stopping import stopping
from api.terminal import AsJson, named_as_in_graphql, print_json, row_id, text_of, told_moment
from policies import jurisdiction, library, publication
from policies.jurisdiction import MalformedCode
from policies.problems import Problem, ProfileError, Severity
from policies.profile import Profile as Law
from policies.publication import Home, Review
from policies.reading import read_profile
from schema.enums import label
from schema.profile_reviews import ProfileOutline
from schema.profiles import ProfileDraftInput
from tenants import profile_drafts, profile_reviews, profiles
from tenants.profile_drafts import ProfileDraft, Saved
from tenants.profiles import Profile
from tenants.refusals import Refusal

console = Console()
profile_app = typer.Typer(
    help="责任制档案。 Profiles: check a file, draft it, publish a draft or drop it.", no_args_is_help=True
)
MOST_LISTED = 100
COLOURS = {Severity.ERROR: "red", Severity.QUESTION: "yellow", Severity.NOTICE: "dim"}

File = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, readable=True, help="档案 / The YAML file.")
]
Document = Annotated[
    Path | None,
    typer.Option(
        "--document", exists=True, dir_okay=False, readable=True, help="文件全文 / The official text."
    ),
]
MaybeAs = Annotated[
    str | None,
    typer.Option("--as", help="在此账号所在地检查，不存 / Check in the account's place; nothing is stored."),
]
Code = Annotated[str | None, typer.Option("--place", help="地方代码 / The code of the place it is for.")]
Given = Annotated[
    str, typer.Argument(metavar="FILE", help="档案文件，或随附档案的编号 / The YAML file, or a shipped id.")
]
Which = Annotated[str, typer.Argument(metavar="DRAFT", help="草案编号 / The draft's id.")]
From = Annotated[
    datetime, typer.Option("--from", formats=["%Y-%m-%d"], help="起用日期 / The first day it is asked for.")
]
InPlaceOf = Annotated[
    str | None, typer.Option("--draft", help="替换此草案的内容 / The open draft that it takes the place of.")
]
Confirm = Annotated[
    list[str],
    typer.Option(
        "--confirm", help="确认一项暂定的数值 / A setting that only a reading gives; may be repeated."
    ),
]
Expected = Annotated[
    int | None,
    typer.Option("--expected-version", help="所见草案的版次 / The draft's version that one has seen."),
]
Title = Annotated[
    str | None, typer.Option(help="文件标题 / The document's title; the profile's if left out.")
]
Number = Annotated[str | None, typer.Option(help="文号 / The document's number; the profile's if left out.")]


@profile_app.command()
def check(
    profile: Given,
    document: Document = None,
    place: Code = None,
    as_: MaybeAs = None,
    as_json: AsJson = False,
) -> None:
    """检查档案，列出待补的数字；有错以 1 退出，不用 --as 时不需要数据库。 Review a profile, and list what it
    leaves open; ends with 1 where it has errors."""
    with stopping() as settings:
        file = _file_of(profile)
        text, document_text = text_of(file), _document(file, document)
        if as_ is None:
            review = _reviewed(text, document_text, place)
        else:
            review = acting(settings, as_, place, lambda actor: _reviewed_there(actor, text, document_text))
    _print_review(review, as_json=as_json)
    if not review.may_be_published:
        raise typer.Exit(code=1)


@profile_app.command()
def draft(
    file: File,
    as_: As,
    document: Document = None,
    place: At = None,
    draft: InPlaceOf = None,
    expected_version: Expected = None,
    title: Title = None,
    number: Number = None,
    as_json: AsJson = False,
) -> None:
    """存为草案并检查；有错也存。 Keep a file as a draft and review it; one with errors is kept too."""
    with stopping() as settings:
        given = ProfileDraftInput(
            text=text_of(file),
            document_title=title,
            document_number=number,
            document_text=_document(file, document),
        )
        draft_id = _id(draft) if draft else None

        async def saved(actor: Actor) -> Saved:
            async with actor.standing(writes=True) as (viewer, law):
                return await profile_drafts.save(
                    viewer,
                    law.access,
                    given.content(),
                    draft_id=draft_id,
                    expected_version=expected_version,
                )

        done = acting(settings, as_, place, saved)
    if as_json:
        print_json({"draft": _told_draft(done.draft), "review": _told_review(done.review)})
        return
    console.print(f"草案 draft [bold]{done.draft.id}[/bold]  v{done.draft.version}")
    _print_review(done.review, as_json=False)


@profile_app.command()
def drop(
    draft: Which, as_: As, place: At = None, expected_version: Expected = None, as_json: AsJson = False
) -> None:
    """作废草案；仍可查看。 Give an open draft up; it can still be read."""

    async def dropped(actor: Actor) -> ProfileDraft:
        async with actor.standing(writes=True) as (viewer, law):
            return await profile_drafts.drop(
                viewer, law.access, _id(draft), expected_version=expected_version
            )

    with stopping() as settings:
        row = acting(settings, as_, place, dropped)
        print_json(_told_draft(row)) if as_json else console.print(_draft_table([row]))


@profile_app.command()
def publish(
    draft: Which,
    from_: From,
    as_: As,
    place: At = None,
    confirm: Confirm = [],  # noqa: B006 - typer copies it
    expected_version: Expected = None,
    as_json: AsJson = False,
) -> None:
    """复核并发布草案，起草、修改者除外。 Check and publish a draft; nobody who has written at it may."""

    async def published(actor: Actor) -> Profile:
        async with actor.standing(writes=True) as (viewer, law):
            return await profile_drafts.publish(
                viewer,
                law.access,
                _id(draft),
                from_.date(),
                confirming=confirm,
                expected_version=expected_version,
            )

    with stopping() as settings:
        try:
            row = acting(settings, as_, place, published)
        except Refusal as refusal:
            if refusal.obstacles:
                _print_problems(refusal.obstacles)
            raise
        print_json(_told_version(row)) if as_json else console.print(_version_table([row]))


@profile_app.command()
def drafts(as_: As, place: At = None, as_json: AsJson = False) -> None:
    """列出草案，新的在前。 The newest drafts of the account's place."""

    async def found(actor: Actor) -> list[ProfileDraft]:
        async with actor.standing() as (viewer, law):
            profile_drafts.require(viewer, law.access, profile_drafts.DRAFT)
            return list((await profile_drafts.listed(viewer, law.access).page(MOST_LISTED)).rows)

    with stopping() as settings:
        rows = acting(settings, as_, place, found)
        print_json([_told_draft(row) for row in rows]) if as_json else console.print(_draft_table(rows))


@profile_app.command()
def versions(as_: As, place: At = None, as_json: AsJson = False) -> None:
    """列出已发布的版本，新的在前。 The newest versions that the account's place has published."""

    async def found(actor: Actor) -> list[Profile]:
        async with actor.standing() as (viewer, law):
            profile_drafts.require(viewer, law.access, "profile.read")
            return list((await profiles.listed(viewer.place_id).page(MOST_LISTED)).rows)

    with stopping() as settings:
        rows = acting(settings, as_, place, found)
        print_json([_told_version(row) for row in rows]) if as_json else console.print(_version_table(rows))


def _reviewed(text: str, document: str | None, place: str | None) -> Review:
    """Against what comes with the platform, and nothing else."""
    try:
        home = Home(place, jurisdiction.level_of(place)) if place else None
        own = read_profile(text)
    except MalformedCode as error:
        raise BadSettings(f"--place: 须是 12 位区划代码 / {error}") from None
    except ProfileError as error:
        return Review(error.problems)
    return publication.review(own, document=document, parent=_shipped_parent(own), home=home)


def _shipped_parent(own: Law) -> Law | None:
    pinned = own.parent
    if pinned is None or pinned.id not in library.shipped():
        return None
    parent = library.profile(pinned.id)
    return parent if parent.version == pinned.version else None


async def _reviewed_there(actor: Actor, text: str, document: str | None) -> Review:
    async with actor.standing() as (viewer, law):
        profile_drafts.require(viewer, law.access, profile_drafts.DRAFT)
        return await profile_reviews.review(viewer, text, document)


def _file_of(given: str) -> Path:
    """Raises BadSettings for what is neither a file nor the id of a shipped profile."""
    if given in library.shipped():
        return library.profile_path(given)
    if not (path := Path(given)).is_file():
        known = "、".join(library.shipped())
        raise BadSettings(
            f"{given}: 不是文件，也不是随附的档案（{known}）/ neither a file nor a shipped profile"
        )
    return path


def _document(file: Path, given: Path | None) -> str | None:
    """The text that is given, or the one that the profile names, beside it or among the platform's."""
    if given is not None:
        return text_of(given)
    try:
        named = read_profile(text_of(file)).text or ""
    except ProfileError:
        return None
    beside = (file.parent / named, file.parent.parent / "documents" / named)
    return next((text_of(path) for path in beside if path.is_file()), None)


def _id(given: str) -> UUID:
    return row_id(given, "DRAFT", "草案", "draft")


def _print_review(review: Review, *, as_json: bool) -> None:
    if as_json:
        print_json(_told_review(review))
        return
    if review.problems:
        _print_problems(review.problems)
    counted = Counter(problem.severity for problem in review.problems)
    said = "可以发布 may be published" if review.may_be_published else "不能发布 cannot be published"
    console.print(said, *(f"{severity} {count}" for severity, count in sorted(counted.items())), sep="  ")
    if outline := ProfileOutline.of(review):
        rules = "，".join(f"{one.kind} {one.own}+{one.inherited}" for one in outline.rules)
        console.print(f"{outline.name} 《{outline.title}》 {outline.first_day} 起  {rules}", highlight=False)


def _print_problems(problems: tuple[Problem, ...]) -> None:
    where, what = (Column(title, overflow="fold") for title in ("何处 where", "问题 problem"))
    table = Table("轻重", where, what, show_lines=True)
    for problem in problems:
        severity = f"[{COLOURS[problem.severity]}]{problem.severity}[/]"
        lines = (problem.zh, problem.en, f"→ {problem.hint}" if problem.hint else "")
        said = "\n".join(line for line in lines if line)
        table.add_row(severity, escape(f"{problem.code}\n{problem.path}"), escape(said))
    console.print(table)


def _told_review(review: Review) -> dict[str, Any]:
    outline = ProfileOutline.of(review)
    return {
        "mayBePublished": review.may_be_published,
        "problems": [asdict(problem) for problem in review.problems],
        "outline": named_as_in_graphql(outline) if outline else None,
    }


def _told_draft(row: ProfileDraft) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "name": row.name,
        "state": row.state.value,
        "version": row.version,
        "follows": row.follows,
        "changedAt": row.changed_at.isoformat(),
    }


def _told_version(row: Profile) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "name": row.name,
        "version": row.version,
        "digest": row.digest,
        "effectiveFrom": row.effective_from.isoformat(),
        "publishedAt": row.published_at.isoformat(),
    }


def _draft_table(rows: list[ProfileDraft]) -> Table:
    id_ = Column("编号 id", no_wrap=True, min_width=36)
    table = Table(id_, "档案 profile", "状态 state", "版次", "更改时间 changed")
    for row in rows:
        state = label(row.state.value.upper(), "ProfileDraftState")
        table.add_row(str(row.id), row.name or "—", state, str(row.version), told_moment(row.changed_at))
    return table


def _version_table(rows: list[Profile]) -> Table:
    table = Table("版本 version", "档案 profile", "起用 from", "摘要 digest", "发布时间 published")
    for row in rows:
        begins, at = row.effective_from.isoformat(), told_moment(row.published_at)
        table.add_row(str(row.version), row.name, begins, row.digest[:12], at)
    return table
