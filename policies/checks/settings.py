"""Whether the settings that rules name are there, and say where their values come from."""

from collections.abc import Iterator

from policies.checks.unknown import unknown
from policies.problems import Problem
from policies.profile import Profile
from policies.settings import Parameter


def examine(profile: Profile) -> Iterator[Problem]:
    if isinstance(profile.until, Parameter) and profile.until.parameter not in profile.settings:
        yield unknown("no_such_setting", "until", profile.until.parameter, profile.settings)
    for rule in profile.rules:
        for name in sorted(rule.parameters() - profile.settings.keys()):
            yield unknown("no_such_setting", f"rules.{rule.id}", name, profile.settings)
    for name, setting in profile.settings.items():
        if (fact := setting.looked_up_by) and fact not in profile.vocabulary.facts:
            yield unknown("unknown_fact", f"settings.{name}.by", fact, profile.vocabulary.facts)
    yield from _without_source(profile)


def _without_source(profile: Profile) -> Iterator[Problem]:
    """A number stands in the document, or somebody has filled it in from a paper, or it is assumed."""
    for name, setting in profile.settings.items():
        if setting.is_given and not (setting.is_assumed or setting.clause or setting.noted):
            yield Problem(
                "setting_without_source",
                f"settings.{name}",
                f"“{setting.label}”没有写明出处",
                f"{name} does not say where its value comes from",
                "文件里有的写 clause；县区补充的写 noted：填写人、日期、依据；按理解取值的写 state: assumed",
            )
