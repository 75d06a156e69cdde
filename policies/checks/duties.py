"""Which duties have neither a period nor a day: they are owed, and nobody can ever be late."""

from collections.abc import Iterator

from policies.kinds.duty import Duty
from policies.kinds.rule import Rule
from policies.problems import Problem, Severity
from policies.profile import Profile


def examine(profile: Profile) -> Iterator[Problem]:
    ids = [rule.id for rule in profile.own_rules if _is_never_late(rule)]
    if ids:
        yield Problem(
            "never_late",
            "rules",
            f"{len(ids)} 项义务没有周期和期限，不会逾期：{'、'.join(ids)}",
            f"{len(ids)} duties have no period and no day, and are never late",
            "文件有周期的写 per，有期限的写 due；没有的不必改",
            Severity.NOTICE,
        )


def _is_never_late(rule: Rule) -> bool:
    return isinstance(rule, Duty) and rule.per is None and rule.due is None and rule.strength.binds
