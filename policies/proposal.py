"""What a newer version of the parent changes for a profile that pins an older one, rule by rule."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import yaml

from policies.kinds.rule import Rule
from policies.profile import Profile
from policies.settings import Setting


class Difference(StrEnum):
    """What has become of a rule or a setting of the parent."""

    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"

    @classmethod
    def between(cls, before: object | None, after: object | None) -> "Difference":
        if before is None:
            return cls.ADDED
        return cls.REMOVED if after is None else cls.CHANGED


@dataclass(frozen=True, slots=True)
class RuleChange:
    """A rule of the parent before and after; `replaced_by`: the child's own, which stands in its place."""

    before: Rule | None
    after: Rule | None
    replaced_by: Rule | None

    @property
    def difference(self) -> Difference:
        return Difference.between(self.before, self.after)


@dataclass(frozen=True, slots=True)
class SettingChange:
    name: str
    before: Setting | None
    after: Setting | None

    @property
    def difference(self) -> Difference:
        return Difference.between(self.before, self.after)


def rule_changes(child: Profile, pinned: Profile, newer: Profile) -> Iterator[RuleChange]:
    """In the order of the newer version; what it no longer has comes last."""
    replacing = {rule.over: rule for rule in child.rules if rule.over}
    before, after = ({rule.id: rule for rule in one.rules} for one in (pinned, newer))
    for id in dict.fromkeys([*after, *before]):
        if before.get(id) != after.get(id):
            yield RuleChange(before.get(id), after.get(id), replacing.get(id))


def setting_changes(pinned: Profile, newer: Profile) -> Iterator[SettingChange]:
    before, after = pinned.settings, newer.settings
    for name in dict.fromkeys([*after, *before]):
        if before.get(name) != after.get(name):
            yield SettingChange(name, before.get(name), after.get(name))


def moved(text: str, version: int) -> str:
    """The file of a child, pinning this version of its parent, and otherwise as it was, comments too. Raises
    KeyError for a file without a parent."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    pinned = _value_of(_value_of(root, "parent"), "version")
    return text[: pinned.start_mark.index] + str(version) + text[pinned.end_mark.index :]


def _value_of(mapping: yaml.Node | None, key: str) -> yaml.Node:
    assert isinstance(mapping, yaml.MappingNode), "a profile and its parent are mappings"
    values: dict[str, yaml.Node] = {name.value: value for name, value in mapping.value}
    return values[key]
