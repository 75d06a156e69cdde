"""Whether a profile may be published: each check yields every problem that it finds.

A child is checked together with its parent (`lineage.merge`); what it inherits was checked there.
"""

from collections.abc import Callable, Collection, Iterator
from collections.abc import Set as AbstractSet
from datetime import date
from decimal import Decimal
from itertools import chain, islice

from policies.checks import bands, links, weight
from policies.checks.quotes import stands_in
from policies.conditions import Bound
from policies.form import as_day
from policies.kinds.flow import Flow
from policies.kinds.metric import Metric
from policies.kinds.rule import Rule
from policies.outcomes import Basis
from policies.problems import MOST_PROBLEMS, Problem, Severity
from policies.profile import Profile
from policies.settings import Parameter, Value
from policies.vocabulary import LONGEST_WORD, Category, Fact, FactType, nearest


def check(
    profile: Profile, *, text: str | None = None, organs: AbstractSet[str] | None = None
) -> tuple[Problem, ...]:
    """All problems. `text` is the stored document; `organs` are those for which somebody may act.

    Without one of them, what depends on it is not checked. Flows are tried only when every word and
    every bound in the profile can be understood, and are not too many.
    """
    found = chain(
        _days(profile),
        _words(profile),
        _facts(profile),
        _settings(profile),
        links.examine(profile),
        _metrics(profile),
        _quotes(profile, text) if text is not None else (),
        _organs(profile, organs) if organs is not None else (),
    )
    problems = list(islice(found, MOST_PROBLEMS))
    if len(problems) == MOST_PROBLEMS:
        return (*problems, _too_many())
    if any(problem.code in _NOT_TO_BE_TRIED for problem in problems):
        return tuple(problems)
    too_much = tuple(weight.examine(profile))
    return (*problems, *(too_much or bands.examine(profile)))


_NOT_TO_BE_TRIED = {
    "bound_misfits",
    "circular",
    "linked_too_far",
    "no_first_day",
    "no_such_setting",
    "not_a_day",
    "unknown_fact",
}


def _own(profile: Profile) -> Iterator[Rule]:
    inherited = {id for parent in profile.inherited for id in parent.rules}
    return (rule for rule in profile.rules if rule.id not in inherited)


def _quotes(profile: Profile, text: str) -> Iterator[Problem]:
    for rule in _own(profile):
        if rule.basis is Basis.DOCUMENT and not stands_in(rule.quote, text):
            yield Problem(
                "quote_not_found",
                f"rules.{rule.id}.quote",
                f"存文里没有这句话：{rule.quote}",
                "the quotation does not stand in the stored text",
                "逐字照抄原文；空白、引号和括号的写法不计，其余标点要一致",
            )


def _days(profile: Profile) -> Iterator[Problem]:
    yield from _settings_for_days(profile)
    if profile.day(profile.since) is None:
        yield Problem(
            "no_first_day",
            "since",
            "生效日期引用的参数没有值",
            "the setting that gives the first day has no value",
        )
        return
    last = profile.last_day or date.max
    if last < profile.first_day:
        yield Problem("dates_reversed", "until", "失效早于生效", "the last day is before the first")
    for rule in _own(profile):
        days = [day for day in (profile.day(rule.since), profile.day(rule.until)) if day]
        if not all(profile.first_day <= day <= last for day in days) or days != sorted(days):
            yield Problem(
                "dates_outside_validity",
                f"rules.{rule.id}",
                "本条的起止日期超出文件的有效期",
                "the rule's days lie outside the document's",
            )


def _settings_for_days(profile: Profile) -> Iterator[Problem]:
    dated = [day for one in (profile, *profile.rules) for day in (one.since, one.until)]
    named = {day.parameter for day in dated if isinstance(day, Parameter)}
    for name in sorted(named & profile.settings.keys()):
        value = profile.settings[name].value
        if value is not None and as_day(value) is None:
            yield Problem(
                "not_a_day",
                f"settings.{name}",
                f"“{value}”不是日期，不能作起止日期",
                f"{value!r} is no day, but a first or last day is taken from it",
                '写作 "2018-06-15"',
            )


def _words(profile: Profile) -> Iterator[Problem]:
    known = profile.vocabulary
    used = [(f"rules.{rule.id}", word) for rule in profile.rules for word in rule.terms()]
    used += [
        (f"authorities.{row.organ}", word) for row in profile.authorities for word in (row.organ, row.role)
    ]
    used += [(f"grants.{row.role}", row.role) for row in profile.grants]
    used += [(f"terms.{term.id}.includes", word) for term in profile.terms for word in term.includes]
    for path, word in dict.fromkeys(used):
        if word not in known or len(word) > LONGEST_WORD:
            yield _unknown("unknown_term", path, word, known.words)


def _facts(profile: Profile) -> Iterator[Problem]:
    known = profile.vocabulary.facts
    for rule in profile.rules:
        bounds = list(rule.bounds())
        for name in dict.fromkeys([*sorted(rule.facts()), *(name for name, _ in bounds if name)]):
            if name not in known:
                yield _unknown("unknown_fact", f"rules.{rule.id}", name, known)
        for name, bound in bounds:
            if not name:
                yield from _misfits_number(profile, rule, bound)
            elif name in known:
                yield from _misfits(profile, rule, name, bound)


def _misfits(profile: Profile, rule: Rule, name: str, bound: Bound) -> Iterator[Problem]:
    """A bound that its fact can never meet, or that means nothing for a fact of that type."""
    fact, path = profile.vocabulary.facts[name], f"rules.{rule.id}.{name}"
    ordered = bound.limits.keys() - {"equals", "in"}
    if ordered and not (fact.scale or fact.type in (FactType.NUMBER, FactType.DAY)):
        yield Problem(
            "bound_misfits",
            path,
            f"“{fact.label}”没有大小先后，不能用 {'、'.join(sorted(ordered))}",
            f"{name} has no order: {', '.join(sorted(ordered))}",
        )
    if bound.percent_of:
        numbers = [profile.vocabulary.facts.get(one) for one in (name, bound.percent_of)]
        if any(one is not None and one.type is not FactType.NUMBER for one in numbers):
            named = f"{name}、{bound.percent_of}"
            yield _misfitting(path, named, "百分比须是两个数之比", "a share is of numbers")
    for value in _values(profile, bound):
        yield from _misfit(profile, fact, path, value)


def _misfits_number(profile: Profile, rule: Rule, bound: Bound) -> Iterator[Problem]:
    """A bound on a number that is no fact."""
    for value in _values(profile, bound):
        if not _is_number(value):
            yield _misfitting(f"rules.{rule.id}", str(value), "应是数字", "is compared with a number")


def _values(profile: Profile, bound: Bound) -> Iterator[Value]:
    """What the fact may be compared with: what stands in the bound, and what its settings may give."""
    for operand in (operand for listed in bound.limits.values() for operand in listed):
        if not isinstance(operand, Parameter):
            yield operand
        elif setting := profile.settings.get(operand.parameter):
            yield from (value for value in (setting.value, *setting.values.values()) if value is not None)


def _misfit(profile: Profile, fact: Fact, path: str, operand: Value) -> Iterator[Problem]:
    words = profile.vocabulary.scales[fact.scale] if fact.scale else profile.vocabulary.words
    if fact.type is FactType.TERM and isinstance(operand, str):
        if operand not in words:
            yield _unknown("unknown_term", path, operand, words)
    elif not _FITS[fact.type](operand):
        yield _misfitting(
            path, f"{fact.label}”与“{operand}", "不能比较", f"a fact of type {fact.type} is compared with"
        )


def _misfitting(path: str, word: str, zh: str, en: str) -> Problem:
    return Problem("bound_misfits", path, f"“{word}”{zh}", f"{word}: {en}")


def _is_number(operand: Value) -> bool:
    return isinstance(operand, int | Decimal) and not isinstance(operand, bool)


_FITS: dict[FactType, Callable[[Value], bool]] = {
    FactType.TRUTH: lambda operand: isinstance(operand, bool),
    FactType.NUMBER: _is_number,
    FactType.DAY: lambda operand: as_day(operand) is not None,
    FactType.TERM: lambda operand: isinstance(operand, str),
}


def _settings(profile: Profile) -> Iterator[Problem]:
    if isinstance(profile.until, Parameter) and profile.until.parameter not in profile.settings:
        yield _unknown("no_such_setting", "until", profile.until.parameter, profile.settings)
    for rule in profile.rules:
        for name in sorted(rule.parameters() - profile.settings.keys()):
            yield _unknown("no_such_setting", f"rules.{rule.id}", name, profile.settings)
    for name, setting in profile.settings.items():
        if (fact := setting.looked_up_by) and fact not in profile.vocabulary.facts:
            yield _unknown("unknown_fact", f"settings.{name}.by", fact, profile.vocabulary.facts)


def _metrics(profile: Profile) -> Iterator[Problem]:
    metrics, known = list(profile.of_kind(Metric)), profile.vocabulary.facts
    for metric in metrics:
        for name in metric.sum:
            if name in known and known[name].type is not FactType.NUMBER:
                path, label = f"rules.{metric.id}.sum", known[name].label
                yield _misfitting(path, label, "不是数，不能相加", "is no number")
        units = {known[name].unit for name in metric.sum if name in known}
        if len(units) > 1:
            yield Problem(
                "units_differ", f"rules.{metric.id}.sum", "不同单位的数不能相加", "units differ in one sum"
            )
        if [other.name for other in metrics].count(metric.name) > 1:
            yield Problem(
                "metric_named_twice",
                f"rules.{metric.id}.name",
                f"“{metric.name}”有两种算法",
                f"{metric.name} is computed twice",
            )


def _organs(profile: Profile, organs: AbstractSet[str]) -> Iterator[Problem]:
    """A person of a flow signs by himself; an organ needs somebody who may act for it."""
    words = profile.vocabulary
    acting = {term.id for kind in (Category.ORGAN, Category.RELATION) for term in words.terms(kind)}
    for flow in profile.of_kind(Flow):
        for organ in sorted(flow.organs & acting - organs):
            yield Problem(
                "organ_without_authority",
                f"rules.{flow.id}.steps",
                f"没有人能代表“{words.label(organ)}”",
                f"nobody may act for {organ}",
                f"在 authorities 里写明谁代表 {organ}",
            )


def _too_many() -> Problem:
    return Problem(
        "too_many_problems",
        "",
        f"问题太多，只列出前 {MOST_PROBLEMS} 条",
        f"only the first {MOST_PROBLEMS} problems are told",
        "先改正已列出的，再检查一次",
        Severity.NOTICE,
    )


def _unknown(code: str, path: str, word: str, known: Collection[str]) -> Problem:
    meant = nearest(word, known)
    names = {"unknown_term": "词", "unknown_fact": "事实", "no_such_setting": "参数", "no_such_rule": "规则"}
    hint = f"是不是想写 {meant}？" if meant else ""
    return Problem(code, path, f"没有这个{names[code]}：{word}", f"{code.replace('_', ' ')}: {word}", hint)
