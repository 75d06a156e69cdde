"""Runs decision cases written in YAML.

A file is a list of cases. `facts` hold names of the vocabulary; a profile that pins a parent is asked
together with it. Of `expect`, only what is written is compared:

    - case: 请假4天，须组织人事局和派出单位都批准      # a sentence, the name of the test
      seed: S0.5                                    # optional: the seed case that it repeats
      profile: HN
      changed: {HN-4.2-5: {when: {leave_days: {at_most: 5}}}}    # optional: fields of rules, replaced
      settings: {township_team_size: 9}             # optional: what the county has filled in
      ask: {act: leave}                             # or {needed: who>to}, {assigned: who>to}, {measure: name}
      on: "2018-06-15"
      facts: {who: [first_secretary], leave_days: 4, written: true}
      expect:
        outcome: route
        steps: [{approve: {all: [organisation_personnel_bureau, dispatching_unit]}}]
        gaps: [{what: leave, state: by_reference, to: 粤组通〔2016〕20号}]     # [] for none
        missing: [leave_days]
        value: 5                                    # of a measure
        warnings: [HN-2-6]
        assumed: [first_day]
        body:                                       # what the body contains; of a list, some of its entries
          results: [{who: township_party_secretary, liability: main, measures: hold_accountable}]
        lacks: [suspension]                         # words that stand nowhere in the body
      cites: [HN-4.2-4, HN-4.2-6]                   # exactly these, in any order

In a body, groups and steps are written as in a profile, and what is empty is left out.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from pydantic import Field, StrictBool, StrictInt, StrictStr

from policies import library, strict_yaml
from policies.bodies import Measured
from policies.decisions import Decision, Gap, Question, as_data
from policies.form import Day, Form
from policies.kinds.flow import StepForm
from policies.kinds.rule import group_as_data
from policies.outcomes import Ask, Group, Mode, Outcome
from policies.profile import Profile
from policies.questions import decide
from policies.reading import profile_from_data
from policies.settings import CountyNote, Setting, Value

Entry = StrictStr | dict[str, Any]
FactForm = StrictBool | StrictInt | Decimal | StrictStr | tuple[StrictStr, ...] | tuple[Entry, ...]


class Expected(Form):
    outcome: Outcome
    steps: tuple[StepForm, ...] | None = None
    gaps: tuple[dict[str, str], ...] | None = None
    missing: tuple[str, ...] | None = None
    value: StrictInt | Decimal | None = None
    warnings: tuple[str, ...] | None = None
    assumed: tuple[str, ...] | None = None
    filled: tuple[str, ...] | None = None
    body: dict[str, Any] | None = None
    lacks: tuple[str, ...] | None = None


class Case(Form):
    case: str
    seed: str | None = None
    profile: str
    changed: dict[str, dict[str, Any]] = Field(default={})
    settings: dict[str, Value] = Field(default={})
    ask: dict[Ask, str] = Field(min_length=1, max_length=1)
    on: Day
    facts: dict[str, FactForm] = Field(default={})
    expect: Expected
    cites: tuple[str, ...] | None = None

    @property
    def question(self) -> Question:
        ask, about = next(iter(self.ask.items()))
        return Question(ask, about)


def read_cases(text: str) -> tuple[Case, ...]:
    """The cases of one file. Raises pydantic.ValidationError for a case that is not written as above."""
    return tuple(Case.model_validate(case) for case in strict_yaml.load(text))


def asked_profile(case: Case) -> Profile:
    """The profile that the case asks, with the rules that it changes and the numbers that it fills in."""
    if not case.changed:
        return filled(library.profile(case.profile), case)
    data = strict_yaml.load(library.profile_text(case.profile))
    data["rules"] = [rule | case.changed.get(rule["id"], {}) for rule in data["rules"]]
    return filled(library.joined(profile_from_data(data)), case)


def filled(profile: Profile, case: Case) -> Profile:
    """The profile with the numbers that the case fills in, as a county would by a note."""
    if not case.settings:
        return profile
    note = CountyNote(by="演示", on=case.on, paper="演示")
    given = {
        name: Setting(label=profile.settings[name].label, value=value, noted=note)
        for name, value in case.settings.items()
    }
    return profile.model_copy(update={"settings": {**profile.settings, **given}})


def run(case: Case) -> tuple[str, ...]:
    """How the decision differs from what the case expects, as sentences; none when it is right."""
    decision = decide(asked_profile(case), case.question, case.facts, case.on)
    return differences(case, decision)


def differences(case: Case, decision: Decision) -> tuple[str, ...]:
    """The same comparison for a decision that was obtained in another way."""
    return tuple(
        f"{case.case}：{name}应为 {wanted}，得到 {found}"
        for name, wanted, found in _compared(case, decision)
        if wanted is not None and wanted != found
    )


def _compared(case: Case, decision: Decision) -> Iterator[tuple[str, object, object]]:
    expect = case.expect
    value = decision.body.value if isinstance(decision.body, Measured) else None
    yield "结果", str(expect.outcome), str(decision.outcome)
    yield "步骤", expect.steps, decision.steps
    yield "缺口", expect.gaps, _as_far_as_written(expect.gaps or (), decision.gaps)
    yield "缺少的事实", _in_order(expect.missing), decision.missing
    yield "数值", expect.value, value
    yield "提醒", expect.warnings, decision.warnings
    yield "假定", expect.assumed, tuple(assumption.setting for assumption in decision.assumed)
    yield "补充", expect.filled, tuple(filling.setting for filling in decision.filled)
    body = body_as_written(decision)
    yield "内容", expect.body, expect.body if contains(body, expect.body) else body
    yield "不应有", expect.lacks and (), tuple(word for word in expect.lacks or () if word in _words_in(body))
    yield "依据", _in_order(case.cites), _in_order(tuple(citation.rule for citation in decision.cites))


def _in_order(words: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if words is None else tuple(sorted(words))


def _as_far_as_written(wanted: tuple[dict[str, str], ...], gaps: tuple[Gap, ...]) -> tuple[Any, ...]:
    """The gaps with those fields that the case writes, so that both sides can be compared."""
    if len(wanted) != len(gaps):
        return gaps
    return tuple({key: getattr(gap, key) for key in keys} for keys, gap in zip(wanted, gaps, strict=True))


def body_as_written(decision: Decision) -> Any:
    """The body as data, with groups and steps as in a profile and without what is empty."""
    return _as_written(as_data(decision)["body"])


def _as_written(data: Any) -> Any:
    if isinstance(data, list):
        return [_as_written(one) for one in data]
    if not isinstance(data, dict):
        return data
    if data.keys() == {"mode", "terms", "count"}:
        return group_as_data(Group(Mode(data["mode"]), tuple(data["terms"]), data["count"]))
    kept = {key: _as_written(value) for key, value in data.items() if value not in (None, [], "")}
    if kept.keys() - {"by"} == {"act", "group"}:
        return {kept["act"]: kept["group"], **({"by": kept["by"]} if "by" in kept else {})}
    return kept


def contains(found: Any, wanted: Any) -> bool:
    """Whether all that is wanted is there: of a mapping its keys, of a list each entry somewhere in it."""
    if wanted is None:
        return True
    if isinstance(wanted, dict):
        return isinstance(found, dict) and all(contains(found.get(key), wanted[key]) for key in wanted)
    if isinstance(wanted, list):
        return isinstance(found, list) and all(any(contains(f, one) for f in found) for one in wanted)
    return bool(found == wanted)


def _words_in(data: Any) -> frozenset[str]:
    if isinstance(data, dict):
        return frozenset().union(*(_words_in(value) for value in data.values()))
    if isinstance(data, list):
        return frozenset().union(*(_words_in(value) for value in data))
    return frozenset({data} if isinstance(data, str) else ())
