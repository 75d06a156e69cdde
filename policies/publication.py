"""Whether a text may be published for a place: everything that stands in the way, told at once.

It is what `reading`, `lineage`, `checks` and `access` find, and what only the place can tell: whose document
it is, and whether its quotations stand in the place's own. Nothing here says who may publish, or when.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from policies.access import AccessError, compile_access
from policies.checks import check, uses
from policies.grants import acted_for
from policies.lineage import merge
from policies.outcomes import Basis
from policies.problems import Problem, ProfileError, Severity
from policies.profile import Profile
from policies.settings import Setting

# Of the rules that one sentence is about.
MOST_NAMED = 6
# What can only be told of a profile together with its parent.
_TOLD_WITH_THE_PARENT = {
    "no_first_day",
    "no_such_rule",
    "no_such_setting",
    "unknown_fact",
    "unknown_term",
}


@dataclass(frozen=True, slots=True)
class Home:
    """The place for which a profile is to be published."""

    code: str
    level: str


@dataclass(frozen=True, slots=True)
class Review:
    """What was found. `own`: what the text says; `law`: that, joined with its parent, where they can be."""

    problems: tuple[Problem, ...]
    own: Profile | None = None
    law: Profile | None = None

    @property
    def errors(self) -> tuple[Problem, ...]:
        return tuple(problem for problem in self.problems if problem.severity is Severity.ERROR)

    @property
    def assumed(self) -> Mapping[str, Setting]:
        """The text's own settings whose values only a reading gives: whoever publishes confirms each."""
        settings = self.own.settings if self.own else {}
        return {name: setting for name, setting in settings.items() if setting.is_assumed}

    @property
    def may_be_published(self) -> bool:
        return not self.errors


def review(own: Profile, *, document: str | None, parent: Profile | None, home: Home | None) -> Review:
    """Everything that is wrong with a profile. `document`: the stored text of its official document.
    `parent`: the published version that it pins, joined with its own parents. Without `home`, what depends
    on the place is not checked."""
    problems = [
        *(_not_of(home, own) if home else ()),
        *_without_document(document),
        *_without_source(own),
        *_without_parent(own, parent),
    ]
    law = own
    if parent is not None:
        try:
            law = merge(own, parent)
        except ProfileError as error:
            problems += error.problems
    is_joined = law is not own or own.parent is None
    found = check(law, text=document, acted_for=acted_for(own.authorities))
    problems += (one for one in found if is_joined or one.code not in _TOLD_WITH_THE_PARENT)
    problems += (*_beyond_access(law), *uses.unusual(law), *_open_settings(law), *_gaps(own))
    return Review(tuple(problems), own, law if is_joined else None)


def _not_of(home: Home, own: Profile) -> Iterator[Problem]:
    if own.division not in (None, home.code):
        yield Problem(
            "division_differs",
            "division",
            f"文件写的是 {own.division}，本地是 {home.code}",
            f"the file is of {own.division}, this place is {home.code}",
            "别处的文件不能照搬：写本地的区划代码、条款和引文",
        )
    if own.level != home.level:
        yield Problem(
            "level_differs",
            "level",
            f"文件的层级是 {own.level}，本地是 {home.level}",
            f"the file is of level {own.level}, this place of {home.level}",
        )


def _without_document(document: str | None) -> Iterator[Problem]:
    if not (document or "").strip():
        yield Problem(
            "no_document",
            "",
            "没有文件原文，无法核对引文",
            "the official document is missing: no quotation can be looked for",
            "附上本地正式文件的全文",
        )


def _without_source(own: Profile) -> Iterator[Problem]:
    """A rule of the platform stands in no document; what a county fills in itself says `county_note`."""
    for rule in own.rules:
        if rule.basis is Basis.PLATFORM:
            yield Problem(
                "basis_not_yours",
                f"rules.{rule.id}.basis",
                "平台默认不由文件写出",
                "a default of the platform is not for a profile to write",
                "写条款和引文，或用 county_note 注明填写人和来源",
            )


def _without_parent(own: Profile, parent: Profile | None) -> Iterator[Problem]:
    if own.parent is not None and parent is None:
        pin = f"{own.parent.id} v{own.parent.version}"
        yield Problem(
            "parent_not_published",
            "parent",
            f"上级没有发布过 {pin}",
            f"no place above has published {pin}",
            "写上级已发布的文件编号和版本",
        )


def _beyond_access(law: Profile) -> tuple[Problem, ...]:
    """Grants above the ceiling, offices of the platform, words that mean nothing to access."""
    try:
        compile_access(law.digest, law.grants, law.authorities, terms=law.terms)
    except AccessError as error:
        return error.problems
    return ()


def _open_settings(law: Profile) -> Iterator[Problem]:
    """What the document does not give: a question to the county, never in the way of publishing."""
    for name, setting in law.settings.items():
        used = _used_by([rule.id for rule in law.rules if name in rule.parameters()])
        if setting.is_assumed:
            zh, en = f"“{setting.label}”{used}暂按一种理解取值，待确认", f"{name} is assumed until confirmed"
            yield Problem("setting_assumed", f"settings.{name}", zh, en, severity=Severity.QUESTION)
        elif not setting.is_given:
            zh, en = f"“{setting.label}”{used}还没有数值", f"{name} has no value yet"
            hint = f"文件所指：{setting.to}" if setting.to else "填 value，并用 noted 注明填写人、日期和依据"
            yield Problem("setting_open", f"settings.{name}", zh, en, hint, Severity.QUESTION)


def _used_by(rules: list[str]) -> str:
    """The first rules that name a setting, and how many there are."""
    if not rules:
        return ""
    more = f"等 {len(rules)} 条" if len(rules) > MOST_NAMED else ""
    return f"（{'、'.join(rules[:MOST_NAMED])}{more}）"


def _gaps(own: Profile) -> Iterator[Problem]:
    """What a clause leaves open that is no number: where it is to be found, as far as the document says."""
    for rule in own.rules:
        for point in rule.gaps:
            label = own.settings[point.what].label if point.what in own.settings else point.what
            zh = f"{rule.clause}没有给出“{own.vocabulary.label(label)}”"
            en = f"the clause does not give {point.what} ({point.state})"
            hint = f"文件所指：{point.to}" if point.to else ""
            yield Problem("gap_stated", f"rules.{rule.id}.gaps", zh, en, hint, Severity.NOTICE)
