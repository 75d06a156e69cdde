"""Joins a profile to its parent, rule by rule: the child's rules, and the parent's that it leaves standing.

A difference that no `over` marks is not resolved here: both rules stand, guards and limits of both
bind, and routes that differ make the answer ambiguous. So `over` cannot be forgotten unnoticed.
"""

from collections.abc import Iterator
from enum import StrEnum

from policies.kinds.rule import Rule
from policies.problems import Problem, ProfileError
from policies.profile import Inheritance, Profile
from policies.settings import Setting
from policies.tightening import is_tightened, may_be_loosened


def merge(child: Profile, parent: Profile) -> Profile:
    """The child's profile with what it inherits, each inherited rule cited from its own document.

    Authorities and grants are not inherited: who acts for an organ is each place's own matter.
    Raises ProfileError when the two cannot be joined.
    """
    if problems := tuple(_obstacles(child, parent)):
        raise ProfileError(problems)
    replaced = {rule.over for rule in child.rules}
    left = [_bound_to_its_document(rule, parent) for rule in parent.rules if rule.id not in replaced]
    return child.model_copy(
        update={
            "terms": (*child.terms, *parent.terms),
            "facts": parent.facts | child.facts,
            "settings": parent.settings | child.settings,
            "rules": (*child.rules, *left),
            "inherited": tuple(_inheritances(child, parent, left)),
        }
    )


class Mark(StrEnum):
    """What a rule of a joined profile is to the parent's law."""

    INHERITED = "inherited"  # the parent's, left standing
    LOCAL = "local"  # the child's own, over nothing
    TIGHTENED = "tightened"  # over a parent's rule, as strong, within its limits
    LOOSENED = "loosened"  # over a parent's rule that lets the child decide


def mark_of(rule: Rule, law: Profile) -> Mark:
    """What the rule of a profile, joined with its parent or without one, is to the parent's law."""
    for one in law.inherited:
        listed = {Mark.INHERITED: one.rules, Mark.TIGHTENED: one.tightened, Mark.LOOSENED: one.loosened}
        for mark, ids in listed.items():
            if rule.id in ids:
                return mark
    return Mark.LOCAL


def _inheritances(child: Profile, parent: Profile, left: list[Rule]) -> Iterator[Inheritance]:
    """The parent's own rules, and those that it had inherited itself."""
    ids = [rule.id for rule in left]
    grand = {id for inheritance in parent.inherited for id in inheritance.rules}
    own = tuple(id for id in ids if id not in grand)
    replacing = [(rule.id, is_tightened(rule, parent.rule(rule.over))) for rule in child.rules if rule.over]
    yield Inheritance(
        profile=parent.id,
        version=parent.version,
        rules=own,
        tightened=tuple(id for id, is_tighter in replacing if is_tighter),
        loosened=tuple(id for id, is_tighter in replacing if not is_tighter),
    )
    for above in parent.inherited:
        left_of_it = tuple(id for id in ids if id in above.rules)
        yield above.model_copy(update={"rules": left_of_it, "tightened": (), "loosened": ()})


def _bound_to_its_document(rule: Rule, parent: Profile) -> Rule:
    """An inherited rule ends with the document that it comes from."""
    days = {"since": rule.since or parent.since, "until": rule.until or parent.until}
    return rule.model_copy(update=days)


def _obstacles(child: Profile, parent: Profile) -> Iterator[Problem]:
    pin = child.parent
    if pin is None or (pin.id, pin.version) != (parent.id, parent.version):
        said = f"{pin.id} v{pin.version}" if pin else "无"
        yield Problem(
            "not_the_parent",
            "parent",
            f"上级文件应为{said}，给出的是 {parent.id} v{parent.version}",
            f"pinned parent is {said}, given is {parent.id} v{parent.version}",
        )
        return
    yield from _rules_in_the_way(child, parent)
    for name in sorted(child.settings.keys() & parent.settings.keys()):
        if not _may_be_filled(parent.settings[name]):
            yield Problem(
                "setting_already_given",
                f"settings.{name}",
                f"“{parent.settings[name].label}”上级文件已有规定，不能改",
                "the parent has given this setting; it cannot be changed",
            )


def _rules_in_the_way(child: Profile, parent: Profile) -> Iterator[Problem]:
    above = {rule.id: rule for rule in parent.rules}
    for rule in child.rules:
        path = f"rules.{rule.id}"
        if rule.id in above:
            yield Problem("rule_id_taken", path, "上级文件已有同一编号", "the parent has this rule id")
        if rule.over and rule.over not in above:
            zh, en = f"上级文件没有 {rule.over} 这一条", f"the parent has no rule {rule.over}"
            yield Problem("no_such_rule", f"{path}.over", zh, en)
        if rule.over in above:
            yield from _loosened(rule, above[rule.over], parent)
        for excepted in rule.excepts:
            if excepted in above and above[excepted].strength.refuses:
                zh = f"{excepted} 是上级文件的硬性规定，下级不能例外"
                en = f"{excepted} is a must of the parent; a child cannot except it"
                yield Problem("excepts_parents_must", f"{path}.excepts", zh, en)


def _loosened(rule: Rule, replaced: Rule, parent: Profile) -> Iterator[Problem]:
    if is_tightened(rule, replaced) or may_be_loosened(replaced, parent):
        return
    yield Problem(
        "loosens_parents_must",
        f"rules.{rule.id}.over",
        f"{rule.clause}比上级文件{replaced.clause}“{replaced.quote}”宽，上级没有允许下级放宽",
        f"{rule.id} is looser than the parent's {replaced.id}, which is a must",
        "按上级规定或更严；上级写明“可”“原则上”或“自行确定”的，才能放宽",
    )


def _may_be_filled(setting: Setting) -> bool:
    return setting.state is not None
