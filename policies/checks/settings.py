"""Whether every setting that is named is there, and every table is over a known fact."""

from collections.abc import Iterator

from policies.checks.unknown import unknown
from policies.problems import Problem
from policies.profile import Profile
from policies.settings import Parameter


def examine(profile: Profile) -> Iterator[Problem]:
    settings, facts = profile.settings, profile.vocabulary.facts
    if isinstance(profile.until, Parameter) and profile.until.parameter not in settings:
        yield unknown("no_such_setting", "until", profile.until.parameter, settings)
    for rule in profile.rules:
        for name in sorted(rule.parameters() - settings.keys()):
            yield unknown("no_such_setting", f"rules.{rule.id}", name, settings)
    for name, setting in settings.items():
        if (fact := setting.looked_up_by) and fact not in facts:
            yield unknown("unknown_fact", f"settings.{name}.by", fact, facts)
