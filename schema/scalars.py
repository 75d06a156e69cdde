"""Days and instants as a client may write them: not so near the ends of the calendar that time zones or
sums of leaves run over them."""

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime

from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.schema.types.base_scalars import DateDefinition, DateTimeDefinition
from strawberry.types.scalar import ScalarDefinition

from tenants.pages import YEARS, as_text

_FROM_TO = f"{YEARS[0]} to {YEARS[-1]}"
# The usual form, which Python reads itself; the library's parser knows more, and takes ten times as long.
_USUAL = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.(\d{3}|\d{6}))?(Z|[+-]\d\d:\d\d)?", re.ASCII)


def _bounded(definition: ScalarDefinition, description: str) -> ScalarDefinition:
    parse = definition.parse_value
    assert parse is not None, "strawberry's own scalars can be parsed"
    return replace(definition, description=description, parse_value=_within_the_years(parse))


def _quickly(definition: ScalarDefinition) -> ScalarDefinition:
    parse = definition.parse_value
    assert parse is not None, "strawberry's own scalars can be parsed"

    def parsed(given: object) -> object:
        with suppress(ValueError):
            if isinstance(given, str) and _USUAL.fullmatch(given):
                return datetime.fromisoformat(given)
        return parse(given)

    return replace(definition, parse_value=parsed)


def _within_the_years(parse: Callable[[object], object]) -> Callable[[object], object]:
    def parsed(given: object) -> object:
        value = parse(given)
        assert isinstance(value, date), "a datetime is a date too"
        if value.year not in YEARS:
            raise StrawberryInputCoercionError(f"The year is {_FROM_TO}.")
        return value

    return parsed


SCALARS: Mapping[object, ScalarDefinition] = {
    date: _bounded(DateDefinition, f"日期 / A day, such as 2018-06-15; from {_FROM_TO}."),
    datetime: replace(
        _bounded(
            _quickly(DateTimeDefinition),
            f"时刻 / An instant, such as 2018-06-15T08:00:00+08:00; from {_FROM_TO}.",
        ),
        serialize=as_text,
    ),
}
