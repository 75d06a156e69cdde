"""Tries an act's flows at every number where one of them begins or ends, and on either side of it.

The engine that answers is the engine that is tried: two ways at one point are an overlap, a point
where none speaks between points where one does is a gap.
"""

import itertools
import math
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from policies.answers.acts import routes_of
from policies.answers.inquiry import Inquiry
from policies.checks.points import later, near
from policies.circumstances import Circumstances
from policies.decisions import Question
from policies.kinds.flow import Flow
from policies.kinds.rule import Rule
from policies.outcomes import Ask, RecordedValue
from policies.problems import Problem, Severity
from policies.profile import Profile
from policies.vocabulary import FactType

# Points of one act on one day, and the answers asked for of a whole profile: about two seconds' work.
_MOST_POINTS = 20_000
_MOST_ANSWERS = 100_000
_NO_SUCH_WORD = "其他"
Point = tuple[tuple[str, RecordedValue], ...]


def examine(profile: Profile) -> Iterator[Problem]:
    """The overlaps and gaps of every act that has flows."""
    answers = 0
    for act in dict.fromkeys(flow.act for flow in profile.of_kind(Flow)):
        flows = [flow for flow in profile.of_kind(Flow) if flow.act == act]
        for on in sorted(_days(profile, flows)):
            values = _values(profile, flows, on)
            count = math.prod(len(listed) for listed in values.values())
            answers += count * len(flows)
            if count > _MOST_POINTS or answers > _MOST_ANSWERS:
                yield _not_examined(act)
                break
            yield from _examined_on(profile, act, flows, on, values)


def _examined_on(
    profile: Profile, act: str, flows: list[Flow], on: date, values: Mapping[str, list[Any]]
) -> Iterator[Problem]:
    points = [tuple(zip(values, chosen, strict=True)) for chosen in itertools.product(*values.values())]
    speaking = {point: _speaking(profile, act, flows, dict(point), on) for point in points}
    yield from _overlaps(profile, act, speaking)
    yield from _gaps(profile, act, speaking)


def _speaking(
    profile: Profile, act: str, flows: list[Flow], facts: Mapping[str, RecordedValue], on: date
) -> tuple[Flow, ...]:
    # The facts are the profile's own, and one of their words is no word at all: nothing to check here.
    circumstances = Circumstances(facts, profile.settings, profile.vocabulary, on)
    inquiry = Inquiry(profile, Question(Ask.ACT, act), circumstances)
    return tuple(flow for flow in inquiry.in_force(flows) if inquiry.speaks(flow).truth is not False)


def _overlaps(profile: Profile, act: str, speaking: Mapping[Point, tuple[Flow, ...]]) -> Iterator[Problem]:
    told: set[tuple[str, ...]] = set()
    for point, flows in speaking.items():
        ids = tuple(flow.id for flow in flows)
        if len(routes_of(list(flows))) > 1 and ids not in told:
            told.add(ids)
            where, names = _place(profile, point), "、".join(ids)
            yield Problem(
                "two_routes",
                f"rules.{ids[-1]}",
                f"{profile.vocabulary.label(act)}有两条不同的路：{names}（{where}）",
                f"two routes for {act}: {', '.join(ids)} ({where})",
                "用 after 连成一条，或用 excepts、when 分开",
            )


def _gaps(profile: Profile, act: str, speaking: Mapping[Point, tuple[Flow, ...]]) -> Iterator[Problem]:
    bands: dict[Point, list[tuple[Point, bool]]] = {}
    for point, flows in speaking.items():
        beside = tuple((name, value) for name, value in point if not _is_number(profile, name))
        bands.setdefault(beside, []).append((point, bool(flows)))
    for tried in bands.values():
        if (silent := [point for point, spoken in tried if not spoken]) and len(silent) < len(tried):
            where = _place(profile, silent[0])
            yield Problem(
                "gap_in_bands",
                f"acts.{act}",
                f"{profile.vocabulary.label(act)}有一段没有规定（{where}）",
                f"no rule covers {act} at {where}",
                "补上这一段，或确认文件确实没有规定",
                Severity.QUESTION,
            )
            return


def _values(profile: Profile, flows: list[Flow], on: date) -> dict[str, list[Any]]:
    """For each fact on which the flows depend, the values at which something may change."""
    ids = {flow.id for flow in flows}
    rules: list[Rule] = [rule for rule in profile.rules if rule.id in ids or ids.intersection(rule.excepts)]
    found: dict[str, set[Any]] = {}
    for rule in rules:
        if rule.asker:
            found.setdefault("who", set()).update((term,) for term in rule.asker.terms)
        for name, bound in rule.when.limited() if rule.when else ():
            for fact in (name, *((bound.percent_of,) if bound.percent_of else ())):
                found.setdefault(fact, set()).update(near(profile, fact, bound, on))
    return {name: sorted(values, key=str) for name, values in found.items() if values}


def _days(profile: Profile, flows: list[Flow]) -> set[date]:
    """The days on which the set of flows in force may change."""
    begins = {profile.first_day, *(day for flow in flows if (day := profile.day(flow.since)))}
    ends = {later(day, 1) for flow in flows if (day := profile.day(flow.until))}
    return {day for day in begins | ends if profile.holds_on(day)}


def _is_number(profile: Profile, name: str) -> bool:
    return profile.vocabulary.facts[name].type is FactType.NUMBER


def _place(profile: Profile, point: Point) -> str:
    words = profile.vocabulary
    return "，".join(f"{words.facts[name].label}：{_told(words.label, value)}" for name, value in point)


def _told(label: Any, value: RecordedValue) -> str:
    return "、".join(label(word) for word in value) if isinstance(value, tuple) else str(value)


def _not_examined(act: str) -> Problem:
    return Problem(
        "bands_not_examined",
        f"acts.{act}",
        "条件太多，没有逐点检查是否重叠或遗漏",
        "too many conditions to try every point",
        severity=Severity.NOTICE,
    )
