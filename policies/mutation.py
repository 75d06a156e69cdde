"""Whether the cases would notice: each rule taken out, and each of its limits shifted by one, in turn.

A mutant that no case notices survives: nothing in the cases says why that rule, or that number, stands there.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from pydantic import TypeAdapter, ValidationError

from policies.cases import Case, differences, filled
from policies.kinds.rule import Rule
from policies.mistakes import Mistake
from policies.problems import ProfileError
from policies.profile import AnyRule, Profile
from policies.questions import decide

_RULE: TypeAdapter[Rule] = TypeAdapter(AnyRule)
_LIMITS = frozenset({"equals", "in", "at_least", "more_than", "at_most", "less_than"})
_COUNTS = frozenset({"day_of_month", "days", "rectify_days", "divided_by"})
_DAYS = frozenset({"by", "before", "since", "until"})
_PERIODS = ("day", "week", "two_weeks", "month", "quarter", "half_year", "year", "two_years")
# A clause that says several things is several rules with suffixes under one id: HN-4.2-8b.
_SUFFIX = re.compile(r"(?<=\d)[a-z]$")


@dataclass(frozen=True, slots=True)
class Mutant:
    """A profile that differs in one thing, under the id of the clause that it belongs to."""

    id: str
    change: str
    profile: Profile


def clause_id(rule: str) -> str:
    return _SUFFIX.sub("", rule)


def mutants(profile: Profile, ids: Collection[str] | None = None) -> Iterator[Mutant]:
    """Those of the clauses named, or of every rule that decides something."""
    decided = dict.fromkeys(clause_id(rule.id) for rule in profile.rules if rule.kind != "text")
    for id in decided if ids is None else ids:
        rules = [rule for rule in profile.rules if clause_id(rule.id) == id]
        if rules and all(rule.kind == "text" for rule in rules):
            yield from _heads_shifted(profile, id)
            continue
        yield Mutant(id, "deleted", _without(profile, rules))
        for rule in rules:
            for change, changed in _shifted(profile, rule):
                yield Mutant(id, f"{rule.id}: {change}", _with(profile, changed))
        for name in sorted({name for rule in rules for name in rule.parameters()}):
            yield from _settings_shifted(profile, id, name)


def _heads_shifted(profile: Profile, id: str) -> Iterator[Mutant]:
    """What a text decides stands in the head: from when to when the document is in force."""
    for name, day in (("since", profile.first_day), ("until", profile.last_day)):
        for other in (day + timedelta(days=days) for days in (-1, 1) if day):
            yield Mutant(id, f"{name} {day} → {other}", profile.model_copy(update={name: other}))


def survives(mutant: Mutant, cases: Iterable[Case], law: Callable[[Profile], Profile]) -> bool:
    """Whether every case is answered as before. `law` joins a profile with its parent; one that it refuses,
    looser than a must from above, could never be published."""
    try:
        profile = law(mutant.profile)
    except ProfileError:
        return False
    nearest_first = sorted(cases, key=lambda case: not _cites(case, mutant.id))
    return not any(_notices(case, profile) for case in nearest_first)


def _cites(case: Case, id: str) -> bool:
    return any(clause_id(rule) == id for rule in case.cites or ())


def _notices(case: Case, profile: Profile) -> bool:
    try:
        return bool(differences(case, decide(filled(profile, case), case.question, case.facts, case.on)))
    except Mistake:
        return True


def _without(profile: Profile, rules: Sequence[Rule]) -> Profile:
    gone = {rule.id for rule in rules}
    return profile.model_copy(update={"rules": tuple(rule for rule in profile.rules if rule.id not in gone)})


def _with(profile: Profile, changed: Rule) -> Profile:
    rules = (changed if rule.id == changed.id else rule for rule in profile.rules)
    return profile.model_copy(update={"rules": tuple(rules)})


def _shifted(profile: Profile, rule: Rule) -> Iterator[tuple[str, Rule]]:
    """The rule with one of its numbers, days, periods or truths another, once for each."""
    data = rule.model_dump(by_alias=True, exclude_defaults=True)
    for path, value in _leaves(data):
        for other in _beside(profile, path, value):
            try:
                changed = _RULE.validate_python(_replaced(data, path, other) | {"kind": rule.kind})
            except ValidationError:
                continue
            yield f"{'.'.join(map(str, path))} {value} → {other}", changed


def _settings_shifted(profile: Profile, id: str, name: str) -> Iterator[Mutant]:
    setting = profile.settings.get(name)
    if setting is None or setting.value is None:
        return
    for other in _numbers_beside(setting.value, Decimal(1)):
        settings = {**profile.settings, name: setting.model_copy(update={"value": other})}
        change = f"{name} {setting.value} → {other}"
        yield Mutant(id, change, profile.model_copy(update={"settings": settings}))


def _leaves(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _leaves(value, (*path, key))
    elif isinstance(data, list | tuple):
        for place, value in enumerate(data):
            yield from _leaves(value, (*path, place))
    else:
        yield path, data


def _beside(profile: Profile, path: tuple[Any, ...], value: Any) -> Iterator[Any]:
    """What may stand there as well, one step away."""
    names = [part for part in path if isinstance(part, str)]
    key, above = names[-1], names[-2] if len(names) > 1 else ""
    if key == "per" and value in _PERIODS:
        place = _PERIODS.index(value)
        yield from (_PERIODS[at] for at in (place - 1, place + 1) if 0 <= at < len(_PERIODS))
    elif key in _LIMITS:
        yield from _limits_beside(profile, above, value)
    elif key in _COUNTS or above == "sum" or (key == "at_most" and len(names) == 1):
        yield from _numbers_beside(value, Decimal(1))
    elif key in _DAYS and isinstance(value, date):
        yield from (value - timedelta(days=1), value + timedelta(days=1))


def _limits_beside(profile: Profile, fact: str, value: Any) -> Iterator[Any]:
    known = profile.vocabulary.facts.get(fact)
    if isinstance(value, bool):
        yield not value
    elif known and known.scale and isinstance(value, str):
        scale = profile.vocabulary.scales[known.scale]
        place = scale.index(value)
        yield from (scale[at] for at in (place - 1, place + 1) if 0 <= at < len(scale))
    else:
        yield from _numbers_beside(value, Decimal(str(known.step)) if known and known.step else Decimal(1))


def _numbers_beside(value: Any, step: Decimal) -> Iterator[Any]:
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        for other in (value - step, value + step):
            yield int(other) if other == int(other) else other


def _replaced(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    first, rest = path[0], path[1:]
    if isinstance(data, dict):
        return data | {first: _replaced(data[first], rest, value)}
    return [_replaced(one, rest, value) if place == first else one for place, one in enumerate(data)]
