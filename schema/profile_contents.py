"""What a profile holds besides its rules: its settings, how many rules of each kind, what it leaves open."""

from collections import Counter
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import ClassVar, Self

import strawberry
from strawberry.scalars import JSON

from policies.kinds.rule import Rule as LawRule
from policies.outcomes import GapState
from policies.profile import Profile as Law
from policies.settings import CountyNote, Setting
from schema.enums import enum
from schema.reads.declared import Mapped
from tenants.profiles import Profile as ProfileRow


class RuleKind(StrEnum):
    """The kinds of rule, as a profile names them."""

    ASSIGNMENT = "assignment"
    RESPONSIBILITY = "responsibility"
    FLOW = "flow"
    GUARD = "guard"
    DUTY = "duty"
    METRIC = "metric"
    CONSEQUENCE = "consequence"
    CODE_LIST = "code_list"
    TEXT = "text"


class SettingStatus(StrEnum):
    OPEN = "open"
    ASSUMED = "assumed"
    FILLED = "filled"
    GIVEN = "given"

    @classmethod
    def of(cls, setting: Setting) -> "SettingStatus":
        if not setting.is_given:
            return cls.OPEN
        if setting.is_assumed:
            return cls.ASSUMED
        return cls.FILLED if setting.noted else cls.GIVEN


enum(RuleKind, name="RuleKind", description="规则的种类 / What kind of rule it is.")
enum(
    SettingStatus,
    name="SettingStatus",
    description="参数的状态 / Whether a setting has a value, and whose.",
)


@strawberry.type(description="上级档案及其版本 / The version above that a profile pins.")
class ProfilePin(Mapped):
    model: ClassVar = ProfileRow
    name: str = strawberry.field(description="The id of the profile above.")
    version: int = strawberry.field(description="Its version.")

    @classmethod
    def of(cls, row: ProfileRow) -> Self:
        return cls(name=row.name, version=row.version)

    @classmethod
    def pinned_by(cls, law: Law) -> Self | None:
        return cls(name=law.parent.id, version=law.parent.version) if law.parent else None


@strawberry.type(description="一种规则的条数 / How many rules there are of a kind.")
class RuleCount:
    kind: str = strawberry.field(description="flow, guard, assignment, metric or text.")
    own: int = strawberry.field(description="How many the text itself has.")
    inherited: int = strawberry.field(description="How many come from above.")

    @classmethod
    def of(cls, law: Law) -> "list[RuleCount]":
        """Of a profile joined with its parents, each kind once."""
        above = {id for inheritance in law.inherited for id in inheritance.rules}
        every = Counter(rule.kind for rule in law.rules)
        inherited = Counter(rule.kind for rule in law.rules if rule.id in above)
        return [
            cls(kind=kind, own=every[kind] - inherited[kind], inherited=inherited[kind])
            for kind in sorted(every)
        ]


@strawberry.type(description="补充的依据 / Who filled something in, on which day, from which paper.")
class Noted:
    by: str = strawberry.field(description="Who filled it in.")
    on: date = strawberry.field(description="On which day.")
    paper: str = strawberry.field(description="From which paper.")

    @classmethod
    def maybe(cls, note: CountyNote | None) -> Self | None:
        return cls(by=note.by, on=note.on, paper=note.paper) if note else None


@strawberry.type(
    description="参数：已给出、已补充、暂定或待定 / A setting: given, filled in, assumed or open."
)
class ProfileSetting:
    name: str = strawberry.field(description="The setting's name in the profile.")
    label: str = strawberry.field(description="Its Chinese name.")
    status: SettingStatus = strawberry.field(description="Open, assumed, filled in, or given.")
    state: GapState | None = strawberry.field(description="Why it is open; null where there is a value.")
    to: str | None = strawberry.field(description="Where the document sends the reader.")
    value: JSON | None = strawberry.field(description="Its value; of a table, the values by key.")
    looked_up_by: str | None = strawberry.field(description="Of a table, the fact or `year` it is over.")
    clause: str = strawberry.field(description="The clause that gives it; empty for none.")
    readings: list[str] = strawberry.field(description="The ambiguities that it rests on.")
    noted: Noted | None = strawberry.field(description="By whom, and from which paper, it was filled in.")
    note: str = strawberry.field(description="A remark.")
    rules: list[str] = strawberry.field(description="The ids of the rules that name it.")

    @classmethod
    def of(cls, name: str, setting: Setting, rules: list[str]) -> Self:
        data = setting.model_dump(mode="json")
        return cls(
            name=name,
            label=setting.label,
            status=SettingStatus.of(setting),
            state=setting.state if isinstance(setting.state, GapState) else None,
            to=setting.to,
            value=data["values"] or data["value"],
            looked_up_by=setting.by,
            clause=setting.clause,
            readings=list(setting.reading),
            noted=Noted.maybe(setting.noted),
            note=setting.note,
            rules=rules,
        )


def settings_of(law: Law, status: SettingStatus | None = None) -> Iterator[ProfileSetting]:
    """In the order of the file, each with the rules that name it."""
    naming: dict[str, list[str]] = {}
    for rule in law.rules:
        for name in rule.parameters():
            naming.setdefault(name, []).append(rule.id)
    for name, setting in law.settings.items():
        if status in (None, SettingStatus.of(setting)):
            yield ProfileSetting.of(name, setting, naming.get(name, []))


def settings_named(law: Law, rule: LawRule) -> list[ProfileSetting]:
    """Those that one rule names."""
    named = sorted(rule.parameters() & law.settings.keys())
    return [ProfileSetting.of(name, law.settings[name], [rule.id]) for name in named]
