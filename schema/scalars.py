"""Days and instants as a client may write them: not so near the ends of the calendar that time zones or
sums of leaves run over them."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime

from strawberry.exceptions import StrawberryInputCoercionError
from strawberry.schema.types.base_scalars import DateDefinition, DateTimeDefinition
from strawberry.types.scalar import ScalarDefinition

from tenants.pages import YEARS, as_text

_FROM_TO = f"{YEARS[0]} to {YEARS[-1]}"


def _bounded(definition: ScalarDefinition, description: str) -> ScalarDefinition:
    parse = definition.parse_value
    assert parse is not None, "strawberry's own scalars can be parsed"
    return replace(definition, description=description, parse_value=_within_the_years(parse))


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
            DateTimeDefinition,
            f"时刻 / An instant, such as 2018-06-15T08:00:00+08:00; from {_FROM_TO}.",
        ),
        serialize=as_text,
    ),
}
