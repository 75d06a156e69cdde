"""Whether the days of the document and of its rules are days, in their order and within one another."""

from collections.abc import Iterator
from datetime import date

from policies.form import as_day
from policies.problems import Problem
from policies.profile import Profile
from policies.settings import Parameter


def examine(profile: Profile) -> Iterator[Problem]:
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
    for rule in profile.own_rules:
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
