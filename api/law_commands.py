"""The law on the command line, without a database: a profile shown, asked, tried by its cases, compared."""

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from api import json, snapshots
from api.settings import BadSettings
from api.stopping import stopping
from api.terminal import AsJson, print_json, text_of
from policies import comparison, library, strict_yaml
from policies.cases import Case, body_as_written, differences, filled, read_cases
from policies.decisions import Decision, Question, as_data
from policies.kinds.rule import Rule
from policies.mistakes import Mistake
from policies.outcomes import WITHHELD, Ask, Outcome
from policies.problems import ProfileError
from policies.profile import Profile
from policies.questions import decide as judge
from policies.reading import read_profile
from schema.enums import label

console = Console()
law_app = typer.Typer()

Law = Annotated[
    str, typer.Argument(metavar="PROFILE", help="随附档案的编号或文件 / A shipped id, or a file.")
]
Laws = Annotated[list[str], typer.Argument(metavar="PROFILE…", help="两个以上 / Two or more of them.")]
On = Annotated[
    datetime | None, typer.Option("--on", formats=["%Y-%m-%d"], help="按哪天问 / The day to ask for; today.")
]
Facts = Annotated[
    list[str] | None, typer.Option("--fact", help="情况，如 leave_days=4、who=[first_secretary] / One fact.")
]
FactsFile = Annotated[
    Path | None,
    typer.Option("--facts", exists=True, dir_okay=False, help="情况的 YAML 或 JSON 文件 / Facts in a file."),
]


@law_app.command()
def show(
    profile: Law,
    rule: Annotated[str | None, typer.Option("--rule", help="只看一条 / One rule, whole.")] = None,
    kind: Annotated[str | None, typer.Option("--kind", help="只看一类 / Rules of one kind.")] = None,
    as_json: AsJson = False,
) -> None:
    """按文件的次序看规则。 The rules of a profile, in the order of its document."""
    with stopping():
        law = law_of(profile)
        found = [one for one in law.rules if rule in (None, one.id) and kind in (None, one.kind)]
        if not found:
            raise BadSettings(f"{law.id}: 没有这样的规则 / has no such rule")
        if as_json:
            print_json([_rule_as_data(one) for one in found])
        elif rule:
            console.print(
                escape(yaml.safe_dump(_rule_as_data(found[0]), allow_unicode=True, sort_keys=False))
            )
        else:
            console.print(_rules_table(law, found))


@law_app.command()
def decide(
    profile: Law,
    ask: Annotated[Ask, typer.Argument(help="问什么 / What kind of question it is.")],
    about: Annotated[str, typer.Argument(help="问的事，如 leave / What it is about, such as leave.")],
    fact: Facts = None,
    facts: FactsFile = None,
    on: On = None,
    as_json: AsJson = False,
) -> None:
    """问一份档案；没有答案以 1 退出。 Ask a profile; ends with 1 where it withholds the answer."""
    with stopping():
        law, given = law_of(profile), _given(facts, fact or [])
        try:
            decision = judge(law, Question(ask, about), given, on.date() if on else date.today())
        except Mistake as mistake:
            raise BadSettings(f"{mistake.zh} / {mistake.en}") from None
    if as_json:
        print_json(as_data(decision))
    else:
        _print_decision(law, decision)
    if decision.outcome in WITHHELD - {Outcome.NOT_APPLICABLE}:
        raise typer.Exit(code=1)


@law_app.command(name="test")
def run_cases(
    cases: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="案例 / A file of cases.")],
    profile: Annotated[str | None, typer.Option("--profile", help="问这份档案 / Ask this one.")] = None,
    as_json: AsJson = False,
) -> None:
    """逐个核对案例，有不符的以 1 退出。 Run decision cases; ends with 1 where one is answered otherwise."""
    with stopping():
        listed = _cases_of(cases)
        told = [line for case in listed for line in _differences(case, profile or case.profile)]
    if as_json:
        print_json({"cases": len(listed), "differences": told})
    else:
        for line in told:
            console.print(line, highlight=False, markup=False)
        console.print(f"{len(listed)} 个案例 cases，{len(told)} 处不符 differences", highlight=False)
    if told:
        raise typer.Exit(code=1)


@law_app.command()
def compare(profiles: Laws, on: On = None, as_json: AsJson = False) -> None:
    """同样的问题，几份档案各怎么答。 The same questions put to several profiles, side by side."""
    with stopping():
        laws = [law_of(one) for one in profiles]
        day = on.date() if on else date.today()
        rows = comparison.compare(laws, comparison.usual(), day)
    if as_json:
        print_json([_row_as_data(row) for row in rows])
        return
    table = Table("问题 question", *(Column(law.id, overflow="fold") for law in laws), show_lines=True)
    for row in rows:
        asked = row.asked.probe.zh if row.asked.probe else row.asked.question.about
        answers = zip(laws, row.decisions, strict=True)
        table.add_row(escape(asked), *(escape(_in_short(law, answer)) for law, answer in answers))
    console.print(table)


@law_app.command()
def schema() -> None:
    """打印档案格式的 JSON Schema，供编辑器用。 Print the JSON Schema of a profile, for editors."""
    typer.echo(snapshots.profile_schema_text(), nl=False)


def law_of(given: str) -> Profile:
    """A shipped profile by its id, or the one of a file; with its parent, where that is shipped. Raises
    BadSettings."""
    if given in library.shipped():
        return library.profile(given)
    path = Path(given)
    if not path.is_file():
        known = "、".join(library.shipped())
        raise BadSettings(
            f"{given}: 不是文件，也不是随附的档案（{known}）/ neither a file nor a shipped profile"
        )
    try:
        own = read_profile(text_of(path))
        is_shipped = own.parent is None or own.parent.id in library.shipped()
        return library.joined(own) if is_shipped else own
    except ProfileError as error:
        raise BadSettings("\n".join(f"{given}: {p.path}: {p.zh} / {p.en}" for p in error.problems)) from None


def _given(file: Path | None, written: Iterable[str]) -> dict[str, Any]:
    given = _read(text_of(file), str(file)) if file else {}
    if not isinstance(given, dict):
        raise BadSettings(f"{file}: 应是名称和值 / is a mapping of names and values")
    for one in written:
        name, equals, value = one.partition("=")
        if not equals:
            raise BadSettings(f"--fact {one}: 写作 名称=值 / is written name=value")
        given[name] = _read(value, f"--fact {name}")
    return given


def _read(text: str, where: str) -> Any:
    try:
        return strict_yaml.load(text)
    except yaml.YAMLError as error:
        raise BadSettings(f"{where}: 不是 YAML / is no YAML: {error}") from None


def _cases_of(path: Path) -> tuple[Case, ...]:
    try:
        return read_cases(text_of(path))
    except (ValidationError, yaml.YAMLError, TypeError) as error:
        raise BadSettings(f"{path}: 案例写法不对 / no cases: {error}") from None


def _differences(case: Case, profile: str) -> tuple[str, ...]:
    if case.changed:
        return ()
    law = law_of(profile)
    try:
        return differences(case, judge(filled(law, case), case.question, case.facts, case.on))
    except Mistake as mistake:
        return (f"{case.case}：{mistake.zh}",)


def _rule_as_data(rule: Rule) -> dict[str, Any]:
    data: dict[str, Any] = rule.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return {"id": data.pop("id"), "kind": rule.kind} | data


def _rules_table(law: Profile, rules: Iterable[Rule]) -> Table:
    quote = Column("原文 quote", overflow="fold")
    table = Table("编号 id", "条款 clause", "类别 kind", "力度", quote, title=law.title)
    for rule in rules:
        table.add_row(rule.id, rule.clause, rule.kind, rule.strength.value, escape(rule.quote))
    return table


def _print_decision(law: Profile, decision: Decision) -> None:
    said = label(decision.outcome.name, "Outcome")
    asked = f"{law.id} v{decision.version}  {decision.on}"
    console.print(f"[bold]{said}[/bold]  {decision.outcome}  {asked}", highlight=False)
    if decision.body is not None:
        body = {key: value for key, value in body_as_written(decision).items() if key != "kind"}
        console.print(escape(yaml.safe_dump(_plain(body), allow_unicode=True, sort_keys=False)).rstrip())
    for citation in decision.cites:
        console.print(
            f"  {citation.rule}  {citation.clause}  “{citation.quote}”", highlight=False, markup=False
        )
    lists: dict[str, Sequence[str]] = {"缺 missing": decision.missing, "提醒 warnings": decision.warnings}
    gaps = ((gap.label or gap.what, gap.state, gap.to) for gap in decision.gaps)
    lists["文件没有给出 gaps"] = [" ".join(filter(None, gap)) for gap in gaps]
    lists["暂按 assumed"] = [f"{one.label} = {one.value}" for one in decision.assumed]
    lists["县区补充 filled"] = [f"{one.label} = {one.value}（{one.paper}）" for one in decision.filled]
    for name, values in lists.items():
        if values:
            console.print(f"{name}：{'；'.join(map(str, values))}", highlight=False, markup=False)


def _plain(data: Any) -> Any:
    return json.read(json.write(data))


def _row_as_data(row: comparison.Row) -> dict[str, Any]:
    probe = row.asked.probe
    return {
        "question": {"ask": row.asked.question.ask, "about": row.asked.question.about},
        "zh": probe.zh if probe else None,
        "en": probe.en if probe else None,
        "differs": row.differs,
        "answers": {one.profile: as_data(one) for one in row.decisions},
    }


def _in_short(law: Profile, decision: Decision) -> str:
    """The outcome, those through whose hands it goes, and the clauses."""
    said = [label(decision.outcome.name, "Outcome").split("，")[0]]
    said += ["、".join(law.vocabulary.label(term) for term in step.group.terms) for step in decision.steps]
    clauses = dict.fromkeys(citation.clause for citation in decision.cites)
    return "\n".join([*said, *(f"〔{clause}〕" for clause in clauses)])
